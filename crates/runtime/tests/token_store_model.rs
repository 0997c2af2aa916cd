//! Thousands of ways in which two engines over one store, another writer, failures of the store and of the
//! service, and the clocks come together.
#![allow(clippy::unwrap_used, dead_code, reason = "a test")]

#[path = "support/logins.rs"]
mod logins;
#[path = "support/rotating.rs"]
mod rotating;

use futures::future::join_all;
use imperal_runtime::{
    Clock, CredentialProvider, Error, ManualClock, StoredTokens, TokenEngine, TokenStore,
};
use logins::{Saves, Server};
use proptest::prelude::*;
use rotating::{Client, Gateway, Mode};
use std::sync::Arc;
use std::time::Duration;

/// How often the store falls back to an older pair: no more often than an engine keeps spare tokens for.
const FALLBACKS: u32 = 3;

/// The number of one of the two engines.
type Number = usize;

#[derive(Clone, Copy, Debug)]
enum Action {
    Call(Number),
    /// Stops waiting for what was begun under this number.
    Cancel(u8),
    /// Lets what is ready go on, so many turns.
    Turn(u8),
    /// Lets so many seconds pass: for leases and answers, not for the clocks of the engines.
    Pass(u8),
    Advance(Number, u16),
    SetBack(Number, u16),
    Mode(Mode),
    Saves(Saves),
    /// The store is away, or back.
    Away(bool),
    /// Another program breaks what is stored.
    Garble,
    /// The store falls back to what it held when this happened last.
    FallBack,
    /// A program that takes no lock refreshes.
    Sibling,
    /// The service refuses all access tokens from now on.
    RevokeAccess,
    /// It refuses one that is good, once.
    RefuseOnce,
    /// A login that was made elsewhere.
    Adopt(Number),
    Login(Number),
    Logout(Number),
}

fn mode() -> impl Strategy<Value = Mode> {
    prop_oneof![
        4 => Just(Mode::Fine),
        2 => prop::sample::select(vec![400, 403, 404, 429, 500, 503]).prop_map(Mode::Fails),
        2 => (1_u8..120).prop_map(Mode::Slow),
        2 => (1_u8..120).prop_map(Mode::SlowAnswer),
        1 => Just(Mode::Panics),
        1 => Just(Mode::KeepsToken),
        1 => prop::sample::select(vec![0, -1, 1, 30, 1_000_000_000_000]).prop_map(Mode::Lives),
    ]
}

fn saves() -> impl Strategy<Value = Saves> {
    prop::sample::select(vec![
        Saves::Fine,
        Saves::Fine,
        Saves::Fail,
        Saves::LoseTheAnswer,
    ])
}

fn action() -> impl Strategy<Value = Action> {
    let number = || 0_usize..2;
    prop_oneof![
        12 => number().prop_map(Action::Call),
        1 => any::<u8>().prop_map(Action::Cancel),
        5 => (1_u8..12).prop_map(Action::Turn),
        3 => (1_u8..120).prop_map(Action::Pass),
        6 => (number(), 0_u16..2000).prop_map(|(engine, by)| Action::Advance(engine, by)),
        1 => (number(), 0_u16..2000).prop_map(|(engine, by)| Action::SetBack(engine, by)),
        3 => mode().prop_map(Action::Mode),
        3 => saves().prop_map(Action::Saves),
        2 => any::<bool>().prop_map(Action::Away),
        1 => Just(Action::Garble),
        1 => Just(Action::FallBack),
        2 => Just(Action::Sibling),
        2 => Just(Action::RevokeAccess),
        1 => Just(Action::RefuseOnce),
    ]
}

fn handover() -> impl Strategy<Value = Action> {
    let number = || 0_usize..2;
    prop_oneof![
        number().prop_map(Action::Adopt),
        number().prop_map(Action::Login),
        number().prop_map(Action::Logout),
    ]
}

struct World {
    gateway: Gateway,
    store: Server,
    clients: Vec<Client>,
    engines: Vec<TokenEngine>,
    clocks: Vec<ManualClock>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
    snapshot: Option<StoredTokens>,
    fallbacks: u32,
}

