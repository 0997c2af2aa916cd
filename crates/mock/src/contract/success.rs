//! What an operation answers if all goes well.

use super::{Contract, Operation};
use imperal_build_support::pointer;

/// The success of an operation.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Success<'a> {
    pub(crate) status: u16,
    /// None if it has no body.
    pub(crate) media_type: Option<&'a str>,
    /// Where the schema of its body is.
    pub(crate) schema: Option<String>,
}

impl Contract {
    /// The success that the document declares first; none if it declares none.
    pub(crate) fn success(&self, operation: &Operation) -> Option<Success<'_>> {
        let answers = self.at(&operation.pointer)["responses"].as_object()?;
        let (key, success) = answers.iter().find(|(key, _)| key.starts_with('2'))?;
        let content = success["content"].as_object();
        let known = |wanted: &str| content?.keys().find(|own| *own == wanted);
        let media_type = known("text/event-stream")
            .or_else(|| known("application/json"))
            .or_else(|| content?.keys().next());
        Some(Success {
            status: key.parse().unwrap_or(200),
            media_type: media_type.map(String::as_str),
            schema: media_type.map(|media_type| {
                let media_type = pointer::escape(media_type);
                format!(
                    "{}/responses/{key}/content/{media_type}/schema",
                    operation.pointer
                )
            }),
        })
    }
}

/// A media type that may be given where a range is declared.
pub(crate) fn concrete(media_type: &str) -> &str {
    if media_type.contains('*') {
        "application/octet-stream"
    } else {
        media_type
    }
}
