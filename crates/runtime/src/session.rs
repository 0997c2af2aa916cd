//! How one request is sent.

use crate::base_url::BaseUrl;
use crate::body::{read, stand_in};
use crate::call::CallContext;
use crate::cookies;
use crate::credential_set::{CredentialSet, attach};
use crate::payload::Payload;
use crate::{
    Answer, AnswerKind, Call, Error, Operation, SessionBuilder, Transport, TransportError,
};
use http::StatusCode;
use serde::{Serialize, de::DeserializeOwned};
use std::sync::Arc;
use std::time::Duration;
use tracing::Instrument;

/// Sends the requests of one client to one service: picks and attaches the credential, renews it
/// once after a 401, bounds what is read, and keeps what a failure said. Cheap to clone.
///
/// ```
/// use imperal_runtime::Session;
///
/// let session = Session::builder().base_url("https://api.example.com/").build()?;
/// assert_eq!(session.base_url(), "https://api.example.com");
///
/// let error = Session::builder().base_url("api.example.com").build().unwrap_err();
/// assert!(error.to_string().contains("api.example.com"));
/// # Ok::<(), imperal_runtime::Error>(())
/// ```
#[derive(Clone)]
pub struct Session {
    shared: Arc<Shared>,
    call: Option<Arc<CallContext>>,
}

pub(crate) struct Shared {
    pub(crate) base: Result<BaseUrl, Error>,
    pub(crate) credentials: CredentialSet,
    pub(crate) allow_plain_http: bool,
    pub(crate) http: reqwest::Client,
    pub(crate) transport: Arc<dyn Transport>,
}

/// Where generated code sends requests while the session has no address. Reserved: never resolves.
const NOWHERE: &str = "http://not-configured.invalid";

/// How long a call may take in all, answer included.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);

impl Session {
    /// A session yet to be set up.
    pub fn builder() -> SessionBuilder {
        SessionBuilder::new()
    }

    pub(crate) fn from_shared(shared: Shared) -> Self {
        Self {
            shared: Arc::new(shared),
            call: None,
        }
    }

    /// The service's address, without a trailing slash.
    pub fn base_url(&self) -> &str {
        self.shared.base.as_ref().map_or(NOWHERE, BaseUrl::as_str)
    }

    /// What generated code builds its requests with.
    #[doc(hidden)]
    pub fn http(&self) -> reqwest::Client {
        self.shared.http.clone()
    }

    /// Begins a call of `operation`.
    #[doc(hidden)]
    pub fn begin(&self, operation: &'static Operation) -> Call {
        Call::begin(self, operation)
    }

    /// Keeps the body of the call that this session carries.
    pub(crate) fn keep(&self, payload: Option<Payload>) {
        if let Some(call) = &self.call {
            call.keep(payload);
        }
    }

