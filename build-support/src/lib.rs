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
    doc = "5. [`generate`] writes the client's source, formatted: the same bytes for the same document."
)]
//!
//! What goes wrong is one [`Error`]: which file, where in it, what is wrong, and what to do.
//!
//! # From a document to Rust
//!
//! ```
//! use imperal_build_support::{Document, Overlay, Rule, lower, operations, shape};
//!
//! // 1. What the service publishes.
//! let mut document = Document::from_json("tiny.json", br##"{
//!     "openapi": "3.1.0", "info": {"title": "Tiny", "version": "1"},
//!     "paths": {"/v1/apps/{app_id}": {"get": {
//!         "tags": ["store"], "operationId": "get_app_v1_apps__app_id__get",
//!         "parameters": [{"name": "app_id", "in": "path", "required": true, "schema": {"type": "string"}}],
//!         "responses": {"200": {"description": "The app", "content": {"application/json": {
//!             "schema": {"$ref": "#/components/schemas/App"}}}}}
//!     }}},
//!     "components": {"schemas": {"App": {"type": "object", "required": ["name"], "properties": {
//!         "name": {"type": "string"},
//!         "homepage": {"anyOf": [{"type": "string", "format": "uri"}, {"type": "null"}]}
//!     }}}}
//! }"##)?;
//!
//! // 2. What it leaves out. An action that selects nothing is a warning: the document has changed.
//! let overlay = Overlay::from_json("overlay.json", br#"{
//!     "overlay": "1.0.0", "info": {"title": "Corrections", "version": "1"},
//!     "actions": [
//!         {"target": "$.components.schemas.App.properties.name", "update": {"maxLength": 50}},
//!         {"target": "$.paths['/gone']", "remove": true}
//!     ]
//! }"#)?;
//! assert_eq!(overlay.apply(&mut document)?.len(), 1);
//!
//! // 3. What it means.
//! shape(&mut document)?;
//! assert_eq!(operations(&document)?[0].id, "store_get_app");
//!
//! // 4. What the generator can read, and what of the document that does not say.
//! let losses = lower(&mut document);
//! for loss in &losses {
//!     println!("{}: {}: {}", loss.pointer, loss.what, loss.rule.explanation());
//! }
//! assert!(losses.iter().any(|loss| loss.rule == Rule::Format && loss.what == "uri"));
//!
//! // 5. The source of a module.
//! # #[cfg(feature = "generate")] {
//! let client = imperal_build_support::generate(&document, "my_crate::store")?;
//! assert!(client.source.contains("pub struct App"));
//! assert!(client.source.contains("pub fn get_app("));
//! assert!(client.losses.is_empty()); // no operation was left out
//! # }
//! # Ok::<(), imperal_build_support::Error>(())
//! ```
//!
//! [`Pipeline::run`] does 2 to 4 in their order, and keeps the document at both stages that someone looks
//! at. [`raise`] goes the other way, from OpenAPI 3.0 up to 3.1, for those who judge by a document.
//!
//! # In a build script
//!
#![cfg_attr(
    feature = "generate",
    doc = "[`build_script`] does all of it, and ends the build with one message if that cannot be done:"
)]
#![cfg_attr(
    not(feature = "generate"),
    doc = "With the feature `generate`, `build_script` does all of it:"
)]
//!
//! ```no_run
//! // In `main` of build.rs.
//! # #[cfg(feature = "generate")]
//! imperal_build_support::build_script("specs/service.json", "specs/overlays/service.json");
//! ```
//!
//! ```text
//! // In src/lib.rs.
//! mod generated {
//!     include!(concat!(env!("OUT_DIR"), "/client.rs"));
//! }
//!
//! pub use generated::{Answer, Client, Session, builder, handles, operations, types};
//! ```
//!
//! The crate needs `imperal-runtime`, `progenitor-client`, `reqwest`, `serde` and `serde_json`, and this one
//! among its build dependencies. `cargo xtask generate --document FILE --out DIR`, in the repository, writes
//! a crate that is complete.
//!
//! # Values that fit a schema
//!
//! [`Instances`] makes them, for tests and for mocked services: the same for the same seed.
//! [`Instances::plausible`] makes them look like those of a service.
//!
//! ```
//! use imperal_build_support::{Document, Instances};
//! use serde_json::json;
//!
//! let document = Document::from_json("tiny.json", br#"{
//!     "openapi": "3.1.0", "info": {"title": "Tiny", "version": "1"}, "paths": {},
//!     "components": {"schemas": {"App": {"type": "object", "required": ["name"], "properties": {
//!         "name": {"type": "string", "minLength": 3, "maxLength": 5}
//!     }}}}
//! }"#)?;
//! let app = json!({ "$ref": "#/components/schemas/App" });
//! let value = Instances::new(document.root(), 7).make(&app).expect("something fits");
//! let name = value["name"].as_str().expect("it is required");
//! assert!((3..=5).contains(&name.chars().count()));
//! # Ok::<(), imperal_build_support::Error>(())
//! ```
//!
//! # Features
//!
//! | Feature | | What it brings |
//! |---|---|---|
//! | `generate` | on by default | The half that writes Rust, with progenitor, syn and prettyplease: `generate`, `generate_items`, `generate_expectations`, `generate_file`, `build_script` and `expectations_build_script` |
//!
//! Without it the crate loads, overlays, shapes, lowers and raises documents, and makes values: what a
//! program needs that reads documents as the generator does.

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
