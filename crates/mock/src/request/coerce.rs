//! Texts of parameters and forms as the values that they stand for.

use crate::contract::target;
use serde_json::{Number, Value};
use std::collections::HashSet;
use std::ptr;

/// How many references are followed.
const STEPS: usize = 16;

/// The schema behind references, and behind an `allOf` of one.
pub(crate) fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let mut schema = schema;
    for _ in 0..STEPS {
        let next = match (schema["$ref"].as_str(), schema["allOf"].as_array()) {
            (Some(reference), _) => target(reference).and_then(|pointer| root.pointer(&pointer)),
            (None, Some(parts)) if parts.len() == 1 => parts.first(),
            _ => None,
        };
        let Some(next) = next else {
            return schema;
        };
        schema = next;
    }
    schema
}

/// The alternatives of a schema, or the schema itself.
pub(crate) fn alternatives<'a>(root: &'a Value, schema: &'a Value) -> Vec<&'a Value> {
    let (mut found, mut left, mut seen) = (Vec::new(), vec![schema], HashSet::new());
    while let Some(next) = left.pop() {
        let schema = resolved(root, next);
        // An alternative may lead back to where it came from.
        if !seen.insert(ptr::from_ref(schema)) {
            continue;
        }
        let several = schema["anyOf"]
            .as_array()
            .or_else(|| schema["oneOf"].as_array());
        match several {
            Some(branches) => left.extend(branches.iter().rev()),
            None => found.push(schema),
        }
    }
    found
}

pub(crate) fn has_type(schema: &Value, wanted: &str) -> bool {
    match &schema["type"] {
        Value::String(name) => name == wanted,
        Value::Array(names) => names.iter().any(|name| name == wanted),
        _ => false,
    }
}

/// Whether a parameter may be a list.
pub(crate) fn is_list(root: &Value, schema: &Value) -> bool {
    let alternatives = alternatives(root, schema);
    alternatives.iter().any(|schema| has_type(schema, "array"))
}

/// The schemas that are put together or chosen from to make one, itself included.
fn all_parts<'a>(root: &'a Value, schema: &'a Value) -> Vec<&'a Value> {
    let (mut found, mut left, mut seen) = (Vec::new(), vec![schema], HashSet::new());
    while let Some(next) = left.pop() {
        let schema = resolved(root, next);
        if seen.insert(ptr::from_ref(schema)) {
            found.push(schema);
            for keyword in ["oneOf", "anyOf", "allOf"] {
                left.extend(schema[keyword].as_array().into_iter().flatten().rev());
            }
        }
    }
    found
}

/// Whether a value may be an object.
pub(crate) fn is_object(root: &Value, schema: &Value) -> bool {
    let parts = all_parts(root, schema);
    let mut parts = parts.into_iter();
    parts.any(|schema| has_type(schema, "object") || schema.get("properties").is_some())
}

/// The schema of a field of an object; none if it has no such field.
pub(super) fn field<'a>(root: &'a Value, schema: &'a Value, name: &str) -> Option<&'a Value> {
    let parts = all_parts(root, schema);
    let named = parts
        .iter()
        .find_map(|schema| schema["properties"].get(name));
    let others = parts.iter().find_map(|schema| {
        let others = schema.get("additionalProperties");
        others.filter(|others| **others != Value::Bool(false))
    });
    named.or(others)
}

/// The texts of a field of a form, before they are read: the last, or a list where the field is one.
pub(super) fn raw(root: &Value, schema: &Value, given: &[String]) -> Value {
    if is_list(root, schema) {
        return Value::from(given.to_vec());
    }
    given.last().map_or("", String::as_str).into()
}

