//! Differences that nothing else speaks of: extensions, words at places that nobody judges, other ways to
//! say the same, what is not known here. They are listed, so that no difference goes unseen.

use crate::comparison::Comparison;
use crate::equality::same_value;
use crate::finding::Finding;
use crate::json;
use crate::report::Wire;
use serde_json::Value;
use std::collections::BTreeSet;

/// One difference: where it is, and what the two documents have there.
struct Difference<'a> {
    pointer: String,
    old: Option<&'a Value>,
    new: Option<&'a Value>,
}

pub(crate) fn list(comparison: &mut Comparison<'_>) {
    let (old, new) = (comparison.old, comparison.new);
    let mut differences = Vec::new();
    collect(old, new, String::new(), &mut differences);
    let told: BTreeSet<String> = comparison.pointers().map(str::to_owned).collect();
    for difference in differences {
        // Keywords of a schema may go by other names where they are judged: `const` as `enum`.
        let parent = parent(&difference.pointer).unwrap_or_default();
        let beside = is_in_schema(&difference.pointer) && has_below(&told, parent);
        if beside || is_told(&told, &difference.pointer) {
            continue;
        }
        let verb = match (difference.old, difference.new) {
            (None, _) => "added",
            (_, None) => "removed",
            _ => "changed",
        };
        let name = json::unescape(difference.pointer.rsplit('/').next().unwrap_or_default());
        let message = format!("{name} {verb}");
        comparison.operation = operation(&difference.pointer);
        let rule = format!("other-{verb}");
        comparison.emit(Finding::new(rule, Wire::None, &difference.pointer, message));
    }
    comparison.operation = None;
}

/// The smallest places that differ. Lists of plain values differ if they hold other values, whatever the
/// order; parameters go by their place and name.
fn collect<'a>(old: &'a Value, new: &'a Value, at: String, found: &mut Vec<Difference<'a>>) {
    let mut work = vec![(old, new, at)];
    while let Some((old, new, at)) = work.pop() {
        if same_value(old, new) {
            continue;
        }
        match (old, new) {
            (Value::Object(one), Value::Object(other)) => {
                let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
                for name in names {
                    let pointer = json::join(&at, name);
                    match (one.get(name), other.get(name)) {
                        (Some(old), Some(new)) => work.push((old, new, pointer)),
                        (old, new) => found.push(Difference { pointer, old, new }),
                    }
                }
            }
            (Value::Array(one), Value::Array(other)) => {
                if holds_all(one, other) && holds_all(other, one) && one.len() == other.len() {
                    continue;
                }
                for index in 0..one.len().max(other.len()) {
                    let (old, new) = (one.get(index), other.get(index));
                    let pointer = json::join(&at, &place(new.or(old), index));
                    match (old, new) {
                        (Some(old), Some(new)) => work.push((old, new, pointer)),
                        (old, new) => found.push(Difference { pointer, old, new }),
                    }
                }
            }
            (old, new) => found.push(Difference {
                pointer: at,
                old: Some(old),
                new: Some(new),
            }),
        }
    }
}

/// How an entry of a list is called: parameters as the changes of parameters call them.
fn place(entry: Option<&Value>, index: usize) -> String {
    let text = |name: &str| {
        entry
            .and_then(|entry| entry.get(name))
            .and_then(Value::as_str)
    };
    match (text("in"), text("name")) {
        (Some(location), Some(name)) => format!("{location}:{name}"),
        _ => index.to_string(),
    }
}

fn holds_all(one: &[Value], other: &[Value]) -> bool {
    one.iter()
        .all(|value| other.iter().any(|held| same_value(value, held)))
}

/// Steps up to which a change above a place speaks of it. What stands far above, such as that a component
/// changed, tells nothing about what did.
const REACH: usize = 2;

/// Whether a change stands at this place, a little above it, or below it.
fn is_told(told: &BTreeSet<String>, pointer: &str) -> bool {
    let mut places = std::iter::successors(Some(pointer), |place| parent(place)).take(REACH + 1);
    places.any(|place| told.contains(place)) || has_below(told, pointer)
}

fn parent(pointer: &str) -> Option<&str> {
    pointer.rsplit_once('/').map(|(parent, _)| parent)
}

fn has_below(told: &BTreeSet<String>, pointer: &str) -> bool {
    let below = format!("{pointer}/");
    let mut from = told.range(below.clone()..);
    from.next().is_some_and(|one| one.starts_with(&below))
}

fn is_in_schema(pointer: &str) -> bool {
    pointer.contains("/schema/") || pointer.starts_with("/components/schemas/")
}

/// The operation that a pointer belongs to, as `GET /v1/apps`.
fn operation(pointer: &str) -> Option<String> {
    let mut steps = pointer.strip_prefix("/paths/")?.split('/');
    let path = json::unescape(steps.next()?);
    let method = steps.next()?;
    crate::operation::METHODS
        .contains(&method)
        .then(|| format!("{} {path}", method.to_uppercase()))
}
