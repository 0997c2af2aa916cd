//! The cloud's time: the machine's, moved as far as the test says.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How far it can be moved: a thousand years, after which dates still have years of four digits.
const FURTHEST: Duration = Duration::from_secs(1000 * 365 * 24 * 60 * 60);

#[derive(Debug, Default)]
pub(crate) struct CloudClock(Mutex<Duration>);

impl CloudClock {
    /// Moves the time forward, unless that is too far. Returns whether it was moved.
    pub(crate) fn advance(&self, by: Duration) -> bool {
        let mut moved = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let further = moved.checked_add(by);
        let Some(further) = further.filter(|further| *further <= FURTHEST) else {
            return false;
        };
        *moved = further;
        true
    }

    /// How far the time was moved.
    pub(crate) fn moved(&self) -> Duration {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Back to the machine's time.
    pub(crate) fn reset(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Duration::ZERO;
    }

    /// Seconds since 1970, as tokens count them.
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place where the machine's time comes in"
    )]
    pub(crate) fn now(&self) -> u64 {
        let moved = self.moved();
        let machine = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        (machine + moved).as_secs()
    }
}
