//! How an engine is made.

use super::login::Login;
use super::{Accept, AccountOf, EngineState, TokenEngine};
use crate::retry::Random;
use crate::{Authority, Clock, Error, Secret, StoredTokens, TokenStore};
use std::sync::{Arc, Mutex};

/// Sets up a [`TokenEngine`].
///
/// ```
/// use imperal_runtime::*;
/// use std::sync::Arc;
///
/// # fn engine(authority: Arc<dyn Authority>) {
/// let tokens = TokenEngine::builder(authority, Arc::new(SystemClock))
///     .store(Arc::new(MemoryStore::default()), "https://auth.imperal.io", |_| Ok(()))
///     .refresh_token("kept from an earlier login".into())
///     .build();
/// # }
/// ```
#[must_use = "an engine is made by `build`"]
pub struct TokenEngineBuilder {
    authority: Arc<dyn Authority>,
    clock: Arc<dyn Clock>,
    store: Option<Arc<dyn TokenStore>>,
    issuer: Option<String>,
    accept: Option<Arc<Accept>>,
    account_of: Option<Arc<AccountOf>>,
    refresh_token: Option<Secret>,
    seed: Option<u64>,
}

impl TokenEngineBuilder {
    pub(super) fn new(authority: Arc<dyn Authority>, clock: Arc<dyn Clock>) -> Self {
        Self {
            authority,
            clock,
            store: None,
            issuer: None,
            accept: None,
            account_of: None,
            refresh_token: None,
            seed: None,
        }
    }

    /// Starts from a refresh token in place of a login. One that is stored goes before it.
    pub fn refresh_token(mut self, refresh_token: Secret) -> Self {
        self.refresh_token = Some(refresh_token);
        self
    }

    /// Keeps the tokens in `store`, where those of earlier or other processes are found. `issuer` is the
    /// address of the service, which is stored with them. `accept` refuses stored tokens that are not this
    /// login's, such as those of another account: they are left as they are, and the call fails.
    pub fn store(
        mut self,
        store: Arc<dyn TokenStore>,
        issuer: impl Into<String>,
        accept: impl Fn(&StoredTokens) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Self {
        self.store = Some(store);
        self.issuer = Some(issuer.into());
        self.accept = Some(Arc::new(accept));
        self
    }

    /// Tells by an access token whose login it is, where that can be told. The first one that is used settles
    /// it: stored tokens of another account are then left as they are, and the call fails, until
    /// [`TokenEngine::login`] or [`TokenEngine::adopt`] is called.
    pub fn account_of(
        mut self,
        account_of: impl Fn(&Secret) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.account_of = Some(Arc::new(account_of));
        self
    }

    /// Draws the moments of early refreshes from a sequence that is the same for the same seed.
    pub fn random_seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// The engine. Nothing is asked for before a token is needed.
    pub fn build(self) -> TokenEngine {
        TokenEngine {
            shared: Arc::new(EngineState {
                authority: self.authority,
                clock: self.clock,
                store: self.store,
                issuer: self.issuer,
                accept: self.accept,
                account_of: self.account_of,
                turn: tokio::sync::Mutex::new(()),
                random: Random::new(self.seed),
                login: Mutex::new(Login {
                    given: self.refresh_token,
                    ..Login::default()
                }),
            }),
        }
    }
}

impl std::fmt::Debug for TokenEngineBuilder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("TokenEngineBuilder")
            .field("issuer", &self.issuer)
            .field("stored", &self.store.is_some())
            .finish_non_exhaustive()
    }
}
