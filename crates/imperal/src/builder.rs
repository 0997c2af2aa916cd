//! Sets up a client.

use crate::account::Account;
use crate::authority::Gateway;
use crate::claims::Claims;
use crate::client::Imperal;
use crate::credentials::{Credentials, PasswordSlot, Provider};
use crate::slots::Slots;
use imperal_runtime::{
    CallOptions, Clock, CredentialProvider, Error, RetryBudget, Session, SessionBuilder,
    SystemClock, TokenEngine, TokenStore, Transport,
};
use std::sync::Arc;
use std::time::Duration;

/// The schemes of the documents, as the overlays name them.
pub(crate) mod scheme {
    pub(crate) const BEARER: &str = "bearer";
    pub(crate) const EVENT_TOKEN: &str = "eventToken";
    pub(super) const SERVICE_TOKEN: &str = "serviceToken";
    pub(super) const REGISTRY_KEY: &str = "registryKey";
}

/// Where the Auth Gateway is for everyone.
pub(crate) const GATEWAY_URL: &str = "https://auth.imperal.io";

/// How long a login, refresh or logout may take with all its attempts: less than a lease on the store lasts.
const LONGEST_REFRESH: Duration = Duration::from_secs(45);

/// Sets up an [`Imperal`]. Everything has a default except the credentials.
///
/// ```
/// use imperal::{Credentials, Imperal};
///
/// let imperal = Imperal::builder()
///     .credentials(Credentials::password("you@example.com", "password"))
///     .credentials(Credentials::registry_key("a key"))
///     .registry_url("https://registry.example.com")
///     .build()?;
/// assert_eq!(imperal.gateway().session().base_url(), "https://auth.imperal.io");
/// # Ok::<(), imperal::Error>(())
/// ```
#[must_use]
pub struct ImperalBuilder {
    gateway_url: String,
    registry_url: Option<String>,
    credentials: Vec<Credentials>,
    clock: Arc<dyn Clock>,
    transport: Option<Arc<dyn Transport>>,
    allow_plain_http: bool,
    application: Option<String>,
    store: Option<Arc<dyn TokenStore>>,
    account: Option<String>,
    any_issuer: bool,
    options: CallOptions,
    configure_http: Option<ConfigureHttp>,
    seed: Option<u64>,
}

/// How a caller sets up the HTTP client.
type ConfigureHttp = Arc<dyn Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync>;

impl ImperalBuilder {
    pub(crate) fn new() -> Self {
        Self {
            gateway_url: GATEWAY_URL.to_owned(),
            registry_url: None,
            credentials: Vec::new(),
            clock: Arc::new(SystemClock),
            transport: None,
            allow_plain_http: false,
            application: None,
            store: None,
            account: None,
            any_issuer: false,
            options: CallOptions::new(),
            configure_http: None,
            seed: None,
        }
    }

    /// Sets the address of the Auth Gateway, which is `https://auth.imperal.io` by default.
    ///
    /// ```
    /// use imperal::Imperal;
    ///
    /// let imperal = Imperal::builder().gateway_url("https://gateway.internal/").build()?;
    /// assert_eq!(imperal.gateway().session().base_url(), "https://gateway.internal");
    ///
    /// let error = Imperal::builder().gateway_url("gateway.internal").build().unwrap_err();
    /// assert!(error.is_configuration() && error.to_string().contains("https://"));
    /// # Ok::<(), imperal::Error>(())
    /// ```
    pub fn gateway_url(mut self, url: impl Into<String>) -> Self {
        self.gateway_url = url.into();
        self
    }

    /// Sets the address of the Registry. There is no default: it is an internal host. Without it, calls
    /// of the Registry fail, and all others work.
    pub fn registry_url(mut self, url: impl Into<String>) -> Self {
        self.registry_url = Some(url.into());
        self
    }

