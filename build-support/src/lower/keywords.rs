//! Which keywords are carried over as they are, which are read by other rules, and which go.

use super::Lowering;
use crate::{Rule, pointer};
use serde_json::{Map, Value};

/// Carried over unchanged.
const KEPT: &[&str] = &["description", "nullable"];

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
    ANNOTATIONS.contains(&keyword) || keyword.starts_with("x-")
}

pub(super) fn carried_over(
    lowering: &mut Lowering,
    schema: &Map<String, Value>,
    at: &str,
) -> Map<String, Value> {
    let mut lowered = Map::new();
    for (keyword, value) in schema {
        let keyword = keyword.as_str();
        let at = || pointer::join(at, keyword);
        if KEPT.contains(&keyword) {
            lowered.insert(keyword.to_owned(), value.clone());
        } else if CONSTRAINTS.contains(&keyword) {
            lowering.lose(&at(), Rule::Constraint, format!("{keyword} {value}"));
        } else if !READ.contains(&keyword) && !is_annotation(keyword) {
            lowering.lose(&at(), Rule::Keyword, format!("\"{keyword}\""));
        }
    }
    lowered
}
