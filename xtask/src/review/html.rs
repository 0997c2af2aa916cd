//! The report as one page that needs nothing else.

use super::text::{headline, is_compatible, is_words_only, of, semver, verdicts};
use super::{Entry, Review};
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
    let _ = writeln!(page, "<section>\n<h2>{}</h2>", escape(&review.document));
    let _ = writeln!(page, "<p>{}</p>", escape(&headline(review)));
    let _ = writeln!(
        page,
        "<p>Next version: <strong>{}</strong></p>",
        semver(review.semver)
    );
    let groups = [
        ("Breaking", "breaking", of(review, Entry::is_breaking), true),
        (
            "Not decided",
            "unknown",
            of(review, Entry::is_undecided),
            true,
        ),
        ("Compatible", "compatible", of(review, is_compatible), false),
        ("Without effect", "none", of(review, is_words_only), false),
    ];
    for (title, class, entries, open) in groups {
        if entries.is_empty() {
            continue;
        }
        let open = if open { " open" } else { "" };
        let count = entries.len();
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

fn item(page: &mut String, entry: &Entry) {
    let (place, message) = (escape(&entry.place()), escape(&entry.line()));
    let _ = writeln!(page, "<li><code>{place}</code> {message}");
    let (rule, verdicts) = (escape(&entry.rule), escape(&verdicts(entry)));
    let _ = writeln!(
        page,
        "<small>{rule}; {verdicts}; {}</small>",
        escape(&entry.pointer)
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
