//! Whether a value that went through a type is still the same.

use serde_json::{Value, json};

/// What differs between a value and what a type has made of it, beyond a default that became absent or was written
/// out, and fields that no schema names.
#[must_use]
pub fn differences(root: &Value, schema: &Value, before: &Value, after: &Value) -> Vec<String> {
    let mut changes = Vec::new();
    compare(root, &[schema], before, after, "", &mut changes);
    changes
}

/// Every schema that may describe the same value: behind references, in all parts and alternatives.
fn unfolded<'a>(root: &'a Value, schemas: &[&'a Value]) -> Vec<&'a Value> {
    let mut found: Vec<&Value> = Vec::new();
    let mut waiting: Vec<&Value> = schemas.to_vec();
    while let Some(schema) = waiting.pop() {
        if found.iter().any(|known| std::ptr::eq(*known, schema)) {
            continue;
        }
        found.push(schema);
        let target = schema["$ref"]
            .as_str()
            .and_then(|reference| root.pointer(reference.strip_prefix('#')?));
        waiting.extend(target);
        for keyword in ["allOf", "anyOf", "oneOf"] {
            waiting.extend(schema[keyword].as_array().into_iter().flatten());
        }
    }
    found
}

/// Notes what differs, beyond a default that became absent or was written out, and fields that no
/// schema names.
fn compare(
    root: &Value,
    schemas: &[&Value],
    before: &Value,
    after: &Value,
    at: &str,
    changes: &mut Vec<String>,
) {
    let schemas = unfolded(root, schemas);
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let names = before
                .keys()
                .chain(after.keys().filter(|name| !before.contains_key(*name)));
            for name in names {
                let fields = schemas
                    .iter()
                    .filter_map(|schema| schema["properties"].get(name));
                let fields: Vec<&Value> = fields.collect();
                let defaults: Vec<&Value> = unfolded(root, &fields)
                    .into_iter()
                    .filter_map(|schema| schema.get("default"))
                    .collect();
                let at = format!("{at}/{name}");
                match (before.get(name), after.get(name)) {
                    (Some(before), Some(after)) => {
                        let rest = schemas
                            .iter()
                            .filter_map(|schema| schema.get("additionalProperties"));
                        let inner: Vec<&Value> = if fields.is_empty() {
                            rest.collect()
                        } else {
                            fields
                        };
                        compare(root, &inner, before, after, &at, changes);
                    }
                    // No field by that name: it may go.
                    (Some(_), None) if fields.is_empty() && has_names(&schemas) => {}
                    (Some(value), None) | (None, Some(value)) => {
                        let is_default = defaults.iter().any(|default| same(default, value));
                        let means_nothing = defaults.is_empty()
                            && (value.is_null() || *value == json!([]) || *value == json!({}));
                        if !is_default && !means_nothing {
                            changes.push(format!("{at}: {value} on one side only"));
                        }
                    }
                    (None, None) => {}
                }
            }
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            let items: Vec<&Value> = schemas
                .iter()
                .filter_map(|schema| schema.get("items"))
                .collect();
            for (index, (before, after)) in before.iter().zip(after).enumerate() {
                let place = schemas
                    .iter()
                    .filter_map(|schema| schema["prefixItems"].get(index));
                let inner: Vec<&Value> = place.chain(items.iter().copied()).collect();
                compare(
                    root,
                    &inner,
                    before,
                    after,
                    &format!("{at}/{index}"),
                    changes,
                );
            }
        }
        _ if same(before, after) => {}
        _ => changes.push(format!("{at}: {before} became {after}")),
    }
}

fn has_names(schemas: &[&Value]) -> bool {
    schemas.iter().any(|schema| {
        schema["properties"]
            .as_object()
            .is_some_and(|names| !names.is_empty())
    })
}

/// JSON knows one kind of number.
fn same(one: &Value, other: &Value) -> bool {
    one == other || (one.is_number() && one.as_f64() == other.as_f64())
}
