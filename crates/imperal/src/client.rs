//! The client that services depend on.

use crate::builder::scheme;
use crate::{DeviceLogin, ImperalBuilder, LiveEvents, environment};
use imperal_runtime::{
    CallOptions, Error, Method, Placement, RawRequest, Requirement, Session, TokenEngine,
};
use std::sync::Arc;

/// A client of Imperal Cloud: both services, one login. Cheap to clone; clones share the login.
///
/// ```no_run
/// use imperal::Imperal;
///
/// # async fn example() -> Result<(), imperal::Error> {
/// let imperal = Imperal::from_env()?;
/// let me = imperal.gateway().auth().me().send().await?;
/// println!("{} of tenant {}", me.email, me.tenant_id);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Imperal {
    shared: Arc<Shared>,
}

/// The credential of a request to the gateway for which there is no method, unless the caller names another.
static BEARER: &[&[Requirement]] = &[&[Requirement {
    scheme: scheme::BEARER,
    placement: Placement::Bearer,
}]];

struct Shared {
    gateway: imperal_auth_gateway::Client,
    registry: imperal_registry::Client,
    tokens: Option<TokenEngine>,
    #[cfg(feature = "verify")]
    clock: Arc<dyn imperal_runtime::Clock>,
}

impl Imperal {
    pub(crate) fn new(
        gateway: Session,
        registry: Session,
        tokens: Option<TokenEngine>,
        #[cfg(feature = "verify")] clock: Arc<dyn imperal_runtime::Clock>,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                gateway: imperal_auth_gateway::Client::new(gateway),
                registry: imperal_registry::Client::new(registry),
                tokens,
                #[cfg(feature = "verify")]
                clock,
            }),
        }
    }

    /// A client yet to be set up.
    pub fn builder() -> ImperalBuilder {
        ImperalBuilder::new()
    }

    /// A client set up by environment variables:
    ///
    /// | What | Variable | Also read |
    /// |---|---|---|
    /// | address of the Auth Gateway | `IMPERAL_API_URL` | `IMPERAL_GATEWAY_URL` |
    /// | address of the Registry | `IMPERAL_REGISTRY_URL` | `REGISTRY_URL` |
    /// | login | `IMPERAL_EMAIL` and `IMPERAL_PASSWORD` | |
    /// | bearer token | `IMPERAL_TOKEN` | |
    /// | service token | `IMPERAL_SERVICE_TOKEN` | `AUTH_SERVICE_TOKEN`, `AUTH_GATEWAY_SERVICE_TOKEN` |
    /// | Registry key | `IMPERAL_API_KEY` | `REGISTRY_API_KEY` |
    /// | file with a login | `IMPERAL_CREDENTIALS_FILE` | |
    ///
    /// An empty variable counts as not set. Where no credential is set at all, the login is used that the
    /// platform's tools have left in `~/.imperal/credentials.json`, if there is one.
    ///
    /// # Errors
    ///
    /// If no credential is set, half a login is, two names for one thing have different values, or a
    /// value is not usable. The error names the variables.
    pub fn from_env() -> Result<Self, Error> {
        environment::builder(|name| std::env::var_os(name))?.build()
    }

    /// The Auth Gateway: identity, keys, marketplace, billing, developer portal.
    pub fn gateway(&self) -> &imperal_auth_gateway::Client {
        &self.shared.gateway
    }

    /// The Registry: extension discovery, tool manifests, app settings. Its calls fail, naming what
    /// to set, while no address is configured.
    pub fn registry(&self) -> &imperal_registry::Client {
        &self.shared.registry
    }

    /// Logs in now. There is no need to: the first call that needs a token logs in. After
    /// [`logout`](Self::logout) it logs in anew.
    ///
    /// # Errors
    ///
    /// If the login is refused, no answer comes, or there is neither a password nor a refresh token.
    pub async fn login(&self) -> Result<(), Error> {
        match &self.shared.tokens {
            Some(tokens) => tokens.login().await,
            None => Err(Error::configuration(
                "there is nothing to log in with: give `Credentials::password`, or set IMPERAL_EMAIL and \
                 IMPERAL_PASSWORD",
            )),
        }
    }

    /// Begins a login on another device: someone who is logged in there allows it. The client needs
    /// [`Credentials::device`](crate::Credentials::device), or a token store.
    ///
    /// # Errors
    ///
    /// If the service refuses, no answer comes, or the client is not set up to keep a login.
    pub async fn device_login(&self) -> Result<DeviceLogin, Error> {
        let Some(tokens) = &self.shared.tokens else {
            return Err(Error::configuration(
                "this client keeps no login: give `Credentials::device()` or a token store",
            ));
        };
        DeviceLogin::begin(self.gateway().session().clone(), tokens.clone()).await
    }

    /// Verifies tokens of others with the public keys of the Auth Gateway. Keep it: it keeps the keys.
    #[cfg(feature = "verify")]
    pub fn token_verifier(&self) -> crate::TokenVerifier {
        crate::TokenVerifier::new(
            self.gateway().session().clone(),
            Arc::clone(&self.shared.clock),
        )
    }

    /// The live events of the account: what other tools change, as they change it. Nothing is sent before the
    /// stream is polled.
    pub fn events(&self) -> LiveEvents {
        self.gateway().events().event_stream().events().into()
    }

    /// Begins a JSON request to a route of the Auth Gateway that its document does not have yet. It needs
    /// a login unless [`security`](RawRequest::security) says otherwise.
    pub fn request(&self, method: Method, path: impl Into<String>) -> RawRequest {
        self.gateway()
            .session()
            .request(method, path)
            .security(BEARER)
    }

    /// The same client with `options` for every call of both services; what they do not set is as before.
    /// The login is shared.
    ///
    /// ```
    /// use imperal::{CallOptions, Credentials, Imperal};
    ///
    /// let imperal = Imperal::builder().credentials(Credentials::service_token("a token")).build()?;
    /// let acting = imperal.with_options(&CallOptions::new().header("x-acting-user", "imp_u_1")?);
    /// # Ok::<(), imperal::Error>(())
    /// ```
    #[must_use]
    pub fn with_options(&self, options: &CallOptions) -> Self {
        Self {
            shared: Arc::new(Shared {
                gateway: self.shared.gateway.with_options(options),
                registry: self.shared.registry.with_options(options),
                tokens: self.shared.tokens.clone(),
                #[cfg(feature = "verify")]
                clock: Arc::clone(&self.shared.clock),
            }),
        }
    }

    /// Ends the login: the tokens are forgotten here and ended at the service. Later calls fail until
    /// [`login`](Self::login) is called. With credentials that do not change there is nothing to end.
    ///
    /// # Errors
    ///
    /// If the service could not be told, or the token store could not be changed. The tokens are forgotten
    /// here all the same.
    pub async fn logout(&self) -> Result<(), Error> {
        match &self.shared.tokens {
            Some(tokens) => tokens.logout().await,
            None => Ok(()),
        }
    }
}

impl std::fmt::Debug for Imperal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Imperal")
            .field("gateway", self.shared.gateway.session())
            .field("registry", self.shared.registry.session())
            .field("tokens", &self.shared.tokens)
            .finish()
    }
}
