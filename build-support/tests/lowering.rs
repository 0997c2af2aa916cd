//! Lowering is total and idempotent, for any schema that a document may hold.
#![cfg(feature = "generate")]
#![allow(clippy::unwrap_used, reason = "a test")]

use imperal_build_support::{Document, Overlay, Pipeline, generate, lower, shape};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::path::Path;

fn document_with(schema: &Value) -> Value {
    let media = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Any" } } });
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Any", "version": "1 \u{e9}" },
        "paths": {
            "/a": { "post": {
                "operationId": "any_a_post",
                "parameters": [{ "name": "q", "in": "query", "schema": schema }],
                "requestBody": { "content": media },
                "responses": { "200": { "description": "One", "content": media } },
            } },
            "/b": { "patch": {
                "operationId": "change_b_patch",
                "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Change" } } } },
                "responses": { "200": { "description": "One" } },
            } },
        },
        "components": { "schemas": { "Any": schema, "Change": schema, "Other": { "type": "object", "properties": { "name": { "type": "string" } } } } },
    })
}

fn lowered(root: &Value) -> Document {
    let mut document = Document::from_json("any.json", root.to_string().as_bytes()).unwrap();
    shape(&mut document).unwrap();
    lower(&mut document);
    document
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e6..1e6).prop_map(Value::from),
        "[a-z \\*/\"`]{0,8}".prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
    ]
}

fn type_names() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec![
        "null", "boolean", "integer", "number", "string", "array", "object",
    ]);
    prop_oneof![
        3 => name.clone().prop_map(Value::from),
        1 => prop::collection::vec(name, 0..4).prop_map(Value::from),
    ]
}

/// Schemas of every keyword, sound or not.
fn schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({})),
        any::<bool>().prop_map(Value::from),
        Just(json!({ "$ref": "#/components/schemas/Other" })),
        Just(json!({ "$ref": "#/components/schemas/Any" }))
            .prop_map(|reference| json!({ "items": reference, "type": "array" })),
        type_names().prop_map(|name| json!({ "type": name })),
        scalar().prop_map(|value| json!({ "const": value })),
        prop::collection::vec(scalar(), 0..4).prop_map(|values| json!({ "enum": values })),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..4);
        let keyword = prop_oneof![
            type_names().prop_map(|value| ("type", value)),
            scalar().prop_map(|value| ("default", value)),
            "[A-C]".prop_map(|value| ("title", json!(value))),
            ".{0,12}".prop_map(|value| ("description", json!(value))),
            prop::sample::select(vec!["date-time", "password", "binary", "uuid"])
                .prop_map(|value| ("format", json!(value))),
            Just(("pattern", json!("^(?=x)"))),
            Just(("minimum", json!(1.0))),
            Just(("exclusiveMaximum", json!(9))),
            Just(("maxItems", json!(3))),
            Just(("required", json!(["a", "nothing"]))),
            Just(("additionalProperties", json!(false))),
            Just(("discriminator", json!({ "propertyName": "a" }))),
            inner
                .clone()
                .prop_map(|value| ("additionalProperties", value)),
            inner.clone().prop_map(|value| ("items", value)),
            inner.clone().prop_map(|value| ("not", value)),
            list.clone().prop_map(|value| ("anyOf", json!(value))),
            list.clone().prop_map(|value| ("oneOf", json!(value))),
            list.clone().prop_map(|value| ("allOf", json!(value))),
            list.prop_map(|value| ("prefixItems", json!(value))),
            prop::collection::btree_map("[a-c]|type|self|extra", inner, 0..4)
                .prop_map(|value| ("properties", json!(value))),
        ];
        prop::collection::vec(keyword, 1..6).prop_map(|keywords| {
            let object: Map<String, Value> = keywords
                .into_iter()
                .map(|(keyword, value)| (keyword.to_owned(), value))
                .collect();
            Value::Object(object)
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn lowering_twice_changes_nothing(schema in schema()) {
        let once = lowered(&document_with(&schema));
        let mut twice = once.clone();
        lower(&mut twice);
        prop_assert_eq!(once.root(), twice.root());
    }

    #[test]
    fn the_loader_never_panics(mut text in ".{0,200}", cut in 0usize..2000) {
        let document = document_with(&json!({ "type": "string" })).to_string();
        text.push_str(document.get(..cut).unwrap_or(&document));
        let _ = Document::from_json("any.json", text.as_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// What cannot be generated is an error or left out; it never takes the process down.
    #[test]
    fn generating_never_panics_and_repeats_itself(schema in schema()) {
        let document = lowered(&document_with(&schema));
        let (once, twice) = (generate(&document, "any"), generate(&document, "any"));
        match (once, twice) {
            (Ok(once), Ok(twice)) => prop_assert_eq!(once.source, twice.source),
            (Err(once), Err(twice)) => {
                prop_assert_eq!(once.to_string(), twice.to_string());
                prop_assert!(!once.to_string().contains("defect"), "{}", once);
            }
            _ => prop_assert!(false, "once it went well and once not"),
        }
    }
}

#[test]
fn our_documents_are_lowered_for_good() {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    for name in ["auth-gateway.json", "registry.json"] {
        let document = Document::load(&specs.join(name)).unwrap();
        let overlay = Overlay::load(&specs.join("overlays").join(name)).unwrap();
        let once = Pipeline::run(document, &overlay).unwrap().lowered;
        let mut twice = once.clone();
        lower(&mut twice);
        assert_eq!(once.root(), twice.root(), "{name}");
    }
}
