//! What a server assumes for a parameter that is left out. It is part of what such a request means,
//! so that another default breaks a client that relies on it.

use super::collected::Parameter;
use crate::comparison::Comparison;
use crate::equality::same_value;
use crate::finding::Finding;
use crate::json;
use crate::members;
use crate::report::Wire;
use serde_json::{Value, json};

pub(super) fn compare<'a>(
    comparison: &mut Comparison<'a>,
    pointer: &str,
    old: &Parameter<'a>,
    new: &Parameter<'a>,
) {
    let before = default(comparison.old, old);
    let after = default(comparison.new, new);
    let event = match (before, after) {
        (Some(before), Some(after)) if !same_value(before, after) => "changed",
        (None, Some(_)) => "added",
        (Some(_), None) => "removed",
        _ => return,
    };
    let pointer = format!("{pointer}/schema/default");
    if old.required || new.required || old.location == "path" {
        comparison.emit(Finding::new(
            "param-default-changed",
            Wire::Compatible,
            pointer,
            "the default counts for nothing: the parameter is always sent",
        ));
        return;
    }
    let (before, after) = (json::show(before), json::show(after));
    let meaning = format!("a request without {} now means something else", new.name);
    let finding = Finding::new(
        format!("param-default-{event}"),
        Wire::Breaking,
        pointer,
        format!("default {before} -> {after}: {meaning}"),
    );
    comparison.emit(finding.sent(
        "a request without the parameter changes its meaning",
        json!({}),
    ));
}

fn default<'a>(document: &'a Value, parameter: &Parameter<'a>) -> Option<&'a Value> {
    members::resolved(document, parameter.schema)?.get("default")
}
