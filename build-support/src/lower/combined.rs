//! `allOf`: a single reference stays, several objects become one with the fields of all.
//!
//! The generator merges the parts too, but follows references in them without end.

use super::{Lowering, keywords, schema};
use crate::operation::key;
use crate::{Rule, pointer};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Lowers a schema that has an `allOf`.
pub(super) fn lower(
    lowering: &mut Lowering,
    source: &Map<String, Value>,
    parts: &[Value],
    at: &str,
) -> Value {
    let mut own = source.clone();
    own.shift_remove("allOf");
    let telling: Vec<Value> = parts
        .iter()
        .filter(|part| !is_trivial(part))
        .cloned()
        .chain((!is_trivial(&Value::Object(own.clone()))).then(|| Value::Object(own.clone())))
        .collect();
    let mut lowered = match telling.as_slice() {
        [] => json!({}),
        [one] if one.get("$ref").is_some() => {
            let reference = schema::lower(lowering, one, at);
            json!({ "allOf": [reference] })
        }
        [one] => schema::lower(lowering, one, at),
        several => {
            if let Some(object) = merged(lowering, several) {
                schema::lower(lowering, &object, at)
            } else {
                let what = "a combination of schemas that are not all objects";
                lowering.lose(&pointer::join(at, "allOf"), Rule::Alternatives, what);
                json!({})
            }
        }
    };
    for keyword in ["description", "nullable"] {
        if let (Some(value), Some(lowered)) = (own.get(keyword), lowered.as_object_mut()) {
            lowered.insert(keyword.to_owned(), value.clone());
        }
    }
    lowered
}

/// Whether a part allows anything.
fn is_trivial(part: &Value) -> bool {
    match part {
        Value::Object(part) => part.keys().all(|keyword| {
            matches!(keyword.as_str(), "nullable" | key::CONSTRAINTS)
                || keywords::is_annotation(keyword)
        }),
        other => other == &Value::Bool(true),
    }
}

/// One object with the fields of all parts, if they are all objects.
fn merged(lowering: &Lowering, parts: &[Value]) -> Option<Value> {
    let mut flat = Vec::new();
    for part in parts {
        flatten(&lowering.components, part, &mut BTreeSet::new(), &mut flat)?;
    }
    let mut properties = Map::new();
    let mut required: Vec<Value> = Vec::new();
    for part in &flat {
        let known = [
            "type",
            "properties",
            "required",
            "additionalProperties",
            "nullable",
        ];
        let simple = part
            .keys()
            .all(|keyword| known.contains(&keyword.as_str()) || keywords::is_annotation(keyword));
        let is_object = part.get("type").is_none_or(|name| name == "object");
        if !simple || !is_object {
            return None;
        }
        let named = part.get("properties").and_then(Value::as_object);
        for (name, property) in named.into_iter().flatten() {
            properties
                .entry(name.clone())
                .or_insert_with(|| property.clone());
        }
        let needed = part.get("required").and_then(Value::as_array);
        required.extend(needed.into_iter().flatten().cloned());
    }
    required.dedup();
    Some(json!({ "type": "object", "properties": properties, "required": required }))
}

/// How far parts may lead from one to the next.
const MOST_STEPS: usize = 100;

/// The parts behind references and within parts. One that is met again adds nothing; none come of
/// parts that lead on and on.
fn flatten(
    components: &Value,
    part: &Value,
    seen: &mut BTreeSet<String>,
    flat: &mut Vec<Map<String, Value>>,
) -> Option<()> {
    let Value::Object(part) = part else {
        return Some(());
    };
    let reference = part.get("$ref").and_then(Value::as_str);
    if let Some(name) = reference.and_then(pointer::component_name) {
        if seen.len() >= MOST_STEPS {
            return None;
        }
        if seen.insert(name.clone()) {
            flatten(components, &components[name.as_str()], seen, flat)?;
        }
        return Some(());
    }
    let parts = part.get("allOf").and_then(Value::as_array);
    for inner in parts.into_iter().flatten() {
        flatten(components, inner, seen, flat)?;
    }
    let mut own = part.clone();
    own.shift_remove("allOf");
    if !is_trivial(&Value::Object(own.clone())) {
        flat.push(own);
    }
    Some(())
}
