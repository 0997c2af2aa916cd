//! Every operation asked with generated arguments: each request is accepted, and each answer held against the
//! overlaid document by a validator of its own.
#![allow(clippy::unwrap_used, reason = "a test")]

use imperal_build_support::{Document, Instances, Overlay};
use imperal_mock::{Cloud, EMAIL, PASSWORD, REGISTRY_KEY, SERVICE_TOKEN};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::path::Path;

/// What answers by what it knows, and not always with a success.
const STATEFUL: &[&str] = &[
    "/v1/auth/login",
    "/v1/auth/signup",
    "/v1/auth/verify-email",
    "/v1/auth/me/change-password",
    "/v1/auth/refresh",
    "/v1/auth/cli/device/",
    "/v1/auth/sessions/{session_id}/revoke",
    "/v1/keys/{key_id}",
];

const SEEDS: usize = 5;

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

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        other => vec![other.to_string()],
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// A request with arguments that fit the document; none if chance found none.
fn request(
    client: &reqwest::Client,
    base: &str,
    document: &Value,
    (path, method, operation): (&str, &str, &Value),
    seed: u64,
) -> Option<reqwest::RequestBuilder> {
    let mut instances = Instances::new(document, seed);
    let (mut concrete, mut query, mut headers) = (path.to_owned(), Vec::new(), Vec::new());
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap();
        let given = texts(&instances.make(&parameter["schema"])?);
        match parameter["in"].as_str().unwrap() {
            "path" => {
                let text = given
                    .first()
                    .filter(|text| !matches!(text.as_str(), "" | "." | ".."))?;
                concrete = concrete.replace(&format!("{{{name}}}"), &encoded(text));
            }
            "query" if name != "token" => {
                query.extend(given.iter().map(|text| format!("{name}={}", encoded(text))));
            }
            "header" => headers.extend(given.into_iter().map(|text| (name.to_owned(), text))),
            _ => {}
        }
    }
    let url = format!("{base}{concrete}?{}", query.join("&"));
    let mut request = client.request(method.to_uppercase().parse().unwrap(), url);
    let credentials = ["authorization", "x-service-token", "x-api-key"];
    for (name, text) in headers {
        let sendable = text.chars().all(|c| (' '..='~').contains(&c)) && text.trim() == text;
        if !credentials.contains(&name.to_lowercase().as_str()) && sendable {
            request = request.header(name, text);
        }
    }
    if let Some(media) = operation["requestBody"]["content"].get("application/json") {
        request = request.json(&instances.make(&media["schema"])?);
    }
    if let Some(media) = operation["requestBody"]["content"].get("multipart/form-data") {
        request = request.multipart(form(document, &media["schema"]));
    }
    Some(request)
}

fn form(document: &Value, schema: &Value) -> reqwest::multipart::Form {
    let reference = schema["$ref"].as_str().map(|reference| &reference[1..]);
    let schema = reference.map_or(schema, |pointer| document.pointer(pointer).unwrap());
    let names = schema["properties"].as_object().unwrap().keys();
    names.fold(reqwest::multipart::Form::new(), |form, name| {
        let part = reqwest::multipart::Part::text("content");
        form.part(name.clone(), part.file_name("sample"))
    })
}

