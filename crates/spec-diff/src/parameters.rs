//! Parameters of an operation: which there are, which have to be sent, and how they are written.

mod collected;
mod defaults;
mod exploded;
mod presence;
mod received;
mod serialization;
mod values;

pub(crate) use received::compare as compare_received;

use crate::annotations;
use crate::comparison::Comparison;
use crate::finding::Finding;
use crate::json;
use crate::lifecycle;
use crate::members;
use crate::operation::{Operation, template};
use crate::report::Wire;
use collected::{Key, Parameter, collect};
use serde_json::json;
use std::collections::BTreeSet;

/// What the rules are named after.
const AREA: &str = "param";

/// What an empty object is read as that shows a break.
const READING: &str = "the parameters of one request";

/// Compares the parameters that the client sends.
pub(crate) fn compare<'a>(
    comparison: &mut Comparison<'a>,
    pointer: &str,
    old: Operation<'a>,
    new: Operation<'a>,
) {
    let mut before = collect(comparison, comparison.old, old, &template(old.path).1);
    let mut after = collect(comparison, comparison.new, new, &template(new.path).1);
    exploded::compare_forms(comparison, pointer, &mut before, &mut after);
    let keys: BTreeSet<Key<'a>> = before.keys().chain(after.keys()).cloned().collect();
    for key in &keys {
        match (before.get(key), after.get(key)) {
            (Some(old), Some(new)) => {
                let pointer = place(pointer, old.location, new.name);
                if old.is_whole() {
                    exploded::compare_wholes(comparison, &pointer, old, new);
                } else {
                    compare_pair(comparison, &pointer, old, new);
                }
            }
            (Some(old), None) => {
                let pointer = place(pointer, old.location, old.name);
                presence::removed(comparison, pointer, old);
            }
            (None, Some(new)) => {
                let pointer = place(pointer, new.location, new.name);
                presence::added(comparison, pointer, new);
            }
            (None, None) => {}
        }
    }
}

/// Where a parameter is reported: at the operation that it belongs to, wherever it is defined.
fn place(operation: &str, location: &str, name: &str) -> String {
    json::join(
        &format!("{operation}/parameters"),
        &format!("{location}:{name}"),
    )
}

fn compare_pair<'a>(
    comparison: &mut Comparison<'a>,
    pointer: &str,
    old: &Parameter<'a>,
    new: &Parameter<'a>,
) {
    let (before, after) = (old.members, new.members);
    let today = comparison.today;
    lifecycle::compare(before, after, pointer, AREA, today, &mut |finding| {
        comparison.emit(finding);
    });
    if old.name != new.name && old.location == "path" {
        let (old, new) = (old.name, new.name);
        comparison.emit(Finding::new(
            "param-path-renamed",
            Wire::None,
            json::join(pointer, "name"),
            format!("{old} -> {new}: the name of a path parameter does not travel"),
        ));
    }
    presence::compare(comparison, pointer, old, new);
    annotations::compare_description(comparison, pointer, AREA, before, after);
    compare_empty_values(comparison, pointer, old, new);
    serialization::compare(comparison, pointer, old, new);
    values::compare(comparison, pointer, old, new);
}

fn compare_empty_values(
    comparison: &mut Comparison<'_>,
    pointer: &str,
    old: &Parameter<'_>,
    new: &Parameter<'_>,
) {
    const NAME: &str = "allowEmptyValue";
    if !members::differs(old.members, new.members, NAME) {
        return;
    }
    let pointer = json::join(pointer, NAME);
    let was_allowed = old.location == "query" && json::is_true(old.members.get(NAME));
    comparison.emit(if was_allowed && !json::is_true(new.members.get(NAME)) {
        let rule = "param-empty-value-refused";
        Finding::new(
            rule,
            Wire::Breaking,
            pointer,
            "an empty value is no longer allowed",
        )
        .sent(NAME, json!(""))
    } else {
        let rule = "param-empty-value-changed";
        Finding::new(rule, Wire::Compatible, pointer, format!("{NAME} changed"))
    });
}
