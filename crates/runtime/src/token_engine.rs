//! Keeps one login alive. What holds whatever happens, each with tests named after it:
//!
//! 1. At most one refresh is under way for a login, and all who wait share its outcome.
//! 2. Who stops waiting does not stop the refresh; one that panics wedges nothing.
//! 3. Only the token that was refused is replaced; a newer one is used.
//! 4. An early refresh that fails never displaces a token that is still good.
//! 5. No failure ends refreshing for ever, and no expiry makes it spin.
//! 6. Only a 401 to a refresh means logged out; anything else passes, and the login is kept.
//! 7. Before that verdict is believed the store is read again: another process may have rotated.
//! 8. A rotated pair is stored before it is used, atomically and under a lock.
//! 9. A missing or absurd lifetime becomes a finite one; an early refresh is at most a part of it early.
//! 10. A request is sent again after a refresh at most once, with the new token.
//! 11. Nothing shows a token.

mod builder;
mod handover;
mod login;
mod obtain;
mod stored;
mod token_hashes;

pub use builder::TokenEngineBuilder;

use crate::retry::Random;
use crate::{
    Clock, Credential, CredentialProvider, Error, LockedTokens, Secret, StoredTokens, TokenPair,
    TokenStore,
};
use futures::FutureExt;
use futures::future::{BoxFuture, Either, Shared};
use login::{Login, same};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How one service issues tokens: the engine decides when it is asked. [`TokenEngine`] has an example.
pub trait Authority: Send + Sync + 'static {
    /// Logs in from nothing, with a password for instance. Where that is not possible, an
    /// [`Error::logged_out`] that says so.
    fn login(&self) -> BoxFuture<'_, Result<TokenPair, Error>>;

    /// Trades `refresh_token` for a new pair. An error with status 401 is the verdict that the login
    /// has ended; any other error is taken to be passing.
    fn refresh(&self, refresh_token: Secret) -> BoxFuture<'_, Result<TokenPair, Error>>;

    /// Ends the login that `refresh_token` belongs to. An error is handed on to whoever asked: the tokens are
    /// forgotten all the same.
    fn logout(&self, refresh_token: Secret) -> BoxFuture<'_, Result<(), Error>>;
}

