//! What a new document means for those who use the client: on the wire, in their code, and in what the
//! same calls do.

mod clients;
mod entry;
mod html;
mod join;
mod markdown;
mod side;
mod text;

pub(crate) use entry::{Entry, Group, Source};
pub(crate) use side::Side;

use crate::Failure;
use crate::lock;
use crate::workspace::{Service, Workspace};
use imperal_build_support::Document;
use imperal_spec_diff::{Options, Semver, Verdict, Wire, compare};
use serde::Serialize;
use std::path::Path;
use std::thread::ScopedJoinHandle;

/// Everything that there is to say about a new document.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Review {
    /// What is compared, for a person.
    pub(crate) document: String,
    pub(crate) verdict: Verdict,
    pub(crate) semver: Semver,
    /// The worst that any change means on the wire.
    pub(crate) wire: Wire,
    /// The worst that any change means for code.
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
            let report = compare(old.root(), new.root(), &Options::on(lock::day()));
            (report, clients.map(joined))
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

    /// The changes of a group.
    fn of_group(&self, group: Group) -> impl Iterator<Item = &Entry> {
        self.changes
            .iter()
            .filter(move |entry| entry.group() == group)
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

/// What a thread came to. A panic in it goes on here.
fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    match thread.join() {
        Ok(value) => value,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// One page about several documents.
pub(crate) fn html(reviews: &[Review]) -> String {
    html::write(reviews)
}
