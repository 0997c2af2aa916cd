//! Schemas that provably have no value, alone or together.

use super::Checker;
use crate::conjunction::{self, has_only, member, required};
use crate::evaluate::{OneOf, is_valid_for_all};
use crate::form::{Part, Schema};
use crate::instance::Instance;
use crate::kinds::Kind;

/// Alternatives of a union that is looked into.
const MOST_ALTERNATIVES: usize = 12;

impl<'a> Checker<'a> {
    /// Whether no value is valid for all parts. False where it is not certain.
    pub(super) fn is_empty(&mut self, parts: &[Part<'a>], depth: usize) -> bool {
        if conjunction::kinds(parts).is_empty() || lists_nothing(parts) || has_crossed_bounds(parts)
        {
            return true;
        }
        if depth < 6 && has_only(parts, Kind::Object) {
            for name in required(parts) {
                let empty = match conjunction::open(&member(parts, name)) {
                    None => true,
                    Some(member) => self.is_empty(&member, depth + 3),
                };
                if empty {
                    return true;
                }
            }
        }
        has_only(parts, Kind::List) && self.lacks_contained(parts)
    }

    /// Whether `contains` asks for an item that `items` rules out.
    fn lacks_contained(&mut self, parts: &[Part<'a>]) -> bool {
        let plain = parts
            .iter()
            .filter(|part| part.form.schemas("prefixItems").is_empty());
        let items = plain.filter_map(|part| Some(part.at(part.form.schema("items")?)));
        let items: Vec<Schema<'a>> = items.collect();
        if items.is_empty() {
            return false;
        }
        parts.iter().any(|part| {
            let contained = part.form.schema("contains").map(|node| part.at(node));
            let wanted = part.form.count("minContains").unwrap_or(1) > 0;
            wanted && contained.is_some_and(|contained| self.are_disjoint(&items, contained, 0))
        })
    }

    /// Whether no value is valid for all of `schemas` and for `other`. False where it is not certain.
    pub(super) fn are_disjoint(
        &mut self,
        schemas: &[Schema<'a>],
        other: Schema<'a>,
        depth: usize,
    ) -> bool {
        if depth > 3 {
            return false;
        }
        let mut both = schemas.to_vec();
        both.push(other);
        let Some(parts) = conjunction::open(&both) else {
            return true;
        };
        if self.is_empty(&parts, 1) {
            return true;
        }
        for part in &parts {
            if let Some(excluded) = part.form.schema("not") {
                let is_part = |schema: &Schema<'a>| {
                    schema
                        .form()
                        .is_some_and(|form| std::ptr::eq(form, part.form))
                };
                let others: Vec<Schema<'a>> = both
                    .iter()
                    .copied()
                    .filter(|schema| !is_part(schema))
                    .collect();
                if self.contains_at(&others, part.at(excluded), 20).is_yes() {
                    return true;
                }
            }
        }
        parts.iter().enumerate().any(|(index, part)| {
            ["anyOf", "oneOf"].into_iter().any(|keyword| {
                let nodes = part.form.schemas(keyword);
                if nodes.is_empty() || nodes.len() > MOST_ALTERNATIVES {
                    return false;
                }
                let others = parts
                    .iter()
                    .enumerate()
                    .filter(|(other, _)| *other != index);
                let others: Vec<Schema<'a>> = others.map(|(_, part)| part.schema()).collect();
                let base = part.form.without(|name| name == keyword || name == "allOf");
                let base = part.at(part.side.made(base));
                nodes.iter().all(|node| {
                    let mut schemas = others.clone();
                    schemas.push(part.at(*node));
                    self.are_disjoint(&schemas, base, depth + 1)
                })
            })
        })
    }
}

/// Whether no listed value is in every list, and valid for all parts.
fn lists_nothing(parts: &[Part<'_>]) -> bool {
    let Some(values) = conjunction::listed_values(parts) else {
        return false;
    };
    // As text, a listed value is valid in other forms as well.
    if parts.iter().any(|part| part.side.is_text()) {
        let lists = parts.iter().filter_map(|part| part.form.values());
        let lists: Vec<Vec<Instance>> = lists
            .map(|values| values.iter().map(|value| Instance::read(value)).collect())
            .collect();
        return !values
            .iter()
            .any(|value| lists.iter().all(|list| list.contains(value)));
    }
    let schemas = conjunction::schemas(parts);
    !values
        .iter()
        .any(|value| is_valid_for_all(&schemas, value, OneOf::AtLeast))
}

/// Whether the least that is allowed lies above the most.
fn has_crossed_bounds(parts: &[Part<'_>]) -> bool {
    let kinds = conjunction::kinds(parts);
    if kinds.is_numeric() {
        let bounds = |keywords: [&str; 2]| {
            keywords
                .map(|keyword| conjunction::numbers(parts, keyword))
                .concat()
        };
        let least = bounds(["minimum", "exclusiveMinimum"]).into_iter().max();
        let most = bounds(["maximum", "exclusiveMaximum"]).into_iter().min();
        if let (Some(least), Some(most)) = (least, most)
            && least > most
        {
            return true;
        }
    }
    let crossed = |kind, least, most| {
        kinds.is_only(kind)
            && conjunction::most(parts, most)
                .is_some_and(|most| conjunction::least(parts, least) > most)
    };
    crossed(Kind::Text, "minLength", "maxLength")
        || crossed(Kind::List, "minItems", "maxItems")
        || crossed(Kind::Object, "minProperties", "maxProperties")
}