/// Supplies access tokens: logs in when the first one is needed, refreshes before one expires and
/// after one is refused, and never does either twice at once. Cheap to clone; clones share the
/// login.
///
/// ```
/// use futures::future::{BoxFuture, FutureExt};
/// use imperal_runtime::*;
/// use std::sync::Arc;
///
/// struct Fixed;
/// impl Authority for Fixed {
///     fn login(&self) -> BoxFuture<'_, Result<TokenPair, Error>> {
///         async { Ok(TokenPair::new("access".into(), Some("refresh".into()), Some(900))) }.boxed()
///     }
///     fn refresh(&self, _: Secret) -> BoxFuture<'_, Result<TokenPair, Error>> {
///         self.login()
///     }
///     fn logout(&self, _: Secret) -> BoxFuture<'_, Result<(), Error>> {
///         async { Ok(()) }.boxed()
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Error> {
/// let tokens = TokenEngine::new(Arc::new(Fixed), Arc::new(SystemClock));
/// assert_eq!(tokens.credential().await?.secret().expose(), "access");
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct TokenEngine {
    shared: Arc<EngineState>,
}

struct EngineState {
    authority: Arc<dyn Authority>,
    clock: Arc<dyn Clock>,
    store: Option<Arc<dyn TokenStore>>,
    /// The address of the service, which is stored with the tokens.
    issuer: Option<String>,
    accept: Option<Arc<Accept>>,
    account_of: Option<Arc<AccountOf>>,
    /// Held by whoever renews the login, takes one over or ends it, until that is done.
    turn: tokio::sync::Mutex<()>,
    random: Random,
    login: Mutex<Login>,
}

/// Refuses stored tokens that are not this login's, saying why.
type Accept = dyn Fn(&StoredTokens) -> Result<(), Error> + Send + Sync;

/// Tells by an access token whose login it is.
type AccountOf = dyn Fn(&Secret) -> Option<String> + Send + Sync;

/// The store while its lock is held, where there is a store.
type Locked = Option<Box<dyn LockedTokens>>;

/// A login or refresh under way. Its number tells it from the ones that follow.
#[derive(Clone)]
struct Flight {
    number: u64,
    outcome: Outcome,
}

/// What all who wait for a flight share.
type Outcome = Shared<BoxFuture<'static, Result<Credential, Error>>>;

impl TokenEngine {
    /// An engine that asks `authority` for tokens and `clock` for the time, and keeps them in memory.
    pub fn new(authority: Arc<dyn Authority>, clock: Arc<dyn Clock>) -> Self {
        Self::builder(authority, clock).build()
    }

    /// An engine yet to be set up.
    pub fn builder(authority: Arc<dyn Authority>, clock: Arc<dyn Clock>) -> TokenEngineBuilder {
        TokenEngineBuilder::new(authority, clock)
    }

    /// Takes over the tokens of a login that was made otherwise, such as on another device, and stores
    /// them. A login or refresh that is under way is waited for.
    ///
    /// ```
    /// # use imperal_runtime::{Error, TokenEngine, TokenPair};
    /// # async fn example(tokens: &TokenEngine) -> Result<(), Error> {
    /// // What the service answered once somebody had allowed the login.
    /// let pair = TokenPair::new("access".into(), Some("refresh".into()), Some(900));
    /// tokens.adopt(pair).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// If they could not be stored ([`is_token_store`](Error::is_token_store)). They serve all the same.
    pub async fn adopt(&self, pair: TokenPair) -> Result<(), Error> {
        // What it brings would displace these tokens, which are newer.
        self.landing().await;
        self.shared.take_over(pair).await
    }

    /// Logs in now, or again after [`logout`](Self::logout).
    ///
    /// # Errors
    ///
    /// If the service refuses the login, or no answer comes.
    pub async fn login(&self) -> Result<(), Error> {
        {
            let mut login = self.shared.login();
            login.ended = None;
            login.failed = None;
            if login.serving(self.shared.clock.now()).is_none() {
                // Whoever has logged in elsewhere may be another one: that is what is asked for.
                login.may_change_account = true;
            }
        }
        self.current().await.map(drop)
    }

    /// Ends the login here, and at the service as far as it can be reached. Later calls fail until
    /// [`login`](Self::login) is called.
    ///
    /// # Errors
    ///
    /// If the service could not be told, or the store could not be changed. The tokens are forgotten here
    /// all the same.
    pub async fn logout(&self) -> Result<(), Error> {
        // From here on nothing new takes off. A refresh under way would bring new tokens: wait for
        // them, so as to end those.
        {
            let mut login = self.shared.login();
            login.ended = Some(Error::logged_out("this client was asked to log out"));
            login.access = None;
        }
        self.landing().await;
        self.shared.end().await
    }

    /// Waits for a login or refresh that is under way, whatever comes of it.
    async fn landing(&self) {
        let flight = self.shared.login().flight.clone();
        if let Some(flight) = flight {
            drop(flight.outcome.await);
        }
    }

    /// The token to use now, renewed first if it expires within `least`.
    async fn lasting(&self, least: Duration) -> Result<Credential, Error> {
        // Once more where what came was not new but found in a store: it may be about to expire as well.
        for _ in 0..2 {
            let early = {
                let mut login = self.shared.login();
                let now = self.shared.clock.now();
                let ends = login
                    .serving(now)
                    .is_some_and(|access| access.ends_within(least, now));
                if ends && login.may_renew_early(now) {
                    Some(self.flight(&mut login)?)
                } else {
                    None
                }
            };
            let credential = match early {
                Some(outcome) => match outcome.await {
                    Ok(credential) => credential,
                    // Whatever came of it, a token that is still good serves.
                    Err(_) => break,
                },
                None => self.current().await?,
            };
            if !credential.is_found() && !self.is_dead(&credential) {
                return Ok(credential);
            }
        }
        self.current().await
    }

    /// The token to use now. It is waited for only if there is none that serves.
    async fn current(&self) -> Result<Credential, Error> {
        let mut is_late = false;
        loop {
            let outcome = match self.at_once()? {
                Either::Left(credential) => return Ok(credential),
                Either::Right(outcome) => outcome,
            };
            let credential = outcome.await?;
            if is_late || !self.is_dead(&credential) {
                return Ok(credential);
            }
            // Whoever looks late at what came may find that it has been refused meanwhile.
            is_late = true;
        }
    }

    fn is_dead(&self, credential: &Credential) -> bool {
        self.shared.login().dead.contains(credential.secret())
    }

    /// The token that serves, or what brings one.
    fn at_once(&self) -> Result<Either<Credential, Outcome>, Error> {
        let mut login = self.shared.login();
        let now = self.shared.clock.now();
        if let Some(access) = login.serving(now) {
            let credential = access.credential.clone();
            let early = now >= access.refresh_at;
            if early && login.flight.is_none() && login.may_renew_early(now) {
                // Whatever comes of it, this token still serves.
                drop(self.take_off(&mut login));
            }
            return Ok(Either::Left(credential));
        }
        if let Some(error) = &login.ended {
            return Err(error.clone());
        }
        if let Some(error) = login.failure(now) {
            return Err(error.clone());
        }
        self.flight(&mut login).map(Either::Right)
    }

    /// The login or refresh that is under way, or a new one.
    fn flight(&self, login: &mut Login) -> Result<Outcome, Error> {
        match &login.flight {
            Some(flight) => Ok(flight.outcome.clone()),
            None => self.take_off(login),
        }
    }

    /// Starts a login or refresh as a task of its own: whoever stops waiting does not stop it. The
    /// lock is held, so that it cannot land before it is noted as under way.
    fn take_off(&self, login: &mut Login) -> Result<Outcome, Error> {
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| Error::no_runtime())?;
        login.flights += 1;
        let (number, generation) = (login.flights, login.generation);
        let state = Arc::clone(&self.shared);
        // A runtime that is shutting down drops the task unpolled, right here: what notes the landing
        // must not exist before the task runs, for it takes the lock.
        let task = runtime.spawn(async move {
            let landing = Landing { state, number };
            landing.state.obtain(generation).await
        });
        // Weak, since the state holds the flight.
        let state = Arc::downgrade(&self.shared);
        let outcome = async move {
            if let Ok(outcome) = task.await {
                return outcome;
            }
            if let Some(state) = state.upgrade() {
                state.landed(number);
            }
            Err(Error::from_kind(crate::error::Kind::Internal(
                "the runtime of the task that renews tokens was shut down".to_owned(),
            )))
        };
        let outcome = outcome.boxed().shared();
        login.flight = Some(Flight {
            number,
            outcome: outcome.clone(),
        });
        Ok(outcome)
    }
}

