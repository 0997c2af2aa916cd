//! Schemas that mean themselves: `A` is one of `B` and `A`. Nothing fits them that would not fit
//! without, and the generator follows them for ever.

use super::Lowering;
use crate::{Rule, pointer};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Cuts every reference by which a component leads back to itself through alternatives alone.
/// Recursion through a field or an item is fine, and stays.
pub(super) fn cut(lowering: &mut Lowering, schemas: &mut Value) {
    let names: Vec<String> = schemas
        .as_object()
        .map(|schemas| schemas.keys().cloned().collect())
        .unwrap_or_default();
    for name in names {
        let mut closing = Vec::new();
        let mut at = String::new();
        visit_direct(&schemas[name.as_str()], &mut at, &mut |target, at| {
            if target == name || leads_to(schemas, target, &name, &mut BTreeSet::new()) {
                closing.push(at.to_owned());
            }
        });
        for at in closing {
            if let Some(reference) = schemas[name.as_str()].pointer_mut(&at) {
                *reference = json!({});
                let at = format!("{}{at}", pointer::join("/components/schemas", &name));
                lowering.lose(
                    &at,
                    Rule::Alternatives,
                    "a reference of the schema to itself",
                );
            }
        }
    }
}

fn leads_to(schemas: &Value, from: &str, target: &str, seen: &mut BTreeSet<String>) -> bool {
    if !seen.insert(from.to_owned()) {
        return false;
    }
    let mut next = Vec::new();
    visit_direct(&schemas[from], &mut String::new(), &mut |name, _| {
        next.push(name.to_owned());
    });
    next.iter()
        .any(|name| name == target || leads_to(schemas, name, target, seen))
}

/// Calls `visit` with each component that a schema refers to without a field or item between.
fn visit_direct(schema: &Value, at: &mut String, visit: &mut impl FnMut(&str, &str)) {
    if let Some(name) = schema["$ref"].as_str().and_then(pointer::component_name) {
        visit(&name, at);
    }
    for keyword in ["allOf", "anyOf", "oneOf"] {
        for (index, branch) in schema[keyword].as_array().into_iter().flatten().enumerate() {
            let length = at.len();
            at.push_str(&["", keyword, &index.to_string()].join("/"));
            visit_direct(branch, at, visit);
            at.truncate(length);
        }
    }
}
