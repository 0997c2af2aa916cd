//! What an engine knows of its login.

use super::Flight;
use super::token_hashes::TokenHashes;
use crate::{Credential, Error, Secret, StoredTokens};
use std::cmp::Reverse;
use std::time::{Duration, SystemTime};

/// After an early refresh has failed, the next one waits this long: the token still serves.
const EARLY_RETRY: Duration = Duration::from_secs(5);

/// After a failure with no token left the next try waits this long at first, and twice as long each time.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// Where that doubling ends.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// How many spare refresh tokens are kept. With the newest one and the given one they are as many as one renewal
/// presents.
const SPARES: usize = 3;

/// What is known of the login, from wherever it is.
#[derive(Default)]
pub(super) struct Login {
    /// The access token in use.
    pub(super) access: Option<Access>,
    /// The newest tokens, from wherever they are. They outlive `access`: a dead access token can be replaced
    /// as long as there is a refresh token.
    pub(super) pair: Option<StoredTokens>,
    /// Refresh tokens that stored ones have displaced, the newest first. A store can fall back to an older pair, and
    /// then to another one: one of these is the good one then.
    spares: Vec<Spare>,
    /// The refresh token that the engine was made with.
    pub(super) given: Option<Secret>,
    /// Tokens that were traded or refused. They are not sent again, though a store may offer them still.
    pub(super) dead: TokenHashes,
    /// Refresh tokens that were stored with nothing to tell whose they are.
    unproven: TokenHashes,
    /// Whose login it is, where its tokens say so.
    pub(super) account: Option<String>,
    /// Whether the next tokens may be another account's, since a login was asked for.
    pub(super) may_change_account: bool,
    /// What the store held when it was last read or written, by its [`mark`].
    pub(super) seen: Option<Secret>,
    /// Set while it is not certain that the store has `pair`.
    pub(super) unsaved: Option<Unsaved>,
    /// The number of the access token that came last, in use or not.
    pub(super) generation: u64,
    /// The login or refresh that is under way.
    pub(super) flight: Option<Flight>,
    /// How many flights there have been.
    pub(super) flights: u64,
    /// Set when there is nothing left to try: a refused password, or a logout that was asked for.
    pub(super) ended: Option<Error>,
    /// After a failure with no token left, what it was, and when to ask again.
    pub(super) failed: Option<Failed>,
}

/// An access token, and how long it serves.
pub(super) struct Access {
    pub(super) credential: Credential,
    /// From when on it is replaced although it still serves.
    pub(super) refresh_at: SystemTime,
    pub(super) expires_at: SystemTime,
    pub(super) lifetime: Duration,
    /// When an early refresh failed last.
    failed_at: Option<SystemTime>,
}

/// A refresh token, and when the access token that came with it expires: of two pairs the one that expires later is the
/// newer, as far as the clocks of those who stored them agree.
struct Spare {
    refresh_token: Secret,
    expires_at: SystemTime,
}

/// Why the newest tokens are not in the store, as far as is known: an answer may have been lost.
pub(super) struct Unsaved {
    pub(super) reason: Error,
    /// Whether they may be there all the same.
    pub(super) tried: bool,
}

/// A failure that left no token, and when to ask again.
pub(super) struct Failed {
    error: Error,
    again_at: SystemTime,
    wait: Duration,
}

/// What tells a stored pair from those before and after it: the refresh token, which changes with every trade, or the
/// access token where there is none.
pub(super) fn mark(tokens: &StoredTokens) -> &Secret {
    tokens
        .refresh_token
        .as_ref()
        .unwrap_or(&tokens.access_token)
}

/// Whether both are the same token, or neither is there.
pub(super) fn same(one: Option<&Secret>, other: Option<&Secret>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.expose() == other.expose(),
        (None, None) => true,
        _ => false,
    }
}

impl Login {
    /// A login of which no more is known than a refresh token, or nothing.
    pub(super) fn starting_from(given: Option<Secret>) -> Self {
        Self {
            given,
            ..Self::default()
        }
    }

    /// All refresh tokens, in the order in which they are presented.
    fn refresh_tokens(&self) -> impl Iterator<Item = &Secret> {
        let newest = self
            .pair
            .as_ref()
            .and_then(|pair| pair.refresh_token.as_ref());
        let spares = self.spares.iter().map(|spare| &spare.refresh_token);
        newest.into_iter().chain(spares).chain(&self.given)
    }

    /// The refresh token to present next: the first that is not known to be used up or refused.
    pub(super) fn refresh_token(&self) -> Option<&Secret> {
        self.refresh_tokens()
            .find(|token| !self.dead.contains(token))
    }

    /// The access token, if it has not expired at `now`.
    pub(super) fn serving(&self, now: SystemTime) -> Option<&Access> {
        self.access
            .as_ref()
            .filter(|access| now < access.expires_at)
    }

