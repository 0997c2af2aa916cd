//! Retries, over a transport that plays a script, under a clock that stands still until all sleep.
#![allow(clippy::unwrap_used, reason = "a test")]

use futures::future::{BoxFuture, FutureExt};
use http::Method;
use imperal_runtime::{
    CallOptions, Error, Operation, RetryBudget, RetryPolicy, Session, Transport, TransportError,
};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

static READ: Operation = Operation::new("read", Method::PUT, "/read");
static WRITE: Operation = Operation::new("write", Method::POST, "/write");
static SAFE_WRITE: Operation = Operation::new("safe_write", Method::POST, "/safe").idempotent(true);
static RISKY_READ: Operation =
    Operation::new("risky_read", Method::PUT, "/risky").idempotent(false);

#[derive(Clone, Debug)]
enum Step {
    Status(u16),
    /// A status with a `Retry-After` header and a body.
    Wait(u16, &'static str, &'static str),
    NoConnection,
    Broken,
    /// No answer comes.
    Silence,
}

/// Plays the steps, then answers 200.
#[derive(Clone)]
struct Script {
    steps: Arc<Mutex<VecDeque<Step>>>,
    sent_at: Arc<Mutex<Vec<Duration>>>,
    started: Instant,
}

impl Script {
    fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self {
            steps: Arc::new(Mutex::new(steps.into_iter().collect())),
            sent_at: Arc::default(),
            started: Instant::now(),
        }
    }

    fn sent(&self) -> usize {
        self.sent_at.lock().unwrap().len()
    }

    /// How long after the first request each of the others came.
    fn waits(&self) -> Vec<Duration> {
        let sent = self.sent_at.lock().unwrap();
        sent.windows(2)
            .map(|pair| pair[1].saturating_sub(pair[0]))
            .collect()
    }
}

impl Transport for Script {
    fn send(
        &self,
        _: reqwest::Request,
    ) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        self.sent_at.lock().unwrap().push(self.started.elapsed());
        let step = self
            .steps
            .lock()
            .unwrap()
            .pop_front()
            .unwrap_or(Step::Status(200));
        async move {
            let answer = http::Response::builder();
            Ok(match step {
                Step::Status(status) => answer.status(status).body("{}").unwrap().into(),
                Step::Wait(status, wait, body) => answer
                    .status(status)
                    .header("retry-after", wait)
                    .body(body)
                    .unwrap()
                    .into(),
                Step::NoConnection => return Err(TransportError::Connect("refused".into())),
                Step::Broken => return Err(TransportError::Broken("reset".into())),
                Step::Silence => std::future::pending().await,
            })
        }
        .boxed()
    }
}

fn session(script: &Script) -> Session {
    let session = Session::builder()
        .base_url("https://api.example.com")
        .random_seed(1);
    session.transport(Arc::new(script.clone())).build().unwrap()
}

async fn call(session: &Session, operation: &'static Operation) -> Result<Value, Error> {
    Ok(session
        .call_json::<_, Value>(operation, &json!({}))
        .await?
        .into_inner())
}

/// How often a request went out whose first answer was `step`.
async fn attempts(operation: &'static Operation, step: Step) -> usize {
    let script = Script::new([step]);
    let _ = call(&session(&script), operation).await;
    script.sent()
}

