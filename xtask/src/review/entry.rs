//! One difference, as every form of the report shows it.

use crate::plain_text::one_line;
use imperal_spec_diff::{Wire, Witness};
use serde::Serialize;
use serde_json::Value;
use std::fmt::{self, Write};

/// What a change means for code that was written against the old client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Source {
    /// No item of the client is different.
    None,
    /// Items are different, and code compiles as before.
    Compatible,
    /// No client could be generated.
    Unknown,
    /// Code that uses the items stops compiling.
    Breaking,
}

/// One difference with its verdicts.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Entry {
    pub(crate) rule: String,
    pub(crate) wire: Wire,
    pub(crate) source: Source,
    /// Whether the same calls may do something else.
    pub(crate) behaviour: bool,
    pub(crate) operation: Option<String>,
    /// Further operations with the same change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) also: Vec<String>,
    pub(crate) pointer: String,
    pub(crate) message: String,
    /// What shows a break on the wire.
    pub(crate) witness: Option<Witness>,
    /// Why the verdict about the wire is not decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// The items of the client that are different, each with how.
    pub(crate) rust: Vec<String>,
    /// Where this workspace uses them, as `file:line`.
    pub(crate) used_at: Vec<String>,
}

/// What a difference comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    /// It stops something that worked.
    Breaking,
    /// It is not decided, and nothing about it breaks for certain.
    Undecided,
    /// Something is different, and nothing breaks.
    Compatible,
    /// Nothing that travels, compiles or behaves is different.
    WithoutEffect,
}

/// The groups in the order in which they matter.
pub(crate) const GROUPS: [Group; 4] = [
    Group::Breaking,
    Group::Undecided,
    Group::Compatible,
    Group::WithoutEffect,
];

impl Group {
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Breaking => "Breaking",
            Self::Undecided => "Not decided",
            Self::Compatible => "Compatible",
            Self::WithoutEffect => "Without effect",
        }
    }

    /// Whether a reader has to look at it.
    pub(crate) fn is_urgent(self) -> bool {
        matches!(self, Self::Breaking | Self::Undecided)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::None => "none",
            Self::Compatible => "compatible",
            Self::Unknown => "unknown",
            Self::Breaking => "breaking",
        })
    }
}

impl Entry {
    pub(crate) fn group(&self) -> Group {
        if self.wire == Wire::Breaking || self.source == Source::Breaking {
            Group::Breaking
        } else if self.wire == Wire::Unknown || self.source == Source::Unknown {
            Group::Undecided
        } else if self.wire != Wire::None || self.source != Source::None || self.behaviour {
            Group::Compatible
        } else {
            Group::WithoutEffect
        }
    }

    /// The verdicts, on one line.
    pub(crate) fn verdicts(&self) -> String {
        format!("wire {}, code {}", self.wire, self.source)
    }

    /// The difference, on one line.
    pub(crate) fn line(&self) -> String {
        one_line(&self.message)
    }

    /// What there is to say beside place, verdicts and message, in single lines.
    pub(crate) fn details(&self) -> Vec<String> {
        let mut details = Vec::new();
        if let Some(witness) = &self.witness {
            let reading = witness.reading.as_deref();
            let reading =
                reading.map_or_else(String::new, |reading| format!(", read as {reading}"));
            let (allowed, refused) = (witness.valid_under, witness.invalid_under);
            details.push(format!(
                "shown by {}: the {allowed} document allows it, the {refused} one does not{reading}",
                short(&witness.instance)
            ));
        }
        details.extend(
            self.reason
                .iter()
                .map(|reason| format!("not decided: {reason}")),
        );
        if self.behaviour {
            details.push("behaviour: the same calls may do something else".to_owned());
        }
        if !self.also.is_empty() {
            details.push(format!("also: {}", listed(&self.also, 6)));
        }
        details.extend(self.rust.iter().map(|item| format!("Rust: {item}")));
        if !self.used_at.is_empty() {
            details.push(format!("used at {}", listed(&self.used_at, 8)));
        }
        details.iter().map(|detail| one_line(detail)).collect()
    }

    /// The operation that it is about, or else the component or another place in the document.
    pub(crate) fn place(&self) -> String {
        one_line(match &self.operation {
            Some(operation) if !self.pointer.starts_with("/components/") => operation,
            _ => self
                .pointer
                .strip_prefix("/components/")
                .unwrap_or(&self.pointer),
        })
    }
}

/// A value that fits into a line.
fn short(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 160 {
        return text;
    }
    let cut: String = text.chars().take(159).collect();
    format!("{cut}…")
}

/// The first of a list, and how many more there are.
pub(super) fn listed(all: &[String], most: usize) -> String {
    let first = all.iter().take(most).map(String::as_str);
    let mut text = first.collect::<Vec<_>>().join(", ");
    if all.len() > most {
        let _ = write!(text, " and {} more", all.len() - most);
    }
    text
}