/// The value that a text stands for where it can be read as one, else the text.
pub(crate) fn value(root: &Value, schema: &Value, raw: &Value) -> Value {
    if let Value::Object(fields) = raw {
        let values = fields.iter().map(|(name, raw)| {
            let field = field(root, schema, name).unwrap_or(&Value::Null);
            (name.clone(), value(root, field, raw))
        });
        return Value::Object(values.collect());
    }
    let alternatives = alternatives(root, schema);
    if let Value::Array(items) = raw {
        let list = alternatives.iter().find(|schema| has_type(schema, "array"));
        let list = list.copied().unwrap_or(&Value::Null);
        let places = list["prefixItems"].as_array();
        return items
            .iter()
            .enumerate()
            .map(|(index, raw)| {
                let place = places.and_then(|places| places.get(index));
                let item = place.unwrap_or(&list["items"]);
                if item.is_object() {
                    value(root, item, raw)
                } else {
                    raw.clone()
                }
            })
            .collect();
    }
    let Some(text) = raw.as_str() else {
        return raw.clone();
    };
    // A text that may be a text is one.
    if alternatives.iter().any(|schema| has_type(schema, "string")) {
        let read = alternatives.iter().find_map(|schema| read(schema, text));
        return match read {
            // Unless a number is as good a reading.
            Some(Value::Number(number)) if is_written(&number, text) => Value::Number(number),
            _ => raw.clone(),
        };
    }
    alternatives
        .iter()
        .find_map(|schema| read(schema, text))
        .unwrap_or_else(|| raw.clone())
}

fn read(schema: &Value, text: &str) -> Option<Value> {
    if let Some(values) = schema["enum"].as_array() {
        return values.iter().find(|value| reads_as(value, text)).cloned();
    }
    if let Some(value) = schema.get("const") {
        return reads_as(value, text).then(|| value.clone());
    }
    if has_type(schema, "integer") {
        return integer(text).map(Value::Number);
    }
    if has_type(schema, "number") {
        return number(text).map(Value::Number);
    }
    if has_type(schema, "boolean") {
        return boolean(text).map(Value::Bool);
    }
    None
}

fn is_written(number: &Number, text: &str) -> bool {
    let written = number.to_string();
    written == text
}

fn reads_as(value: &Value, text: &str) -> bool {
    match value {
        Value::String(own) => own == text,
        other => {
            let written = other.to_string();
            written == text
        }
    }
}

/// An integer, written as Python lets one write it.
pub(crate) fn integer(text: &str) -> Option<Number> {
    let text = text.trim();
    // One sign is enough.
    let text = match text.strip_prefix('+') {
        Some(unsigned) if unsigned.starts_with('-') => return None,
        Some(unsigned) => unsigned,
        None => text,
    };
    // A fraction of noughts is none.
    let text = match text.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() && fraction.chars().all(|c| c == '0') => {
            whole
        }
        _ => text,
    };
    let digits = text.strip_prefix('-').unwrap_or(text);
    let sound = !digits.is_empty()
        && digits.chars().all(|c| c.is_ascii_digit() || c == '_')
        && !digits.starts_with('_')
        && !digits.ends_with('_')
        && !digits.contains("__");
    if !sound {
        return None;
    }
    let plain = text.replace('_', "");
    let small = plain.parse::<i64>().map(Number::from);
    let small = small.or_else(|_| plain.parse::<u64>().map(Number::from));
    // What 64 bits do not hold is still a whole number.
    small.ok().or_else(|| Number::from_f64(plain.parse().ok()?))
}

pub(crate) fn number(text: &str) -> Option<Number> {
    if let Some(whole) = integer(text) {
        return Some(whole);
    }
    let text = text.trim();
    let plain = text
        .chars()
        .all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
    let value: f64 = text.parse().ok()?;
    if plain { Number::from_f64(value) } else { None }
}

pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "t" | "yes" | "y" | "on" => Some(true),
        "0" | "false" | "f" | "no" | "n" | "off" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_is_what_python_reads_as_one() {
        for (text, expected) in [
            ("5", 5),
            (" +5 ", 5),
            ("-5", -5),
            ("5.00", 5),
            ("1_000", 1000),
        ] {
            assert_eq!(integer(text), Some(expected.into()), "{text:?}");
        }
        for text in [
            "", "+", "-", "+-5", "--5", "5.", "5.1", "_5", "5_", "1__0", "1e3", "5 5",
        ] {
            assert_eq!(integer(text), None, "{text:?}");
        }
    }
}
