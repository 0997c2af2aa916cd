//! References followed and `allOf` joined: one schema that says it all.

use crate::pointer;
use serde_json::{Map, Value, json};

/// How many references and parts lead to one schema at most.
const STEPS: usize = 64;

/// The schema behind references, with all of its parts in one object; none if nothing fits it.
pub(super) fn flat(root: &Value, schema: &Value) -> Option<Map<String, Value>> {
    let mut joined = Map::new();
    let mut left = STEPS;
    join(root, schema, &mut joined, &mut left)?;
    Some(joined)
}

fn join(
    root: &Value,
    schema: &Value,
    joined: &mut Map<String, Value>,
    left: &mut usize,
) -> Option<()> {
    *left = left.checked_sub(1)?;
    let schema = match schema {
        Value::Bool(true) => return Some(()),
        Value::Object(schema) => schema,
        _ => return None,
    };
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        join(root, pointer::resolve(root, reference)?, joined, left)?;
    }
    for (keyword, value) in schema {
        match keyword.as_str() {
            "$ref" => {}
            "allOf" => {
                for part in value.as_array()? {
                    join(root, part, joined, left)?;
                }
            }
            _ => add(joined, keyword, value)?,
        }
    }
    Some(())
}

/// Adds a keyword beside those that are there: the narrower one stays.
fn add(joined: &mut Map<String, Value>, keyword: &str, value: &Value) -> Option<()> {
    let Some(known) = joined.get_mut(keyword) else {
        joined.insert(keyword.to_owned(), value.clone());
        return Some(());
    };
    match (keyword, &mut *known, value) {
        ("properties" | "patternProperties", Value::Object(known), Value::Object(value)) => {
            for (name, property) in value {
                match known.get_mut(name) {
                    Some(known) => *known = json!({ "allOf": [known, property] }),
                    None => {
                        known.insert(name.clone(), property.clone());
                    }
                }
            }
        }
        ("required", Value::Array(known), Value::Array(value)) => {
            known.extend(value.iter().cloned());
        }
        ("enum", Value::Array(known), Value::Array(value)) => {
            known.retain(|one| value.contains(one));
            if known.is_empty() {
                return None;
            }
        }
        (
            "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties",
            known,
            value,
        ) => {
            if value.as_f64() > known.as_f64() {
                *known = value.clone();
            }
        }
        (
            "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties",
            known,
            value,
        ) => {
            if value.as_f64() < known.as_f64() {
                *known = value.clone();
            }
        }
        ("items" | "additionalProperties" | "propertyNames", known, value) => {
            *known = json!({ "allOf": [known, value] });
        }
        ("type", known, value) => *known = common_types(known, value)?,
        // Alternatives beside alternatives: the first are drawn from, the value is checked elsewhere.
        ("anyOf" | "oneOf", ..) => {}
        (_, known, value) => *known = value.clone(),
    }
    Some(())
}

fn common_types(one: &Value, other: &Value) -> Option<Value> {
    let names = |value: &Value| match value {
        Value::Array(names) => names.clone(),
        name => vec![name.clone()],
    };
    let others = names(other);
    let fits = |name: &Value| {
        others.contains(name) || (name == "integer" && others.contains(&json!("number")))
    };
    let mut common: Vec<Value> = names(one).into_iter().filter(fits).collect();
    if common.is_empty()
        && names(one).contains(&json!("number"))
        && others.contains(&json!("integer"))
    {
        common.push(json!("integer"));
    }
    match common.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        _ => Some(Value::Array(common)),
    }
}
