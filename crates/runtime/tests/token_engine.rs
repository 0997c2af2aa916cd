//! The token engine against an authority that the test plays, on a clock that the test moves.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test")]

use futures::future::{BoxFuture, FutureExt, join_all};
use http::{HeaderMap, StatusCode};
use imperal_runtime::{
    Authority, CredentialProvider, Error, ManualClock, Secret, TokenEngine, TokenPair,
};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};
use tokio::sync::Semaphore;

/// What the authority does when it is asked.
enum Step {
    /// Answers a pair: the next number, and this lifetime in seconds.
    Issue(i64),
    /// Answers with this status.
    Refuse(u16),
    Panic,
}

/// Answers by a script, and only when the test lets it.
struct Script {
    steps: Mutex<VecDeque<Step>>,
    asked: Mutex<Vec<String>>,
    gate: Semaphore,
}

impl Script {
    fn new(steps: impl IntoIterator<Item = Step>) -> Arc<Self> {
        Arc::new(Self {
            steps: Mutex::new(steps.into_iter().collect()),
            asked: Mutex::default(),
            gate: Semaphore::new(Semaphore::MAX_PERMITS),
        })
    }

    /// The same, waiting for the test to open the gate.
    fn gated(steps: impl IntoIterator<Item = Step>) -> Arc<Self> {
        let script = Self::new(steps);
        script.gate.forget_permits(Semaphore::MAX_PERMITS);
        script
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    fn answer(&self, question: String) -> BoxFuture<'_, Result<TokenPair, Error>> {
        self.asked.lock().unwrap().push(question);
        async {
            self.gate.acquire().await.unwrap().forget();
            let step = self
                .steps
                .lock()
                .unwrap()
                .pop_front()
                .expect("the script goes on");
            let number = self.asked().len();
            match step {
                Step::Issue(lifetime) => Ok(TokenPair::new(
                    format!("access-{number}").into(),
                    Some(format!("refresh-{number}").into()),
                    Some(lifetime),
                )),
                Step::Refuse(status) => Err(Error::from_answer(
                    StatusCode::from_u16(status).unwrap(),
                    HeaderMap::new(),
                    "{}".into(),
                )),
                Step::Panic => panic!("the script says so"),
            }
        }
        .boxed()
    }
}

impl Authority for Script {
    fn login(&self) -> BoxFuture<'_, Result<TokenPair, Error>> {
        self.answer("login".to_owned())
    }

    fn refresh(&self, refresh_token: Secret) -> BoxFuture<'_, Result<TokenPair, Error>> {
        self.answer(format!("refresh {}", refresh_token.expose()))
    }

    fn logout(&self, refresh_token: Secret) -> BoxFuture<'_, Result<(), Error>> {
        self.answer(format!("logout {}", refresh_token.expose()))
            .map(|outcome| outcome.map(drop))
            .boxed()
    }
}

fn engine(script: &Arc<Script>) -> (TokenEngine, ManualClock) {
    let clock = ManualClock::starting_at(UNIX_EPOCH + Duration::from_secs(1_000_000));
    (
        TokenEngine::new(
            Arc::clone(script) as Arc<dyn Authority>,
            Arc::new(clock.clone()),
        ),
        clock,
    )
}

async fn token(engine: &TokenEngine) -> Result<String, Error> {
    Ok(engine.credential().await?.secret().expose().to_owned())
}

/// Lets tasks that are ready go on until none is.
async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn invariant_1_all_who_wait_share_one_login() {
    let script = Script::new([Step::Issue(900)]);
    let (engine, _) = engine(&script);
    let tokens = join_all((0..50).map(|_| token(&engine))).await;
    assert!(tokens.into_iter().all(|token| token.unwrap() == "access-1"));
    assert_eq!(script.asked(), ["login"]);
}

#[tokio::test]
async fn invariant_2_who_stops_waiting_does_not_stop_the_refresh() {
    let script = Script::gated([Step::Issue(900)]);
    let (engine, _) = engine(&script);
    let waiting = tokio::spawn({
        let engine = engine.clone();
        async move { token(&engine).await }
    });
    settle().await;
    waiting.abort();
    script.gate.add_permits(1);
    settle().await;
    assert_eq!(token(&engine).await.unwrap(), "access-1");
    assert_eq!(script.asked(), ["login"]);
}

