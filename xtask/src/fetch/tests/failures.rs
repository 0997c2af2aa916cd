//! Servers that do wrong: each gets a message that says what, where and what to do, and what is
//! stored stays as it was, byte for byte.

use super::server::{Play, nowhere, send};
use super::*;

/// Fetches from a server that plays `play`, which has to fail with `words` after so many requests,
/// and to leave everything as it was.
async fn refused(
    play: impl Fn(&str, usize) -> Play + Send + 'static,
    words: &[&str],
    requests: usize,
) {
    let server = Server::start(play).await;
    let url = server.url("/registry.json");
    let message = fails(&url).await;
    for word in words.iter().copied().chain([url.as_str()]) {
        assert!(message.contains(word), "no {word} in: {message}");
    }
    assert_eq!(server.requests().len(), requests, "{message}");
}

/// Fetches from `url`, which has to fail and to leave everything as it was. Returns the message.
async fn fails(url: &str) -> String {
    fails_within(&limits(), url).await
}

async fn fails_within(limits: &Limits, url: &str) -> String {
    let (_root, workspace) = workspace(ONE, ELSEWHERE);
    let before = files(&workspace);
    let outcome = run_within(&workspace, &registry_from(url), limits).await;
    assert_eq!(files(&workspace), before);
    let failure = outcome.unwrap_err();
    assert_eq!(failure.status(), 2, "{failure}");
    let message = failure.to_string();
    assert!(message.ends_with("; nothing was changed"), "{message}");
    message
}

#[tokio::test]
async fn one_bad_document_leaves_both_untouched() {
    for (bad, word) in [("<html>", "HTML"), ("{", "cut off"), ("{}", "openapi")] {
        let from = tempfile::tempdir().unwrap();
        std::fs::write(from.path().join("auth-gateway.json"), TWO).unwrap();
        std::fs::write(from.path().join("registry.json"), bad).unwrap();
        let (_root, workspace) = workspace(ONE, lock::WRITTEN);
        let before = files(&workspace);
        let order = Order {
            from: from.path().to_str().map(str::to_owned),
            ..Order::default()
        };
        let failure = run(&workspace, &order).await.unwrap_err().to_string();
        assert!(failure.contains(word), "{failure}");
        assert_eq!(files(&workspace), before);
    }
}

#[tokio::test]
async fn a_folder_without_a_document_says_which_is_missing() {
    let from = tempfile::tempdir().unwrap();
    let path = from.path().to_str().unwrap();
    let message = fails(path).await;
    assert!(
        message.contains(&format!("{path}/registry.json")),
        "{message}"
    );
    assert!(message.contains("--from"), "{message}");
}

