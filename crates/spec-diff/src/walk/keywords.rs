//! The keywords of two schemas, one by one.

use super::{Bound, Pair, Said, Walk, Worst, action, kebab};
use crate::containment::Answer;
use crate::form::{Entry, Form, Node};
use crate::instance::Instance;
use crate::json;
use crate::kinds::{Kind, Kinds};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The keywords that hold together with one, which is among them.
pub(super) fn group_of(keyword: &str) -> Vec<&str> {
    match keyword {
        "contains" | "minContains" | "maxContains" => {
            vec!["contains", "minContains", "maxContains"]
        }
        "if" | "then" | "else" => vec!["if", "then", "else"],
        _ => vec![keyword],
    }
}

/// Keywords that look at members and items, which `unevaluated...` leaves alone.
const LOOKING: [&str; 13] = [
    "properties",
    "patternProperties",
    "additionalProperties",
    "items",
    "prefixItems",
    "contains",
    "allOf",
    "anyOf",
    "oneOf",
    "if",
    "then",
    "else",
    "dependentSchemas",
];

/// Keywords that are compared in their own way.
const APART: [&str; 11] = [
    "type",
    "properties",
    "required",
    "allOf",
    "items",
    "additionalProperties",
    "prefixItems",
    "patternProperties",
    "dependentRequired",
    "dependentSchemas",
    "enum",
];

/// Keywords with a schema below, which is walked.
const ENTERED: [&str; 6] = [
    "contains",
    "propertyNames",
    "then",
    "else",
    "unevaluatedProperties",
    "unevaluatedItems",
];

impl<'a> Walk<'_, 'a> {
    pub(super) fn keyword_changes(&mut self, pair: &Pair<'a>) -> Worst {
        let mut found = vec![
            self.annotation_changes(pair),
            self.type_change(pair),
            self.enum_changes(pair),
            self.property_changes(pair),
            self.required_changes(pair),
            self.child_changes(pair),
            self.part_changes(pair),
        ];
        let keywords: BTreeSet<&'a str> = pair
            .old_form
            .keywords()
            .chain(pair.new_form.keywords())
            .collect();
        for keyword in keywords {
            if !APART.contains(&keyword) && !self.is_same(pair, keyword) {
                found.push(self.keyword_change(pair, keyword));
            }
        }
        found.into_iter().max().unwrap_or(Worst::Nothing)
    }

    /// Whether both sides say the same with a keyword.
    pub(super) fn is_same(&self, pair: &Pair<'a>, keyword: &str) -> bool {
        match (pair.old_form.entry(keyword), pair.new_form.entry(keyword)) {
            (Some(old), Some(new)) => {
                let equality = &self.comparison.equality;
                equality.same_entry((self.old, old), (self.new, new))
            }
            (None, None) => true,
            _ => false,
        }
    }

    fn keyword_change(&mut self, pair: &Pair<'a>, keyword: &'a str) -> Worst {
        let (old, new) = (pair.old_form.entry(keyword), pair.new_form.entry(keyword));
        let members = if keyword.starts_with("unevaluated") {
            LOOKING.into_iter().chain([keyword]).collect()
        } else {
            group_of(keyword)
        };
        let pick = |form: &Form<'a>| {
            let counts = !keyword.starts_with("unevaluated") || form.has(keyword);
            form.only(&members).filter(|_| counts)
        };
        let mut answer = self.against(pair, pick(pair.old_form), pick(pair.new_form));
        let pointer = json::join(&pair.pointer, keyword);
        let message = format!("{keyword}: {} -> {}", show(old), show(new));
        let rule = format!("{}-{}", kebab(keyword), direction(old, new));
        let mut said = Said::new(&rule, pair, &pointer, message);
        if let Some(witness) = self.alone_change(pair, keyword, &answer) {
            answer = Answer::No(witness);
            said.bound = Bound::Free;
            said.reading = Some(super::alone::ALONE);
            said.message
                .push_str(" (the document contradicts itself: judged by the keyword alone)");
        }
        let inner = self.inner_changes(pair, keyword, &answer, &pointer);
        if inner.explains() {
            return inner;
        }
        self.put(pair, &answer, &said)
    }

    /// What changed in the schemas below a keyword.
    fn inner_changes(
        &mut self,
        pair: &Pair<'a>,
        keyword: &str,
        answer: &Answer,
        pointer: &str,
    ) -> Worst {
        let bound = match answer {
            Answer::Yes => Bound::Hidden,
            Answer::No(_) => pair.bound,
            Answer::Unknown(_) => Bound::Undecided,
        };
        if keyword == "anyOf" || keyword == "oneOf" {
            return self.alternative_changes(pair, keyword, pointer, bound);
        }
        let (old, new) = (pair.old_form.schema(keyword), pair.new_form.schema(keyword));
        if let (Some(Node::Written(old)), Some(Node::Written(new))) = (old, new)
            && ENTERED.contains(&keyword)
            && old.is_object()
            && new.is_object()
        {
            let bound = if answer.is_yes() {
                Bound::Hidden
            } else {
                Bound::Undecided
            };
            return self.walk(old, new, pointer, bound);
        }
        Worst::Nothing
    }

    fn type_change(&mut self, pair: &Pair<'a>) -> Worst {
        let (old, new) = (pair.old_form.types(), pair.new_form.types());
        let words = |types: Option<&[&'a str]>| {
            types.map(|types| types.iter().copied().collect::<BTreeSet<_>>())
        };
        if words(old) == words(new) {
            return Worst::Nothing;
        }
        let only = |form: &Form<'a>| form.only(&["type"]);
        let mut answer = self.against(pair, only(pair.old_form), only(pair.new_form));
        let pointer = format!("{}/type", pair.pointer);
        let (shown_old, shown_new) = (pair.old_form.entry("type"), pair.new_form.entry("type"));
        let message = format!("type {} -> {}", show(shown_old), show(shown_new));
        let rule = type_rule(&pair.old_form.kinds(), &pair.new_form.kinds());
        let mut said = Said::new(rule, pair, &pointer, message);
        if old.is_some() && new.is_some() && !answer.is_no() && self.is_dead(pair) {
            answer = self.alone(pair, "type");
            said.bound = Bound::Free;
            said.reading = Some(super::alone::ALONE);
        }
        self.put(pair, &answer, &said)
    }

    fn enum_changes(&mut self, pair: &Pair<'a>) -> Worst {
        let (old, new) = (pair.old_form.values(), pair.new_form.values());
        if old.is_none() && new.is_none() {
            return Worst::Nothing;
        }
        let only = |form: &Form<'a>| form.only(&["enum"]);
        let answer = self.against(pair, only(pair.old_form), only(pair.new_form));
        let pointer = format!("{}/enum", pair.pointer);
        let (Some(old), Some(new)) = (old, new) else {
            let rule = format!("enum-{}", action(old.is_some(), new.is_some()));
            let (shown_old, shown_new) = (pair.old_form.entry("enum"), pair.new_form.entry("enum"));
            let message = format!("enum {} -> {}", show(shown_old), show(shown_new));
            return self.put(pair, &answer, &Said::new(&rule, pair, &pointer, message));
        };
        let lacks = |values: &[&'a Value], wanted: &Value| {
            !values
                .iter()
                .any(|value| crate::equality::same_value(value, wanted))
        };
        let mut worst = Worst::Nothing;
        let gone = old
            .iter()
            .filter(|value| lacks(new, value))
            .map(|value| (*value, false));
        let come = new
            .iter()
            .filter(|value| lacks(old, value))
            .map(|value| (*value, true));
        for (value, added) in gone.chain(come).collect::<Vec<_>>() {
            let sent = added != self.is_request();
            let judged = match &answer {
                // The rest of the schema may rule a value out anyway.
                Answer::No(_) if sent && self.is_sent(pair, value) => {
                    Answer::No(Instance::read(value))
                }
                Answer::Unknown(_) if sent => answer.clone(),
                _ => Answer::Yes,
            };
            let (rule, verb) = if added {
                ("enum-value-added", "added")
            } else {
                ("enum-value-removed", "removed")
            };
            let message = format!("value {} {verb}", json::show(Some(value)));
            worst = worst.max(self.put(pair, &judged, &Said::new(rule, pair, &pointer, message)));
        }
        worst
    }
}

