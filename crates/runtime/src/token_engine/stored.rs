//! What the store holds, against what is known here.

use super::login::{Unsaved, mark, same};
use super::obtain::SIBLING_WAIT;
use super::{EngineState, Locked};
use crate::{Credential, Error, LockedTokens, Secret, StoredTokens, TokenPair};
use std::time::{Duration, SystemTime};

/// A stored access token that expires sooner than this is not worth taking over.
const SKEW: Duration = Duration::from_secs(5);

/// How often storing is tried, while the lock is held.
const SAVE_ATTEMPTS: u32 = 3;

impl EngineState {
    /// Looks into the store for what another process has brought, and puts the store right where it has fallen
    /// behind what is known here. A credential comes of it only if an access token is found that serves.
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

    /// Loads once more after `error`: another program may have been writing. If what is stored still cannot be
    /// read, a login that has served goes on as if nothing was there.
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
        tokio::time::sleep(SIBLING_WAIT).await;
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
        let owner = self.account_of(&access_token);
        let (is_of_use, newer) = {
            let mut login = self.login();
            login.unsaved = None;
            let is_proven = owner.is_some();
            if let Some(owner) = owner {
                login.belong_to(owner);
            }
            let is_of_use = left > SKEW && login.would_gain_by(&access_token, now + left, now);
            // The store has fallen back to an older pair, which nobody else may know.
            let is_older = stored
                .refresh_token
                .as_ref()
                .is_some_and(|token| login.dead.contains(token));
            let newer = if is_older {
                login.renewable().cloned()
            } else {
                if !is_proven {
                    login.note_unproven(&stored);
                }
                login.prefer(stored);
                None
            };
            (is_of_use, newer)
        };
        if let Some(newer) = newer {
            self.save(locked, &newer).await;
        }
        if !is_of_use {
            return Ok(None);
        }
        let credential = |generation| Credential::new(access_token, generation).found();
        Ok(Some(self.begin(credential, now, left)))
    }

    /// Refuses stored tokens that are not this login's.
    pub(super) fn check(&self, stored: &StoredTokens) -> Result<(), Error> {
        // A login that was taken over counts, whoever else is asked for.
        let is_own = {
            let login = self.login();
            let own = login.pair.as_ref().map(mark);
            same(own, Some(mark(stored))) && !login.is_unproven(mark(stored))
        };
        if is_own {
            return Ok(());
        }
        if let Some(accept) = &self.accept {
            accept(stored)?;
        }
        if self.is_of_another_account(stored) {
            return Err(Error::configuration(
                "the stored login is that of another account than the one that this client has used so far: nothing \
                 was sent and it was left as it is; give this account a store of its own, or log in anew to go over \
                 to the other",
            ));
        }
        Ok(())
    }

    /// Whether an access token says that it is another account's than those that were used so far.
    fn is_of_another_account(&self, tokens: &StoredTokens) -> bool {
        let theirs = self.account_of(&tokens.access_token);
        let login = self.login();
        !login.may_change_account
            && login.account.is_some()
            && theirs.is_some()
            && login.account != theirs
    }

    /// Refuses `pair`, which `presented` was traded for, if it is another account's: a refresh token that was stored
    /// alone did not say so. It is used up by now, so its owner gets the pair in its place.
    pub(super) async fn confirm_owner(
        &self,
        locked: &mut dyn LockedTokens,
        presented: &Secret,
        pair: &TokenPair,
        asked_at: SystemTime,
    ) -> Result<(), Error> {
        let is_unproven = self.login().is_unproven(presented);
        if !is_unproven {
            return Ok(());
        }
        let tokens = StoredTokens::of(pair, asked_at, self.issuer.as_deref());
        let is_accepted = self
            .accept
            .as_ref()
            .is_none_or(|accept| accept(&tokens).is_ok());
        if is_accepted && !self.is_of_another_account(&tokens) {
            return Ok(());
        }
        self.login().disown(presented);
        match self.try_to_save(locked, &tokens).await {
            Ok(()) => self.login().seen = Some(mark(&tokens).clone()),
            Err(error) => {
                tracing::warn!(%error, "the login of another account was renewed and could not be stored for it");
            }
        }
        Err(Error::configuration(
            "the stored login is that of another account than this client's, as its renewal has shown: it was renewed \
             for its owner and is not used; give this account a store of its own",
        ))
    }

    /// Stores tokens of this login. Those that cannot be stored are kept, and stored with the next change.
    pub(super) async fn save(&self, locked: &mut dyn LockedTokens, tokens: &StoredTokens) {
        // Noted first: a store that crashes has not stored them for certain.
        self.login().unsaved = Some(Unsaved {
            reason: Error::token_store("the store of the login crashed"),
            tried: true,
        });
        let outcome = self.try_to_save(locked, tokens).await;
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

    /// Stores `tokens`, trying again where that fails.
    async fn try_to_save(
        &self,
        locked: &mut dyn LockedTokens,
        tokens: &StoredTokens,
    ) -> Result<(), Error> {
        let mut outcome = self.replace(locked, tokens).await;
        for attempt in 1..SAVE_ATTEMPTS {
            if outcome.is_ok() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100) * attempt).await;
            outcome = self.replace(locked, tokens).await;
        }
        outcome
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
