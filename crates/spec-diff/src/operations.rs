//! The walk over two documents: operations are matched by path and method, whatever the names of
//! path parameters are, and compared part by part.

use crate::annotations;
use crate::bodies;
use crate::callbacks;
use crate::caller::Caller;
use crate::comparison::Comparison;
use crate::components;
use crate::document;
use crate::finding::Finding;
use crate::json;
use crate::lifecycle;
use crate::members::{self, Object};
use crate::operation::{METHODS, Operation, Pair, template};
use crate::parameters;
use crate::report::Wire;
use crate::responses;
use crate::security;
use crate::servers;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};

/// Members of an operation that do not travel, and the rule for each.
const ANNOTATIONS: [(&str, &str); 5] = [
    ("operationId", "operation-id-changed"),
    ("tags", "operation-tags-changed"),
    ("summary", "annotation-changed"),
    ("description", "annotation-changed"),
    ("externalDocs", "annotation-changed"),
];

/// By path, the names of its parameters taken out, and by method.
type Table<'a> = BTreeMap<(String, &'static str), Operation<'a>>;

/// Compares all that the documents say.
pub(crate) fn compare_all(comparison: &mut Comparison<'_>) {
    document::compare(comparison);
    compare_section(comparison, "paths", Caller::Client);
    compare_section(comparison, "webhooks", Caller::Server);
    security::compare_schemes(comparison);
    components::compare(comparison);
}

/// The operations of a section. Of two paths with equal templates the first one counts.
fn table<'a>(document: &'a Value, section: &str, caller: Caller) -> Table<'a> {
    let mut table = Table::new();
    for (path, item) in json::object(document.get(section)) {
        let item = json::object(Some(json::resolve(document, item)));
        for method in METHODS {
            let Some(members) = item.get(method).and_then(Value::as_object) else {
                continue;
            };
            let name = if caller.is_server() {
                path.clone()
            } else {
                template(path).0
            };
            table.entry((name, method)).or_insert(Operation {
                path,
                item,
                members,
            });
        }
    }
    table
}

fn compare_section(comparison: &mut Comparison<'_>, section: &str, caller: Caller) {
    let before = table(comparison.old, section, caller);
    let after = table(comparison.new, section, caller);
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    for key in keys {
        let (old, new) = (before.get(key).copied(), after.get(key).copied());
        let Some(named) = new.or(old) else {
            continue;
        };
        let name = format!("{} {}", key.1.to_uppercase(), named.path);
        let path_pointer = format!("/{section}/{}", json::escape(named.path));
        let pointer = json::join(&path_pointer, key.1);
        comparison.operation = Some(name.clone());
        match (old, new) {
            (Some(old), Some(new)) => {
                comparison.lenient = !lifecycle::promised(old.members);
                if old.path != new.path {
                    let (old, new) = (old.path, new.path);
                    comparison.emit(Finding::new(
                        "path-parameter-names-changed",
                        Wire::None,
                        path_pointer,
                        format!("{old} -> {new}: names of path parameters do not travel"),
                    ));
                }
                compare_with_callbacks(
                    comparison,
                    Pair {
                        pointer,
                        caller,
                        old,
                        new,
                    },
                );
                comparison.lenient = false;
            }
            (Some(old), None) => removed(comparison, pointer, &name, old.members, caller),
            (None, _) => comparison.emit(Finding::new(
                format!("{}-added", caller.area()),
                Wire::Compatible,
                pointer,
                format!("{name} added"),
            )),
        }
    }
    comparison.operation = None;
}

fn removed(
    comparison: &mut Comparison<'_>,
    pointer: String,
    name: &str,
    operation: &Object,
    caller: Caller,
) {
    let rule = format!("{}-removed", caller.area());
    let finding = if lifecycle::promised(operation) {
        let (wire, why) = lifecycle::removal(operation, comparison.today);
        Finding::new(rule, wire, pointer, format!("{name} removed: {why}"))
            .sent("requests that are answered", json!(name))
    } else {
        let level = members::text(operation, "x-stability-level").unwrap_or_default();
        Finding::new(rule, Wire::Unknown, pointer, format!("{name} removed")).because(format!(
            "the old document marks it {level}: no compatibility is promised"
        ))
    };
    comparison.emit(finding);
}

/// An operation and the callbacks below it, each pair once: a callback may refer to itself.
fn compare_with_callbacks<'a>(comparison: &mut Comparison<'a>, pair: Pair<'a>) {
    let mut seen = HashSet::new();
    let mut pending = VecDeque::from([pair]);
    while let Some(pair) = pending.pop_front() {
        if seen.insert(pair.places()) {
            compare_pair(comparison, &pair);
            pending.extend(callbacks::compare(comparison, &pair));
        }
    }
}

fn compare_pair<'a>(comparison: &mut Comparison<'a>, pair: &Pair<'a>) {
    let Pair {
        pointer,
        caller,
        old,
        new,
    } = pair;
    let (before, after) = (old.members, new.members);
    // Without a promise of compatibility, the marks that say so still count.
    let lenient = std::mem::take(&mut comparison.lenient);
    let today = comparison.today;
    lifecycle::compare(
        before,
        after,
        pointer,
        caller.area(),
        today,
        &mut |finding| {
            comparison.emit(finding);
        },
    );
    comparison.lenient = lenient;
    annotations::compare(comparison, pointer, before, after, &ANNOTATIONS);
    servers::compare(comparison, pointer, before, after);
    match caller {
        Caller::Client => {
            parameters::compare(comparison, pointer, *old, *new);
            security::compare(comparison, pointer, before, after);
        }
        Caller::Server => parameters::compare_received(comparison, pointer, *old, *new),
    }
    bodies::compare(comparison, pointer, before, after, *caller);
    responses::compare(comparison, pointer, before, after, *caller);
    annotations::compare_extensions(comparison, pointer, before, after);
}
