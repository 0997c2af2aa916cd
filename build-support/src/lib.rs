//! OpenAPI 3.1 document in, typed Rust client out.
//!
//! A pipeline of small named passes over the JSON document, each a pure function:
//!
//! 1. [`Document::load`] reads it, bounded and with every reference checked;
//! 2. [`Overlay::apply`] puts right what the service publishes wrongly or not at all;
//! 3. [`shape`] makes it say what the service means: stable names, credentials as requirements, one
//!    success and one failure for each operation;
//! 4. [`lower`] brings OpenAPI 3.1 down to the 3.0 that the generator accepts, and reports every
//!    [`Loss`];
#![cfg_attr(
    feature = "generate",
    doc = "5. [`generate`] writes the client's source."
)]
//!
#![cfg_attr(
    feature = "generate",
    doc = "A build script calls [`build_script`] and is done; `cargo xtask` uses the passes one by one."
)]
//!
//! [`raise`] goes the other way, from OpenAPI 3.0 up to 3.1, for those who judge by a document.

mod document;
mod error;
mod instances;
mod loss;
mod lower;
mod numbered;
mod operation;
mod overlay;
mod pipeline;
pub mod pointer;
mod raise;
mod references;
mod shape;

#[cfg(feature = "generate")]
mod build_script;
#[cfg(feature = "generate")]
mod generate;
#[cfg(feature = "generate")]
mod quietly;

pub use document::{Document, SIZE_LIMIT};
pub use error::Error;
pub use instances::{Instances, Plausible};
pub use loss::{Loss, Rule, by_rule};
pub use lower::lower;
pub use operation::{AnswerKind, Body, BodyKind, Operation, PageStyle, Pagination, operations};
pub use overlay::Overlay;
pub use pipeline::Pipeline;
pub use raise::raise;
pub use shape::shape;

#[cfg(feature = "generate")]
pub use build_script::{build_script, expectations_build_script, generate_file};
#[cfg(feature = "generate")]
pub use generate::{
    Argument, ArgumentPlace, Callable, Generated, Items, generate, generate_expectations,
    generate_items,
};
#[cfg(feature = "generate")]
use quietly::quietly;
