//! What the store holds, against what is known here.

use super::login::{Unsaved, mark, same};
use super::obtain::SIBLING;
use super::{EngineState, Locked};
use crate::{Credential, Error, LockedTokens, StoredTokens, TokenPair};
use std::time::Duration;

/// A stored token that lives shorter than this is not worth taking over.
const SKEW: Duration = Duration::from_secs(5);

/// How often storing is tried, while the lock is held.
const SAVES: u32 = 3;

impl EngineState {
    /// Looks into the store for what another process has brought.
    pub(super) async fn look(&self, locked: &mut Locked) -> Result<Option<Credential>, Error> {
        let Some(locked) = locked else {
            return Ok(None);
        };
        let stored = match locked.load().await {
            Ok(stored) => stored,
            Err(error) => match self.load_again(locked.as_mut(), error).await? {
                Some(stored) => Some(stored),
                None => return Ok(None),
            },
        };
        let Some(newer) = self.compare(stored.as_ref()) else {
            return match stored {
                Some(stored) => self.take(locked.as_mut(), stored).await,
                None => Ok(None),
            };
        };
        self.save(locked.as_mut(), &newer).await;
        Ok(None)
    }

    /// What is stored cannot be read: another program may be writing it. A login that has served goes on
    /// without it: then there is nothing.
    async fn load_again(
        &self,
        locked: &mut dyn LockedTokens,
        error: Error,
    ) -> Result<Option<StoredTokens>, Error> {
        let goes_on = {
            let login = self.login();
            login.generation > 0 && login.refresh_token().is_some()
        };
        // While the store is away others may have renewed what is known here.
        if error.is_retryable() || !goes_on {
            return Err(error);
        }
        tokio::time::sleep(SIBLING).await;
        match locked.load().await {
            Ok(stored) => Ok(stored),
            Err(error) if error.is_retryable() => Err(error),
            Err(error) => {
                tracing::warn!(%error, "the stored login cannot be read; the one in memory goes on");
                Ok(None)
            }
        }
    }

    /// The tokens that have to be stored in place of what is: those whose save failed, unless it was done all
    /// the same, or something newer has come.
    fn compare(&self, stored: Option<&StoredTokens>) -> Option<StoredTokens> {
        let mut login = self.login();
        let stored = stored.map(mark);
        let own = login.pair.as_ref().map(mark);
        if stored.is_some() && same(stored, own) {
            login.unsaved = None;
        }
        let newer = if login.supersedes(stored) {
            login.pair.clone()
        } else {
            None
        };
        login.seen = stored.cloned();
        newer
    }

    /// Takes stored tokens over, as far as they are of use.
    async fn take(
        &self,
        locked: &mut dyn LockedTokens,
        stored: StoredTokens,
    ) -> Result<Option<Credential>, Error> {
        self.check(&stored)?;
        let now = self.clock.now();
        // A time far ahead is one that no service gives.
        let left = stored
            .expires_at
            .duration_since(now)
            .unwrap_or_default()
            .min(TokenPair::LONGEST_LIFETIME);
        let access_token = stored.access_token.clone();
        let (is_of_use, newer) = {
            let mut login = self.login();
            login.unsaved = None;
            if let Some(account) = self.account_of(&access_token) {
                login.account = Some(account);
            }
            let own = login.access.as_ref().map(|own| own.credential.secret());
            let is_known = same(own, Some(&access_token)) || login.dead.contains(&access_token);
            // The store has fallen back to an older pair, which nobody else may know.
            let is_older = stored
                .refresh_token
                .as_ref()
                .is_some_and(|token| login.dead.contains(token));
            let newer = if is_older {
                let good =
                    |own: &StoredTokens| same(own.refresh_token.as_ref(), login.refresh_token());
                login.pair.clone().filter(good)
            } else {
                login.find(stored);
                None
            };
            (!is_known && left > SKEW, newer)
        };
        if is_of_use {
            let credential = |generation| Credential::new(access_token, generation).found();
            return Ok(Some(self.begin(credential, now, left)));
        }
        if let Some(newer) = newer {
            self.save(locked, &newer).await;
        }
        Ok(None)
    }

    /// Refuses stored tokens that are not this login's.
    pub(super) fn check(&self, stored: &StoredTokens) -> Result<(), Error> {
        // A login that was taken over counts, whoever else is asked for.
        if same(self.login().pair.as_ref().map(mark), Some(mark(stored))) {
            return Ok(());
        }
        if let Some(accept) = &self.accept {
            accept(stored)?;
        }
        let theirs = self.account_of(&stored.access_token);
        let own = self.login().account.clone();
        if own.is_some() && theirs.is_some() && own != theirs {
            return Err(Error::configuration(
                "the stored login is that of another account than the one that this client has used so far: nothing \
                 was sent and it was left as it is; give this account a store of its own, or log in anew to go over \
                 to the other",
            ));
        }
        Ok(())
    }

    /// Tokens that cannot be stored are kept, and stored with the next change.
    pub(super) async fn save(&self, locked: &mut dyn LockedTokens, tokens: &StoredTokens) {
        // Noted first: a store that crashes has not stored them for certain.
        self.login().unsaved = Some(Unsaved {
            reason: Error::token_store("the store of the login crashed"),
            tried: true,
        });
        let mut outcome = self.replace(locked, tokens).await;
        for attempt in 1..SAVES {
            if outcome.is_ok() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100) * attempt).await;
            outcome = self.replace(locked, tokens).await;
        }
        let mut login = self.login();
        match outcome {
            Ok(()) => {
                login.seen = Some(mark(tokens).clone());
                login.unsaved = None;
            }
            Err(reason) => {
                tracing::warn!(error = %reason, "the tokens of the login could not be stored; they are kept in memory");
                login.unsaved = Some(Unsaved {
                    reason,
                    tried: true,
                });
            }
        }
    }

    /// Stores `tokens`, unless a program that takes no lock has stored others since the store was looked into:
    /// where a refresh token works more than once, they may be newer.
    async fn replace(
        &self,
        locked: &mut dyn LockedTokens,
        tokens: &StoredTokens,
    ) -> Result<(), Error> {
        let stored = match locked.load().await {
            Ok(stored) => stored,
            Err(error) if error.is_retryable() => return Err(error),
            // What is no login is the store's to keep.
            Err(_) => None,
        };
        if let Some(stored) = stored {
            let login = self.login();
            let stored = Some(mark(&stored));
            let is_known = same(stored, login.seen.as_ref())
                || same(stored, Some(mark(tokens)))
                || stored.is_some_and(|stored| login.dead.contains(stored));
            if !is_known {
                return Err(Error::token_store(
                    "another program has stored a login meanwhile, which is left as it is",
                ));
            }
        }
        locked.save(tokens).await
    }
}
