//! A cloud that was used, brought back to how it was at the start.
#![allow(clippy::unwrap_used, reason = "a test")]

use imperal_mock::{Cloud, EMAIL, Fault, PASSWORD};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use std::time::Duration;

struct User {
    cloud: Cloud,
    client: Client,
}

/// What a login gives.
struct Tokens {
    access: String,
    refresh: String,
}

impl User {
    async fn new() -> Self {
        Self {
            cloud: Cloud::start().await,
            client: Client::new(),
        }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.cloud.gateway_url());
        self.client.request(method, url)
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        parts(self.request(Method::POST, path).json(&body)).await
    }

    async fn get(&self, path: &str, tokens: &Tokens) -> (u16, Value) {
        parts(self.request(Method::GET, path).bearer_auth(&tokens.access)).await
    }

    async fn login(&self) -> Tokens {
        let body = json!({ "email": EMAIL, "password": PASSWORD });
        let (status, given) = self.post("/v1/auth/login", body).await;
        assert_eq!(status, 200, "{given}");
        let text = |name: &str| given[name].as_str().unwrap().to_owned();
        Tokens {
            access: text("access_token"),
            refresh: text("refresh_token"),
        }
    }

    async fn refresh(&self, tokens: &Tokens) -> u16 {
        let body = json!({ "refresh_token": tokens.refresh });
        self.post("/v1/auth/refresh", body).await.0
    }

    async fn session_ids(&self, tokens: &Tokens) -> Vec<Value> {
        let (_, listed) = self.get("/v1/auth/sessions", tokens).await;
        let sessions = listed["sessions"].as_array().unwrap().iter();
        sessions
            .map(|session| session["session_id"].clone())
            .collect()
    }

    async fn new_key(&self, tokens: &Tokens) -> Value {
        let request = self.request(Method::POST, "/v1/keys");
        let request = request.bearer_auth(&tokens.access);
        let (status, key) = parts(request.json(&json!({ "name": "mine" }))).await;
        assert_eq!(status, 201, "{key}");
        key
    }

    async fn new_device(&self) -> Value {
        let body = json!({ "code_challenge": "challenge" });
        let (status, device) = self.post("/v1/auth/cli/device/authorize", body).await;
        assert_eq!(status, 200, "{device}");
        device
    }

    async fn listen(&self, tokens: &Tokens, last_id: &str) -> Response {
        let path = format!("/v1/events/stream?token={}", tokens.access);
        let request = self.request(Method::GET, &path);
        let answer = request.header("last-event-id", last_id).send();
        answer.await.unwrap()
    }

    async fn reset(&self) {
        let done = self.post("/__mock/reset", Value::Null).await;
        assert_eq!(done, (200, json!({})));
    }
}

