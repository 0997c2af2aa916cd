//! What a login gives.

use crate::Secret;
use std::time::Duration;

/// An access token, the refresh token that goes with it, and how long the access token lives.
#[derive(Clone, Debug)]
pub struct TokenPair {
    access_token: Secret,
    refresh_token: Option<Secret>,
    lifetime: Duration,
}

impl TokenPair {
    /// What an access token is taken to live when the service does not say, or says nonsense.
    pub const DEFAULT_LIFETIME: Duration = Duration::from_secs(900);
    /// No access token is trusted for longer without a refresh, whatever the service says.
    pub const LONGEST_LIFETIME: Duration = Duration::from_secs(24 * 3600);

    /// A pair as a service answered it. `expires_in` is in seconds. One that is missing, not positive or more than
    /// [`Self::LONGEST_LIFETIME`] is replaced by [`Self::DEFAULT_LIFETIME`].
    ///
    /// ```
    /// use imperal_runtime::{Secret, TokenPair};
    ///
    /// let pair = TokenPair::new(Secret::from("a"), None, Some(-1));
    /// assert_eq!(pair.lifetime(), TokenPair::DEFAULT_LIFETIME);
    /// ```
    pub fn new(
        access_token: Secret,
        refresh_token: Option<Secret>,
        expires_in: Option<i64>,
    ) -> Self {
        let lifetime = expires_in
            .and_then(|seconds| u64::try_from(seconds).ok())
            .map(Duration::from_secs)
            .filter(|lifetime| !lifetime.is_zero() && *lifetime <= Self::LONGEST_LIFETIME)
            .unwrap_or(Self::DEFAULT_LIFETIME);
        Self {
            access_token,
            refresh_token,
            lifetime,
        }
    }

    /// The access token.
    pub const fn access_token(&self) -> &Secret {
        &self.access_token
    }

    /// The refresh token, if the service gave one.
    pub const fn refresh_token(&self) -> Option<&Secret> {
        self.refresh_token.as_ref()
    }

    /// How long the access token lives from when it was issued.
    pub const fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// The same pair, with the `refresh_token` that it was traded for where the service gave none: that one is still
    /// good then.
    #[must_use]
    pub(crate) fn or_refresh_token(mut self, refresh_token: &Secret) -> Self {
        self.refresh_token
            .get_or_insert_with(|| refresh_token.clone());
        self
    }
}
