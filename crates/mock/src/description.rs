//! The documents that the cloud serves.

use imperal_build_support::{Document, Overlay};
use serde_json::Value;
use std::sync::{Arc, LazyLock};

/// A document as it is published, and with its overlay.
#[derive(Debug)]
pub(crate) struct Description {
    pub(crate) published: &'static str,
    pub(crate) overlaid: Value,
}

impl Description {
    /// Whether the document has this method and path template, written as `GET /v1/auth/me`.
    pub(crate) fn has_route(&self, route: &str) -> bool {
        route.split_once(' ').is_some_and(|(method, template)| {
            let is_upper = method.chars().all(|letter| letter.is_ascii_uppercase());
            is_upper && self.overlaid["paths"][template][method.to_lowercase()].is_object()
        })
    }
}

/// Read once for all clouds of the process.
pub(crate) static GATEWAY: LazyLock<Arc<Description>> = LazyLock::new(|| {
    let published = include_str!("../specs/auth-gateway.json");
    read(
        "auth-gateway.json",
        published,
        include_str!("../specs/overlays/auth-gateway.json"),
    )
});

pub(crate) static REGISTRY: LazyLock<Arc<Description>> = LazyLock::new(|| {
    let published = include_str!("../specs/registry.json");
    read(
        "registry.json",
        published,
        include_str!("../specs/overlays/registry.json"),
    )
});

#[allow(
    clippy::expect_used,
    reason = "the documents are compiled in, and the build scripts of both clients have read the same files"
)]
fn read(name: &str, published: &'static str, overlay: &str) -> Arc<Description> {
    let mut document =
        Document::from_json(name, published.as_bytes()).expect("the document is sound");
    let overlay = Overlay::from_json(name, overlay.as_bytes()).expect("the overlay is sound");
    overlay
        .apply(&mut document)
        .expect("the overlay fits the document");
    Arc::new(Description {
        published,
        overlaid: document.root().clone(),
    })
}