#[tokio::test]
async fn invariant_2_a_refresh_that_panics_wedges_nothing() {
    let script = Script::new([Step::Panic, Step::Issue(900)]);
    let (engine, clock) = engine(&script);
    for _ in 0..5 {
        let error = token(&engine).await.unwrap_err();
        assert!(error.to_string().contains("crashed"), "{error}");
    }
    assert_eq!(script.asked().len(), 1, "it waits like after any failure");
    clock.advance(Duration::from_secs(1));
    assert_eq!(token(&engine).await.unwrap(), "access-2");
}

#[tokio::test]
async fn invariant_3_only_the_token_that_was_refused_is_replaced() {
    let script = Script::new([Step::Issue(900), Step::Issue(900)]);
    let (engine, _) = engine(&script);
    let first = engine.credential().await.unwrap();
    let second = engine.renew(first.clone()).await.unwrap().unwrap();
    assert_eq!(second.secret().expose(), "access-2");
    // A slower caller had the first one refused as well: the second is simply used.
    let again = engine.renew(first).await.unwrap().unwrap();
    assert_eq!(again.secret().expose(), "access-2");
    assert_eq!(script.asked(), ["login", "refresh refresh-1"]);
}

/// It may be one of many that a task waits for.
#[tokio::test]
async fn a_caller_that_looks_late_gets_no_token_that_was_refused_meanwhile() {
    let script = Script::new([Step::Issue(900), Step::Issue(900)]);
    let (engine, _) = engine(&script);
    let mut late = engine.credential();
    assert!(futures::poll!(&mut late).is_pending());
    let first = engine.credential().await.unwrap();
    assert_eq!(first.secret().expose(), "access-1");
    engine.renew(first).await.unwrap().unwrap();
    assert_eq!(late.await.unwrap().secret().expose(), "access-2");
    assert_eq!(script.asked(), ["login", "refresh refresh-1"]);
}

#[tokio::test]
async fn a_token_is_replaced_before_it_expires_without_anyone_waiting() {
    let script = Script::new([Step::Issue(900), Step::Issue(900)]);
    let (engine, clock) = engine(&script);
    token(&engine).await.unwrap();
    clock.advance(Duration::from_secs(872));
    assert_eq!(token(&engine).await.unwrap(), "access-1");
    settle().await;
    assert_eq!(token(&engine).await.unwrap(), "access-2");
}

#[tokio::test]
async fn invariant_4_an_early_refresh_that_fails_leaves_the_token_that_is_still_good() {
    let script = Script::new([
        Step::Issue(900),
        Step::Refuse(503),
        Step::Refuse(503),
        Step::Issue(900),
    ]);
    let (engine, clock) = engine(&script);
    token(&engine).await.unwrap();
    clock.advance(Duration::from_secs(872));
    for _ in 0..10 {
        assert_eq!(token(&engine).await.unwrap(), "access-1");
        settle().await;
    }
    assert_eq!(
        script.asked().len(),
        2,
        "it is not asked again at every call"
    );
    clock.advance(Duration::from_secs(60));
    assert!(
        token(&engine).await.unwrap_err().is_server_error(),
        "dead now, and no new one"
    );
    assert!(
        token(&engine).await.is_err(),
        "nor is it asked again at once"
    );
    assert_eq!(script.asked().len(), 3);
    clock.advance(Duration::from_secs(1));
    assert_eq!(
        token(&engine).await.unwrap(),
        "access-4",
        "and no failure ends it for ever"
    );
    assert_eq!(
        script.asked()[1..],
        ["refresh refresh-1"; 3],
        "the refresh token was kept"
    );
}

