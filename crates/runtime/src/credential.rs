//! Where credentials come from.

use crate::{Error, Secret};
use futures::future::{BoxFuture, FutureExt};
use std::time::Duration;

/// A secret that authenticates a request.
#[derive(Clone, Debug)]
pub struct Credential {
    secret: Secret,
    generation: u64,
    /// Whether it was found, where a new one could have been asked for.
    found: bool,
}

impl Credential {
    /// A credential. `generation` tells one from its successors, so that a refusal is held against
    /// the one that was refused.
    pub fn new(secret: impl Into<Secret>, generation: u64) -> Self {
        Self {
            secret: secret.into(),
            generation,
            found: false,
        }
    }

    /// The same credential, found in a store: it may have been refused elsewhere already.
    pub(crate) fn found(mut self) -> Self {
        self.found = true;
        self
    }

    pub(crate) const fn is_found(&self) -> bool {
        self.found
    }

    /// The secret.
    pub const fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Which of its provider's credentials this is.
    pub const fn generation(&self) -> u64 {
        self.generation
    }
}

/// Supplies the credential for one security scheme of one service.
///
/// ```
/// use futures::future::{BoxFuture, FutureExt};
/// use imperal_runtime::{Credential, CredentialProvider, Error};
///
/// /// Reads a token that something else keeps fresh.
/// struct Mounted;
///
/// impl CredentialProvider for Mounted {
///     fn credential(&self) -> BoxFuture<'_, Result<Credential, Error>> {
///         async { Ok(Credential::new("from a mounted file", 0)) }.boxed()
///     }
/// }
/// ```
pub trait CredentialProvider: Send + Sync + 'static {
    /// The credential to send now.
    fn credential(&self) -> BoxFuture<'_, Result<Credential, Error>>;

    /// The credential to send now with content that cannot be sent again: one that will still be good in
    /// `least`, where it can be had. By default any.
    fn lasting_credential(&self, least: Duration) -> BoxFuture<'_, Result<Credential, Error>> {
        let _ = least;
        self.credential()
    }

    /// Called when the service answered 401 to `refused`. Returns a newer credential if there is
    /// one; the request is then sent once more. By default there is none.
    fn renew(&self, refused: Credential) -> BoxFuture<'_, Result<Option<Credential>, Error>> {
        drop(refused);
        async { Ok(None) }.boxed()
    }
}

/// A credential that never changes, such as a service token or an API key.
#[derive(Clone, Debug)]
pub struct StaticCredential(Credential);

impl StaticCredential {
    /// A provider of `secret`.
    pub fn new(secret: impl Into<Secret>) -> Self {
        Self(Credential::new(secret, 0))
    }
}

impl CredentialProvider for StaticCredential {
    fn credential(&self) -> BoxFuture<'_, Result<Credential, Error>> {
        let credential = self.0.clone();
        async { Ok(credential) }.boxed()
    }
}
