//! How long a token store waits for its lock.

use std::time::Duration;

/// How long to wait between two tries to take the lock.
pub(crate) const POLL: Duration = Duration::from_millis(50);

/// How long to wait in all: who holds the lock for longer hangs, since a refresh takes less.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(120);
