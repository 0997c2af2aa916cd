//! What the rules make of one schema each.

use super::{Rule, lower};
use crate::{Document, shape};
use serde_json::{Value, json};

/// `schema` as a component that is used, lowered, and the rules that lost something.
fn lowered(schema: &Value) -> (Value, Vec<Rule>) {
    let media =
        json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Tested" } } });
    let root = json!({
        "openapi": "3.1.0", "info": { "title": "t", "version": "1" },
        "paths": { "/a": { "get": { "responses": { "200": { "description": "a", "content": media } } } } },
        "components": { "schemas": {
            "Tested": schema,
            "Name": { "type": "string" },
            "Pair": { "type": "object", "required": ["a"], "properties": { "a": { "type": "string" } } },
        } },
    });
    let mut document = Document::from_json("test.json", root.to_string().as_bytes()).unwrap();
    shape(&mut document).unwrap();
    let rules = lower(&mut document)
        .into_iter()
        .map(|loss| loss.rule)
        .collect();
    (
        document.root()["components"]["schemas"]["Tested"].clone(),
        rules,
    )
}

/// Each case: what the document says, what the generator sees, what was lost.
fn check(cases: &[(Value, Value, &[Rule])]) {
    for (schema, expected, rules) in cases {
        let (found, lost) = lowered(schema);
        assert_eq!((&found, lost.as_slice()), (expected, *rules), "{schema}");
    }
}

#[test]
fn null_among_alternatives_becomes_nullable() {
    let name = json!({ "$ref": "#/components/schemas/Name" });
    check(&[
        (
            json!({ "anyOf": [{ "type": "string" }, { "type": "null" }], "title": "T", "description": "d" }),
            json!({ "description": "d", "nullable": true, "type": "string" }),
            &[],
        ),
        (
            json!({ "anyOf": [name, { "type": "null" }] }),
            json!({ "nullable": true, "allOf": [name] }),
            &[],
        ),
        (
            json!({ "type": ["integer", "null"] }),
            json!({ "nullable": true, "type": "integer" }),
            &[],
        ),
        (
            json!({ "oneOf": [{ "type": "null" }, { "type": "string" }, { "type": "integer" }] }),
            json!({ "nullable": true, "oneOf": [{ "type": "string" }, { "type": "integer" }] }),
            &[],
        ),
    ]);
}

#[test]
fn alternatives_keep_the_titles_that_tell_them_apart() {
    check(&[
        (
            json!({ "anyOf": [{ "type": "array", "items": {}, "title": "List" }, { "type": "string", "title": "Word" }] }),
            json!({ "oneOf": [{ "type": "array", "items": {}, "title": "List" }, { "type": "string", "title": "Word" }] }),
            &[],
        ),
        (
            json!({ "anyOf": [{ "type": "string", "title": "T" }, { "type": "integer", "title": "T" }] }),
            json!({ "oneOf": [{ "type": "string" }, { "type": "integer" }] }),
            &[],
        ),
    ]);
}

#[test]
fn alternatives_that_say_nothing_fall_away() {
    check(&[
        (
            json!({ "anyOf": [{ "type": "string" }, { "type": "string" }] }),
            json!({ "type": "string" }),
            &[],
        ),
        (
            json!({ "anyOf": [{ "type": "string" }, {}] }),
            json!({}),
            &[Rule::Alternatives],
        ),
        (
            json!({ "type": "object", "properties": { "a": {} }, "anyOf": [{ "required": ["a"] }, { "required": ["b"] }] }),
            json!({ "type": "object", "properties": { "a": {} } }),
            &[Rule::Alternatives],
        ),
    ]);
}

#[test]
fn bounds_leave_the_type_for_a_check_of_what_is_sent() {
    check(&[
        (
            json!({ "type": "string", "minLength": 1, "pattern": "^a" }),
            json!({ "x-client-constraints": { "minLength": 1, "pattern": "^a" }, "type": "string" }),
            &[],
        ),
        (
            json!({ "anyOf": [{ "type": "integer", "exclusiveMinimum": 0.0 }, { "type": "null" }], "default": null }),
            json!({ "nullable": true, "x-client-constraints": { "exclusiveMinimum": 0.0 }, "type": "integer" }),
            &[],
        ),
        (
            json!({ "type": "string", "pattern": "^(?=x)" }),
            json!({ "type": "string" }),
            &[Rule::Constraint],
        ),
    ]);
}

