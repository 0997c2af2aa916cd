//! The faults that wait for their requests.

use crate::fault::Fault;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Clones share the faults.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults(Arc<Mutex<Vec<Fault>>>);

impl Faults {
    fn waiting(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, fault: Fault) {
        if fault.times > 0 {
            self.waiting().push(fault);
        }
    }

    pub(crate) fn list(&self) -> Vec<Fault> {
        self.waiting().clone()
    }

    pub(crate) fn clear(&self) {
        self.waiting().clear();
    }

    /// The fault that a request for `route` meets: the first that waits for it.
    pub(crate) fn take(&self, route: impl FnOnce() -> Option<String>) -> Option<Fault> {
        let mut waiting = self.waiting();
        if waiting.is_empty() {
            return None;
        }
        let route = route();
        let meets = |fault: &Fault| fault.route.is_none() || fault.route == route;
        let place = waiting.iter().position(meets)?;
        if waiting[place].times == 1 {
            return Some(waiting.remove(place));
        }
        waiting[place].times -= 1;
        Some(waiting[place].clone())
    }
}
