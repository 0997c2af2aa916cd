//! What a cloud remembers, for its services, its control and the test that started it.

use crate::accounts::Accounts;
use crate::clock::CloudClock;
use crate::events::Events;
#[cfg(feature = "client")]
use crate::expectations::Expectations;
use crate::faults::Faults;
use crate::journal::Journal;
use std::sync::Arc;

/// Clones share it.
#[derive(Clone)]
pub(crate) struct CloudState {
    pub(crate) clock: Arc<CloudClock>,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) events: Arc<Events>,
    pub(crate) faults: Faults,
    pub(crate) journal: Journal,
    #[cfg(feature = "client")]
    pub(crate) expectations: Arc<Expectations>,
}

impl CloudState {
    /// A state of the start, where the seed says which requests meet a fault that meets some of them.
    pub(crate) fn new(seed: u64, is_frozen: bool) -> Self {
        let clock = Arc::new(CloudClock::new(is_frozen));
        Self {
            accounts: Arc::new(Accounts::new(Arc::clone(&clock))),
            clock,
            events: Arc::default(),
            faults: Faults::new(seed),
            journal: Journal::default(),
            #[cfg(feature = "client")]
            expectations: Arc::default(),
        }
    }

    /// Back to how it was at the start. What was given out before means nothing from then on, and is not
    /// given out again.
    pub(crate) fn reset(&self) {
        self.faults.clear();
        #[cfg(feature = "client")]
        self.expectations.clear();
        self.accounts.reset();
        self.events.reset();
        self.clock.reset();
        // Last, so that it does not keep what was asked of the other parts while they were reset.
        self.journal.clear();
    }
}
