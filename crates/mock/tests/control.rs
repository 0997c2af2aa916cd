//! The cloud as a program of its own, steered and seen over HTTP, as from another language.
#![allow(clippy::unwrap_used, reason = "a test")]
#![cfg(feature = "server")]

use imperal_mock::{EMAIL, PASSWORD};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

struct Server {
    process: Child,
    gateway: String,
    client: reqwest::Client,
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_imperal-mock"))
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        // What it logs is read, or it would wait for its reader.
        std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        Self {
            process,
            gateway: line.split_whitespace().last().unwrap().to_owned(),
            client: reqwest::Client::new(),
        }
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        let answer = self.client.get(format!("{}{path}", self.gateway)).send();
        let answer = answer.await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        let request = self.client.post(format!("{}{path}", self.gateway));
        let answer = request.json(&body).send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn exchanges_are_shown_without_their_secrets() {
    let server = Server::start(&["--log", "json"]);
    let login = json!({ "email": EMAIL, "password": PASSWORD });
    assert_eq!(server.post("/v1/auth/login", login).await.0, 200);
    let (_, refused) = server.post("/v1/auth/login", json!({ "email": 5 })).await;
    assert_eq!(refused["detail"][0]["loc"], json!(["body", "email"]));

    let (_, seen) = server.get("/__mock/exchanges").await;
    assert_eq!(seen["last"], 2);
    let [first, second] = seen["exchanges"].as_array().unwrap().as_slice() else {
        panic!("{seen}");
    };
    assert_eq!(
        (&first["status"], &second["status"]),
        (&json!(200), &json!(422))
    );
    assert_eq!(second["violations"][0]["where"], "body.email");
    let sent: Value = serde_json::from_str(first["request"]["body"].as_str().unwrap()).unwrap();
    assert_eq!(sent, json!({ "email": EMAIL, "password": "(hidden)" }));
    let (_, newer) = server.get("/__mock/exchanges?after=1").await;
    assert_eq!(newer["exchanges"], json!([second]));
    let short = json!({ "email": EMAIL, "password": { "hunter": 2 } });
    server.post("/v1/auth/login", short).await;
    let seen_now = server.get("/__mock/exchanges").await.1.to_string();
    assert!(
        !seen_now.contains("hunter") && !seen_now.contains("eyJ"),
        "{seen_now}"
    );
    let (_, report) = server.get("/__mock/report").await;
    assert_eq!(report["conforms"], false);
    let (_, routes) = server.get("/__mock/routes").await;
    let routes = routes.as_array().unwrap();
    let login = routes
        .iter()
        .find(|route| route["path"] == "/v1/auth/login");
    assert!(routes.len() > 190 && login.unwrap()["calls"] == 3);
    for (media_type, body) in [
        (
            "text/plain",
            r#"{"email": "a@b.co", "password": "hunter2"}"#,
        ),
        ("text/plain", "email=a@b.co&password=hunter2"),
        (
            "application/json",
            r#"{"email": "a@b.co", "password": "hunter2"#,
        ),
        ("application/json", r#""{\"password\": \"hunter2\"}""#),
    ] {
        let login = server
            .client
            .post(format!("{}/v1/auth/login", server.gateway));
        let login = login.header("content-type", media_type).body(body);
        assert_eq!(login.send().await.unwrap().status(), 422, "{body}");
        let (_, seen) = server.get("/__mock/exchanges").await;
        let seen = seen.to_string();
        assert!(!seen.contains("hunter"), "{media_type} {body}: {seen}");
    }

    server.post("/__mock/reset", json!({})).await;
    let (_, report) = server.get("/__mock/report").await;
    assert_eq!(report["conforms"], true);
}

#[tokio::test]
async fn faults_time_and_events_are_steered() {
    let server = Server::start(&[]);
    let jwks = "GET /v1/auth/.well-known/jwks.json";
    let fault =
        json!({ "fault": { "kind": "status", "status": 503, "retry_after": 7 }, "route": jwks });
    server.post("/__mock/faults", fault).await;
    let (_, waiting) = server.get("/__mock/faults").await;
    assert_eq!(waiting[0]["route"], jwks);
    let url = format!("{}/v1/auth/.well-known/jwks.json", server.gateway);
    let answer = server.client.get(&url).send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["retry-after"]),
        (503, &"7".parse().unwrap())
    );
    assert_eq!(server.client.get(&url).send().await.unwrap().status(), 200);

