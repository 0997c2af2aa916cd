//! What a client authenticates with.

use imperal_runtime::{CredentialProvider, Secret, StaticCredential};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One credential. A client takes one of each kind.
///
/// ```
/// use imperal::Credentials;
///
/// let credentials = Credentials::password("you@example.com", "password").tenant("default");
/// assert!(!format!("{credentials:?}").contains("\"password\""));
/// ```
#[derive(Clone, Debug)]
pub struct Credentials(pub(crate) Kind);

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Password(Login),
    RefreshToken(Secret),
    Bearer(Provider),
    ServiceToken(Provider),
    RegistryKey(Provider),
    Device,
}

/// Where a credential comes from that is not the token of a login.
#[derive(Clone)]
pub(crate) struct Provider(pub(crate) Arc<dyn CredentialProvider>);

impl Provider {
    fn new(provider: impl CredentialProvider) -> Self {
        Self(Arc::new(provider))
    }

    /// A provider of one secret, which does not change.
    fn fixed(secret: impl Into<Secret>) -> Self {
        Self::new(StaticCredential::new(secret))
    }
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("[secret]")
    }
}

/// What a login with a password takes.
#[derive(Clone, Debug)]
pub(crate) struct Login {
    pub(crate) email: String,
    pub(crate) password: Secret,
    pub(crate) tenant: String,
}

/// The login of a client that runs: its password can be replaced.
pub(crate) struct PasswordSlot(Mutex<Slot>);

struct Slot {
    login: Login,
    /// Whether the service has been asked with this password.
    is_tried: bool,
}

impl PasswordSlot {
    pub(crate) const fn new(login: Login) -> Self {
        Self(Mutex::new(Slot {
            login,
            is_tried: false,
        }))
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The login, for whoever asks the service with it now.
    pub(crate) fn take_out(&self) -> Login {
        let mut slot = self.slot();
        slot.is_tried = true;
        slot.login.clone()
    }

    pub(crate) fn replace(&self, password: Secret) {
        let mut slot = self.slot();
        slot.login.password = password;
        slot.is_tried = false;
    }

    /// Whether the service has been asked since the password was replaced.
    pub(crate) fn is_tried(&self) -> bool {
        self.slot().is_tried
    }
}

impl Credentials {
    /// An account's email address and password. The client logs in when a call first needs it.
    ///
    /// ```
    /// use imperal::{Credentials, Imperal};
    ///
    /// let login = Credentials::password("you@example.com", "password");
    /// let imperal = Imperal::builder().credentials(login).build()?; // nothing is sent yet
    /// # Ok::<(), imperal::Error>(())
    /// ```
    pub fn password(email: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self(Kind::Password(Login {
            email: email.into(),
            password: password.into(),
            tenant: "default".to_owned(),
        }))
    }

    /// Sets the tenant to log in to with a password, which is `default` otherwise. Changes nothing for other kinds.
    ///
    /// ```
    /// use imperal::Credentials;
    /// use imperal_mock::{Cloud, User};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// let cloud = Cloud::start().await;
    /// cloud.add_user(User::new("ann@example.com", "secret").tenant_id("acme"));
    ///
    /// let login = Credentials::password("ann@example.com", "secret").tenant("acme");
    /// let imperal = cloud.client_builder().credentials(login).build()?;
    /// assert_eq!(imperal.gateway().auth().me().send().await?.tenant_id, "acme");
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        if let Kind::Password(login) = &mut self.0 {
            login.tenant = tenant.into();
        }
        self
    }

    /// A refresh token from an earlier login. It works once: the client keeps the ones that follow.
    ///
    /// ```
    /// use imperal::Credentials;
    /// use imperal_mock::{Cloud, EMAIL, PASSWORD};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// let cloud = Cloud::start().await;
    /// # let imperal = cloud.client();
    /// # let login = imperal.gateway().auth().login().body_map(|body| body.email(EMAIL).password(PASSWORD));
    /// # let issued = login.send().await?;
    /// # let earlier = issued.refresh_token.clone().expect("a login brings one");
    /// let imperal = cloud.client_builder().credentials(Credentials::refresh_token(earlier)).build()?;
    /// assert_eq!(imperal.gateway().auth().me().send().await?.email, EMAIL);
    /// # Ok(()) }
    /// ```
    pub fn refresh_token(token: impl Into<Secret>) -> Self {
        Self(Kind::RefreshToken(token.into()))
    }

