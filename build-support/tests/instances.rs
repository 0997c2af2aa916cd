//! Generated instances against the judge of all schemas, the `jsonschema` crate.

#![allow(clippy::unwrap_used, reason = "a test")]

use imperal_build_support::{Document, Instances, Overlay, Pipeline, pointer};
use serde_json::{Value, json};

fn validator(root: &Value, pointer: &str) -> jsonschema::Validator {
    let mut schema = root.clone();
    schema["$ref"] = json!(format!("#{pointer}"));
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    jsonschema::options().build(&schema).unwrap()
}

/// How many of the instances of each component are valid, of how many.
fn valid(root: &Value, seeds: u64) -> Vec<(String, u64)> {
    let schemas = root["components"]["schemas"].as_object().unwrap();
    let check = |(name, schema): (&String, &Value)| {
        let validator = validator(root, &pointer::join("/components/schemas", name));
        let fits = |seed: &u64| {
            Instances::new(root, *seed)
                .make(schema)
                .is_some_and(|value| validator.is_valid(&value))
        };
        (name.clone(), (0..seeds).filter(fits).count() as u64)
    };
    schemas.iter().map(check).collect()
}

#[test]
fn every_instance_of_our_components_is_valid() {
    for name in ["auth-gateway", "registry"] {
        let specs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
        let document = Document::load(&specs.join(format!("{name}.json"))).unwrap();
        let overlay = Overlay::load(&specs.join(format!("overlays/{name}.json"))).unwrap();
        let overlaid = Pipeline::run(document, &overlay).unwrap().overlaid;
        for (component, count) in valid(overlaid.root(), 20) {
            assert_eq!(count, 20, "{name}: {component}");
        }
    }
}

#[test]
fn each_keyword_is_heeded() {
    let schemas = [
        json!({ "type": "integer", "minimum": 3, "exclusiveMaximum": 5 }),
        json!({ "type": "integer", "minimum": 0, "maximum": u64::MAX }),
        json!({ "type": "integer", "multipleOf": 7, "minimum": 1 }),
        json!({ "type": "integer", "minimum": 0.5, "maximum": 2.5 }),
        json!({ "type": "integer", "exclusiveMinimum": 1.5, "exclusiveMaximum": 4.5 }),
        json!({ "type": "number", "exclusiveMinimum": 0, "maximum": 0.5 }),
        json!({ "type": "number", "multipleOf": 0.5, "minimum": 1 }),
        json!({ "type": "number", "minimum": 0, "exclusiveMinimum": 5, "maximum": 9 }),
        json!({ "type": "string", "minLength": 3, "maxLength": 4 }),
        json!({ "type": "string", "pattern": "^[a-f]{2}(-\\d+)?$" }),
        json!({ "type": "string", "format": "date-time" }),
        json!({ "type": ["string", "null"], "maxLength": 2 }),
        json!({ "enum": ["a", 1, null] }),
        json!({ "const": { "a": 1 } }),
        json!({ "anyOf": [{ "type": "integer" }, { "type": "null" }] }),
        json!({ "type": "array", "items": { "type": "boolean" }, "uniqueItems": true, "maxItems": 2 }),
        json!({ "type": "array", "prefixItems": [{ "type": "integer" }, { "type": "string" }], "items": false, "minItems": 2 }),
        json!({ "type": "array", "contains": { "const": 5 } }),
        json!({ "type": "object", "required": ["a"], "properties": { "a": { "type": "integer" } }, "additionalProperties": false }),
        json!({ "type": "object", "propertyNames": { "pattern": "^x-" }, "additionalProperties": { "type": "integer" }, "minProperties": 2 }),
        json!({ "allOf": [{ "type": "object", "required": ["a"] }, { "properties": { "a": { "type": "null" } } }] }),
        json!({ "allOf": [{ "type": "number" }, { "type": "integer" }, { "minimum": 4 }, { "minimum": 6 }] }),
        json!(true),
        json!({ "$ref": "#/$defs/tree", "$defs": { "tree": {
            "type": "object", "required": ["children"],
            "properties": { "children": { "type": "array", "items": { "$ref": "#/$defs/tree" } } },
        } } }),
    ];
    for schema in schemas {
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .build(&schema)
            .unwrap();
        let mut different = std::collections::BTreeSet::new();
        for seed in 0..200 {
            let value = Instances::new(&schema, seed).make(&schema).unwrap();
            assert!(validator.is_valid(&value), "{value} does not fit {schema}");
            different.insert(value.to_string());
        }
        assert!(
            different.len() > 1 || schema.get("const").is_some(),
            "{schema} has one value only"
        );
    }
}

#[test]
fn a_multiple_is_no_bound_that_leaves_itself_out() {
    let schema = json!({ "type": "number", "multipleOf": 2, "minimum": 0, "exclusiveMaximum": 10 });
    for seed in 0..20 {
        let value = Instances::new(&schema, seed).make(&schema).unwrap();
        assert!(value.as_f64().unwrap() < 10.0, "{value}");
    }
}

#[test]
fn what_nothing_fits_has_no_value() {
    for schema in [
        json!(false),
        json!({ "allOf": [{ "type": "string" }, { "type": "integer" }] }),
        json!({ "type": "integer", "minimum": 2, "maximum": 1 }),
        json!({ "type": "integer", "minimum": 0.2, "maximum": 0.8 }),
        json!({ "type": "integer", "exclusiveMinimum": 1e40 }),
        json!({ "type": "number", "minimum": 1, "exclusiveMaximum": 1 }),
        json!({ "type": "number", "multipleOf": 2, "minimum": 1, "maximum": 1.5 }),
        json!({ "type": "string", "minLength": 2, "maxLength": 1 }),
        json!({ "required": ["a"], "properties": { "a": false } }),
    ] {
        for seed in 0..20 {
            assert_eq!(
                Instances::new(&schema, seed).make(&schema),
                None,
                "{schema}"
            );
        }
    }
}
