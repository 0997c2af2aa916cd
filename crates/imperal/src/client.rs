//! The client that services depend on.

use crate::builder::scheme;
use crate::credentials::PasswordSlot;
use crate::{DeviceLogin, ImperalBuilder, LiveEvents, environment};
use imperal_runtime::{
    AnswerKind, CallOptions, Error, Method, Operation, Placement, RawRequest, Requirement, Secret,
    Session, TokenEngine,
};
use std::sync::Arc;

/// A client of Imperal Cloud: both services, one login. Cheap to clone; clones share the login.
///
/// ```
/// use imperal::Credentials;
/// use imperal_mock::{Cloud, EMAIL, PASSWORD};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
/// let cloud = Cloud::start().await;
/// let login = Credentials::password(EMAIL, PASSWORD);
/// let imperal = cloud.client_builder().credentials(login).build()?;
/// let clone = imperal.clone(); // for another task, perhaps
///
/// let me = imperal.gateway().auth().me().send().await?;
/// println!("{} of tenant {}", me.email, me.tenant_id);
/// clone.gateway().auth().me().send().await?;
/// let paths: Vec<String> = cloud.exchanges().into_iter().map(|exchange| exchange.path).collect();
/// assert_eq!(paths, ["/v1/auth/login", "/v1/auth/me", "/v1/auth/me"]);
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

/// Of our own, so that the facade compiles whatever the documents hold.
static EVENTS: Operation = Operation::new("event stream", Method::GET, "/v1/events/stream")
    .answer(AnswerKind::Bytes)
    .security(&[&[Requirement {
        scheme: scheme::EVENT_TOKEN,
        placement: Placement::Query("token"),
    }]]);

struct Shared {
    gateway: imperal_auth_gateway::Client,
    registry: imperal_registry::Client,
    tokens: Option<TokenEngine>,
    password: Option<Arc<PasswordSlot>>,
    #[cfg(feature = "verify")]
    clock: Arc<dyn imperal_runtime::Clock>,
}

