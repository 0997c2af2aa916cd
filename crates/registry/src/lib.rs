//! Typed client of the Imperal Registry: extension discovery, tool manifests, app settings.
//!
//! Generated at build time from `specs/registry.json`. Services use it through the `imperal`
//! crate, which configures it; on its own it needs a [`Session`] with credentials.
//!
//! ```
//! use imperal_registry::Client;
//! use imperal_runtime::{Session, StaticCredential};
//!
//! let session = Session::builder()
//!     .base_url("https://registry.example.com")
//!     .credential("registryKey", StaticCredential::new("a key"))
//!     .build()?;
//! let client = Client::new(session);
//! assert_eq!(client.session().base_url(), "https://registry.example.com");
//! # Ok::<(), imperal_runtime::Error>(())
//! ```
//!
//! Operations are grouped by the document's tags: see [`Client`] for the groups, and [`handles`] for the
//! operations of each.

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
