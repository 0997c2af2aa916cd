//! Schemas that mean themselves: `A` is one of `B` and `A`. Nothing fits them that would not fit
//! without, and the generator follows them for ever.

use super::Lowering;
use crate::{Rule, pointer};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Cuts every reference by which a component leads back to itself through alternatives alone.
/// Recursion through a field or an item is fine, and stays.
pub(super) fn cut(lowering: &mut Lowering, schemas: &mut Value) {
    for name in suspects(schemas) {
        let mut closing = Vec::new();
        let mut at = String::new();
        visit_direct(&schemas[name.as_str()], &mut at, &mut |target, at| {
            if leads_to(schemas, target, &name) {
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

/// The components that are left when those that lead to none are taken away, again and again: only
/// these can be part of a circle. In a real document there are none.
fn suspects(schemas: &Value) -> Vec<String> {
    let mut leads: BTreeMap<&str, usize> = BTreeMap::new();
    let mut led_to_by: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (name, schema) in schemas.as_object().into_iter().flatten() {
        let mut count = 0;
        visit_direct(schema, &mut String::new(), &mut |target, _| {
            count += 1;
            led_to_by.entry(target.to_owned()).or_default().push(name);
        });
        leads.insert(name, count);
    }
    let ends = leads.iter().filter(|(_, count)| **count == 0);
    let mut waiting: Vec<&str> = ends.map(|(name, _)| *name).collect();
    while let Some(name) = waiting.pop() {
        for from in led_to_by.get(name).into_iter().flatten() {
            if let Some(count) = leads.get_mut(from) {
                *count -= 1;
                if *count == 0 {
                    waiting.push(from);
                }
            }
        }
    }
    let left = leads.into_iter().filter(|(_, count)| *count > 0);
    left.map(|(name, _)| name.to_owned()).collect()
}

fn leads_to(schemas: &Value, from: &str, target: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut waiting = vec![from.to_owned()];
    while let Some(name) = waiting.pop() {
        if name == target {
            return true;
        }
        if seen.insert(name.clone()) {
            let schema = &schemas[name.as_str()];
            visit_direct(schema, &mut String::new(), &mut |next, _| {
                waiting.push(next.to_owned());
            });
        }
    }
    false
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
