//! What the build script has written: expectations in the types of both clients.
#![allow(
    clippy::all,
    clippy::pedantic,
    dead_code,
    missing_docs,
    reason = "generated: the names and texts are the document's"
)]
#![allow(
    rustdoc::bare_urls,
    rustdoc::broken_intra_doc_links,
    rustdoc::invalid_html_tags,
    reason = "the document's texts are shown as they are"
)]

pub mod gateway {
    //! What the Auth Gateway is to answer: see [`Cloud::gateway`](crate::Cloud::gateway).
    include!(concat!(env!("OUT_DIR"), "/gateway.rs"));
}

pub mod registry {
    //! What the Registry is to answer: see [`Cloud::registry`](crate::Cloud::registry).
    include!(concat!(env!("OUT_DIR"), "/registry.rs"));
}
