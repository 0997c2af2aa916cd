//! Texts that match a pattern, built from what it is made of.

use super::Pattern;
use regex_syntax::hir::{Class, Hir, HirKind};

/// Repetitions of one part that a sample has at most.
const MOST: u32 = 4000;

/// Texts that tell something about most patterns.
const PLAIN: [&str; 9] = ["", "a", "0", "A", " ", "a b", "-", "é", "aA0"];

pub(super) fn of(pattern: &Pattern) -> Vec<String> {
    let mut samples: Vec<String> = Vec::new();
    let mut add = |text: String| {
        if !samples.contains(&text) && pattern.matches(&text) {
            samples.push(text);
        }
    };
    if let Some(syntax) = &pattern.syntax {
        for more in [0, 1, 2, 9] {
            for choice in 0..5 {
                let mut text = String::new();
                write(syntax, choice, more, &mut text);
                add(text);
            }
        }
    } else if let Some(text) = jsonschema_regex::pattern_witness(&pattern.written) {
        add(text);
    }
    // What the pattern does not say about the ends of a text.
    for text in samples.clone().into_iter().take(3) {
        for text in [format!("~{text}"), format!("{text}~")] {
            if !samples.contains(&text) && pattern.matches(&text) {
                samples.push(text);
            }
        }
    }
    for text in PLAIN {
        if !samples.iter().any(|sample| sample == text) && pattern.matches(text) {
            samples.push(text.to_owned());
        }
    }
    samples.truncate(28);
    samples
}

/// Writes one text: `choice` takes characters and alternatives, `more` adds repetitions.
fn write(syntax: &Hir, choice: usize, more: u32, text: &mut String) {
    match syntax.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(class) => text.extend(character(class, choice)),
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(u32::MAX);
            let times = repetition.min.saturating_add(more).min(most).min(MOST);
            let inner = if more < 2 { more } else { 0 };
            for turn in 0..times {
                write(&repetition.sub, choice + turn as usize, inner, text);
            }
        }
        HirKind::Capture(capture) => write(&capture.sub, choice, more, text),
        HirKind::Concat(parts) => {
            for part in parts {
                write(part, choice, more, text);
            }
        }
        HirKind::Alternation(parts) => {
            if let Some(part) = parts.get(choice % parts.len()) {
                write(part, choice, more, text);
            }
        }
    }
}

/// One character of a class: plain ones where it has some, then the ends of its ranges.
fn character(class: &Class, choice: usize) -> Option<char> {
    const PLAIN: [char; 11] = ['a', 'Z', '0', '7', '_', '-', ' ', '.', '@', '/', 'é'];
    let Class::Unicode(class) = class else {
        return None;
    };
    let has = |character: &char| {
        let mut ranges = class.iter();
        ranges.any(|range| (range.start()..=range.end()).contains(character))
    };
    let mut characters: Vec<char> = PLAIN.into_iter().filter(has).collect();
    for range in class.iter().take(12) {
        characters.extend([range.start(), range.end()]);
    }
    (!characters.is_empty()).then(|| characters[choice % characters.len()])
}
