//! Values that may be valid for several schemas at once. Whoever asks checks them.
//!
//! Hints come from the other document: its bounds, names and values suggest where the two part.

mod lists;
mod numbers;
mod objects;
mod texts;

pub(crate) use objects::smallest;

use crate::conjunction;
use crate::evaluate::{READINGS, is_valid_for_all};
use crate::form::{Node, Part, Schema};
use crate::instance::{Instance, unique};
use crate::kinds::{KINDS, Kind};

const MAX_DEPTH: usize = 7;

/// How many choices of alternatives are tried.
const MOST_CHOICES: usize = 6;

/// Values of the empty schema.
fn of_everything() -> Vec<Instance> {
    let object =
        |name: &str| Instance::object([(name.into(), Instance::whole(0))].into_iter().collect());
    let half = crate::number::Number::of(0.5).map(Instance::Number);
    let mut values = vec![
        Instance::object(std::collections::BTreeMap::new()),
        Instance::text("a"),
        Instance::whole(0),
        Instance::list(Vec::new()),
        Instance::Boolean(true),
        Instance::Null,
    ];
    values.extend(half);
    values.extend([
        Instance::text("A b"),
        Instance::whole(-7),
        Instance::list(vec![Instance::whole(0)]),
        object("k"),
    ]);
    values
}

/// What a sampler knows while it works on one value.
struct Sampler<'a, 'l> {
    parts: &'l [Part<'a>],
    hints: &'l [Part<'a>],
    depth: usize,
}

/// Values for the schemas, the simplest first.
pub(crate) fn samples<'a>(schemas: &[Schema<'a>], hints: &[Schema<'a>]) -> Vec<Instance> {
    sample(schemas, hints, 0, 24)
}

/// The same further in.
fn sample<'a>(
    schemas: &[Schema<'a>],
    hints: &[Schema<'a>],
    depth: usize,
    limit: usize,
) -> Vec<Instance> {
    let Some(parts) = conjunction::open(schemas) else {
        return Vec::new();
    };
    let hints = if depth <= 3 {
        conjunction::mentions(hints)
    } else {
        Vec::new()
    };
    if parts.is_empty() && hints.is_empty() {
        let mut values = of_everything();
        values.truncate(limit);
        return values;
    }
    if let Some(values) = conjunction::listed_values(&parts) {
        return cut(unique(values), limit * 4);
    }
    let mut found = Vec::new();
    for choice in choices(&parts, MOST_CHOICES) {
        if choice.is_empty() {
            found.extend(plain(&parts, &hints, depth, limit));
        } else if depth < MAX_DEPTH {
            let mut chosen = schemas.to_vec();
            chosen.extend(choice);
            if let Some(parts) = conjunction::open(&chosen) {
                found.extend(plain(&parts, &hints, depth, limit));
            }
        }
    }
    cut(unique(found), limit * 3)
}

/// A few values for the schemas, where no other document gives hints.
pub(crate) fn few(schemas: &[Schema<'_>], depth: usize, limit: usize) -> Vec<Instance> {
    sample(schemas, &[], depth, limit)
}

/// The first value that is valid for all schemas.
pub(crate) fn first_valid(schemas: &[Schema<'_>], depth: usize) -> Option<Instance> {
    let values = sample(schemas, &[], depth, 24);
    let mut readings = READINGS.into_iter();
    readings.find_map(|one_of| {
        let mut values = values.iter();
        values
            .find(|value| is_valid_for_all(schemas, value, one_of))
            .cloned()
    })
}

fn cut(mut values: Vec<Instance>, limit: usize) -> Vec<Instance> {
    values.truncate(limit);
    values
}

/// Choices of one alternative from each union: by turns, then the same place from each. One empty
/// choice if there is no union.
fn choices<'a>(parts: &[Part<'a>], want: usize) -> Vec<Vec<Schema<'a>>> {
    let mut unions: Vec<Vec<Schema<'a>>> = Vec::new();
    for part in parts {
        for keyword in ["anyOf", "oneOf"] {
            let nodes = part.form.schemas(keyword);
            if !nodes.is_empty() {
                unions.push(nodes.iter().map(|node| part.at(*node)).collect());
            }
        }
    }
    for part in parts.iter().filter(|part| part.form.has("if")) {
        let branch = |keyword| part.at(part.form.schema(keyword).unwrap_or(Node::Always));
        unions.push(vec![branch("then"), branch("else")]);
    }
    let Some(width) = unions.iter().map(Vec::len).max() else {
        return vec![Vec::new()];
    };
    let turns = width.min(want);
    let by_turns = (0..turns).map(|turn| {
        let each = unions.iter().enumerate();
        each.map(|(place, union)| union[(turn + place) % union.len()])
            .collect()
    });
    let in_step = (1..turns).map(|turn| {
        let each = unions.iter();
        each.map(|union| union[turn.min(union.len() - 1)]).collect()
    });
    by_turns.chain(in_step).collect()
}

