//! Operations with several media types: a body is held against what is declared for its own, and answers have one
//! that is declared.
#![allow(clippy::unwrap_used, reason = "a test")]

use imperal_build_support::Document;
use imperal_mock::DocumentServer;
use reqwest::Client;
use serde_json::{Value, json};

fn serve(operation: &Value) -> DocumentServer {
    let document = json!({
        "openapi": "3.1.0", "info": { "title": "Media types", "version": "1" },
        "paths": { "/x": { "post": operation } },
    });
    let document = Document::from_json("media.json", document.to_string().as_bytes()).unwrap();
    DocumentServer::start(&document).unwrap()
}

async fn status(server: &DocumentServer, media_type: &str, body: &str) -> u16 {
    let request = Client::new().post(format!("{}/x", server.url()));
    let request = request.header("content-type", media_type);
    let answer = request.body(body.to_owned()).send().await.unwrap();
    answer.status().as_u16()
}

/// An object that needs this field.
fn needing(field: &str) -> Value {
    json!({ "schema": { "type": "object", "required": [field], "properties": { field: { "type": "integer" } } } })
}

#[tokio::test]
async fn a_body_is_held_against_what_is_declared_for_its_media_type() {
    let server = serve(&json!({
        "requestBody": { "required": true, "content": {
            "application/json": needing("plain"),
            "application/x-www-form-urlencoded": needing("form"),
            "multipart/form-data": needing("parts"),
            "application/merge-patch+json": needing("patch"),
            "application/hal+json; version=1": needing("one"),
            "application/hal+json; version=2": needing("two"),
            "application/*": needing("other"),
            "text/csv": {},
        } },
        "responses": { "200": { "description": "Done" } },
    }));
    let parts = |field: &str| {
        format!("--b\r\ncontent-disposition: form-data; name=\"{field}\"\r\n\r\n1\r\n--b--\r\n")
    };
    for (media_type, body, expected) in [
        ("application/json", "{\"plain\":1}", 200),
        ("application/json; charset=utf-8", "{\"plain\":1}", 200),
        ("Application/JSON", "{\"patch\":1}", 422),
        ("application/merge-patch+json", "{\"patch\":1}", 200),
        ("application/merge-patch+json", "{\"plain\":1}", 422),
        ("application/x-www-form-urlencoded", "form=1", 200),
        ("application/x-www-form-urlencoded", "form=a", 422),
        ("application/x-www-form-urlencoded", "plain=1", 422),
        ("application/x-www-form-urlencoded", "", 422),
        ("multipart/form-data; boundary=b", &parts("parts"), 200),
        ("multipart/form-data; boundary=b", &parts("form"), 422),
        ("application/hal+json; version=1", "{\"one\":1}", 200),
        ("application/hal+json;version=2", "{\"two\":1}", 200),
        ("application/hal+json;version=2", "{\"one\":1}", 422),
        ("application/vnd.other+json", "{\"other\":1}", 200),
        ("application/vnd.other+json", "{\"plain\":1}", 422),
        ("text/csv", "a,b", 200),
        ("text/csv", "", 422),
    ] {
        assert_eq!(
            status(&server, media_type, body).await,
            expected,
            "{media_type} {body}"
        );
    }
}

