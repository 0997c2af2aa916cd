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

    /// Starts from a refresh token of an earlier login, in place of logging in. Tokens in the
    /// [`store`](Self::store) go before it.
    pub fn refresh_token(mut self, refresh_token: Secret) -> Self {
        self.refresh_token = Some(refresh_token);
        self
    }

    /// Keeps the tokens in `store`, where those of earlier or other processes are found. `issuer` is the
    /// address of the service, which is stored with them. `accept` refuses stored tokens that are not this
    /// login's, such as those of another account: they are left as they are, and the call fails with its error.
    ///
    /// ```
    /// use imperal_runtime::*;
    /// use std::sync::Arc;
    ///
    /// # fn engine(authority: Arc<dyn Authority>) {
    /// const ISSUER: &str = "https://auth.imperal.io";
    /// let accept = |stored: &StoredTokens| match stored.issuer.as_deref() {
    ///     Some(ISSUER) => Ok(()),
    ///     _ => Err(Error::configuration("the stored login is one at another service")),
    /// };
    /// let tokens = TokenEngine::builder(authority, Arc::new(SystemClock))
    ///     .store(Arc::new(MemoryStore::default()), ISSUER, accept)
    ///     .build();
    /// # }
    /// ```
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

    /// Tells by an access token whose login it is, where that can be told. The first token that is used settles
    /// it: stored tokens of another account are then left as they are, and the call fails, until
    /// [`TokenEngine::login`] or [`TokenEngine::adopt`] is called.
    ///
    /// A refresh token that is stored alone tells nothing before it is traded. If what it brings is another
    /// account's, that is stored for its owner, and the call fails in the same way.
    ///
    /// ```
    /// use futures::future::{BoxFuture, FutureExt};
    /// use imperal_runtime::*;
    /// use std::sync::Arc;
    /// use std::time::{Duration, UNIX_EPOCH};
    ///
    /// /// Logs in as Ann.
    /// struct Ann;
    /// # impl Authority for Ann {
    /// #     fn login(&self) -> BoxFuture<'_, Result<TokenPair, Error>> {
    /// #         async { Ok(TokenPair::new("ann/1".into(), Some("refresh".into()), Some(900))) }.boxed()
    /// #     }
    /// #     fn refresh(&self, _: Secret) -> BoxFuture<'_, Result<TokenPair, Error>> {
    /// #         self.login()
    /// #     }
    /// #     fn logout(&self, _: Secret) -> BoxFuture<'_, Result<(), Error>> {
    /// #         async { Ok(()) }.boxed()
    /// #     }
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Error> {
    /// let store = MemoryStore::default();
    /// let clock = ManualClock::starting_at(UNIX_EPOCH);
    /// // The tokens of this service begin with the name of their owner.
    /// let owner = |token: &Secret| Some(token.expose().split_once('/')?.0.to_owned());
    /// let tokens = TokenEngine::builder(Arc::new(Ann), Arc::new(clock.clone()))
    ///     .store(Arc::new(store.clone()), "https://auth.imperal.io", |_| Ok(()))
    ///     .account_of(owner)
    ///     .build();
    /// tokens.login().await?;
    ///
    /// // Bob logs in to the same store, and Ann's token expires.
    /// let bobs = StoredTokens::new("bob/1".into(), None, UNIX_EPOCH + Duration::from_secs(5000));
    /// store.lock().await?.save(&bobs).await?;
    /// clock.advance(Duration::from_secs(1000));
    /// assert!(tokens.credential().await.unwrap_err().is_configuration());
    /// # Ok(()) }
    /// ```
    pub fn account_of(
        mut self,
        account_of: impl Fn(&Secret) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.account_of = Some(Arc::new(account_of));
        self
    }

    /// Draws the moments of early refreshes from a sequence that is the same for the same seed, for tests.
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
                login: Mutex::new(Login::starting_from(self.refresh_token)),
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
