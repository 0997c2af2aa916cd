//! A gateway with single-use refresh tokens, and what each of its clients can know of them.

use futures::future::{BoxFuture, FutureExt};
use http::{HeaderMap, StatusCode};
use imperal_runtime::{
    Authority, Clock, CredentialProvider, Error, ManualClock, Secret, TokenEngine, TokenPair,
};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

/// How the gateway answers.
#[derive(Clone, Copy, Debug, Default)]
pub enum Mode {
    #[default]
    Fine,
    /// Answers this status, and has done nothing.
    Fails(u16),
    /// Takes so many seconds before it does it.
    Slow(u8),
    /// Does it, and answers so many seconds later.
    SlowAnswer(u8),
    /// Crashes inside of the client.
    Panics,
    /// Answers without a refresh token: the old one stays good.
    KeepsToken,
    /// Answers this lifetime.
    Lives(i64),
}

#[derive(Default)]
pub struct State {
    pub mode: Mode,
    issued: u32,
    pub good_access: BTreeSet<String>,
    good_refresh: BTreeSet<String>,
    /// The next access token is refused, whatever it is.
    pub refuse_once: bool,
    /// Whether a logout was asked for.
    has_ended_logins: bool,
    pub violations: Vec<String>,
}

#[derive(Clone, Default)]
pub struct Gateway(Arc<Mutex<State>>);

fn refuse(status: u16) -> Error {
    let status = StatusCode::from_u16(status).unwrap();
    Error::from_answer(status, HeaderMap::new(), "{}".into())
}

impl Gateway {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub fn issue(&self, lifetime: i64) -> TokenPair {
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

    /// A new pair for a token that is good.
    pub fn trade(&self, token: &str, lifetime: i64) -> Option<TokenPair> {
        let is_good = self.state().good_refresh.remove(token);
        is_good.then(|| self.issue(lifetime))
    }

    pub fn accepts(&self, access: &str) -> bool {
        self.state().good_access.contains(access)
    }

