//! What errors and answers show, and what they do not.
#![allow(clippy::unwrap_used, reason = "a test")]

use futures::future::{BoxFuture, FutureExt};
use http::{HeaderMap, Method, StatusCode};
use imperal_runtime::{
    ByteStream, CallOptions, Error, Operation, Placement, Requirement, Secret, Session,
    StaticCredential, Transport, TransportError,
};
use serde_json::{Value, json};
use std::error::Error as _;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

static CHANGE: Operation = Operation::new("change", Method::POST, "/change")
    .secret_body()
    .security(&[&[Requirement {
        scheme: "key",
        placement: Placement::Header("x-key"),
    }]]);

/// Answers with what `say` makes of the request.
struct Saying<F>(u16, F);

impl<F: Fn(&reqwest::Request) -> String + Send + Sync + 'static> Transport for Saying<F> {
    fn send(
        &self,
        request: reqwest::Request,
    ) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        let answer = http::Response::builder()
            .status(self.0)
            .header("set-cookie", "session=hunter2")
            .header("location", "https://example.com/?token=hunter2")
            .header("x-plain", "shown")
            .body((self.1)(&request))
            .unwrap();
        async { Ok(answer.into()) }.boxed()
    }
}

fn session(
    status: u16,
    say: impl Fn(&reqwest::Request) -> String + Send + Sync + 'static,
) -> Session {
    let session = Session::builder().base_url("https://api.example.com");
    let session = session.transport(Arc::new(Saying(status, say)));
    let session = session.credential("key", StaticCredential::new("hunter2-key"));
    session.build().unwrap()
}

#[tokio::test]
async fn an_answer_does_not_show_headers_that_carry_credentials() {
    let session = session(200, |_| "{}".to_owned());
    let answer = session
        .call_json::<_, Value>(&CHANGE, &json!({}))
        .await
        .unwrap();
    let shown = format!("{answer:?} {answer:#?}");
    assert!(
        shown.contains("shown") && shown.contains("set-cookie"),
        "{shown}"
    );
    assert!(!shown.contains("hunter2"), "{shown}");
    assert_eq!(answer.headers()["set-cookie"], "session=hunter2");
}

#[tokio::test]
async fn an_error_does_not_show_headers_that_carry_credentials() {
    let session = session(307, |_| "{}".to_owned());
    let error = session
        .call_json::<_, Value>(&CHANGE, &json!({}))
        .await
        .unwrap_err();
    let shown = format!("{:?}", error.headers().unwrap());
    assert!(
        shown.contains("shown") && !shown.contains("hunter2"),
        "{shown}"
    );
    assert_eq!(
        error.headers().unwrap()["location"],
        "https://example.com/?token=hunter2"
    );
}

#[tokio::test]
async fn what_the_service_says_does_not_repeat_secrets_of_the_request() {
    let said = |request: &reqwest::Request| {
        let body = request.body().and_then(reqwest::Body::as_bytes);
        let body = String::from_utf8_lossy(body.unwrap()).into_owned();
        let text = |name: &str| request.headers()[name].to_str().unwrap().to_owned();
        let headers = ["x-key", "x-ext-token", "cookie"].map(text);
        format!("{headers:?} {body}")
    };
    for form in ["text", "fields", "object"] {
        let session = session(422, move |request| {
            let said = said(request);
            let detail = match form {
                "text" => json!(said),
                "fields" => json!([{ "loc": ["body"], "msg": said, "type": "t" }]),
                _ => json!({ "message": said, "more": [{ "text": said }] }),
            };
            json!({ "detail": detail }).to_string()
        });
        let options = CallOptions::new()
            .header("x-ext-token", "hunter2-header")
            .and_then(|options| options.header("cookie", "session=hunter2-cookie; theme=dark"))
            .unwrap();
        let session = session.with_options(&options);
        let body = json!({
            "email": "ann@example.com", "new_password": "hunter2", "parts": [{ "token": "hunter2-token" }],
            "accessToken": "hunter2-other-token", "user_code": 135_791,
        });
        let error = session
            .call_json::<_, Value>(&CHANGE, &body)
            .await
            .unwrap_err();
        let shown = format!("{error} {error:?} {:?}", error.detail());
        assert!(
            shown.contains("ann@example.com") && shown.contains("[secret]"),
            "{shown}"
        );
        assert!(
            !shown.contains("hunter2") && !shown.contains("135791"),
            "{shown}"
        );
        // What came is there for who asks for it.
        let body = String::from_utf8_lossy(error.body().unwrap());
        assert!(body.contains("hunter2"), "{body}");
    }
}

