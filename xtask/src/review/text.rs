//! The report for a terminal.

use super::{Entry, Review, Source};
use imperal_spec_diff::{Semver, Verdict, Wire};
use std::fmt::Write;

pub(super) fn write(review: &Review) -> String {
    let mut text = headline(review);
    text.push('\n');
    let groups = [
        ("Breaking", of(review, Entry::is_breaking)),
        ("Not decided", of(review, Entry::is_undecided)),
        ("Compatible", of(review, is_compatible)),
    ];
    for (title, entries) in groups {
        if entries.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n{title}");
        for entry in entries {
            let verdicts = verdicts(entry);
            let _ = writeln!(text, "  {}  [{verdicts}] {}", entry.place(), entry.rule);
            let _ = writeln!(text, "      {}", entry.line());
            for detail in entry.details() {
                let _ = writeln!(text, "      {detail}");
            }
        }
    }
    let words = of(review, is_words_only).len();
    if words > 0 {
        let _ = writeln!(
            text,
            "\nWithout effect: {words} (words for people, order, names that do not travel)"
        );
    }
    if !review.changelog.is_empty() {
        let _ = write!(text, "\nFor the changelog:\n\n{}", review.changelog);
    }
    text
}

/// One line: what it is about, the verdicts, and the version.
pub(super) fn headline(review: &Review) -> String {
    let name = &review.document;
    if review.verdict == Verdict::Unchanged {
        return format!("{name}: unchanged");
    }
    let verdict = match review.verdict {
        Verdict::Breaking => "BREAKING",
        _ => "compatible",
    };
    let count = |found: Vec<&Entry>| found.len();
    let wire = count(of(review, |entry| entry.wire == Wire::Breaking));
    let source = count(of(review, |entry| entry.source == Source::Breaking));
    let behaviour = count(of(review, |entry| entry.behaviour));
    let unknown = count(of(review, Entry::is_undecided));
    let all = review.changes.len();
    let mut line = format!(
        "{name}: {verdict}, {all} changes: {wire} break on the wire, {source} break code, {behaviour} change \
         behaviour, {unknown} not decided; next version: {}",
        semver(review.semver)
    );
    if let Some(problem) = &review.no_client {
        let _ = write!(line, "\n  no verdict about code: {problem}");
    }
    line
}

/// Which part of the version rises.
pub(super) fn semver(semver: Semver) -> &'static str {
    match semver {
        Semver::None => "none",
        Semver::Patch => "patch",
        Semver::Minor => "minor",
        Semver::Major => "major",
    }
}

pub(super) fn of(review: &Review, wanted: impl Fn(&Entry) -> bool) -> Vec<&Entry> {
    review
        .changes
        .iter()
        .filter(|entry| wanted(entry))
        .collect()
}

/// Whether something is different and nothing breaks.
pub(super) fn is_compatible(entry: &Entry) -> bool {
    !entry.is_breaking() && !entry.is_undecided() && !is_words_only(entry)
}

/// Whether nothing that travels, compiles or behaves is different.
pub(super) fn is_words_only(entry: &Entry) -> bool {
    entry.wire == Wire::None && entry.source == Source::None && !entry.behaviour
}

/// The verdicts of one change.
pub(super) fn verdicts(entry: &Entry) -> String {
    let wire = match entry.wire {
        Wire::None => "none",
        Wire::Compatible => "compatible",
        Wire::Unknown => "unknown",
        Wire::Breaking => "breaking",
    };
    let source = match entry.source {
        Source::None => "none",
        Source::Compatible => "compatible",
        Source::Unknown => "unknown",
        Source::Breaking => "breaking",
    };
    format!("wire {wire}, code {source}")
}
