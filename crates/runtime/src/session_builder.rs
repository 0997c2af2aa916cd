//! Sets up a session.

use crate::base_url::BaseUrl;
use crate::credential_set::CredentialSet;
use crate::session::Shared;
use crate::{CredentialProvider, Error, Session, Transport};
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
}

impl SessionBuilder {
    pub(crate) fn new() -> Self {
        Self {
            base: None,
            unconfigured: "no base URL is configured".to_owned(),
            credentials: CredentialSet::default(),
            allow_plain_http: false,
            transport: None,
            user_agent: concat!("imperal-runtime/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }

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
        let loopback = base.as_ref().is_ok_and(BaseUrl::is_loopback);
        let http = http_client(&self.user_agent, loopback)?;
        let transport = self.transport.unwrap_or_else(|| Arc::new(http.clone()));
        Ok(Session::from_shared(Shared {
            base,
            credentials: self.credentials,
            allow_plain_http: self.allow_plain_http,
            http,
            transport,
        }))
    }
}

/// Redirects are never followed: a credential in a custom header would go along.
/// A proxy is for what leaves the machine: what goes to loopback is not shown to it.
fn http_client(user_agent: &str, loopback: bool) -> Result<reqwest::Client, Error> {
    let builder = reqwest::Client::builder();
    let builder = if loopback {
        builder.no_proxy()
    } else {
        builder
    };
    builder
        .user_agent(user_agent)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(10))
        .build()
        .map_err(|error| Error::configuration(format!("the HTTP client cannot be built: {error}")))
}
