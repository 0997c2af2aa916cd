//! Listens, and connects again for as long as that is of use.

use super::backoff::Backoff;
use super::{Connect, Event};
use crate::error::Kind;
use crate::retry::{LONGEST_ASKED, Random};
use crate::{ByteStream, CallOptions, Clock, Error, Operation, RetryPolicy, TransportError};
use futures::StreamExt;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, StatusCode};
use sse_parse::SseParser;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// A connection that lasted so long was a good one.
const STABLE: Duration = Duration::from_secs(10);

/// What an open connection consists of.
struct Connection {
    body: ByteStream,
    parser: SseParser,
    since: Instant,
}

pub(super) struct Listener {
    pub(super) idle_timeout: Duration,
    pub(super) largest: usize,
    pub(super) last_id: String,
    pub(super) backoff: Backoff,
    reconnects: bool,
    operation: &'static str,
    connect: Connect,
    connection: Option<Connection>,
    /// Whether there has been a connection: only the first is made at once.
    begun: bool,
    /// The wait that the last refusal asked for, which the stream itself did not.
    asked_once: Option<Duration>,
    clock: Arc<dyn Clock>,
}

impl Listener {
    pub(super) fn new(
        operation: &Operation,
        random: Random,
        clock: Arc<dyn Clock>,
        connect: Connect,
    ) -> Self {
        Self {
            idle_timeout: Duration::from_secs(60),
            largest: 1024 * 1024,
            last_id: String::new(),
            backoff: Backoff::new(random),
            // Connecting again sends again what the operation does.
            reconnects: operation.is_idempotent(),
            operation: operation.id(),
            connect,
            connection: None,
            begun: false,
            asked_once: None,
            clock,
        }
    }

    /// The next event; an error only where listening on is of no use.
    pub(super) async fn next(&mut self) -> Result<Option<Event>, Error> {
        loop {
            let Some(connection) = &mut self.connection else {
                self.reconnect().await?;
                continue;
            };
            if let Some(event) = connection.parser.next_event() {
                return Ok(Some(Event::parsed(event)));
            }
            if connection.parser.overflows() > 0 {
                return Err(self.too_large());
            }
            let next = tokio::time::timeout(self.idle_timeout, connection.body.next());
            let problem = match next.await {
                Ok(Some(Ok(bytes))) => {
                    connection.parser.feed(&bytes);
                    if let Some(wait) = connection.parser.retry() {
                        self.backoff.ask(wait);
                    }
                    continue;
                }
                Ok(None) if !self.reconnects => return Ok(None),
                Ok(Some(Err(error))) => error,
                Ok(None) => Error::from(TransportError::Broken("the service ended it".into())),
                Err(_) => Error::from(TransportError::Timeout),
            };
            if !self.reconnects {
                return Err(problem.in_operation(self.operation));
            }
            tracing::debug!(operation.id = self.operation, %problem, "the event stream was cut off");
            connection
                .parser
                .last_event_id()
                .clone_into(&mut self.last_id);
            if connection.since.elapsed() >= STABLE {
                self.backoff.reset();
            }
            self.connection = None;
        }
    }

    /// Tries to connect once, after a wait if it is not the first time.
    async fn reconnect(&mut self) -> Result<(), Error> {
        if self.begun {
            let asked = self.asked_once.take().unwrap_or_default();
            let wait = self.backoff.next().max(asked.min(LONGEST_ASKED));
            tokio::time::sleep(wait).await;
        }
        self.begun = true;
        let options = self.options();
        let answer = match (self.connect)(options).await {
            Ok(answer) => answer,
            Err(error) if !self.reconnects || is_verdict(&error) => return Err(error),
            Err(error) => {
                self.asked_once = error.retry_after_at(self.clock.now());
                tracing::debug!(operation.id = self.operation, %error, "the event stream could not be opened");
                return Ok(());
            }
        };
        if answer.status() == StatusCode::NO_CONTENT {
            let error = Error::from_answer(
                answer.status(),
                answer.headers().clone(),
                bytes::Bytes::new(),
            );
            let error = error.with_hint("the service has no more events to send");
            return Err(error.in_operation(self.operation));
        }
        let media_type = answer.headers().get(CONTENT_TYPE);
        if self.reconnects
            && media_type.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
        {
            // What stands in for a service that is away.
            tracing::debug!(
                operation.id = self.operation,
                "a page came in place of the event stream"
            );
            return Ok(());
        }
        self.connection = Some(Connection {
            body: answer.into_inner(),
            parser: SseParser::with_last_event_id(self.last_id.clone()).max_buffer(self.largest),
            since: Instant::now(),
        });
        Ok(())
    }

    /// Tries follow each other here and not in the session, which would give up.
    fn options(&self) -> CallOptions {
        let mut options = CallOptions::new();
        if self.reconnects {
            options = options.retries(RetryPolicy::none());
        }
        options
            .headers
            .insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
        options
            .headers
            .insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        if !self.last_id.is_empty()
            // What no header can carry was never an id.
            && let Ok(id) = HeaderValue::from_bytes(self.last_id.as_bytes())
        {
            options
                .headers
                .insert(HeaderName::from_static("last-event-id"), id);
        }
        options
    }

    fn too_large(&self) -> Error {
        let error = Error::from_kind(Kind::UnreadableEvent(format!(
            "an event has more than {} bytes: allow more with `largest_event`",
            self.largest
        )));
        error.in_operation(self.operation)
    }
}

/// Whether the next try would end in the same way.
fn is_verdict(error: &Error) -> bool {
    if error.is_logged_out() || error.is_configuration() || error.is_invalid_request() {
        return true;
    }
    // A login that was refused is not tried again, so that it would be refused for ever.
    if error.is_unauthorized() || error.is_login_refused() {
        return true;
    }
    error.status().is_some_and(|status| {
        status.is_client_error() && !matches!(status.as_u16(), 408 | 425 | 429)
    })
}
