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

/// How many exchanges with violations are kept for the report, unless they have more than `KEPT` bytes.
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

    /// Says that there was a body of so many bytes at least, which nobody has read.
    pub(crate) fn leave_out_body(&mut self, least: u64) {
        self.body = None;
        self.length = usize::try_from(least).unwrap_or(usize::MAX);
    }

    fn size(&self) -> usize {
        let headers = self.headers.iter();
        let headers: usize = headers.map(|(_, value)| value.len() + 64).sum();
        headers + self.body.as_ref().map_or(0, |body| body.len())
    }
}

impl Recorded {
    fn size(&self) -> usize {
        size_of_exchange(&self.exchange) + self.request.size() + self.answer.size()
    }
}

/// One body can break its schema in very many places.
fn size_of_exchange(exchange: &Exchange) -> usize {
    let violations = exchange.violations.iter();
    let violations = violations.map(|one| one.place.len() + one.problem.len() + 64);
    512 + exchange.path.len() + exchange.query.len() + violations.sum::<usize>()
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
    /// How many bytes those have.
    reported: usize,
    unreported: usize,
}

impl State {
    /// Keeps what the report says of an exchange, as far as there is room.
    fn report(&mut self, exchange: &Exchange) {
        let size = size_of_exchange(exchange);
        let has_room = self.violating.len() < REPORTED && self.reported + size <= KEPT;
        if has_room || self.violating.is_empty() {
            self.reported += size;
            self.violating.push(exchange.clone());
        } else {
            self.unreported += 1;
        }
    }

    /// What has a higher number than `number`, and the number of the last.
    fn after(&self, number: u64) -> (Vec<Arc<Recorded>>, u64) {
        // Numbers have no gaps: what has been seen is not looked at again.
        let first = self.records.front().map_or(0, |record| record.number);
        let seen =
            usize::try_from(number.saturating_add(1).saturating_sub(first)).unwrap_or(usize::MAX);
        let seen = seen.min(self.records.len());
        let newer = self.records.range(seen..);
        (newer.cloned().collect(), self.last)
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
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
        locked(&self.state)
    }

    /// Keeps an exchange, and numbers it.
    pub(crate) fn note(&self, mut record: Recorded) {
        let mut state = self.state();
        state.last += 1;
        record.number = state.last;
        if !record.exchange.violations.is_empty() {
            state.report(&record.exchange);
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
        self.state().after(number)
    }

    /// What is noted behind the number `after`, or from now on, until the journal is gone.
    pub(crate) fn follow(&self, after: Option<u64>) -> impl Stream<Item = Arc<Recorded>> + use<> {
        let changed = self.changed.subscribe();
        let seen = after.unwrap_or_else(|| self.state().last);
        // Not the journal itself: whoever follows it does not keep it.
        let begun = (Arc::clone(&self.state), seen, VecDeque::new(), changed);
        stream::unfold(
            begun,
            |(state, mut seen, mut waiting, mut changed)| async move {
                loop {
                    if let Some(next) = waiting.pop_front() {
                        return Some((next, (state, seen, waiting, changed)));
                    }
                    let (newer, last) = locked(&state).after(seen);
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
        let requests = if count == 1 { "request" } else { "requests" };
        let mut report = format!("{count} {requests} went against the document:\n");
        for exchange in &state.violating {
            let _ = writeln!(report, "{exchange}");
        }
        if state.unreported > 0 {
            let _ = writeln!(report, "and {} more", state.unreported);
        }
        Some(report)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Violation;

    fn recorded(violations: usize) -> Recorded {
        let violation = Violation::new("body.pets.1", "Field required");
        Recorded {
            number: 0,
            at: 0,
            micros: 0,
            fault: None,
            exchange: Exchange {
                service: "document",
                method: "POST".to_owned(),
                path: "/pets".to_owned(),
                query: String::new(),
                route: None,
                status: 422,
                faulty: false,
                violations: vec![violation; violations],
            },
            request: Message::default(),
            answer: Message::default(),
        }
    }

    #[test]
    fn violations_count_towards_what_is_kept() {
        let journal = Journal::default();
        for _ in 0..20 {
            // Between two and three megabytes.
            journal.note(recorded(30_000));
        }
        assert_eq!(journal.exchanges().len(), 3);
        let report = journal.report().unwrap();
        let first = report.lines().next();
        assert_eq!(first, Some("20 requests went against the document:"));
        assert!(report.ends_with("\nand 17 more\n"));
    }

    #[test]
    fn a_single_request_is_reported_however_much_is_wrong_with_it() {
        let journal = Journal::default();
        journal.note(recorded(100_000));
        let report = journal.report().unwrap();
        assert_eq!(report.lines().count(), 2 + 100_000);
        let first = report.lines().next();
        assert_eq!(first, Some("1 request went against the document:"));
    }
}