#[tokio::test]
async fn invariant_4_a_verdict_on_an_early_refresh_leaves_the_token_that_is_still_good() {
    let script = Script::new([Step::Issue(900), Step::Refuse(401), Step::Refuse(401)]);
    let (engine, clock) = engine(&script);
    token(&engine).await.unwrap();
    clock.advance(Duration::from_secs(872));
    for _ in 0..5 {
        assert_eq!(token(&engine).await.unwrap(), "access-1");
        settle().await;
    }
    assert_eq!(script.asked(), ["login", "refresh refresh-1", "login"]);
    clock.advance(Duration::from_secs(60));
    assert!(token(&engine).await.unwrap_err().is_unauthorized());
}

#[test]
fn outside_of_a_runtime_there_is_an_error_and_no_hang() {
    let script = Script::new([]);
    let (engine, _) = engine(&script);
    let error = futures::executor::block_on(token(&engine)).unwrap_err();
    assert!(
        error.is_configuration() && error.to_string().contains("tokio"),
        "{error}"
    );
}

#[test]
fn in_a_runtime_that_is_shut_down_there_is_an_error_and_no_hang() {
    let script = Script::new([Step::Issue(900)]);
    let (engine, _) = engine(&script);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let handle = runtime.handle().clone();
    drop(runtime);
    let inside = handle.enter();
    let error = futures::executor::block_on(token(&engine)).unwrap_err();
    assert!(error.to_string().contains("shut down"), "{error}");
    drop(inside);
    let alive = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    assert_eq!(alive.block_on(token(&engine)).unwrap(), "access-1");
}

#[tokio::test]
async fn invariant_6_only_a_401_means_logged_out() {
    for status in [400, 403, 404, 408, 429, 500, 502, 503, 504] {
        let script = Script::new([Step::Issue(900), Step::Refuse(status), Step::Issue(900)]);
        let (engine, clock) = engine(&script);
        token(&engine).await.unwrap();
        clock.advance(Duration::from_secs(901));
        assert!(token(&engine).await.is_err(), "{status}");
        clock.advance(Duration::from_secs(1));
        assert_eq!(token(&engine).await.unwrap(), "access-3", "{status}");
        assert_eq!(script.asked()[2], "refresh refresh-1", "{status}");
    }
    let script = Script::new([Step::Issue(900), Step::Refuse(401), Step::Issue(900)]);
    let (engine, clock) = engine(&script);
    token(&engine).await.unwrap();
    clock.advance(Duration::from_secs(901));
    assert_eq!(token(&engine).await.unwrap(), "access-3");
    assert_eq!(script.asked()[2], "login");
}

#[tokio::test]
async fn a_refused_login_is_not_tried_again_until_asked_for() {
    let script = Script::new([Step::Refuse(401), Step::Issue(900)]);
    let (engine, _) = engine(&script);
    for _ in 0..5 {
        assert!(token(&engine).await.unwrap_err().is_unauthorized());
    }
    assert_eq!(script.asked(), ["login"]);
    engine.login().await.unwrap();
    assert_eq!(token(&engine).await.unwrap(), "access-2");
}

#[tokio::test]
async fn invariant_5_a_login_that_got_no_answer_is_tried_again() {
    for status in [403, 404, 408, 429, 500, 503] {
        let script = Script::new([Step::Refuse(status), Step::Issue(900)]);
        let (engine, clock) = engine(&script);
        assert!(token(&engine).await.is_err(), "{status}");
        clock.advance(Duration::from_secs(1));
        assert_eq!(token(&engine).await.unwrap(), "access-2", "{status}");
    }
}

#[tokio::test]
async fn invariant_5_no_lifetime_makes_it_spin() {
    for lifetime in [0, -1, 1, 1_000_000_000_000] {
        let script = Script::new([Step::Issue(lifetime)]);
        let (engine, _) = engine(&script);
        for _ in 0..10 {
            assert_eq!(token(&engine).await.unwrap(), "access-1", "{lifetime}");
        }
    }
}

#[test]
fn invariant_9_a_missing_or_absurd_lifetime_becomes_a_finite_one() {
    for (told, lifetime) in [
        (None, 900),
        (Some(0), 900),
        (Some(-1), 900),
        (Some(1_000_000_000_000), 900),
        (Some(i64::MIN), 900),
        (Some(1), 1),
        (Some(3600), 3600),
    ] {
        let pair = TokenPair::new("access".into(), None, told);
        assert_eq!(pair.lifetime(), Duration::from_secs(lifetime), "{told:?}");
    }
}

