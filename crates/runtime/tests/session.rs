//! A session over a transport that the test plays.
#![allow(clippy::unwrap_used, reason = "a test")]

use futures::StreamExt;
use futures::future::{BoxFuture, FutureExt};
use http::Method;
use imperal_runtime::{
    Credential, CredentialProvider, Detail, Error, Operation, Placement, Requirement, Session,
    StaticCredential, Transport, TransportError,
};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

static OPEN: Operation = Operation::new("open", Method::POST, "/open");
static SECURED: Operation = Operation::new("secured", Method::POST, "/secured").security(&[
    &[Requirement {
        scheme: "bearer",
        placement: Placement::Bearer,
    }],
    &[Requirement {
        scheme: "key",
        placement: Placement::Header("x-key"),
    }],
]);
static OPTIONAL: Operation = Operation::new("optional", Method::POST, "/optional").security(&[
    &[],
    &[Requirement {
        scheme: "bearer",
        placement: Placement::Bearer,
    }],
]);
static QUERY: Operation = Operation::new("query", Method::POST, "/query")
    .security(&[&[Requirement {
        scheme: "bearer",
        placement: Placement::Query("token"),
    }]])
    .fixed_query(&[("kwargs", "")]);

/// Answers every request alike, and remembers them.
#[derive(Clone)]
struct Fixed {
    status: u16,
    body: &'static str,
    seen: Arc<Mutex<Vec<reqwest::Request>>>,
}

impl Transport for Fixed {
    fn send(
        &self,
        request: reqwest::Request,
    ) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        self.seen.lock().unwrap().push(request);
        let answer = http::Response::builder()
            .status(self.status)
            .header("x-request-id", "r-1")
            .body(self.body)
            .unwrap();
        async { Ok(answer.into()) }.boxed()
    }
}

fn answering(status: u16, body: &'static str) -> Fixed {
    Fixed {
        status,
        body,
        seen: Arc::default(),
    }
}

