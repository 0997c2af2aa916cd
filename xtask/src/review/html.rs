//! The report as one page that needs nothing else.

use super::entry::GROUPS;
use super::text::headline;
use super::{Entry, Group, Review};
use crate::plain_text::one_line;
use std::fmt::Write;

const STYLE: &str = include_str!("page.css");

pub(super) fn write(reviews: &[Review]) -> String {
    let mut page =
        String::from("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    let _ = write!(
        page,
        "<title>Changes of the documents</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n"
    );
    page.push_str("<h1>Changes of the documents</h1>\n");
    for review in reviews {
        section(&mut page, review);
    }
    page.push_str("</body>\n</html>\n");
    page
}

fn section(page: &mut String, review: &Review) {
    let _ = writeln!(
        page,
        "<section>\n<h2>{}</h2>",
        escape(&one_line(&review.document))
    );
    let _ = writeln!(page, "<p>{}</p>", escape(&headline(review)));
    let _ = writeln!(
        page,
        "<p>Next version: <strong>{}</strong></p>",
        review.semver
    );
    for group in GROUPS {
        let entries: Vec<&Entry> = review.of_group(group).collect();
        if entries.is_empty() {
            continue;
        }
        let (title, class, count) = (group.title(), class(group), entries.len());
        let open = if group.is_urgent() { " open" } else { "" };
        let _ = writeln!(
            page,
            "<details class=\"{class}\"{open}><summary>{title} ({count})</summary>\n<ul>"
        );
        for entry in entries {
            item(page, entry);
        }
        page.push_str("</ul>\n</details>\n");
    }
    if !review.changelog.is_empty() {
        let lines = escape(&review.changelog);
        let _ = writeln!(page, "<h3>For the changelog</h3>\n<pre>{lines}</pre>");
    }
    page.push_str("</section>\n");
}

/// The class of a group in the style sheet.
fn class(group: Group) -> &'static str {
    match group {
        Group::Breaking => "breaking",
        Group::Undecided => "unknown",
        Group::Compatible => "compatible",
        Group::WithoutEffect => "none",
    }
}

fn item(page: &mut String, entry: &Entry) {
    let (place, message) = (escape(&entry.place()), escape(&entry.line()));
    let _ = writeln!(page, "<li><code>{place}</code> {message}");
    let (rule, verdicts) = (escape(&entry.rule), escape(&entry.verdicts()));
    let _ = writeln!(
        page,
        "<small>{rule}; {verdicts}; {}</small>",
        escape(&one_line(&entry.pointer))
    );
    let details = entry.details();
    if !details.is_empty() {
        page.push_str("<ul>\n");
        for detail in details {
            let _ = writeln!(page, "<li>{}</li>", escape(&detail));
        }
        page.push_str("</ul>\n");
    }
    page.push_str("</li>\n");
}

/// A document's text is text, whatever it holds.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            _ => escaped.push(letter),
        }
    }
    escaped
}
