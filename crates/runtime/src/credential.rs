//! Where credentials come from.

use crate::{Error, Secret};
use bytes::Bytes;
use futures::future::{BoxFuture, FutureExt};
use http::HeaderValue;
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

/// A secret that authenticates a request. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Credential {
    given: Arc<Given>,
    generation: u64,
    /// Whether it was found, where a new one could have been asked for.
    found: bool,
}

#[derive(Debug)]
struct Given {
    secret: Secret,
    /// `Bearer …`, made once for all requests; none if no header can carry it.
    bearer: Option<HeaderValue>,
}

impl Credential {
    /// A credential. `generation` tells one from its successors, so that a refusal is held against
    /// the one that was refused.
    pub fn new(secret: impl Into<Secret>, generation: u64) -> Self {
        let secret = secret.into();
        let bearer = sensitive(format!("Bearer {}", secret.expose()));
        Self {
            given: Arc::new(Given { secret, bearer }),
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
    pub fn secret(&self) -> &Secret {
        &self.given.secret
    }

    pub(crate) fn bearer(&self) -> Option<&HeaderValue> {
        self.given.bearer.as_ref()
    }

    /// Which of its provider's credentials this is.
    pub const fn generation(&self) -> u64 {
        self.generation
    }
}

/// A header's value that is not shown, and wiped when the last request with it is gone.
pub(crate) fn sensitive(text: String) -> Option<HeaderValue> {
    let text = Bytes::from_owner(Zeroizing::new(text.into_bytes()));
    let mut value = HeaderValue::from_maybe_shared(text).ok()?;
    value.set_sensitive(true);
    Some(value)
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

    /// The credential to send now, if it is at hand: nothing has to be waited for then. By default it is not,
    /// and [`credential`](Self::credential) is asked.
    fn at_hand(&self) -> Option<Credential> {
        None
    }

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

    fn at_hand(&self) -> Option<Credential> {
        Some(self.0.clone())
    }
}
