//! Each fault, as a raw socket sees it.
#![allow(clippy::unwrap_used, reason = "a test")]

use futures::StreamExt;
use imperal_mock::{Cloud, Fault};
use std::io::{ErrorKind, Read};
use std::time::{Duration, SystemTime};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A route that needs no credential.
const KEYS: &str = "/v1/auth/.well-known/jwks.json";
const ROUTE: &str = "GET /v1/auth/.well-known/jwks.json";

/// How a connection ended.
#[derive(Debug, PartialEq)]
enum End {
    Closed,
    Reset,
}

/// A connection on which something was asked.
async fn send(cloud: &Cloud, path: &str, headers: &str) -> TcpStream {
    let address = cloud.gateway_url().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// What comes over a connection of its own, and how many times something came.
async fn ask(cloud: &Cloud, path: &str, headers: &str) -> (String, End, usize) {
    let mut stream = send(cloud, path, headers).await;
    let (mut text, mut reads) = (Vec::new(), 0);
    let mut buffer = vec![0; 65536];
    let end = loop {
        match stream.read(&mut buffer).await {
            Ok(0) => break End::Closed,
            Ok(count) => {
                reads += 1;
                text.extend_from_slice(&buffer[..count]);
            }
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break End::Reset,
            Err(error) => panic!("{error}"),
        }
    };
    (String::from_utf8_lossy(&text).into_owned(), end, reads)
}

/// What comes over a connection until `is_all` says so; after which nothing comes, and it stays open.
async fn ask_in_silence(
    cloud: &Cloud,
    path: &str,
    headers: &str,
    is_all: impl Fn(&str) -> bool,
) -> String {
    let mut noted = std::pin::pin!(cloud.follow());
    let mut stream = send(cloud, path, headers).await;
    noted.next().await.unwrap();
    let (mut text, mut buffer) = (Vec::new(), vec![0; 65536]);
    while !is_all(&String::from_utf8_lossy(&text)) {
        let count = stream.read(&mut buffer).await.unwrap();
        assert_ne!(count, 0, "closed behind {}", String::from_utf8_lossy(&text));
        text.extend_from_slice(&buffer[..count]);
    }
    // The cloud has one thread: when it answers what is asked later, it has done all that it does for the first.
    for _ in 0..2 {
        let clock = format!("{}/__mock/clock", cloud.gateway_url());
        let answer = reqwest::get(clock).await.unwrap();
        assert_eq!(answer.status(), 200);
    }
    let more = stream.into_std().unwrap().read(&mut buffer);
    assert_eq!(more.unwrap_err().kind(), ErrorKind::WouldBlock);
    String::from_utf8_lossy(&text).into_owned()
}

async fn with(fault: Fault) -> (String, End, usize) {
    let cloud = Cloud::start().await;
    cloud.fail_next(fault);
    ask(&cloud, KEYS, "").await
}

fn body(text: &str) -> &str {
    text.split_once("\r\n\r\n").unwrap().1
}

#[tokio::test]
async fn a_status_takes_the_place_of_the_answer_with_any_body() {
    let (text, end, _) = with(Fault::status(503)).await;
    assert!(
        text.starts_with("HTTP/1.1 503 Service Unavailable\r\n"),
        "{text}"
    );
    assert_eq!(
        (body(&text), end),
        (r#"{"detail":"Service Unavailable"}"#, End::Closed)
    );
    for content in ["<html>", "", "{\"cut\": "] {
        let (text, ..) = with(Fault::status(500).body("text/html", content)).await;
        assert!(text.contains("content-type: text/html\r\n"), "{text}");
        assert_eq!(body(&text), content);
    }
}

#[tokio::test]
async fn a_wait_is_asked_for_in_both_forms() {
    let (text, ..) = with(Fault::status(429).retry_after(Duration::from_secs(7))).await;
    assert!(text.contains("retry-after: 7\r\n"), "{text}");
    let (text, ..) = with(Fault::status(429).retry_at(SystemTime::UNIX_EPOCH)).await;
    assert!(
        text.contains("retry-after: Thu, 01 Jan 1970 00:00:00 GMT\r\n"),
        "{text}"
    );
}

#[tokio::test]
async fn headers_are_set_beside_the_true_answer_too() {
    for fault in [
        Fault::delay(Duration::ZERO),
        Fault::violation("/keys/0/kty"),
    ] {
        let words = format!("{fault:?}");
        let fault = fault.retry_after(Duration::from_secs(7));
        let fault = fault.header("X-More", "one").header("x-more", "two");
        let (text, end, _) = with(fault).await;
        assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{words}: {text}");
        for header in ["content-type: application/json", "retry-after: 7"] {
            assert!(text.contains(&format!("{header}\r\n")), "{words}: {text}");
        }
        assert_eq!(text.matches("x-more: ").count(), 1, "{words}: {text}");
        assert!(text.contains("x-more: two\r\n"), "{words}: {text}");
        assert!(body(&text).contains("keys") && end == End::Closed);
    }
}

#[tokio::test]
async fn any_answer_lies_about_its_length_if_it_is_told_to() {
    for fault in [
        Fault::status(503),
        Fault::delay(Duration::ZERO),
        Fault::violation("/keys/0/kty"),
    ] {
        let words = format!("{fault:?}");
        let (text, end, _) = with(fault.header("content-length", "3")).await;
        assert!(text.contains("content-length: 3\r\n"), "{words}: {text}");
        assert!(body(&text).len() > 3, "{words}: {text}");
        assert_eq!(end, End::Closed, "{words}");
    }
}

#[tokio::test]
async fn an_answer_ends_anywhere_and_in_any_way() {
    let (whole, ..) = with(Fault::close_after(usize::MAX)).await;
    assert!(whole.starts_with("HTTP/1.1 200 OK\r\n") && body(&whole).starts_with("{\"keys\""));
    for count in [0, 1, 40, whole.len() - 1] {
        let (text, end, _) = with(Fault::close_after(count)).await;
        assert_eq!((text.as_str(), end), (&whole[..count], End::Closed));
        let cloud = Cloud::start().await;
        cloud.fail_next(Fault::stall_after(count));
        let text = ask_in_silence(&cloud, KEYS, "", |text| text.len() >= count).await;
        assert_eq!(text, whole[..count]);
        let (text, end, _) = with(Fault::reset_after(count)).await;
        // What was sent before a reset may be lost with it.
        assert!(whole[..count].starts_with(&text), "{text}");
        assert_eq!(end, End::Reset);
    }
}

#[tokio::test]
async fn headers_and_chunks_lie() {
    let (text, ..) = with(Fault::content_length(3)).await;
    assert!(
        text.contains("content-length: 3\r\n") && body(&text).len() > 100,
        "{text}"
    );
    let (text, ..) = with(Fault::content_type("text/plain")).await;
    assert!(
        text.contains("content-type: text/plain\r\n") && body(&text).contains("keys"),
        "{text}"
    );
    let (text, end, _) = with(Fault::malformed_chunk()).await;
    assert!(
        text.contains("transfer-encoding: chunked\r\n") && text.ends_with("\r\nnot a size\r\n"),
        "{text}"
    );
    assert!(!text.contains("content-length") && end == End::Closed);
}

#[tokio::test]
async fn a_value_is_of_another_kind() {
    let (text, ..) = with(Fault::violation("/keys/0/kty")).await;
    let answer: serde_json::Value = serde_json::from_str(body(&text)).unwrap();
    assert_eq!(
        answer["keys"][0]["kty"],
        serde_json::json!({ "spoilt": true })
    );
    let (text, ..) = with(Fault::violation("/no/such")).await;
    assert!(
        text.starts_with("HTTP/1.1 500") && text.contains("/no/such"),
        "{text}"
    );
}

#[tokio::test]
async fn a_value_that_may_be_any_is_not_spoilt() {
    let cloud = Cloud::start().await;
    let token = login(&cloud).await;
    let credential = format!("authorization: Bearer {token}\r\n");
    let me = "GET /v1/auth/me";
    // The attributes of a user have no schema: whatever they hold, they go with the document.
    cloud.fail_next(Fault::violation("/attributes/timezone").on(me));
    let (text, ..) = ask(&cloud, "/v1/auth/me", &credential).await;
    assert!(text.starts_with("HTTP/1.1 500"), "{text}");
    assert!(text.contains("/attributes/timezone, where the document allows any value"));
    // One that may be null, a text or a number is something else then.
    cloud.fail_next(Fault::violation("/agency_id").on(me));
    let (text, ..) = ask(&cloud, "/v1/auth/me", &credential).await;
    let answer: serde_json::Value = serde_json::from_str(body(&text)).unwrap();
    assert!(
        text.starts_with("HTTP/1.1 200") && answer["agency_id"].is_object(),
        "{text}"
    );
    cloud.fail_next(Fault::violation("/data").on("GET /v1/events/stream"));
    let (text, end, _) = ask(&cloud, &format!("/v1/events/stream?token={token}"), "").await;
    assert!(text.starts_with("HTTP/1.1 500"), "{text}");
    assert!(
        text.contains("a stream of events") && end == End::Closed,
        "{text}"
    );
}

async fn login(cloud: &Cloud) -> String {
    let login = reqwest::Client::new().post(format!("{}/v1/auth/login", cloud.gateway_url()));
    let login = login.json(
        &serde_json::json!({ "email": imperal_mock::EMAIL, "password": imperal_mock::PASSWORD }),
    );
    let tokens: serde_json::Value = login.send().await.unwrap().json().await.unwrap();
    tokens["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_answer_comes_in_small_pieces_and_an_event_is_cut_inside_of_a_character() {
    let (whole, ..) = with(Fault::close_after(usize::MAX)).await;
    let (text, _, reads) = with(Fault::split_every(10)).await;
    assert_eq!(text, whole);
    assert!(reads > 10, "{reads}");

    let cloud = Cloud::start().await;
    cloud.push_event("x", &"\u{1f980}".into());
    let path = format!("/v1/events/stream?token={}", login(&cloud).await);
    cloud.fail_next(Fault::split_every(1).on("GET /v1/events/stream"));
    // Behind the greeting comes the event, whose name is a letter.
    let end = "\r\n1\r\n\n\r\n1\r\n\n\r\n";
    let is_all = |text: &str| text.contains("1\r\nx\r\n") && text.ends_with(end);
    let last_id = "last-event-id: 0\r\n";
    let text = ask_in_silence(&cloud, &path, last_id, is_all).await;
    // Each byte is a chunk of its own, those of one character too.
    assert!(text.matches("\r\n1\r\n").count() > 20, "{text}");
    cloud.fail_next(Fault::reset_after(90).on("GET /v1/events/stream"));
    assert_eq!(
        ask(&cloud, &path, "last-event-id: 0\r\n").await.1,
        End::Reset
    );
    // A stream that has said less by then is not waited for.
    for (fault, expected) in [
        (Fault::close_after(10_000), End::Closed),
        (Fault::reset_after(10_000), End::Reset),
    ] {
        cloud.fail_next(fault.on("GET /v1/events/stream"));
        let (_, end, _) = ask(&cloud, &path, "last-event-id: 0\r\n").await;
        assert_eq!(end, expected);
    }
    // What comes before the malformed chunk is no end of the stream.
    cloud.fail_next(Fault::malformed_chunk().on("GET /v1/events/stream"));
    let (text, end, _) = ask(&cloud, &path, "last-event-id: 0\r\n").await;
    assert!(body(&text).contains(": connected"), "{text}");
    assert!(text.ends_with("\r\nnot a size\r\n"), "{text}");
    assert!(!text.contains("\r\n0\r\n") && end == End::Closed, "{text}");
}

#[tokio::test]
async fn faults_wait_for_their_route_and_count_their_requests() {
    let cloud = Cloud::start().await;
    cloud.fail_next(Fault::status(500).on("GET /v1/auth/me"));
    cloud.fail_next(Fault::status(502).on(ROUTE).times(2));
    cloud.fail_next(Fault::status(503));
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let (text, ..) = ask(&cloud, KEYS, "").await;
        statuses.push(text[9..12].to_owned());
    }
    assert_eq!(statuses, ["502", "502", "503", "200"]);
    let faulty: Vec<bool> = cloud
        .exchanges()
        .iter()
        .map(|exchange| exchange.faulty)
        .collect();
    assert_eq!(faulty, [true, true, true, false]);
    let (text, ..) = ask(&cloud, "/v1/auth/me", "").await;
    assert!(text.starts_with("HTTP/1.1 500"), "{text}");
    cloud.fail_next(Fault::status(500).times(100));
    cloud.clear_faults();
    assert!(ask(&cloud, KEYS, "").await.0.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn an_answer_is_late_but_its_request_is_processed() {
    let cloud = Cloud::start().await;
    cloud.fail_next(Fault::delay(Duration::from_secs(3600)));
    let text = ask_in_silence(&cloud, KEYS, "", |_| true).await;
    assert_eq!(text, "");
    let exchanges = cloud.exchanges();
    let seen = exchanges.iter().map(|one| (one.status, one.faulty));
    assert_eq!(seen.collect::<Vec<_>>(), [(200, true)]);
}

#[tokio::test]
async fn what_no_answer_can_have_is_refused() {
    let cloud = Cloud::start().await;
    for (fault, told) in [
        (Fault::status(101), "101 is no status of an answer"),
        (Fault::status(1000), "1000 is no status of an answer"),
        (
            Fault::delay(Duration::ZERO).header("a b", "c"),
            r#"the header "a b" with the value "c""#,
        ),
        (
            Fault::content_type("text/html\r\nx-a: b"),
            r#"the header "content-type" with the value "text/html\r\nx-a: b""#,
        ),
    ] {
        let set = std::panic::AssertUnwindSafe(|| cloud.fail_next(fault));
        let refusal = std::panic::catch_unwind(set).unwrap_err();
        let refusal = *refusal.downcast::<String>().unwrap();
        assert!(refusal.contains(told), "{refusal}");
    }
    assert!(ask(&cloud, KEYS, "").await.0.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
#[should_panic(expected = "no document has the route")]
async fn a_route_that_does_not_exist_is_refused() {
    Cloud::start()
        .await
        .fail_next(Fault::status(500).on("get /v1/auth/me"));
}
