//! Who is let in under `/__mock/`, and what is said to whoever asks for what is not there.
#![allow(clippy::unwrap_used, reason = "a test")]

use imperal_mock::Cloud;
use reqwest::header::{ALLOW, HOST, ORIGIN};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What changes something.
const CHANGES: [(&str, &str); 10] = [
    ("DELETE", "exchanges"),
    ("POST", "faults"),
    ("DELETE", "faults"),
    ("POST", "events"),
    ("POST", "events/drop"),
    ("POST", "clock"),
    ("POST", "users"),
    ("POST", "devices/MOCK-0001/allow"),
    ("POST", "devices/MOCK-0001/deny"),
    ("POST", "reset"),
];

/// A body that each of them takes.
fn body() -> Value {
    json!({
        "fault": { "kind": "malformed_chunk" }, "event": "sent", "advance_seconds": 1,
        "email": "ann@example.com", "password": "secret",
    })
}

async fn ask(cloud: &Cloud, method: &str, path: &str, origin: Option<&str>) -> Response {
    let method: Method = method.parse().unwrap();
    let url = format!("{}/__mock/{path}", cloud.gateway_url());
    let mut request = Client::new().request(method, url).json(&body());
    if let Some(origin) = origin {
        request = request.header(ORIGIN, origin);
    }
    request.send().await.unwrap()
}

/// A cloud with one exchange, and one login on another device that waits.
async fn cloud() -> Cloud {
    let cloud = Cloud::start().await;
    let url = format!("{}/v1/auth/cli/device/authorize", cloud.gateway_url());
    let challenge = json!({ "code_challenge": "challenge" });
    let answer = Client::new().post(url).json(&challenge).send().await;
    assert_eq!(answer.unwrap().status(), 200);
    cloud
}

#[tokio::test]
async fn a_page_of_another_origin_steers_nothing() {
    let cloud = cloud().await;
    let another_port = cloud.registry_url();
    for (method, path) in CHANGES {
        for origin in ["https://example.com", "null", another_port] {
            let refusal = ask(&cloud, method, path, Some(origin)).await;
            assert_eq!(refusal.status(), 403, "{method} {path} from {origin}");
            let refusal: Value = refusal.json().await.unwrap();
            let detail = refusal["detail"].as_str().unwrap();
            assert!(detail.contains("the host of Origin"), "{detail}");
        }
    }
    assert_eq!(cloud.exchanges().len(), 1);
    assert_eq!(cloud.pending_devices(), ["MOCK-0001"]);
    let faults = ask(&cloud, "GET", "faults", None).await;
    assert_eq!(faults.json::<Value>().await.unwrap(), json!([]));
    let clock: Value = ask(&cloud, "GET", "clock", None)
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(clock["moved_seconds"], 0);
    let users = ask(&cloud, "GET", "users", None).await;
    let users: Value = users.json().await.unwrap();
    assert_eq!(users.as_array().unwrap().len(), 1, "{users}");
    assert_eq!(cloud.push_event("first", &Value::Null), 1);
}

#[tokio::test]
async fn the_own_page_and_programs_without_an_origin_steer() {
    for with_origin in [true, false] {
        let cloud = cloud().await;
        let origin = with_origin.then(|| cloud.gateway_url());
        for (method, path) in CHANGES {
            let answer = ask(&cloud, method, path, origin).await;
            // The first answer to a login settles it.
            let expected = if path.ends_with("/deny") { 404 } else { 200 };
            assert_eq!(answer.status(), expected, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn what_changes_nothing_is_answered_but_not_shared() {
    let cloud = cloud().await;
    for path in ["", "exchanges", "faults", "report"] {
        let answer = ask(&cloud, "GET", path, Some("https://example.com")).await;
        assert_eq!(answer.status(), 200);
        // Without this header, a browser keeps the answer from the page that asked.
        let shared = answer.headers().get("access-control-allow-origin");
        assert_eq!(shared, None);
    }
}

#[tokio::test]
async fn a_name_that_somebody_made_lead_here_is_not_answered() {
    let cloud = cloud().await;
    let client = Client::new();
    let get = |path: &str, host: &str| {
        let url = format!("{}{path}", cloud.gateway_url());
        client.get(url).header(HOST, host).send()
    };
    for path in ["/__mock/", "/__mock/exchanges", "/__mock/nowhere"] {
        for host in ["example.com", "127.0.0.1.example.com:80", "192.168.0.1"] {
            let refusal = get(path, host).await.unwrap();
            assert_eq!(refusal.status(), 403, "{path} at {host}");
            let refusal: Value = refusal.json().await.unwrap();
            let detail = refusal["detail"].as_str().unwrap();
            assert!(detail.contains("Host has to be localhost"), "{detail}");
        }
    }
    for host in [
        "localhost",
        "localhost:8080",
        "cloud.localhost",
        "127.0.0.2",
        "[::1]:8080",
    ] {
        let answer = get("/__mock/exchanges", host).await.unwrap();
        assert_eq!(answer.status(), 200, "{host}");
    }
    // The services are as open as those that they stand for.
    let keys = get("/v1/auth/.well-known/jwks.json", "example.com");
    assert_eq!(keys.await.unwrap().status(), 200);
}

#[tokio::test]
async fn who_names_no_host_is_not_answered() {
    let cloud = cloud().await;
    let address = cloud.gateway_url().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = b"GET /__mock/exchanges HTTP/1.0\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let line = answer.lines().next().unwrap();
    assert!(line.contains(" 403 "), "{answer}");
}

#[tokio::test]
async fn another_method_is_told_which_there_are() {
    let cloud = cloud().await;
    for (method, path, allowed) in [
        ("PUT", "faults", "GET, POST, DELETE"),
        ("GET", "reset", "POST"),
        ("POST", "exchanges/stream", "GET"),
        ("DELETE", "devices/MOCK-0001/allow", "POST"),
        ("OPTIONS", "clock", "GET, POST"),
    ] {
        let refusal = ask(&cloud, method, path, None).await;
        assert_eq!(refusal.status(), 405, "{method} {path}");
        assert_eq!(refusal.headers()[ALLOW], allowed);
        let refusal: Value = refusal.json().await.unwrap();
        assert_eq!(refusal, json!({ "detail": "Method Not Allowed" }));
    }
    for path in ["nowhere", "faults/", "documents/", "devices/MOCK-0001"] {
        let refusal = ask(&cloud, "GET", path, None).await;
        assert_eq!(refusal.status(), 404, "{path}");
        let refusal: Value = refusal.json().await.unwrap();
        assert_eq!(refusal, json!({ "detail": "Not Found" }));
    }
}
