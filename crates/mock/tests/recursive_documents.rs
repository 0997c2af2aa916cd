//! Documents whose schemas refer to themselves, nest deep or ask for very much: whatever is asked of a server with
//! such a document, it answers and lives on.
#![allow(clippy::unwrap_used, reason = "a test")]

use imperal_build_support::Document;
use imperal_mock::DocumentServer;
use reqwest::Client;
use serde_json::{Map, Value, json};

/// Schemas that lead back to themselves, with a value before they do or without one.
fn schemas() -> Map<String, Value> {
    let own = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let schemas = json!({
        "ListOfItself": { "anyOf": [{ "type": "integer" }, { "type": "array", "items": own("ListOfItself") }] },
        "SetOfItself": { "type": "array", "items": own("SetOfItself") },
        "TupleOfItself": { "anyOf": [
            { "type": "integer" }, { "type": "array", "prefixItems": [own("TupleOfItself"), own("TupleOfItself")] },
        ] },
        "DictionaryOfItself": { "anyOf": [
            { "type": "integer" }, { "type": "object", "additionalProperties": own("DictionaryOfItself") },
        ] },
        "PatternsOfItself": { "anyOf": [
            { "type": "integer" }, { "type": "object", "patternProperties": { "^a": own("PatternsOfItself") } },
        ] },
        "AnyOfItself": { "anyOf": [own("AnyOfItself"), { "type": "integer" }] },
        "OneOfItself": { "oneOf": [own("OneOfItself"), { "type": "integer" }, { "type": "boolean" }] },
        "AllOfItself": { "allOf": [own("AllOfItself"), { "type": "integer" }] },
        "AllOfItselfAlone": { "allOf": [own("AllOfItselfAlone")] },
        "First": { "anyOf": [own("Second"), { "type": "integer" }] },
        "Second": { "allOf": [own("First"), {}] },
        "TaggedByItself": {
            "discriminator": { "propertyName": "kind" },
            "oneOf": [own("TaggedByItself"), { "type": "object", "properties": { "kind": { "const": "a" } } }],
        },
        "Tree": { "type": "object", "properties": {
            "children": { "anyOf": [{ "type": "array", "items": own("Tree") }, own("Tree")] },
        } },
        "NamesOfItself": { "type": "object", "propertyNames": own("NamesOfItself") },
        "NotItself": { "not": own("NotItself") },
        "IfItself": { "if": own("IfItself"), "then": own("IfItself"), "else": { "type": "integer" } },
    });
    schemas.as_object().cloned().unwrap()
}

fn serve(schemas: &Map<String, Value>, strict: bool) -> DocumentServer {
    let mut paths = Map::new();
    for name in schemas.keys() {
        let own = json!({ "$ref": format!("#/components/schemas/{name}") });
        let form = json!({ "type": "object", "properties": { "v": own } });
        let parameter = |place: &str| json!({ "name": "v", "in": place, "schema": own });
        let answer = json!({ "200": {
            "description": "Done", "content": { "application/json": { "schema": own } },
        } });
        paths.insert(
            format!("/json/{name}"),
            json!({ "post": {
                "parameters": [parameter("query"), parameter("header"), parameter("cookie")],
                "requestBody": { "content": { "application/json": { "schema": own } } },
                "responses": answer,
            } }),
        );
        paths.insert(
            format!("/form/{name}"),
            json!({ "post": {
                "requestBody": { "content": { "application/x-www-form-urlencoded": { "schema": form } } },
                "responses": answer,
            } }),
        );
    }
    let document = json!({
        "openapi": "3.1.0", "info": { "title": "Recursive", "version": "1" },
        "paths": paths, "components": { "schemas": schemas },
    });
    let document = Document::from_json("recursive.json", document.to_string().as_bytes()).unwrap();
    let server = DocumentServer::builder().strict(strict);
    server.start(&document).unwrap()
}

/// Asks with each schema in each place, with values that fit and values that do not.
async fn ask_all(server: &DocumentServer, names: impl Iterator<Item = &String>) {
    let client = Client::new();
    for name in names {
        for body in ["5", "\"a\"", "[[[\"a\"]]]", "{\"a\":{\"a\":\"b\"}}", "null"] {
            let request = client.post(format!("{}/json/{name}?v=a&v=b", server.url()));
            let request = request.header("v", "a").header("cookie", "v=a");
            let request = request.header("content-type", "application/json");
            let answer = request.body(body).send().await.unwrap();
            assert!(answer.status().as_u16() < 600, "{name} {body}");
        }
        let request = client.post(format!("{}/form/{name}", server.url()));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.body("v=a&v=5").send().await.unwrap();
    }
}

