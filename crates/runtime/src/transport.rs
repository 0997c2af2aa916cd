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

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// No connection could be made: the request was certainly not processed.
    #[error("no connection could be made: {0}")]
    Connect(String),
    /// The time allowed ran out.
    #[error("no answer in the time allowed")]
    Timeout,
    /// The connection failed while the request or the answer was under way.
    #[error("the connection failed: {0}")]
    Broken(String),
}

impl TransportError {
    /// Sorts a [`reqwest::Error`] and drops its URL, which may hold a secret.
    pub(crate) fn from_reqwest(error: reqwest::Error) -> Self {
        let error = error.without_url();
        // A time-out while connecting is both: what matters then is that nothing was processed.
        if error.is_connect() {
            Self::Connect(chain(&error))
        } else if error.is_timeout() {
            Self::Timeout
        } else {
            Self::Broken(chain(&error))
        }
    }
}

impl Transport for reqwest::Client {
    fn send(
        &self,
        request: reqwest::Request,
    ) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        Box::pin(execute(self, request))
    }
}

/// What [`Transport`] does for a client, without an allocation.
pub(crate) async fn execute(
    http: &reqwest::Client,
    request: reqwest::Request,
) -> Result<reqwest::Response, TransportError> {
    let answer = http.execute(request).await;
    answer.map_err(TransportError::from_reqwest)
}

/// The innermost causes say what happened; the outermost only that something did.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = Vec::new();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.iter().any(|seen: &String| seen.contains(&cause_text)) {
            text.push(cause_text);
        }
        source = cause.source();
    }
    if text.is_empty() {
        error.to_string()
    } else {
        text.join(": ")
    }
}