impl CredentialProvider for TokenEngine {
    fn credential(&self) -> BoxFuture<'_, Result<Credential, Error>> {
        self.current().boxed()
    }

    fn at_hand(&self) -> Option<Credential> {
        let login = self.shared.login();
        let access = login.access.as_ref()?;
        let now = self.shared.clock.now();
        let is_fresh = now < access.refresh_at && now < access.expires_at;
        is_fresh.then(|| access.credential.clone())
    }

    fn lasting_credential(&self, least: Duration) -> BoxFuture<'_, Result<Credential, Error>> {
        self.lasting(least).boxed()
    }

    fn renew(&self, refused: Credential) -> BoxFuture<'_, Result<Option<Credential>, Error>> {
        {
            let mut login = self.shared.login();
            // Known as refused also if it comes late: a store may offer it again.
            login.dead.add(refused.secret());
            // Only this one is replaced, under whichever number it is in use. A newer one is simply used.
            login
                .access
                .take_if(|access| same(Some(access.credential.secret()), Some(refused.secret())));
        }
        self.current().map(|outcome| outcome.map(Some)).boxed()
    }
}

impl std::fmt::Debug for TokenEngine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let login = self.shared.login();
        formatter
            .debug_struct("TokenEngine")
            .field("generation", &login.generation)
            .field("ended", &login.ended)
            .finish_non_exhaustive()
    }
}

/// Notes that a flight has landed, even if it crashed.
struct Landing {
    state: Arc<EngineState>,
    number: u64,
}

impl Drop for Landing {
    fn drop(&mut self) {
        self.state.landed(self.number);
    }
}

impl EngineState {
    /// What is known of the login. Not to be held while anything is waited for.
    fn login(&self) -> MutexGuard<'_, Login> {
        self.login.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The flight with this number is over, if it was not noted before.
    fn landed(&self, number: u64) {
        self.login()
            .flight
            .take_if(|flight| flight.number == number);
    }
}