    /// Whether an access token that is good until `expires_at` is worth being used in place of what there is.
    pub(super) fn would_gain_by(
        &self,
        access_token: &Secret,
        expires_at: SystemTime,
        now: SystemTime,
    ) -> bool {
        let own = self.access.as_ref().map(|own| own.credential.secret());
        let is_known = same(own, Some(access_token)) || self.dead.contains(access_token);
        // A store that fell back must not displace a token that serves for longer.
        !is_known
            && self
                .serving(now)
                .is_none_or(|own| own.expires_at < expires_at)
    }

    /// The newest tokens, if their refresh token is the one to present next.
    pub(super) fn renewable(&self) -> Option<&StoredTokens> {
        self.pair
            .as_ref()
            .filter(|pair| same(pair.refresh_token.as_ref(), self.refresh_token()))
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

    /// Notes that a renewal has failed, so that the next one waits.
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

    /// New tokens of this login, and whose it is if they say so: whatever was before is superseded.
    pub(super) fn renew(&mut self, tokens: StoredTokens, account: Option<String>) {
        self.pair = Some(tokens);
        self.spares.clear();
        if account.is_some() || self.may_change_account {
            self.account = account;
        }
        self.may_change_account = false;
    }

    /// Stored tokens that go before what is known, which is kept for when they turn out to be older.
    pub(super) fn prefer(&mut self, tokens: StoredTokens) {
        let displaced = self.pair.replace(tokens);
        if let Some(StoredTokens {
            refresh_token: Some(refresh_token),
            expires_at,
            ..
        }) = displaced
        {
            self.spares.push(Spare {
                refresh_token,
                expires_at,
            });
        }
        let Self {
            pair, spares, dead, ..
        } = self;
        let newest = pair.as_ref().and_then(|pair| pair.refresh_token.as_ref());
        spares.retain(|spare| {
            let token = &spare.refresh_token;
            !dead.contains(token) && !same(Some(token), newest)
        });
        spares.sort_by_key(|spare| Reverse(spare.expires_at));
        spares.truncate(SPARES);
    }

    /// Notes that nothing tells whose `stored` is, unless its refresh token is known already.
    pub(super) fn note_unproven(&mut self, stored: &StoredTokens) {
        let Some(token) = &stored.refresh_token else {
            return;
        };
        let is_known = self
            .refresh_tokens()
            .any(|known| same(Some(known), Some(token)));
        if !is_known {
            self.unproven.add(token);
        }
    }

    /// Whether nothing has told so far whose this refresh token is.
    pub(super) fn is_unproven(&self, refresh_token: &Secret) -> bool {
        self.unproven.contains(refresh_token)
    }

    /// Forgets a refresh token that has turned out to be another account's.
    pub(super) fn disown(&mut self, refresh_token: &Secret) {
        self.pair
            .take_if(|pair| same(pair.refresh_token.as_ref(), Some(refresh_token)));
        self.spares
            .retain(|spare| !same(Some(&spare.refresh_token), Some(refresh_token)));
    }

    /// Notes whose login it is. What is known of another account's is left behind: whoever goes over to an account does
    /// not mean to come back when its login ends.
    pub(super) fn belong_to(&mut self, account: String) {
        if self.account.as_ref().is_some_and(|own| *own != account) {
            self.pair = None;
            self.spares.clear();
        }
        self.account = Some(account);
        self.may_change_account = false;
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
        if let Some(pair) = self.pair.take() {
            self.dead.add(&pair.access_token);
            if let Some(refresh_token) = &pair.refresh_token {
                self.dead.add(refresh_token);
            }
        }
        for spare in self.spares.drain(..) {
            self.dead.add(&spare.refresh_token);
        }
        if let Some(given) = self.given.take() {
            self.dead.add(&given);
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    #[test]
    fn of_displaced_tokens_those_that_expire_last_are_kept_and_presented_first() {
        let mut login = Login::starting_from(Some("given".into()));
        let mut presented_after = |number: u64| {
            let refresh_token = format!("refresh-{number}").into();
            let expires_at = UNIX_EPOCH + Duration::from_secs(number);
            login.prefer(StoredTokens::new(
                "access".into(),
                Some(refresh_token),
                expires_at,
            ));
            let tokens = login.refresh_tokens().map(Secret::expose);
            tokens.collect::<Vec<_>>().join(" ")
        };
        for number in [9, 1, 5, 3, 7] {
            presented_after(number);
        }
        let expected = "refresh-2 refresh-9 refresh-7 refresh-5 given";
        assert_eq!(presented_after(2), expected);
        // One that is stored again is no spare any more.
        let expected = "refresh-9 refresh-7 refresh-5 refresh-2 given";
        assert_eq!(presented_after(9), expected);
    }
}
