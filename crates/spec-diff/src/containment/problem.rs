//! What keeps a containment from being proved.

use crate::instance::Instance;
use std::rc::Rc;

/// One obligation that was not met.
pub(super) struct Problem {
    pub(super) reason: Rc<str>,
    /// Values that may show that it does not hold.
    pub(super) candidates: Vec<Instance>,
    /// It is known where it stands: no value of the whole would show more.
    pub(super) settled: bool,
}

impl Problem {
    pub(super) fn new(reason: impl Into<Rc<str>>) -> Self {
        Self {
            reason: reason.into(),
            candidates: Vec::new(),
            settled: false,
        }
    }

    pub(super) fn shown(reason: impl Into<Rc<str>>, candidates: Vec<Instance>) -> Self {
        Self {
            candidates,
            ..Self::new(reason)
        }
    }

    pub(super) fn settled(reason: impl Into<Rc<str>>) -> Self {
        Self {
            settled: true,
            ..Self::new(reason)
        }
    }
}
