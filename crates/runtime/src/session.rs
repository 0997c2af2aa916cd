//! How one request is sent.

use crate::base_url::BaseUrl;
use crate::call::CallContext;
use crate::error::Kind;
use crate::{
    Answer, AnswerKind, Call, Credential, CredentialProvider, Error, Operation, Placement,
    Requirement, Transport, TransportError,
};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::{Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;
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

struct Shared {
    base: Result<BaseUrl, Error>,
    credentials: BTreeMap<&'static str, Arc<dyn CredentialProvider>>,
    missing_credentials: BTreeMap<&'static str, &'static str>,
    allow_plain_http: bool,
    http: reqwest::Client,
    transport: Arc<dyn Transport>,
}

/// A credential that a request gets, and where it comes from.
type Chosen = (Requirement, Arc<dyn CredentialProvider>);

/// Where generated code sends requests while the session has no address. Reserved: never resolves.
const NOWHERE: &str = "http://not-configured.invalid";

/// A successful JSON answer larger than this is refused rather than held in memory.
const ANSWER_LIMIT: usize = 64 * 1024 * 1024;

/// Sets up a [`Session`].
#[must_use]
pub struct SessionBuilder {
    base: Option<String>,
    unconfigured: String,
    credentials: BTreeMap<&'static str, Arc<dyn CredentialProvider>>,
    missing_credentials: BTreeMap<&'static str, &'static str>,
    allow_plain_http: bool,
    transport: Option<Arc<dyn Transport>>,
    user_agent: String,
}

impl Session {
    /// A session yet to be set up.
    pub fn builder() -> SessionBuilder {
        SessionBuilder {
            base: None,
            unconfigured: "no base URL is configured".to_owned(),
            credentials: BTreeMap::new(),
            missing_credentials: BTreeMap::new(),
            allow_plain_http: false,
            transport: None,
            user_agent: concat!("imperal-runtime/", env!("CARGO_PKG_VERSION")).to_owned(),
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
        if !base.same_origin(request.url()) {
            return Err(Error::invalid_request(
                "the arguments make the request leave the service's address",
            ));
        }
        // progenitor sends the document's version as a header, which no service asked for.
        request.headers_mut().remove("api-version");
        for (name, value) in operation.fixed_query_parameters() {
            request.url_mut().query_pairs_mut().append_pair(name, value);
        }

        let chosen = self.choose(operation)?;
        if chosen.is_empty() {
            return read(operation, self.transmit(request).await?).await;
        }
        if base.is_exposed() && !self.shared.allow_plain_http {
            return Err(Error::configuration(format!(
                "{} would be sent a credential over plain HTTP; use https, or allow plain HTTP if the network between is trusted",
                base.as_str()
            )));
        }
        let replay = request.try_clone();
        let mut sent = Vec::new();
        for (requirement, provider) in &chosen {
            let credential = provider.credential().await?;
            attach(&mut request, requirement.placement, &credential)?;
            sent.push(credential);
        }
        let response = self.transmit(request).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return read(operation, response).await;
        }
        // One refusal may mean that a token has died early: renew what can be renewed, once.
        let refusal = read(operation, response).await;
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
        read(operation, self.transmit(request).await?).await
    }

    /// The first alternative that this session has every credential for.
    fn choose(&self, operation: &Operation) -> Result<Vec<Chosen>, Error> {
        let alternatives = operation.security_alternatives();
        let available = |requirement: &Requirement| {
            let provider = self.shared.credentials.get(requirement.scheme)?;
            Some((*requirement, Arc::clone(provider)))
        };
        let best = alternatives
            .iter()
            .filter(|alternative| !alternative.is_empty())
            .find_map(|alternative| {
                alternative
                    .iter()
                    .map(available)
                    .collect::<Option<Vec<_>>>()
            });
        if let Some(chosen) = best {
            return Ok(chosen);
        }
        if alternatives.is_empty()
            || alternatives
                .iter()
                .any(|alternative| alternative.is_empty())
        {
            return Ok(Vec::new());
        }
        let wanted = alternatives
            .iter()
            .map(|alternative| {
                let names = alternative.iter().map(|requirement| {
                    let scheme = requirement.scheme;
                    self.shared
                        .missing_credentials
                        .get(scheme)
                        .copied()
                        .unwrap_or(scheme)
                });
                names.collect::<Vec<_>>().join(" and ")
            })
            .collect::<Vec<_>>()
            .join(", or ");
        Err(Error::from_kind(Kind::MissingCredential(format!(
            "this operation needs {wanted}, which is not configured; nothing was sent"
        ))))
    }

    async fn transmit(&self, request: reqwest::Request) -> Result<reqwest::Response, Error> {
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
            .field("credentials", &self.shared.credentials.keys())
            .finish_non_exhaustive()
    }
}

impl SessionBuilder {
    /// The address of the service, such as `https://auth.imperal.io`.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base = Some(url.into());
        self
    }

    /// What every call fails with while no base URL is set: say what to configure.
    pub fn unconfigured(mut self, message: impl Into<String>) -> Self {
        self.unconfigured = message.into();
        self
    }

    /// The provider of the credential that the document calls `scheme`.
    pub fn credential(self, scheme: &'static str, provider: impl CredentialProvider) -> Self {
        self.shared_credential(scheme, Arc::new(provider))
    }

    /// The same for a provider that other sessions use too.
    pub fn shared_credential(
        mut self,
        scheme: &'static str,
        provider: Arc<dyn CredentialProvider>,
    ) -> Self {
        self.credentials.insert(scheme, provider);
        self
    }

    /// How an error names the credential `scheme` when a call needs it and it is not configured.
    pub fn describe_credential(mut self, scheme: &'static str, name: &'static str) -> Self {
        self.missing_credentials.insert(scheme, name);
        self
    }

    /// Allows credentials over plain HTTP to hosts other than loopback. Off by default: anyone on
    /// the way can read them.
    pub fn allow_plain_http(mut self, allow: bool) -> Self {
        self.allow_plain_http = allow;
        self
    }

    /// Sends over `transport` in place of the network.
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// What the session calls itself in the `User-Agent` header.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// The session.
    ///
    /// # Errors
    ///
    /// If the base URL is not an absolute `http` or `https` URL, or the HTTP client cannot be built.
    pub fn build(self) -> Result<Session, Error> {
        let base = match self.base {
            Some(text) => Ok(BaseUrl::parse(&text)?),
            None => Err(Error::configuration(self.unconfigured)),
        };
        let http = http_client(&self.user_agent)?;
        let transport = self.transport.unwrap_or_else(|| Arc::new(http.clone()));
        Ok(Session {
            shared: Arc::new(Shared {
                base,
                credentials: self.credentials,
                missing_credentials: self.missing_credentials,
                allow_plain_http: self.allow_plain_http,
                http,
                transport,
            }),
            call: None,
        })
    }
}