impl World {
    fn new(passwords: [bool; 2]) -> Self {
        let (gateway, store) = (Gateway::default(), Server::default());
        let pair = gateway.issue(900);
        let start = logins::START + Duration::from_secs(1_000_000_000);
        let tokens = StoredTokens::new(
            pair.access_token().clone(),
            pair.refresh_token().cloned(),
            start + Duration::from_secs(900),
        );
        store.state().tokens = Some(tokens);
        let (mut clients, mut engines, mut clocks) = (Vec::new(), Vec::new(), Vec::new());
        for has_password in passwords {
            let clock = ManualClock::starting_at(start);
            let client = Client::new(&gateway, has_password, &clock);
            let engine = TokenEngine::builder(Arc::new(client.clone()), Arc::new(clock.clone()))
                .random_seed(7)
                .store(Arc::new(store.clone()), "https://a.example", |_| Ok(()));
            clients.push(client);
            engines.push(engine.build());
            clocks.push(clock);
        }
        Self {
            gateway,
            store,
            clients,
            engines,
            clocks,
            tasks: Vec::new(),
            snapshot: None,
            fallbacks: 0,
        }
    }

    async fn act(&mut self, action: Action) {
        match action {
            Action::Call(number) => {
                let (engine, client) = (self.engines[number].clone(), self.clients[number].clone());
                self.tasks
                    .push(tokio::spawn(async move { client.call(engine).await }));
            }
            Action::Cancel(number) => {
                if let Some(task) = self
                    .tasks
                    .get(usize::from(number) % self.tasks.len().max(1))
                {
                    task.abort();
                }
            }
            Action::Turn(turns) => turn(usize::from(turns)).await,
            Action::Pass(seconds) => tokio::time::sleep(Duration::from_secs(seconds.into())).await,
            Action::Advance(number, by) => {
                self.clocks[number].advance(Duration::from_secs(by.into()));
            }
            Action::SetBack(number, by) => {
                self.clients[number].set_back(Duration::from_secs(by.into()));
            }
            Action::Mode(mode) => self.gateway.state().mode = mode,
            Action::Saves(saves) => self.store.state().saves = saves,
            Action::Away(is_away) => self.store.state().away = is_away,
            Action::Garble => {
                if !self.may_be_lost() {
                    self.store.state().garbled = true;
                }
            }
            Action::FallBack => {
                let now = self.store.state().tokens.clone();
                let before = std::mem::replace(&mut self.snapshot, now);
                if let Some(before) = before
                    && self.fallbacks < FALLBACKS
                    && !self.may_be_lost()
                {
                    self.fallbacks += 1;
                    self.store.state().tokens = Some(before);
                }
            }
            Action::Sibling => self.sibling(),
            Action::RevokeAccess => self.gateway.state().good_access.clear(),
            Action::RefuseOnce => self.gateway.state().refuse_once = true,
            Action::Adopt(number) => {
                let (engine, client) = (self.engines[number].clone(), self.clients[number].clone());
                self.tasks.push(tokio::spawn(async move {
                    let pair = client.login_elsewhere();
                    drop(engine.adopt(pair).await);
                    client.has_taken_over();
                }));
            }
            Action::Login(number) => {
                let engine = self.engines[number].clone();
                self.tasks
                    .push(tokio::spawn(async move { drop(engine.login().await) }));
            }
            Action::Logout(number) => {
                let (engine, client) = (self.engines[number].clone(), self.clients[number].clone());
                client.log_out();
                self.tasks
                    .push(tokio::spawn(async move { drop(engine.logout().await) }));
            }
        }
    }

    /// Whether neither engine has what is stored: if it is lost then, nobody can know it.
    fn may_be_lost(&self) -> bool {
        let state = self.store.state();
        let stored = state
            .tokens
            .as_ref()
            .and_then(|tokens| tokens.refresh_token.as_ref());
        let Some(stored) = stored else { return false };
        !self
            .clients
            .iter()
            .any(|client| client.knows(stored.expose()))
    }

    /// Refreshes as a program does that takes no lock: it reads, asks, and writes.
    fn sibling(&self) {
        let (gateway, store, now) = (
            self.gateway.clone(),
            self.store.clone(),
            self.clocks[0].now(),
        );
        // Whoever kills it loses the login.
        drop(tokio::spawn(async move {
            let read = {
                let state = store.state();
                state.tokens.clone().filter(|_| !state.garbled)
            };
            let Some(token) = read.and_then(|tokens| tokens.refresh_token) else {
                return;
            };
            turn(3).await;
            let Some(pair) = gateway.trade(token.expose(), 900) else {
                return;
            };
            turn(3).await;
            let tokens = StoredTokens::new(
                pair.access_token().clone(),
                pair.refresh_token().cloned(),
                now + Duration::from_secs(900),
            );
            let mut state = store.state();
            state.tokens = Some(tokens);
            state.garbled = false;
        }));
    }

