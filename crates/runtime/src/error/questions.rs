//! What an error can be asked.

use super::Kind;
use crate::received::Received;
use crate::{Detail, Error, TransportError};
use http::{HeaderMap, StatusCode};
use std::time::{Duration, SystemTime};

impl Error {
    /// The name of the operation that failed, if it happened in one.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// The HTTP status, if an answer came. Of a call that got no credential there is none: the answer to
    /// the login or refresh is that of the error's [`source`](std::error::Error::source).
    pub fn status(&self) -> Option<StatusCode> {
        self.received().map(|received| received.status)
    }

    /// The headers of the answer, if one came.
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.received().map(|received| &received.headers)
    }

    /// The body of the answer, up to [`Self::BODY_LIMIT`] bytes, if an answer came. It may hold
    /// anything that the service sent: look before you log it.
    pub fn body(&self) -> Option<&[u8]> {
        self.received().map(|received| &received.body[..])
    }

    /// The body of a failure as `T`, such as a type that the document gives for it; none if the body
    /// is of another form.
    ///
    /// ```
    /// use imperal_runtime::Error;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Conflict {
    ///     holder: String,
    /// }
    ///
    /// let body = br#"{"holder": "someone"}"#[..].into();
    /// let error = Error::from_answer(http::StatusCode::CONFLICT, http::HeaderMap::new(), body);
    /// assert_eq!(error.body_as::<Conflict>().unwrap().holder, "someone");
    /// ```
    pub fn body_as<T: serde::de::DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(self.body()?).ok()
    }

    /// What the service says went wrong, if its answer says so in a form that is known. Where that repeats a
    /// credential or another secret of the request, `[secret]` is in its place.
    pub fn detail(&self) -> Option<Detail> {
        self.received()?.detail()
    }

    /// The id under which the service logged the request, if it sent one.
    pub fn request_id(&self) -> Option<&str> {
        self.received()?.request_id()
    }

    /// Whether the service refused the credential, or to give one (401).
    pub fn is_unauthorized(&self) -> bool {
        self.cause().has_status(StatusCode::UNAUTHORIZED)
    }

    /// Whether the login has ended and cannot be renewed.
    pub fn is_logged_out(&self) -> bool {
        matches!(self.0.kind, Kind::LoggedOut(_))
    }

    /// Whether the service refused the login itself, such as its password. It is not tried again: every
    /// call fails in this way until the client is given another, or told to log in.
    pub fn is_login_refused(&self) -> bool {
        self.0.login_refused
    }

    /// Whether a payment is needed first (402).
    pub fn is_payment_required(&self) -> bool {
        self.has_status(StatusCode::PAYMENT_REQUIRED)
    }

    /// Whether the credential is not allowed to do this (403).
    pub fn is_forbidden(&self) -> bool {
        self.has_status(StatusCode::FORBIDDEN)
    }

    /// Whether there is no such thing (404).
    pub fn is_not_found(&self) -> bool {
        self.has_status(StatusCode::NOT_FOUND)
    }

    /// Whether it collides with something that exists or has changed (409).
    pub fn is_conflict(&self) -> bool {
        self.has_status(StatusCode::CONFLICT)
    }

    /// Whether the service did not accept what was sent (422).
    pub fn is_validation(&self) -> bool {
        self.has_status(StatusCode::UNPROCESSABLE_ENTITY)
    }

    /// Whether a rate limit or quota is used up (429).
    pub fn is_rate_limited(&self) -> bool {
        self.has_status(StatusCode::TOO_MANY_REQUESTS)
    }

    /// Whether the service itself failed (5xx).
    pub fn is_server_error(&self) -> bool {
        self.status().is_some_and(|status| status.is_server_error())
    }

    /// Whether no answer came in time.
    pub fn is_timeout(&self) -> bool {
        matches!(&self.0.kind, Kind::Transport(error) if matches!(**error, TransportError::Timeout))
    }

    /// Whether no connection could be made; the request was then certainly not processed.
    pub fn is_connect(&self) -> bool {
        matches!(&self.0.kind, Kind::Transport(error) if matches!(**error, TransportError::Connect(_)))
    }

    /// Whether the same call may go well later: no answer came or a broken one, the service said so (408, 429, 502,
    /// 503, 504), or the store of the login failed. Not so for a quota, which is final until it is raised or starts
    /// anew.
    ///
    /// ```
    /// use imperal_runtime::{Error, HeaderMap, StatusCode, TransportError};
    ///
    /// let limited = |body: &'static str| {
    ///     Error::from_answer(StatusCode::TOO_MANY_REQUESTS, HeaderMap::new(), body.into())
    /// };
    /// assert!(limited(r#"{"detail": "slow down"}"#).is_retryable());
    /// assert!(!limited(r#"{"detail": {"error_code": "QUOTA_EXCEEDED"}}"#).is_retryable());
    /// assert!(Error::from(TransportError::Timeout).is_retryable());
    /// ```
    pub fn is_retryable(&self) -> bool {
        match &self.0.kind {
            Kind::Renewal(cause) => cause.is_retryable(),
            Kind::Transport(_) | Kind::TokenStore(_) => true,
            Kind::Status(received) => match received.status.as_u16() {
                429 => !self.is_quota(),
                status => matches!(status, 408 | 502 | 503 | 504),
            },
            _ => false,
        }
    }

    /// Whether a quota is used up: a 429 that waiting does not change.
    fn is_quota(&self) -> bool {
        let Some(Detail::Object(detail)) = self.detail() else {
            return false;
        };
        let code = detail.get("error_code").and_then(serde_json::Value::as_str);
        detail.contains_key("quota") || code.is_some_and(|code| code.contains("QUOTA"))
    }

    /// How long the service asks to wait before the next try, by its `Retry-After` header. A date in it is
    /// measured against that of the answer, or against the machine's clock where the answer has none; one
    /// that has passed means no wait. Of a number of seconds no more than `u32::MAX` are taken.
    ///
    /// ```
    /// use imperal_runtime::{Error, HeaderMap, StatusCode};
    /// use std::time::Duration;
    ///
    /// let mut headers = HeaderMap::new();
    /// headers.insert("date", "Thu, 01 Jan 1970 00:00:15 GMT".parse().unwrap());
    /// headers.insert("retry-after", "Thu, 01 Jan 1970 00:01:00 GMT".parse().unwrap());
    /// let error = Error::from_answer(StatusCode::SERVICE_UNAVAILABLE, headers, "".into());
    /// assert_eq!(error.retry_after(), Some(Duration::from_secs(45)));
    /// ```
    pub fn retry_after(&self) -> Option<Duration> {
        self.cause().received()?.retry_after(None)
    }

    /// The same, from `now` on, for a program that has a clock of its own.
    ///
    /// ```
    /// use imperal_runtime::{Error, HeaderMap, StatusCode};
    /// use std::time::{Duration, UNIX_EPOCH};
    ///
    /// let mut headers = HeaderMap::new();
    /// headers.insert("retry-after", "Thu, 01 Jan 1970 00:01:00 GMT".parse().unwrap());
    /// let error = Error::from_answer(StatusCode::SERVICE_UNAVAILABLE, headers, "".into());
    /// assert_eq!(error.retry_after_at(UNIX_EPOCH), Some(Duration::from_secs(60)));
    /// ```
    pub fn retry_after_at(&self, now: SystemTime) -> Option<Duration> {
        self.cause().received()?.retry_after(Some(now))
    }

    /// Whether the client is not set up for this call: a bad URL, a missing variable or credential.
    pub fn is_configuration(&self) -> bool {
        matches!(
            self.0.kind,
            Kind::Configuration(_) | Kind::MissingCredential(_)
        )
    }

    /// Whether the store of the login could not be read, written or locked, as the store says by
    /// [`token_store`](Self::token_store). It may be later.
    ///
    /// ```
    /// use imperal_runtime::Error;
    ///
    /// let away = Error::token_store("the database that keeps the login is away");
    /// assert!(away.is_token_store() && away.is_retryable());
    /// assert!(!Error::configuration("the store holds something else").is_token_store());
    /// ```
    pub fn is_token_store(&self) -> bool {
        matches!(self.0.kind, Kind::TokenStore(_))
    }

    /// Whether a token that was given to be verified is not good.
    pub fn is_invalid_token(&self) -> bool {
        matches!(self.0.kind, Kind::InvalidToken(_))
    }

    /// Whether a file of this machine could not be read or written, or content is too large to be kept.
    pub fn is_file(&self) -> bool {
        matches!(self.0.kind, Kind::File(..))
    }

    /// Whether a list was left because the service answered a page again in place of the next.
    pub fn is_repeated_page(&self) -> bool {
        matches!(self.0.kind, Kind::RepeatedPage(_))
    }

    /// Whether an event came that cannot be read: it is too large, or its data is not of the form asked for.
    pub fn is_unreadable_event(&self) -> bool {
        matches!(self.0.kind, Kind::UnreadableEvent(_))
    }

    /// Whether the arguments were refused before anything was sent.
    pub fn is_invalid_request(&self) -> bool {
        matches!(self.0.kind, Kind::InvalidRequest(_))
    }

    /// The error itself, or that of the login or refresh which a call failed by.
    fn cause(&self) -> &Self {
        match &self.0.kind {
            Kind::Renewal(cause) => cause,
            _ => self,
        }
    }

    fn has_status(&self, status: StatusCode) -> bool {
        self.status() == Some(status)
    }

    pub(super) fn received(&self) -> Option<&Received> {
        match &self.0.kind {
            Kind::Status(received) | Kind::InvalidAnswer { received, .. } => Some(received),
            _ => None,
        }
    }
}