async fn parts(request: RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// What a stream sends, until it has sent `text` or ends.
async fn heard(stream: &mut Response, text: &str) -> String {
    let mut heard = String::new();
    while !heard.contains(text)
        && let Some(bytes) = stream.chunk().await.unwrap()
    {
        heard.push_str(&String::from_utf8_lossy(&bytes));
    }
    heard
}

#[tokio::test]
async fn no_login_is_left_and_none_comes_back() {
    let user = User::new().await;
    let (old, other) = (user.login().await, user.login().await);
    let old_sessions = user.session_ids(&old).await;
    assert_eq!(old_sessions.len(), 2);
    assert_eq!(user.get("/v1/auth/me", &old).await.0, 200);

    user.reset().await;
    assert_eq!(user.get("/v1/auth/me", &old).await.0, 401);
    assert_eq!(user.refresh(&old).await, 401);

    // The next sessions are none of those that there were.
    let (new, newer) = (user.login().await, user.login().await);
    for old in [&old, &other] {
        assert_eq!(user.get("/v1/auth/me", old).await.0, 401);
        assert_eq!(user.refresh(old).await, 401);
    }
    let sessions = user.session_ids(&new).await;
    assert_eq!(sessions.len(), 2);
    for session in &sessions {
        assert!(!old_sessions.contains(session), "{session} is given again");
    }
    for new in [&new, &newer] {
        assert!(new.access != old.access && new.refresh != old.refresh);
        assert_eq!(user.get("/v1/auth/me", new).await.0, 200);
        assert_eq!(user.refresh(new).await, 200);
    }
}

#[tokio::test]
async fn a_session_that_was_ended_is_not_remembered() {
    let user = User::new().await;
    let ended = user.login().await;
    let body = json!({ "refresh_token": ended.refresh });
    assert_eq!(user.post("/v1/auth/logout", body).await.0, 200);
    assert_eq!(user.get("/v1/auth/me", &ended).await.0, 401);

    user.reset().await;
    assert_eq!(user.get("/v1/auth/me", &ended).await.0, 401);
    let new = user.login().await;
    assert_eq!(user.session_ids(&new).await.len(), 1);
}

#[tokio::test]
async fn no_key_and_no_device_is_left_and_none_is_given_again() {
    let user = User::new().await;
    let tokens = user.login().await;
    let old_key = user.new_key(&tokens).await;
    let old_device = user.new_device().await;

    user.reset().await;
    let tokens = user.login().await;
    assert_eq!(user.get("/v1/keys", &tokens).await, (200, json!([])));
    let key = user.new_key(&tokens).await;
    for field in ["id", "key"] {
        assert_ne!(key[field], old_key[field]);
    }

    let waiting = user.cloud.pending_devices();
    assert!(waiting.is_empty(), "{waiting:?}");
    let device = user.new_device().await;
    for field in ["device_code", "user_code"] {
        assert_ne!(device[field], old_device[field]);
    }
    let code = old_device["user_code"].as_str().unwrap();
    let path = format!("/__mock/devices/{code}/allow");
    assert_eq!(user.post(&path, Value::Null).await.0, 404);
    let question = json!({ "device_code": old_device["device_code"], "code_verifier": "verifier" });
    let answer = user.post("/v1/auth/cli/device/token", question).await;
    assert_eq!(answer, (400, json!({ "error": "expired_token" })));
}

#[tokio::test]
async fn events_are_forgotten_and_open_streams_end() {
    let user = User::new().await;
    let tokens = user.login().await;
    for id in 1..=3 {
        assert_eq!(user.cloud.push_event("before", &json!(id)), id);
    }
    let mut stream = user.listen(&tokens, "2").await;
    let first = heard(&mut stream, "data: 3").await;
    assert!(first.contains("id: 3\nevent: before\ndata: 3"), "{first}");

    user.reset().await;
    let rest = heard(&mut stream, "nothing that is ever sent").await;
    assert!(!rest.contains("id:"), "{rest}");

    let event = json!({ "event": "after", "data": {} });
    let pushed = user.post("/__mock/events", event).await;
    assert_eq!(pushed, (200, json!({ "id": 4 })));
    let tokens = user.login().await;
    let mut stream = user.listen(&tokens, "0").await;
    let all = heard(&mut stream, "event: after").await;
    assert!(all.contains("id: 4\n") && !all.contains("before"), "{all}");
}

#[tokio::test]
async fn a_listener_with_an_id_of_before_hears_all_that_comes_after() {
    let user = User::new().await;
    for id in 1..=3 {
        assert_eq!(user.cloud.push_event("before", &Value::Null), id);
    }
    user.reset().await;
    let tokens = user.login().await;
    assert_eq!(user.cloud.push_event("after", &Value::Null), 4);
    assert_eq!(user.cloud.push_event("last", &Value::Null), 5);
    for (last_id, expected) in [("2", "id: 4\n"), ("3", "id: 4\n"), ("4", "id: 5\n")] {
        let mut stream = user.listen(&tokens, last_id).await;
        let all = heard(&mut stream, "event: last").await;
        let first = all.find("id: ").unwrap();
        assert!(all[first..].starts_with(expected), "{last_id}: {all}");
    }
}

#[tokio::test]
async fn exchanges_faults_and_the_time_are_as_at_the_start() {
    let user = User::new().await;
    user.post("/v1/auth/login", json!({ "email": 5 })).await;
    user.cloud.advance(Duration::from_secs(960));
    user.cloud.fail_next(Fault::status(503).times(u32::MAX));

    user.reset().await;
    assert!(user.cloud.exchanges().is_empty());
    user.cloud.assert_conforms();
    let (_, faults) = parts(user.request(Method::GET, "/__mock/faults")).await;
    assert_eq!(faults, json!([]));
    let (_, clock) = parts(user.request(Method::GET, "/__mock/clock")).await;
    assert_eq!(clock["moved_seconds"], 0);

    user.login().await;
    // Numbers go on, so that who follows the exchanges misses none.
    let (_, seen) = parts(user.request(Method::GET, "/__mock/exchanges")).await;
    assert_eq!(seen["last"], 2);
    assert_eq!(seen["exchanges"].as_array().unwrap().len(), 1);
}

#[cfg(feature = "client")]
#[tokio::test]
async fn expectations_are_forgotten() {
    let user = User::new().await;
    let gateway = user.cloud.gateway();
    gateway.marketplace_list_apps(|_, then| then.json(200, &json!({ "apps": [] })));
    let apps = async || {
        let (_, body) = parts(user.request(Method::GET, "/v1/marketplace/apps")).await;
        body["apps"].as_array().unwrap().len()
    };
    assert_eq!(apps().await, 0);
    user.reset().await;
    assert!(apps().await > 0);
}

#[tokio::test]
async fn a_test_resets_without_http() {
    let user = User::new().await;
    let old = user.login().await;
    user.cloud.reset();
    assert!(user.cloud.exchanges().is_empty());
    assert_eq!(user.get("/v1/auth/me", &old).await.0, 401);
    let new = user.login().await;
    assert_eq!(user.get("/v1/auth/me", &new).await.0, 200);
}