async fn check_all(base: &str, document: &Value, token: &str) -> (usize, Vec<String>) {
    let client = reqwest::Client::new();
    let (mut checked, mut problems) = (0, Vec::new());
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if path == "/v1/auth/logout" || path == "/v1/auth/sessions/revoke-others" {
                // They would end the login of the others.
                continue;
            }
            let called = (path.as_str(), method.as_str(), operation);
            let made = (0..).filter_map(|seed| request(&client, base, document, called, seed));
            for request in made.take(SEEDS) {
                let request = request.header("x-service-token", SERVICE_TOKEN);
                let request = request.bearer_auth(token).header("x-api-key", REGISTRY_KEY);
                let answer = request.query(&[("token", token)]).send().await.unwrap();
                let status = answer.status().as_u16();
                let kind = answer.headers().get("content-type");
                if kind.is_some_and(|kind| kind.to_str().unwrap().starts_with("text/event-stream"))
                {
                    // It has no end.
                    assert_eq!(status, 200, "{method} {path}");
                    continue;
                }
                let text = answer.text().await.unwrap();
                let Some(schema) = schema(document, operation, status) else {
                    let stateful = STATEFUL.iter().any(|route| path.starts_with(route));
                    let expected = (200..300).contains(&status) || (stateful && status < 410);
                    if !expected {
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
    }
    (checked, problems)
}

#[tokio::test]
async fn every_operation_takes_what_the_document_allows_and_answers_what_it_gives() {
    let cloud = Cloud::start().await;
    let token = login(&cloud).await;
    for (name, base, least) in [
        ("auth-gateway.json", cloud.gateway_url(), 600),
        ("registry.json", cloud.registry_url(), 80),
    ] {
        let document = overlaid(name);
        let (checked, problems) = check_all(base, &document, &token).await;
        assert!(problems.is_empty(), "{name}:\n{}", problems.join("\n"));
        assert!(
            checked > least,
            "{name}: only {checked} answers were checked"
        );
    }
    cloud.assert_conforms();
}

#[tokio::test]
async fn what_is_listed_can_be_fetched_and_pages_add_up() {
    let cloud = Cloud::start().await;
    let client = reqwest::Client::new();
    let get = |path: String| client.get(format!("{}{path}", cloud.gateway_url())).send();
    let mut listed: Vec<Value> = Vec::new();
    for page in 1.. {
        let answer = get(format!("/v1/marketplace/apps?page={page}&per_page=20"))
            .await
            .unwrap();
        let body: Value = answer.json().await.unwrap();
        let items = body["apps"].as_array().unwrap().clone();
        if items.is_empty() {
            break;
        }
        listed.extend(items);
    }
    assert_eq!(listed.len(), 45);
    let id = listed[29]["app_id"].as_str().unwrap();
    let one: Value = get(format!("/v1/marketplace/apps/{id}"))
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(one["app_id"], id);
    assert_eq!(one["display_name"], listed[29]["display_name"]);
}

#[tokio::test]
async fn a_thing_with_the_highest_number_is_answered_with_its_lists() {
    let cloud = Cloud::start().await;
    let id = format!("app-{}", u64::MAX);
    let url = format!("{}/v1/marketplace/apps/{id}", cloud.gateway_url());
    let app: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
    assert_eq!(app["app_id"], id);
    assert!(!app["tags"].as_array().unwrap().is_empty(), "{app}");
}

/// The answer of a cloud with this seed.
async fn answered(seed: u64, path: &str) -> String {
    let cloud = Cloud::builder().seed(seed).start().await;
    let url = format!("{}{path}", cloud.gateway_url());
    reqwest::get(url).await.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn the_same_seed_has_the_same_data_and_another_has_other_data_for_the_same_things() {
    let path = "/v1/marketplace/apps?per_page=5";
    let first = answered(7, path).await;
    assert_eq!(answered(7, path).await, first);
    let other = answered(8, path).await;
    let values = |text: &str, name: &str| {
        let answer: Value = serde_json::from_str(text).unwrap();
        let apps = answer["apps"].as_array().unwrap().clone();
        apps.into_iter()
            .map(|app| app[name].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(values(&first, "app_id"), values(&other, "app_id"));
    for name in ["display_name", "short_description", "install_count"] {
        let (one, two) = (values(&first, name), values(&other, name));
        let same = one.iter().zip(&two).filter(|(one, two)| one == two);
        assert!(same.count() <= 2, "{name}: {one:?} {two:?}");
    }
}

#[tokio::test]
async fn ids_keys_and_addresses_look_like_those_of_the_platform() {
    let cloud = Cloud::start().await;
    let client = reqwest::Client::new();
    let ask = async |request: reqwest::RequestBuilder| {
        let request = request.header("x-service-token", SERVICE_TOKEN);
        let request = request.header("x-api-key", REGISTRY_KEY);
        let answer = request.bearer_auth(login(&cloud).await).send().await;
        answer.unwrap().json::<Value>().await.unwrap()
    };
    let (gateway, registry) = (cloud.gateway_url(), cloud.registry_url());
    let tenants = ask(client.get(format!("{gateway}/v1/tenants"))).await;
    for tenant in tenants.as_array().unwrap() {
        for name in ["id", "tenant_id"] {
            let id = tenant[name].as_str().unwrap();
            assert!(id.starts_with("imp_t_0"), "{tenant}");
        }
    }
    let id = tenants[1]["tenant_id"].as_str().unwrap();
    let one = ask(client.get(format!("{gateway}/v1/tenants/{id}"))).await;
    assert_eq!(one, tenants[1]);

    let key = client.post(format!("{registry}/v1/apps/app-1/keys"));
    let key = ask(key.json(&json!({}))).await;
    let text = |name: &str| key[name].as_str().unwrap();
    assert!(text("api_key").starts_with("imp_reg_key_"), "{key}");
    assert!(text("api_key").starts_with(text("prefix")), "{key}");

    let entries = ask(client.get(format!("{gateway}/v1/audit"))).await;
    let entries = entries.to_string();
    assert!(entries.contains("\"192.0.2."), "{entries}");
    let deploys = ask(client.get(format!("{gateway}/v1/developer/apps/app-1/deploys"))).await;
    let sha = deploys[0]["commit_sha"].as_str().unwrap();
    assert!(
        sha.len() == 40 && sha.chars().all(|c| c.is_ascii_hexdigit()),
        "{sha}"
    );
}

#[tokio::test]
async fn the_documents_are_published_as_they_lie_in_the_folder() {
    let cloud = Cloud::start().await;
    for (name, base) in [
        ("auth-gateway.json", cloud.gateway_url()),
        ("registry.json", cloud.registry_url()),
    ] {
        let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs");
        let lies = std::fs::read(specs.join(name)).unwrap();
        let answer = reqwest::get(format!("{base}/v1/openapi.json"))
            .await
            .unwrap();
        assert_eq!(answer.headers()["content-type"], "application/json");
        let served = answer.bytes().await.unwrap();
        assert!(served == lies, "{name} is served in another form");
    }
    cloud.assert_conforms();
}