    let date = "Thu, 01 Jan 2026 00:00:00 GMT";
    let fault = json!({ "fault": {
        "kind": "delay", "milliseconds": 0, "retry_at": date, "headers": { "X-More": "one" },
    } });
    server.post("/__mock/faults", fault).await;
    let (_, waiting) = server.get("/__mock/faults").await;
    let listed = json!({
        "kind": "delay", "milliseconds": 0, "retry_at": date, "headers": { "x-more": "one" },
    });
    assert_eq!(waiting[0]["fault"], listed);
    let answer = server.client.get(&url).send().await.unwrap();
    assert_eq!(answer.headers()["retry-after"], date);
    assert_eq!(answer.headers()["x-more"], "one");

    for bad in [
        json!({ "fault": { "kind": "earthquake" } }),
        json!({ "fault": { "kind": "status", "status": 99 } }),
        json!({ "fault": { "kind": "reset" } }),
        json!({ "fault": { "kind": "malformed_chunk" }, "route": "GET /nowhere" }),
    ] {
        let (status, problem) = server.post("/__mock/faults", bad).await;
        assert!(status == 422 && problem["detail"].is_string(), "{problem}");
    }

    let (_, moved) = server
        .post("/__mock/clock", json!({ "advance_seconds": 960 }))
        .await;
    assert_eq!(moved["moved_seconds"], 960);
    let event = json!({ "event": "panel_refresh", "data": {} });
    assert_eq!(
        server.post("/__mock/events", event).await.1,
        json!({ "id": 1 })
    );
}

#[tokio::test]
async fn any_document_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tiny.json");
    let document = json!({
        "openapi": "3.1.0", "info": { "title": "Tiny", "version": "1" },
        "paths": { "/hello": { "get": {
            "parameters": [{ "name": "times", "in": "query", "required": true, "schema": { "type": "integer", "minimum": 1 } }],
            "responses": { "200": { "description": "A greeting", "content": { "application/json": { "schema": { "const": "hello" } } } } },
        } } },
    });
    std::fs::write(&path, document.to_string()).unwrap();
    let server = Server::start(&["--document", path.to_str().unwrap()]);
    assert_eq!(
        server.get("/hello?times=2").await,
        (StatusCode::OK, json!("hello"))
    );
    let (status, refusal) = server.get("/hello?times=0").await;
    assert_eq!(status, 422);
    assert_eq!(refusal["detail"][0]["ctx"], json!({ "ge": 1 }));

    let server = Server::start(&["--strict", "--document", path.to_str().unwrap()]);
    let (status, refusal) = server.get("/hello?times=2&thymes=3").await;
    assert_eq!(status, 422);
    assert_eq!(refusal["detail"][0]["loc"], json!(["query", "thymes"]));
}

#[tokio::test]
async fn what_is_not_declared_is_refused_if_it_is_told_to() {
    const MISSPELT: &str = "/v1/marketplace/apps?serach=mail";
    let strict = Server::start(&["--strict"]);
    let (status, refusal) = strict.get(MISSPELT).await;
    assert_eq!(status, 422);
    assert_eq!(refusal["detail"][0]["type"], "extra_forbidden");
    let (_, report) = strict.get("/__mock/report").await;
    let text = report["text"].as_str().unwrap();
    let violation = "query.serach: Extra inputs are not permitted";
    assert!(text.contains(violation), "{text}");

    let lenient = Server::start(&[]);
    assert_eq!(lenient.get(MISSPELT).await.0, 200);
}
