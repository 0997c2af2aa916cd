//! Typed client of the Imperal Auth Gateway: identity, keys, marketplace, billing, developer portal.
//!
//! Generated at build time from `specs/auth-gateway.json`. Services use it through the `imperal`
//! crate, which logs in and refreshes; on its own it needs a [`Session`] with credentials.
//!
//! ```
//! use imperal_auth_gateway::Client;
//! use imperal_runtime::{Session, StaticCredential};
//!
//! let session = Session::builder()
//!     .base_url("https://auth.imperal.io")
//!     .credential("bearer", StaticCredential::new("a token"))
//!     .build()?;
//! let client = Client::new(session);
//! assert_eq!(client.session().base_url(), "https://auth.imperal.io");
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
