//! What a flight does: look into the store, refresh, log in, store.

use super::{Access, EngineState, Failed, Login};
use crate::{Credential, Error, LockedTokens, Secret, StoredTokens, TokenPair};
use std::time::{Duration, SystemTime};

/// A token is replaced this long before it expires, or a fifth of its lifetime if that is less; at half of
/// that in the latest case, for clients that got their tokens together shall not come back together.
const EARLY: Duration = Duration::from_secs(60);

/// After an early refresh has failed, the next one waits this long: the token still serves.
const EARLY_RETRY: Duration = Duration::from_secs(5);

/// After a failure with no token left the next try waits this long at first, and twice as long each time.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// Where that doubling ends.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Writers that take no lock store a new pair this long after the old one was refused, at the latest.
const SIBLING: Duration = Duration::from_millis(300);

/// A stored token that lives shorter than this is not worth taking over.
const SKEW: Duration = Duration::from_secs(5);

/// How often storing is tried, while the lock is held.
const SAVES: u32 = 3;

type Locked = Option<Box<dyn LockedTokens>>;

impl EngineState {
    /// A token that serves, and the one place where there is none.
    pub(super) async fn obtain(&self) -> Result<Credential, Error> {
        let outcome = self.try_obtain().await;
        let mut login = self.login();
        match &outcome {
            Ok(_) => login.failed = None,
            Err(error) => {
                let now = self.clock.now();
                if let Some(access) = &mut login.access {
                    access.refresh_at = access.refresh_at.max(now + EARLY_RETRY);
                }
                let wait = login
                    .failed
                    .as_ref()
                    .map_or(FIRST_WAIT, |failed| failed.wait * 2)
                    .min(LONGEST_WAIT);
                login.failed = Some(Failed {
                    error: error.clone(),
                    again_at: now + wait,
                    wait,
                });
            }
        }
        outcome
    }

    /// The store with its lock held, where there is one.
    async fn lock(&self) -> Result<Locked, Error> {
        match &self.store {
            Some(store) => store.lock().await.map(Some),
            None => Ok(None),
        }
    }

    async fn try_obtain(&self) -> Result<Credential, Error> {
        let mut locked = self.lock().await?;
        if let Some(credential) = self.look(&mut locked).await? {
            return Ok(credential);
        }
        let refresh_token = self.login().refresh_token.clone();
        if let Some(refresh_token) = refresh_token {
            match self.refresh(&mut locked, refresh_token).await {
                Ok(Some(credential)) => return Ok(credential),
                Ok(None) => {}
                Err(error) => return Err(error),
            }
        }
        self.log_in(&mut locked).await
    }

    /// Looks into the store for what another process has brought.
    async fn look(&self, locked: &mut Locked) -> Result<Option<Credential>, Error> {
        let Some(locked) = locked else {
            return Ok(None);
        };
        if self.login().unsaved.is_some() {
            // What is stored is older than what could not be.
            if let Some(tokens) = self.as_stored() {
                self.save(locked.as_mut(), &tokens).await;
            }
            return Ok(None);
        }
        let Some(stored) = locked.load().await? else {
            return Ok(None);
        };
        if let Some(accept) = &self.accept {
            accept(&stored)?;
        }
        let now = self.clock.now();
        let mut login = self.login();
        let is = |known: Option<&Secret>, token: &Secret| {
            known.is_some_and(|known| known.expose() == token.expose())
        };
        if let Some(refresh_token) = &stored.refresh_token
            && !is(login.dead.refresh.as_ref(), refresh_token)
        {
            login.refresh_token = Some(refresh_token.clone());
        }
        let own = login
            .access
            .as_ref()
            .map(|access| access.credential.secret());
        let is_known =
            is(own, &stored.access_token) || is(login.dead.access.as_ref(), &stored.access_token);
        // A time far ahead is one that no service gives.
        let left = stored
            .expires_at
            .duration_since(now)
            .unwrap_or_default()
            .min(TokenPair::LONGEST_LIFETIME);
        if is_known || left <= SKEW {
            return Ok(None);
        }
        let credential = self.begin(&mut login, &stored.access_token, now, left);
        Ok(Some(credential.found()))
    }

    /// Trades a refresh token; none if the service says that the login has ended.
    async fn refresh(
        &self,
        locked: &mut Locked,
        refresh_token: Secret,
    ) -> Result<Option<Credential>, Error> {
        let mut presented = refresh_token;
        // Once for what is known, and once for what a sibling has stored meanwhile.
        for last in [false, true] {
            let asked_at = self.clock.now();
            match self.authority.refresh(presented.clone()).await {
                Ok(pair) => {
                    let pair = pair.or_refresh_token(&presented);
                    return Ok(Some(self.keep(locked, &pair, asked_at).await));
                }
                Err(error) if error.is_unauthorized() => {
                    let mut login = self.login();
                    login
                        .refresh_token
                        .take_if(|token| token.expose() == presented.expose());
                    login.dead.refresh = Some(presented.clone());
                }
                Err(error) => return Err(error),
            }
            if locked.is_none() || last {
                break;
            }
            tokio::time::sleep(SIBLING).await;
            if let Some(credential) = self.look(locked).await? {
                return Ok(Some(credential));
            }
            match self.login().refresh_token.clone() {
                Some(newer) if newer.expose() != presented.expose() => presented = newer,
                _ => break,
            }
        }
        Ok(None)
    }

