//! One schema, with everything in it.

use super::{Lowering, alternatives, combined, keywords, values};
use crate::operation::key;
use crate::{Rule, pointer};
use serde_json::{Map, Value, json};

pub(super) fn lower(lowering: &mut Lowering, schema: &Value, at: &str) -> Value {
    let Value::Object(schema) = schema else {
        // `true` allows anything. `false` allows nothing, which no type can say.
        if schema == &Value::Bool(false) {
            lowering.lose(at, Rule::Keyword, "a schema that nothing fits");
        }
        return json!({});
    };
    if let Some(reference) = schema.get("$ref") {
        return lower_reference(lowering, schema, reference, at);
    }
    if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
        return combined::lower(lowering, schema, parts, at);
    }
    let mut lowered = keywords::carried_over(lowering, schema, at);
    lower_type(lowering, schema, &mut lowered, at);
    values::lower(lowering, schema, &mut lowered, at);
    lower_object(lowering, schema, &mut lowered, at);
    lower_array(lowering, schema, &mut lowered, at);
    alternatives::lower(lowering, schema, &mut lowered, at);
    Value::Object(lowered)
}

pub(super) fn lower_each(lowering: &mut Lowering, schemas: &[Value], at: &str) -> Vec<Value> {
    schemas
        .iter()
        .enumerate()
        .map(|(index, schema)| lower(lowering, schema, &format!("{at}/{index}")))
        .collect()
}

/// Version 3.0 reads a reference alone and ignores what stands beside it.
fn lower_reference(
    lowering: &mut Lowering,
    schema: &Map<String, Value>,
    reference: &Value,
    at: &str,
) -> Value {
    for keyword in schema
        .keys()
        .filter(|keyword| *keyword != "$ref" && !keywords::is_annotation(keyword))
    {
        lowering.lose(
            &pointer::join(at, keyword),
            Rule::Keyword,
            format!("\"{keyword}\" beside a reference"),
        );
    }
    json!({ "$ref": reference })
}

/// A list of types becomes one type and perhaps `nullable`, or alternatives.
fn lower_type(
    lowering: &mut Lowering,
    schema: &Map<String, Value>,
    lowered: &mut Map<String, Value>,
    at: &str,
) {
    match schema.get("type") {
        Some(Value::String(name)) if name == "null" => {
            lowered.insert("enum".to_owned(), json!([null]));
        }
        Some(Value::String(name)) => {
            lowered.insert("type".to_owned(), json!(name));
        }
        Some(Value::Array(names)) => {
            let others: Vec<&Value> = names.iter().filter(|name| *name != "null").collect();
            if others.len() < names.len() {
                lowered.insert("nullable".to_owned(), json!(true));
            }
            match others.as_slice() {
                [] => {
                    lowered.shift_remove("nullable");
                    lowered.insert("enum".to_owned(), json!([null]));
                }
                [one] => {
                    lowered.insert("type".to_owned(), (*one).clone());
                }
                several => {
                    lowering.lose(at, Rule::Alternatives, "one of several types");
                    let branches = several
                        .iter()
                        .map(|name| alternatives::of_type(schema, name))
                        .collect::<Vec<_>>();
                    let branches = lower_each(lowering, &branches, &pointer::join(at, "type"));
                    lowered.insert("oneOf".to_owned(), Value::Array(branches));
                }
            }
        }
        _ => {}
    }
}

fn lower_object(
    lowering: &mut Lowering,
    schema: &Map<String, Value>,
    lowered: &mut Map<String, Value>,
    at: &str,
) {
    // Fields of what is no object say nothing.
    let is_object = lowered.get("type").is_none_or(|name| name == "object");
    if lowered.contains_key("oneOf") || !is_object {
        return;
    }
    let named = schema.get("properties").and_then(Value::as_object);
    if let Some(named) = named {
        let at = pointer::join(at, "properties");
        let mut three_states = Vec::new();
        let properties: Map<String, Value> = named
            .iter()
            .map(|(name, property)| {
                let mut lowered = lower(lowering, property, &pointer::join(&at, name));
                if allows_null(&lowered)
                    && property
                        .get("default")
                        .is_some_and(|default| !default.is_null())
                {
                    three_states.push(name.clone());
                }
                if has_filled_default(property)
                    && let Some(lowered) = lowered.as_object_mut()
                {
                    lowered.insert("nullable".to_owned(), json!(true));
                }
                (name.clone(), lowered)
            })
            .collect();
        let required: Vec<&Value> = schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter(|name| {
                name.as_str()
                    .is_some_and(|name| properties.contains_key(name))
            })
            .collect();
        three_states.retain(|name| !required.iter().any(|required| *required == name));
        if !three_states.is_empty() {
            // A default that is gone has left its mark the first time.
            lowered.insert(key::THREE_STATES.to_owned(), json!(three_states));
        }
        if !required.is_empty() {
            lowered.insert("required".to_owned(), json!(required));
        }
        lowered.insert("properties".to_owned(), Value::Object(properties));
    }
    let has_fields = named.is_some_and(|named| !named.is_empty());
    match schema.get("additionalProperties") {
        // That no other field may come is a promise of today's service: tomorrow's adds one.
        None | Some(Value::Bool(false)) => {}
        // The generator keeps such fields only where they have a schema.
        Some(Value::Bool(true)) => {
            let anything = if has_fields { json!({}) } else { json!(true) };
            lowered.insert("additionalProperties".to_owned(), anything);
        }
        Some(values) => {
            let at = pointer::join(at, "additionalProperties");
            let values = lower(lowering, values, &at);
            lowered.insert("additionalProperties".to_owned(), values);
        }
    }
}

/// Whether a lowered schema allows null, by saying so or by saying nothing.
fn allows_null(lowered: &Value) -> bool {
    lowered["nullable"] == true || alternatives::is_anything(lowered)
}

/// Whether leaving a list or object out means another one than the empty one. The generator leaves
/// empty ones out; one that may be missing it writes as it is.
fn has_filled_default(property: &Value) -> bool {
    match property.get("default") {
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(fields)) => !fields.is_empty(),
        _ => false,
    }
}

/// The schema of all items, where every place of a tuple has the same.
fn one_for_all<'a>(schema: &'a Map<String, Value>, places: &'a [Value]) -> Option<&'a Value> {
    let plain = |place: &Value| {
        let mut place = place.clone();
        if let Some(place) = place.as_object_mut() {
            place.shift_remove("title");
            place.shift_remove("description");
        }
        place
    };
    let first = places.first()?;
    let rest = schema.get("items").filter(|items| **items != json!(false));
    places
        .iter()
        .chain(rest)
        .all(|place| plain(place) == plain(first))
        .then_some(first)
}

fn lower_array(
    lowering: &mut Lowering,
    schema: &Map<String, Value>,
    lowered: &mut Map<String, Value>,
    at: &str,
) {
    let is_array = lowered.get("type") == Some(&json!("array"));
    if let Some(places) = schema.get("prefixItems").and_then(Value::as_array) {
        let at = pointer::join(at, "prefixItems");
        match one_for_all(schema, places) {
            Some(items) => {
                let items = lower(lowering, items, &pointer::join(&at, "0"));
                lowered.insert("items".to_owned(), items);
            }
            None => lowering.lose(&at, Rule::Tuple, "a type for each place"),
        }
    } else if let Some(items) = schema.get("items")
        && (is_array || !schema.contains_key("type"))
    {
        let items = lower(lowering, items, &pointer::join(at, "items"));
        lowered.insert("items".to_owned(), items);
    }
    if is_array && !lowered.contains_key("items") {
        lowered.insert("items".to_owned(), json!({}));
    }
}
