//! Typed client of the Imperal Registry: extension discovery, tool manifests, app settings.
//!
//! Generated at build time from `specs/registry.json`. Services use it through the `imperal`
//! crate, which configures it; on its own it needs a [`Session`] with credentials.
//!
//! ```no_run
//! use imperal_registry::Client;
//! use imperal_runtime::{Session, StaticCredential};
//!
//! # async fn example() -> Result<(), imperal_runtime::Error> {
//! let session = Session::builder()
//!     .base_url("https://registry.example.com")
//!     .credential("registryKey", StaticCredential::new("a key"))
//!     .build()?;
//! let client = Client::new(session);
//! # Ok(()) }
//! ```

#[allow(
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    dead_code,
    missing_docs,
    reason = "generated: its form is progenitor's, its texts are the document's"
)]
#[allow(
    rustdoc::bare_urls,
    rustdoc::broken_intra_doc_links,
    rustdoc::invalid_html_tags,
    reason = "the document's texts are shown as they are"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/client.rs"));
}

pub use generated::{Answer, Client, Session, builder, handles, operations, types};
