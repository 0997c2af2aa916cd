//! The one error of every call.

mod questions;

use crate::received::Received;
use crate::{Secret, TransportError};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use std::sync::Arc;

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
    ///
    /// ```
    /// use imperal_runtime::Error;
    ///
    /// let error = Error::configuration("there is no token in /run/token: start the sidecar");
    /// assert!(error.is_configuration() && !error.is_retryable());
    /// ```
    pub fn configuration(message: impl Into<String>) -> Self {
        Self::from_kind(Kind::Configuration(message.into()))
    }

    /// An error about the arguments of a call, found before anything was sent.
    pub fn invalid_request(message: impl Into<String>) -> Self {
        Self::from_kind(Kind::InvalidRequest(message.into()))
    }

    /// A failure of a [`TokenStore`](crate::TokenStore) that may pass, such as a disk that is full or a server that
    /// is away: the call is tried again. `problem` says what to look at, and must not repeat a token.
    ///
    /// ```
    /// use imperal_runtime::Error;
    ///
    /// fn to_error(problem: &std::io::Error) -> Error {
    ///     Error::token_store(format!("the login cannot be read ({problem}): look at the disk"))
    /// }
    ///
    /// let error = to_error(&std::io::Error::other("it is gone"));
    /// assert!(error.is_token_store() && error.is_retryable());
    /// assert_eq!(error.to_string(), "the login cannot be read (it is gone): look at the disk");
    /// ```
    pub fn token_store(problem: impl Into<String>) -> Self {
        Self::from_kind(Kind::TokenStore(problem.into()))
    }

    /// The verdict that a login has ended and cannot be renewed. It is final until the client is told to log in, or
    /// finds a login in its store.
    ///
    /// ```
    /// use imperal_runtime::Error;
    ///
    /// let error = Error::logged_out("there is no password to log in with");
    /// assert!(error.is_logged_out());
    /// assert_eq!(error.to_string(), "logged out: there is no password to log in with; log in again");
    /// ```
    pub fn logged_out(reason: impl Into<String>) -> Self {
        Self::from_kind(Kind::LoggedOut(reason.into()))
    }

    /// The verdict on a token that was given to be verified. `reason` says what is wrong with it, and must not
    /// repeat it.
    ///
    /// ```
    /// use imperal_runtime::Error;
    ///
    /// let error = Error::invalid_token("it has expired");
    /// assert!(error.is_invalid_token());
    /// assert_eq!(error.to_string(), "the token is not good: it has expired");
    /// ```
    pub fn invalid_token(reason: impl Into<String>) -> Self {
        Self::from_kind(Kind::InvalidToken(reason.into()))
    }

    /// An error answer, for an [`Authority`](crate::Authority) that sends requests of its own.
    pub fn from_answer(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        let received = Received::new(status, headers, body);
        Self::from_kind(Kind::Status(received))
    }

    /// A successful answer that could not be read. `problem` goes on from "with a body that", and must not repeat the
    /// body.
    ///
    /// ```
    /// use imperal_runtime::{Error, HeaderMap, StatusCode};
    ///
    /// let error = Error::unreadable(StatusCode::OK, HeaderMap::new(), "<html>".into(), "is not JSON");
    /// assert_eq!(error.to_string(), "the service answered 200 OK with a body that is not JSON");
    /// assert_eq!(error.body(), Some(&b"<html>"[..]));
    /// ```
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

    /// The error of what needs a tokio runtime and is polled outside of one.
    pub(crate) fn no_runtime() -> Self {
        Self::configuration("a call needs a tokio runtime: poll it inside of one")
    }

    /// An error about a file of this machine.
    pub(crate) fn file(message: impl Into<String>) -> Self {
        Self::from_kind(Kind::File(message.into(), None))
    }

    /// The same where the system says what is wrong, which is the error's source then.
    pub(crate) fn of_file(message: impl Into<String>, cause: std::io::Error) -> Self {
        Self::from_kind(Kind::File(message.into(), Some(Arc::new(cause))))
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
