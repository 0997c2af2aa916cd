//! What callers are told when something goes wrong: RFC 9457, in words of our own.
//!
//! What the cloud said stays in the log. It may name hosts, accounts or keys that are none of the caller's
//! business, and its status is not ours: a 401 of the cloud is about this service's login, not the caller's.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use imperal::Error;
use serde::Serialize;
use std::time::Duration;

/// How long to wait before the next try where the cloud does not say.
const USUAL_WAIT: Duration = Duration::from_secs(5);

/// A failure as the caller sees it.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    detail: &'static str,
    retry_after: Option<Duration>,
}

/// Its body. There is no `type`: the title says no more than the status does.
#[derive(Serialize)]
struct Body {
    title: &'static str,
    status: u16,
    detail: &'static str,
}

impl Problem {
    /// The request is not one that this service takes.
    pub(crate) fn bad_request(detail: &'static str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            detail,
            retry_after: None,
        }
    }

    /// The cloud cannot be asked for now.
    pub(crate) fn unavailable(error: &Error) -> Self {
        tracing::warn!(%error, "the cloud is not available");
        let asked = error.retry_after();
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            detail: "The cloud behind this service does not answer at the moment.",
            retry_after: Some(asked.unwrap_or(USUAL_WAIT)),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        if error.is_invalid_request() {
            // Nothing was sent: what the caller asked for is outside of the bounds that the SDK knows.
            tracing::debug!(%error, "a request was refused");
            return Self::bad_request("The marketplace takes no such search.");
        }
        // No answer, a rate limit, or a service that says so itself; by now the SDK has tried again.
        if error.is_retryable() {
            return Self::unavailable(&error);
        }
        // A refused login, an answer that cannot be read, a bug: for whoever runs this service to look at.
        tracing::error!(%error, "a call of the cloud failed");
        Self {
            status: StatusCode::BAD_GATEWAY,
            detail: "The cloud behind this service gave no usable answer.",
            retry_after: None,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Body {
            title: self.status.canonical_reason().unwrap_or_default(),
            status: self.status.as_u16(),
            detail: self.detail,
        };
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(whole_seconds(wait)));
        }
        response
    }
}

/// Rounded up, and never none: who comes back at once comes too early.
fn whole_seconds(wait: Duration) -> u64 {
    let begun = u64::from(wait.subsec_nanos() > 0);
    wait.as_secs().saturating_add(begun).max(1)
}
