//! The faults that wait for their requests.

use crate::fault::Fault;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Clones share the faults.
#[derive(Clone, Debug)]
pub(crate) struct Faults(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    seed: u64,
    /// How many were set so far.
    set: u64,
    waiting: Vec<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    fault: Fault,
    /// Says which requests a fault meets that meets some of them: the same ones for the same seed.
    chance: fastrand::Rng,
}

impl Waiting {
    /// Whether it happens to a request for this route.
    fn meets(&mut self, route: Option<&str>) -> bool {
        let own = self.fault.route.as_deref();
        let waits = own.is_none() || own == route;
        waits
            && self
                .fault
                .share
                .is_none_or(|share| self.chance.f64() < share)
    }
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(State {
            seed,
            set: 0,
            waiting: Vec::new(),
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, fault: Fault) {
        let mut state = self.state();
        // Each has chances of its own: two that meet half of the requests do not meet the same half.
        let chance = fastrand::Rng::with_seed(state.seed ^ state.set.rotate_left(32));
        state.set += 1;
        if fault.left() != Some(0) {
            state.waiting.push(Waiting { fault, chance });
        }
    }

    pub(crate) fn list(&self) -> Vec<Fault> {
        let state = self.state();
        let waiting = state.waiting.iter();
        waiting.map(|waiting| waiting.fault.clone()).collect()
    }

    /// Forgets those that wait. What is set next has the chances of the first.
    pub(crate) fn clear(&self) {
        let mut state = self.state();
        state.waiting.clear();
        state.set = 0;
    }

    /// The fault that a request for `route` meets: the first that waits for it.
    pub(crate) fn take(&self, route: impl FnOnce() -> Option<String>) -> Option<Fault> {
        let mut state = self.state();
        if state.waiting.is_empty() {
            return None;
        }
        let route = route();
        let mut waiting = state.waiting.iter_mut();
        let place = waiting.position(|waiting| waiting.meets(route.as_deref()))?;
        let fault = &mut state.waiting[place].fault;
        match fault.left() {
            Some(0 | 1) => return Some(state.waiting.remove(place).fault),
            Some(left) => fault.times = Some(left - 1),
            None => {}
        }
        Some(fault.clone())
    }
}
