//! The events that a test sends, to whoever listens.

use bytes::Bytes;
use futures::stream::{self, Stream};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// How many bytes of events are kept: of more, the oldest go.
const KEPT: usize = 8 * 1024 * 1024;

/// The events since the last reset. They are kept, so that who comes back is sent what it has missed.
#[derive(Debug)]
pub(crate) struct Events {
    state: Mutex<State>,
    changed: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct State {
    /// How many events there were before the first of these.
    forgotten: u64,
    frames: VecDeque<Bytes>,
    /// How many bytes they have.
    size: usize,
    /// Streams of an earlier epoch have been cut off.
    epoch: u64,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            state: Mutex::default(),
            changed: watch::Sender::new(()),
        }
    }
}

impl State {
    /// The id of the newest event, or 0.
    fn last(&self) -> u64 {
        self.forgotten + self.frames.len() as u64
    }

    fn keep(&mut self, frame: Bytes) {
        self.size += frame.len();
        self.frames.push_back(frame);
        // The newest stays, however large it is: nobody has heard it yet.
        while self.size > KEPT
            && self.frames.len() > 1
            && let Some(oldest) = self.frames.pop_front()
        {
            self.size -= oldest.len();
            self.forgotten += 1;
        }
    }

    /// The first event that is kept of those behind the one with this id, and its own id.
    fn after(&self, id: u64) -> Option<(u64, Bytes)> {
        let heard = id.max(self.forgotten);
        let place = usize::try_from(heard - self.forgotten).ok()?;
        let frame = self.frames.get(place)?;
        Some((heard + 1, frame.clone()))
    }
}

impl Events {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends an event, and returns its id.
    pub(crate) fn push(&self, name: &str, data: &str) -> u64 {
        let mut state = self.state();
        let id = state.last() + 1;
        let mut frame = format!("id: {id}\nevent: {name}\n");
        for line in data.split('\n') {
            frame.push_str("data: ");
            frame.push_str(line);
            frame.push('\n');
        }
        frame.push('\n');
        state.keep(frame.into());
        drop(state);
        self.changed.send_replace(());
        id
    }

    /// Ends all streams that are open.
    pub(crate) fn cut_off(&self) {
        self.state().epoch += 1;
        self.changed.send_replace(());
    }

    /// Open streams end, and no event is left. Ids go on: one that a listener remembers never comes to mean
    /// another event.
    pub(crate) fn reset(&self) {
        let mut state = self.state();
        *state = State {
            forgotten: state.last(),
            epoch: state.epoch + 1,
            ..State::default()
        };
        drop(state);
        self.changed.send_replace(());
    }

    /// What follows the event `last_id`, for as long as somebody listens.
    pub(crate) fn listen(
        self: &Arc<Self>,
        last_id: Option<u64>,
    ) -> impl Stream<Item = Bytes> + Send + 'static {
        let (epoch, last) = {
            let state = self.state();
            (state.epoch, state.last())
        };
        // Who has heard nothing yet hears what comes from now on.
        let heard = last_id.unwrap_or(last).min(last);
        let listener = (Arc::clone(self), heard, self.changed.subscribe());
        stream::unfold(listener, move |(events, heard, mut changed)| async move {
            loop {
                {
                    let state = events.state();
                    if state.epoch != epoch {
                        return None;
                    }
                    if let Some((id, frame)) = state.after(heard) {
                        drop(state);
                        return Some((frame, (events, id, changed)));
                    }
                }
                changed.changed().await.ok()?;
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{FutureExt, StreamExt};

    #[test]
    fn no_more_events_are_kept_than_eight_megabytes_hold() {
        let events = Arc::new(Events::default());
        let large = "x".repeat(KEPT / 4);
        for id in 1..=6 {
            assert_eq!(events.push("large", &large), id);
        }
        // One who comes late goes on with the oldest that is kept.
        let heard = events.listen(Some(0)).take(3);
        let heard: Vec<Bytes> = heard.collect().now_or_never().unwrap();
        let begins: Vec<&[u8]> = heard.iter().map(|frame| &frame[..6]).collect();
        assert_eq!(begins, [b"id: 4\n", b"id: 5\n", b"id: 6\n"]);
        let mut rest = Box::pin(events.listen(Some(6)));
        assert!(rest.next().now_or_never().is_none());
        assert_eq!(events.push("small", "7"), 7);
        let next = rest.next().now_or_never().flatten().unwrap();
        assert!(next.starts_with(b"id: 7\n"));
    }
}
