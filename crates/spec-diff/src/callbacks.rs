//! Requests that the server sends because of an operation.

use crate::caller::Caller;
use crate::comparison::Comparison;
use crate::finding::Finding;
use crate::json;
use crate::lifecycle;
use crate::members::{self, Object};
use crate::operation::{METHODS, Operation, Pair};
use crate::report::Wire;
use serde_json::{Value, json};

/// Compares which callbacks an operation makes, and returns those that it makes in both documents.
pub(crate) fn compare<'a>(comparison: &mut Comparison<'a>, pair: &Pair<'a>) -> Vec<Pair<'a>> {
    let before = json::object(pair.old.members.get("callbacks"));
    let after = json::object(pair.new.members.get("callbacks"));
    let mut pairs = Vec::new();
    for name in members::names(before, after) {
        let pointer = json::join(&format!("{}/callbacks", pair.pointer), name);
        let old = resolved(comparison.old, before.get(name));
        let new = resolved(comparison.new, after.get(name));
        for expression in members::names(old, new) {
            let pointer = json::join(&pointer, expression);
            let old = resolved(comparison.old, old.get(expression));
            let new = resolved(comparison.new, new.get(expression));
            for method in METHODS {
                let pointer = json::join(&pointer, method);
                let in_document = |item: &'a Object| {
                    let members = item.get(method).and_then(Value::as_object)?;
                    Some(Operation {
                        path: expression,
                        item,
                        members,
                    })
                };
                match (in_document(old), in_document(new)) {
                    (Some(old), Some(new)) => pairs.push(Pair {
                        pointer,
                        caller: Caller::Server,
                        old,
                        new,
                    }),
                    (Some(old), None) => removed(comparison, pointer, name, old),
                    (None, Some(_)) => comparison.emit(Finding::new(
                        "callback-added",
                        Wire::Compatible,
                        pointer,
                        format!("callback {name} {expression} added"),
                    )),
                    (None, None) => {}
                }
            }
        }
    }
    pairs
}

fn resolved<'a>(document: &'a Value, value: Option<&'a Value>) -> &'a Object {
    json::object(value.map(|value| json::resolve(document, value)))
}

fn removed(comparison: &mut Comparison<'_>, pointer: String, name: &str, callback: Operation<'_>) {
    let (wire, why) = lifecycle::removal(callback.members, comparison.today);
    let expression = callback.path;
    let message = format!("callback {name} {expression} removed: {why}");
    let finding = Finding::new("callback-removed", wire, pointer, message);
    comparison.emit(finding.sent("callbacks that are made", json!(expression)));
}