#[test]
fn fixed_texts_stay_and_other_values_open() {
    check(&[
        (
            json!({ "const": "cat" }),
            json!({ "type": "string", "enum": ["cat"] }),
            &[],
        ),
        (
            json!({ "enum": ["a", "b", null] }),
            json!({ "type": "string", "enum": ["a", "b"], "nullable": true }),
            &[],
        ),
        (
            json!({ "type": "string", "enum": ["a", "b", "a"], "default": "a" }),
            json!({ "type": "string", "enum": ["a", "b"] }),
            &[Rule::Default],
        ),
        (
            json!({ "enum": [1, 2] }),
            json!({ "type": "integer" }),
            &[Rule::Enumeration],
        ),
        (json!({ "type": "null" }), json!({ "enum": [null] }), &[]),
    ]);
}

#[test]
fn only_a_default_that_fits_stays() {
    check(&[
        (
            json!({ "type": "string", "default": "x" }),
            json!({ "type": "string", "default": "x" }),
            &[],
        ),
        (
            json!({ "type": "string", "default": 7 }),
            json!({ "type": "string" }),
            &[Rule::Default],
        ),
        (
            json!({ "type": "integer", "default": 1.5 }),
            json!({ "type": "integer" }),
            &[Rule::Default],
        ),
        (
            json!({ "type": "string", "default": null }),
            json!({ "type": "string" }),
            &[],
        ),
        (
            json!({ "type": "string", "format": "password", "default": "x" }),
            json!({ "type": "string", "format": "password" }),
            &[Rule::Default],
        ),
    ]);
}

#[test]
fn an_empty_list_can_be_told_from_one_that_is_left_out_where_that_differs() {
    let list = |default: Value| json!({ "type": "object", "properties": { "a": { "type": "array", "items": {}, "default": default } } });
    check(&[
        (list(json!([])), list(json!([])), &[]),
        (
            list(json!([1])),
            json!({ "type": "object", "properties": { "a": { "type": "array", "items": {}, "nullable": true } } }),
            &[Rule::Default],
        ),
    ]);
}

#[test]
fn an_integer_too_large_for_a_sign_has_none() {
    let bounds = json!({ "minimum": 0, "maximum": u64::MAX });
    check(&[(
        json!({ "type": "integer", "minimum": 0, "maximum": u64::MAX }),
        json!({ "x-client-constraints": bounds, "type": "integer", "format": "uint64" }),
        &[],
    )]);
}

#[test]
fn objects_read_over_what_they_do_not_name() {
    check(&[
        (
            json!({ "type": "object", "properties": { "a": { "type": "string" } }, "additionalProperties": false, "required": ["a", "gone"] }),
            json!({ "type": "object", "required": ["a"], "properties": { "a": { "type": "string" } } }),
            &[],
        ),
        (
            json!({ "type": "object", "properties": { "a": {} }, "additionalProperties": true }),
            json!({ "type": "object", "properties": { "a": {} }, "additionalProperties": {} }),
            &[],
        ),
        (
            json!({ "type": "object", "additionalProperties": { "type": "integer", "minimum": 0 } }),
            json!({ "type": "object", "additionalProperties": { "x-client-constraints": { "minimum": 0 }, "type": "integer" } }),
            &[],
        ),
    ]);
}

#[test]
fn combined_objects_become_one() {
    let pair = json!({ "$ref": "#/components/schemas/Pair" });
    check(&[
        (
            json!({ "allOf": [pair], "description": "d" }),
            json!({ "allOf": [pair], "description": "d" }),
            &[],
        ),
        (
            json!({ "allOf": [pair, { "properties": { "b": { "type": "integer" } } }] }),
            json!({ "type": "object", "required": ["a"], "properties": { "a": { "type": "string" }, "b": { "type": "integer" } } }),
            &[],
        ),
        (
            json!({ "allOf": [pair, { "type": "string" }] }),
            json!({}),
            &[Rule::Alternatives],
        ),
    ]);
}

#[test]
fn a_schema_that_means_itself_is_cut() {
    let own = json!({ "$ref": "#/components/schemas/Tested" });
    check(&[
        (
            json!({ "anyOf": [own, { "type": "string" }] }),
            json!({}),
            &[Rule::Alternatives, Rule::Alternatives],
        ),
        (
            json!({ "type": "array", "items": own }),
            json!({ "type": "array", "items": own }),
            &[],
        ),
    ]);
}

#[test]
fn tuples_and_boolean_schemas_have_a_form() {
    check(&[
        (
            json!({ "type": "array", "prefixItems": [{ "type": "string" }, { "type": "integer" }], "items": false }),
            json!({ "type": "array", "items": {} }),
            &[Rule::Tuple],
        ),
        (
            json!({ "type": "array", "prefixItems": [{ "type": "string", "title": "A" }, { "type": "string" }], "items": false }),
            json!({ "type": "array", "items": { "type": "string" } }),
            &[],
        ),
        (
            json!({ "type": "array" }),
            json!({ "type": "array", "items": {} }),
            &[],
        ),
        (
            json!({ "type": "array", "items": true }),
            json!({ "type": "array", "items": {} }),
            &[],
        ),
    ]);
}
