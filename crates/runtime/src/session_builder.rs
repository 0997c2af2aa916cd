//! Sets up a session.

use crate::base_url::BaseUrl;
use crate::credential_set::CredentialSet;
use crate::retry::Random;
use crate::session::{NEVER, Shared};
use crate::{
    CallOptions, Clock, CredentialProvider, Error, RetryBudget, Session, SystemClock, Transport,
};
use std::sync::Arc;
use std::time::Duration;

/// Sets up a [`Session`].
///
/// ```
/// use imperal_runtime::{Session, StaticCredential};
///
/// let session = Session::builder()
///     .base_url("https://api.example.com")
///     .credential("apiKey", StaticCredential::new("a key"))
///     .user_agent("billing-service/1.2")
///     .build()?;
/// # Ok::<(), imperal_runtime::Error>(())
/// ```
#[must_use]
pub struct SessionBuilder {
    base: Option<String>,
    unconfigured: String,
    credentials: CredentialSet,
    allow_plain_http: bool,
    transport: Option<Arc<dyn Transport>>,
    user_agent: String,
    clock: Arc<dyn Clock>,
    options: CallOptions,
    budget: RetryBudget,
    seed: Option<u64>,
    pooled: bool,
    configure: Option<Configure>,
}

/// How a caller sets up the HTTP client.
type Configure = Arc<dyn Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync>;

/// Idle connections are closed after this, before the usual proxies close them: a request sent on one
/// that is being closed would be lost.
const IDLE: Duration = Duration::from_secs(50);

impl SessionBuilder {
    pub(crate) fn new() -> Self {
        Self {
            base: None,
            unconfigured: "no base URL is configured".to_owned(),
            credentials: CredentialSet::default(),
            allow_plain_http: false,
            transport: None,
            user_agent: concat!("imperal-runtime/", env!("CARGO_PKG_VERSION")).to_owned(),
            clock: Arc::new(SystemClock),
            options: CallOptions::new(),
            budget: RetryBudget::default(),
            seed: None,
            pooled: true,
            configure: None,
        }
    }

    /// The address of the service, such as `https://auth.imperal.io`.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base = Some(url.into());
        self
    }

    /// What every call fails with while no base URL is set: say what to configure.
    ///
    /// ```
    /// use imperal_runtime::{Method, Session};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal_runtime::Error> {
    /// let session = Session::builder().unconfigured("set THINGS_URL").build()?;
    /// let request = session.request(Method::GET, "/v1/things");
    /// let error = request.send::<serde_json::Value>().await.unwrap_err();
    /// assert!(error.is_configuration() && error.to_string().ends_with("set THINGS_URL"));
    /// # Ok(()) }
    /// ```
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
        self.credentials.providers.insert(scheme, provider);
        self
    }

    /// How an error names the credential `scheme` when a call needs it and it is not configured.
    pub fn describe_credential(mut self, scheme: &'static str, name: &'static str) -> Self {
        self.credentials.names.insert(scheme, name);
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

    /// Where the time comes from that a date in `Retry-After` is measured against.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// What every call does otherwise than by default.
    pub fn options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    /// The account that retries are paid from, where several sessions share one.
    ///
    /// ```
    /// use imperal_runtime::{RetryBudget, Session};
    ///
    /// let budget = RetryBudget::default();
    /// let things = Session::builder().base_url("https://things.example.com").retry_budget(budget.clone());
    /// let users = Session::builder().base_url("https://users.example.com").retry_budget(budget);
    /// # things.build()?;
    /// # users.build()?;
    /// # Ok::<(), imperal_runtime::Error>(())
    /// ```
    pub fn retry_budget(mut self, budget: RetryBudget) -> Self {
        self.budget = budget;
        self
    }

    /// Draws the waits between attempts from a sequence that is the same for the same seed.
    pub fn random_seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Opens a connection for every request: an answer lost on a connection that had died in the pool
    /// would be lost for good.
    pub fn fresh_connections(mut self) -> Self {
        self.pooled = false;
        self
    }

    /// Sets up the HTTP client: a proxy, root certificates, the pool. Redirects stay off, time-outs stay
    /// with the session, and what goes to loopback is not sent through a proxy, whatever `configure` says
    /// of them.
    pub fn configure_http(
        mut self,
        configure: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.configure = Some(Arc::new(configure));
        self
    }

    /// The session.
    ///
    /// # Errors
    ///
    /// If the base URL is not an absolute `http` or `https` URL, or the HTTP client cannot be built.
    pub fn build(self) -> Result<Session, Error> {
        let base = match &self.base {
            Some(text) => Ok(BaseUrl::parse(text)?),
            None => Err(Error::configuration(self.unconfigured.clone())),
        };
        let loopback = base.as_ref().is_ok_and(BaseUrl::is_loopback);
        let http = self.http_client(loopback)?;
        let shared = Shared {
            base,
            credentials: self.credentials,
            allow_plain_http: self.allow_plain_http,
            http,
            transport: self.transport,
            clock: self.clock,
            budget: self.budget,
            random: Random::new(self.seed),
        };
        Ok(Session::from_shared(shared, self.options))
    }

    /// Redirects are never followed: a credential in a custom header would go along.
    /// A proxy is for what leaves the machine: what goes to loopback is not shown to it.
    fn http_client(&self, loopback: bool) -> Result<reqwest::Client, Error> {
        let mut builder = reqwest::Client::builder()
            .pool_idle_timeout(IDLE)
            .connect_timeout(Duration::from_secs(10));
        // What follows `configure` holds whatever it says.
        if let Some(configure) = &self.configure {
            // A time-out of the HTTP client would cut streams off: the session has its own.
            builder = configure(builder).timeout(NEVER).read_timeout(NEVER);
        }
        if loopback {
            builder = builder.no_proxy();
        }
        if !self.pooled {
            builder = builder.pool_max_idle_per_host(0);
        }
        builder
            .user_agent(&self.user_agent)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| {
                Error::configuration(format!("the HTTP client cannot be built: {error}"))
            })
    }
}
