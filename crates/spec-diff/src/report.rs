//! What a comparison finds.

use serde::Serialize;
use serde_json::Value;
use std::fmt;

/// What a change means for a client that was built from the old document and talks to a server that
/// speaks the new one. The least comes first, so that the greatest is the worst.
///
/// ```
/// use imperal_spec_diff::Wire;
///
/// let worst = [Wire::Compatible, Wire::Unknown, Wire::None].into_iter().max();
/// assert_eq!(worst, Some(Wire::Unknown));
/// assert!(Wire::Unknown < Wire::Breaking);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Wire {
    /// Nothing that travels is different.
    None,
    /// What travels is different, and the client is right all the same.
    Compatible,
    /// The documents do not say enough, or it is not decided: [`Change::reason`] says which.
    Unknown,
    /// There is a message that one side may send and the other does not take.
    Breaking,
}

/// A message, or a part of one, that shows a break.
///
/// ```
/// use imperal_spec_diff::{Options, Version, compare};
/// use serde_json::json;
///
/// let document = |name: serde_json::Value| json!({"openapi": "3.1.0", "paths": {"/names": {"put": {
///     "requestBody": {"content": {"application/json": {"schema": name}}}, "responses": {},
/// }}}});
/// let (old, new) = (document(json!({"type": "string"})), document(json!({"type": "integer"})));
/// let report = compare(&old, &new, &Options::default());
/// let shown = report.changes[0].witness.as_ref().unwrap();
/// assert!(shown.instance.is_string());
/// assert_eq!((shown.valid_under, shown.invalid_under), (Version::Old, Version::New));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Witness {
    /// What is sent or received.
    pub instance: Value,
    /// The document that allows it.
    pub valid_under: Version,
    /// The document that does not.
    pub invalid_under: Version,
    /// What the instance is read as, where that is not the value of a schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reading: Option<String>,
}

/// One of the two documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Version {
    /// The one that the client was built from.
    Old,
    /// The one that the server speaks.
    New,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Change {
    /// What kind of difference it is, in kebab case.
    pub rule: String,
    /// What it means on the wire.
    pub wire: Wire,
    /// Whether the same messages may mean something else: a default, a limit, a credential, an end
    /// that was announced.
    pub behaviour: bool,
    /// The operation, as `GET /v1/apps`, if it belongs to one.
    pub operation: Option<String>,
    /// Further operations that it reaches.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// Where it is: a JSON pointer into the new document, or into the old one for what is gone. A
    /// parameter goes by its place and name (`…/parameters/query:limit`), wherever it is defined.
    pub pointer: String,
    /// The difference in a few words.
    pub message: String,
    /// What shows the break.
    pub witness: Option<Witness>,
    /// Why it is not decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Everything that a comparison found.
///
/// ```
/// use imperal_spec_diff::{Options, Semver, Verdict, compare};
/// use serde_json::json;
///
/// let old = json!({"openapi": "3.1.0", "paths": {"/apps": {"get": {"responses": {}}}}});
/// let mut new = old.clone();
/// new["paths"]["/keys"] = json!({"get": {"responses": {}}});
///
/// let report = compare(&old, &new, &Options::default());
/// assert_eq!((report.verdict, report.semver), (Verdict::Compatible, Semver::Minor));
/// assert_eq!(report.changes[0].rule, "operation-added");
/// assert_eq!(compare(&old, &old, &Options::default()).verdict, Verdict::Unchanged);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// What it comes to.
    pub verdict: Verdict,
    /// The version that the new document should have, by what travels.
    pub semver: Semver,
    /// Every difference.
    pub changes: Vec<Change>,
}

/// What a comparison comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Some message is no longer understood.
    Breaking,
    /// Something is different, and nothing is known to break.
    Compatible,
    /// Nothing is different.
    Unchanged,
}

/// Which part of a version has to rise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Semver {
    /// No part.
    None,
    /// The last one: only words changed.
    Patch,
    /// The middle one: something was added or loosened.
    Minor,
    /// The first one: something breaks.
    Major,
}

impl Report {
    pub(crate) fn of(changes: Vec<Change>) -> Self {
        let worst = changes.iter().map(|change| change.wire).max();
        let (verdict, semver) = match worst {
            None => (Verdict::Unchanged, Semver::None),
            Some(Wire::None) => (Verdict::Compatible, Semver::Patch),
            Some(Wire::Compatible | Wire::Unknown) => (Verdict::Compatible, Semver::Minor),
            Some(Wire::Breaking) => (Verdict::Breaking, Semver::Major),
        };
        Self {
            verdict,
            semver,
            changes,
        }
    }
}

impl Wire {
    /// The verdict about what either breaks or does not.
    pub(crate) fn breaking_if(breaks: bool) -> Self {
        if breaks {
            Self::Breaking
        } else {
            Self::Compatible
        }
    }
}

impl fmt::Display for Wire {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::None => "none",
            Self::Compatible => "compatible",
            Self::Unknown => "unknown",
            Self::Breaking => "breaking",
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Old => "old",
            Self::New => "new",
        })
    }
}

impl fmt::Display for Semver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::None => "none",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        })
    }
}
