//! What a flight does: look into the store, refresh, log in, store.

use super::login::{Access, same};
use super::{EngineState, Locked};
use crate::{Credential, Error, Secret, StoredTokens, TokenPair};
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, SystemTime};

/// An access token is replaced at most this long before it expires, or a fifth of its lifetime if that is less, and at
/// least half as long. The moment is drawn from between: clients that got their tokens together shall not come back
/// together.
const EARLY: Duration = Duration::from_secs(60);

/// How long to wait, after a token was refused, for another program to store what it has traded it for: one that takes
/// no lock may be doing so right then.
pub(super) const SIBLING_WAIT: Duration = Duration::from_millis(300);

/// How many refresh tokens one renewal presents at most: a store could offer another one each time.
const MOST_PRESENTED: u32 = 5;

impl EngineState {
    /// A token that serves, from wherever it can be had, or why there is none. `generation` was the newest one
    /// when it was asked for.
    pub(super) async fn obtain(&self, generation: u64) -> Result<Credential, Error> {
        // One that panics waits before the next try like one that fails.
        let outcome = AssertUnwindSafe(self.try_obtain(generation))
            .catch_unwind()
            .await
            .unwrap_or_else(|_| {
                Err(Error::from_kind(crate::error::Kind::Internal(
                    "the task that renews tokens crashed".to_owned(),
                )))
            });
        let mut login = self.login();
        match &outcome {
            Ok(_) => login.failed = None,
            Err(error) => login.fail(error, self.clock.now()),
        }
        outcome
    }

    /// The store with its lock held, where there is one.
    pub(super) async fn lock(&self) -> Result<Locked, Error> {
        match &self.store {
            Some(store) => store.lock().await.map(Some),
            None => Ok(None),
        }
    }

    async fn try_obtain(&self, generation: u64) -> Result<Credential, Error> {
        let _turn = self.turn.lock().await;
        let mut locked = self.lock().await?;
        {
            // Tokens may have been taken over while this waited for its turn.
            let login = self.login();
            if login.generation != generation
                && let Some(access) = login.serving(self.clock.now())
            {
                return Ok(access.credential.clone());
            }
        }
        if let Some(credential) = self.look(&mut locked).await? {
            return Ok(credential);
        }
        if let Some(credential) = self.refresh(&mut locked).await? {
            return Ok(credential);
        }
        self.log_in(&mut locked).await
    }

    /// Trades a refresh token. There is none if the service says of each that the login has ended.
    async fn refresh(&self, locked: &mut Locked) -> Result<Option<Credential>, Error> {
        for _ in 0..MOST_PRESENTED {
            let Some(presented) = self.login().refresh_token().cloned() else {
                break;
            };
            self.extend(locked).await?;
            let asked_at = self.clock.now();
            match self.authority.refresh(presented.clone()).await {
                Ok(pair) => {
                    let pair = pair.or_refresh_token(&presented);
                    if !same(pair.refresh_token(), Some(&presented)) {
                        self.login().dead.add(&presented);
                    }
                    if let Some(locked) = locked {
                        self.confirm_owner(locked.as_mut(), &presented, &pair, asked_at)
                            .await?;
                    }
                    return Ok(Some(self.keep(locked, &pair, asked_at).await));
                }
                Err(error) if error.is_unauthorized() => self.login().dead.add(&presented),
                Err(error) => return Err(error),
            }
            if locked.is_some() {
                tokio::time::sleep(SIBLING_WAIT).await;
                if let Some(credential) = self.look(locked).await? {
                    return Ok(Some(credential));
                }
            }
        }
        Ok(None)
    }

    /// Logs in from nothing.
    async fn log_in(&self, locked: &mut Locked) -> Result<Credential, Error> {
        self.extend(locked).await?;
        let asked_at = self.clock.now();
        match self.authority.login().await {
            Ok(pair) => Ok(self.keep(locked, &pair, asked_at).await),
            Err(error) => {
                // Asking again with what was refused could lock the account. Any other failure passes:
                // a gateway that is being replaced answers 404, a firewall 403.
                let refused = error
                    .status()
                    .is_some_and(|status| matches!(status.as_u16(), 400 | 401 | 422));
                let error = if refused {
                    error.refused_login()
                } else {
                    error
                };
                // Where there is a store, another process may log in yet.
                if refused || (error.is_logged_out() && locked.is_none()) {
                    self.login().ended = Some(error.clone());
                }
                Err(error)
            }
        }
    }

    /// Makes the lock last for one more question to the service, which is asked under the lock only: else two
    /// processes could present one token.
    async fn extend(&self, locked: &mut Locked) -> Result<(), Error> {
        match locked {
            Some(locked) => locked.extend().await,
            None => Ok(()),
        }
    }

    /// Stores a new pair of this login, then uses it.
    pub(super) async fn keep(
        &self,
        locked: &mut Locked,
        pair: &TokenPair,
        asked_at: SystemTime,
    ) -> Credential {
        let tokens = StoredTokens::of(pair, asked_at, self.issuer.as_deref());
        let account = self.account_of(pair.access_token());
        // In memory before anything else: whatever happens to the store, they are not lost.
        self.login().renew(tokens.clone(), account);
        if let Some(locked) = locked {
            self.save(locked.as_mut(), &tokens).await;
        }
        let credential = |generation| Credential::new(pair.access_token().clone(), generation);
        self.begin(credential, asked_at, pair.lifetime())
    }

    /// Uses an access token from now on, which lives for `lifetime` after `from`.
    pub(super) fn begin(
        &self,
        credential: impl FnOnce(u64) -> Credential,
        from: SystemTime,
        lifetime: Duration,
    ) -> Credential {
        let early = EARLY
            .min(lifetime / 5)
            .mul_f64(1.0 - self.random.fraction() / 2.0);
        let expires_at = from + lifetime;
        let mut login = self.login();
        login.generation += 1;
        let credential = credential(login.generation);
        login.access = Some(Access::new(
            credential.clone(),
            expires_at - early,
            expires_at,
            lifetime,
        ));
        credential
    }

    /// Whose access token it is, where that can be told.
    pub(super) fn account_of(&self, access_token: &Secret) -> Option<String> {
        self.account_of
            .as_ref()
            .and_then(|account_of| account_of(access_token))
    }
}
