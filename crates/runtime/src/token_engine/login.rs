//! What an engine knows of its login.

use super::Flight;
use super::dead::Dead;
use crate::{Credential, Error, Secret, StoredTokens};
use std::time::{Duration, SystemTime};

/// After an early refresh has failed, the next one waits this long: the token still serves.
const EARLY_RETRY: Duration = Duration::from_secs(5);

/// After a failure with no token left the next try waits this long at first, and twice as long each time.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// Where that doubling ends.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

#[derive(Default)]
pub(super) struct Login {
    pub(super) access: Option<Access>,
    /// The newest tokens, from wherever they are. They outlive `access`: a dead access token can be replaced
    /// as long as there is a refresh token.
    pub(super) pair: Option<StoredTokens>,
    /// The refresh token that a stored one has displaced. A store can fall back to an older pair: then this
    /// is the good one.
    pub(super) spare: Option<Secret>,
    /// The refresh token that the engine was made with.
    pub(super) given: Option<Secret>,
    pub(super) dead: Dead,
    /// Whose login it is, where its tokens say so.
    pub(super) account: Option<String>,
    /// What the store held when it was last read or written, by its [`mark`].
    pub(super) seen: Option<Secret>,
    /// Set while it is not certain that the store has `pair`.
    pub(super) unsaved: Option<Unsaved>,
    pub(super) generation: u64,
    pub(super) flight: Option<Flight>,
    pub(super) flights: u64,
    /// Set when there is nothing left to try: a refused password, or a logout that was asked for.
    pub(super) ended: Option<Error>,
    /// After a failure with no token left, what it was, and when to ask again.
    pub(super) failed: Option<Failed>,
}

pub(super) struct Access {
    pub(super) credential: Credential,
    pub(super) refresh_at: SystemTime,
    pub(super) expires_at: SystemTime,
    pub(super) lifetime: Duration,
    /// When an early refresh failed last.
    failed_at: Option<SystemTime>,
}

/// Why the newest tokens are not in the store, as far as is known: an answer may have been lost.
pub(super) struct Unsaved {
    pub(super) reason: Error,
    /// Whether they may be there all the same.
    pub(super) tried: bool,
}

pub(super) struct Failed {
    pub(super) error: Error,
    again_at: SystemTime,
    wait: Duration,
}

/// What tells a stored pair from its successors.
pub(super) fn mark(tokens: &StoredTokens) -> &Secret {
    tokens
        .refresh_token
        .as_ref()
        .unwrap_or(&tokens.access_token)
}

pub(super) fn same(one: Option<&Secret>, other: Option<&Secret>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.expose() == other.expose(),
        (None, None) => true,
        _ => false,
    }
}

impl Login {
    /// The refresh token to present next: the newest that is not known to be used up or refused.
    pub(super) fn refresh_token(&self) -> Option<&Secret> {
        let newest = self
            .pair
            .as_ref()
            .and_then(|pair| pair.refresh_token.as_ref());
        [newest, self.spare.as_ref(), self.given.as_ref()]
            .into_iter()
            .flatten()
            .find(|token| !self.dead.contains(token))
    }

    /// The access token that serves at `now`.
    pub(super) fn serving(&self, now: SystemTime) -> Option<&Access> {
        self.access
            .as_ref()
            .filter(|access| now < access.expires_at)
    }

    /// Whether a refresh may begin although there is a token that serves.
    pub(super) fn may_renew_early(&self, now: SystemTime) -> bool {
        let waits = self
            .access
            .as_ref()
            .and_then(|access| access.failed_at)
            // A clock that was set back must not keep the engine from asking.
            .is_some_and(|failed_at| now >= failed_at && now < failed_at + EARLY_RETRY);
        !waits && self.ended.is_none() && self.refresh_token().is_some()
    }

    /// The last failure, while it is too early to ask again.
    pub(super) fn failure(&self, now: SystemTime) -> Option<&Error> {
        let failed = self.failed.as_ref()?;
        // A clock that was set back must not keep the engine from asking.
        let waits = now < failed.again_at && now + failed.wait >= failed.again_at;
        waits.then_some(&failed.error)
    }

    pub(super) fn fail(&mut self, error: &Error, now: SystemTime) {
        if let Some(access) = &mut self.access {
            access.failed_at = Some(now);
        }
        let wait = self
            .failed
            .as_ref()
            .map_or(FIRST_WAIT, |failed| failed.wait * 2)
            .min(LONGEST_WAIT);
        self.failed = Some(Failed {
            error: error.clone(),
            again_at: now + wait,
            wait,
        });
    }

    /// New tokens of this login: whatever was before is superseded.
    pub(super) fn renew(&mut self, tokens: StoredTokens) {
        self.pair = Some(tokens);
        self.spare = None;
    }

    /// Stored tokens that go before what is known, which is kept for when they turn out to be older.
    pub(super) fn find(&mut self, tokens: StoredTokens) {
        let known = self
            .pair
            .replace(tokens)
            .and_then(|pair| pair.refresh_token);
        let newest = self
            .pair
            .as_ref()
            .and_then(|pair| pair.refresh_token.as_ref());
        if known.is_some() && !same(known.as_ref(), newest) {
            self.spare = known;
        }
    }

    /// Whether what is stored is older than the newest tokens that are known. `mark` is that of the store.
    pub(super) fn supersedes(&self, mark: Option<&Secret>) -> bool {
        let Some(unsaved) = &self.unsaved else {
            return false;
        };
        // What was never tried nobody can have taken over and renewed.
        !unsaved.tried
            || mark.is_none_or(|mark| self.dead.contains(mark))
            || same(mark, self.seen.as_ref())
    }

    /// Forgets all tokens, and takes none of them again.
    pub(super) fn forget(&mut self) {
        if let Some(access) = self.access.take() {
            self.dead.add(access.credential.secret());
        }
        let pair = self.pair.take();
        let access_token = pair.as_ref().map(|pair| pair.access_token.clone());
        let refresh_token = pair.and_then(|pair| pair.refresh_token);
        let tokens = [
            access_token,
            refresh_token,
            self.spare.take(),
            self.given.take(),
        ];
        for token in tokens.into_iter().flatten() {
            self.dead.add(&token);
        }
        self.unsaved = None;
    }
}

impl Access {
    pub(super) const fn new(
        credential: Credential,
        refresh_at: SystemTime,
        expires_at: SystemTime,
        lifetime: Duration,
    ) -> Self {
        Self {
            credential,
            refresh_at,
            expires_at,
            lifetime,
            failed_at: None,
        }
    }

    /// Whether it expires within `least` of `now`, so that renewing it may help.
    pub(super) fn ends_within(&self, least: Duration, now: SystemTime) -> bool {
        let least = if self.credential.is_found() {
            least
        } else {
            // Another one would live no longer.
            least.min(self.lifetime / 2)
        };
        self.expires_at < now + least
    }
}
