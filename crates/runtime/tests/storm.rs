//! Ten thousand calls that meet an expired token at once.
#![allow(clippy::unwrap_used, reason = "a test")]

use futures::future::{BoxFuture, FutureExt, join_all};
use http::Method;
use imperal_runtime::{
    Authority, Clock, Error, ManualClock, Operation, Placement, Requirement, Secret, Session,
    SystemClock, TokenEngine, TokenPair, Transport, TransportError,
};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, UNIX_EPOCH};

static READ: Operation =
    Operation::new("read", Method::POST, "/read").security(&[&[Requirement {
        scheme: "bearer",
        placement: Placement::Bearer,
    }]]);

/// Accepts the newest access token only.
#[derive(Clone, Default)]
struct Service {
    refreshes: Arc<AtomicUsize>,
    refused: Arc<AtomicUsize>,
}

impl Service {
    fn pair(&self) -> TokenPair {
        let number = self.refreshes.load(Ordering::SeqCst);
        TokenPair::new(
            format!("access-{number}").into(),
            Some("refresh".into()),
            Some(900),
        )
    }
}

impl Authority for Service {
    fn login(&self) -> BoxFuture<'_, Result<TokenPair, Error>> {
        async { Ok(self.pair()) }.boxed()
    }

    fn refresh(&self, _: Secret) -> BoxFuture<'_, Result<TokenPair, Error>> {
        async {
            // As long as an answer of the network may take: every caller has come by then.
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            self.refreshes.fetch_add(1, Ordering::SeqCst);
            Ok(self.pair())
        }
        .boxed()
    }

    fn logout(&self, _: Secret) -> BoxFuture<'_, Result<(), Error>> {
        async { Ok(()) }.boxed()
    }
}

impl Transport for Service {
    fn send(
        &self,
        request: reqwest::Request,
    ) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        // The first token has died before its time.
        let is_good = request.headers()["authorization"] != "Bearer access-0";
        if !is_good {
            self.refused.fetch_add(1, Ordering::SeqCst);
        }
        let status = if is_good { 200 } else { 401 };
        async move {
            tokio::task::yield_now().await;
            Ok(http::Response::builder()
                .status(status)
                .body("{}")
                .unwrap()
                .into())
        }
        .boxed()
    }
}

fn session(service: &Service, clock: impl Clock) -> Session {
    let tokens = TokenEngine::new(Arc::new(service.clone()), Arc::new(clock));
    let session = Session::builder()
        .base_url("https://api.example.com")
        .credential("bearer", tokens);
    session
        .transport(Arc::new(service.clone()))
        .build()
        .unwrap()
}

async fn call(session: &Session) -> Result<(), Error> {
    let answer = session.call_json::<_, Value>(&READ, &json!({})).await;
    answer.map(drop)
}

async fn call_ten_thousand_times(session: &Session) {
    let outcomes = join_all((0..10_000).map(|_| call(session))).await;
    let failed = outcomes.iter().find(|outcome| outcome.is_err());
    assert!(failed.is_none(), "{failed:?}");
}

#[tokio::test]
async fn ten_thousand_calls_that_meet_an_expired_token_share_one_refresh() {
    let service = Service::default();
    // The first token is refused, the second is good.
    service.refreshes.store(1, Ordering::SeqCst);
    let clock = ManualClock::starting_at(UNIX_EPOCH + Duration::from_secs(1_000_000_000));
    let session = session(&service, clock.clone());
    call(&session).await.unwrap();
    clock.advance(Duration::from_secs(900));
    call_ten_thousand_times(&session).await;
    assert_eq!(service.refreshes.load(Ordering::SeqCst), 2);
    assert_eq!(service.refused.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn ten_thousand_calls_that_meet_a_dead_token_share_one_refresh() {
    let service = Service::default();
    call_ten_thousand_times(&session(&service, SystemClock)).await;
    assert_eq!(service.refreshes.load(Ordering::SeqCst), 1);
    assert!(
        service.refused.load(Ordering::SeqCst) > 1000,
        "{service_refused:?}",
        service_refused = service.refused
    );
}
