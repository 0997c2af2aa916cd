//! What a new document means for those who use the client: on the wire, in their code, and in what the
//! same calls do.

mod clients;
mod html;
mod join;
mod markdown;

mod text;

use crate::Failure;
use crate::lock;
use crate::workspace::{Service, Workspace};
use imperal_build_support::{Document, Overlay};
use imperal_spec_diff::{Options, Semver, Verdict, Wire, Witness, compare};
use serde::Serialize;
use serde_json::Value;
use std::fmt::Write;
use std::path::Path;

/// One of two documents that are compared.
pub(crate) struct Side {
    /// What a person calls it.
    pub(crate) name: String,
    pub(crate) root: Value,
    /// What a client is generated from, if one can be.
    pub(crate) document: Result<Document, String>,
    pub(crate) overlay: Overlay,
}

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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) also: Vec<String>,
    pub(crate) pointer: String,
    pub(crate) message: String,
    pub(crate) witness: Option<Witness>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// The items of the client that are different, each with how.
    pub(crate) rust: Vec<String>,
    /// Where this workspace uses them, as `file:line`.
    pub(crate) used_at: Vec<String>,
}

/// Everything that is to be said about a new document.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Review {
    /// What is compared.
    pub(crate) document: String,
    pub(crate) verdict: Verdict,
    pub(crate) semver: Semver,
    /// The worst that any change means.
    pub(crate) wire: Wire,
    pub(crate) source: Source,
    /// Why there is no verdict about code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) no_client: Option<String>,
    pub(crate) changes: Vec<Entry>,
    /// Lines for a changelog, in Markdown.
    pub(crate) changelog: String,
}

/// What to compare beside the documents.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    /// What is compared, for a person.
    pub(crate) name: &'a str,
    /// The name of the generated crate.
    pub(crate) crate_name: &'a str,
    /// Where to look for code that uses the client.
    pub(crate) root: &'a Path,
    /// Whether to generate the clients.
    pub(crate) with_source: bool,
}

impl Side {
    pub(crate) fn of(document: &Document, overlay: Overlay) -> Self {
        Self {
            name: document.name().to_owned(),
            root: document.root().clone(),
            document: Ok(document.clone()),
            overlay,
        }
    }

    /// Any document: one that no client can be generated from is compared on the wire alone.
    pub(crate) fn read(name: &str, bytes: &[u8], overlay: Overlay) -> Result<Self, Failure> {
        let document = Document::from_json(name, bytes);
        let root = match &document {
            Ok(document) => document.root().clone(),
            Err(error) => {
                let root: Value = serde_json::from_slice(bytes).unwrap_or_default();
                let version = root
                    .get("openapi")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                if !version.starts_with("3.") {
                    return Err(error.clone().into());
                }
                root
            }
        };
        Ok(Self {
            name: name.to_owned(),
            root,
            document: document.map_err(|error| error.to_string()),
            overlay,
        })
    }
}

impl Review {
    /// Compares two documents of a service, each with the service's overlay for the generated clients.
    pub(crate) fn of(
        workspace: &Workspace,
        service: Service,
        old: &Document,
        new: &Document,
    ) -> Result<Self, Failure> {
        let old = Side::of(old, workspace.overlay(service)?);
        let new = Side::of(new, workspace.overlay(service)?);
        let scope = Scope {
            name: service.name,
            crate_name: &service.crate_name(),
            root: workspace.root(),
            with_source: true,
        };
        Ok(Self::between(&old, &new, scope))
    }

