//! Requests for which there is no generated method.

use crate::{Answer, Error, Operation, Requirement, Session};
use http::Method;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// A JSON request to a route that the documents do not have yet. It goes through the session like any
/// other: credential, refresh, retries, errors.
///
/// ```no_run
/// # async fn example(session: imperal_runtime::Session) -> Result<(), imperal_runtime::Error> {
/// use imperal_runtime::{Method, Placement, Requirement};
///
/// static BEARER: &[&[Requirement]] = &[&[Requirement { scheme: "bearer", placement: Placement::Bearer }]];
/// let answer = session
///     .request(Method::GET, "/v1/things/new")
///     .security(BEARER)
///     .query("limit", 5)
///     .send::<serde_json::Value>()
///     .await?;
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

    /// Sets the body.
    pub fn json(mut self, body: &impl Serialize) -> Self {
        self.body = serde_json::to_value(body)
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
