//! The step that leaves the process.

use futures::future::BoxFuture;

/// Sends one request and returns its answer, whatever the status.
///
/// The default sends over the network with [`reqwest`]; tests give a session one of their own.
///
/// ```
/// use futures::future::{BoxFuture, FutureExt};
/// use imperal_runtime::{Transport, TransportError};
///
/// /// Answers every request with 204.
/// struct Silent;
///
/// impl Transport for Silent {
///     fn send(&self, _: reqwest::Request) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
///         let answer = http::Response::builder().status(204).body("").expect("a valid answer");
///         async { Ok(answer.into()) }.boxed()
///     }
/// }
/// ```
pub trait Transport: Send + Sync + 'static {
    /// Sends `request` once. Redirects are not followed.
    fn send(
        &self,
        request: reqwest::Request,
    ) -> BoxFuture<'_, Result<reqwest::Response, TransportError>>;
}

/// Why no answer came. Its source is what found out, down to the [`std::io::Error`] where there is one.
///
/// ```
/// use imperal_runtime::{Error, TransportError};
///
/// let error = Error::from(TransportError::Connect("the name is not known".into()));
/// assert!(error.is_connect() && error.is_retryable());
/// assert_eq!(error.to_string(), "no connection could be made: the name is not known");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// No connection could be made: the request was certainly not processed.
    #[error("no connection could be made: {}", describe(.0.as_ref()))]
    Connect(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The time allowed ran out.
    #[error("no answer in the time allowed")]
    Timeout,
    /// The connection failed while the request or the answer was under way.
    #[error("the connection failed: {}", describe(.0.as_ref()))]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl TransportError {
    /// Sorts a [`reqwest::Error`] and drops its URL, which may hold a secret.
    pub(crate) fn from_reqwest(error: reqwest::Error) -> Self {
        let error = error.without_url();
        // A time-out while connecting is both: what matters then is that nothing was processed.
        if error.is_connect() {
            Self::Connect(error.into())
        } else if error.is_timeout() {
            Self::Timeout
        } else {
            Self::Broken(error.into())
        }
    }
}

impl Transport for reqwest::Client {
    fn send(
        &self,
        request: reqwest::Request,
    ) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        let answer = self.execute(request);
        Box::pin(async { answer.await.map_err(TransportError::from_reqwest) })
    }
}

/// An error and its causes in one line.
fn describe(error: &(dyn std::error::Error + Send + Sync + 'static)) -> String {
    // reqwest's own words say only that something happened.
    let mut next: Option<&(dyn std::error::Error + 'static)> = if error.is::<reqwest::Error>() {
        error.source()
    } else {
        Some(error)
    };
    let mut text: Vec<String> = Vec::new();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.iter().any(|seen| seen.contains(&cause_text)) {
            text.push(cause_text);
        }
        next = cause.source();
    }
    if text.is_empty() {
        error.to_string()
    } else {
        text.join(": ")
    }
}
