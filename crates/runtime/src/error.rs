//! The one error of every call.

use crate::received::Received;
use crate::{Detail, Secret, TransportError};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Why a call failed.
///
/// One type for everything, cheap to clone. Ask it what you need to know: [`status`](Self::status),
/// [`detail`](Self::detail), [`is_not_found`](Self::is_not_found) and their like. Its `Display` is one
/// line for a person; neither it nor `Debug` shows a credential or the body of an answer.
///
/// ```
/// use imperal_runtime::{Detail, Error, HeaderMap, StatusCode};
///
/// # let body = r#"{"detail": "no such app"}"#;
/// # let outcome: Result<(), Error> = Err(Error::from_answer(StatusCode::NOT_FOUND, HeaderMap::new(), body.into()));
/// match outcome {
///     Ok(()) => println!("done"),
///     Err(error) if error.is_not_found() => {
///         assert_eq!(error.detail(), Some(Detail::Text("no such app".to_owned())));
///         assert_eq!(error.to_string(), "the service answered 404 Not Found: no such app");
///     }
///     Err(error) if error.is_retryable() => eprintln!("later, perhaps: {error}"),
///     Err(error) => eprintln!("{error}"),
/// }
/// ```
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    operation: Option<&'static str>,
    kind: Kind,
    hint: Option<String>,
    login_refused: bool,
}

