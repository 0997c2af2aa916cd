//! How one request is sent.

use crate::base_url::BaseUrl;
use crate::body::{Reply, read};
use crate::call::not_built;
use crate::cookies;
use crate::credential_set::{CredentialSet, attach};
use crate::payload::Payload;
use crate::retry::{self, Random};
use crate::transfer::Activity;
use crate::{
    Answer, CallOptions, Clock, Credential, Error, Operation, RawRequest, RetryBudget, RetryPolicy,
    SessionBuilder, Transport, TransportError, transport,
};
use futures::future::{Either, select};
use http::Method;
use serde::{Serialize, de::DeserializeOwned};
use smallvec::SmallVec;
use std::pin::pin;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::time::Instant;
use tracing::Instrument;
use url::Url;

/// Sends the requests of one client to one service: picks and attaches the credential, renews it
/// once after a 401, sends again what may be sent again, bounds time and size, and keeps what a failure
/// said. Cheap to clone.
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
    options: Arc<CallOptions>,
}

pub(crate) struct Shared {
    pub(crate) base: Result<BaseUrl, Error>,
    pub(crate) credentials: CredentialSet,
    pub(crate) allow_plain_http: bool,
    pub(crate) http: reqwest::Client,
    /// What requests go through in place of `http`.
    pub(crate) transport: Option<Arc<dyn Transport>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) budget: RetryBudget,
    pub(crate) random: Random,
}

/// Where generated code sends requests while the session has no address. Reserved: never resolves.
const NOWHERE: &str = "http://not-configured.invalid";

#[allow(clippy::expect_used, reason = "it is a constant")]
static NOWHERE_URL: LazyLock<BaseUrl> =
    LazyLock::new(|| BaseUrl::parse(NOWHERE).expect("the address of nowhere is a base URL"));

/// How long one attempt may take, answer included. What is handed on as it arrives may arrive for ever:
/// of that, how long its beginning may take.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a call may take in all.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(90);

/// Files and streams may take as long as they need, but not stand still for longer than this, the wait for
/// the answer included.
const STALL: Duration = Duration::from_secs(60);

/// A limit that is none.
const NEVER: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// How long the credential is good at least that goes with content which can be sent once.
const LASTING: Duration = Duration::from_secs(60);

impl Session {
    /// A session yet to be set up.
    pub fn builder() -> SessionBuilder {
        SessionBuilder::new()
    }

    pub(crate) fn from_shared(shared: Shared, options: CallOptions) -> Self {
        Self {
            shared: Arc::new(shared),
            options: Arc::new(options),
        }
    }

