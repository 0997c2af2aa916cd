//! Login on another device, against a service that the test plays.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::{BoxFuture, FutureExt};
use imperal::{Credentials, Imperal, MemoryStore, TokenStore, Transport, TransportError};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// What stands among statuses for no answer at all.
const BROKEN: u16 = 0;
const SILENT: u16 = 1;
const UNREACHABLE: u16 = 2;

/// When, the path, the body, and the bearer.
type Asked = (Duration, String, Value, String);

/// Answers by a script, and remembers what it was asked, and when.
#[derive(Clone)]
struct Service {
    answers: Arc<Mutex<VecDeque<(u16, String)>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
    started: Instant,
}

impl Transport for Service {
    fn send(
        &self,
        request: reqwest::Request,
    ) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        let body = request
            .body()
            .and_then(reqwest::Body::as_bytes)
            .unwrap_or_default();
        let bearer = request
            .headers()
            .get("authorization")
            .map(|value| value.to_str().unwrap().to_owned());
        let asked = (
            self.started.elapsed(),
            request.url().path().to_owned(),
            serde_json::from_slice(body).unwrap_or_default(),
            bearer.unwrap_or_default(),
        );
        self.asked.lock().unwrap().push(asked);
        let (status, body) = self
            .answers
            .lock()
            .unwrap()
            .pop_front()
            .unwrap_or((404, String::new()));
        async move {
            match status {
                BROKEN => return Err(TransportError::Broken("by the test".into())),
                SILENT => return Err(TransportError::Timeout),
                UNREACHABLE => return Err(TransportError::Connect("by the test".into())),
                _ => {}
            }
            Ok(http::Response::builder()
                .status(status)
                .body(body)
                .unwrap()
                .into())
        }
        .boxed()
    }
}

fn begun() -> (u16, Value) {
    let answer = json!({
        "device_code": "device-hunter2", "user_code": "WDBK-7Q3M", "verification_uri": "https://panel.imperal.io/device",
        "verification_uri_complete": "https://panel.imperal.io/device?code=WDBK-7Q3M", "expires_in": 600, "interval": 5,
    });
    (200, answer)
}

fn tokens() -> (u16, Value) {
    (
        200,
        json!({ "access_token": "access", "refresh_token": "refresh", "expires_in": 900, "token_type": "bearer" }),
    )
}

fn pending(error: &str) -> (u16, Value) {
    (200, json!({ "error": error }))
}

fn service(answers: impl IntoIterator<Item = (u16, Value)>) -> (Service, Imperal, MemoryStore) {
    let answers = answers.into_iter().map(|(status, body)| {
        (
            status,
            if body.is_null() {
                String::new()
            } else {
                body.to_string()
            },
        )
    });
    let service = Service {
        answers: Arc::new(Mutex::new(answers.collect())),
        asked: Arc::default(),
        started: Instant::now(),
    };
    let store = MemoryStore::default();
    let imperal = Imperal::builder()
        .transport(service.clone())
        .token_store(store.clone());
    let imperal = imperal.credentials(Credentials::device()).build().unwrap();
    (service, imperal, store)
}

#[tokio::test(start_paused = true)]
async fn who_is_allowed_is_logged_in() {
    let me = json!({
        "imperal_id": "i", "email": "e@example.com", "tenant_id": "t", "role": "user", "auth_method": "cli", "scopes": [],
        "attributes": {}, "created_at": "2026-01-01T00:00:00Z",
    });
    let answers = [
        begun(),
        pending("authorization_pending"),
        pending("slow_down"),
        (503, Value::Null),
        pending("authorization_pending"),
        tokens(),
        (200, me),
    ];
    let (service, imperal, store) = service(answers);
    let login = imperal.device_login().await.unwrap();
    assert_eq!(
        (login.user_code(), login.verification_url()),
        (
            "WDBK-7Q3M",
            "https://panel.imperal.io/device?code=WDBK-7Q3M"
        )
    );
    assert!(!format!("{login:?}").contains("hunter2"), "{login:?}");
    login.wait().await.unwrap();
    assert_eq!(
        store.load().await.unwrap().unwrap().access_token.expose(),
        "access"
    );
    imperal.gateway().auth().me().send().await.unwrap();

    let asked = service.asked.lock().unwrap();
    let (_, path, begin, bearer) = &asked[0];
    assert_eq!(
        (
            path.as_str(),
            begin["code_challenge_method"].as_str(),
            bearer.as_str()
        ),
        ("/v1/auth/cli/device/authorize", Some("S256"), "")
    );
    let verifier = asked[1].2["code_verifier"].as_str().unwrap();
    assert_eq!(
        begin["code_challenge"],
        URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
    );
    assert_eq!(verifier.len(), 64);
    assert!(
        asked[1..6]
            .iter()
            .all(|(_, path, body, _)| path == "/v1/auth/cli/device/token"
                && body["device_code"] == "device-hunter2")
    );
    // Every five seconds, and every ten once it was asked to slow down.
    let seconds: Vec<u64> = asked[1..6].iter().map(|(at, ..)| at.as_secs()).collect();
    assert_eq!(seconds, [5, 10, 20, 30, 40]);
    assert_eq!(asked[6].3, "Bearer access");
}

