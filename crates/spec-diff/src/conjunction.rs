//! Several schemas that hold together, with every `allOf` opened.

use crate::form::{Node, Normal, Part, Schema};
use crate::instance::Instance;
use crate::kinds::{Kind, Kinds};
use crate::number::Number;
use std::collections::{HashSet, VecDeque};

/// Parts that are opened before the rest is left as it is.
const MOST_PARTS: usize = 200;

/// Opens every `allOf`. None if no value can be valid.
pub(crate) fn open<'a>(schemas: &[Schema<'a>]) -> Option<Vec<Part<'a>>> {
    let mut parts: Vec<Part<'a>> = Vec::new();
    let mut seen = HashSet::new();
    let mut work: Vec<Schema<'a>> = schemas.iter().rev().copied().collect();
    while let Some(schema) = work.pop() {
        let form = match schema.normal() {
            Normal::Always => continue,
            Normal::Never => return None,
            Normal::Form(form) => form,
        };
        let part = Part {
            side: schema.side,
            form,
        };
        let address = (
            std::ptr::from_ref(part.side) as usize,
            std::ptr::from_ref(form) as usize,
        );
        if !seen.insert(address) {
            continue;
        }
        parts.push(part);
        if parts.len() < MOST_PARTS {
            let inner = form.schemas("allOf").iter().rev();
            work.extend(inner.map(|node| part.at(*node)));
        }
    }
    Some(parts)
}

/// The parts as schemas.
pub(crate) fn schemas<'a>(parts: &[Part<'a>]) -> Vec<Schema<'a>> {
    parts.iter().map(|part| part.schema()).collect()
}

/// The kinds of value that all parts take.
pub(crate) fn kinds<'a>(parts: &[Part<'a>]) -> Kinds<'a> {
    let parts = parts.iter().filter(|part| part.form.has("type"));
    parts.fold(Kinds::all(), |kinds, part| kinds.and(&part.form.kinds()))
}

/// The list of values of the first part that has one.
pub(crate) fn listed_values(parts: &[Part<'_>]) -> Option<Vec<Instance>> {
    let values = parts.iter().find_map(|part| part.form.values())?;
    Some(values.iter().map(|value| Instance::read(value)).collect())
}

/// The greatest of the counts that the parts give.
pub(crate) fn least(parts: &[Part<'_>], keyword: &str) -> u64 {
    let counts = parts.iter().filter_map(|part| part.form.count(keyword));
    counts.max().unwrap_or(0)
}

/// The smallest of the counts that the parts give.
pub(crate) fn most(parts: &[Part<'_>], keyword: &str) -> Option<u64> {
    parts
        .iter()
        .filter_map(|part| part.form.count(keyword))
        .min()
}

/// The numbers that the parts give for a keyword.
pub(crate) fn numbers(parts: &[Part<'_>], keyword: &str) -> Vec<Number> {
    parts
        .iter()
        .filter_map(|part| part.form.number(keyword))
        .collect()
}

/// The names that some part requires, in their order.
pub(crate) fn required<'a>(parts: &[Part<'a>]) -> Vec<&'a str> {
    let mut names = Vec::new();
    for part in parts {
        for name in part.form.names("required") {
            if !names.contains(name) {
                names.push(*name);
            }
        }
    }
    names
}

/// The names that some part lists under `properties`, sorted.
pub(crate) fn documented<'a>(parts: &[Part<'a>]) -> Vec<&'a str> {
    let names = parts.iter().flat_map(|part| part.form.named("properties"));
    let mut names: Vec<&str> = names.map(|(name, _)| name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// What the parts say about the member `name`.
pub(crate) fn member<'a>(parts: &[Part<'a>], name: &str) -> Vec<Schema<'a>> {
    let mut schemas = Vec::new();
    for part in parts {
        let mut nodes = part.form.for_name(&part.side.workshop.patterns, name);
        if nodes.is_empty() {
            nodes.extend(rest(*part, "additionalProperties", "unevaluatedProperties"));
        }
        schemas.extend(nodes.into_iter().map(|node| part.at(node)));
    }
    schemas
}

/// What the parts say about members that neither a name nor a pattern speaks of.
pub(crate) fn other_members<'a>(parts: &[Part<'a>]) -> Vec<Schema<'a>> {
    let rests = parts.iter().filter_map(|part| {
        let node = rest(*part, "additionalProperties", "unevaluatedProperties")?;
        Some(part.at(node))
    });
    rests.collect()
}

/// What the parts say about the item at `index`.
pub(crate) fn item<'a>(parts: &[Part<'a>], index: usize) -> Vec<Schema<'a>> {
    let items = parts.iter().filter_map(|part| {
        let first = part.form.schemas("prefixItems").get(index).copied();
        let node = first.or_else(|| rest(*part, "items", "unevaluatedItems"))?;
        Some(part.at(node))
    });
    items.collect()
}

/// An index beyond every `prefixItems`.
pub(crate) const BEYOND: usize = usize::MAX;

/// What a part says about the rest: by the keyword for it, or, where nothing else can look at a
/// member of the same value, by the keyword for what is not evaluated.
fn rest<'a>(part: Part<'a>, keyword: &str, unevaluated: &str) -> Option<Node<'a>> {
    let form = part.form;
    let is_looked_at = || form.applies_others() || form.has("contains");
    let plain = form.schema(keyword);
    plain.or_else(|| form.schema(unevaluated).filter(|_| !is_looked_at()))
}

/// Every schema that speaks about the same value, `anyOf`, conditions and all.
pub(crate) fn mentions<'a>(schemas: &[Schema<'a>]) -> Vec<Part<'a>> {
    const MOST: usize = 60;
    let mut parts: Vec<Part<'a>> = Vec::new();
    let mut work: VecDeque<Schema<'a>> = schemas.iter().copied().collect();
    while let Some(schema) = work.pop_front() {
        if parts.len() >= MOST {
            break;
        }
        let Some(form) = schema.form() else {
            continue;
        };
        let part = Part {
            side: schema.side,
            form,
        };
        if parts.iter().any(|known| known.is_same(part)) {
            continue;
        }
        parts.push(part);
        for keyword in ["allOf", "anyOf", "oneOf"] {
            work.extend(form.schemas(keyword).iter().map(|node| part.at(*node)));
        }
        for keyword in ["if", "then", "else", "not"] {
            work.extend(form.schema(keyword).map(|node| part.at(node)));
        }
        let dependent = form.named("dependentSchemas");
        work.extend(dependent.map(|(_, node)| part.at(node)));
    }
    parts
}

/// Whether every part but annotations is about one kind.
pub(crate) fn has_only(parts: &[Part<'_>], kind: Kind) -> bool {
    kinds(parts).is_only(kind)
}
