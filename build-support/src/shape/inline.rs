//! References to shared parameters, answers and bodies are put in place, so that the passes behind
//! this one find every operation complete. Schemas keep their references: they become types.

use crate::{Document, operation::METHODS, pointer};
use serde_json::Value;

pub(super) fn inline_references(document: &mut Document) {
    let original = document.root().clone();
    if let Some(paths) = document.root_mut()["paths"].as_object_mut() {
        for item in paths.values_mut() {
            resolve(&original, item);
            let shared = item
                .as_object_mut()
                .and_then(|item| item.remove("parameters"));
            let shared = shared
                .and_then(|list| list.as_array().cloned())
                .unwrap_or_default();
            for method in METHODS {
                if let Some(operation) = item.get_mut(*method)
                    && operation.is_object()
                {
                    inline_operation(&original, operation, &shared);
                }
            }
        }
    }
    if let Some(components) = document
        .root_mut()
        .pointer_mut("/components")
        .and_then(Value::as_object_mut)
    {
        components.retain(|kind, _| matches!(kind.as_str(), "schemas" | "securitySchemes"));
    }
}

fn inline_operation(original: &Value, operation: &mut Value, shared: &[Value]) {
    let own = operation["parameters"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let mut parameters: Vec<Value> = Vec::new();
    for mut parameter in own.into_iter().chain(shared.iter().cloned()) {
        resolve(original, &mut parameter);
        // An operation's own parameter stands before one that its path shares.
        let same =
            |other: &Value| other["name"] == parameter["name"] && other["in"] == parameter["in"];
        if !parameters.iter().any(same) {
            parameters.push(parameter);
        }
    }
    if !parameters.is_empty() {
        operation["parameters"] = Value::Array(parameters);
    } else if let Some(operation) = operation.as_object_mut() {
        operation.remove("parameters");
    }
    if let Some(body) = operation.get_mut("requestBody") {
        resolve(original, body);
    }
    if let Some(answers) = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut)
    {
        for answer in answers.values_mut() {
            resolve(original, answer);
        }
    }
}

/// Loading has checked that references lead somewhere and not in circles.
fn resolve(original: &Value, node: &mut Value) {
    while let Some(target) = node
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|reference| pointer::resolve(original, reference))
    {
        *node = target.clone();
    }
}
