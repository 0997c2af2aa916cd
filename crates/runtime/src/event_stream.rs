//! Server-sent events, for as long as somebody listens.

mod backoff;
mod event;
mod listener;

pub use event::Event;

use crate::private::Payload;
use crate::{Answer, ByteStream, CallOptions, Error, Operation, Session};
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream, Stream, StreamExt};
use listener::Listener;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// The events of an operation that answers `text/event-stream`. Nothing is sent before it is polled.
///
/// It connects, and connects again whenever the connection ends, breaks, or falls silent for longer than
/// [`idle_timeout`](Self::idle_timeout): each time with a credential that is good then, and telling the
/// service which event came last. The waits between tries grow and are drawn by chance, up to
/// [`longest_wait`](Self::longest_wait); where the service asks for a wait (`retry:`) it is at least that.
/// An error ends the stream, and there is one only when trying on is of no use: the service refuses the
/// request (401 with a new token, 403, 404 and other 4xx, but not 408, 425 and 429), has nothing to send
/// (204), or the login has ended.
///
/// An operation that must not be sent twice, such as a POST, is sent once: its events end with the
/// connection, and with an error if that breaks or falls silent.
///
/// Events are read as they are asked for. Who is slow is not sent more than the network holds: nothing is
/// dropped and nothing piles up here, and if the service gives up on the connection, the next one goes on
/// behind the event that was read last. A `next()` that is dropped loses nothing.
///
/// ```no_run
/// use futures::TryStreamExt;
///
/// # async fn example(mut events: imperal_runtime::EventStream) -> Result<(), imperal_runtime::Error> {
/// while let Some(event) = events.try_next().await? {
///     println!("{}: {}", event.name(), event.data());
/// }
/// # Ok(()) }
/// ```
#[must_use = "nothing is sent before it is polled"]
pub struct EventStream(State);

enum State {
    Waiting(Box<Listener>),
    Running(BoxStream<'static, Result<Event, Error>>),
    Done,
}

/// Connects once, with these options beside those of the client.
pub(crate) type Connect =
    Box<dyn FnMut(CallOptions) -> BoxFuture<'static, Result<Answer<ByteStream>, Error>> + Send>;

impl EventStream {
    /// The events of `operation`, as `connect` gets them. `session` lends its clock and its random numbers.
    ///
    /// ```
    /// use futures::{TryStreamExt, stream};
    /// use imperal_runtime::{
    ///     Answer, ByteStream, EventStream, HeaderMap, Method, Operation, Session, StatusCode,
    /// };
    ///
    /// /// A POST is sent once: its events end with the connection.
    /// static ASK: Operation = Operation::new("ask", Method::POST, "/v1/ask");
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal_runtime::Error> {
    /// let session = Session::builder().base_url("https://api.example.com").build()?;
    /// let mut events = EventStream::new(&session, &ASK, |_options| async {
    ///     let body = ByteStream::new(stream::iter([Ok("data: hello\n\n".into())]));
    ///     Ok(Answer::new(body, StatusCode::OK, HeaderMap::new()))
    /// });
    /// let event = events.try_next().await?.expect("there is one");
    /// assert_eq!((event.name(), event.data()), ("message", "hello"));
    /// assert!(events.try_next().await?.is_none());
    /// # Ok(()) }
    /// ```
    pub fn new<F, A>(session: &Session, operation: &'static Operation, mut connect: F) -> Self
    where
        F: FnMut(CallOptions) -> A + Send + 'static,
        A: Future<Output = Result<Answer<ByteStream>, Error>> + Send + 'static,
    {
        let connect: Connect = Box::new(move |options| Box::pin(connect(options)));
        let listener = Listener::new(operation, session.random(), session.clock(), connect);
        Self(State::Waiting(Box::new(listener)))
    }

    /// Sets how long nothing may come, not even a comment, before the connection is taken to be dead: 60 s
    /// by default.
    pub fn idle_timeout(self, timeout: Duration) -> Self {
        self.set(|listener| listener.idle_timeout = timeout)
    }

    /// Sets the longest wait between two tries, unless the service asks for a longer one: 30 s by default.
    pub fn longest_wait(self, wait: Duration) -> Self {
        self.set(|listener| listener.backoff.longest = wait)
    }

    /// Sets the most bytes that one event may have, beyond which the stream ends with an error: 1 MiB by
    /// default.
    pub fn largest_event(self, bytes: usize) -> Self {
        self.set(|listener| listener.largest = bytes)
    }

    /// Goes on behind the event with this id, where the service can. To go on after a restart, keep the
    /// [`id`](Event::id) of each event once it is handled, and give the last one here.
    pub fn resume_after(self, id: impl Into<String>) -> Self {
        let id = id.into();
        self.set(|listener| listener.last_id = id)
    }

    /// Changes how it listens. Of a stream that has begun nothing is changed: its listener is inside of it
    /// by then.
    fn set(mut self, change: impl FnOnce(&mut Listener)) -> Self {
        if let State::Waiting(listener) = &mut self.0 {
            change(listener);
        }
        self
    }
}

impl Session {
    /// The events of `operation`, which has no parameters: a stream for which there is no generated method.
    ///
    /// ```no_run
    /// use futures::TryStreamExt;
    /// use imperal_runtime::{AnswerKind, Method, Operation};
    ///
    /// static NEWS: Operation =
    ///     Operation::new("news", Method::GET, "/v1/news").answer(AnswerKind::Bytes);
    ///
    /// # async fn example(session: imperal_runtime::Session) -> Result<(), imperal_runtime::Error> {
    /// let mut news = session.events(&NEWS);
    /// while let Some(event) = news.try_next().await? {
    ///     println!("{}", event.data());
    /// }
    /// # Ok(()) }
    /// ```
    pub fn events(&self, operation: &'static Operation) -> EventStream {
        let session = self.clone();
        EventStream::new(self, operation, move |options| {
            let session = session.with_options(&options);
            async move {
                let url = session.url(operation.path());
                let request = session.http().request(operation.method().clone(), url);
                let request = request.build().map_err(Into::into);
                session.call_stream(operation, request, Payload::None).await
            }
        })
    }
}

impl Stream for EventStream {
    type Item = Result<Event, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let State::Waiting(_) = self.0
            && let State::Waiting(listener) = std::mem::replace(&mut self.0, State::Done)
        {
            let events = stream::unfold(Some(listener), |listener| async move {
                let mut listener = listener?;
                match listener.next().await {
                    Ok(Some(event)) => Some((Ok(event), Some(listener))),
                    Ok(None) => None,
                    // Nothing is heard after an error.
                    Err(error) => Some((Err(error), None)),
                }
            });
            self.0 = State::Running(events.boxed());
        }
        match &mut self.0 {
            State::Running(events) => events.poll_next_unpin(context),
            State::Waiting(_) | State::Done => Poll::Ready(None),
        }
    }
}

impl std::fmt::Debug for EventStream {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("EventStream")
    }
}
