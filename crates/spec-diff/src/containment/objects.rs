//! Obligations of objects: what has to be there, how much, and what the members are.

use super::{Answer, Checker, Problem, refuting};
use crate::conjunction::{self, documented, member, mentions, other_members, required, schemas};
use crate::form::{Form, Node, Part, Schema};
use crate::instance::{Instance, Members};
use crate::sample::{few, smallest};
use std::collections::BTreeSet;

/// What is known about the names of the sender's members.
pub(super) struct Names<'a> {
    /// Listed or required.
    pub(super) documented: Vec<&'a str>,
    /// There are no others.
    pub(super) closed: bool,
}

impl<'a> Names<'a> {
    fn of(parts: &[Part<'a>]) -> Self {
        let mut names: BTreeSet<&str> = documented(parts).into_iter().collect();
        names.extend(required(parts));
        let closes = |part: &Part<'a>| {
            let rest = part
                .form
                .schema("additionalProperties")
                .map(|node| part.at(node));
            let never =
                rest.is_some_and(|rest| matches!(rest.normal(), crate::form::Normal::Never));
            never && part.form.named("patternProperties").next().is_none()
        };
        Self {
            documented: names.into_iter().collect(),
            closed: parts.iter().any(closes),
        }
    }
}

impl<'a> Checker<'a> {
    pub(super) fn object_problems(
        &mut self,
        parts: &[Part<'a>],
        receiver: Part<'a>,
        nesting: usize,
    ) -> Vec<Problem> {
        let form = receiver.form;
        let mut problems = Vec::new();
        let needed = required(parts);
        let missing = form
            .names("required")
            .iter()
            .filter(|name| !needed.contains(name));
        let missing: Vec<&str> = missing.copied().collect();
        if !missing.is_empty() {
            let reason = format!("required property {} may be missing", missing.join(", "));
            let object = smallest(parts, 1, Members::new()).map(Instance::object);
            let shown = object.iter().cloned().collect();
            problems.push(Problem::shown(reason, shown));
            if refuting(&schemas(parts), receiver.schema(), object.iter()).is_some() {
                return problems;
            }
        }
        let names = Names::of(parts);
        problems.extend(count_problems(parts, form, &names, needed.len()));
        problems.extend(self.property_problems(parts, receiver, &names));
        problems.extend(self.name_problems(parts, receiver, &names));
        problems.extend(required_together(parts, form, &names, &needed));
        problems.extend(self.dependent_problems(parts, receiver, &names, nesting));
        problems.extend(self.unevaluated_property_problems(parts, receiver, nesting));
        problems
    }

    fn dependent_problems(
        &mut self,
        parts: &[Part<'a>],
        receiver: Part<'a>,
        names: &Names<'a>,
        nesting: usize,
    ) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (name, node) in receiver.form.named("dependentSchemas") {
            let wanted = receiver.at(node);
            let own = parts.iter().filter_map(|part| {
                let own = part.form.named_schema("dependentSchemas", name)?;
                Some(part.at(own))
            });
            let own: Vec<Schema<'a>> = own.collect();
            let implied = own
                .into_iter()
                .any(|own| self.contains_at(&[own], wanted, nesting + 1).is_yes());
            if implied || names.closed && !names.documented.contains(&name) {
                continue;
            }
            let answer = self.within_condition(|checker| {
                checker.contains_at(&schemas(parts), wanted, nesting + 1)
            });
            match answer {
                Answer::Yes => {}
                Answer::No(Instance::Object(members)) => {
                    let mut values = few(&member(parts, name), 3, 3);
                    if values.is_empty() {
                        values.push(Instance::text("a"));
                    }
                    let with =
                        |value: Instance| Instance::object(Instance::with(&members, name, value));
                    let objects = values.into_iter().take(3).map(with).collect();
                    let reason = format!("presence of {name} adds constraints");
                    problems.push(Problem::shown(reason, objects));
                }
                Answer::No(_) => {
                    problems.push(Problem::new(format!("presence of {name} adds constraints")));
                }
                Answer::Unknown(reason) => problems.push(Problem::new(reason)),
            }
        }
        problems
    }

    fn property_problems(
        &mut self,
        parts: &[Part<'a>],
        receiver: Part<'a>,
        names: &Names<'a>,
    ) -> Vec<Problem> {
        let mut problems = Vec::new();
        for name in self.names_to_compare(parts, receiver, names) {
            let own = member(parts, name);
            for wanted in wanted_of(receiver, name) {
                if wanted.is_always() {
                    continue;
                }
                match self.contains_part(&own, wanted) {
                    Answer::Yes => {}
                    Answer::No(witness) => {
                        let objects = embedded(parts, name, witness);
                        let shown =
                            refuting(&schemas(parts), receiver.schema(), &objects).is_some();
                        problems.push(Problem::shown(format!("property {name}"), objects));
                        if shown {
                            return problems;
                        }
                    }
                    Answer::Unknown(reason) => {
                        problems.push(Problem::settled(format!("property {name}: {reason}")));
                    }
                }
            }
        }
        if !names.closed {
            problems.extend(self.other_member_problems(parts, receiver));
        }
        problems
    }

    /// The names that both sides can use, plain values first: they decide soonest.
    ///
    /// A name that only the receiver lists is one that the sender does not use. Objects of JSON Schema
    /// are open, so otherwise each new optional property would break; within a condition such a name
    /// is content, and counts.
    fn names_to_compare(
        &self,
        parts: &[Part<'a>],
        receiver: Part<'a>,
        names: &Names<'a>,
    ) -> Vec<&'a str> {
        let listed: Vec<&str> = receiver
            .form
            .named("properties")
            .map(|(name, _)| name)
            .collect();
        let news = listed.iter().any(|name| !names.documented.contains(name));
        let mentioned: BTreeSet<&str> = if news {
            documented(&mentions(&schemas(parts))).into_iter().collect()
        } else {
            BTreeSet::new()
        };
        let used = |name: &&'a str| {
            names.documented.contains(name)
                || mentioned.contains(name)
                || self.conditions > 0
                || member(parts, name).iter().any(|schema| !schema.is_always())
        };
        let mut all: BTreeSet<&str> = names.documented.iter().copied().collect();
        all.extend(listed);
        let mut all: Vec<&str> = all.into_iter().filter(used).collect();
        all.sort_by_key(|name| {
            let node = receiver.form.named_schema("properties", name);
            node.is_some_and(|node| is_nested(receiver.at(node)))
        });
        all
    }

    /// Members that no name speaks of.
    fn other_member_problems(&mut self, parts: &[Part<'a>], receiver: Part<'a>) -> Vec<Problem> {
        let form = receiver.form;
        let patterns = &receiver.side.workshop.patterns;
        let mut problems = Vec::new();
        let others = other_members(parts);
        let rest = form
            .schema("additionalProperties")
            .map(|node| receiver.at(node));
        let rest = rest.filter(|rest| !rest.is_always());
        if let Some(rest) = rest {
            match self.contains_part(&others, rest) {
                Answer::Yes => {}
                Answer::No(witness) => {
                    let objects = embedded(parts, &fresh_name(parts, receiver), witness);
                    let reason = "undocumented properties are not accepted";
                    problems.push(Problem::shown(reason, objects));
                }
                Answer::Unknown(reason) => problems.push(Problem::new(reason)),
            }
        }
        let mut under_pattern = |checker: &mut Self, own: &[Schema<'a>], wanted, pattern: &str| {
            let answer = checker.contains_part(own, wanted);
            if answer.is_yes() {
                return;
            }
            let mut objects = Vec::new();
            if let Answer::No(witness) = answer {
                for name in patterns.samples(pattern).into_iter().take(3) {
                    objects.extend(embedded(parts, &name, witness.clone()));
                }
            }
            problems.push(Problem::shown(
                format!("properties under pattern {pattern}"),
                objects,
            ));
        };
        for part in parts {
            for (pattern, node) in part.form.named("patternProperties") {
                let same = form.named_schema("patternProperties", pattern);
                let wanted: Vec<Schema<'a>> = if let Some(same) = same {
                    vec![receiver.at(same)]
                } else {
                    let all = form.named("patternProperties");
                    all.map(|(_, node)| receiver.at(node)).chain(rest).collect()
                };
                for wanted in wanted {
                    under_pattern(self, &[part.at(node)], wanted, pattern);
                }
            }
        }
        for (pattern, node) in form.named("patternProperties") {
            let wanted = receiver.at(node);
            let own = |part: &Part<'a>| {
                part.form
                    .named_schema("patternProperties", pattern)
                    .is_some()
            };
            if !wanted.is_always() && !parts.iter().any(own) {
                under_pattern(self, &others, wanted, pattern);
            }
        }
        problems
    }
}

