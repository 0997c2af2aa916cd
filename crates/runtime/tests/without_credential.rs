//! Calls whose credential could not be had, or not be renewed.
#![allow(clippy::unwrap_used, reason = "a test")]

use futures::future::{BoxFuture, FutureExt};
use http::{HeaderMap, Method, StatusCode};
use imperal_runtime::{
    Credential, CredentialProvider, Error, Operation, Placement, Requirement, Session, Transport,
    TransportError,
};
use serde_json::Value;
use std::error::Error as _;
use std::sync::{Arc, Mutex};

const BEARER: Requirement = Requirement {
    scheme: "bearer",
    placement: Placement::Bearer,
};
static SECURED: Operation =
    Operation::new("secured", Method::DELETE, "/secured").security(&[&[BEARER]]);
static OPTIONAL: Operation =
    Operation::new("optional", Method::PUT, "/optional").security(&[&[], &[BEARER]]);

/// Refuses every token, answers whoever has none, and notes the tokens.
#[derive(Clone, Default)]
struct Service(Arc<Mutex<Vec<Option<String>>>>);

impl Transport for Service {
    fn send(
        &self,
        request: reqwest::Request,
    ) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        let token = request.headers().get("authorization");
        let token = token.map(|token| token.to_str().unwrap().to_owned());
        let status = if token.is_some() { 401 } else { 200 };
        self.0.lock().unwrap().push(token);
        let answer = http::Response::builder().status(status).body("").unwrap();
        async { Ok(answer.into()) }.boxed()
    }
}

/// Gives a token at first, or none, and then an error.
struct Provider {
    first: Option<&'static str>,
    then: Error,
}

impl CredentialProvider for Provider {
    fn credential(&self) -> BoxFuture<'_, Result<Credential, Error>> {
        let first = self.first.map(|token| Credential::new(token, 0));
        async move { first.ok_or_else(|| self.then.clone()) }.boxed()
    }

    fn renew(&self, _: Credential) -> BoxFuture<'_, Result<Option<Credential>, Error>> {
        async { Err(self.then.clone()) }.boxed()
    }
}

async fn call(
    operation: &'static Operation,
    first: Option<&'static str>,
    then: Error,
) -> (Result<Value, Error>, Vec<Option<String>>) {
    let service = Service::default();
    let session = Session::builder()
        .base_url("https://api.example.com")
        .transport(Arc::new(service.clone()))
        .credential("bearer", Provider { first, then })
        .build()
        .unwrap();
    let outcome = session.call_json::<_, Value>(operation, &()).await;
    let tokens = service.0.lock().unwrap().clone();
    (outcome.map(imperal_runtime::Answer::into_inner), tokens)
}

fn answered(status: u16) -> Error {
    let status = StatusCode::from_u16(status).unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("retry-after", "700".parse().unwrap());
    Error::from_answer(status, headers, r#"{"detail": "no such route"}"#.into())
}

#[tokio::test(start_paused = true)]
async fn what_a_refresh_is_answered_is_not_taken_for_the_answer_to_the_call() {
    for first in [None, Some("old")] {
        for status in [403, 404, 409, 422, 429, 503] {
            let (outcome, _) = call(&SECURED, first, answered(status)).await;
            let error = outcome.unwrap_err();
            assert!(
                !error.is_forbidden() && !error.is_not_found() && !error.is_conflict(),
                "{error}"
            );
            assert!(!error.is_validation() && !error.is_rate_limited() && !error.is_server_error());
            assert_eq!((error.status(), error.body()), (None, None));
            assert_eq!(error.operation(), Some("secured"));
            // It can be looked at all the same.
            let cause = error.source().unwrap().downcast_ref::<Error>().unwrap();
            assert_eq!(cause.status().unwrap().as_u16(), status);
            assert_eq!(error.is_retryable(), matches!(status, 429 | 503));
            assert_eq!(error.retry_after().unwrap().as_secs(), 700);
            assert!(
                error.to_string().starts_with(
                    "secured: the credential could not be renewed: the service answered"
                ),
                "{error}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_that_is_over_stays_recognisable() {
    for first in [None, Some("old")] {
        let (outcome, _) = call(&SECURED, first, Error::logged_out("it is over")).await;
        assert!(outcome.unwrap_err().is_logged_out());
        let (outcome, _) = call(&SECURED, first, answered(401)).await;
        assert!(outcome.unwrap_err().is_unauthorized());
    }
}

#[tokio::test(start_paused = true)]
async fn what_needs_no_login_is_done_without_one_when_it_is_over() {
    let over = || Error::logged_out("it is over");
    let (outcome, tokens) = call(&OPTIONAL, None, over()).await;
    assert_eq!((outcome.unwrap(), tokens), (Value::Null, vec![None]));

    let (outcome, tokens) = call(&OPTIONAL, Some("old"), over()).await;
    assert_eq!(outcome.unwrap(), Value::Null);
    assert_eq!(tokens, [Some("Bearer old".to_owned()), None]);

    // A failure that passes says nothing of the login: the call fails, and is not made as somebody else.
    let (outcome, tokens) = call(&OPTIONAL, None, answered(500)).await;
    assert!(outcome.is_err() && tokens.is_empty());
}
