//! The events that a test sends, to whoever listens.

use bytes::Bytes;
use futures::stream::{self, Stream, StreamExt};
use hyper::body::Frame;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// All events since the last reset. They are kept, so that who comes back is sent what it has missed.
#[derive(Debug)]
pub(crate) struct Events {
    state: Mutex<State>,
    changed: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct State {
    /// How many events there were before the first of these.
    forgotten: u64,
    frames: Vec<Bytes>,
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
        state.frames.push(frame.into());
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
            frames: Vec::new(),
            epoch: state.epoch + 1,
        };
        drop(state);
        self.changed.send_replace(());
    }

    /// What follows the event `last_id`, for as long as somebody listens.
    pub(crate) fn listen(
        self: &Arc<Self>,
        last_id: Option<u64>,
    ) -> impl Stream<Item = Result<Frame<Bytes>, Infallible>> + Send + 'static {
        let (epoch, forgotten, now) = {
            let state = self.state();
            (state.epoch, state.forgotten, state.frames.len())
        };
        // Who has heard nothing yet hears what comes from now on.
        let next = last_id.map_or(now, |id| {
            let heard = usize::try_from(id.saturating_sub(forgotten));
            heard.unwrap_or(now).min(now)
        });
        let listener = (Arc::clone(self), next, self.changed.subscribe());
        let events = stream::unfold(listener, move |(events, next, mut changed)| async move {
            loop {
                {
                    let state = events.state();
                    if state.epoch != epoch {
                        return None;
                    }
                    if let Some(frame) = state.frames.get(next).cloned() {
                        drop(state);
                        return Some((frame, (events, next + 1, changed)));
                    }
                }
                changed.changed().await.ok()?;
            }
        });
        let hello = stream::once(async { Bytes::from_static(b": connected\n\n") });
        hello.chain(events).map(|bytes| Ok(Frame::data(bytes)))
    }
}
