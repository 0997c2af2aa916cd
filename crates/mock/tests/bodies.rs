//! Bodies that are too large, and credentials as headers have them.
#![allow(clippy::unwrap_used, reason = "a test")]

use imperal_mock::Cloud;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One byte more than is read.
const TOO_MANY: usize = 64 * 1024 * 1024 + 1;

/// The answer to the head of a request, whose body is never sent.
async fn announce(cloud: &Cloud, path: &str) -> String {
    let address = cloud.gateway_url().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {TOO_MANY}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_body_that_is_too_large_is_a_violation_of_its_route() {
    let cloud = Cloud::start().await;
    let answer = announce(&cloud, "/v1/auth/login").await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    let exchange = &cloud.exchanges()[0];
    assert_eq!(exchange.route.as_deref(), Some("POST /v1/auth/login"));
    let told = exchange.violations[0].to_string();
    assert_eq!(
        told,
        "body: 67108865 bytes are too many: 67108864 are read at most"
    );
    assert_eq!((exchange.status, exchange.violations.len()), (413, 1));
}

#[tokio::test]
async fn where_there_is_nothing_a_body_that_is_too_large_finds_nothing() {
    let cloud = Cloud::start().await;
    let answer = announce(&cloud, "/nowhere").await;
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    let exchange = &cloud.exchanges()[0];
    let places = exchange.violations.iter().map(|one| one.place.as_str());
    assert_eq!(places.collect::<Vec<_>>(), ["route", "body"]);
    assert_eq!(exchange.route, None);

    // Under `/__mock/` as well.
    let cloud_is_there = announce(&cloud, "/__mock/reset").await;
    assert!(cloud_is_there.starts_with("HTTP/1.1 413 "));
}

#[tokio::test]
async fn the_scheme_of_a_credential_is_written_in_any_case() {
    let cloud = Cloud::start().await;
    let client = reqwest::Client::new();
    let login =
        serde_json::json!({ "email": imperal_mock::EMAIL, "password": imperal_mock::PASSWORD });
    let url = |path: &str| format!("{}{path}", cloud.gateway_url());
    let answer = client.post(url("/v1/auth/login")).json(&login).send().await;
    let tokens: serde_json::Value = answer.unwrap().json().await.unwrap();
    let token = tokens["access_token"].as_str().unwrap();
    for (scheme, status) in [
        ("Bearer", 200),
        ("bearer", 200),
        ("BEARER ", 200),
        ("Basic", 401),
    ] {
        let request = client.get(url("/v1/auth/me"));
        let request = request.header("authorization", format!("{scheme} {token}"));
        assert_eq!(request.send().await.unwrap().status(), status, "{scheme}");
    }
}