    pub(crate) fn with_call(&self, call: Arc<CallContext>) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            call: Some(call),
        }
    }

    /// Sends the request that generated code has built. A failure is left in the call, and an empty
    /// answer stands in for the one that generated code would read.
    ///
    /// # Errors
    ///
    /// None: the type is what generated code expects of its hook.
    #[doc(hidden)]
    pub async fn execute(&self, request: reqwest::Request) -> reqwest::Result<reqwest::Response> {
        let Some(call) = &self.call else {
            return Ok(stand_in());
        };
        match self.traced(call.operation, request).await {
            Ok(response) => {
                call.received(response.status(), response.headers().clone());
                Ok(response)
            }
            Err(error) => {
                call.fail(error);
                Ok(stand_in())
            }
        }
    }

    /// Sends `body` to the path of `operation` and reads the JSON answer: a call for which there is
    /// no generated method.
    ///
    /// # Errors
    ///
    /// As for a generated call.
    pub async fn call_json<B, T>(
        &self,
        operation: &'static Operation,
        body: &B,
    ) -> Result<Answer<T>, Error>
    where
        B: Serialize + Sync + ?Sized,
        T: DeserializeOwned,
    {
        let in_operation = |error: Error| error.in_operation(operation.id());
        let url = format!("{}{}", self.base_url(), operation.path());
        let request = self
            .shared
            .http
            .request(operation.method().clone(), url)
            .json(body)
            .build();
        let request = request.map_err(|error| {
            in_operation(Error::invalid_request(format!(
                "the request cannot be built: {}",
                error.without_url()
            )))
        })?;
        let response = self
            .traced(operation, request)
            .await
            .map_err(in_operation)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await;
        let body =
            body.map_err(|error| in_operation(TransportError::from_reqwest(error).into()))?;
        match serde_json::from_slice(&body) {
            Ok(value) => Ok(Answer::new(value, status, headers)),
            Err(problem) => {
                let problem = crate::call::describe(&problem);
                Err(in_operation(Error::unreadable(
                    status, headers, body, problem,
                )))
            }
        }
    }

    async fn traced(
        &self,
        operation: &'static Operation,
        request: reqwest::Request,
    ) -> Result<reqwest::Response, Error> {
        let span = tracing::info_span!(
            "http.client.request",
            otel.kind = "client",
            otel.name = %format_args!("{} {}", operation.method(), operation.path()),
            http.request.method = %operation.method(),
            url.template = operation.path(),
            operation.id = operation.id(),
            http.response.status_code = tracing::field::Empty,
            error.message = tracing::field::Empty,
        );
        let outcome = self.send(operation, request).instrument(span.clone()).await;
        let status = match &outcome {
            Ok(response) => Some(response.status()),
            Err(error) => {
                span.record("error.message", tracing::field::display(error));
                error.status()
            }
        };
        if let Some(status) = status {
            span.record("http.response.status_code", status.as_u16());
        }
        outcome
    }

    async fn send(
        &self,
        operation: &Operation,
        mut request: reqwest::Request,
    ) -> Result<reqwest::Response, Error> {
        let base = self.shared.base.as_ref().map_err(Clone::clone)?;
        let url = request.url();
        if !base.same_origin(url) || !base.leads_to(url, operation.path()) {
            return Err(Error::invalid_request(format!(
                "an argument would lead the request away from {}: a value in a path cannot be empty, \".\" or \"..\"; nothing was sent",
                operation.path()
            )));
        }
        let payload = self.call.as_ref().and_then(|call| call.payload());
        crate::check::request(operation, &request, payload.as_ref())?;
        cookies::from_headers(&mut request, operation.cookie_parameters())?;
        if operation.is_greedy() {
            base.spread(request.url_mut(), operation.path())?;
        }
        // progenitor sends the document's version as a header, which no service asked for.
        request.headers_mut().remove("api-version");
        // What is handed on as it arrives may arrive for ever; anything else has to come to an end.
        if operation.answer_kind() != AnswerKind::Bytes && request.timeout().is_none() {
            *request.timeout_mut() = Some(CALL_TIMEOUT);
        }
        for (name, value) in operation.fixed_query_parameters() {
            request.url_mut().query_pairs_mut().append_pair(name, value);
        }

        let chosen = self.shared.credentials.choose(operation)?;
        let guarded = operation.has_secret_body() || !chosen.is_empty();
        if guarded && base.is_exposed() && !self.shared.allow_plain_http {
            return Err(Error::configuration(format!(
                "{} would be sent a credential over plain HTTP; use https, or allow plain HTTP if the network between is trusted",
                base.as_str()
            )));
        }
        if chosen.is_empty() {
            return read(operation, self.transmit(request, payload.as_ref()).await?).await;
        }
        let replay = request.try_clone();
        let mut sent = Vec::new();
        for (requirement, provider) in &chosen {
            match provider.credential().await {
                Ok(credential) => {
                    attach(&mut request, requirement.placement, &credential)?;
                    sent.push(credential);
                }
                // Whoever has logged out still may do what needs no login.
                Err(error) if error.is_logged_out() && operation.is_open() => {
                    return read(operation, self.transmit(request, payload.as_ref()).await?).await;
                }
                Err(error) => return Err(error),
            }
        }
        let response = self.transmit(request, payload.as_ref()).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return read(operation, response).await;
        }
        // One refusal may mean that a token has died early: renew what can be renewed, once.
        let refusal = read(operation, response).await;
        let refusal = refusal.map_err(|error| self.shared.credentials.explain(error, &chosen));
        let Some(mut request) = replay else {
            return refusal;
        };
        let mut renewed = false;
        for ((requirement, provider), credential) in chosen.iter().zip(sent) {
            let credential = match provider.renew(credential.clone()).await? {
                Some(newer) => {
                    renewed = true;
                    newer
                }
                None => credential,
            };
            attach(&mut request, requirement.placement, &credential)?;
        }
        if !renewed {
            return refusal;
        }
        tracing::debug!("sent once more with a renewed credential");
        let outcome = read(operation, self.transmit(request, payload.as_ref()).await?).await;
        outcome.map_err(|error| self.shared.credentials.explain(error, &chosen))
    }

    async fn transmit(
        &self,
        request: reqwest::Request,
        payload: Option<&Payload>,
    ) -> Result<reqwest::Response, Error> {
        let request = match payload {
            Some(payload) => payload.attach(&self.shared.http, request)?,
            None => request,
        };
        self.shared.transport.send(request).await.map_err(|error| {
            let unreachable = matches!(error, TransportError::Connect(_));
            let error = Error::from(error);
            if unreachable {
                error.with_hint(format!(
                    "is {} the right address, and reachable from here?",
                    self.base_url()
                ))
            } else {
                error
            }
        })
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Session")
            .field("base_url", &self.base_url())
            .field("credentials", &self.shared.credentials.providers.keys())
            .finish_non_exhaustive()
    }
}
