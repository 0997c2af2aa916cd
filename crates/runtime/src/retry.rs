//! When a request is sent again, and how often in all.

use crate::{Error, Operation};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often, and after what waits, a request is sent again that may be.
///
/// Only what is safe is sent again: an idempotent operation after no answer, a broken one, 408, 502, 503
/// or 504; any other only if it was certainly not processed, which is when no connection was made or a
/// rate limit refused it.
///
/// ```
/// use imperal_runtime::RetryPolicy;
/// use std::time::Duration;
///
/// let patient = RetryPolicy::default().attempts(8).longest_wait(Duration::from_secs(60));
/// assert_eq!(patient.max_attempts(), 8);
/// assert_eq!(RetryPolicy::none().max_attempts(), 1);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    attempts: u32,
    first_wait: Duration,
    longest_wait: Duration,
}

impl Default for RetryPolicy {
    /// Four attempts, with waits of at most 200 ms, 400 ms and 800 ms between them.
    fn default() -> Self {
        Self {
            attempts: 4,
            first_wait: Duration::from_millis(200),
            longest_wait: Duration::from_secs(10),
        }
    }
}

impl RetryPolicy {
    /// Every request is sent once.
    #[must_use]
    pub fn none() -> Self {
        Self {
            attempts: 1,
            ..Self::default()
        }
    }

    /// Sets how often a request is sent at most, the first time included. Zero means once.
    #[must_use]
    pub const fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = if attempts == 0 { 1 } else { attempts };
        self
    }

    /// Sets the longest wait before the second attempt. It doubles before each that follows; the actual
    /// wait is drawn between none and that.
    #[must_use]
    pub const fn first_wait(mut self, wait: Duration) -> Self {
        self.first_wait = wait;
        self
    }

    /// Sets where the doubling ends.
    #[must_use]
    pub const fn longest_wait(mut self, wait: Duration) -> Self {
        self.longest_wait = wait;
        self
    }

    /// How often a request is sent at most.
    pub const fn max_attempts(&self) -> u32 {
        self.attempts
    }

    /// The wait after the attempt with this number, drawn from the whole range: clients that failed
    /// together do not come back together.
    pub(crate) fn wait(&self, attempt: u32, random: &Random) -> Duration {
        let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1));
        let most = self
            .first_wait
            .saturating_mul(doubled)
            .min(self.longest_wait);
        most.mul_f64(random.fraction())
    }
}

/// The longest wait that a service can ask for. Who is asked to wait for longer is not kept waiting.
pub(crate) const LONGEST_ASKED: Duration = Duration::from_secs(600);

/// Keeps an outage from being multiplied: retries are paid for from an account that successes fill.
///
/// It starts with enough for ten retries, and a success earns a tenth of one. Clones share the account.
///
/// ```
/// use imperal_runtime::RetryBudget;
///
/// let budget = RetryBudget::default();
/// assert_eq!(budget.retries_left(), 10);
/// ```
#[derive(Clone, Debug)]
pub struct RetryBudget(Arc<AtomicU32>);

/// What a retry costs, in what a success earns.
const COST: u32 = 10;

/// The most that the account holds.
const CAPACITY: u32 = 100;

impl Default for RetryBudget {
    fn default() -> Self {
        Self(Arc::new(AtomicU32::new(CAPACITY)))
    }
}

impl RetryBudget {
    /// How many retries could be paid for now.
    pub fn retries_left(&self) -> u32 {
        self.0.load(Ordering::Relaxed) / COST
    }

    /// Pays for one retry, if there is enough.
    pub(crate) fn pay(&self) -> bool {
        let pay = |account: u32| account.checked_sub(COST);
        let paid = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, pay);
        paid.is_ok()
    }

    pub(crate) fn earn(&self) {
        // A full account, which is the rule, is not written to: all calls share it.
        let earn = |account: u32| (account < CAPACITY).then_some(account + 1);
        let _ = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, earn);
    }
}

/// A source of random numbers. Clones share the sequence.
#[derive(Clone, Debug)]
pub(crate) struct Random(Arc<Mutex<fastrand::Rng>>);

impl Random {
    /// A sequence that is another one each time, or always the same for the same seed.
    pub(crate) fn new(seed: Option<u64>) -> Self {
        let source = seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed);
        Self(Arc::new(Mutex::new(source)))
    }

    /// The next number, from 0 up to but not including 1.
    pub(crate) fn fraction(&self) -> f64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).f64()
    }
}

/// Whether `operation` may be sent again after `error`. `sent` says whether it went out at all.
pub(crate) fn may_retry(
    operation: &Operation,
    idempotent: Option<bool>,
    error: &Error,
    sent: bool,
) -> bool {
    if !error.is_retryable() {
        return false;
    }
    let unprocessed = !sent || error.is_connect() || error.is_rate_limited();
    unprocessed || idempotent.unwrap_or_else(|| operation.is_idempotent())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_limit_and_are_drawn_from_the_whole_range() {
        let policy = RetryPolicy::default()
            .first_wait(Duration::from_secs(1))
            .longest_wait(Duration::from_secs(5));
        let random = Random::new(Some(7));
        for (attempt, most) in [
            (1, 1.0),
            (2, 2.0),
            (3, 4.0),
            (4, 5.0),
            (40, 5.0),
            (u32::MAX, 5.0),
        ] {
            let waits: Vec<f64> = (0..200)
                .map(|_| policy.wait(attempt, &random).as_secs_f64())
                .collect();
            assert!(waits.iter().all(|wait| (0.0..=most).contains(wait)));
            assert!(
                waits.iter().any(|wait| *wait < most * 0.1)
                    && waits.iter().any(|wait| *wait > most * 0.9)
            );
        }
    }

    #[test]
    fn an_empty_budget_is_filled_by_successes() {
        let budget = RetryBudget::default();
        let paid = (0..20).filter(|_| budget.pay()).count();
        assert_eq!((paid, budget.retries_left()), (10, 0));
        (0..9).for_each(|_| budget.earn());
        assert!(!budget.pay());
        budget.earn();
        assert!(budget.pay());
        (0..1000).for_each(|_| budget.earn());
        assert_eq!(budget.retries_left(), 10);
    }
}