    /// Compares any two documents.
    pub(crate) fn between(old: &Side, new: &Side, scope: Scope<'_>) -> Self {
        let (report, clients) = std::thread::scope(|threads| {
            let clients = scope
                .with_source
                .then(|| threads.spawn(|| clients::compare(old, new, scope)));
            let report = compare(&old.root, &new.root, &Options::on(lock::day()));
            let clients = clients.map(|thread| match thread.join() {
                Ok(clients) => clients,
                Err(crash) => std::panic::resume_unwind(crash),
            });
            (report, clients)
        });
        let (clients, no_client) = match clients {
            None => (None, None),
            Some(Ok(clients)) => (Some(clients), None),
            Some(Err(problem)) => (None, Some(problem)),
        };
        let source_without_client = if no_client.is_some() && !report.changes.is_empty() {
            Source::Unknown
        } else {
            Source::None
        };
        let changes = join::entries(report.changes, clients, source_without_client);
        let wire = changes
            .iter()
            .map(|entry| entry.wire)
            .max()
            .unwrap_or(Wire::None);
        let source = changes
            .iter()
            .map(|entry| entry.source)
            .max()
            .unwrap_or(Source::None);
        let breaks = wire == Wire::Breaking || source == Source::Breaking;
        let adds = wire > Wire::None || source > Source::None;
        let (verdict, semver) = match changes.is_empty() {
            true => (Verdict::Unchanged, Semver::None),
            false if breaks => (Verdict::Breaking, Semver::Major),
            false if adds => (Verdict::Compatible, Semver::Minor),
            false => (Verdict::Compatible, Semver::Patch),
        };
        let mut review = Self {
            document: scope.name.to_owned(),
            verdict,
            semver,
            wire,
            source,
            no_client,
            changes,
            changelog: String::new(),
        };
        review.changelog = markdown::changelog(&review);
        review
    }

    pub(crate) fn is_unchanged(&self) -> bool {
        self.verdict == Verdict::Unchanged
    }

    /// Whether a client built from the old document, or code written against it, breaks.
    pub(crate) fn is_breaking(&self) -> bool {
        self.verdict == Verdict::Breaking
    }

    /// The report for a terminal, ending with a line feed.
    pub(crate) fn text(&self) -> String {
        text::write(self)
    }

    /// The report for a pull request.
    pub(crate) fn markdown(&self) -> String {
        markdown::write(self)
    }
}

/// One page about several documents.
pub(crate) fn html(reviews: &[Review]) -> String {
    html::write(reviews)
}

impl Entry {
    /// Whether it may stop something that worked.
    pub(crate) fn is_breaking(&self) -> bool {
        self.wire == Wire::Breaking || self.source == Source::Breaking
    }

    /// Whether it is not decided, and nothing about it breaks for certain.
    pub(crate) fn is_undecided(&self) -> bool {
        !self.is_breaking() && (self.wire == Wire::Unknown || self.source == Source::Unknown)
    }

    /// The difference, on one line.
    pub(crate) fn line(&self) -> String {
        one_line(&self.message)
    }

    /// What it says beside what is there for each change, in single lines.
    pub(crate) fn details(&self) -> Vec<String> {
        let mut details = Vec::new();
        if let Some(witness) = &self.witness {
            let reading = witness.reading.as_deref();
            let reading =
                reading.map_or_else(String::new, |reading| format!(", read as {reading}"));
            let allowed = version(witness.valid_under);
            let refused = version(witness.invalid_under);
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

    /// The operation, or the component or place.
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

/// A document's text can hold anything: line breaks that forge lines of a report, and what moves the
/// cursor of a terminal.
fn one_line(text: &str) -> String {
    let mut line = String::new();
    for letter in text.chars() {
        if letter.is_control() {
            line.extend(letter.escape_unicode());
        } else {
            line.push(letter);
        }
    }
    line
}

fn version(version: imperal_spec_diff::Version) -> &'static str {
    match version {
        imperal_spec_diff::Version::Old => "old",
        imperal_spec_diff::Version::New => "new",
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
fn listed(all: &[String], most: usize) -> String {
    let first = all.iter().take(most).map(String::as_str);
    let mut text = first.collect::<Vec<_>>().join(", ");
    if all.len() > most {
        let _ = write!(text, " and {} more", all.len() - most);
    }
    text
}
