//! Which keywords are carried over as they are, which are read by other rules, and which go.

use super::Lowering;
use crate::operation::key;
use crate::{Rule, pointer};
use serde_json::{Map, Value};

/// Carried over unchanged.
const KEPT: &[&str] = &["description", "nullable", key::THREE_STATES];

/// Each read by a rule of its own.
const READ: &[&str] = &[
    "$ref",
    "type",
    "enum",
    "const",
    "default",
    "format",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "prefixItems",
    "anyOf",
    "oneOf",
    "allOf",
];

/// They say nothing about which values fit.
const ANNOTATIONS: &[&str] = &[
    "title",
    "description",
    "default",
    "examples",
    "example",
    "deprecated",
    "readOnly",
    "writeOnly",
    "$comment",
    "$schema",
    "$id",
    "$anchor",
    "externalDocs",
    "xml",
    "discriminator",
    "contentMediaType",
    "contentEncoding",
    "contentSchema",
    // What refers to them finds them among the components.
    "$defs",
    "definitions",
];

const CONSTRAINTS: &[&str] = &[
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];

pub(super) fn is_annotation(keyword: &str) -> bool {
    ANNOTATIONS.contains(&keyword) || (keyword.starts_with("x-") && keyword != key::CONSTRAINTS)
}

/// The description, and the bounds: those leave the type, whose values are read whatever the bounds
/// say, and go into a check of what is sent.
pub(super) fn carried_over(
    lowering: &mut Lowering,
    schema: &Map<String, Value>,
    at: &str,
) -> Map<String, Value> {
    let mut lowered = Map::new();
    let mut bounds = Map::new();
    for (keyword, value) in schema {
        let keyword = keyword.as_str();
        let at = || pointer::join(at, keyword);
        if KEPT.contains(&keyword) {
            lowered.insert(keyword.to_owned(), value.clone());
        } else if keyword == key::CONSTRAINTS {
            bounds.extend(value.as_object().cloned().unwrap_or_default());
        } else if CONSTRAINTS.contains(&keyword) {
            if is_checkable(keyword, value) {
                bounds.insert(keyword.to_owned(), value.clone());
            } else {
                lowering.lose(&at(), Rule::Constraint, format!("{keyword} {value}"));
            }
        } else if !READ.contains(&keyword) && !is_annotation(keyword) {
            lowering.lose(&at(), Rule::Keyword, format!("\"{keyword}\""));
        }
    }
    if !bounds.is_empty() {
        lowered.insert(key::CONSTRAINTS.to_owned(), Value::Object(bounds));
    }
    lowered
}

/// Whether a bound is of a form that can be checked. Not every pattern is one that the engine knows.
fn is_checkable(keyword: &str, value: &Value) -> bool {
    match keyword {
        "pattern" => value
            .as_str()
            .is_some_and(|pattern| regex_lite::Regex::new(pattern).is_ok()),
        "uniqueItems" => value.is_boolean(),
        // In version 3.0 the exclusive ones were switches; a number is a bound of its own.
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
            value.is_number()
        }
        _ => {
            value.as_u64().is_some()
                || value
                    .as_f64()
                    .is_some_and(|count| count >= 0.0 && count.fract() == 0.0)
        }
    }
}