/// Clients that got their tokens together do not come back together.
#[tokio::test]
async fn invariant_9_an_early_refresh_is_a_part_of_the_lifetime_early_and_not_always_the_same() {
    for (lifetime, from, to) in [(900, 840, 870), (10, 8, 9)] {
        let mut moments = std::collections::BTreeSet::new();
        for seed in 0..32 {
            let script = Script::new([Step::Issue(lifetime), Step::Issue(lifetime)]);
            let clock = ManualClock::starting_at(UNIX_EPOCH);
            let authority = Arc::clone(&script) as Arc<dyn Authority>;
            let engine = TokenEngine::builder(authority, Arc::new(clock.clone()));
            let engine = engine.random_seed(seed).build();
            token(&engine).await.unwrap();
            // Not before its time.
            let mut age = Duration::from_millis(from * 1000 - 1);
            clock.advance(age);
            token(&engine).await.unwrap();
            settle().await;
            while script.asked().len() < 2 {
                let step = Duration::from_secs(to - from) / 20;
                clock.advance(step);
                age += step;
                token(&engine).await.unwrap();
                settle().await;
            }
            let allowed = Duration::from_secs(from)
                ..=Duration::from_secs(to) + Duration::from_secs(to - from) / 20;
            assert!(allowed.contains(&age), "{age:?} of {lifetime} s");
            moments.insert(age);
        }
        assert!(moments.len() > 4, "{moments:?}");
    }
}

#[tokio::test]
async fn a_logout_ends_the_pair_that_a_refresh_under_way_brings() {
    let script = Script::gated([Step::Issue(900), Step::Issue(900), Step::Issue(0)]);
    let (engine, clock) = engine(&script);
    script.gate.add_permits(1);
    token(&engine).await.unwrap();
    clock.advance(Duration::from_secs(901));
    let refreshing = tokio::spawn({
        let engine = engine.clone();
        async move { token(&engine).await }
    });
    settle().await;
    let logging_out = tokio::spawn({
        let engine = engine.clone();
        async move { engine.logout().await }
    });
    settle().await;
    script.gate.add_permits(2);
    refreshing.await.unwrap().unwrap();
    logging_out.await.unwrap().unwrap();
    assert_eq!(
        script.asked(),
        ["login", "refresh refresh-1", "logout refresh-2"]
    );
    assert!(token(&engine).await.unwrap_err().is_logged_out());
}

#[tokio::test]
async fn a_login_that_is_taken_over_is_not_displaced_by_a_refresh_under_way() {
    let script = Script::gated([Step::Issue(900), Step::Issue(900)]);
    let (engine, clock) = engine(&script);
    script.gate.add_permits(1);
    token(&engine).await.unwrap();
    clock.advance(Duration::from_secs(901));
    let refreshing = tokio::spawn({
        let engine = engine.clone();
        async move { token(&engine).await }
    });
    settle().await;
    let taking_over = tokio::spawn({
        let engine = engine.clone();
        let pair = TokenPair::new("other".into(), Some("other refresh".into()), Some(900));
        async move { engine.adopt(pair).await }
    });
    settle().await;
    script.gate.add_permits(1);
    assert_eq!(refreshing.await.unwrap().unwrap(), "access-2");
    taking_over.await.unwrap().unwrap();
    assert_eq!(token(&engine).await.unwrap(), "other");
}

#[tokio::test]
async fn invariant_11_nothing_shows_a_token() {
    let script = Script::new([Step::Issue(900)]);
    let (engine, _) = engine(&script);
    let credential = engine.credential().await.unwrap();
    let pair = TokenPair::new("access-1".into(), Some("refresh-1".into()), None);
    let shown = format!("{engine:?} {credential:?} {pair:?}");
    assert!(
        !shown.contains("access-1") && !shown.contains("refresh-1"),
        "{shown}"
    );
}
