//! How far content has come that takes its time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How far an upload or a download has come.
///
/// ```
/// use imperal_runtime::{TransferProgress, Upload};
///
/// let upload = Upload::from_path("recording.ogg").on_progress(|progress: TransferProgress| {
///     println!("{} of {:?} bytes", progress.bytes, progress.total);
/// });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransferProgress {
    /// How many bytes have been handed to the network, or have come from it. Where a request is sent
    /// again it begins anew.
    pub bytes: u64,
    /// How many there are in all, where that is known.
    pub total: Option<u64>,
}

/// Whom progress is told.
pub(crate) type Report = Arc<dyn Fn(TransferProgress) + Send + Sync>;

/// Counts what is moved, and tells whoever wants to know.
pub(crate) struct Meter {
    pub(crate) report: Option<Report>,
    pub(crate) moved: TransferProgress,
}

impl Meter {
    pub(crate) const fn new(total: Option<u64>, report: Option<Report>) -> Self {
        let moved = TransferProgress { bytes: 0, total };
        Self { report, moved }
    }

    pub(crate) fn count(&mut self, part: &[u8]) {
        self.moved.bytes += part.len() as u64;
        if let Some(report) = &self.report {
            report(self.moved);
        }
    }
}

/// When something moved last. Nobody asks that of a call which may not take its time.
#[derive(Clone)]
pub(crate) struct Activity(Option<Arc<Mutex<Instant>>>);

impl Activity {
    /// Of a call that is a transfer, or is none.
    pub(crate) fn new(is_transfer: bool) -> Self {
        Self(is_transfer.then(|| Arc::new(Mutex::new(Instant::now()))))
    }

    pub(crate) fn touch(&self) {
        if let Some(moved_at) = &self.0 {
            *moved_at.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        }
    }

    /// Returns once nothing has moved for so long; of a call that is no transfer never.
    pub(crate) async fn stalled(&self, limit: Duration) {
        let Some(moved_at) = &self.0 else {
            return std::future::pending().await;
        };
        loop {
            let last = *moved_at.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(end) = last.checked_add(limit) else {
                // Longer than time can tell, such as `Duration::MAX`: never.
                return std::future::pending().await;
            };
            if Instant::now() >= end {
                return;
            }
            tokio::time::sleep_until(end).await;
        }
    }
}