#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Kind {
    #[error("{0}")]
    Configuration(String),
    #[error("{0}")]
    InvalidRequest(String),
    #[error("{0}")]
    MissingCredential(String),
    #[error("the token is not good: {0}")]
    InvalidToken(String),
    #[error("logged out: {0}; log in again")]
    LoggedOut(String),
    #[error("the credential could not be renewed: {0}")]
    Renewal(Error),
    #[error("{0}")]
    Transport(Arc<TransportError>),
    #[error("the service answered {}", .0.describe())]
    Status(Received),
    #[error("the service answered {} with a body that {problem}", .received.status)]
    InvalidAnswer { received: Received, problem: String },
    #[error("{0}")]
    File(String, Option<Arc<std::io::Error>>),
    #[error("{0}")]
    TokenStore(String),
    #[error("{0}")]
    RepeatedPage(String),
    #[error("{0}")]
    UnreadableEvent(String),
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// How many bytes of a body an error keeps.
    pub const BODY_LIMIT: usize = 64 * 1024;

    pub(crate) fn from_kind(kind: Kind) -> Self {
        Self(Arc::new(Inner {
            operation: None,
            kind,
            hint: None,
            login_refused: false,
        }))
    }

    /// An error about how the client was set up; `message` says what to change.
    pub fn configuration(message: impl Into<String>) -> Self {
        Self::from_kind(Kind::Configuration(message.into()))
    }

    /// An error about the arguments of a call, found before anything was sent.
    pub fn invalid_request(message: impl Into<String>) -> Self {
        Self::from_kind(Kind::InvalidRequest(message.into()))
    }

    /// A failure of a [`TokenStore`](crate::TokenStore) that passes: a disk that is full, a server that is away.
    pub fn token_store(problem: impl Into<String>) -> Self {
        Self::from_kind(Kind::TokenStore(problem.into()))
    }

    /// The verdict that a login has ended and cannot be renewed.
    pub fn logged_out(reason: impl Into<String>) -> Self {
        Self::from_kind(Kind::LoggedOut(reason.into()))
    }

    /// The verdict on a token that was given to be verified. `reason` must not repeat it.
    pub fn invalid_token(reason: impl Into<String>) -> Self {
        Self::from_kind(Kind::InvalidToken(reason.into()))
    }

    /// An error answer, for an [`Authority`](crate::Authority) that sends requests of its own.
    pub fn from_answer(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        let received = Received::new(status, headers, body);
        Self::from_kind(Kind::Status(received))
    }

    /// A successful answer that could not be read. `problem` must not repeat the body.
    pub fn unreadable(
        status: StatusCode,
        headers: HeaderMap,
        body: Bytes,
        problem: impl Into<String>,
    ) -> Self {
        Self::from_kind(Kind::InvalidAnswer {
            received: Received::new(status, headers, body),
            problem: problem.into(),
        })
    }

    /// The same error, with what the reader may do about it at the end of its line.
    ///
    /// ```
    /// use imperal_runtime::Error;
    ///
    /// let error = Error::configuration("the address is none").with_hint("it is set by SERVICE_URL");
    /// assert_eq!(error.to_string(), "the address is none; it is set by SERVICE_URL");
    /// ```
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.0).hint = Some(hint.into());
        self
    }

    /// The same error, whose `detail` does not repeat `secrets`.
    #[must_use]
    pub(crate) fn hiding(mut self, secrets: &[Secret]) -> Self {
        if let Some(hidden) = self
            .received()
            .and_then(|received| received.hiding(secrets))
            && let Kind::Status(received) | Kind::InvalidAnswer { received, .. } =
                &mut Arc::make_mut(&mut self.0).kind
        {
            *received = hidden;
        }
        self
    }

    /// The same error, said to have happened in `operation`.
    #[must_use]
    pub(crate) fn in_operation(mut self, operation: &'static str) -> Self {
        if self.0.operation.is_none() {
            Arc::make_mut(&mut self.0).operation = Some(operation);
        }
        self
    }

    /// The same error as that of a call which needed a credential and got none: what the service answered
    /// to a login or refresh says nothing of what the call asks for.
    #[must_use]
    pub(crate) fn of_renewal(self) -> Self {
        if self.received().is_none() {
            return self;
        }
        let login_refused = self.0.login_refused;
        let mut error = Self::from_kind(Kind::Renewal(self));
        if login_refused {
            error = error.refused_login();
        }
        error
    }

    /// The same error, said to be the service's refusal of a login.
    #[must_use]
    pub(crate) fn refused_login(mut self) -> Self {
        Arc::make_mut(&mut self.0).login_refused = true;
        self
    }

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

    /// Whether the same call may go well later: no answer came or a broken one, or the service said so
    /// (408, 429, 502, 503, 504), or the store of the login failed. Not so for a quota, which is final until it is raised or starts anew.
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

    /// Whether the store of the login could not be read, written or locked. It may be later.
    pub fn is_token_store(&self) -> bool {
        matches!(self.0.kind, Kind::TokenStore(_))
    }

    /// Whether a token that was given to be verified is not good.
    pub fn is_invalid_token(&self) -> bool {
        matches!(self.0.kind, Kind::InvalidToken(_))
    }

    pub(crate) fn file(message: impl Into<String>) -> Self {
        Self::from_kind(Kind::File(message.into(), None))
    }

    /// The same where the system says what is wrong.
    pub(crate) fn of_file(message: impl Into<String>, cause: std::io::Error) -> Self {
        Self::from_kind(Kind::File(message.into(), Some(Arc::new(cause))))
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

    fn received(&self) -> Option<&Received> {
        match &self.0.kind {
            Kind::Status(received) | Kind::InvalidAnswer { received, .. } => Some(received),
            _ => None,
        }
    }
}

impl From<TransportError> for Error {
    fn from(error: TransportError) -> Self {
        Self::from_kind(Kind::Transport(Arc::new(error)))
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(operation) = self.0.operation {
            write!(formatter, "{operation}: ")?;
        }
        write!(formatter, "{}", self.0.kind)?;
        if let Some(hint) = &self.0.hint {
            write!(formatter, "; {hint}")?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Error {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Error({self})")
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.kind {
            Kind::Renewal(cause) => Some(cause),
            Kind::Transport(error) => Some(&**error),
            Kind::File(_, Some(cause)) => Some(&**cause),
            _ => None,
        }
    }
}
