//! A service with single-use refresh tokens, and a store that several engines share, played by a test.

use futures::future::{BoxFuture, FutureExt};
use http::{HeaderMap, StatusCode};
use imperal_runtime::{
    Authority, Clock, CredentialProvider, Error, LockedTokens, ManualClock, Secret, StoredTokens,
    TokenEngine, TokenEngineBuilder, TokenPair, TokenStore,
};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// What the names of another account's tokens begin with.
pub const OTHER: &str = "other-";

/// Issues `access-1` with `refresh-1`, then `access-2` with `refresh-2`, and so on.
#[derive(Default)]
pub struct Service(Mutex<Issued>);

#[derive(Default)]
pub struct Issued {
    pub count: usize,
    pub good: BTreeSet<String>,
    /// What was asked, in order.
    pub asked: Vec<String>,
    pub has_password: bool,
    /// How long a refresh takes before it is done, and how long the answer is under way then.
    pub delay: Duration,
    pub answer_delay: Duration,
    /// How a refresh is answered, where it is not as it should be.
    pub fails_with: Option<u16>,
    pub panics: bool,
    /// 900 seconds where it is none.
    pub lifetime: Option<i64>,
}

impl Service {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    pub fn with_password() -> Arc<Self> {
        let service = Self::new();
        service.state().has_password = true;
        service
    }

    pub fn state(&self) -> MutexGuard<'_, Issued> {
        self.0.lock().unwrap()
    }

    pub fn asked(&self) -> Vec<String> {
        self.state().asked.clone()
    }

    pub fn issue(&self) -> TokenPair {
        self.issue_to("")
    }

    /// The same for the account whose tokens have names that begin with `owner`.
    pub fn issue_to(&self, owner: &str) -> TokenPair {
        let mut state = self.state();
        state.count += 1;
        let (access, refresh) = (
            format!("{owner}access-{}", state.count),
            format!("{owner}refresh-{}", state.count),
        );
        state.good.insert(refresh.clone());
        let lifetime = state.lifetime.unwrap_or(900);
        TokenPair::new(access.into(), Some(refresh.into()), Some(lifetime))
    }
}

pub fn answered(status: u16) -> Error {
    let status = StatusCode::from_u16(status).unwrap();
    Error::from_answer(status, HeaderMap::new(), "{}".into())
}

impl Authority for Service {
    fn login(&self) -> BoxFuture<'_, Result<TokenPair, Error>> {
        self.state().asked.push("login".to_owned());
        async {
            if self.state().has_password {
                Ok(self.issue())
            } else {
                Err(Error::logged_out("there is no password"))
            }
        }
        .boxed()
    }

    fn refresh(&self, refresh_token: Secret) -> BoxFuture<'_, Result<TokenPair, Error>> {
        self.state().asked.push(refresh_token.expose().to_owned());
        async move {
            let (delay, answer_delay) = {
                let state = self.state();
                (state.delay, state.answer_delay)
            };
            tokio::time::sleep(delay).await;
            assert!(!self.state().panics, "the test says so");
            if let Some(status) = self.state().fails_with {
                return Err(answered(status));
            }
            let is_good = self.state().good.remove(refresh_token.expose());
            let is_other = refresh_token.expose().starts_with(OTHER);
            let answer = if is_good {
                Ok(self.issue_to(if is_other { OTHER } else { "" }))
            } else {
                Err(answered(401))
            };
            tokio::time::sleep(answer_delay).await;
            answer
        }
        .boxed()
    }

    fn logout(&self, refresh_token: Secret) -> BoxFuture<'_, Result<(), Error>> {
        let asked = format!("logout {}", refresh_token.expose());
        self.state().asked.push(asked);
        self.state().good.remove(refresh_token.expose());
        async { Ok(()) }.boxed()
    }
}

/// When the tests begin, by the clock of the engines.
pub const START: SystemTime = UNIX_EPOCH;

/// An engine yet to be set up, and its clock.
pub fn builder(service: &Arc<Service>) -> (TokenEngineBuilder, ManualClock) {
    let clock = ManualClock::starting_at(START + Duration::from_secs(1_000_000));
    let authority = Arc::clone(service) as Arc<dyn Authority>;
    let engine = TokenEngine::builder(authority, Arc::new(clock.clone()));
    (engine.random_seed(1), clock)
}

pub fn engine(
    service: &Arc<Service>,
    store: &(impl TokenStore + Clone),
) -> (TokenEngine, ManualClock) {
    let (engine, clock) = builder(service);
    let engine = engine.store(Arc::new(store.clone()), "https://a.example", |_| Ok(()));
    (engine.build(), clock)
}

pub async fn token(engine: &TokenEngine) -> Result<String, Error> {
    Ok(engine.credential().await?.secret().expose().to_owned())
}

/// The access token that is stored.
pub async fn stored(store: &impl TokenStore) -> String {
    let tokens = store.load().await.unwrap().unwrap();
    tokens.access_token.expose().to_owned()
}

