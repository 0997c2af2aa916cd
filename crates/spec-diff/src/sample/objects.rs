//! Objects: the smallest one, each property on its own, all of them, and names that no one lists.

use super::{MAX_DEPTH, Sampler, few, first_valid, sample};
use crate::conjunction::{self, documented, member, required};
use crate::form::{Part, Schema};
use crate::instance::{Instance, Members, unique};

/// Names of members beyond those that are listed.
const MOST_FRESH: usize = 16;

/// Properties that are tried on their own.
const MOST_PROPERTIES: usize = 40;

/// The object with no more members than it needs, and those that are given. None where one that it
/// needs has no value.
pub(crate) fn smallest(parts: &[Part<'_>], depth: usize, given: Members) -> Option<Members> {
    let mut object = given;
    if depth > MAX_DEPTH {
        return Some(object);
    }
    for name in required(parts) {
        if !object.contains_key(name) {
            let value = first_valid(&member(parts, name), depth + 1)?;
            object.insert(name.into(), value);
        }
    }
    // What depends on a member may itself have something that depends on it.
    for _ in 0..3 {
        for part in parts {
            for (name, needed) in part.form.named_names() {
                if object.contains_key(name) {
                    for name in needed {
                        fill(&mut object, parts, name, depth);
                    }
                }
            }
        }
    }
    let least = conjunction::least(parts, "minProperties");
    for name in documented(parts) {
        if object.len() as u64 >= least {
            break;
        }
        fill(&mut object, parts, name, depth);
    }
    for number in 0..200 {
        if object.len() as u64 >= least {
            break;
        }
        fill(&mut object, parts, &format!("k{number}"), depth);
    }
    Some(object)
}

fn fill(object: &mut Members, parts: &[Part<'_>], name: &str, depth: usize) {
    if !object.contains_key(name)
        && let Some(value) = first_valid(&member(parts, name), depth + 1)
    {
        object.insert(name.into(), value);
    }
}

impl<'a> Sampler<'a, '_> {
    pub(super) fn objects(&self) -> Vec<Instance> {
        let Some(base) = smallest(self.parts, self.depth, Members::new()) else {
            return Vec::new();
        };
        let mut objects = vec![base.clone()];
        if self.depth <= 3 {
            let mut full = base.clone();
            for name in documented(self.parts).into_iter().take(MOST_PROPERTIES) {
                let values = self.values_of(name);
                for value in &values {
                    let object = Instance::with(&base, name, value.clone());
                    let fixed = smallest(self.parts, self.depth, object.clone());
                    objects.push(fixed.unwrap_or(object));
                }
                if let Some(value) = values.into_iter().next() {
                    full.entry(name.into()).or_insert(value);
                }
            }
            objects.push(full);
            if self.depth < 3 {
                objects.extend(self.with_fresh_names(&base));
                objects.extend(self.of_sizes(&base));
            }
        }
        objects.into_iter().map(Instance::object).collect()
    }

    fn values_of(&self, name: &str) -> Vec<Instance> {
        let hints: Vec<Schema<'a>> = self
            .hints
            .iter()
            .filter_map(|hint| Some(hint.at(hint.form.named_schema("properties", name)?)))
            .collect();
        let mut values = sample(&member(self.parts, name), &hints, self.depth + 1, 6);
        values.truncate(if self.depth < 2 { 8 } else { 3 });
        values
    }

    /// Names that neither document lists, and those that only conditions speak of.
    fn with_fresh_names(&self, base: &Members) -> Vec<Members> {
        let mut fresh: Vec<String> = Vec::new();
        for part in self.hints.iter().chain(self.parts) {
            fresh.extend(names_beyond_properties(*part));
        }
        let conditional = fresh.clone();
        fresh.extend(["zz", "0", "A_", "", "x-extra", "-"].map(str::to_owned));
        let fresh = unique(fresh.iter().map(|name| Instance::text(name)).collect());
        let mut listed = documented(self.parts);
        listed.extend(documented(self.hints));
        let mut objects = Vec::new();
        for name in fresh.iter().take(MOST_FRESH) {
            let Instance::Text(name) = name else {
                continue;
            };
            let is_listed = listed.contains(&name.as_ref());
            if base.contains_key(name)
                || is_listed && !conditional.iter().any(|one| **one == **name)
            {
                continue;
            }
            let mut values = few(&member(self.parts, name), self.depth + 2, 3);
            values.truncate(4);
            let nothing = Instance::object(Members::new());
            values.extend([
                Instance::whole(0),
                Instance::text("a"),
                nothing,
                Instance::Null,
            ]);
            let values = values.into_iter().take(7);
            objects.extend(values.map(|value| Instance::with(base, name, value)));
        }
        objects
    }

    /// Objects at and around the counts of both documents.
    fn of_sizes(&self, base: &Members) -> Vec<Members> {
        let mut objects = Vec::new();
        for part in self.hints.iter().chain(self.parts) {
            for keyword in ["minProperties", "maxProperties"] {
                let Some(count) = part.form.count(keyword).filter(|count| *count < 60) else {
                    continue;
                };
                for want in [count.saturating_sub(1), count, count + 1] {
                    let mut object = base.clone();
                    for number in 0..want.saturating_sub(base.len() as u64) {
                        let name = format!("k{number}");
                        let values = few(&member(self.parts, &name), self.depth + 2, 1);
                        let value = values.into_iter().next().unwrap_or(Instance::whole(0));
                        object.insert(name.into(), value);
                    }
                    objects.push(object);
                }
            }
        }
        objects
    }
}

/// Names that a part speaks of elsewhere than under `properties`.
fn names_beyond_properties(part: Part<'_>) -> Vec<String> {
    let patterns = &part.side.workshop.patterns;
    let mut names: Vec<String> = Vec::new();
    for (pattern, _) in part.form.named("patternProperties") {
        names.extend(patterns.samples(pattern).into_iter().take(3));
    }
    let of_names = part.form.schema("propertyNames").map(|node| part.at(node));
    if let Some(pattern) = of_names.and_then(|schema| schema.form()?.text("pattern")) {
        names.extend(patterns.samples(pattern).into_iter().take(2));
    }
    names.extend(part.form.names("required").iter().map(ToString::to_string));
    names.extend(part.form.named_names().map(|(name, _)| name.to_owned()));
    let dependent = part.form.named("dependentSchemas");
    let mut inner = Vec::new();
    for (name, node) in dependent {
        names.push(name.to_owned());
        inner.push(node);
    }
    let conditions = ["then", "else", "not", "if"];
    inner.extend(
        conditions
            .into_iter()
            .filter_map(|keyword| part.form.schema(keyword)),
    );
    for node in inner {
        if let Some(form) = part.at(node).form() {
            names.extend(form.named("properties").map(|(name, _)| name.to_owned()));
        }
    }
    names
}
