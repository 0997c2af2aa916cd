//! One of two documents that are compared.

use crate::Failure;
use imperal_build_support::{Document, Overlay};
use serde_json::Value;

pub(crate) struct Side {
    content: Content,
    pub(crate) overlay: Overlay,
}

/// What was read.
enum Content {
    Sound(Document),
    /// A document that no client can be generated from, and why. It is compared on the wire alone.
    Unsound {
        root: Value,
        problem: String,
    },
}

impl Side {
    pub(crate) fn of(document: &Document, overlay: Overlay) -> Self {
        Self {
            content: Content::Sound(document.clone()),
            overlay,
        }
    }

    /// Any document of OpenAPI 3.
    pub(crate) fn read(name: &str, bytes: &[u8], overlay: Overlay) -> Result<Self, Failure> {
        let content = match Document::from_json(name, bytes) {
            Ok(document) => Content::Sound(document),
            Err(error) => {
                let root: Value = serde_json::from_slice(bytes).unwrap_or_default();
                let version = root.get("openapi").and_then(Value::as_str);
                if !version.is_some_and(|version| version.starts_with("3.")) {
                    return Err(error.into());
                }
                let problem = error.to_string();
                Content::Unsound { root, problem }
            }
        };
        Ok(Self { content, overlay })
    }

    pub(crate) fn root(&self) -> &Value {
        match &self.content {
            Content::Sound(document) => document.root(),
            Content::Unsound { root, .. } => root,
        }
    }

    /// What a client is generated from, or why none can be.
    pub(super) fn document(&self) -> Result<&Document, String> {
        match &self.content {
            Content::Sound(document) => Ok(document),
            Content::Unsound { problem, .. } => Err(problem.clone()),
        }
    }

    /// Whether both documents make the same client.
    pub(super) fn has_the_client_of(&self, other: &Self) -> bool {
        self.root() == other.root() && self.overlay.is_same_as(&other.overlay)
    }
}
