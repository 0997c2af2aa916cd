//! Clients generated from documents other than ours. There is nothing to use here: the tests beside
//! it drive them.

/// From the document of `fastapi/service.py`, which uses the range of FastAPI.
#[allow(
    clippy::all,
    clippy::pedantic,
    dead_code,
    missing_docs,
    reason = "generated"
)]
#[allow(
    rustdoc::bare_urls,
    rustdoc::broken_intra_doc_links,
    rustdoc::invalid_html_tags,
    reason = "the document's texts are shown as they are"
)]
pub mod everything {
    include!(concat!(env!("OUT_DIR"), "/everything.rs"));
}

/// From `fixtures/odd.json`: names that clash, lists of odd items, operations that cannot be
/// generated.
#[allow(
    clippy::all,
    clippy::pedantic,
    dead_code,
    missing_docs,
    reason = "generated"
)]
pub mod odd {
    include!(concat!(env!("OUT_DIR"), "/odd.rs"));
}