    /// Adds a credential. Those of different kinds combine.
    ///
    /// ```
    /// use imperal::{Credentials, Imperal};
    ///
    /// let backend = Imperal::builder()
    ///     .credentials(Credentials::service_token("a token"))
    ///     .credentials(Credentials::registry_key("a key"));
    /// assert!(backend.build().is_ok());
    ///
    /// // A request carries one bearer: this token, or that of the login.
    /// let both = Imperal::builder()
    ///     .credentials(Credentials::bearer("a token"))
    ///     .credentials(Credentials::password("you@example.com", "password"));
    /// assert!(both.build().unwrap_err().is_configuration());
    /// ```
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials.push(credentials);
        self
    }

    /// Sets where the client takes the time from when it decides that a token has expired: the machine's clock by
    /// default.
    ///
    /// ```
    /// use imperal::{Clock, Credentials, ManualClock, SystemClock};
    /// use imperal_mock::{Cloud, EMAIL, PASSWORD};
    /// use std::time::Duration;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// let cloud = Cloud::start().await;
    /// let clock = ManualClock::starting_at(SystemClock.now());
    /// let login = Credentials::password(EMAIL, PASSWORD);
    /// let imperal = cloud.client_builder().credentials(login).clock(clock.clone()).build()?;
    /// imperal.login().await?;
    ///
    /// let longer = Duration::from_secs(16 * 60); // than a token lives
    /// cloud.advance(longer);
    /// clock.advance(longer);
    /// imperal.gateway().auth().me().send().await?; // with a new token: the old one is not sent
    /// assert!(cloud.exchanges().iter().all(|exchange| exchange.status == 200));
    /// # Ok(()) }
    /// ```
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Sends over `transport` in place of the network.
    ///
    /// ```
    /// use futures::future::{BoxFuture, FutureExt};
    /// use imperal::{Credentials, Imperal, Transport, TransportError};
    ///
    /// /// Answers every request with an empty list.
    /// struct Played;
    ///
    /// impl Transport for Played {
    ///     fn send(&self, _: reqwest::Request) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
    ///         async { Ok(http::Response::new("[]").into()) }.boxed()
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// let token = Credentials::bearer("a token");
    /// let imperal = Imperal::builder().credentials(token).transport(Played).build()?;
    /// assert!(imperal.gateway().api_keys().list_keys().send().await?.is_empty());
    /// # Ok(()) }
    /// ```
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Allows credentials over plain HTTP to hosts other than loopback. Off by default: anyone on
    /// the way can read them.
    ///
    /// ```
    /// use imperal::{Credentials, Imperal};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// let builder = Imperal::builder().gateway_url("http://gateway.internal:8080");
    /// let imperal = builder.credentials(Credentials::bearer("a token")).build()?;
    /// let error = imperal.gateway().auth().me().send().await.unwrap_err(); // nothing was sent
    /// assert!(error.is_configuration());
    /// # Ok(()) }
    /// ```
    pub fn allow_plain_http(mut self, allow: bool) -> Self {
        self.allow_plain_http = allow;
        self
    }

    /// Sets what your application calls itself, such as `billing-service/1.2`. In the `User-Agent` header it stands
    /// before the name of this library.
    pub fn user_agent(mut self, application: impl Into<String>) -> Self {
        self.application = Some(application.into());
        self
    }

    /// Sets where the tokens of the login are kept: in memory by default. With a store the client needs
    /// no other credential, as long as there is a login in it: see [`FileStore`](crate::FileStore).
    ///
    /// ```
    /// use imperal::{Credentials, MemoryStore};
    /// use imperal_mock::{Cloud, EMAIL, PASSWORD};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// let cloud = Cloud::start().await;
    /// let store = MemoryStore::default(); // clones share the tokens
    /// let login = Credentials::password(EMAIL, PASSWORD);
    /// cloud.client_builder().token_store(store.clone()).credentials(login).build()?.login().await?;
    ///
    /// let other = cloud.client_builder().token_store(store).build()?; // without a password
    /// other.gateway().auth().me().send().await?;
    /// # Ok(()) }
    /// ```
    pub fn token_store(mut self, store: impl TokenStore) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// Sets the id of the account, such as `imp_u_…`: tokens of another one in the
    /// [`token_store`](Self::token_store) are refused.
    ///
    /// ```
    /// # use imperal::{Credentials, MemoryStore};
    /// # use imperal_mock::{Cloud, EMAIL, PASSWORD};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// # let cloud = Cloud::start().await;
    /// # let store = MemoryStore::default();
    /// # let login = Credentials::password(EMAIL, PASSWORD);
    /// # cloud.client_builder().token_store(store.clone()).credentials(login).build()?.login().await?;
    /// // The store holds somebody else's login.
    /// let imperal = cloud.client_builder().token_store(store).account("imp_u_7").build()?;
    /// let error = imperal.gateway().auth().me().send().await.unwrap_err();
    /// assert!(error.is_configuration());
    /// # Ok(()) }
    /// ```
    pub fn account(mut self, id: impl Into<String>) -> Self {
        self.account = Some(id.into());
        self
    }

    /// Sends stored tokens to this client's gateway even if they were issued by another host, as they may
    /// be where one service has two addresses. Off by default: whoever could change the address of the gateway
    /// would get the tokens.
    ///
    /// ```
    /// use imperal::{Credentials, MemoryStore, TokenStore};
    /// use imperal_mock::{Cloud, EMAIL, PASSWORD};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// let cloud = Cloud::start().await;
    /// let store = MemoryStore::default();
    /// # let login = Credentials::password(EMAIL, PASSWORD);
    /// # cloud.client_builder().token_store(store.clone()).credentials(login).build()?.login().await?;
    /// # let mut tokens = store.load().await?.expect("a login was stored");
    /// # tokens.issuer = Some("https://old-name.example".to_owned());
    /// # store.lock().await?.save(&tokens).await?;
    /// // The service had another name when the login in the store was made.
    /// let builder = || cloud.client_builder().token_store(store.clone());
    /// let error = builder().build()?.gateway().auth().me().send().await.unwrap_err();
    /// assert!(error.is_configuration()); // nothing was sent
    /// builder().stored_login_of_any_host(true).build()?.gateway().auth().me().send().await?;
    /// # Ok(()) }
    /// ```
    pub fn stored_login_of_any_host(mut self, allow: bool) -> Self {
        self.any_issuer = allow;
        self
    }

    /// Sets what every call does otherwise than by default: time-outs, retries, headers.
    ///
    /// ```
    /// use imperal::{CallOptions, Credentials, Imperal, RetryPolicy};
    /// use std::time::Duration;
    ///
    /// let patient = CallOptions::new()
    ///     .total_timeout(Duration::from_secs(300))
    ///     .retries(RetryPolicy::default().attempts(8));
    /// let imperal = Imperal::builder()
    ///     .credentials(Credentials::bearer("a token"))
    ///     .options(patient)
    ///     .build()?;
    /// # Ok::<(), imperal::Error>(())
    /// ```
    pub fn options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    /// Sets up the HTTP client beneath: a proxy, root certificates, the pool. Redirects stay off,
    /// time-outs stay those of [`options`](Self::options), and what goes to loopback is not sent through
    /// a proxy.
    ///
    /// ```
    /// use imperal::{Credentials, Imperal};
    /// use std::time::Duration;
    ///
    /// let imperal = Imperal::builder()
    ///     .credentials(Credentials::bearer("a token"))
    ///     .configure_http(|http| http.connect_timeout(Duration::from_secs(2)).pool_max_idle_per_host(4))
    ///     .build()?;
    /// # Ok::<(), imperal::Error>(())
    /// ```
    pub fn configure_http(
        mut self,
        configure: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.configure_http = Some(Arc::new(configure));
        self
    }

    /// Draws the waits before retries and the moments of early refreshes from a sequence that is the same for the
    /// same seed, for tests.
    pub fn random_seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// The client. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// If a URL is not an absolute `http` or `https` URL, two credentials exclude each other, or the HTTP
    /// client cannot be built.
    pub fn build(self) -> Result<Imperal, Error> {
        let slots = Slots::fill(&self.credentials)?;
        let budget = RetryBudget::default();
        let password = slots.login.clone().map(PasswordSlot::new).map(Arc::new);
        let tokens = self.token_engine(&slots, password.clone(), &budget)?;

        let mut gateway = self.session(&budget).base_url(&self.gateway_url);
        let bearer: Option<Arc<dyn CredentialProvider>> = match (&tokens, &slots.bearer) {
            (Some(tokens), _) => Some(Arc::new(tokens.clone())),
            (None, Some(Provider(bearer))) => Some(Arc::clone(bearer)),
            (None, None) => None,
        };
        if let Some(bearer) = bearer {
            gateway = gateway
                .shared_credential(scheme::BEARER, Arc::clone(&bearer))
                .shared_credential(scheme::EVENT_TOKEN, bearer);
        }
        if let Some(Provider(token)) = &slots.service_token {
            gateway = gateway.shared_credential(scheme::SERVICE_TOKEN, Arc::clone(token));
        }

        let mut registry = self.session(&budget).unconfigured(
            "the Registry has no base URL: set IMPERAL_REGISTRY_URL, or call `registry_url` on the builder",
        );
        if let Some(url) = &self.registry_url {
            registry = registry.base_url(url);
        }
        if let Some(Provider(key)) = &slots.registry_key {
            registry = registry.shared_credential(scheme::REGISTRY_KEY, Arc::clone(key));
        }
        Ok(Imperal::new(
            gateway.build()?,
            registry.build()?,
            tokens,
            password,
            #[cfg(feature = "verify")]
            Arc::clone(&self.clock),
        ))
    }

    fn token_engine(
        &self,
        slots: &Slots,
        password: Option<Arc<PasswordSlot>>,
        budget: &RetryBudget,
    ) -> Result<Option<TokenEngine>, Error> {
        let has_login = slots.login.is_some() || slots.refresh_token.is_some() || slots.device;
        if !has_login && (self.store.is_none() || slots.bearer.is_some()) {
            return Ok(None);
        }
        // An answer that is lost on a connection which had died in the pool would cost the login.
        let session = self
            .session(budget)
            .base_url(&self.gateway_url)
            .options(CallOptions::new().total_timeout(LONGEST_REFRESH))
            .fresh_connections()
            .build()?;
        let account = Account {
            id: self.account.clone(),
            email: slots.login.as_ref().map(|login| login.email.clone()),
            gateway: session.base_url().to_owned(),
            any_issuer: self.any_issuer,
        };
        let issuer = account.gateway.clone();
        let authority = Gateway::new(session, password);
        let mut tokens = TokenEngine::builder(Arc::new(authority), Arc::clone(&self.clock));
        if let Some(seed) = self.seed {
            tokens = tokens.random_seed(seed);
        }
        if let Some(store) = &self.store {
            tokens = tokens
                .store(Arc::clone(store), issuer, move |stored| {
                    account.accept(stored)
                })
                .account_of(|access_token| Claims::of(access_token).sub);
        }
        if let Some(token) = &slots.refresh_token {
            tokens = tokens.refresh_token(token.clone());
        }
        Ok(Some(tokens.build()))
    }

    /// What the sessions of both services have in common.
    fn session(&self, budget: &RetryBudget) -> SessionBuilder {
        let ours = concat!("imperal-rust/", env!("CARGO_PKG_VERSION"));
        let user_agent = match &self.application {
            Some(application) => format!("{application} {ours}"),
            None => ours.to_owned(),
        };
        let mut session = Session::builder()
            .allow_plain_http(self.allow_plain_http)
            .user_agent(user_agent)
            .clock(Arc::clone(&self.clock))
            .options(self.options.clone())
            .retry_budget(budget.clone())
            .describe_credential(
                scheme::BEARER,
                "a login (IMPERAL_EMAIL and IMPERAL_PASSWORD, or IMPERAL_TOKEN)",
            )
            .describe_credential(
                scheme::EVENT_TOKEN,
                "a login (IMPERAL_EMAIL and IMPERAL_PASSWORD, or IMPERAL_TOKEN)",
            )
            .describe_credential(
                scheme::SERVICE_TOKEN,
                "a service token (IMPERAL_SERVICE_TOKEN)",
            )
            .describe_credential(scheme::REGISTRY_KEY, "a Registry key (IMPERAL_API_KEY)");
        if let Some(transport) = &self.transport {
            session = session.transport(Arc::clone(transport));
        }
        if let Some(configure) = self.configure_http.clone() {
            session = session.configure_http(move |http| configure(http));
        }
        if let Some(seed) = self.seed {
            session = session.random_seed(seed);
        }
        session
    }
}

impl std::fmt::Debug for ImperalBuilder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ImperalBuilder")
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}
