//! Which credentials go together.

use crate::credentials::{Credentials, Kind, Login, Provider};
use imperal_runtime::{Error, Secret};

/// One credential of each kind, and no two that would both be the bearer.
#[derive(Default)]
pub(crate) struct Slots {
    pub(crate) login: Option<Login>,
    pub(crate) refresh_token: Option<Secret>,
    pub(crate) bearer: Option<Provider>,
    pub(crate) service_token: Option<Provider>,
    pub(crate) registry_key: Option<Provider>,
    /// Whether the login is one on another device.
    pub(crate) device: bool,
}

impl Slots {
    /// Sorts credentials by their kinds.
    pub(crate) fn fill(credentials: &[Credentials]) -> Result<Self, Error> {
        let mut slots = Self::default();
        for Credentials(kind) in credentials {
            let (taken, name) = match kind.clone() {
                Kind::Password(login) => (slots.login.replace(login).is_some(), "passwords"),
                Kind::RefreshToken(token) => (
                    slots.refresh_token.replace(token).is_some(),
                    "refresh tokens",
                ),
                Kind::Bearer(token) => (slots.bearer.replace(token).is_some(), "bearer tokens"),
                Kind::ServiceToken(token) => (
                    slots.service_token.replace(token).is_some(),
                    "service tokens",
                ),
                Kind::RegistryKey(key) => {
                    (slots.registry_key.replace(key).is_some(), "Registry keys")
                }
                Kind::Device => (std::mem::replace(&mut slots.device, true), "device logins"),
            };
            if taken {
                return Err(Error::configuration(format!(
                    "two {name} are given: a client takes one"
                )));
            }
        }
        if slots.bearer.is_some()
            && (slots.login.is_some() || slots.refresh_token.is_some() || slots.device)
        {
            return Err(Error::configuration(
                "a bearer token (IMPERAL_TOKEN, or a provider of your own) and a login are both given: a request \
                 carries one, so take the other away",
            ));
        }
        Ok(slots)
    }
}