    fn violation(&self, what: String) {
        self.state().violations.push(what);
    }
}

/// What one client was told.
#[derive(Default)]
struct Told {
    /// Tokens that were refused to it, or that it has traded.
    dead: BTreeSet<String>,
    /// Refresh tokens that it got.
    got: BTreeSet<String>,
    /// Whether its last question was answered with a verdict.
    verdict: bool,
    /// How many were so far.
    verdicts: u32,
    asking: bool,
    /// Whether its engine takes logins over: which of them it uses is then not known here.
    takes_over: bool,
    /// The newest access token that it was issued, and until when it is not to be renewed.
    newest: Option<(String, SystemTime)>,
}

/// The gateway as one engine sees it.
#[derive(Clone)]
pub struct Client {
    gateway: Gateway,
    has_password: bool,
    clock: ManualClock,
    told: Arc<Mutex<Told>>,
}

impl Client {
    pub fn new(gateway: &Gateway, has_password: bool, clock: &ManualClock) -> Self {
        Self {
            gateway: gateway.clone(),
            has_password,
            clock: clock.clone(),
            told: Arc::default(),
        }
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Whether it was issued this refresh token.
    pub fn knows(&self, token: &str) -> bool {
        self.told().got.contains(token)
    }

    /// A pair from another device.
    pub fn login_elsewhere(&self) -> TokenPair {
        let pair = self.gateway.issue(900);
        let verdict = self.told().verdict;
        self.got(&pair, self.clock.now());
        let mut told = self.told();
        // It counts until the pair has been taken over.
        told.verdict = verdict;
        told.takes_over = true;
        pair
    }

    /// Its engine has taken over a pair from another device.
    pub fn has_taken_over(&self) {
        self.told().verdict = false;
    }

    /// Its clock is set back: a renewal that has begun may no longer be due.
    pub fn set_back(&self, by: Duration) {
        self.clock.set(self.clock.now() - by);
        self.told().newest = None;
    }

    /// From here on a login may be gone for everyone.
    pub fn log_out(&self) {
        self.gateway.state().has_ended_logins = true;
    }

    fn got(&self, pair: &TokenPair, asked_at: SystemTime) {
        let lifetime = pair.lifetime();
        let early = Duration::from_secs(60).min(lifetime / 5);
        let mut told = self.told();
        told.verdict = false;
        if let Some(token) = pair.refresh_token() {
            told.got.insert(token.expose().to_owned());
        }
        let until = asked_at + lifetime - early;
        told.newest = Some((pair.access_token().expose().to_owned(), until));
    }

    /// What a session does with one request: a refused token is renewed once.
    pub async fn call(&self, engine: TokenEngine) {
        let (verdict, before) = {
            let told = self.told();
            (told.verdict, told.verdicts)
        };
        let outcome = self.try_call(engine).await;
        if let Err(error) = outcome
            && error.is_logged_out()
        {
            let is_due = {
                let told = self.told();
                // A login may have come from elsewhere since.
                let verdict = verdict || told.verdict || told.verdicts > before;
                verdict || self.gateway.state().has_ended_logins
            };
            if !is_due {
                self.gateway
                    .violation(format!("logged out without a verdict: {error}"));
            }
        }
    }

    async fn try_call(&self, engine: TokenEngine) -> Result<(), Error> {
        let mut credential = engine.credential().await?;
        for _ in 0..2 {
            let token = credential.secret().expose().to_owned();
            if self.told().dead.contains(&token) {
                self.gateway
                    .violation(format!("{token} is sent although it was refused"));
            }
            tokio::task::yield_now().await;
            let refused_once = std::mem::take(&mut self.gateway.state().refuse_once);
            if self.gateway.accepts(&token) && !refused_once {
                return Ok(());
            }
            self.told().dead.insert(token);
            let Some(newer) = engine.renew(credential).await? else {
                return Ok(());
            };
            credential = newer;
        }
        Ok(())
    }

    /// Notes a question, and what is wrong with it.
    fn ask(&self, token: &str) {
        let mut told = self.told();
        let mut wrong = Vec::new();
        if std::mem::replace(&mut told.asking, true) {
            wrong.push(format!("{token} is presented while another one is"));
        }
        if told.dead.contains(token) {
            wrong.push(format!(
                "{token} is presented although it is known to be used up"
            ));
        }
        if let Some((access, until)) = &told.newest
            && self.clock.now() < *until
            && !told.dead.contains(access)
            && told.got.contains(token)
            && !told.takes_over
        {
            wrong.push(format!("{token} is presented although {access} serves"));
        }
        drop(told);
        for what in wrong {
            self.gateway.violation(what);
        }
    }

    async fn trade(&self, token: &str) -> Result<TokenPair, Error> {
        let mode = self.gateway.state().mode;
        if let Mode::Slow(seconds) = mode {
            tokio::time::sleep(Duration::from_secs(seconds.into())).await;
        } else {
            tokio::task::yield_now().await;
        }
        let lifetime = match mode {
            Mode::Fails(status) => return Err(refuse(status)),
            Mode::Panics => panic!("the model says so"),
            Mode::Lives(lifetime) => lifetime,
            _ => 900,
        };
        let pair = self.gateway.trade(token, lifetime);
        if let Mode::SlowAnswer(seconds) = mode {
            tokio::time::sleep(Duration::from_secs(seconds.into())).await;
        }
        let pair = pair.ok_or_else(|| refuse(401))?;
        if !matches!(mode, Mode::KeepsToken) {
            return Ok(pair);
        }
        let unused = pair.refresh_token().unwrap().expose().to_owned();
        let mut state = self.gateway.state();
        state.good_refresh.remove(&unused);
        state.good_refresh.insert(token.to_owned());
        Ok(TokenPair::new(pair.access_token().clone(), None, Some(900)))
    }
}

/// Notes the end of a question, also if it crashes.
struct Asking<'a>(&'a Client);

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.told().asking = false;
    }
}

impl Authority for Client {
    fn login(&self) -> BoxFuture<'_, Result<TokenPair, Error>> {
        async {
            if !self.has_password {
                return Err(Error::logged_out("there is no password"));
            }
            let asked_at = self.clock.now();
            tokio::task::yield_now().await;
            if let Mode::Fails(_) = self.gateway.state().mode {
                return Err(refuse(503));
            }
            let pair = self.gateway.issue(900);
            self.got(&pair, asked_at);
            Ok(pair)
        }
        .boxed()
    }

    fn refresh(&self, refresh_token: Secret) -> BoxFuture<'_, Result<TokenPair, Error>> {
        async move {
            let token = refresh_token.expose();
            self.ask(token);
            let asked_at = self.clock.now();
            let asking = Asking(self);
            let outcome = self.trade(token).await;
            drop(asking);
            match &outcome {
                Ok(pair) => {
                    if pair.refresh_token().is_some() {
                        self.told().dead.insert(token.to_owned());
                    }
                    self.got(pair, asked_at);
                }
                Err(error) if error.is_unauthorized() => {
                    let mut told = self.told();
                    told.verdict = true;
                    told.verdicts += 1;
                    told.dead.insert(token.to_owned());
                }
                Err(_) => {}
            }
            outcome
        }
        .boxed()
    }

    fn logout(&self, refresh_token: Secret) -> BoxFuture<'_, Result<(), Error>> {
        let token = refresh_token.expose();
        if self.told().dead.contains(token) {
            self.gateway.violation(format!(
                "{token} is ended although it is known to be used up"
            ));
        }
        self.gateway.state().good_refresh.remove(token);
        self.told().dead.insert(token.to_owned());
        async { Ok(()) }.boxed()
    }
}
