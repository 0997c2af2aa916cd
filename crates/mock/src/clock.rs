//! The cloud's time: the machine's, or one that stands still, moved as far as the test says.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How far it can be moved: a thousand years, after which dates still have years of four digits.
const FURTHEST: Duration = Duration::from_secs(1000 * 365 * 24 * 60 * 60);

#[derive(Debug, Default)]
pub(crate) struct CloudClock {
    moved: Mutex<Duration>,
    /// The time since 1970 at which it stands still, if it does.
    still: Option<Duration>,
}

impl CloudClock {
    /// A clock that goes with the machine's, or stands still but for what it is moved.
    pub(crate) fn new(is_frozen: bool) -> Self {
        Self {
            moved: Mutex::default(),
            still: is_frozen.then(machine),
        }
    }

    /// Moves the time forward, unless that is too far. Returns whether it was moved.
    pub(crate) fn advance(&self, by: Duration) -> bool {
        let mut moved = self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        let further = moved.checked_add(by);
        let Some(further) = further.filter(|further| *further <= FURTHEST) else {
            return false;
        };
        *moved = further;
        true
    }

    /// How far the time was moved.
    pub(crate) fn moved(&self) -> Duration {
        *self.moved.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Back to the machine's time, or to the one at which it stood still first.
    pub(crate) fn reset(&self) {
        *self.moved.lock().unwrap_or_else(PoisonError::into_inner) = Duration::ZERO;
    }

    /// Seconds since 1970, as tokens count them.
    pub(crate) fn now(&self) -> u64 {
        let moved = self.moved();
        (self.still.unwrap_or_else(machine) + moved).as_secs()
    }
}

/// The time since 1970 by the machine.
#[allow(
    clippy::disallowed_methods,
    reason = "the one place where the machine's time comes in"
)]
fn machine() -> Duration {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default()
}
