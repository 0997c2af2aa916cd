//! One schema, with everything in it: what 3.0 says in words of its own, in those of JSON Schema.

use super::{each_listed, each_named, isolate_reference};
use serde_json::{Map, Value, json};

pub(super) fn raise(schema: &mut Value) {
    if isolate_reference(schema) {
        return;
    }
    // A truth value can stand for a schema, and has no words to raise.
    let Some(schema) = schema.as_object_mut() else {
        return;
    };
    raise_encoding(schema);
    raise_null(schema);
    raise_bound(schema, "minimum", "exclusiveMinimum");
    raise_bound(schema, "maximum", "exclusiveMaximum");
    raise_example(schema);
    raise_parts(schema);
}

/// The keywords of 3.0 that hold schemas. Others have no meaning there, or hold data.
fn raise_parts(schema: &mut Map<String, Value>) {
    each_named(schema.get_mut("properties"), raise);
    for keyword in ["items", "additionalProperties", "not"] {
        if let Some(part) = schema.get_mut(keyword) {
            raise(part);
        }
    }
    for keyword in ["allOf", "anyOf", "oneOf"] {
        each_listed(schema.get_mut(keyword), raise);
    }
}

/// Text that stands for bytes.
///
/// `binary` stays: which words 3.1 has for it depends on the media type around it, and whoever reads
/// a form knows it, for services write it in documents of 3.1 too.
fn raise_encoding(schema: &mut Map<String, Value>) {
    let is = |keyword: &str, word: &str| schema.get(keyword).is_some_and(|value| value == word);
    if is("type", "string") && is("format", "byte") {
        schema.shift_remove("format");
        schema.insert("contentEncoding".to_owned(), json!("base64"));
    }
}

/// `nullable` adds null to the type that stands beside it, and to nothing else (3.0.3).
///
/// Without a type it has no effect: what an `allOf` refers to stays as narrow as it is. An `enum`
/// still decides: null has to be listed there as well.
fn raise_null(schema: &mut Map<String, Value>) {
    if schema.shift_remove("nullable") != Some(Value::Bool(true)) {
        return;
    }
    let Some(kind) = schema.get_mut("type") else {
        return;
    };
    let mut names = match kind.take() {
        Value::Array(names) => names,
        name => vec![name],
    };
    if !names.contains(&json!("null")) {
        names.push(json!("null"));
    }
    *kind = Value::Array(names);
}

/// In 3.0 the exclusive bounds are switches, which mean nothing without the bound that they switch.
fn raise_bound(schema: &mut Map<String, Value>, bound: &str, exclusive: &str) {
    let Some(is_exclusive) = schema.get(exclusive).and_then(Value::as_bool) else {
        return;
    };
    schema.shift_remove(exclusive);
    let is_number = schema.get(bound).is_some_and(Value::is_number);
    if is_exclusive
        && is_number
        && let Some(number) = schema.shift_remove(bound)
    {
        schema.insert(exclusive.to_owned(), number);
    }
}