fn count_problems(
    parts: &[Part<'_>],
    receiver: &Form<'_>,
    names: &Names<'_>,
    needed: usize,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let least = conjunction::least(parts, "minProperties").max(needed as u64);
    let all = names.closed.then_some(names.documented.len() as u64);
    let most = conjunction::most(parts, "maxProperties").or(all);
    if receiver
        .count("minProperties")
        .is_some_and(|taken| taken > least)
    {
        problems.push(Problem::new("fewer properties are not accepted"));
    }
    if let Some(taken) = receiver.count("maxProperties")
        && most.is_none_or(|most| most > taken)
    {
        problems.push(Problem::new("more properties are not accepted"));
    }
    problems
}

/// Names that have to come together with another one.
fn required_together(
    parts: &[Part<'_>],
    receiver: &Form<'_>,
    names: &Names<'_>,
    needed: &[&str],
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, together) in receiver.named_names() {
        let wanted = together.iter().filter(|other| !needed.contains(other));
        let wanted: Vec<&str> = wanted.copied().collect();
        let implied = parts.iter().any(|part| {
            let mut own = part.form.named_names();
            own.any(|(own, together)| {
                own == name && wanted.iter().all(|name| together.contains(name))
            })
        });
        let never_there = names.closed && !names.documented.contains(&name);
        if !wanted.is_empty() && !implied && !never_there {
            problems.push(Problem::new(format!(
                "{name} requires {}",
                wanted.join(", ")
            )));
        }
    }
    problems
}

/// What the receiver says about a member.
fn wanted_of<'a>(receiver: Part<'a>, name: &str) -> Vec<Schema<'a>> {
    let form = receiver.form;
    let mut wanted = form.for_name(&receiver.side.workshop.patterns, name);
    if wanted.is_empty() {
        wanted.extend(form.schema("additionalProperties"));
    }
    wanted.into_iter().map(|node| receiver.at(node)).collect()
}

