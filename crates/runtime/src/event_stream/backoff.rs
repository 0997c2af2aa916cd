//! How long to wait before the next try.

use crate::retry::{LONGEST_ASKED, Random};
use std::time::Duration;

/// The wait after the first failure, unless the service asks for another.
const FIRST: Duration = Duration::from_secs(1);

/// The waits between tries: they double with each failure, and half of each is chance.
#[derive(Debug)]
pub(super) struct Backoff {
    pub(super) longest: Duration,
    asked: Option<Duration>,
    failures: u32,
    random: Random,
}

impl Backoff {
    pub(super) fn new(random: Random) -> Self {
        Self {
            longest: Duration::from_secs(30),
            asked: None,
            failures: 0,
            random,
        }
    }

    /// The service asks for at least this wait from now on.
    pub(super) fn ask(&mut self, wait: Duration) {
        self.asked = Some(wait.min(LONGEST_ASKED));
    }

    /// What was there was good: the waits begin anew.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    /// The next wait.
    pub(super) fn next(&mut self) -> Duration {
        let asked = self.asked.unwrap_or_default();
        let doubled = asked
            .max(FIRST)
            .saturating_mul(2_u32.saturating_pow(self.failures.min(16)))
            .min(self.longest.max(asked));
        self.failures = self.failures.saturating_add(1);
        // Clients that were cut off together shall not come back together.
        let chance = self.random.fraction();
        doubled
            .mul_f64(0.5 + chance / 2.0)
            .max(asked.mul_f64(1.0 + chance / 4.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backoff() -> Backoff {
        Backoff::new(Random::new(Some(1)))
    }

    #[test]
    fn waits_double_up_to_a_limit_and_begin_anew_after_success() {
        let mut backoff = backoff();
        for most in [1, 2, 4, 8, 16, 30, 30, 30] {
            let wait = backoff.next().as_secs_f64();
            let most = f64::from(most);
            assert!((most / 2.0..=most).contains(&wait), "{wait} of {most}");
        }
        backoff.reset();
        assert!(backoff.next() <= FIRST);
    }

    #[test]
    fn what_the_service_asks_for_is_the_least() {
        for asked in [
            Duration::from_millis(10),
            Duration::from_secs(3),
            Duration::from_secs(90),
        ] {
            let mut backoff = backoff();
            backoff.ask(asked);
            for _ in 0..100 {
                let wait = backoff.next();
                assert!(
                    wait >= asked && wait <= (asked * 2).max(backoff.longest),
                    "{wait:?}"
                );
            }
        }
        let mut backoff = backoff();
        backoff.ask(Duration::MAX);
        assert!(backoff.next() <= LONGEST_ASKED * 2);
    }
}
