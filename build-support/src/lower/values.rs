//! Fixed values, defaults and formats.

use super::Lowering;
use crate::{Rule, pointer};
use serde_json::{Map, Value, json};

pub(super) fn lower(
    lowering: &mut Lowering,
    schema: &Map<String, Value>,
    lowered: &mut Map<String, Value>,
    at: &str,
) {
    lower_fixed(lowering, schema, lowered, at);
    lower_default(lowering, schema, lowered, at);
    match schema.get("format").and_then(Value::as_str) {
        // Secrets have a type of their own.
        Some("password") => {
            lowered.insert("format".to_owned(), json!("password"));
        }
        Some(format) => lowering.lose(&pointer::join(at, "format"), Rule::Format, format),
        None => {}
    }
}

/// A single fixed text stays, since it tells alternatives apart. A longer list does not: the
/// service will add to it, and an answer with a new value must still be read.
fn lower_fixed(
    lowering: &mut Lowering,
    schema: &Map<String, Value>,
    lowered: &mut Map<String, Value>,
    at: &str,
) {
    let (keyword, values) = match (
        schema.get("const"),
        schema.get("enum").and_then(Value::as_array),
    ) {
        (Some(value), _) => ("const", vec![value.clone()]),
        (None, Some(values)) => ("enum", values.clone()),
        (None, None) => return,
    };
    let others: Vec<&Value> = values.iter().filter(|value| !value.is_null()).collect();
    match others.as_slice() {
        [] => {
            lowered.insert("enum".to_owned(), json!([null]));
            return;
        }
        [Value::String(one)] => {
            lowered.insert("type".to_owned(), json!("string"));
            lowered.insert("enum".to_owned(), json!([one]));
        }
        several => {
            if !lowered.contains_key("type")
                && let Some(name) = common_type(several)
            {
                lowered.insert("type".to_owned(), json!(name));
            }
            lowering.lose(
                &pointer::join(at, keyword),
                Rule::Enumeration,
                format!("{} values", several.len()),
            );
        }
    }
    if others.len() < values.len() {
        lowered.insert("nullable".to_owned(), json!(true));
    }
}

fn lower_default(
    lowering: &mut Lowering,
    schema: &Map<String, Value>,
    lowered: &mut Map<String, Value>,
    at: &str,
) {
    let Some(default) = schema.get("default") else {
        return;
    };
    if default.is_null() {
        return;
    }
    let fits = match (lowered.get("type").and_then(Value::as_str), default) {
        (Some("number"), Value::Number(_)) => true,
        (Some("array"), Value::Array(items)) => items.is_empty(),
        (Some("object"), Value::Object(fields)) => {
            fields.is_empty() && !schema.contains_key("properties")
        }
        (Some(name), value) => {
            common_type(&[value]) == Some(name) && !value.is_array() && !value.is_object()
        }
        (None, _) => false,
    };
    let allowed = lowered
        .get("enum")
        .is_none_or(|values| values[0] == *default);
    let secret = schema.get("format") == Some(&json!("password"));
    if fits && allowed && !secret && lowered.get("nullable") != Some(&json!(true)) {
        lowered.insert("default".to_owned(), default.clone());
    } else {
        lowering.lose(&pointer::join(at, "default"), Rule::Default, "a default");
    }
}

/// The JSON type that all values have.
fn common_type(values: &[&Value]) -> Option<&'static str> {
    let name = |value: &Value| match value {
        Value::Null => None,
        Value::Bool(_) => Some("boolean"),
        Value::Number(number) => Some(if number.is_f64() { "number" } else { "integer" }),
        Value::String(_) => Some("string"),
        Value::Array(_) => Some("array"),
        Value::Object(_) => Some("object"),
    };
    let first = name(values.first()?)?;
    values
        .iter()
        .all(|value| name(value) == Some(first))
        .then_some(first)
}