/// Whether a schema leads to others.
fn is_nested(schema: Schema<'_>) -> bool {
    const LEADING: [&str; 6] = [
        "properties",
        "items",
        "allOf",
        "anyOf",
        "oneOf",
        "additionalProperties",
    ];
    let refers = matches!(schema.node, Node::Written(value) if value.get("$ref").is_some());
    let leads = |form: &Form<'_>| LEADING.iter().any(|keyword| form.has(keyword));
    refers || schema.form().is_some_and(leads)
}

/// The smallest object with a member.
pub(super) fn embedded(parts: &[Part<'_>], name: &str, value: Instance) -> Vec<Instance> {
    let given = Instance::with(&Members::new(), name, value);
    smallest(parts, 1, given)
        .map(Instance::object)
        .into_iter()
        .collect()
}

/// A name that neither side speaks of.
fn fresh_name(parts: &[Part<'_>], receiver: Part<'_>) -> String {
    let patterns = &receiver.side.workshop.patterns;
    let taken = documented(parts);
    let is_fresh =
        |name: &&str| !taken.contains(name) && receiver.form.for_name(patterns, name).is_empty();
    let mut names = ["extra", "x-extra", "zz", "zzzz"].into_iter();
    names.find(is_fresh).unwrap_or("zz_zz").to_owned()
}