#[tokio::test(start_paused = true)]
async fn who_is_denied_or_late_is_told_so() {
    for (last, words) in [
        ((400, json!({ "error": "access_denied" })), "denied"),
        ((400, json!({ "error": "expired_token" })), "in time"),
        ((410, Value::Null), "ended"),
        (pending("something_else"), "ended"),
    ] {
        let (_, imperal, store) = service([begun(), pending("authorization_pending"), last]);
        let error = imperal
            .device_login()
            .await
            .unwrap()
            .wait()
            .await
            .unwrap_err();
        assert!(
            error.is_logged_out() && error.to_string().contains(words),
            "{error}"
        );
        assert!(store.load().await.unwrap().is_none());
    }
    let (_, imperal, _) = service(
        std::iter::once(begun()).chain(std::iter::repeat_n(pending("authorization_pending"), 1000)),
    );
    let started = Instant::now();
    let error = imperal
        .device_login()
        .await
        .unwrap()
        .wait()
        .await
        .unwrap_err();
    assert!(
        error.is_logged_out() && error.to_string().contains("in time"),
        "{error}"
    );
    assert_eq!(started.elapsed().as_secs(), 600);
}

/// The code has expired by the time at which the store can be written.
#[tokio::test(start_paused = true)]
async fn tokens_that_have_come_are_kept_however_long_the_store_takes() {
    let (_, imperal, store) = service([begun(), tokens()]);
    let locked = store.lock().await.unwrap();
    let login = imperal.device_login().await.unwrap();
    let late = login.expires_in() * 2;
    let release = async move {
        tokio::time::sleep(late).await;
        drop(locked);
    };
    let (outcome, ()) = tokio::join!(login.wait(), release);
    outcome.unwrap();
    assert!(store.load().await.unwrap().is_some());
}

/// What is no verdict of the service ends no login: it is asked for again.
#[tokio::test(start_paused = true)]
async fn a_login_survives_whatever_is_no_verdict() {
    let html = "<html><h1>502 Bad Gateway</h1></html>";
    for (status, body) in [
        (502, html),
        (500, ""),
        (503, "{\"detail\": \"Serv"),
        (429, ""),
        (408, ""),
        (504, ""),
        (200, html),
        (200, "{\"access_token\": \"ey"),
        (200, ""),
        (200, "[]"),
        (BROKEN, ""),
        (SILENT, ""),
        (UNREACHABLE, ""),
    ] {
        let (service, imperal, store) =
            service([begun(), pending("authorization_pending"), tokens()]);
        let between = (status, body.to_owned());
        service.answers.lock().unwrap().insert(2, between);
        let login = imperal.device_login().await.unwrap();
        let outcome = login.wait().await;
        assert!(outcome.is_ok(), "{status} {body}: {outcome:?}");
        assert!(store.load().await.unwrap().is_some(), "{status} {body}");
    }
}

#[tokio::test]
async fn a_client_that_keeps_no_login_says_what_to_give() {
    let imperal = Imperal::builder()
        .credentials(Credentials::service_token("t"))
        .build()
        .unwrap();
    let error = imperal.device_login().await.unwrap_err();
    assert!(
        error.is_configuration() && error.to_string().contains("Credentials::device"),
        "{error}"
    );
}
