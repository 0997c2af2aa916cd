//! Thousands of ways in which callers, failures and the clock come together, against a model of a gateway
//! with single-use refresh tokens.
#![allow(clippy::unwrap_used, reason = "a test")]

use futures::future::{BoxFuture, FutureExt};
use http::{HeaderMap, StatusCode};
use imperal_runtime::{
    Authority, CredentialProvider, Error, ManualClock, MemoryStore, Secret, TokenEngine, TokenPair,
};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

/// How the gateway answers a refresh.
#[derive(Clone, Copy, Debug)]
enum Mode {
    Fine,
    /// Answers this status, and has done nothing.
    Fails(u16),
    /// Takes so many turns.
    Slow(u8),
    /// Crashes inside of the client.
    Panics,
    /// Answers without a refresh token: the old one stays good.
    KeepsToken,
    /// Answers this lifetime.
    Lives(i64),
}

#[derive(Clone, Copy, Debug)]
enum Action {
    Call,
    /// Stops waiting for the call with this number.
    Cancel(u8),
    /// Lets what is ready go on, so many turns.
    Turn(u8),
    Advance(u16),
    SetBack(u16),
    Mode(Mode),
    /// The gateway refuses all access tokens from now on.
    RevokeAccess,
    /// And all refresh tokens: the login has ended.
    RevokeLogin,
}

#[derive(Default)]
struct State {
    mode: Option<Mode>,
    issued: u32,
    good_access: BTreeSet<String>,
    good_refresh: BTreeSet<String>,
    /// Refresh tokens that are being traded right now.
    in_trade: BTreeSet<String>,
    revoked: bool,
    violations: Vec<String>,
}

#[derive(Clone, Default)]
struct Gateway(Arc<Mutex<State>>);

impl Gateway {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn issue(&self, lifetime: i64) -> TokenPair {
        let mut state = self.state();
        state.issued += 1;
        let (access, refresh) = (
            format!("access-{}", state.issued),
            format!("refresh-{}", state.issued),
        );
        state.good_access.insert(access.clone());
        state.good_refresh.insert(refresh.clone());
        TokenPair::new(access.into(), Some(refresh.into()), Some(lifetime))
    }

    fn accepts(&self, access: &str) -> bool {
        self.state().good_access.contains(access)
    }
}

fn refuse(status: u16) -> Error {
    Error::from_answer(
        StatusCode::from_u16(status).unwrap(),
        HeaderMap::new(),
        "{}".into(),
    )
}

impl Authority for Gateway {
    fn login(&self) -> BoxFuture<'_, Result<TokenPair, Error>> {
        async { Err(Error::logged_out("there is no password")) }.boxed()
    }

    fn refresh(&self, refresh_token: Secret) -> BoxFuture<'_, Result<TokenPair, Error>> {
        async move {
            let token = refresh_token.expose().to_owned();
            let mode = self.state().mode.unwrap_or(Mode::Fine);
            if !self.state().in_trade.insert(token.clone()) {
                self.state()
                    .violations
                    .push(format!("{token} is traded twice at once"));
            }
            let turns = if let Mode::Slow(turns) = mode {
                turns
            } else {
                1
            };
            for _ in 0..turns {
                tokio::task::yield_now().await;
            }
            self.state().in_trade.remove(&token);
            match mode {
                Mode::Fails(status) => return Err(refuse(status)),
                Mode::Panics => panic!("the model says so"),
                _ => {}
            }
            if self.state().revoked {
                return Err(refuse(401));
            }
            let is_good = self.state().good_refresh.contains(&token);
            if !is_good {
                self.state()
                    .violations
                    .push(format!("{token} is presented although it is used up"));
                return Err(refuse(401));
            }
            if matches!(mode, Mode::KeepsToken) {
                let pair = self.issue(900);
                let unused = pair.refresh_token().unwrap().expose().to_owned();
                self.state().good_refresh.remove(&unused);
                return Ok(TokenPair::new(pair.access_token().clone(), None, Some(900)));
            }
            self.state().good_refresh.remove(&token);
            let lifetime = if let Mode::Lives(lifetime) = mode {
                lifetime
            } else {
                900
            };
            Ok(self.issue(lifetime))
        }
        .boxed()
    }

    fn logout(&self, _: Secret) -> BoxFuture<'_, Result<(), Error>> {
        async { Ok(()) }.boxed()
    }
}

