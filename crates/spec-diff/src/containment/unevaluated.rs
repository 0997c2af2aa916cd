//! Obligations of what no other keyword looks at.

use super::{Checker, Problem};
use crate::conjunction::{self, BEYOND};
use crate::form::{Entry, Form, Node, Part};
use std::collections::BTreeMap;

impl<'a> Checker<'a> {
    pub(super) fn unevaluated_item_problems(
        &mut self,
        parts: &[Part<'a>],
        receiver: Part<'a>,
    ) -> Vec<Problem> {
        let form = receiver.form;
        let Some(wanted) = form.schema("unevaluatedItems") else {
            return Vec::new();
        };
        if self.leaves_the_same(parts, receiver, "unevaluatedItems") {
            return Vec::new();
        }
        if form.has("contains") || form.applies_others() {
            let reason = "unevaluatedItems depends on what other keywords evaluate";
            return vec![Problem::new(reason)];
        }
        if form.has("items") {
            return Vec::new();
        }
        let own = super::lists::own_first(parts);
        let first = form.schemas("prefixItems").len();
        let most = conjunction::most(parts, "maxItems");
        let least = conjunction::least(parts, "minItems");
        let mut problems = Vec::new();
        for index in first..=own.max(first) {
            if most.is_some_and(|most| index as u64 >= most) {
                break;
            }
            let place = if index < own { index } else { BEYOND };
            problems.extend(self.item_problem(parts, receiver, wanted, (index, place), least));
        }
        problems
    }

    pub(super) fn unevaluated_property_problems(
        &mut self,
        parts: &[Part<'a>],
        receiver: Part<'a>,
        nesting: usize,
    ) -> Vec<Problem> {
        let form = receiver.form;
        let Some(wanted) = form.schema("unevaluatedProperties") else {
            return Vec::new();
        };
        if form.has("additionalProperties")
            || receiver.at(wanted).is_always()
            || self.leaves_the_same(parts, receiver, "unevaluatedProperties")
        {
            return Vec::new();
        }
        if form.applies_others() {
            let reason = "unevaluatedProperties depends on what other keywords evaluate";
            return vec![Problem::new(reason)];
        }
        // Where nothing else looks at the members, it is the same as `additionalProperties`.
        let mut rest = Form::default().with("additionalProperties", Entry::Schema(wanted));
        for keyword in ["properties", "patternProperties"] {
            if form.has(keyword) {
                let names = form.named(keyword).map(|(name, _)| (name, Node::Always));
                let names: BTreeMap<_, _> = names.collect();
                rest = rest.with(keyword, Entry::NamedSchemas(names));
            }
        }
        let Node::Made(rest) = receiver.side.made(rest) else {
            return Vec::new();
        };
        let rest = Part {
            side: receiver.side,
            form: rest,
        };
        self.object_problems(parts, rest, nesting + 1)
    }

    /// Whether some part leaves the same places, and takes no more there.
    fn leaves_the_same(&mut self, parts: &[Part<'a>], receiver: Part<'a>, keyword: &str) -> bool {
        let Some(wanted) = receiver.form.schema(keyword) else {
            return false;
        };
        parts.iter().any(|part| {
            let own = part.form.schema(keyword);
            own.is_some_and(|own| {
                self.looks_at_the_same(*part, receiver, keyword)
                    && self
                        .contains_part(&[part.at(own)], receiver.at(wanted))
                        .is_yes()
            })
        })
    }

    fn looks_at_the_same(&mut self, part: Part<'a>, receiver: Part<'a>, keyword: &str) -> bool {
        let (one, other) = (part.form, receiver.form);
        let names = |form: &Form<'a>, keyword| -> Vec<&'a str> {
            form.named(keyword).map(|(name, _)| name).collect()
        };
        let (same_places, also) = if keyword == "unevaluatedProperties" {
            let same = ["properties", "patternProperties"]
                .into_iter()
                .all(|keyword| names(one, keyword) == names(other, keyword));
            (same, "additionalProperties")
        } else {
            let same = one.schemas("prefixItems").len() == other.schemas("prefixItems").len();
            (same && one.has("items") == other.has("items"), "contains")
        };
        let rest = [
            also,
            "allOf",
            "anyOf",
            "oneOf",
            "if",
            "then",
            "else",
            "dependentSchemas",
            "not",
        ];
        same_places
            && rest
                .into_iter()
                .all(|keyword| self.says_the_same(part, receiver, keyword))
    }
}