    async fn log_in(&self, locked: &mut Locked) -> Result<Credential, Error> {
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

    /// Stores a new pair, then uses it.
    async fn keep(
        &self,
        locked: &mut Locked,
        pair: &TokenPair,
        asked_at: SystemTime,
    ) -> Credential {
        if let Some(locked) = locked {
            let tokens = StoredTokens::of(pair, asked_at, self.issuer.as_deref());
            self.save(locked.as_mut(), &tokens).await;
        }
        let mut login = self.login();
        login.refresh_token = pair.refresh_token().cloned();
        self.begin(&mut login, pair.access_token(), asked_at, pair.lifetime())
    }

    /// Tokens that cannot be stored are kept, and stored with the next change.
    async fn save(&self, locked: &mut dyn LockedTokens, tokens: &StoredTokens) {
        let mut outcome = locked.save(tokens).await;
        for attempt in 1..SAVES {
            if outcome.is_ok() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100) * attempt).await;
            outcome = locked.save(tokens).await;
        }
        if let Err(error) = &outcome {
            tracing::warn!(%error, "the tokens of the login could not be stored; they are kept in memory");
        }
        self.login().unsaved = outcome.err();
    }

    fn begin(
        &self,
        login: &mut Login,
        access_token: &Secret,
        from: SystemTime,
        lifetime: Duration,
    ) -> Credential {
        login.generation += 1;
        let credential = Credential::new(access_token.clone(), login.generation);
        let early = EARLY
            .min(lifetime / 5)
            .mul_f64(1.0 - self.random.fraction() / 2.0);
        login.access = Some(Access {
            credential: credential.clone(),
            refresh_at: from + lifetime - early,
            expires_at: from + lifetime,
        });
        credential
    }

    fn as_stored(&self) -> Option<StoredTokens> {
        let login = self.login();
        let access = login.access.as_ref()?;
        let mut tokens = StoredTokens::new(
            access.credential.secret().clone(),
            login.refresh_token.clone(),
            access.expires_at,
        );
        tokens.issuer.clone_from(&self.issuer);
        Some(tokens)
    }

    /// Takes over a pair from elsewhere.
    pub(super) async fn take_over(&self, pair: TokenPair) -> Result<(), Error> {
        let asked_at = self.clock.now();
        // Whoever allowed this login will not do so twice: without the lock it is kept in memory.
        let (mut locked, problem) = match self.lock().await {
            Ok(locked) => (locked, None),
            Err(error) => (None, Some(error)),
        };
        {
            let mut login = self.login();
            login.ended = None;
            login.failed = None;
        }
        drop(self.keep(&mut locked, &pair, asked_at).await);
        if problem.is_some() {
            self.login().unsaved = problem;
        }
        let unsaved = self.login().unsaved.clone();
        match unsaved {
            Some(reason) => Err(Error::configuration(
                "the tokens serve this client and could not be stored for others",
            )
            .with_hint(reason.to_string())),
            None => Ok(()),
        }
    }

    /// Forgets the login here and in the store, and ends it at the service.
    pub(super) async fn end(&self) -> Result<(), Error> {
        let locked = self.lock().await;
        let (own, unsaved) = {
            let mut login = self.login();
            login.access = None;
            (login.refresh_token.take(), login.unsaved.take().is_some())
        };
        let (mut locked, mut problem) = match locked {
            Ok(locked) => (locked, None),
            Err(error) => (None, Some(error)),
        };
        let stored = match &mut locked {
            // What cannot be read is forgotten all the same.
            Some(locked) => locked.load().await.ok().flatten(),
            None => None,
        };
        if let (Some(tokens), Some(accept)) = (&stored, &self.accept)
            && let Err(error) = accept(tokens)
        {
            // Another login's is left as it is.
            locked = None;
            problem = own.is_none().then_some(error);
        }
        let stored = stored.filter(|_| locked.is_some());
        let stored = stored.and_then(|stored| stored.refresh_token);
        // Another process may have rotated what is stored; but what could not be stored came after it.
        let latest = if unsaved {
            own.or(stored)
        } else {
            stored.or(own)
        };
        let told = match latest {
            Some(refresh_token) => self.authority.logout(refresh_token).await,
            None => Ok(()),
        };
        if let Some(locked) = &mut locked {
            locked.clear().await?;
        }
        told.and(problem.map_or(Ok(()), Err))
    }
}