/// What a session does with one request: a refused token is renewed once.
async fn call(engine: TokenEngine, gateway: Gateway) -> Result<(), Error> {
    let first = engine.credential().await?;
    tokio::task::yield_now().await;
    if gateway.accepts(first.secret().expose()) {
        return Ok(());
    }
    let Some(second) = engine.renew(first.clone()).await? else {
        return Ok(());
    };
    if second.secret().expose() == first.secret().expose() {
        gateway
            .state()
            .violations
            .push("a refused token is handed out again".to_owned());
    }
    Ok(())
}

fn mode() -> impl Strategy<Value = Mode> {
    prop_oneof![
        3 => Just(Mode::Fine),
        2 => prop::sample::select(vec![400, 403, 404, 429, 500, 503]).prop_map(Mode::Fails),
        2 => (1_u8..20).prop_map(Mode::Slow),
        1 => Just(Mode::Panics),
        1 => Just(Mode::KeepsToken),
        1 => prop::sample::select(vec![0, -1, 1, 30, 1_000_000_000_000]).prop_map(Mode::Lives),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        6 => Just(Action::Call),
        2 => any::<u8>().prop_map(Action::Cancel),
        4 => (1_u8..12).prop_map(Action::Turn),
        3 => (0_u16..2000).prop_map(Action::Advance),
        1 => (0_u16..2000).prop_map(Action::SetBack),
        3 => mode().prop_map(Action::Mode),
        1 => Just(Action::RevokeAccess),
    ]
}

async fn turn(turns: usize) {
    for _ in 0..turns {
        tokio::task::yield_now().await;
    }
}

async fn run(actions: Vec<Action>, with_store: bool) -> Result<(), TestCaseError> {
    let gateway = Gateway::default();
    let clock = ManualClock::starting_at(UNIX_EPOCH + Duration::from_secs(1_000_000_000));
    let first = gateway.issue(900);
    let mut engine =
        TokenEngine::builder(Arc::new(gateway.clone()), Arc::new(clock.clone())).random_seed(7);
    if with_store {
        engine = engine.store(
            Arc::new(MemoryStore::default()),
            "https://a.example",
            |_| Ok(()),
        );
    }
    let engine = engine
        .refresh_token(first.refresh_token().unwrap().clone())
        .build();
    let mut calls = Vec::new();
    for action in actions {
        match action {
            Action::Call => calls.push(tokio::spawn(call(engine.clone(), gateway.clone()))),
            Action::Cancel(number) => {
                if let Some(call) = calls.get(usize::from(number) % calls.len().max(1)) {
                    call.abort();
                }
            }
            Action::Turn(turns) => turn(usize::from(turns)).await,
            Action::Advance(seconds) => clock.advance(Duration::from_secs(seconds.into())),
            Action::SetBack(seconds) => {
                use imperal_runtime::Clock;
                clock.set(clock.now() - Duration::from_secs(seconds.into()));
            }
            Action::Mode(mode) => gateway.state().mode = Some(mode),
            Action::RevokeAccess => gateway.state().good_access.clear(),
            Action::RevokeLogin => gateway.state().revoked = true,
        }
    }
    gateway.state().mode = Some(Mode::Fine);
    turn(200).await;
    // Before a verdict is believed, some time passes.
    tokio::time::sleep(Duration::from_secs(5)).await;
    for call in calls {
        prop_assert!(call.is_finished(), "a call hangs");
        if let Ok(Err(error)) = call.await {
            prop_assert!(
                gateway.state().revoked || !error.is_logged_out(),
                "logged out without a verdict: {error}"
            );
        }
    }
    // Whatever happened, the login goes on: no rotated token was lost.
    clock.advance(Duration::from_secs(100_000));
    let outcome = engine.credential().await;
    if gateway.state().revoked {
        prop_assert!(outcome.is_err());
        clock.advance(Duration::from_secs(100));
        prop_assert!(engine.credential().await.unwrap_err().is_logged_out());
    } else {
        prop_assert!(
            outcome.is_ok_and(|token| gateway.accepts(token.secret().expose())),
            "the login was lost"
        );
    }
    let violations = gateway.state().violations.clone();
    prop_assert!(violations.is_empty(), "{violations:?}");
    Ok(())
}

fn simulate(actions: Vec<Action>, with_store: bool) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(run(actions, with_store))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_interleaving_loses_a_login_or_trades_a_token_twice(
        actions in prop::collection::vec(action(), 1..60),
        with_store in any::<bool>(),
    ) {
        simulate(actions, with_store)?;
    }

    #[test]
    fn after_a_verdict_every_call_says_so(
        mut actions in prop::collection::vec(action(), 1..30),
        more in prop::collection::vec(action(), 1..30),
        with_store in any::<bool>(),
    ) {
        actions.push(Action::RevokeLogin);
        actions.extend(more);
        simulate(actions, with_store)?;
    }
}
