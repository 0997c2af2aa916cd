//! What a client authenticates with.

use imperal_runtime::Secret;

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
    Bearer(Secret),
    ServiceToken(Secret),
    RegistryKey(Secret),
    Device,
}

/// What a login with a password takes.
#[derive(Clone, Debug)]
pub(crate) struct Login {
    pub(crate) email: String,
    pub(crate) password: Secret,
    pub(crate) tenant: String,
}

impl Credentials {
    /// An account's email address and password. The client logs in when a call first needs it.
    pub fn password(email: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self(Kind::Password(Login {
            email: email.into(),
            password: password.into(),
            tenant: "default".to_owned(),
        }))
    }

    /// The tenant to log in to, `default` where it is not set. Changes nothing for other kinds.
    #[must_use]
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        if let Kind::Password(login) = &mut self.0 {
            login.tenant = tenant.into();
        }
        self
    }

    /// A refresh token from an earlier login. It works once: the client keeps the ones that follow.
    pub fn refresh_token(token: impl Into<Secret>) -> Self {
        Self(Kind::RefreshToken(token.into()))
    }

    /// A bearer token that does not change, such as an access token from the developer panel.
    pub fn bearer(token: impl Into<Secret>) -> Self {
        Self(Kind::Bearer(token.into()))
    }

    /// The token of a trusted backend, sent as `X-Service-Token`.
    pub fn service_token(token: impl Into<Secret>) -> Self {
        Self(Kind::ServiceToken(token.into()))
    }

    /// A login on another device, begun by [`Imperal::device_login`](crate::Imperal::device_login). Calls
    /// that need a login fail until it is done.
    pub const fn device() -> Self {
        Self(Kind::Device)
    }

    /// A key of the Registry, sent as `x-api-key`.
    pub fn registry_key(key: impl Into<Secret>) -> Self {
        Self(Kind::RegistryKey(key.into()))
    }
}
