//! What a call leaves in the traces of an application: a span for each request that is sent, by the names
//! of OpenTelemetry's HTTP clients.

use crate::base_url::BaseUrl;
use crate::{Error, Operation};
use http::StatusCode;
use tracing::{Span, field};

/// The spans of one call.
pub(crate) struct Trace<'a> {
    operation: &'a Operation,
    base: Option<&'a BaseUrl>,
    /// How often the request has gone out.
    requests: u32,
    /// Whether it may have been processed.
    sent: bool,
    span: Span,
}

impl<'a> Trace<'a> {
    pub(crate) const fn new(operation: &'a Operation, base: Option<&'a BaseUrl>) -> Self {
        Self {
            operation,
            base,
            requests: 0,
            sent: false,
            span: Span::none(),
        }
    }

    /// Whether the request has gone out since the last refusal of its credential, and so may have been
    /// processed.
    pub(crate) const fn is_sent(&self) -> bool {
        self.sent
    }

    /// The span of a request that goes out now.
    pub(crate) fn begin(&mut self) -> Span {
        let operation = self.operation;
        self.span = tracing::info_span!(
            "http.client.request",
            otel.kind = "client",
            otel.name = %format_args!("{} {}", operation.method(), operation.path()),
            otel.status_code = field::Empty,
            http.request.method = %operation.method(),
            http.request.resend_count = self.requests,
            url.template = operation.path(),
            server.address = self.base.map(BaseUrl::host),
            server.port = self.base.and_then(BaseUrl::port),
            operation.id = operation.id(),
            http.response.status_code = field::Empty,
            error.type = field::Empty,
            error.message = field::Empty,
        );
        self.requests += 1;
        self.sent = true;
        self.span.clone()
    }

    /// The credential was refused, so that nothing was processed.
    pub(crate) fn refused(&mut self, refusal: &Error) {
        self.came_of_it(Err(refusal));
        self.sent = false;
    }

    /// Notes what came of the request that went out last.
    pub(crate) fn came_of_it(&mut self, outcome: Result<StatusCode, &Error>) {
        let span = std::mem::replace(&mut self.span, Span::none());
        if span.is_disabled() {
            return;
        }
        let status = match outcome {
            Ok(status) => Some(status),
            Err(error) => {
                span.record("otel.status_code", "ERROR");
                span.record("error.type", field::display(error_type(error)));
                span.record("error.message", field::display(error));
                error.status()
            }
        };
        if let Some(status) = status {
            span.record("http.response.status_code", status.as_u16());
        }
    }
}

/// Few different words, as OpenTelemetry wants them: the status, or what kind of failure it is.
fn error_type(error: &Error) -> String {
    match error.status() {
        Some(status) if !status.is_success() => status.as_str().to_owned(),
        Some(_) => "unreadable".to_owned(),
        None if error.is_timeout() => "timeout".to_owned(),
        None if error.is_connect() => "connect".to_owned(),
        None if error.is_retryable() => "broken".to_owned(),
        None => "other".to_owned(),
    }
}