#[tokio::test]
async fn a_schema_that_refers_to_itself_does_not_end_the_server() {
    let schemas = schemas();
    for strict in [false, true] {
        let server = serve(&schemas, strict);
        ask_all(&server, schemas.keys()).await;
        assert_eq!(server.exchanges().len(), schemas.len() * 6);
    }
}

#[tokio::test]
async fn schemas_that_refer_to_each_other_in_a_long_row_do_not_end_the_server() {
    for keyword in [
        "allOf",
        "anyOf",
        "oneOf",
        "properties",
        "items",
        "additionalProperties",
    ] {
        let mut schemas = Map::new();
        for index in 0..1_000 {
            let next = json!({ "$ref": format!("#/components/schemas/S{}", (index + 1) % 1_000) });
            let schema = match keyword {
                "items" | "additionalProperties" => json!({ keyword: next }),
                "properties" => json!({ keyword: { "a": next } }),
                several => json!({ several: [next, { "type": "integer" }] }),
            };
            schemas.insert(format!("S{index}"), schema);
        }
        let server = serve(&schemas, false);
        let first = "S0".to_owned();
        ask_all(&server, std::iter::once(&first)).await;
        assert_eq!(server.exchanges().len(), 6, "{keyword}");
    }
}

/// A value so deep inside of others that each is an object with the one field `v`.
fn nested(depth: usize, innermost: Value) -> Value {
    (0..depth).fold(innermost, |inner, _| json!({ "v": inner }))
}

async fn asked(server: &DocumentServer, name: &str, body: &Value) -> (u16, Value) {
    let request = Client::new().post(format!("{}/json/{name}", server.url()));
    let answer = request.json(body).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap())
}

#[tokio::test]
async fn what_is_wrong_deep_inside_is_told_in_full() {
    let own = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let node = |name: &str| json!({ "type": "object", "required": ["v"], "properties": { "v": own(name) } });
    let schemas = json!({
        "V": { "anyOf": [{ "type": "integer" }, own("N")] }, "N": node("V"),
        "W": { "anyOf": [own("A"), own("B"), { "type": "integer" }] }, "A": node("W"), "B": node("W"),
    });
    let server = serve(schemas.as_object().unwrap(), false);
    assert_eq!(asked(&server, "V", &nested(100, json!(1))).await.0, 200);
    let (status, refused) = asked(&server, "V", &nested(100, json!("wrong"))).await;
    assert_eq!(status, 422);
    let problems = refused["detail"].as_array().unwrap();
    // At each level it is no whole number, and innermost it is no object either.
    assert_eq!(problems.len(), 102);
    assert_eq!(problems[0]["loc"], json!(["body", "int"]));
    assert_eq!(
        problems[101]["loc"].as_array().unwrap().len(),
        1 + 2 * 100 + 1
    );

    // Two ways at each level lead to the wrong value: to tell of all is not to be had.
    let (status, refused) = asked(&server, "W", &nested(100, json!("wrong"))).await;
    assert_eq!(status, 422);
    let told = refused["detail"].as_array().unwrap().len();
    assert!((100..10_000).contains(&told), "{told}");
}

#[tokio::test]
async fn an_answer_that_no_machine_holds_is_not_made() {
    for schema in [
        json!({ "type": "array", "items": { "type": "null" }, "minItems": 1_000_000_000 }),
        json!({ "type": "string", "minLength": 1_000_000_000 }),
    ] {
        let schemas = json!({ "Huge": schema });
        let server = serve(schemas.as_object().unwrap(), false);
        let request = Client::new().post(format!("{}/json/Huge", server.url()));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 500, "{schema}");
        let refused: Value = answer.json().await.unwrap();
        let told = refused["detail"].as_str().unwrap();
        assert!(told.starts_with("No value was found"), "{told}");
    }
}

#[tokio::test]
async fn a_name_that_holds_itself_is_cut_short() {
    let server = serve(&schemas(), false);
    let (status, refused) = asked(&server, "ListOfItself", &json!([["a"]])).await;
    assert_eq!(status, 422);
    let problems = refused["detail"].as_array().unwrap();
    let last = &problems.last().unwrap()["loc"];
    let name = "list[union[int,...]]";
    assert_eq!(*last, json!(["body", name, 0, name, 0, name]), "{refused}");
}
