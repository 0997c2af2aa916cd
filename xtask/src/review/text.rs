//! The report for a terminal.

use super::entry::GROUPS;
use super::{Entry, Group, Review, Source};
use crate::plain_text::one_line;
use imperal_spec_diff::{Verdict, Wire};
use std::fmt::Write;

pub(super) fn write(review: &Review) -> String {
    let mut text = headline(review);
    text.push('\n');
    for group in GROUPS
        .into_iter()
        .filter(|group| *group != Group::WithoutEffect)
    {
        let mut entries = review.of_group(group).peekable();
        if entries.peek().is_some() {
            let _ = writeln!(text, "\n{}", group.title());
        }
        for entry in entries {
            let verdicts = entry.verdicts();
            let _ = writeln!(text, "  {}  [{verdicts}] {}", entry.place(), entry.rule);
            let _ = writeln!(text, "      {}", entry.line());
            for detail in entry.details() {
                let _ = writeln!(text, "      {detail}");
            }
        }
    }
    let words = review.of_group(Group::WithoutEffect).count();
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
    let name = one_line(&review.document);
    if review.verdict == Verdict::Unchanged {
        return format!("{name}: unchanged");
    }
    let verdict = match review.verdict {
        Verdict::Breaking => "BREAKING",
        _ => "compatible",
    };
    let count =
        |wanted: fn(&Entry) -> bool| review.changes.iter().filter(|entry| wanted(entry)).count();
    let wire = count(|entry| entry.wire == Wire::Breaking);
    let source = count(|entry| entry.source == Source::Breaking);
    let behaviour = count(|entry| entry.behaviour);
    let unknown = review.of_group(Group::Undecided).count();
    let all = review.changes.len();
    let mut line = format!(
        "{name}: {verdict}, {all} changes: {wire} break on the wire, {source} break code, {behaviour} change \
         behaviour, {unknown} not decided; next version: {}",
        review.semver
    );
    if let Some(problem) = &review.no_client {
        let _ = write!(line, "\n  no verdict about code: {}", one_line(problem));
    }
    line
}