/// The name of the rule for a change of types.
fn type_rule(old: &Kinds<'_>, new: &Kinds<'_>) -> &'static str {
    let (gone, come) = (old.minus(new), new.minus(old));
    if come.is_only(Kind::Null) && gone.is_empty() {
        "became-nullable"
    } else if gone.is_only(Kind::Null) && come.is_empty() {
        "became-not-nullable"
    } else if gone.is_empty() {
        "type-widened"
    } else if come.is_empty() {
        "type-narrowed"
    } else {
        "type-changed"
    }
}

/// How a keyword changed, with which way a number moved.
fn direction(old: Option<&Entry<'_>>, new: Option<&Entry<'_>>) -> &'static str {
    let raised = match (old, new) {
        (Some(Entry::Number(old)), Some(Entry::Number(new))) => Some(new > old),
        (Some(Entry::Count(old)), Some(Entry::Count(new))) => Some(new > old),
        _ => None,
    };
    match raised {
        Some(true) => "raised",
        Some(false) => "lowered",
        None => action(old.is_some(), new.is_some()),
    }
}

/// A keyword's value for a person.
pub(super) fn show(entry: Option<&Entry<'_>>) -> String {
    json::show(entry.map(value_of).as_ref())
}

fn value_of(entry: &Entry<'_>) -> Value {
    let written = entry.to_value(&mut |node| {
        Some(match node {
            Node::Always => Value::Bool(true),
            Node::Never => Value::Bool(false),
            Node::Written(value) => value.clone(),
            Node::Veiled(veil) => veil.node.clone(),
            Node::Made(_) => json!({}),
        })
    });
    written.unwrap_or_default()
}
