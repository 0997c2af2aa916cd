//! Several users of one cloud: what is whose.
#![allow(clippy::unwrap_used, reason = "a test")]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use imperal_mock::{Cloud, EMAIL, PASSWORD, SERVICE_TOKEN, User};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const ANN: &str = "ann@example.com";

struct Asking {
    cloud: Cloud,
    client: Client,
}

impl Asking {
    async fn new() -> Self {
        let cloud = Cloud::start().await;
        let client = Client::new();
        Self { cloud, client }
    }

    async fn ask(&self, method: Method, path: &str, token: &str, body: Value) -> (u16, Value) {
        let url = format!("{}{path}", self.cloud.gateway_url());
        let request = self.client.request(method, url).bearer_auth(token);
        let request = request.header("x-service-token", SERVICE_TOKEN);
        let answer = request.json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn get(&self, path: &str, token: &str) -> Value {
        let (status, answer) = self.ask(Method::GET, path, token, Value::Null).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    async fn post(&self, path: &str, token: &str, body: Value) -> (u16, Value) {
        self.ask(Method::POST, path, token, body).await
    }

    /// The status of a login.
    async fn try_login(&self, body: Value) -> u16 {
        self.post("/v1/auth/login", "", body).await.0
    }

    /// An access token.
    async fn login(&self, email: &str, password: &str) -> String {
        let body = json!({ "email": email, "password": password });
        let (status, tokens) = self.post("/v1/auth/login", "", body).await;
        assert_eq!(status, 200, "{tokens}");
        tokens["access_token"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_user_who_was_added_is_who_the_tokens_and_the_profile_show() {
    let asking = Asking::new().await;
    let user = User::new(ANN, "secret").role("admin").scopes(["apps:read"]);
    let id = asking.cloud.add_user(user);
    let token = asking.login(ANN, "secret").await;

    let me = asking.get("/v1/auth/me", &token).await;
    let shown = (&me["imperal_id"], &me["email"], &me["role"], &me["scopes"]);
    let expected = (
        &json!(id),
        &json!(ANN),
        &json!("admin"),
        &json!(["apps:read"]),
    );
    assert_eq!(shown, expected);
    let claims = token.split('.').nth(1).unwrap();
    let claims = URL_SAFE_NO_PAD.decode(claims).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(
        (&claims["sub"], &claims["email"]),
        (&json!(id), &json!(ANN))
    );

    // Who was there from the start is another one.
    let first = asking.login(EMAIL, PASSWORD).await;
    let me = asking.get("/v1/auth/me", &first).await;
    assert_eq!(me["email"], EMAIL);
    assert_ne!(me["imperal_id"], id);
}

#[tokio::test]
async fn a_login_needs_the_password_and_the_tenant_of_that_user() {
    let asking = Asking::new().await;
    let elsewhere = User::new(ANN, "secret").tenant_id("imp_t_0000000000000002");
    asking.cloud.add_user(elsewhere);
    for (body, status) in [
        (json!({ "email": ANN, "password": "secret" }), 401),
        (
            json!({ "email": ANN, "password": PASSWORD, "tenant_id": "imp_t_0000000000000002" }),
            401,
        ),
        (json!({ "email": EMAIL, "password": "secret" }), 401),
        (
            json!({ "email": ANN, "password": "secret", "tenant_id": "imp_t_0000000000000002" }),
            200,
        ),
    ] {
        assert_eq!(asking.try_login(body.clone()).await, status, "{body}");
    }
    // The same address in another tenant is another user.
    asking.cloud.add_user(User::new(ANN, "other"));
    asking.login(ANN, "other").await;
}

#[tokio::test]
#[should_panic(
    expected = "the tenant \"default\" has a user with the email address \"ann@example.com\""
)]
async fn an_address_is_of_one_user_of_a_tenant() {
    let cloud = Cloud::start().await;
    cloud.add_user(User::new(ANN, "secret"));
    cloud.add_user(User::new(ANN, "another"));
}

#[tokio::test]
async fn sessions_are_seen_and_ended_by_their_user_alone() {
    let asking = Asking::new().await;
    asking.cloud.add_user(User::new(ANN, "secret"));
    let (yours, ann) = (
        asking.login(EMAIL, PASSWORD).await,
        asking.login(ANN, "secret").await,
    );
    let ann_again = asking.login(ANN, "secret").await;

    let listed = asking.get("/v1/auth/sessions", &yours).await;
    let sessions = listed["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 1, "{listed}");
    let revoke = format!(
        "/v1/auth/sessions/{}/revoke",
        sessions[0]["session_id"].as_str().unwrap()
    );
    assert_eq!(asking.post(&revoke, &ann, Value::Null).await.0, 404);
    let (_, ended) = asking
        .post("/v1/auth/sessions/revoke-others", &ann, Value::Null)
        .await;
    assert_eq!(ended["revoked"], 1);

    asking.get("/v1/auth/me", &yours).await;
    asking.get("/v1/auth/me", &ann).await;
    let (status, _) = asking
        .ask(Method::GET, "/v1/auth/me", &ann_again, Value::Null)
        .await;
    assert_eq!(status, 401);
    assert_eq!(asking.post(&revoke, &yours, Value::Null).await.0, 200);
    let (status, _) = asking
        .ask(Method::GET, "/v1/auth/me", &yours, Value::Null)
        .await;
    assert_eq!(status, 401);
}

#[tokio::test]
async fn keys_are_seen_and_removed_by_their_user_alone() {
    let asking = Asking::new().await;
    asking.cloud.add_user(User::new(ANN, "secret"));
    let (yours, ann) = (
        asking.login(EMAIL, PASSWORD).await,
        asking.login(ANN, "secret").await,
    );
    let (status, key) = asking
        .post("/v1/keys", &yours, json!({ "name": "mine" }))
        .await;
    assert_eq!(status, 201, "{key}");

    assert_eq!(asking.get("/v1/keys", &ann).await, json!([]));
    let path = format!("/v1/keys/{}", key["id"].as_str().unwrap());
    assert_eq!(
        asking.ask(Method::DELETE, &path, &ann, Value::Null).await.0,
        404
    );
    assert_eq!(
        asking
            .get("/v1/keys", &yours)
            .await
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        asking
            .ask(Method::DELETE, &path, &yours, Value::Null)
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn who_registers_can_log_in() {
    let asking = Asking::new().await;
    let body = json!({ "email": ANN, "password": "long enough" });
    let (status, tokens) = asking.post("/v1/auth/register", "", body.clone()).await;
    assert_eq!(status, 201, "{tokens}");
    let me = asking
        .get("/v1/auth/me", tokens["access_token"].as_str().unwrap())
        .await;
    assert_eq!(me["email"], ANN);
    asking.login(ANN, "long enough").await;

    let (status, refusal) = asking.post("/v1/auth/register", "", body).await;
    assert_eq!(
        (status, refusal["detail"].is_string()),
        (409, true),
        "{refusal}"
    );
}

#[tokio::test]
async fn a_reset_forgets_users_and_gives_no_id_again() {
    let asking = Asking::new().await;
    let old = asking.cloud.add_user(User::new(ANN, "secret"));
    let token = asking.login(ANN, "secret").await;

    asking.cloud.reset();
    let (status, _) = asking
        .ask(Method::GET, "/v1/auth/me", &token, Value::Null)
        .await;
    assert_eq!(status, 401);
    assert_eq!(
        asking
            .try_login(json!({ "email": ANN, "password": "secret" }))
            .await,
        401
    );
    asking.login(EMAIL, PASSWORD).await;
    assert_ne!(asking.cloud.add_user(User::new(ANN, "secret")), old);
}

#[tokio::test]
async fn users_are_added_and_listed_from_outside() {
    let asking = Asking::new().await;
    let user = json!({ "email": ANN, "password": "secret", "role": "admin" });
    let (status, added) = asking.post("/__mock/users", "", user).await;
    assert_eq!(status, 200, "{added}");
    asking.login(ANN, "secret").await;

    let users = asking.get("/__mock/users", "").await;
    let expected = json!({
        "imperal_id": added["imperal_id"], "email": ANN, "tenant_id": "default", "role": "admin",
        "scopes": ["*"],
    });
    assert_eq!((&users[0]["email"], &users[1]), (&json!(EMAIL), &expected));
}

#[tokio::test]
async fn a_device_is_logged_in_as_who_allows_it() {
    let asking = Asking::new().await;
    let ann = asking.cloud.add_user(User::new(ANN, "secret"));
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest("verifier"));
    for from_outside in [false, true] {
        let body = json!({ "code_challenge": challenge });
        let (_, device) = asking.post("/v1/auth/cli/device/authorize", "", body).await;
        let code = device["user_code"].as_str().unwrap();
        if from_outside {
            let path = format!("/__mock/devices/{code}/allow?imperal_id=");
            let nobody = format!("{path}imp_u_nobody");
            let (status, refusal) = asking.post(&nobody, "", Value::Null).await;
            let told = json!({ "detail": "there is no user with the id \"imp_u_nobody\"" });
            assert_eq!((status, refusal), (404, told));
            let (status, _) = asking.post(&format!("{path}{ann}"), "", Value::Null).await;
            assert_eq!(status, 200);
        } else {
            asking.cloud.allow_device_as(code, &ann);
        }
        let question = json!({ "device_code": device["device_code"], "code_verifier": "verifier" });
        let path = "/v1/auth/cli/device/token";
        let (_, tokens) = asking.post(path, "", question.clone()).await;
        // It works once.
        let refused = (400, json!({ "error": "expired_token" }));
        assert_eq!(asking.post(path, "", question).await, refused);
        let me = asking
            .get("/v1/auth/me", tokens["access_token"].as_str().unwrap())
            .await;
        assert_eq!(me["imperal_id"], ann);
    }
}

#[tokio::test]
#[should_panic(expected = "there is no user with the id \"imp_u_nobody\"")]
async fn nobody_allows_no_device() {
    let cloud = Cloud::start().await;
    cloud.allow_device_as("MOCK-0001", "imp_u_nobody");
}

#[test]
fn a_user_shows_no_password() {
    let shown = format!("{:?}", User::new(ANN, "secret"));
    assert!(shown.contains(ANN) && !shown.contains("secret"), "{shown}");
}