#[tokio::test]
async fn a_text_is_held_against_its_schema() {
    let of = |schema: Value| json!({ "schema": schema });
    let server = serve(&json!({
        "requestBody": { "required": true, "content": {
            "text/plain": of(json!({ "type": "string", "maxLength": 3 })),
            "text/csv": of(json!({ "type": "string", "pattern": "^a,b" })),
            "text/*": of(json!({ "type": "integer", "minimum": 5 })),
            "text/xml": of(json!({ "type": "string", "maxLength": 3 })),
            "text/json": of(json!({ "enum": ["red"] })),
            "text/list": of(json!({ "type": "array", "items": { "type": "integer" } })),
        } },
        "responses": { "200": { "description": "Done" } },
    }));
    for (media_type, body, expected) in [
        ("text/plain", "abc", 200),
        ("text/plain; charset=\"UTF-8\"", "äöü", 200),
        ("text/plain", "abcd", 422),
        ("text/plain; charset=us-ascii", "abcd", 422),
        ("text/plain", "", 422),
        ("text/csv", "a,b\n1,2", 200),
        ("text/csv", "b,a\n1,2", 422),
        ("text/markdown", "7", 200),
        ("text/markdown", "4", 422),
        ("text/markdown", "seven", 422),
        // What is written in other characters, in a language of its own, or in parts is not read.
        ("text/plain; charset=utf-16", "abcd", 200),
        ("text/xml", "<a/>", 200),
        ("text/json", "\"red\"", 200),
        ("text/list", "1 2 3", 200),
    ] {
        assert_eq!(
            status(&server, media_type, body).await,
            expected,
            "{media_type} {body}"
        );
    }
    let exchanges = server.exchanges();
    let told: Vec<String> = exchanges
        .iter()
        .flat_map(|exchange| &exchange.violations)
        .map(ToString::to_string)
        .collect();
    assert_eq!(told[0], "body: String should have at most 3 characters");
    assert_eq!(told[3], "body: String should match pattern '^a,b'");
}

#[tokio::test]
async fn answers_have_a_media_type_and_a_form_that_are_declared() {
    let colour = json!({ "schema": { "type": "string", "enum": ["red"] } });
    let count = json!({ "schema": { "const": { "count": 7 } } });
    for (declared, media, expected_type, expected) in [
        (
            "application/json",
            &count,
            "application/json",
            "{\"count\":7}",
        ),
        (
            "application/hal+json",
            &count,
            "application/hal+json",
            "{\"count\":7}",
        ),
        (
            "application/json; charset=utf-8",
            &count,
            "application/json; charset=utf-8",
            "{\"count\":7}",
        ),
        ("*/*", &count, "application/json", "{\"count\":7}"),
        ("*/*", &colour, "application/octet-stream", "red"),
        ("*/*", &json!({}), "application/octet-stream", "sample"),
        ("text/plain", &colour, "text/plain", "red"),
        (
            "text/plain; charset=utf-8",
            &colour,
            "text/plain; charset=utf-8",
            "red",
        ),
        ("text/*", &colour, "text/plain", "red"),
        ("text/csv", &json!({}), "text/csv", "sample"),
        ("image/*", &json!({}), "image/png", "sample"),
    ] {
        let server = serve(&json!({
            "responses": { "200": { "description": "Done", "content": { declared: media } } },
        }));
        let answer = Client::new()
            .post(format!("{}/x", server.url()))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200, "{declared}");
        assert_eq!(
            answer.headers()["content-type"],
            expected_type,
            "{declared}"
        );
        assert_eq!(answer.text().await.unwrap(), expected, "{declared}");
    }
}

#[tokio::test]
async fn json_that_is_not_read_is_refused_for_what_it_is() {
    let server = serve(&json!({
        "requestBody": { "content": { "application/json": { "schema": {} } } },
        "responses": { "200": { "description": "Done" } },
    }));
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(status(&server, "application/json", &nested(127)).await, 200);
    for (body, position, words) in [
        (nested(150), 127, "Nested more than 127 levels deep"),
        ("\"\\ud800\"".to_owned(), 0, "The mock does not read this"),
        ("[1] 2".to_owned(), 4, "Extra data"),
    ] {
        let request = Client::new().post(format!("{}/x", server.url()));
        let request = request.header("content-type", "application/json");
        let answer = request.body(body.clone()).send().await.unwrap();
        assert_eq!(answer.status(), 422, "{body}");
        let refused: Value = answer.json().await.unwrap();
        let problem = &refused["detail"][0];
        assert_eq!(problem["loc"], json!(["body", position]), "{problem}");
        let told = problem["ctx"]["error"].as_str().unwrap();
        assert!(told.starts_with(words), "{problem}");
    }
}
