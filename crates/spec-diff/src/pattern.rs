//! Regular expressions as JSON Schema means them: ECMA-262, searched for anywhere in a text.

mod inclusion;
mod samples;

use fancy_regex::Regex;
use regex_automata::dfa::dense;
use regex_syntax::hir::Hir;
use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

/// Whether all texts of one pattern are texts of another one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Inclusion {
    Yes,
    /// A text that only the first one matches.
    No(String),
    Undecided,
}

/// The patterns that were met.
#[derive(Default)]
pub(crate) struct Patterns(RefCell<HashMap<String, Option<Rc<Pattern>>>>);

/// One pattern that can be read.
pub(crate) struct Pattern {
    written: String,
    search: Regex,
    /// What it is made of, if it looks neither ahead nor back.
    syntax: Option<Hir>,
    automaton: OnceCell<Option<dense::DFA<Vec<u32>>>>,
    samples: OnceCell<Vec<String>>,
}

impl Patterns {
    /// The pattern; none if it cannot be read.
    pub(crate) fn get(&self, written: &str) -> Option<Rc<Pattern>> {
        if let Some(known) = self.0.borrow().get(written) {
            return known.clone();
        }
        let pattern = Pattern::read(written).map(Rc::new);
        let mut known = self.0.borrow_mut();
        known.insert(written.to_owned(), pattern.clone());
        pattern
    }

    /// Whether a text matches; none if the pattern cannot be read.
    pub(crate) fn matches(&self, written: &str, text: &str) -> Option<bool> {
        self.get(written).map(|pattern| pattern.matches(text))
    }

    /// Texts that match, the telling ones first.
    pub(crate) fn samples(&self, written: &str) -> Vec<String> {
        let pattern = self.get(written);
        pattern.map_or_else(Vec::new, |pattern| pattern.samples().to_vec())
    }

    /// Whether all texts of `one` are texts of `other`.
    pub(crate) fn within(&self, one: &str, other: &str) -> Inclusion {
        if one == other || is_universal(other) {
            return Inclusion::Yes;
        }
        let (Some(one), Some(other)) = (self.get(one), self.get(other)) else {
            return Inclusion::Undecided;
        };
        if let Some(sample) = one.samples().iter().find(|sample| !other.matches(sample)) {
            return Inclusion::No(sample.clone());
        }
        match inclusion::decide(&one, &other) {
            Inclusion::No(text) if !one.matches(&text) || other.matches(&text) => {
                Inclusion::Undecided
            }
            decided => decided,
        }
    }
}

impl Pattern {
    fn read(written: &str) -> Option<Self> {
        let translated = translated(written);
        Some(Self {
            written: written.to_owned(),
            search: Regex::new(&translated).ok()?,
            syntax: regex_syntax::parse(&translated).ok(),
            automaton: OnceCell::new(),
            samples: OnceCell::new(),
        })
    }

    /// Whether it is found in the text. A search that takes too long finds nothing.
    pub(crate) fn matches(&self, text: &str) -> bool {
        self.search.is_match(text).unwrap_or(false)
    }

    fn samples(&self) -> &[String] {
        self.samples.get_or_init(|| samples::of(self))
    }
}

/// Whether every text matches, as far as the pattern shows it.
pub(crate) fn is_universal(written: &str) -> bool {
    const UNIVERSAL: [&str; 12] = [
        "",
        ".*",
        "^.*$",
        "^(?:.*)$",
        "^.*",
        ".*$",
        "^",
        "$",
        "(?s).*",
        "^[\\s\\S]*$",
        "[\\s\\S]*",
        "^(.*)$",
    ];
    UNIVERSAL.contains(&written)
}

/// Whether every text that is not empty matches, as far as the pattern shows it.
pub(crate) fn is_anything_but_empty(written: &str) -> bool {
    [".+", "^.+$", "^.+"].contains(&written)
}

/// The pattern in the words of Rust's engines. Patterns that look ahead or back stay as they are: the
/// engine that reads them takes most of ECMA's words.
fn translated(written: &str) -> Cow<'_, str> {
    if let Ok(translated) = jsonschema_regex::to_rust_regex(written) {
        return translated;
    }
    // ECMA takes the dash of `[\w-.]` for itself.
    let mut text = written.to_owned();
    for class in ["\\w-", "\\d-", "\\s-", "\\W-", "\\D-", "\\S-"] {
        let (letters, _) = class.split_at(2);
        text = text.replace(class, &format!("{letters}\\-"));
    }
    match jsonschema_regex::to_rust_regex(&text) {
        Ok(translated) => Cow::Owned(translated.into_owned()),
        Err(()) => Cow::Owned(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within(one: &str, other: &str) -> Inclusion {
        Patterns::default().within(one, other)
    }

    #[test]
    fn inclusion_is_decided_for_regular_patterns() {
        assert_eq!(within("^[A-M]{2}$", "^[A-Z]{2}$"), Inclusion::Yes);
        assert_eq!(within("^[A-Z][A-Z]$", "^[A-Z]{2}$"), Inclusion::Yes);
        assert_eq!(within("^ab*$", "^a"), Inclusion::Yes);
        assert_eq!(within("^(a|bc)+$", "^[abc]*$"), Inclusion::Yes);
        assert_eq!(within("^\\d+$", "^\\w+$"), Inclusion::Yes);
        for (one, other) in [
            ("^[A-Z]{2}$", "^[A-M]{2}$"),
            ("a", "^a"),
            ("^\\w+$", "^\\d+$"),
            ("^a{0,40}$", "^a{0,39}$"),
        ] {
            let Inclusion::No(text) = within(one, other) else {
                panic!("{one} is not within {other}");
            };
            let patterns = Patterns::default();
            assert_eq!(patterns.matches(one, &text), Some(true), "{text}");
            assert_eq!(patterns.matches(other, &text), Some(false), "{text}");
        }
    }

    #[test]
    fn what_is_not_regular_is_not_decided() {
        assert_eq!(
            within("^(?=.*a)[ab]{3}$", "^(?=.*[a])[ab]{3}$"),
            Inclusion::Undecided
        );
        assert_eq!(within("(", "^a"), Inclusion::Undecided);
    }

    #[test]
    fn every_sample_matches() {
        let patterns = Patterns::default();
        for written in [
            "^[a-z]{3,5}-\\d+$",
            "^(?!x)[a-z]+$",
            "[\\w-.]+@",
            "^[^/]+$",
            "^\\p{L}+$",
        ] {
            let samples = patterns.samples(written);
            assert!(!samples.is_empty(), "{written}");
            for sample in samples {
                assert_eq!(
                    patterns.matches(written, &sample),
                    Some(true),
                    "{written}: {sample}"
                );
            }
        }
    }
}