    /// Everything works again, and all that is under way ends.
    async fn heal(&mut self) -> Result<(), TestCaseError> {
        self.gateway.state().mode = Mode::Fine;
        self.gateway.state().refuse_once = false;
        {
            let mut state = self.store.state();
            (state.saves, state.away) = (Saves::Fine, false);
        }
        turn(50).await;
        tokio::time::sleep(Duration::from_secs(1000)).await;
        for task in &self.tasks {
            prop_assert!(task.is_finished(), "something hangs");
        }
        Ok(())
    }

    /// A call of each engine, after its token has expired.
    async fn tokens(&self) -> Vec<Result<String, Error>> {
        for clock in &self.clocks {
            clock.advance(Duration::from_secs(100_000));
        }
        join_all(self.engines.iter().map(|engine| async {
            let credential = engine.credential().await?;
            Ok(credential.secret().expose().to_owned())
        }))
        .await
    }

    /// Both engines have a login, and the same.
    async fn goes_on(&self, why: &str) -> Result<(), TestCaseError> {
        for _ in 0..3 {
            drop(self.tokens().await);
        }
        let tokens = self.tokens().await;
        for token in &tokens {
            let is_good = token
                .as_ref()
                .is_ok_and(|token| self.gateway.accepts(token));
            prop_assert!(is_good, "{why}: {tokens:?}");
        }
        let stored = self.store.load().await;
        prop_assert!(
            stored.is_ok_and(|stored| stored.is_some()),
            "nothing is stored"
        );
        Ok(())
    }

    fn judge(&self) -> Result<(), TestCaseError> {
        let violations = self.gateway.state().violations.clone();
        prop_assert!(violations.is_empty(), "{violations:?}");
        Ok(())
    }
}

async fn turn(turns: usize) {
    for _ in 0..turns {
        tokio::task::yield_now().await;
    }
}

async fn run(actions: Vec<Action>, passwords: [bool; 2]) -> Result<(), TestCaseError> {
    let has_handover = |action: &Action| {
        matches!(
            action,
            Action::Adopt(_) | Action::Login(_) | Action::Logout(_)
        )
    };
    let hands_over = actions.iter().any(has_handover);
    let mut world = World::new(passwords);
    for action in actions {
        world.act(action).await;
    }
    world.heal().await?;
    if hands_over {
        // Whatever was ended or taken over: from here on there is a login, and it stays.
        drop(world.tokens().await);
        let pair = world.clients[0].login_elsewhere();
        let adopted = world.engines[0].adopt(pair).await;
        prop_assert!(adopted.is_ok(), "{adopted:?}");
        drop(world.engines[1].login().await);
        world.goes_on("after a login").await?;
    } else {
        world.goes_on("no rotated token is lost").await?;
    }
    world.judge()
}

/// It was found a second time while a logout was on its way, and only the first find was refused.
#[test]
fn a_token_that_was_found_twice_is_not_sent_once_it_was_refused() {
    let actions = vec![
        Action::Call(1),
        Action::Turn(1),
        Action::Advance(0, 895),
        Action::Call(1),
        Action::Advance(1, 2487),
        Action::Call(0),
        Action::Logout(1),
        Action::RevokeAccess,
        Action::SetBack(1, 1593),
    ];
    simulate(actions, [false, false]).unwrap();
}

fn simulate(actions: Vec<Action>, passwords: [bool; 2]) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(run(actions, passwords))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn two_engines_over_one_store_never_lose_a_login(
        actions in prop::collection::vec(action(), 1..60),
        passwords in any::<[bool; 2]>(),
    ) {
        simulate(actions, passwords)?;
    }

    #[test]
    fn logins_that_end_and_are_taken_over_leave_nothing_behind(
        actions in prop::collection::vec(prop_oneof![8 => action(), 1 => handover()], 1..60),
        passwords in any::<[bool; 2]>(),
    ) {
        simulate(actions, passwords)?;
    }
}