    /// A bearer token that does not change, such as an access token from the developer panel.
    pub fn bearer(token: impl Into<Secret>) -> Self {
        Self(Kind::Bearer(Provider::fixed(token)))
    }

    /// A key of the Auth Gateway, such as `imp_live_…`, made by `gateway().api_keys().create_key()`. It goes
    /// out as the bearer, which is the one way to send it that the service's document allows: to a client it
    /// is a [`bearer`](Self::bearer) token.
    ///
    /// ```
    /// use imperal::{Credentials, Imperal};
    ///
    /// let imperal = Imperal::builder().credentials(Credentials::api_key("imp_live_…")).build()?;
    /// # Ok::<(), imperal::Error>(())
    /// ```
    pub fn api_key(key: impl Into<Secret>) -> Self {
        Self::bearer(key)
    }

    /// Bearer tokens from a provider of your own, which is asked at each call: for a kind of credential that
    /// this crate does not know, such as a token that something else keeps fresh. If one is refused the
    /// provider is asked for a newer one, and the request is sent once more.
    ///
    /// ```
    /// use futures::future::{BoxFuture, FutureExt};
    /// use imperal::{Credential, CredentialProvider, Credentials, Error};
    /// use std::path::PathBuf;
    ///
    /// /// Reads the token that a sidecar keeps fresh in a file.
    /// struct Mounted(PathBuf);
    ///
    /// impl CredentialProvider for Mounted {
    ///     fn credential(&self) -> BoxFuture<'_, Result<Credential, Error>> {
    ///         async {
    ///             let token = std::fs::read_to_string(&self.0);
    ///             let token = token.map_err(|_| Error::configuration("there is no token in the file"))?;
    ///             Ok(Credential::new(token.trim(), 0))
    ///         }
    ///         .boxed()
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let cloud = imperal_mock::Cloud::start().await;
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("token");
    /// # let imperal = cloud.client();
    /// # let login = imperal.gateway().auth().login();
    /// # let login = login.body_map(|body| body.email(imperal_mock::EMAIL).password(imperal_mock::PASSWORD));
    /// # std::fs::write(&path, login.send().await?.access_token.expose())?;
    /// let credentials = Credentials::bearer_from(Mounted(path));
    /// let imperal = cloud.client_builder().credentials(credentials).build()?;
    /// imperal.gateway().auth().me().send().await?;
    /// # Ok(()) }
    /// ```
    pub fn bearer_from(provider: impl CredentialProvider) -> Self {
        Self(Kind::Bearer(Provider::new(provider)))
    }

    /// The token of a trusted backend, sent as `X-Service-Token`.
    ///
    /// ```
    /// use imperal::Credentials;
    /// use imperal_mock::{Cloud, SERVICE_TOKEN};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// let cloud = Cloud::start().await;
    /// let token = Credentials::service_token(SERVICE_TOKEN);
    /// let backend = cloud.client_builder().credentials(token).build()?;
    /// backend.gateway().events().event_stats().send().await?;
    /// # Ok(()) }
    /// ```
    pub fn service_token(token: impl Into<Secret>) -> Self {
        Self(Kind::ServiceToken(Provider::fixed(token)))
    }

    /// [Service tokens](Self::service_token) from a provider of your own, as for
    /// [`bearer_from`](Self::bearer_from).
    pub fn service_token_from(provider: impl CredentialProvider) -> Self {
        Self(Kind::ServiceToken(Provider::new(provider)))
    }

    /// A login on another device, begun by [`Imperal::device_login`](crate::Imperal::device_login). Calls
    /// that need a login fail until it is done.
    pub const fn device() -> Self {
        Self(Kind::Device)
    }

    /// A key of the Registry, sent as `x-api-key`.
    ///
    /// ```
    /// use imperal::Credentials;
    /// use imperal_mock::{Cloud, REGISTRY_KEY};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// let cloud = Cloud::start().await;
    /// let key = Credentials::registry_key(REGISTRY_KEY);
    /// let imperal = cloud.client_builder().credentials(key).build()?;
    /// imperal.registry().apps().list_apps().send().await?;
    /// # Ok(()) }
    /// ```
    pub fn registry_key(key: impl Into<Secret>) -> Self {
        Self(Kind::RegistryKey(Provider::fixed(key)))
    }

    /// [Keys of the Registry](Self::registry_key) from a provider of your own, as for
    /// [`bearer_from`](Self::bearer_from).
    pub fn registry_key_from(provider: impl CredentialProvider) -> Self {
        Self(Kind::RegistryKey(Provider::new(provider)))
    }
}