impl Imperal {
    pub(crate) fn new(
        gateway: Session,
        registry: Session,
        tokens: Option<TokenEngine>,
        password: Option<Arc<PasswordSlot>>,
        #[cfg(feature = "verify")] clock: Arc<dyn imperal_runtime::Clock>,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                gateway: imperal_auth_gateway::Client::new(gateway),
                registry: imperal_registry::Client::new(registry),
                tokens,
                password,
                #[cfg(feature = "verify")]
                clock,
            }),
        }
    }

    /// A client yet to be set up.
    ///
    /// ```
    /// use imperal::{Credentials, Imperal};
    ///
    /// let builder = Imperal::builder().credentials(Credentials::bearer("a token"));
    /// let imperal = builder.build()?; // nothing is sent
    /// # Ok::<(), imperal::Error>(())
    /// ```
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
    /// ```
    /// use imperal::Imperal;
    ///
    /// match Imperal::from_env() {
    ///     Ok(imperal) => println!("the gateway is {}", imperal.gateway().session().base_url()),
    ///     Err(error) => eprintln!("{error}"), // says which variable to set
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// If no credential is set, half a login is, two names for one thing have different values, or a
    /// value is not usable. The error names the variables.
    pub fn from_env() -> Result<Self, Error> {
        environment::builder(|name| std::env::var_os(name))?.build()
    }

    /// The Auth Gateway: identity, keys, marketplace, billing, developer portal.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// # let cloud = imperal_mock::Cloud::start().await;
    /// # let imperal = cloud.client();
    /// let app = imperal.gateway().marketplace().get_app().app_id("mail").send().await?;
    /// assert_eq!(app.app_id, "mail");
    /// # Ok(()) }
    /// ```
    pub fn gateway(&self) -> &imperal_auth_gateway::Client {
        &self.shared.gateway
    }

    /// The Registry: extension discovery, tool manifests, app settings. Its calls fail, naming what
    /// to set, while no address is configured.
    ///
    /// ```
    /// use imperal::{Credentials, Imperal};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// # let cloud = imperal_mock::Cloud::start().await;
    /// # let imperal = cloud.client();
    /// let apps = imperal.registry().apps().list_apps().send().await?;
    /// println!("{} apps", apps.len());
    ///
    /// let imperal = Imperal::builder().credentials(Credentials::registry_key("a key")).build()?;
    /// let error = imperal.registry().apps().list_apps().send().await.unwrap_err();
    /// assert!(error.is_configuration() && error.to_string().contains("IMPERAL_REGISTRY_URL"));
    /// # Ok(()) }
    /// ```
    pub fn registry(&self) -> &imperal_registry::Client {
        &self.shared.registry
    }

    /// Logs in now. There is no need to: the first call that needs a token logs in. After
    /// [`logout`](Self::logout) it logs in anew.
    ///
    /// ```
    /// use imperal::Credentials;
    /// use imperal_mock::{Cloud, EMAIL, PASSWORD};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// let cloud = Cloud::start().await;
    /// let client = |password: &str| {
    ///     let login = Credentials::password(EMAIL, password);
    ///     cloud.client_builder().credentials(login).build()
    /// };
    /// client(PASSWORD)?.login().await?;
    ///
    /// let error = client("wrong")?.login().await.unwrap_err();
    /// assert!(error.is_login_refused() && error.is_unauthorized());
    /// # Ok(()) }
    /// ```
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

    /// Replaces the password that this client and its clones log in with, and logs in, unless there is a
    /// token that is good. It is the way back after the old one was refused, which is final otherwise.
    ///
    /// ```
    /// use imperal::Credentials;
    /// use imperal_mock::{Cloud, EMAIL, PASSWORD};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// let cloud = Cloud::start().await;
    /// let login = Credentials::password(EMAIL, "an old one");
    /// let imperal = cloud.client_builder().credentials(login).build()?;
    /// let error = imperal.gateway().auth().me().send().await.unwrap_err();
    /// assert!(error.is_login_refused()); // and so will all calls be
    ///
    /// imperal.replace_password(PASSWORD).await?;
    /// imperal.gateway().auth().me().send().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// If the client was built without a password, the service refuses this one, or no answer comes. The
    /// password is replaced in the latter two cases.
    pub async fn replace_password(&self, password: impl Into<Secret>) -> Result<(), Error> {
        let (Some(tokens), Some(slot)) = (&self.shared.tokens, &self.shared.password) else {
            return Err(Error::configuration(
                "there is no password to replace: build a client with `Credentials::password`",
            ));
        };
        slot.replace(password.into());
        loop {
            match tokens.login().await {
                // The verdict of a login that was under way already, with the old one.
                Err(error) if error.is_login_refused() && !slot.is_tried() => {}
                outcome => return outcome,
            }
        }
    }

    /// Begins a login on another device: someone who is logged in there allows it. The client needs
    /// [`Credentials::device`](crate::Credentials::device), or a token store.
    ///
    /// ```no_run
    /// use imperal::{Credentials, Imperal};
    ///
    /// # async fn example() -> Result<(), imperal::Error> {
    /// let imperal = Imperal::builder().credentials(Credentials::device()).build()?;
    /// let login = imperal.device_login().await?;
    /// println!("open {} and enter {}", login.verification_url(), login.user_code());
    /// login.wait().await?; // until someone has allowed it
    /// let me = imperal.gateway().auth().me().send().await?;
    /// println!("logged in as {}", me.email);
    /// # Ok(()) }
    /// ```
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
    ///
    /// ```
    /// use imperal_mock::{Cloud, EMAIL, PASSWORD};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// # let cloud = Cloud::start().await;
    /// # let imperal = cloud.client();
    /// let verifier = imperal.token_verifier();
    ///
    /// let login = imperal.gateway().auth().login().body_map(|body| body.email(EMAIL).password(PASSWORD));
    /// let issued = login.send().await?;
    /// let token = verifier.verify(issued.access_token.expose()).await?;
    /// assert_eq!(token.email.as_deref(), Some(EMAIL));
    /// # Ok(()) }
    /// ```
    #[cfg(feature = "verify")]
    pub fn token_verifier(&self) -> crate::TokenVerifier {
        crate::TokenVerifier::new(self.gateway().session(), Arc::clone(&self.shared.clock))
    }

    /// The live events of the account: what other tools change, as they change it. Nothing is sent before the
    /// stream is polled.
    ///
    /// ```
    /// use futures::TryStreamExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// # let cloud = imperal_mock::Cloud::start().await;
    /// # let imperal = cloud.client();
    /// # cloud.push_event("panel_refresh", &serde_json::json!({ "panels": ["inbox"] }));
    /// let mut events = imperal.events().resume_after("0");
    /// while let Some(event) = events.try_next().await? {
    ///     println!("{}: {:?}", event.name(), event.data());
    /// #   break;
    /// }
    /// # Ok(()) }
    /// ```
    pub fn events(&self) -> LiveEvents {
        self.gateway().session().events(&EVENTS).into()
    }

    /// Begins a JSON request to a route of the Auth Gateway that its document does not have yet. It needs
    /// a login unless [`security`](RawRequest::security) says otherwise.
    ///
    /// ```
    /// use imperal::Method;
    /// use serde_json::Value;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// # let cloud = imperal_mock::Cloud::start().await;
    /// # let imperal = cloud.client();
    /// // As if there was no method for them.
    /// let apps = imperal.request(Method::GET, "/v1/marketplace/apps").query("per_page", 5);
    /// let apps = apps.send::<Value>().await?;
    /// assert_eq!(apps["apps"][0]["app_id"], "app-1");
    ///
    /// let health = imperal.request(Method::GET, "/healthz").security(&[]); // without a login
    /// health.send::<Value>().await?;
    /// # Ok(()) }
    /// ```
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
                password: self.shared.password.clone(),
                #[cfg(feature = "verify")]
                clock: Arc::clone(&self.shared.clock),
            }),
        }
    }

    /// Ends the login: the tokens are forgotten here and ended at the service. Later calls fail until
    /// [`login`](Self::login) is called. With credentials that do not change there is nothing to end.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// # let cloud = imperal_mock::Cloud::start().await;
    /// # let imperal = cloud.client();
    /// imperal.login().await?;
    /// imperal.logout().await?;
    /// let error = imperal.gateway().auth().me().send().await.unwrap_err();
    /// assert!(error.is_logged_out());
    ///
    /// imperal.login().await?; // with the password, anew
    /// imperal.gateway().auth().me().send().await?;
    /// # Ok(()) }
    /// ```
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
