//! The documents that the cloud serves.

use crate::contract::Contract;
use crate::keys;
use bytes::Bytes;
use imperal_build_support::{Document, Overlay, raise};
use std::sync::{Arc, LazyLock, Once};

/// A document as it is published, and what is read in it once its overlay is applied.
pub(crate) struct Description {
    pub(crate) published: Bytes,
    pub(crate) contract: Contract,
}

impl Description {
    /// A document of the caller's own. What judges by it knows the schemas of OpenAPI 3.1 alone.
    pub(crate) fn of(document: &Document) -> Self {
        let mut raised = document.clone();
        raise(&mut raised);
        Self {
            published: document.root().to_string().into(),
            contract: Contract::new(raised.root().clone()),
        }
    }

    /// Whether the document has this method and path template, written as `GET /v1/auth/me`.
    pub(crate) fn has_route(&self, route: &str) -> bool {
        self.contract.operation(route).is_some()
    }
}

/// What is said to whoever names a route that no document has.
pub(crate) fn unknown_route(route: &str) -> String {
    format!(
        "no document has the route \"{route}\": give it as \"GET /v1/auth/me\", with the parameters in braces"
    )
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

/// Begins to read what the first request needs, each part on a thread of its own, unless that was begun before.
pub(crate) fn prepare() {
    static BEGUN: Once = Once::new();
    let parts: [fn(); 3] = [
        || {
            GATEWAY.contract.schemas();
        },
        || {
            REGISTRY.contract.schemas();
        },
        || {
            keys::published();
        },
    ];
    BEGUN.call_once(|| {
        for part in parts {
            let thread = std::thread::Builder::new().name("imperal-mock-reader".to_owned());
            // Where the machine has no thread to spare, a part is read by whoever asks for it first.
            let _ = thread.spawn(part);
        }
    });
}

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
        published: Bytes::from_static(published.as_bytes()),
        contract: Contract::new(document.into_root()),
    })
}
