//! Pages that are fetched while the caller is busy with those before.

use super::Page;
use crate::Error;
use crate::error::Kind;
use futures::stream::{BoxStream, Stream, StreamExt};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Fetches up to `count` pages that have not been asked for. Nothing is fetched before the first is, and
/// nothing any more once this is dropped.
pub(super) struct ReadAhead<T> {
    count: usize,
    state: State<T>,
}

enum State<T> {
    Waiting(BoxStream<'static, Result<Page<T>, Error>>),
    Running(mpsc::Receiver<Result<Page<T>, Error>>, JoinHandle<()>),
    Done,
}

impl<T: Send + 'static> ReadAhead<T> {
    pub(super) fn new(pages: BoxStream<'static, Result<Page<T>, Error>>, count: usize) -> Self {
        Self {
            count,
            state: State::Waiting(pages),
        }
    }

    fn start(
        &self,
        mut pages: BoxStream<'static, Result<Page<T>, Error>>,
    ) -> Result<State<T>, Error> {
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| Error::no_runtime())?;
        let (sender, receiver) = mpsc::channel(self.count.min(tokio::sync::Semaphore::MAX_PERMITS));
        let task = runtime.spawn(async move {
            // The place comes first: a page without one would be fetched beyond the bound.
            while let Ok(place) = sender.reserve().await {
                let Some(page) = pages.next().await else {
                    break;
                };
                place.send(page);
            }
        });
        Ok(State::Running(receiver, task))
    }
}

impl<T: Send + 'static> Stream for ReadAhead<T> {
    type Item = Result<Page<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let State::Waiting(_) = self.state
            && let State::Waiting(pages) = std::mem::replace(&mut self.state, State::Done)
        {
            match self.start(pages) {
                Ok(running) => self.state = running,
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
        let State::Running(pages, task) = &mut self.state else {
            return Poll::Ready(None);
        };
        if let Some(page) = ready!(pages.poll_recv(context)) {
            return Poll::Ready(Some(page));
        }
        // No page comes any more: because there is none, or because the task is no more.
        let ended = ready!(Pin::new(task).poll(context));
        self.state = State::Done;
        Poll::Ready(ended.err().map(|_| {
            Err(Error::from_kind(Kind::Internal(
                "the task that fetches pages ahead crashed, or its runtime was shut down"
                    .to_owned(),
            )))
        }))
    }
}

impl<T> Drop for ReadAhead<T> {
    fn drop(&mut self) {
        if let State::Running(_, task) = &self.state {
            task.abort();
        }
    }
}