#[tokio::test(start_paused = true)]
async fn only_what_is_safe_is_sent_again() {
    // What fails, whether the idempotent are sent again, and whether all others are.
    for (step, idempotent, others) in [
        (Step::NoConnection, true, true),
        (Step::Status(429), true, true),
        (Step::Broken, true, false),
        (Step::Silence, true, false),
        (Step::Status(408), true, false),
        (Step::Status(502), true, false),
        (Step::Status(503), true, false),
        (Step::Status(504), true, false),
        (Step::Status(500), false, false),
        (Step::Status(400), false, false),
        (Step::Status(404), false, false),
        (Step::Status(302), false, false),
    ] {
        for (operation, again) in [
            (&READ, idempotent),
            (&SAFE_WRITE, idempotent),
            (&WRITE, others),
            (&RISKY_READ, others),
        ] {
            let expected = if again { 2 } else { 1 };
            assert_eq!(
                attempts(operation, step.clone()).await,
                expected,
                "{} after {step:?}",
                operation.id()
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_quota_is_final_and_a_rate_limit_is_not() {
    let quota = r#"{"detail": {"error_code": "AUTOMATION_QUOTA_EXCEEDED", "quota": {"cap": 5}}}"#;
    assert_eq!(attempts(&READ, Step::Wait(429, "1", quota)).await, 1);
    assert_eq!(
        attempts(&READ, Step::Wait(429, "1", r#"{"detail": "slow down"}"#)).await,
        2
    );
}

#[tokio::test(start_paused = true)]
async fn the_wait_that_the_service_asks_for_is_kept_in_both_forms() {
    let date = httpdate::fmt_http_date(std::time::UNIX_EPOCH + Duration::from_secs(1007));
    let date: &'static str = Box::leak(date.into_boxed_str());
    for text in ["7", date] {
        let script = Script::new([Step::Wait(503, text, "")]);
        let clock = imperal_runtime::ManualClock::starting_at(
            std::time::UNIX_EPOCH + Duration::from_secs(1000),
        );
        let session = Session::builder()
            .base_url("https://api.example.com")
            .clock(Arc::new(clock));
        let session = session.transport(Arc::new(script.clone())).build().unwrap();
        call(&session, &READ).await.unwrap();
        let waited = script.waits()[0];
        assert!(
            (Duration::from_secs(7)..Duration::from_secs(8)).contains(&waited),
            "{text}: {waited:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_longer_than_the_time_left_is_the_callers() {
    for (asked, seconds) in [("3600", 3600), ("18446744073709551615", u32::MAX)] {
        let script = Script::new([Step::Wait(503, asked, "")]);
        let error = call(&session(&script), &READ).await.unwrap_err();
        assert_eq!(script.sent(), 1, "{asked}");
        assert_eq!(
            error.retry_after_at(std::time::UNIX_EPOCH),
            Some(Duration::from_secs(seconds.into()))
        );
        assert!(error.is_retryable());
    }
}

#[tokio::test(start_paused = true)]
async fn attempts_and_waits_end() {
    let script = Script::new(std::iter::repeat_n(Step::Status(503), 100));
    let session = session(&script);
    assert_eq!(
        call(&session, &READ).await.unwrap_err().status().unwrap(),
        503
    );
    assert_eq!(script.sent(), 4);
    for (wait, most) in script.waits().into_iter().zip([200, 400, 800]) {
        assert!(
            wait <= Duration::from_millis(most),
            "{wait:?} is more than {most} ms"
        );
    }
    let once = session.with_options(&CallOptions::new().retries(RetryPolicy::none()));
    call(&once, &READ).await.unwrap_err();
    assert_eq!(script.sent(), 5);
    // Options add up: the later ones say only what they say.
    let patient = once.with_options(&CallOptions::new().attempt_timeout(Duration::from_secs(1)));
    call(&patient, &READ).await.unwrap_err();
    assert_eq!(script.sent(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_in_time() {
    let script = Script::new(std::iter::repeat_n(Step::Silence, 100));
    let options = CallOptions::new()
        .attempt_timeout(Duration::from_secs(2))
        .total_timeout(Duration::from_secs(5));
    let options = options.retries(RetryPolicy::default().attempts(100));
    let started = Instant::now();
    let error = call(&session(&script).with_options(&options), &READ)
        .await
        .unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert!(
        started.elapsed() <= Duration::from_secs(5),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(script.sent(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_not_multiplied() {
    let script = Script::new(std::iter::repeat_n(Step::Status(503), 1000));
    let budget = RetryBudget::default();
    let session = Session::builder()
        .base_url("https://api.example.com")
        .retry_budget(budget.clone());
    let session = session.transport(Arc::new(script.clone())).build().unwrap();
    for _ in 0..100 {
        call(&session, &READ).await.unwrap_err();
    }
    assert_eq!((script.sent(), budget.retries_left()), (110, 0));
}

#[tokio::test(start_paused = true)]
async fn a_caller_may_know_better() {
    let script = Script::new([Step::Status(503), Step::Status(503)]);
    let session = session(&script);
    let keyed = CallOptions::new()
        .idempotent(true)
        .header("idempotency-key", "k")
        .unwrap();
    call(&session.with_options(&keyed), &WRITE).await.unwrap();
    assert_eq!(script.sent(), 3);
    assert!(
        CallOptions::new().header("a b", "c").is_err()
            && CallOptions::new().header("a", "b\n").is_err()
    );
}

#[tokio::test(start_paused = true)]
async fn a_route_without_a_method_is_called_all_the_same() {
    let script = Script::new([Step::NoConnection]);
    let session = session(&script);
    let answer = session
        .request(Method::POST, "/v1/new")
        .query("a", 1)
        .json(&json!({ "b": 2 }))
        .send::<Value>()
        .await;
    assert_eq!(*answer.unwrap(), json!({}));
    assert_eq!(script.sent(), 2);
    for path in ["v1/new", "/v1/../internal", "/v1/new?a=b", "/v1/new#a"] {
        let refused = session
            .request(Method::GET, path)
            .send::<Value>()
            .await
            .unwrap_err();
        assert!(refused.is_invalid_request(), "{path}: {refused}");
    }
    assert_eq!(script.sent(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_asks_for_no_wait_is_not_overrun() {
    for asked in ["0", "Thu, 01 Jan 1970 00:00:00 GMT"] {
        let refusal = || Step::Wait(503, asked, "");
        let mut waits = Vec::new();
        for seed in 0..20 {
            let script = Script::new([refusal(), refusal(), refusal()]);
            let session = Session::builder()
                .base_url("https://api.example.com")
                .random_seed(seed);
            let session = session.transport(Arc::new(script.clone())).build().unwrap();
            call(&session, &READ).await.unwrap();
            waits.extend(script.waits());
        }
        let total: Duration = waits.iter().sum();
        // The mean of waits up to 200, 400 and 800 ms.
        assert!(total > 60 * Duration::from_millis(120), "{total:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_is_kept_waiting_for_hours() {
    let script = Script::new([Step::Wait(503, "86400", "")]);
    let patient = CallOptions::new().total_timeout(Duration::from_secs(7 * 86400));
    let session = session(&script).with_options(&patient);
    let error = call(&session, &READ).await.unwrap_err();
    assert_eq!(script.sent(), 1);
    assert_eq!(
        error.retry_after_at(std::time::UNIX_EPOCH),
        Some(Duration::from_secs(86400))
    );
}
