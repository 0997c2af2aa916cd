//! Requests for which there is no generated method.

use crate::{Answer, Error, Operation, Requirement, Secret, Session};
use http::Method;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// A JSON request to a route that the documents do not have yet. It goes through the session like any
/// other: credential, refresh, retries, errors.
///
/// ```
/// use imperal_runtime::{Method, Placement, Requirement, Session, StaticCredential};
/// # use futures::future::{BoxFuture, FutureExt};
/// # use imperal_runtime::{Transport, TransportError};
/// #
/// # struct Played;
/// # impl Transport for Played {
/// #     fn send(&self, request: reqwest::Request) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
/// #         let asked = serde_json::json!({ "query": request.url().query() });
/// #         async move { Ok(http::Response::new(asked.to_string()).into()) }.boxed()
/// #     }
/// # }
///
/// static BEARER: &[&[Requirement]] = &[&[Requirement { scheme: "bearer", placement: Placement::Bearer }]];
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal_runtime::Error> {
/// let session = Session::builder()
///     .base_url("https://api.example.com")
///     .credential("bearer", StaticCredential::new("a token"))
/// #     .transport(std::sync::Arc::new(Played))
///     .build()?;
/// let answer = session
///     .request(Method::GET, "/v1/things/new")
///     .security(BEARER)
///     .query("limit", 5)
///     .send::<serde_json::Value>()
///     .await?;
/// # assert_eq!(answer["query"], "limit=5");
/// # Ok(()) }
/// ```
#[must_use = "it is sent by `send`"]
pub struct RawRequest {
    session: Session,
    operation: Operation,
    query: Vec<(String, String)>,
    body: Result<Option<Value>, String>,
}

impl RawRequest {
    pub(crate) fn new(session: Session, method: Method, path: String) -> Self {
        Self {
            session,
            operation: Operation::with_path("request", method, path),
            query: Vec::new(),
            body: Ok(None),
        }
    }

    /// Sets the alternatives of credentials, in order of preference; without this, none is sent.
    pub fn security(mut self, security: &'static [&'static [Requirement]]) -> Self {
        self.operation = self.operation.security(security);
        self
    }

    /// Says whether sending the request twice has the effect of sending it once, where that differs from
    /// what the method says.
    pub fn idempotent(mut self, idempotent: bool) -> Self {
        self.operation = self.operation.idempotent(idempotent);
        self
    }

    /// Adds a query parameter.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "a number or a text is given as it stands"
    )]
    pub fn query(mut self, name: impl Into<String>, value: impl ToString) -> Self {
        self.query.push((name.into(), value.to_string()));
        self
    }

    /// Sets the body. One that holds a [`Secret`](crate::Secret) is guarded as a credential is.
    pub fn json(mut self, body: &impl Serialize) -> Self {
        let exposed = Secret::exposing(|| serde_json::to_value(body));
        let is_secret = match (&exposed, serde_json::to_value(body)) {
            (Ok(exposed), Ok(hidden)) => *exposed != hidden,
            _ => false,
        };
        if is_secret {
            self.operation = self.operation.secret_body();
        }
        self.body = exposed
            .map(Some)
            .map_err(|_| "the body cannot be written as JSON; nothing was sent".to_owned());
        self
    }

    /// Sends it, and reads the JSON of the answer; an empty one is read as `null`.
    ///
    /// # Errors
    ///
    /// As for a generated call, and if the path is none of the service's.
    pub async fn send<T: DeserializeOwned>(self) -> Result<Answer<T>, Error> {
        let Self {
            session,
            operation,
            query,
            body,
        } = self;
        let body = body.map_err(Error::invalid_request)?;
        if !operation.path().starts_with('/') || operation.path().contains(['?', '#']) {
            return Err(Error::invalid_request(
                "a path begins with \"/\" and has no \"?\" or \"#\"; nothing was sent: give the query with `query`",
            ));
        }
        session.send_json(&operation, &query, body.as_ref()).await
    }
}

/// The query and the body may hold secrets: they are not shown.
impl std::fmt::Debug for RawRequest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("RawRequest")
            .field("method", self.operation.method())
            .field("path", &self.operation.path())
            .finish_non_exhaustive()
    }
}