#[tokio::test]
async fn a_body_by_hand_that_holds_a_secret_is_guarded() {
    let session = Session::builder()
        .base_url("http://api.example.com")
        .build()
        .unwrap();
    let request = || session.request(Method::POST, "/new");
    let secret = request().json(&[Secret::from("hunter2")]);
    let error = secret.send::<Value>().await.unwrap_err();
    assert!(
        error.is_configuration() && error.to_string().contains("plain HTTP"),
        "{error}"
    );
}

type Predicate = fn(&Error) -> bool;

#[test]
fn each_status_has_its_predicate() {
    let of = |status: u16| {
        let status = StatusCode::from_u16(status).unwrap();
        Error::from_answer(status, HeaderMap::new(), "".into())
    };
    let predicates: [(&[u16], Predicate); 9] = [
        (&[401], Error::is_unauthorized),
        (&[402], Error::is_payment_required),
        (&[403], Error::is_forbidden),
        (&[404], Error::is_not_found),
        (&[409], Error::is_conflict),
        (&[422], Error::is_validation),
        (&[429], Error::is_rate_limited),
        (&[500, 502, 503, 504], Error::is_server_error),
        (&[408, 429, 502, 503, 504], Error::is_retryable),
    ];
    for (number, (statuses, predicate)) in predicates.into_iter().enumerate() {
        for status in 400..600 {
            let expected = statuses.contains(&status) || (number == 7 && status >= 500);
            assert_eq!(predicate(&of(status)), expected, "{number}: {status}");
        }
    }
}

#[test]
fn other_failures_have_their_predicates() {
    let connect = Error::from(TransportError::Connect("refused".into()));
    let broken = Error::from(TransportError::Broken("reset".into()));
    let timeout = Error::from(TransportError::Timeout);
    let out = Error::logged_out("by the test");
    let all = [&connect, &broken, &timeout, &out];
    let which = |predicate: fn(&Error) -> bool| all.map(predicate);
    assert_eq!(which(Error::is_connect), [true, false, false, false]);
    assert_eq!(which(Error::is_timeout), [false, false, true, false]);
    assert_eq!(which(Error::is_retryable), [true, true, true, false]);
    assert_eq!(which(Error::is_logged_out), [false, false, false, true]);
    assert!(
        all.iter()
            .all(|error| error.status().is_none() && error.retry_after().is_none())
    );
}

#[test]
fn the_wait_that_is_asked_for_is_measured_by_the_service_or_by_the_caller() {
    let date = |seconds| httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
    let error = |headers: &[(&'static str, &str)]| {
        let headers = headers.iter().map(|(name, value)| {
            let name = http::HeaderName::from_static(name);
            (name, value.parse().unwrap())
        });
        Error::from_answer(
            StatusCode::SERVICE_UNAVAILABLE,
            headers.collect(),
            "".into(),
        )
    };
    let (seconds, at) = (
        error(&[("retry-after", " 7 ")]),
        UNIX_EPOCH + Duration::from_secs(1000),
    );
    assert_eq!(seconds.retry_after(), Some(Duration::from_secs(7)));
    assert_eq!(seconds.retry_after_at(at), Some(Duration::from_secs(7)));
    let dated = error(&[("date", &date(900)), ("retry-after", &date(1060))]);
    assert_eq!(dated.retry_after(), Some(Duration::from_secs(160)));
    assert_eq!(dated.retry_after_at(at), Some(Duration::from_secs(60)));
    // Long ago by any clock.
    assert_eq!(
        error(&[("retry-after", &date(1060))]).retry_after(),
        Some(Duration::ZERO)
    );
    assert_eq!(error(&[("retry-after", "soon")]).retry_after(), None);
    assert_eq!(error(&[]).retry_after(), None);
}

#[tokio::test]
async fn what_the_system_says_of_a_file_is_the_source() {
    let folder = tempfile::tempdir().unwrap();
    let body = ByteStream::new(futures::stream::iter([Ok("x".into())]));
    let error = body
        .save_to(folder.path().join("none/file"))
        .await
        .unwrap_err();
    let source = error
        .source()
        .and_then(|source| source.downcast_ref::<std::io::Error>());
    assert_eq!(source.unwrap().kind(), std::io::ErrorKind::NotFound);
}