async fn call(
    transport: &Fixed,
    operation: &'static Operation,
    schemes: &[&'static str],
) -> Result<Value, Error> {
    let mut session = Session::builder()
        .base_url("https://api.example.com")
        .transport(Arc::new(transport.clone()));
    for scheme in schemes {
        session = session.credential(scheme, StaticCredential::new(format!("{scheme}-hunter2")));
    }
    let answer = session
        .build()?
        .call_json::<_, Value>(operation, &json!({}))
        .await?;
    Ok(answer.into_inner())
}

/// The one request that was sent, as its URL and the headers that carry credentials.
fn sent(transport: &Fixed) -> (String, Vec<String>) {
    let seen = transport.seen.lock().unwrap();
    assert_eq!(seen.len(), 1);
    let headers = ["authorization", "x-key"]
        .iter()
        .filter_map(|name| seen[0].headers().get(*name));
    (
        seen[0].url().to_string(),
        headers
            .map(|value| value.to_str().unwrap().to_owned())
            .collect(),
    )
}

#[tokio::test]
async fn the_first_credential_that_there_is_goes_where_the_operation_says() {
    for (operation, schemes, url, headers) in [
        (&OPEN, &["bearer", "key"][..], "/open", &[][..]),
        (
            &SECURED,
            &["bearer", "key"],
            "/secured",
            &["Bearer bearer-hunter2"],
        ),
        (&SECURED, &["key"], "/secured", &["key-hunter2"]),
        (
            &OPTIONAL,
            &["bearer"],
            "/optional",
            &["Bearer bearer-hunter2"],
        ),
        (&OPTIONAL, &["key"], "/optional", &[]),
        (
            &QUERY,
            &["bearer"],
            "/query?kwargs=&token=bearer-hunter2",
            &[],
        ),
    ] {
        let transport = answering(200, "{}");
        call(&transport, operation, schemes).await.unwrap();
        let expected = (
            format!("https://api.example.com{url}"),
            headers.iter().map(ToString::to_string).collect(),
        );
        assert_eq!(sent(&transport), expected);
    }
}

#[tokio::test]
async fn without_a_credential_nothing_is_sent_and_the_error_names_what_is_missing() {
    let transport = answering(200, "{}");
    let error = call(&transport, &SECURED, &["other"]).await.unwrap_err();
    assert!(error.is_configuration(), "{error}");
    assert_eq!(
        error.to_string(),
        "secured: this operation needs bearer, or key, which is not configured; nothing was sent"
    );
    assert!(transport.seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_401_with_a_credential_that_cannot_change_is_not_sent_again() {
    let transport = answering(401, r#"{"detail":"no"}"#);
    assert!(
        call(&transport, &SECURED, &["bearer"])
            .await
            .unwrap_err()
            .is_unauthorized()
    );
    sent(&transport);
}

/// Has a newer credential whenever one is refused.
struct Endless;

impl CredentialProvider for Endless {
    fn credential(&self) -> BoxFuture<'_, Result<Credential, Error>> {
        async { Ok(Credential::new("token-0", 0)) }.boxed()
    }

    fn renew(&self, refused: Credential) -> BoxFuture<'_, Result<Option<Credential>, Error>> {
        let next = refused.generation() + 1;
        async move { Ok(Some(Credential::new(format!("token-{next}"), next))) }.boxed()
    }
}

#[tokio::test]
async fn invariant_10_a_request_is_sent_again_once_with_the_new_token() {
    let transport = answering(401, r#"{"detail":"no"}"#);
    let session = Session::builder()
        .base_url("https://api.example.com")
        .transport(Arc::new(transport.clone()))
        .credential("bearer", Endless)
        .build()
        .unwrap();
    let body = json!({ "kept": true });
    let outcome = session.call_json::<_, Value>(&SECURED, &body).await;
    assert!(outcome.unwrap_err().is_unauthorized());
    let seen = transport.seen.lock().unwrap();
    let sent = seen.iter().map(|request| {
        let token = request.headers()["authorization"].to_str().unwrap();
        let body = request.body().unwrap().as_bytes().unwrap();
        (token.to_owned(), String::from_utf8_lossy(body).into_owned())
    });
    let body = body.to_string();
    assert_eq!(
        sent.collect::<Vec<_>>(),
        [
            ("Bearer token-0".to_owned(), body.clone()),
            ("Bearer token-1".to_owned(), body)
        ]
    );
}

#[tokio::test]
async fn a_failure_keeps_status_body_and_request_id_whatever_the_body_is() {
    for (status, body, detail) in [
        (
            404,
            r#"{"detail":"gone"}"#,
            Some(Detail::Text("gone".to_owned())),
        ),
        (502, "<html>hunter2</html>", None),
        (500, "", None),
        (409, r#"{"detail":{"current_etag":"hunter2"#, None),
    ] {
        let error = call(&answering(status, body), &OPEN, &[])
            .await
            .unwrap_err();
        assert_eq!(error.status().unwrap().as_u16(), status);
        assert_eq!(error.body().unwrap(), body.as_bytes());
        assert_eq!(error.request_id(), Some("r-1"));
        assert_eq!(error.detail(), detail);
        let shown = format!("{error} {error:?}");
        assert!(
            shown.contains(&status.to_string()) && shown.contains("r-1"),
            "{shown}"
        );
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}

#[tokio::test]
async fn a_success_that_does_not_parse_keeps_its_body_and_shows_none_of_it() {
    for body in ["<html>hunter2", r#"{"a": "hunter2"#] {
        let error = call(&answering(200, body), &OPEN, &[]).await.unwrap_err();
        assert_eq!(error.status().unwrap(), 200);
        assert_eq!(error.body().unwrap(), body.as_bytes());
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
}

#[tokio::test]
async fn an_empty_success_is_null() {
    assert_eq!(
        call(&answering(204, ""), &OPEN, &[]).await.unwrap(),
        Value::Null
    );
}

#[tokio::test]
async fn a_large_failure_is_kept_in_part() {
    let body: &'static str = Box::leak("x".repeat(3 * Error::BODY_LIMIT).into_boxed_str());
    let error = call(&answering(500, body), &OPEN, &[]).await.unwrap_err();
    assert_eq!(error.body().unwrap().len(), Error::BODY_LIMIT);
}

/// Answers with a failure whose body begins and never ends.
struct Unending;

impl Transport for Unending {
    fn send(
        &self,
        _: reqwest::Request,
    ) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        let begun = futures::stream::iter([Ok::<_, std::io::Error>("{\"detail\": ")]);
        let body = reqwest::Body::wrap_stream(begun.chain(futures::stream::pending()));
        let answer = http::Response::builder().status(402).body(body).unwrap();
        async { Ok(answer.into()) }.boxed()
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_whose_account_does_not_end_keeps_its_status() {
    let session = Session::builder()
        .base_url("https://api.example.com")
        .transport(Arc::new(Unending))
        .build()
        .unwrap();
    let error = session
        .call_json::<_, Value>(&OPEN, &json!({}))
        .await
        .unwrap_err();
    assert!(error.is_payment_required(), "{error}");
    assert_eq!(error.body().unwrap(), b"{\"detail\": ");
}

#[test]
fn a_request_does_not_show_what_it_carries() {
    let session = Session::builder().base_url("https://api.example.com");
    let request = session
        .build()
        .unwrap()
        .request(Method::POST, "/v1/new")
        .query("token", "hunter2")
        .json(&json!({ "password": "hunter2" }));
    let shown = format!("{request:?}");
    assert!(
        shown.contains("/v1/new") && !shown.contains("hunter2"),
        "{shown}"
    );
}

#[test]
fn an_error_is_small_and_travels() {
    fn travels<T: Send + Sync + Clone + 'static>() {}
    travels::<Error>();
    travels::<Session>();
    assert_eq!(size_of::<Error>(), size_of::<usize>());
}