/// Values for parts whose alternatives are chosen, kind by kind.
fn plain<'a>(parts: &[Part<'a>], hints: &[Part<'a>], depth: usize, limit: usize) -> Vec<Instance> {
    if let Some(values) = conjunction::listed_values(parts) {
        return cut(unique(values), limit);
    }
    let opened = with_inner_choice(parts, depth);
    let parts = opened.as_deref().unwrap_or(parts);
    if let Some(values) = conjunction::listed_values(parts) {
        return cut(unique(values), limit);
    }
    let mut found: Vec<Instance> = Vec::new();
    for hint in hints {
        let values = hint.form.values().unwrap_or(&[]);
        found.extend(values.iter().take(4).map(|value| Instance::read(value)));
    }
    let kinds = conjunction::kinds(parts);
    let mut order: Vec<Kind> = kinds.iter().collect();
    if order.len() == KINDS.len() {
        let told = told_kinds(parts);
        order.retain(|kind| !told.contains(kind));
        order.splice(0..0, told);
    }
    let sampler = Sampler {
        parts,
        hints,
        depth,
    };
    for kind in order {
        match kind {
            Kind::Object => found.extend(sampler.objects()),
            Kind::List => found.extend(sampler.lists()),
            Kind::Text => found.extend(cut(sampler.texts(), limit)),
            Kind::Whole | Kind::Fraction => found.extend(cut(sampler.numbers(kind), limit)),
            Kind::Boolean => found.extend([true, false].map(Instance::Boolean)),
            Kind::Null => found.push(Instance::Null),
        }
    }
    found
}

/// The parts with the first choice from unions that the chosen alternatives brought in.
fn with_inner_choice<'a>(parts: &[Part<'a>], depth: usize) -> Option<Vec<Part<'a>>> {
    if depth >= MAX_DEPTH {
        return None;
    }
    let choice = choices(parts, 1).into_iter().next()?;
    let is_new = |schema: &Schema<'a>| {
        let form = schema.form();
        form.is_some_and(|form| !parts.iter().any(|part| std::ptr::eq(part.form, form)))
    };
    let new: Vec<Schema<'a>> = choice.into_iter().filter(is_new).collect();
    if new.is_empty() {
        return None;
    }
    let mut schemas = conjunction::schemas(parts);
    schemas.extend(new);
    conjunction::open(&schemas)
}

/// The kinds that the keywords speak of, where no type is given.
fn told_kinds(parts: &[Part<'_>]) -> Vec<Kind> {
    const TELLING: [(&str, Kind); 11] = [
        ("properties", Kind::Object),
        ("required", Kind::Object),
        ("additionalProperties", Kind::Object),
        ("items", Kind::List),
        ("prefixItems", Kind::List),
        ("contains", Kind::List),
        ("pattern", Kind::Text),
        ("minLength", Kind::Text),
        ("maxLength", Kind::Text),
        ("minimum", Kind::Whole),
        ("maximum", Kind::Whole),
    ];
    let mut told = Vec::new();
    for part in parts {
        for (keyword, kind) in TELLING {
            if part.form.has(keyword) && !told.contains(&kind) {
                told.push(kind);
            }
        }
    }
    told
}