/// One example becomes the first of a list. 3.0 has no such list, but schemas from elsewhere have.
fn raise_example(schema: &mut Map<String, Value>) {
    let Some(example) = schema.shift_remove("example") else {
        return;
    };
    let mut examples = vec![example];
    if let Some(Value::Array(others)) = schema.shift_remove("examples") {
        examples.extend(others);
    }
    schema.insert("examples".to_owned(), Value::Array(examples));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each case: what 3.0 says, and the same in 3.1.
    fn check(cases: &[(Value, Value)]) {
        for (schema, expected) in cases {
            let mut raised = schema.clone();
            raise(&mut raised);
            assert_eq!(raised, *expected, "{schema}");
        }
    }

    #[test]
    fn null_is_one_of_the_types() {
        check(&[
            (
                json!({ "type": "string", "nullable": true }),
                json!({ "type": ["string", "null"] }),
            ),
            (
                json!({ "type": "string", "nullable": false }),
                json!({ "type": "string" }),
            ),
            (
                json!({ "type": ["string", "integer"], "nullable": true }),
                json!({ "type": ["string", "integer", "null"] }),
            ),
            (
                json!({ "type": ["string", "null"], "nullable": true }),
                json!({ "type": ["string", "null"] }),
            ),
        ]);
    }

    #[test]
    fn an_enum_says_itself_whether_null_is_listed() {
        check(&[
            (
                json!({ "type": "string", "nullable": true, "enum": ["a"] }),
                json!({ "type": ["string", "null"], "enum": ["a"] }),
            ),
            (
                json!({ "type": "string", "nullable": true, "enum": ["a", null] }),
                json!({ "type": ["string", "null"], "enum": ["a", null] }),
            ),
        ]);
    }

    #[test]
    fn without_a_type_null_is_added_to_nothing() {
        let name = json!({ "$ref": "#/components/schemas/Name" });
        check(&[
            (json!({ "nullable": true }), json!({})),
            (
                json!({ "nullable": true, "enum": ["a"] }),
                json!({ "enum": ["a"] }),
            ),
            (
                json!({ "nullable": true, "allOf": [name] }),
                json!({ "allOf": [name] }),
            ),
            (
                json!({ "nullable": true, "anyOf": [{ "type": "string" }, { "type": "integer" }] }),
                json!({ "anyOf": [{ "type": "string" }, { "type": "integer" }] }),
            ),
        ]);
    }

    #[test]
    fn exclusive_bounds_are_numbers() {
        check(&[
            (
                json!({ "minimum": 1, "exclusiveMinimum": true, "maximum": 2.5, "exclusiveMaximum": true }),
                json!({ "exclusiveMinimum": 1, "exclusiveMaximum": 2.5 }),
            ),
            (
                json!({ "minimum": 1, "exclusiveMinimum": false, "maximum": 2, "exclusiveMaximum": false }),
                json!({ "minimum": 1, "maximum": 2 }),
            ),
            (
                json!({ "exclusiveMinimum": true, "exclusiveMaximum": true }),
                json!({}),
            ),
            (
                json!({ "minimum": 1, "exclusiveMaximum": true }),
                json!({ "minimum": 1 }),
            ),
            (
                json!({ "minimum": "1", "exclusiveMinimum": true }),
                json!({ "minimum": "1" }),
            ),
            // As it is written by those who forget that this is 3.0.
            (
                json!({ "exclusiveMinimum": 1, "maximum": 2 }),
                json!({ "exclusiveMinimum": 1, "maximum": 2 }),
            ),
        ]);
    }

    #[test]
    fn a_reference_stands_alone() {
        let name = json!({ "$ref": "#/components/schemas/Name" });
        check(&[
            (
                json!({ "$ref": "#/components/schemas/Name", "nullable": true, "maxLength": 1, "example": "a" }),
                name,
            ),
            (
                json!({ "properties": { "$ref": { "type": "string", "nullable": true } }, "required": ["$ref"] }),
                json!({ "properties": { "$ref": { "type": ["string", "null"] } }, "required": ["$ref"] }),
            ),
        ]);
    }

    #[test]
    fn one_example_becomes_a_list() {
        check(&[
            (json!({ "example": null }), json!({ "examples": [null] })),
            (json!({ "example": ["a"] }), json!({ "examples": [["a"]] })),
            (
                json!({ "example": 1, "examples": [2] }),
                json!({ "examples": [1, 2] }),
            ),
        ]);
    }

    #[test]
    fn text_in_base64_is_encoded_content() {
        check(&[
            (
                json!({ "type": "string", "format": "byte", "nullable": true }),
                json!({ "type": ["string", "null"], "contentEncoding": "base64" }),
            ),
            (
                json!({ "type": "integer", "format": "byte" }),
                json!({ "type": "integer", "format": "byte" }),
            ),
            (
                json!({ "type": "string", "format": "binary" }),
                json!({ "type": "string", "format": "binary" }),
            ),
        ]);
    }

    #[test]
    fn every_part_that_is_a_schema_is_raised() {
        let old = json!({ "type": "string", "nullable": true });
        let new = json!({ "type": ["string", "null"] });
        let around = |part: &Value| {
            json!({
                "properties": { "nullable": part, "example": part, "enum": part, "x-a": part },
                "items": { "items": part },
                "additionalProperties": part,
                "not": part,
                "allOf": [part, { "allOf": [part] }],
                "anyOf": [part],
                "oneOf": [{ "properties": { "default": part } }],
            })
        };
        check(&[
            (around(&old), around(&new)),
            (
                json!({ "additionalProperties": false, "items": true, "allOf": [false] }),
                json!({ "additionalProperties": false, "items": true, "allOf": [false] }),
            ),
        ]);
    }

    #[test]
    fn data_is_not_touched() {
        let data =
            json!({ "type": "string", "nullable": true, "example": 1, "exclusiveMinimum": true });
        let untouched = json!({
            "default": data, "enum": [data], "x-nullable": data, "xml": data, "externalDocs": data,
            "discriminator": { "propertyName": "nullable", "mapping": { "nullable": "#/a" } },
            "required": ["nullable", "example"],
        });
        let mut old = untouched.clone();
        old["example"] = data.clone();
        let mut new = untouched.clone();
        new["examples"] = json!([data]);
        check(&[(untouched.clone(), untouched), (old, new)]);
    }
}
