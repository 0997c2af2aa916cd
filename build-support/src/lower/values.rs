//! Fixed values, defaults and formats.

use super::Lowering;
use crate::operation::key;
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
        // Secrets have a type of their own, and so have the files of a form.
        Some(format @ ("password" | "binary")) => {
            lowered.insert("format".to_owned(), json!(format));
        }
        Some(UNSIGNED) | None => {}
        Some(format) => lowering.lose(&pointer::join(at, "format"), Rule::Format, format),
    }
    if lowered.get("type") == Some(&json!("string"))
        && schema.get("contentMediaType") == Some(&json!("application/octet-stream"))
        && !schema.contains_key("contentEncoding")
    {
        // As FastAPI writes a file now.
        lowered.insert("format".to_owned(), json!("binary"));
    }
    if lowered.get("type") == Some(&json!("integer")) && is_unsigned(schema) {
        lowered.insert("format".to_owned(), json!(UNSIGNED));
    }
}

/// What the generator calls an integer that has no sign and may be too large for one that has.
const UNSIGNED: &str = "uint64";

fn is_unsigned(schema: &Map<String, Value>) -> bool {
    let bounds = schema.get(key::CONSTRAINTS).and_then(Value::as_object);
    let bound = |keyword: &str| {
        let value = schema.get(keyword).or_else(|| bounds?.get(keyword))?;
        value.as_f64()
    };
    let least = bound("minimum").or_else(|| bound("exclusiveMinimum"));
    let most = bound("maximum").or_else(|| bound("exclusiveMaximum"));
    #[allow(
        clippy::cast_precision_loss,
        reason = "a bound this large has lost its last digits anyway"
    )]
    let largest_signed = i64::MAX as f64;
    schema.get("format") == Some(&json!(UNSIGNED))
        || (least.is_some_and(|least| least >= 0.0)
            && most.is_some_and(|most| most > largest_signed))
}

/// Fixed texts stay: a single one tells alternatives apart, several become an enum that is open to
/// more. For other types there is no such enum, and the service may add to them: any value is read.
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
        texts if texts.iter().all(|text| text.is_string()) => {
            let mut distinct: Vec<&Value> = Vec::new();
            for text in texts {
                if !distinct.contains(text) {
                    distinct.push(text);
                }
            }
            lowered.insert("type".to_owned(), json!("string"));
            lowered.insert("enum".to_owned(), json!(distinct));
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
        .is_none_or(|values| *values == json!([default]));
    let secret = schema.get("format") == Some(&json!("password"));
    let within = default_is_within_bounds(schema, default);
    if fits && within && allowed && !secret && lowered.get("nullable") != Some(&json!(true)) {
        lowered.insert("default".to_owned(), default.clone());
    } else {
        lowering.lose(&pointer::join(at, "default"), Rule::Default, "a default");
    }
}

/// Whether a default keeps to the bounds of its schema: one that does not would be written where
/// nothing was given, and refused.
fn default_is_within_bounds(schema: &Map<String, Value>, default: &Value) -> bool {
    let lowered = schema.get(key::CONSTRAINTS).and_then(Value::as_object);
    let bound = |keyword: &str| schema.get(keyword).or_else(|| lowered?.get(keyword));
    let number = |keyword: &str| bound(keyword).and_then(Value::as_f64);
    match default {
        Value::Number(value) => value.as_f64().is_some_and(|value| {
            number("minimum").is_none_or(|least| value >= least)
                && number("maximum").is_none_or(|most| value <= most)
                && number("exclusiveMinimum").is_none_or(|least| value > least)
                && number("exclusiveMaximum").is_none_or(|most| value < most)
                && number("multipleOf")
                    .is_none_or(|step| step <= 0.0 || (value % step).abs() < f64::EPSILON)
        }),
        Value::String(text) => {
            let length = f64::from(u32::try_from(text.chars().count()).unwrap_or(u32::MAX));
            let pattern = bound("pattern").and_then(Value::as_str);
            let pattern = pattern.and_then(|pattern| regex_lite::Regex::new(pattern).ok());
            number("minLength").is_none_or(|least| length >= least)
                && number("maxLength").is_none_or(|most| length <= most)
                && pattern.is_none_or(|pattern| pattern.is_match(text))
        }
        _ => true,
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
