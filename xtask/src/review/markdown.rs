//! The report for a pull request, and the lines for a changelog.

use super::entry::GROUPS;
use super::text::headline;
use super::{Entry, Group, Review};
use crate::plain_text::one_line;
use imperal_spec_diff::Verdict;
use std::fmt::Write;

/// How many lines a changelog has before it says only how many more there are.
const MOST_LINES: usize = 40;

pub(super) fn write(review: &Review) -> String {
    let mut text = format!(
        "## {}\n\n{}\n",
        plain(&one_line(&review.document)),
        plain(&headline(review))
    );
    if review.verdict == Verdict::Unchanged {
        return text;
    }
    for group in GROUPS
        .into_iter()
        .filter(|group| *group != Group::WithoutEffect)
    {
        let entries: Vec<&Entry> = review.of_group(group).collect();
        if entries.is_empty() {
            continue;
        }
        let (title, count) = (group.title(), entries.len());
        if group.is_urgent() {
            let _ = writeln!(text, "\n### {title}\n");
        } else {
            let _ = writeln!(text, "\n<details><summary>{title} ({count})</summary>\n");
        }
        for entry in entries {
            let (place, rule) = (code(&entry.place()), &entry.rule);
            let (line, verdicts) = (plain(&entry.line()), entry.verdicts());
            let _ = writeln!(text, "- {place} {line} ({rule}; {verdicts})");
            for detail in entry.details() {
                let _ = writeln!(text, "  - {}", with_code(&detail));
            }
        }
        if !group.is_urgent() {
            text.push_str("\n</details>\n");
        }
    }
    let words = review.of_group(Group::WithoutEffect).count();
    if words > 0 {
        let _ = writeln!(text, "\nChanges without effect: {words}.");
    }
    if !review.changelog.is_empty() {
        let _ = write!(text, "\n### For the changelog\n\n{}", review.changelog);
    }
    text
}

/// What those who use the client have to know, as a list.
pub(super) fn changelog(review: &Review) -> String {
    let mut lines: Vec<String> = Vec::new();
    let breaking = review.of_group(Group::Breaking);
    let breaking = breaking.map(|entry| ("**Breaking:** ", entry));
    let others = review.changes.iter().filter(|entry| is_told(entry));
    for (label, entry) in breaking.chain(others.map(|entry| ("", entry))) {
        let (place, message) = (code(&entry.place()), plain(&entry.line()));
        let line = format!("- {label}{place}: {message}\n");
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    let more = lines.len().saturating_sub(MOST_LINES);
    let mut text: String = lines.into_iter().take(MOST_LINES).collect();
    if more > 0 {
        let _ = writeln!(
            text,
            "- and {more} more changes of the {} document",
            plain(&one_line(&review.document))
        );
    }
    text
}

/// Whether a change that breaks nothing is worth a line: a type that came with an operation is not.
fn is_told(entry: &Entry) -> bool {
    let is_worth_it = matches!(entry.group(), Group::Undecided | Group::Compatible);
    is_worth_it && entry.rule != "rust-item-added"
}

/// A detail. One about items of the client is ours, and has its code in backticks already.
fn with_code(detail: &str) -> String {
    let Some(rust) = detail.strip_prefix("Rust: ") else {
        return plain(detail);
    };
    let parts = rust.split('`').enumerate();
    let parts = parts.map(|(index, part)| match index % 2 {
        0 => plain(part),
        _ => format!("`{part}`"),
    });
    parts.collect()
}

/// A document's text, so that it stays text: neither markup nor a mention of someone.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut before = ' ';
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let is_inside_word =
            before.is_alphanumeric() && letters.peek().is_some_and(|next| next.is_alphanumeric());
        match letter {
            '<' => plain.push_str("&lt;"),
            '&' => plain.push_str("&amp;"),
            '_' if is_inside_word => plain.push('_'),
            '*' | '_' | '~' | '[' | ']' | '|' | '#' | '\\' | '@' | '`' => {
                plain.push('\\');
                plain.push(letter);
            }
            _ => plain.push(letter),
        }
        before = letter;
    }
    plain
}

fn code(text: &str) -> String {
    let text: String = text
        .chars()
        .filter(|letter| !matches!(letter, '`' | '\n' | '\r'))
        .collect();
    if text.is_empty() {
        return "the document".to_owned();
    }
    format!("`{text}`")
}
