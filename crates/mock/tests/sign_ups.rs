//! The ways to a session beside a login, and a password that is changed.
#![allow(clippy::unwrap_used, reason = "a test")]

use imperal_mock::{Cloud, EMAIL, PASSWORD};
use reqwest::{Client, Method};
use serde_json::{Value, json};

const ANN: &str = "ann@example.com";

async fn ask(
    cloud: &Cloud,
    method: Method,
    path: &str,
    token: &Value,
    body: Value,
) -> (u16, Value) {
    let url = format!("{}/v1/auth/{path}", cloud.gateway_url());
    let mut request = Client::new().request(method, url);
    if let Some(token) = token.as_str() {
        request = request.bearer_auth(token);
    }
    let answer = request.json(&body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn post(cloud: &Cloud, path: &str, body: Value) -> (u16, Value) {
    ask(cloud, Method::POST, path, &Value::Null, body).await
}

/// The email address of whoever a token belongs to.
async fn email(cloud: &Cloud, tokens: &Value) -> Value {
    let token = &tokens["access_token"];
    let (status, me) = ask(cloud, Method::GET, "me", token, Value::Null).await;
    assert_eq!(status, 200, "{me}");
    me["email"].clone()
}

#[tokio::test]
async fn who_signs_up_can_log_in_once_the_address_is_confirmed() {
    let cloud = Cloud::start().await;
    let signup = json!({ "email": ANN, "password": "secret" });
    let (status, answer) = post(&cloud, "signup", signup.clone()).await;
    assert_eq!(status, 201, "{answer}");
    let id = answer["user_id"].as_str().unwrap();
    assert!(id.starts_with("imp_u_"), "{id}");
    assert_eq!(post(&cloud, "login", signup.clone()).await.0, 401);
    assert_eq!(post(&cloud, "signup", signup.clone()).await.0, 409);

    let token = json!({ "token": format!("verify-{id}") });
    let (status, tokens) = post(&cloud, "verify-email", token.clone()).await;
    assert_eq!(status, 200, "{tokens}");
    assert_eq!(email(&cloud, &tokens).await, ANN);
    let refresh = json!({ "refresh_token": tokens["refresh_token"] });
    assert_eq!(post(&cloud, "refresh", refresh).await.0, 200);
    assert_eq!(post(&cloud, "login", signup).await.0, 200);

    // It works once, and no other does.
    for token in [token, json!({ "token": "verify-imp_u_nobody" })] {
        let (status, refusal) = post(&cloud, "verify-email", token).await;
        assert_eq!(status, 400);
        assert_eq!(refusal, json!({ "detail": "Invalid or expired token" }));
    }
    cloud.assert_conforms();
}

#[tokio::test]
async fn a_code_of_a_browser_begins_a_session_of_the_first_user() {
    let cloud = Cloud::start().await;
    let code = json!({
        "code": "code", "code_verifier": "verifier", "redirect_uri": "http://127.0.0.1:1/callback",
    });
    let (status, tokens) = post(&cloud, "cli/token", code).await;
    assert_eq!(status, 200, "{tokens}");
    assert_eq!(email(&cloud, &tokens).await, EMAIL);
    let token = &tokens["access_token"];
    let (_, listed) = ask(&cloud, Method::GET, "sessions", token, Value::Null).await;
    assert_eq!(listed["sessions"][0]["surface"], "cli");
    cloud.assert_conforms();
}

#[tokio::test]
async fn a_password_is_changed_by_whoever_knows_it_until_a_reset() {
    let cloud = Cloud::start().await;
    let login = |password: &str| json!({ "email": EMAIL, "password": password });
    let (_, tokens) = post(&cloud, "login", login(PASSWORD)).await;
    let change = async |current: &str| {
        let body = json!({ "current_password": current, "new_password": "correct horse" });
        let path = "me/change-password";
        ask(&cloud, Method::POST, path, &tokens["access_token"], body).await
    };
    let (status, refusal) = change("wrong").await;
    assert_eq!(status, 400);
    assert_eq!(
        refusal,
        json!({ "detail": "Current password is incorrect" })
    );
    assert_eq!(post(&cloud, "login", login(PASSWORD)).await.0, 200);

    assert_eq!(change(PASSWORD).await.0, 200);
    assert_eq!(post(&cloud, "login", login(PASSWORD)).await.0, 401);
    assert_eq!(post(&cloud, "login", login("correct horse")).await.0, 200);
    // Who is logged in stays so.
    assert_eq!(email(&cloud, &tokens).await, EMAIL);
    assert_eq!(change(PASSWORD).await.0, 400);
    cloud.assert_conforms();

    cloud.reset();
    assert_eq!(post(&cloud, "login", login(PASSWORD)).await.0, 200);
}
