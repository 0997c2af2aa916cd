//! A document of OpenAPI 3.0, served over a real client: what it says in the words of 3.0 is what counts.
#![allow(clippy::unwrap_used, reason = "a test")]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use imperal_build_support::Document;
use imperal_mock::DocumentServer;
use reqwest::StatusCode;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

fn document() -> Value {
    let order = json!({
        "type": "object",
        "required": ["order_id", "closed_at", "weight", "seal"],
        "properties": {
            "order_id": { "type": "string", "nullable": true },
            "closed_at": { "type": "string", "nullable": true, "enum": [null] },
            "weight": {
                "type": "number", "minimum": 1, "exclusiveMinimum": true, "maximum": 2, "exclusiveMaximum": true,
            },
            "seal": { "type": "string", "format": "byte", "nullable": true },
        },
    });
    let wanted = json!({
        "type": "object",
        "required": ["count", "note"],
        "properties": {
            "count": { "type": "integer", "minimum": 0, "exclusiveMinimum": true, "example": 3 },
            "note": { "type": "string", "nullable": true },
            "size": { "type": "string", "nullable": true, "enum": ["small", "large"] },
            "colour": { "$ref": "#/components/schemas/Colour", "maxLength": 1 },
        },
    });
    let parcel = json!({
        "type": "object",
        "required": ["file"],
        "properties": { "file": { "type": "string", "format": "binary" } },
    });
    let done = json!({ "200": { "description": "Done" } });
    json!({
        "openapi": "3.0.3", "info": { "title": "Orders", "version": "1" },
        "paths": {
            "/orders": { "post": {
                "requestBody": { "required": true, "content": { "application/json": { "schema": wanted } } },
                "responses": done,
            } },
            "/orders/{order_id}": { "get": {
                "parameters": [{ "name": "order_id", "in": "path", "required": true, "schema": { "type": "string" } }],
                "responses": { "200": {
                    "description": "The order", "content": { "application/json": { "schema": order } },
                } },
            } },
            "/parcels": { "post": {
                "requestBody": { "required": true, "content": { "multipart/form-data": { "schema": parcel } } },
                "responses": done,
            } },
        },
        "components": { "schemas": { "Colour": { "type": "string", "maxLength": 5 } } },
    })
}

fn serve() -> DocumentServer {
    let json = document().to_string();
    let document = Document::from_json("orders.json", json.as_bytes()).unwrap();
    DocumentServer::start(&document).unwrap()
}

async fn order(server: &DocumentServer, body: &Value) -> (StatusCode, Value) {
    let request = reqwest::Client::new().post(format!("{}/orders", server.url()));
    let answer = request.json(body).send().await.unwrap();
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    (status, serde_json::from_str(&text).unwrap_or_default())
}

async fn get(server: &DocumentServer, path: &str) -> Value {
    let answer = reqwest::get(format!("{}{path}", server.url())).await;
    let answer = answer.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().await.unwrap()
}

#[tokio::test]
async fn what_may_be_null_is_taken_as_null() {
    let server = serve();
    for body in [
        json!({ "count": 1, "note": null }),
        json!({ "count": 1, "note": "a", "size": "small" }),
        // What stands beside a reference counts for nothing.
        json!({ "count": 1, "note": null, "colour": "red" }),
    ] {
        assert_eq!(order(&server, &body).await.0, 200, "{body}");
    }
    server.assert_conforms();
}

#[tokio::test]
async fn what_is_forbidden_is_refused() {
    let server = serve();
    for (body, field, kind) in [
        (json!({ "count": 0, "note": null }), "count", "greater_than"),
        (json!({ "count": null, "note": "a" }), "count", "int_type"),
        (json!({ "count": 1, "note": 5 }), "note", "string_type"),
        // An enumeration that does not list null has no null.
        (
            json!({ "count": 1, "note": "a", "size": null }),
            "size",
            "literal_error",
        ),
        (
            json!({ "count": 1, "note": "a", "colour": "crimson" }),
            "colour",
            "string_too_long",
        ),
    ] {
        let (status, refused) = order(&server, &body).await;
        assert_eq!(status, 422, "{body}");
        let problems = refused["detail"].as_array().unwrap();
        let [problem] = problems.as_slice() else {
            panic!("{refused}");
        };
        assert_eq!(problem["loc"], json!(["body", field]), "{refused}");
        assert_eq!(problem["type"], kind, "{refused}");
    }
}

#[tokio::test]
async fn answers_are_what_the_document_allows() {
    let server = serve();
    let order = get(&server, "/orders/order-7").await;
    assert_eq!(order["order_id"], "order-7");
    assert_eq!(order["closed_at"], Value::Null);
    let weight = order["weight"].as_f64().unwrap();
    assert!(weight > 1.0 && weight < 2.0, "{order}");
    let seal = order["seal"].as_str().unwrap();
    assert!(STANDARD.decode(seal).is_ok(), "{order}");
    server.assert_conforms();
}

#[tokio::test]
async fn a_form_takes_a_file() {
    let server = serve();
    let send = |form: Form| {
        let request = reqwest::Client::new().post(format!("{}/parcels", server.url()));
        request.multipart(form).send()
    };
    let file = Part::bytes(vec![0_u8, 159, 146, 150]).file_name("parcel.bin");
    let answer = send(Form::new().part("file", file)).await.unwrap();
    assert_eq!(answer.status(), 200);
    // A file of no bytes is one still.
    let empty = Part::bytes(Vec::<u8>::new()).file_name("empty.bin");
    let answer = send(Form::new().part("file", empty)).await.unwrap();
    assert_eq!(answer.status(), 200);
    server.assert_conforms();

    let refused = send(Form::new().text("other", "a")).await.unwrap();
    assert_eq!(refused.status(), 422);
    let refused: Value = refused.json().await.unwrap();
    assert_eq!(refused["detail"][0]["loc"], json!(["body", "file"]));
}

#[tokio::test]
async fn the_document_is_published_as_it_was_given() {
    let server = serve();
    assert_eq!(get(&server, "/v1/openapi.json").await, document());
    let judged_by = get(&server, "/__mock/documents/document").await;
    assert_eq!(judged_by["openapi"], "3.1.0");

    let url = format!("{}/v1/openapi.json", server.url());
    let refused = reqwest::Client::new().post(url).send().await.unwrap();
    assert_eq!(refused.status(), 405);
    assert_eq!(refused.headers()["allow"], "GET, HEAD");
}