    /// The same session with `options` for every call: what they do not set is as before. Everything
    /// else is shared: credentials, connections, the budget for retries.
    #[must_use]
    pub fn with_options(&self, options: &CallOptions) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            options: Arc::new(options.or(&self.options)),
        }
    }

    /// The service's address, without a trailing slash.
    pub fn base_url(&self) -> &str {
        self.shared.base.as_ref().map_or(NOWHERE, BaseUrl::as_str)
    }

    /// Where generated code sends the request to a path.
    #[doc(hidden)]
    pub fn url(&self, path: &str) -> Url {
        let base = self.shared.base.as_ref();
        base.unwrap_or_else(|_| &NOWHERE_URL).join(path)
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.shared.clock)
    }

    pub(crate) fn random(&self) -> Random {
        self.shared.random.clone()
    }

    /// What generated code builds its requests with.
    #[doc(hidden)]
    pub fn http(&self) -> reqwest::Client {
        self.shared.http.clone()
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
        self.send_json(operation, &[], Some(body)).await
    }

    /// Begins a JSON request to a route that the documents do not have yet. `path` begins with `/`.
    pub fn request(&self, method: Method, path: impl Into<String>) -> RawRequest {
        RawRequest::new(self.clone(), method, path.into())
    }

    pub(crate) async fn send_json<B, T>(
        &self,
        operation: &Operation,
        query: &[(String, String)],
        body: Option<&B>,
    ) -> Result<Answer<T>, Error>
    where
        B: Serialize + Sync + ?Sized,
        T: DeserializeOwned,
    {
        let in_operation = |error: Error| error.in_operation(operation.id());
        // Parsed, since a caller's own path may hold anything.
        let url = format!("{}{}", self.base_url(), operation.path());
        let mut request = self.shared.http.request(operation.method().clone(), url);
        if !query.is_empty() {
            request = request.query(query);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let mut request = request
            .build()
            .map_err(|error| in_operation(not_built(&error.without_url())))?;
        let reply = self.send(operation, &mut request, &Payload::None).await;
        reply.and_then(Reply::json).map_err(in_operation)
    }

    /// Sends a request as often as its operation, the options and the budget allow.
    pub(crate) async fn send(
        &self,
        operation: &Operation,
        request: &mut reqwest::Request,
        payload: &Payload,
    ) -> Result<Reply, Error> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(Error::configuration(
                "a call needs a tokio runtime: poll it inside of one",
            ));
        }
        if payload.is_spent() {
            return Err(Error::invalid_request(
                "the body is a stream, which can be sent once, and has been; nothing was sent",
            ));
        }
        self.prepare(operation, request, payload)?;
        let policy = self.options.retries.unwrap_or_default();
        let transfer = payload.is_transfer();
        let or = |limit: Duration| if transfer { NEVER } else { limit };
        let attempt_timeout = self.options.attempt_timeout.unwrap_or(or(ATTEMPT_TIMEOUT));
        let total_timeout = self.options.total_timeout.unwrap_or(or(TOTAL_TIMEOUT));
        let started = Instant::now();
        let mut attempt = 1;
        loop {
            let left = total_timeout.saturating_sub(started.elapsed());
            let mut sent = false;
            let span = self.span(operation, attempt);
            let outcome = {
                // Pinned where it is made: it is large, and each layer around it would move it.
                let work = pin!(self.moving(operation, request, payload, &mut sent));
                let work = work.instrument(span.clone());
                match tokio::time::timeout(left.min(attempt_timeout), work).await {
                    Ok(outcome) => outcome,
                    Err(_) => Err(TransportError::Timeout.into()),
                }
            };
            record(&span, &outcome);
            let error = match outcome {
                Ok(reply) => {
                    self.shared.budget.earn();
                    return Ok(reply);
                }
                Err(error) => error,
            };
            let Some(wait) = self.wait(operation, &error, sent, attempt, &policy) else {
                return Err(error);
            };
            if payload.is_spent() {
                return Err(error);
            }
            let left = total_timeout.saturating_sub(started.elapsed());
            if attempt >= policy.max_attempts() || wait >= left || !self.shared.budget.pay() {
                return Err(error);
            }
            tracing::debug!(parent: &span, %error, wait_ms = wait.as_millis(), "sent again after a wait");
            tokio::time::sleep(wait).await;
            attempt += 1;
        }
    }

    /// How long to wait before the next attempt; none if there should be none.
    fn wait(
        &self,
        operation: &Operation,
        error: &Error,
        sent: bool,
        attempt: u32,
        policy: &RetryPolicy,
    ) -> Option<Duration> {
        let wait = policy.wait(attempt, &self.shared.random);
        let asked = error.retry_after(self.shared.clock.now());
        retry::may_retry(operation, self.options.idempotent, error, sent)
            // Not all at once when the time that the service asked for is over.
            .then(|| asked.map_or(wait, |asked| asked.saturating_add(wait.min(asked / 10))))
    }

    fn span(&self, operation: &Operation, attempt: u32) -> tracing::Span {
        let base = self.shared.base.as_ref().ok();
        tracing::info_span!(
            "http.client.request",
            otel.kind = "client",
            otel.name = %format_args!("{} {}", operation.method(), operation.path()),
            http.request.method = %operation.method(),
            http.request.resend_count = attempt - 1,
            url.template = operation.path(),
            server.address = base.map(BaseUrl::host),
            operation.id = operation.id(),
            http.response.status_code = tracing::field::Empty,
            error.message = tracing::field::Empty,
        )
    }

    /// Checks a request and makes it ready to be sent, but for its credential.
    fn prepare(
        &self,
        operation: &Operation,
        request: &mut reqwest::Request,
        payload: &Payload,
    ) -> Result<(), Error> {
        let base = self.shared.base.as_ref().map_err(Clone::clone)?;
        let url = request.url();
        if !base.same_origin(url) || !base.leads_to(url, operation.path()) {
            return Err(Error::invalid_request(format!(
                "an argument would lead the request away from {}: a value in a path cannot be empty, \".\" or \"..\"; nothing was sent",
                operation.path()
            )));
        }
        crate::check::request(operation, request, payload)?;
        cookies::from_headers(request, operation.cookie_parameters())?;
        if operation.is_greedy() {
            base.spread(request.url_mut(), operation.path())?;
        }
        for (name, value) in &self.options.headers {
            request.headers_mut().insert(name, value.clone());
        }
        for (name, value) in operation.fixed_query_parameters() {
            request.url_mut().query_pairs_mut().append_pair(name, value);
        }
        Ok(())
    }

    /// An attempt, which may not stand still if it may take its time.
    async fn moving(
        &self,
        operation: &Operation,
        request: &reqwest::Request,
        payload: &Payload,
        sent: &mut bool,
    ) -> Result<Reply, Error> {
        let activity = Activity::new(payload.is_transfer());
        let work = self.attempt(operation, request, payload, sent, &activity);
        if !payload.is_transfer() {
            return work.await;
        }
        let limit = self.options.stall_timeout.unwrap_or(STALL);
        match select(pin!(work), pin!(activity.stalled(limit))).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right(_) => Err(TransportError::Timeout.into()),
        }
    }

    /// Sends a request once, or twice if its credential was refused and could be renewed. `sent` becomes
    /// true when it has gone out.
    async fn attempt(
        &self,
        operation: &Operation,
        original: &reqwest::Request,
        payload: &Payload,
        sent: &mut bool,
        activity: &Activity,
    ) -> Result<Reply, Error> {
        let base = self.shared.base.as_ref().map_err(Clone::clone)?;
        let chosen = self.shared.credentials.choose(operation)?;
        let guarded =
            operation.has_secret_body() || !chosen.is_empty() || self.options.has_credential();
        if guarded && base.is_exposed() && !self.shared.allow_plain_http {
            return Err(Error::configuration(format!(
                "{} would be sent a credential over plain HTTP; use https, or allow plain HTTP if the network between is trusted",
                base.as_str()
            )));
        }
        let mut attached: SmallVec<[Credential; 1]> = SmallVec::new();
        for (_, provider) in &chosen {
            let credential = if payload.is_one_shot() {
                // A refusal half-way would cost the content.
                provider.lasting_credential(LASTING).await
            } else {
                provider.credential().await
            };
            match credential {
                Ok(credential) => attached.push(credential),
                // Whoever has logged out still may do what needs no login.
                Err(error) if error.is_logged_out() && operation.is_open() => break,
                Err(error) => return Err(error),
            }
        }
        // One refusal may mean that a token has died early: renew what can be renewed, once, and once
        // more where what came was not new but found in a store.
        let mut renewals = 2;
        loop {
            let mut request = copy(original)?;
            for ((requirement, _), credential) in chosen.iter().zip(&attached) {
                attach(&mut request, requirement.placement, credential)?;
            }
            activity.touch();
            *sent = true;
            let refusal = match self.exchange(operation, request, payload, activity).await {
                Err(error) if error.is_unauthorized() && !attached.is_empty() => {
                    self.shared.credentials.explain(error, &chosen)
                }
                outcome => return outcome,
            };
            if renewals == 0 || payload.is_spent() {
                return Err(refusal);
            }
            // Refused is not processed.
            *sent = false;
            let (mut renewed, mut found) = (false, false);
            for ((_, provider), credential) in chosen.iter().zip(&mut attached) {
                if let Some(newer) = provider.renew(credential.clone()).await? {
                    renewed = true;
                    found |= newer.is_found();
                    *credential = newer;
                }
            }
            if !renewed {
                return Err(refusal);
            }
            renewals = if found { renewals - 1 } else { 0 };
            tracing::debug!("sent once more with a renewed credential");
        }
    }

    /// Sends a request and reads what comes.
    async fn exchange(
        &self,
        operation: &Operation,
        request: reqwest::Request,
        payload: &Payload,
        activity: &Activity,
    ) -> Result<Reply, Error> {
        let request = payload.attach(&self.shared.http, request, activity).await?;
        let answer = match &self.shared.transport {
            Some(transport) => transport.send(request).await,
            None => transport::execute(&self.shared.http, request).await,
        };
        match answer {
            Ok(response) => read(operation, response, activity).await,
            Err(error) => {
                let unreachable = matches!(error, TransportError::Connect(_));
                let error = Error::from(error);
                Err(if unreachable {
                    error.with_hint(format!(
                        "is {} the right address, and reachable from here?",
                        self.base_url()
                    ))
                } else {
                    error
                })
            }
        }
    }
}

/// What is sent is a copy: it may have to be sent again. What could not be copied is beside the request.
fn copy(request: &reqwest::Request) -> Result<reqwest::Request, Error> {
    request.try_clone().ok_or_else(|| {
        Error::invalid_request("the body of the request cannot be sent again; nothing was sent")
    })
}

/// Notes in the span of an attempt what came of it.
fn record(span: &tracing::Span, outcome: &Result<Reply, Error>) {
    if span.is_disabled() {
        return;
    }
    let status = match outcome {
        Ok(reply) => Some(reply.status),
        Err(error) => {
            span.record("error.message", tracing::field::display(error));
            error.status()
        }
    };
    if let Some(status) = status {
        span.record("http.response.status_code", status.as_u16());
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
