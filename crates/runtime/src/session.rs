//! How one request is sent.

use crate::base_url::BaseUrl;
use crate::body::{Reply, read};
use crate::call::not_built;
use crate::cookies;
use crate::credential_set::{CredentialSet, attach};
use crate::payload::Payload;
use crate::retry::{self, LONGEST_ASKED, Random};
use crate::trace::Trace;
use crate::transfer::Activity;
use crate::{
    Answer, CallOptions, Clock, Credential, Error, Operation, Placement, RawRequest, RetryBudget,
    RetryPolicy, Secret, SessionBuilder, Transport, TransportError, outgoing, repeated,
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

/// A limit that is none: longer than anything runs, and short enough to be added to any time.
pub(crate) const NEVER: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

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
    ///
    /// ```
    /// use imperal_runtime::{CallOptions, RetryPolicy, Session};
    ///
    /// let session = Session::builder().base_url("https://api.example.com").build()?;
    /// let once = session.with_options(&CallOptions::new().retries(RetryPolicy::none()));
    /// assert_eq!(once.base_url(), session.base_url());
    /// # Ok::<(), imperal_runtime::Error>(())
    /// ```
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
            request = Secret::exposing(|| request.json(body));
        }
        let mut request = request
            .build()
            .map_err(|error| in_operation(not_built(&error.without_url())))?;
        let reply = self.send(operation, &mut request, &Payload::None).await;
        reply.map_err(in_operation)?.json(operation)
    }

    /// Sends a request as often as its operation, the options and the budget allow.
    pub(crate) async fn send(
        &self,
        operation: &Operation,
        request: &mut reqwest::Request,
        payload: &Payload,
    ) -> Result<Reply, Error> {
        // Which task this is can be had without touching what all tasks share.
        if tokio::task::try_id().is_none() && tokio::runtime::Handle::try_current().is_err() {
            return Err(Error::no_runtime());
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
        let mut now = Instant::now();
        let end = now + total_timeout.min(NEVER);
        let mut trace = Trace::new(operation, self.shared.base.as_ref().ok());
        let mut attempt = 1;
        loop {
            let outcome = {
                // Pinned where it is made: it is large, and each layer around it would move it.
                let work = pin!(self.moving(operation, request, payload, &mut trace));
                let limit = end.min(now + attempt_timeout.min(NEVER));
                match tokio::time::timeout_at(limit, work).await {
                    Ok(outcome) => outcome,
                    Err(_) => Err(TransportError::Timeout.into()),
                }
            };
            trace.came_of_it(outcome.as_ref().map(|reply| reply.status));
            let error = match outcome {
                Ok(reply) => {
                    self.shared.budget.earn();
                    return Ok(reply);
                }
                Err(error) => error,
            };
            let Some(wait) = self.wait(operation, &error, trace.is_sent(), attempt, &policy) else {
                return Err(error);
            };
            if payload.is_spent() {
                return Err(error);
            }
            let left = end.saturating_duration_since(Instant::now());
            if attempt >= policy.max_attempts() || wait >= left || !self.shared.budget.pay() {
                return Err(error);
            }
            tracing::debug!(%error, wait_ms = wait.as_millis(), "sent again after a wait");
            tokio::time::sleep(wait).await;
            attempt += 1;
            now = Instant::now();
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
        if !retry::may_retry(operation, self.options.idempotent, error, sent) {
            return None;
        }
        let wait = policy.wait(attempt, &self.shared.random);
        match error.retry_after_at(self.shared.clock.now()) {
            None => Some(wait),
            // Whoever calls knows better what to do until then.
            Some(asked) if asked > LONGEST_ASKED => None,
            // Not all at once when the time that the service asked for is over.
            Some(asked) => Some((asked + wait.min(asked / 10)).max(wait)),
        }
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
        trace: &mut Trace<'_>,
    ) -> Result<Reply, Error> {
        let activity = Activity::new(payload.is_transfer());
        if !payload.is_transfer() {
            // Made where it is awaited: it is large, and would be moved.
            return self
                .attempt(operation, request, payload, trace, &activity)
                .await;
        }
        let work = self.attempt(operation, request, payload, trace, &activity);
        let limit = self.options.stall_timeout.unwrap_or(STALL);
        match select(pin!(work), pin!(activity.stalled(limit))).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right(_) => Err(TransportError::Timeout.into()),
        }
    }

    /// Sends a request once, or twice if its credential was refused and could be renewed.
    async fn attempt(
        &self,
        operation: &Operation,
        original: &reqwest::Request,
        payload: &Payload,
        trace: &mut Trace<'_>,
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
        // Whoever has no login any more still may do what needs none.
        let does_without = |error: &Error| {
            operation.is_open() && (error.is_logged_out() || error.is_login_refused())
        };
        let mut attached: SmallVec<[Credential; 1]> = SmallVec::new();
        for (_, provider) in &chosen {
            let credential = if payload.is_one_shot() {
                // A refusal half-way would cost the content.
                provider.lasting_credential(LASTING).await
            } else if let Some(credential) = provider.at_hand() {
                Ok(credential)
            } else {
                provider.credential().await
            };
            match credential {
                Ok(credential) => attached.push(credential),
                Err(error) if does_without(&error) => {
                    attached.clear();
                    break;
                }
                Err(error) => return Err(error.of_renewal()),
            }
        }
        // One refusal may mean that a token has died early: renew what can be renewed, once, and once
        // more where what came was not new but found in a store.
        let mut renewals = 2;
        loop {
            activity.touch();
            let span = trace.begin();
            let outcome = {
                let credentials = chosen.iter().zip(&attached);
                let placed = credentials.map(|((requirement, _), it)| (requirement.placement, it));
                let exchange = pin!(self.exchange(operation, original, placed, payload, activity));
                exchange.instrument(span).await
            };
            let outcome = outcome
                .map_err(|error| repeated::hide(error, operation, original, payload, &attached));
            let refusal = match outcome {
                Err(error) if error.is_unauthorized() && !attached.is_empty() => {
                    self.shared.credentials.explain(error, &chosen)
                }
                outcome => return outcome,
            };
            if renewals == 0 || payload.is_spent() {
                return Err(refusal);
            }
            trace.refused(&refusal);
            let (mut renewed, mut found) = (false, false);
            for ((_, provider), credential) in chosen.iter().zip(&mut attached) {
                match provider.renew(credential.clone()).await {
                    Ok(Some(newer)) => {
                        renewed = true;
                        found |= newer.is_found();
                        *credential = newer;
                    }
                    Ok(None) => {}
                    Err(error) if does_without(&error) => {
                        (renewed, found) = (true, false);
                        attached.clear();
                        break;
                    }
                    Err(error) => return Err(error.of_renewal()),
                }
            }
            if !renewed {
                return Err(refusal);
            }
            renewals = if found { renewals - 1 } else { 0 };
            tracing::debug!("sent once more with a renewed credential");
        }
    }

    /// Sends a request with credentials and reads what comes.
    async fn exchange<'a>(
        &self,
        operation: &Operation,
        original: &reqwest::Request,
        credentials: impl Iterator<Item = (Placement, &'a Credential)>,
        payload: &Payload,
        activity: &Activity,
    ) -> Result<Reply, Error> {
        // Made where it is sent from: it is large, and would be moved.
        let mut request = outgoing::copy(operation, original)?;
        for (placement, credential) in credentials {
            attach(&mut request, placement, credential)?;
        }
        if !matches!(payload, Payload::None) {
            request = payload.attach(&self.shared.http, request, activity).await?;
        }
        let answer = if let Some(transport) = &self.shared.transport {
            transport.send(request).await
        } else {
            let answer = self.shared.http.execute(request).await;
            answer.map_err(TransportError::from_reqwest)
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

impl std::fmt::Debug for Session {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Session")
            .field("base_url", &self.base_url())
            .field("credentials", &self.shared.credentials.providers.keys())
            .finish_non_exhaustive()
    }
}
