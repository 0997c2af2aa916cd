//! The sender in parts: one for each alternative, or one for each kind of value.

use super::{Answer, Checker, refuting};
use crate::conjunction;
use crate::form::{Entry, Form, Part, Schema};
use crate::kinds::Kind;

/// Alternatives of a union that is opened.
const MOST_ALTERNATIVES: usize = 48;

/// How deep unions are opened within each other.
const MAX_NESTING: usize = 12;

impl<'a> Checker<'a> {
    /// Opens one union of the sender, or tells its kinds apart if the receiver is a union. None where
    /// there is nothing to open.
    pub(super) fn split(
        &mut self,
        senders: &[Schema<'a>],
        parts: &[Part<'a>],
        receiver: Schema<'a>,
        nesting: usize,
    ) -> Option<Answer> {
        if nesting > MAX_NESTING {
            return None;
        }
        for part in parts {
            for keyword in ["anyOf", "oneOf"] {
                let nodes = part.form.schemas(keyword);
                if nodes.is_empty() || nodes.len() > MOST_ALTERNATIVES {
                    continue;
                }
                let rest = without(parts, *part, keyword);
                let alternatives = nodes.iter().map(|node| {
                    let mut alternative = rest.clone();
                    alternative.push(part.at(*node));
                    alternative
                });
                let alternatives: Vec<_> = alternatives.collect();
                return Some(self.all(&alternatives, senders, receiver, nesting));
            }
        }
        let form = receiver.form()?;
        let kinds = conjunction::kinds(parts);
        if kinds.count() < 2 || !form.has("anyOf") && !form.has("oneOf") {
            return None;
        }
        let mut words: Vec<&str> = kinds.iter().map(Kind::word).collect();
        if kinds.has(Kind::Whole) && kinds.has(Kind::Fraction) {
            words.retain(|word| *word != "integer");
        }
        let side = parts.first().map_or(receiver.side, |part| part.side);
        let alternatives = words.into_iter().map(|word| {
            let form = Form::default().with("type", Entry::Types(vec![word]));
            let mut alternative = conjunction::schemas(parts);
            alternative.push(Schema::new(side, side.made(form)));
            alternative
        });
        let alternatives: Vec<_> = alternatives.collect();
        Some(self.all(&alternatives, senders, receiver, nesting))
    }

    /// Whether every alternative is contained.
    fn all(
        &mut self,
        alternatives: &[Vec<Schema<'a>>],
        senders: &[Schema<'a>],
        receiver: Schema<'a>,
        nesting: usize,
    ) -> Answer {
        let mut undecided = None;
        let mut candidates = Vec::new();
        for alternative in alternatives {
            match self.contains_at(alternative, receiver, nesting + 1) {
                Answer::Yes => {}
                Answer::No(witness) => candidates.push(witness),
                unknown @ Answer::Unknown(_) => undecided = undecided.or(Some(unknown)),
            }
        }
        if candidates.is_empty() {
            return undecided.unwrap_or(Answer::Yes);
        }
        match refuting(senders, receiver, &candidates) {
            Some(witness) => Answer::No(witness),
            None => {
                Answer::unknown("parts of a union differ but no instance of the whole shows it")
            }
        }
    }
}

/// The parts without one union. With it goes what it looked at, so `unevaluated...` goes too: a weaker
/// sender is sound, a stronger one is not.
fn without<'a>(parts: &[Part<'a>], union: Part<'a>, keyword: &str) -> Vec<Schema<'a>> {
    let mut rest = Vec::new();
    for part in parts {
        let cut = |name: &str| name == "allOf" || part.is_same(union) && name == keyword;
        let form = if part.form.keywords().any(cut) {
            part.form
                .without(|name| cut(name) || name.starts_with("unevaluated"))
        } else {
            rest.push(part.schema());
            continue;
        };
        if !form.is_empty() {
            rest.push(Schema::new(part.side, part.side.made(form)));
        }
    }
    rest
}
