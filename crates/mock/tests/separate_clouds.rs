//! Two clouds of one process: what one gives out means nothing to the other.
#![allow(clippy::unwrap_used, reason = "a test")]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use imperal_mock::{Cloud, EMAIL, PASSWORD};
use reqwest::Client;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

async fn post(cloud: &Cloud, path: &str, body: Value) -> (u16, Value) {
    let url = format!("{}{path}", cloud.gateway_url());
    let answer = Client::new().post(url).json(&body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn login(cloud: &Cloud) -> Value {
    let login = json!({ "email": EMAIL, "password": PASSWORD });
    let (status, tokens) = post(cloud, "/v1/auth/login", login).await;
    assert_eq!(status, 200);
    tokens
}

async fn profile(cloud: &Cloud, tokens: &Value) -> u16 {
    let token = tokens["access_token"].as_str().unwrap();
    let url = format!("{}/v1/auth/me", cloud.gateway_url());
    let answer = Client::new().get(url).bearer_auth(token).send().await;
    answer.unwrap().status().as_u16()
}

async fn refresh(cloud: &Cloud, tokens: &Value) -> u16 {
    let body = json!({ "refresh_token": tokens["refresh_token"] });
    post(cloud, "/v1/auth/refresh", body).await.0
}

#[tokio::test]
async fn no_cloud_takes_the_tokens_of_another() {
    let (one, other) = (Cloud::start().await, Cloud::start().await);
    // As many logins there as here: numbers alone would be the same.
    let (here, there) = (login(&one).await, login(&other).await);
    assert_eq!(profile(&other, &here).await, 401);
    assert_eq!(refresh(&other, &here).await, 401);
    assert_eq!(profile(&one, &there).await, 401);
    assert_eq!(refresh(&one, &there).await, 401);
    // Each takes its own all the same.
    assert_eq!(profile(&one, &here).await, 200);
    assert_eq!(refresh(&one, &here).await, 200);
    assert_eq!(profile(&other, &there).await, 200);
}

#[tokio::test]
async fn no_cloud_takes_the_device_codes_of_another() {
    let (one, other) = (Cloud::start().await, Cloud::start().await);
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest("verifier"));
    let begun = json!({ "code_challenge": challenge });
    let path = "/v1/auth/cli/device/authorize";
    let (_, here) = post(&one, path, begun.clone()).await;
    post(&other, path, begun).await;
    let question = json!({ "device_code": here["device_code"], "code_verifier": "verifier" });
    let path = "/v1/auth/cli/device/token";
    let (status, refusal) = post(&other, path, question.clone()).await;
    assert_eq!((status, &refusal["error"]), (400, &json!("expired_token")));
    let (status, answer) = post(&one, path, question).await;
    assert_eq!(
        (status, &answer["error"]),
        (200, &json!("authorization_pending"))
    );
}

#[tokio::test]
async fn sessions_have_the_same_names_in_every_cloud() {
    let mut names = Vec::new();
    for _ in 0..2 {
        let cloud = Cloud::start().await;
        let tokens = login(&cloud).await;
        let url = format!("{}/v1/auth/sessions", cloud.gateway_url());
        let token = tokens["access_token"].as_str().unwrap();
        let answer = Client::new().get(url).bearer_auth(token).send().await;
        names.push(answer.unwrap().json::<Value>().await.unwrap());
    }
    assert_eq!(names[0], names[1]);
}