#[tokio::test]
async fn a_server_that_is_busy_is_asked_again_when_it_says() {
    let server = Server::start(|_, before| match before {
        0 => answer("503 Service Unavailable", &["Retry-After: 7"], ""),
        _ => answer("200 OK", &[], TWO),
    })
    .await;
    let (_root, workspace) = workspace(ONE, ELSEWHERE);
    let limits = Limits {
        wait: |asked| {
            assert_eq!(asked, Duration::from_secs(7));
            Duration::ZERO
        },
        ..limits()
    };
    let order = registry_from(server.url("/registry.json"));
    run_within(&workspace, &order, &limits).await.unwrap();
    assert_eq!(registry(&workspace).0, formatted(TWO));
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_server_that_stays_busy_is_given_up() {
    let busy = |_: &str, _| answer("503 Service Unavailable", &[], "");
    refused(busy, &["503", "3 times", "later"], 3).await;
    let closed = |_: &str, _| answer("429 Too Many Requests", &["Retry-After: 3600"], "");
    refused(closed, &["429", "3600s"], 1).await;
}

#[tokio::test]
async fn an_answer_without_a_document_says_what_to_look_for() {
    let gone = |_: &str, _| answer("404 Not Found", &[], ONE);
    refused(gone, &["404", "check the address"], 1).await;
    let closed = |_: &str, _| answer("401 Unauthorized", &[], ONE);
    refused(closed, &["401", "--from FILE"], 1).await;
    let unasked = |_: &str, _| answer("304 Not Modified", &[], "");
    refused(unasked, &["304"], 1).await;
    let html = |_: &str, _| answer("200 OK", &["Content-Type: text/html"], "<!DOCTYPE html>");
    refused(html, &["HTML", "check the address"], 1).await;
    let hostile = |_: &str, _| {
        let reference = r#"{"$ref": "file:///etc/passwd"}"#;
        answer(
            "200 OK",
            &[],
            &ONE.replace(
                r#""responses": {}"#,
                &format!(r#""responses": {{"200": {reference}}}"#),
            ),
        )
    };
    refused(hostile, &["leads out"], 1).await;
}

#[tokio::test]
async fn an_answer_that_is_cut_off_is_noticed() {
    let closed = |_: &str, _| send("200 OK", &["Content-Length: 5000"], ONE);
    refused(closed, &["broke off after", "of 5000 bytes"], 3).await;
    let short = |_: &str, _| answer("200 OK", &[], &ONE[..ONE.len() - 3]);
    refused(short, &["cut off"], 1).await;
    let unmeasured = |_: &str, _| send("200 OK", &["X-Nothing: 1"], &ONE[..50]);
    refused(unmeasured, &["cut off"], 1).await;
}

#[tokio::test]
async fn an_answer_that_broke_off_is_asked_for_again() {
    let server = Server::start(|_, before| match before {
        0 => send("200 OK", &["Content-Length: 5000"], ONE),
        _ => answer("200 OK", &[], TWO),
    })
    .await;
    let (_root, workspace) = workspace(ONE, ELSEWHERE);
    let order = registry_from(server.url("/registry.json"));
    run_within(&workspace, &order, &limits()).await.unwrap();
    assert_eq!(registry(&workspace).0, formatted(TWO));
}

#[tokio::test]
async fn no_more_is_read_than_a_document_may_have() {
    refused(|_, _| Play::Endless, &["larger than 65536"], 1).await;
    let announced = |_: &str, _| send("200 OK", &["Content-Length: 65537"], "");
    refused(announced, &["larger than 65536"], 1).await;
    let packed = |_: &str, _| answer("200 OK", &["Content-Encoding: gzip"], ONE);
    refused(packed, &["compressed", "gzip"], 1).await;
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let silence = Limits {
        silence: Duration::from_millis(20),
        ..limits()
    };
    let total = Limits {
        total: Duration::from_millis(20),
        ..limits()
    };
    given_up(&silence, || Play::Silent, &["timed out", "3 times"]).await;
    given_up(&total, || Play::Silent, &["not here after 20ms"]).await;
}

#[tokio::test]
async fn a_server_that_never_ends_is_given_up_although_it_is_never_silent() {
    let limits = Limits {
        size: u64::MAX,
        total: Duration::from_millis(50),
        ..limits()
    };
    let words = ["not here after 50ms", "--from FILE"];
    given_up(&limits, || Play::Dripping, &words).await;
}

/// Fetches from a server that would play `play` for ever. How often it is asked before time is up depends on
/// the machine.
async fn given_up(limits: &Limits, play: fn() -> Play, words: &[&str]) {
    let server = Server::start(move |_, _| play()).await;
    let message = fails_within(limits, &server.url("/registry.json")).await;
    for word in words {
        assert!(message.contains(word), "no {word} in: {message}");
    }
}

#[tokio::test]
async fn what_follows_the_path_is_asked_for_and_neither_stored_nor_told() {
    let server = Server::start(|request, _| {
        let is_whole = request.starts_with("GET /registry.json?token=secret ");
        assert!(is_whole && !request.contains("if-none-match"), "{request}");
        answer("200 OK", &[ETAG], TWO)
    })
    .await;
    let (_root, workspace) = workspace(ONE, ELSEWHERE);
    let order = registry_from(server.url("/registry.json?token=secret"));
    for _ in 0..2 {
        run_within(&workspace, &order, &limits()).await.unwrap();
        let lock = std::fs::read_to_string(workspace.lock()).unwrap();
        assert!(!lock.contains("secret"), "{lock}");
        assert_eq!(registry(&workspace).1.origin, server.url("/registry.json"));
    }
    assert_eq!(server.requests().len(), 2);

    for status in ["404 Not Found", "503 Service Unavailable"] {
        let refusing = Server::start(move |_, _| answer(status, &[], "")).await;
        let message = fails(&refusing.url("/registry.json?token=secret")).await;
        assert!(!message.contains("secret"), "{message}");
    }
    let url = format!("{}?token=secret", nowhere().await);
    let message = fails(&url).await;
    assert!(!message.contains("secret"), "{message}");
}

#[tokio::test]
async fn a_redirect_is_followed_where_it_is_safe() {
    let server = Server::start(|request, _| {
        if request.starts_with("GET /old ") {
            answer("302 Found", &["Location: /registry.json"], "")
        } else {
            answer("200 OK", &[], TWO)
        }
    })
    .await;
    let (_root, workspace) = workspace(ONE, ELSEWHERE);
    let order = registry_from(server.url("/old"));
    run_within(&workspace, &order, &limits()).await.unwrap();
    let (text, entry) = registry(&workspace);
    assert_eq!(text, formatted(TWO));
    assert_eq!(entry.origin, server.url("/old"));

    let away = |_: &str, _| answer("302 Found", &["Location: http://example.com/a.json"], "");
    refused(away, &["http://example.com", "not encrypted"], 1).await;
    let circle = |_: &str, _| answer("302 Found", &["Location: /registry.json"], "");
    refused(circle, &["more than 5 times"], 6).await;
    refused(|_, _| answer("302 Found", &[], ""), &["302"], 1).await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let url = nowhere().await;
    let message = fails(&url).await;
    for word in [url.as_str(), "3 times", "check the address and the network"] {
        assert!(message.contains(word), "{message}");
    }
}
