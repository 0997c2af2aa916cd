//! Every answer of the cloud, held against the overlaid document by an independent validator.
#![allow(clippy::unwrap_used, reason = "a test")]

use imperal_build_support::{Document, Overlay};
use imperal_mock::{Cloud, EMAIL, PASSWORD, REGISTRY_KEY, SERVICE_TOKEN};
use serde_json::{Value, json};
use std::path::Path;

fn overlaid(name: &str) -> Value {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs");
    let mut document = Document::load(&specs.join(name)).unwrap();
    let unused = Overlay::load(&specs.join("overlays").join(name))
        .unwrap()
        .apply(&mut document)
        .unwrap();
    assert!(
        unused.is_empty(),
        "parts of the overlay that do not fit: {unused:?}"
    );
    document.root().clone()
}

async fn login(cloud: &Cloud) -> String {
    let answer = reqwest::Client::new()
        .post(format!("{}/v1/auth/login", cloud.gateway_url()))
        .json(&json!({ "email": EMAIL, "password": PASSWORD }))
        .send()
        .await
        .unwrap();
    let body: Value = answer.json().await.unwrap();
    body["access_token"].as_str().unwrap().to_owned()
}

/// The success schema of an operation, with the document's components beside it.
fn schema(document: &Value, operation: &Value, status: u16) -> Option<Value> {
    let answers = operation["responses"].as_object()?;
    let answer = answers.get(&status.to_string())?;
    let media = answer["content"].get("application/json")?;
    Some(json!({ "allOf": [media["schema"]], "components": document["components"] }))
}

async fn check_all(base: &str, document: &Value, token: &str) -> (usize, Vec<String>) {
    let client = reqwest::Client::new();
    let (mut checked, mut problems) = (0, Vec::new());
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if path.contains("/auth/log") || path.contains("/auth/refresh") {
                continue;
            }
            let concrete = path
                .replace("{rule_id}", "7")
                .replace("{key_id}", "key-1")
                .replace("{session_id}", "session-1")
                .replace(['{', '}'], "");
            let request = client
                .request(
                    method.to_uppercase().parse().unwrap(),
                    format!("{base}{concrete}?token={token}"),
                )
                .bearer_auth(token)
                .header("x-service-token", SERVICE_TOKEN)
                .header("x-api-key", REGISTRY_KEY);
            let answer = request.send().await.unwrap();
            let status = answer.status().as_u16();
            let kind = answer.headers().get("content-type");
            if kind.is_some_and(|kind| kind.to_str().unwrap().starts_with("text/event-stream")) {
                // It has no end.
                assert_eq!(status, 200, "{method} {path}");
                continue;
            }
            let text = answer.text().await.unwrap();
            let Some(schema) = schema(document, operation, status) else {
                if !(200..300).contains(&status) {
                    problems.push(format!("{method} {path}: {status} {text}"));
                }
                continue;
            };
            let body: Value = serde_json::from_str(&text).unwrap();
            let validator = jsonschema::draft202012::new(&schema).unwrap();
            problems.extend(
                validator
                    .iter_errors(&body)
                    .map(|error| format!("{method} {path}: {error}\n{body}")),
            );
            checked += 1;
        }
    }
    (checked, problems)
}

#[tokio::test]
async fn every_answer_has_the_form_that_the_document_gives() {
    let cloud = Cloud::start().await;
    let token = login(&cloud).await;
    // What can be ended: a session of another device, and a key.
    login(&cloud).await;
    let key = reqwest::Client::new()
        .post(format!("{}/v1/keys", cloud.gateway_url()))
        .bearer_auth(&token)
        .json(&json!({ "name": "ci" }));
    assert_eq!(key.send().await.unwrap().status(), 201);
    for (name, base) in [
        ("auth-gateway.json", cloud.gateway_url()),
        ("registry.json", cloud.registry_url()),
    ] {
        let document = overlaid(name);
        let (checked, problems) = check_all(base, &document, &token).await;
        assert!(problems.is_empty(), "{name}:\n{}", problems.join("\n"));
        assert!(checked > 20, "{name}: only {checked} answers were checked");
    }
}