/// Redirects are never followed: a credential in a custom header would go along.
fn http_client(user_agent: &str) -> Result<reqwest::Client, Error> {
    reqwest::Client::builder()
        .user_agent(user_agent)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(10))
        .read_timeout(Duration::from_secs(30))
        .build()
        .map_err(|error| Error::configuration(format!("the HTTP client cannot be built: {error}")))
}

fn attach(
    request: &mut reqwest::Request,
    placement: Placement,
    credential: &Credential,
) -> Result<(), Error> {
    let secret = credential.secret().expose();
    let header = |text: &str| {
        let mut value = HeaderValue::from_str(text).map_err(|_| {
            Error::configuration("a credential contains characters that no header can carry")
        })?;
        value.set_sensitive(true);
        Ok::<_, Error>(value)
    };
    match placement {
        Placement::Bearer => {
            let value = header(&format!("Bearer {secret}"))?;
            request.headers_mut().insert(header::AUTHORIZATION, value);
        }
        Placement::Header(name) => {
            let name = header::HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
                Error::configuration(format!("\"{name}\" is not the name of a header"))
            })?;
            request.headers_mut().insert(name, header(secret)?);
        }
        Placement::Query(name) => {
            request
                .url_mut()
                .query_pairs_mut()
                .append_pair(name, secret);
        }
    }
    Ok(())
}

/// Reads an answer as far as its kind asks for; an error answer becomes an error.
async fn read(
    operation: &Operation,
    mut response: reqwest::Response,
) -> Result<reqwest::Response, Error> {
    let (status, headers) = (response.status(), response.headers().clone());
    if !status.is_success() {
        let body = collect_some(&mut response, Error::BODY_LIMIT).await;
        return Err(Error::from_answer(status, headers, body));
    }
    match operation.answer_kind() {
        AnswerKind::Bytes => Ok(response),
        AnswerKind::Empty => Ok(rebuilt(status, headers, Bytes::new())),
        AnswerKind::Json => {
            let body = collect(&mut response, ANSWER_LIMIT).await?;
            let body = if body.is_empty() {
                Bytes::from_static(b"null")
            } else {
                body
            };
            Ok(rebuilt(status, headers, body))
        }
    }
}

/// The whole body; a larger one than `limit` bytes is an error.
async fn collect(response: &mut reqwest::Response, limit: usize) -> Result<Bytes, Error> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(TransportError::from_reqwest)?
    {
        if body.len() + chunk.len() > limit {
            return Err(Error::unreadable(
                response.status(),
                response.headers().clone(),
                Bytes::new(),
                format!("is larger than {limit} bytes"),
            ));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// The first `limit` bytes of a body, or what came of them: that the account of a failure broke
/// off is not the failure.
async fn collect_some(response: &mut reqwest::Response, limit: usize) -> Bytes {
    let mut body = BytesMut::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = limit - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == limit {
            break;
        }
    }
    body.freeze()
}

fn rebuilt(status: StatusCode, headers: HeaderMap, body: Bytes) -> reqwest::Response {
    let mut response = http::Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response.into()
}

/// What generated code gets in place of an answer when the call has failed: it reads no further
/// than the status, which is none that it knows.
fn stand_in() -> reqwest::Response {
    rebuilt(StatusCode::NOT_IMPLEMENTED, HeaderMap::new(), Bytes::new())
}