/// Tokens as another process might store them, with an access token that has expired.
pub fn expired(access: &str, refresh: &str) -> StoredTokens {
    StoredTokens::new(access.into(), Some(refresh.into()), START)
}

/// And with one that is good.
pub fn good(clock: &ManualClock, access: &str, refresh: &str) -> StoredTokens {
    let expires_at = clock.now() + Duration::from_secs(900);
    StoredTokens::new(access.into(), Some(refresh.into()), expires_at)
}

/// What comes of storing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Saves {
    #[default]
    Fine,
    Fail,
    /// It is done, and the answer is lost.
    LoseTheAnswer,
}

/// A store on a server. Its lock is a lease, and by time alone nobody loses what is newer.
#[derive(Clone, Default)]
pub struct Server(Arc<Mutex<Kept>>);

#[derive(Default)]
pub struct Kept {
    pub tokens: Option<StoredTokens>,
    pub saves: Saves,
    /// What is there cannot be read.
    pub garbled: bool,
    pub away: bool,
    holder: Option<(u64, Instant)>,
    holders: u64,
}

const LEASE: Duration = Duration::from_secs(60);

const POLL: Duration = Duration::from_millis(50);

impl Kept {
    /// Who has the lease.
    fn holder(&self) -> Option<u64> {
        let (holder, until) = self.holder?;
        (Instant::now() < until).then_some(holder)
    }
}

impl Server {
    pub fn state(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap()
    }

    fn read(&self) -> Result<Option<StoredTokens>, Error> {
        let state = self.state();
        if state.away {
            return Err(Error::token_store("the server is away"));
        }
        if state.garbled {
            return Err(Error::configuration("it holds something else"));
        }
        Ok(state.tokens.clone())
    }
}

/// The tokens while the lease lasts.
pub struct Holder {
    server: Server,
    number: u64,
    seen: Option<String>,
}

fn name(tokens: Option<&StoredTokens>) -> Option<String> {
    tokens.map(|tokens| tokens.access_token.expose().to_owned())
}

impl TokenStore for Server {
    fn load(&self) -> BoxFuture<'_, Result<Option<StoredTokens>, Error>> {
        async { self.read() }.boxed()
    }

    fn lock(&self) -> BoxFuture<'_, Result<Box<dyn LockedTokens>, Error>> {
        async {
            loop {
                {
                    let mut state = self.state();
                    if state.away {
                        return Err(Error::token_store("the server is away"));
                    }
                    if state.holder().is_none() {
                        state.holders += 1;
                        let number = state.holders;
                        state.holder = Some((number, Instant::now() + LEASE));
                        let holder = Holder {
                            server: self.clone(),
                            number,
                            seen: None,
                        };
                        return Ok(Box::new(holder) as Box<dyn LockedTokens>);
                    }
                }
                tokio::time::sleep(POLL).await;
            }
        }
        .boxed()
    }
}

impl Holder {
    /// Whether nobody can have changed anything, or nobody has.
    fn may_write(&self) -> bool {
        let state = self.server.state();
        state.holder() == Some(self.number) || name(state.tokens.as_ref()) == self.seen
    }
}

impl LockedTokens for Holder {
    fn load(&mut self) -> BoxFuture<'_, Result<Option<StoredTokens>, Error>> {
        async {
            let tokens = self.server.read()?;
            self.seen = name(tokens.as_ref());
            Ok(tokens)
        }
        .boxed()
    }

    fn extend(&mut self) -> BoxFuture<'_, Result<(), Error>> {
        async {
            let holder = self.server.state().holder();
            let is_own = holder == Some(self.number);
            if !is_own && (holder.is_some() || !self.may_write()) {
                return Err(Error::token_store("the lease ran out"));
            }
            self.server.state().holder = Some((self.number, Instant::now() + LEASE));
            Ok(())
        }
        .boxed()
    }

    fn save<'a>(&'a mut self, tokens: &'a StoredTokens) -> BoxFuture<'a, Result<(), Error>> {
        async {
            let saves = self.server.state().saves;
            if saves == Saves::Fail {
                return Err(Error::token_store("the disk is full"));
            }
            if !self.may_write() {
                return Err(Error::token_store("the lease ran out"));
            }
            {
                let mut state = self.server.state();
                state.tokens = Some(tokens.clone());
                state.garbled = false;
            }
            if saves == Saves::LoseTheAnswer {
                return Err(Error::token_store("no answer came"));
            }
            self.seen = name(Some(tokens));
            Ok(())
        }
        .boxed()
    }

    fn clear(&mut self) -> BoxFuture<'_, Result<(), Error>> {
        async {
            if !self.may_write() {
                return Err(Error::token_store("the lease ran out"));
            }
            self.server.state().tokens = None;
            Ok(())
        }
        .boxed()
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let mut state = self.server.state();
        if state.holder() == Some(self.number) {
            state.holder = None;
        }
    }
}
