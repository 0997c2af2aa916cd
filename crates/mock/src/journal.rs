//! The exchanges so far, within bounds.

use crate::exchange::Exchange;
use futures::stream::{self, Stream};
use http::{HeaderMap, HeaderName};
use std::collections::{HashMap, VecDeque};
use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// How many bytes of exchanges are kept: of more, the oldest go.
const KEPT: usize = 8 * 1024 * 1024;

/// How many exchanges with violations are kept for the report.
const REPORTED: usize = 1_000;

/// An exchange, and what is shown of it beyond what tests ask for.
#[derive(Clone)]
pub(crate) struct Recorded {
    pub(crate) number: u64,
    /// The cloud's time, in seconds since 1970.
    pub(crate) at: u64,
    pub(crate) micros: u64,
    pub(crate) fault: Option<String>,
    pub(crate) exchange: Exchange,
    pub(crate) request: Message,
    pub(crate) answer: Message,
}

/// A body larger than this is not kept.
const BODY_KEPT: usize = 1024 * 1024;

/// One side of an exchange, with its secrets: they are hidden when it is shown.
#[derive(Clone, Default)]
pub(crate) struct Message {
    pub(crate) headers: Vec<(HeaderName, Box<[u8]>)>,
    /// None if it was too large to be kept.
    pub(crate) body: Option<Box<[u8]>>,
    /// How many bytes the body had.
    pub(crate) length: usize,
}

impl Message {
    /// Copies what is kept, which would hold on to the buffers of its connection otherwise.
    pub(crate) fn of(headers: &HeaderMap, body: &[u8]) -> Self {
        let headers = headers.iter();
        let headers = headers.map(|(name, value)| (name.clone(), value.as_bytes().into()));
        Self {
            headers: headers.collect(),
            body: (body.len() <= BODY_KEPT).then(|| body.into()),
            length: body.len(),
        }
    }

    fn size(&self) -> usize {
        let headers = self.headers.iter();
        let headers: usize = headers.map(|(_, value)| value.len() + 64).sum();
        headers + self.body.as_ref().map_or(0, |body| body.len())
    }
}

impl Recorded {
    fn size(&self) -> usize {
        512 + self.request.size() + self.answer.size()
    }
}

/// Clones share the exchanges.
#[derive(Clone)]
pub(crate) struct Journal {
    state: Arc<Mutex<State>>,
    changed: Arc<watch::Sender<()>>,
}

#[derive(Default)]
struct State {
    last: u64,
    kept: usize,
    records: VecDeque<Arc<Recorded>>,
    violating: Vec<Exchange>,
    unreported: usize,
}

impl Default for Journal {
    fn default() -> Self {
        Self {
            state: Arc::default(),
            changed: Arc::new(watch::Sender::new(())),
        }
    }
}

impl Journal {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps an exchange, and numbers it.
    pub(crate) fn note(&self, mut record: Recorded) {
        let mut state = self.state();
        state.last += 1;
        record.number = state.last;
        if !record.exchange.violations.is_empty() {
            if state.violating.len() < REPORTED {
                let exchange = record.exchange.clone();
                state.violating.push(exchange);
            } else {
                state.unreported += 1;
            }
        }
        state.kept += record.size();
        state.records.push_back(Arc::new(record));
        while state.kept > KEPT
            && let Some(oldest) = state.records.pop_front()
        {
            state.kept -= oldest.size();
        }
        drop(state);
        self.changed.send_replace(());
    }

    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        let state = self.state();
        let records = state.records.iter();
        records.map(|record| record.exchange.clone()).collect()
    }

    /// What has a higher number than `number`, and the number of the last.
    pub(crate) fn after(&self, number: u64) -> (Vec<Arc<Recorded>>, u64) {
        let state = self.state();
        // Numbers have no gaps: what has been seen is not looked at again.
        let first = state.records.front().map_or(0, |record| record.number);
        let seen =
            usize::try_from(number.saturating_add(1).saturating_sub(first)).unwrap_or(usize::MAX);
        let seen = seen.min(state.records.len());
        let newer = state.records.range(seen..);
        (newer.cloned().collect(), state.last)
    }

    /// What is noted from now on.
    pub(crate) fn follow(&self, after: Option<u64>) -> impl Stream<Item = Arc<Recorded>> + use<> {
        let changed = self.changed.subscribe();
        let seen = after.unwrap_or_else(|| self.state().last);
        let begun = (self.clone(), seen, VecDeque::new(), changed);
        stream::unfold(
            begun,
            |(journal, mut seen, mut waiting, mut changed)| async move {
                loop {
                    if let Some(next) = waiting.pop_front() {
                        return Some((next, (journal, seen, waiting, changed)));
                    }
                    let (newer, last) = journal.after(seen);
                    seen = last;
                    waiting.extend(newer);
                    if waiting.is_empty() {
                        changed.changed().await.ok()?;
                    }
                }
            },
        )
    }

    pub(crate) fn clear(&self) {
        let mut state = self.state();
        let last = state.last;
        *state = State::default();
        state.last = last;
    }

    /// How many exchanges each route of each service has had, of those that are kept, and how many violations.
    pub(crate) fn counts(&self) -> HashMap<(&'static str, String), (usize, usize)> {
        let mut counts = HashMap::new();
        for record in &self.state().records {
            let exchange = &record.exchange;
            if let Some(route) = &exchange.route {
                let (calls, violations) = counts
                    .entry((exchange.service, route.clone()))
                    .or_insert((0, 0));
                *calls += 1;
                *violations += exchange.violations.len();
            }
        }
        counts
    }

    /// The requests that went against the document, a line for each violation; none if none did.
    pub(crate) fn report(&self) -> Option<String> {
        let state = self.state();
        if state.violating.is_empty() {
            return None;
        }
        let count = state.violating.len() + state.unreported;
        let mut report = format!("{count} requests went against the document:\n");
        for exchange in &state.violating {
            let _ = writeln!(report, "{exchange}");
        }
        if state.unreported > 0 {
            let _ = writeln!(report, "and {} more", state.unreported);
        }
        Some(report)
    }
}
