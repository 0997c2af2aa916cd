//! Where the tokens of a login are kept, so that other processes have them too and a restart does not
//! lose them.

use crate::{Error, Secret, TokenPair};
use futures::future::{BoxFuture, FutureExt};
use std::sync::{Arc, PoisonError};
use std::time::SystemTime;

/// The tokens of one login as a store keeps them.
///
/// ```
/// use imperal_runtime::StoredTokens;
/// use std::time::{Duration, UNIX_EPOCH};
///
/// let expires_at = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
/// let mut tokens = StoredTokens::new("access".into(), Some("refresh".into()), expires_at);
/// tokens.issuer = Some("https://auth.imperal.io".to_owned());
/// assert!(format!("{tokens:?}").contains("access_token: [secret]"));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StoredTokens {
    /// The access token; empty where only a refresh token is stored.
    pub access_token: Secret,
    /// The refresh token, if there is one. It works once.
    pub refresh_token: Option<Secret>,
    /// When the access token expires.
    pub expires_at: SystemTime,
    /// The address of the service that issued them, where the store knows it.
    pub issuer: Option<String>,
}

impl StoredTokens {
    /// Tokens that expire at `expires_at`.
    pub fn new(
        access_token: Secret,
        refresh_token: Option<Secret>,
        expires_at: SystemTime,
    ) -> Self {
        Self {
            access_token,
            refresh_token,
            expires_at,
            issuer: None,
        }
    }

    /// The tokens of `pair`, issued at `issued_at`.
    pub(crate) fn of(pair: &TokenPair, issued_at: SystemTime, issuer: Option<&str>) -> Self {
        Self {
            access_token: pair.access_token().clone(),
            refresh_token: pair.refresh_token().cloned(),
            expires_at: issued_at + pair.lifetime(),
            issuer: issuer.map(str::to_owned),
        }
    }
}

/// Keeps the tokens of one login.
///
/// An engine reads and writes under the store's lock, so that of several processes one refreshes and the
/// others find what it brought. A store that other programs write without taking the lock is fine: before
/// a login is given up, the store is read once more.
///
/// No error of a store ends a login: a token that the engine holds goes on serving, and a pair that cannot be
/// stored is kept in memory and stored with the next change. Make those that may pass with
/// [`Error::token_store`], so that calls are tried again. Any other error of [`LockedTokens::load`] says that
/// what is stored is not the tokens of a login: an engine whose login has served goes on with the tokens
/// that it holds.
///
/// Implement it, and [`LockedTokens`], to keep tokens elsewhere:
///
/// ```
/// use futures::future::{BoxFuture, FutureExt};
/// use imperal_runtime::{Error, LockedTokens, StoredTokens, TokenStore};
/// use std::sync::Arc;
/// use tokio::sync::{Mutex, OwnedMutexGuard};
///
/// /// A cell, in place of a row of a database that is selected for update.
/// struct Cell(Arc<Mutex<Option<StoredTokens>>>);
///
/// struct LockedCell(OwnedMutexGuard<Option<StoredTokens>>);
///
/// impl TokenStore for Cell {
///     fn load(&self) -> BoxFuture<'_, Result<Option<StoredTokens>, Error>> {
///         async { Ok(self.0.lock().await.clone()) }.boxed()
///     }
///
///     fn lock(&self) -> BoxFuture<'_, Result<Box<dyn LockedTokens>, Error>> {
///         async {
///             let locked = LockedCell(Arc::clone(&self.0).lock_owned().await);
///             Ok(Box::new(locked) as Box<dyn LockedTokens>)
///         }
///         .boxed()
///     }
/// }
///
/// impl LockedTokens for LockedCell {
///     fn load(&mut self) -> BoxFuture<'_, Result<Option<StoredTokens>, Error>> {
///         async { Ok(self.0.clone()) }.boxed()
///     }
///
///     fn save<'a>(&'a mut self, tokens: &'a StoredTokens) -> BoxFuture<'a, Result<(), Error>> {
///         *self.0 = Some(tokens.clone());
///         async { Ok(()) }.boxed()
///     }
///
///     fn clear(&mut self) -> BoxFuture<'_, Result<(), Error>> {
///         *self.0 = None;
///         async { Ok(()) }.boxed()
///     }
/// }
/// ```
pub trait TokenStore: Send + Sync + 'static {
    /// What is stored.
    fn load(&self) -> BoxFuture<'_, Result<Option<StoredTokens>, Error>>;

    /// Waits until nobody else holds the lock, and takes it. A holder may die: either the lock goes with it, or it runs
    /// out, or the wait ends with an error.
    fn lock(&self) -> BoxFuture<'_, Result<Box<dyn LockedTokens>, Error>>;
}

/// The tokens of a store whose lock is held. Dropping it lets the lock go. [`TokenStore`] has an example.
pub trait LockedTokens: Send {
    /// What is stored.
    fn load(&mut self) -> BoxFuture<'_, Result<Option<StoredTokens>, Error>>;

    /// Makes sure that the lock lasts for one more question to the service, or fails. It is called before
    /// each of them: a lease is made longer here. By default the lock lasts until it is dropped.
    ///
    /// ```
    /// use futures::future::{BoxFuture, FutureExt};
    /// use imperal_runtime::{Error, LockedTokens, StoredTokens};
    /// use std::time::Duration;
    /// use tokio::time::Instant;
    ///
    /// /// A lock that others may take once it has run out.
    /// struct Leased {
    ///     runs_out_at: Instant,
    /// }
    ///
    /// impl LockedTokens for Leased {
    ///     fn extend(&mut self) -> BoxFuture<'_, Result<(), Error>> {
    ///         async {
    ///             if Instant::now() >= self.runs_out_at {
    ///                 return Err(Error::token_store("the lease on the stored login ran out"));
    ///             }
    ///             self.runs_out_at = Instant::now() + Duration::from_secs(60);
    ///             Ok(())
    ///         }
    ///         .boxed()
    ///     }
    ///     // `load`, `save` and `clear` as in the example of `TokenStore`.
    /// #   fn load(&mut self) -> BoxFuture<'_, Result<Option<StoredTokens>, Error>> {
    /// #       async { Ok(None) }.boxed()
    /// #   }
    /// #   fn save<'a>(&'a mut self, _: &'a StoredTokens) -> BoxFuture<'a, Result<(), Error>> {
    /// #       async { Ok(()) }.boxed()
    /// #   }
    /// #   fn clear(&mut self) -> BoxFuture<'_, Result<(), Error>> {
    /// #       async { Ok(()) }.boxed()
    /// #   }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Error> {
    /// let mut locked = Leased { runs_out_at: Instant::now() + Duration::from_secs(60) };
    /// locked.extend().await?;
    /// locked.runs_out_at = Instant::now();
    /// assert!(locked.extend().await.unwrap_err().is_token_store());
    /// # Ok(()) }
    /// ```
    fn extend(&mut self) -> BoxFuture<'_, Result<(), Error>> {
        async { Ok(()) }.boxed()
    }

    /// Stores `tokens` whole, or leaves what was there. A holder that has lost the lock meanwhile, as a
    /// lease can be, must not overwrite what another has stored since: it fails. Where what it last loaded
    /// is still there, it may store.
    ///
    /// An error need not mean that nothing was stored: the engine looks before it stores again.
    fn save<'a>(&'a mut self, tokens: &'a StoredTokens) -> BoxFuture<'a, Result<(), Error>>;

    /// Forgets what is stored.
    fn clear(&mut self) -> BoxFuture<'_, Result<(), Error>>;
}

/// Keeps tokens in memory: for one process, until it ends. Clones share them.
///
/// ```
/// use imperal_runtime::{MemoryStore, StoredTokens, TokenStore};
/// use std::time::UNIX_EPOCH;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal_runtime::Error> {
/// let store = MemoryStore::default();
/// store.lock().await?.save(&StoredTokens::new("a".into(), None, UNIX_EPOCH)).await?;
/// assert_eq!(store.load().await?.unwrap().access_token.expose(), "a");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    lock: Arc<tokio::sync::Mutex<()>>,
    tokens: Arc<std::sync::Mutex<Option<StoredTokens>>>,
}

impl MemoryStore {
    /// Writes as a program does that takes no lock, for tests.
    #[doc(hidden)]
    pub fn write_without_lock(&self, tokens: Option<StoredTokens>) {
        *self.tokens.lock().unwrap_or_else(PoisonError::into_inner) = tokens;
    }
}

struct LockedMemory {
    store: MemoryStore,
    _lock: tokio::sync::OwnedMutexGuard<()>,
}

impl TokenStore for MemoryStore {
    fn load(&self) -> BoxFuture<'_, Result<Option<StoredTokens>, Error>> {
        let tokens = self
            .tokens
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        async { Ok(tokens) }.boxed()
    }

    fn lock(&self) -> BoxFuture<'_, Result<Box<dyn LockedTokens>, Error>> {
        async {
            let lock = Arc::clone(&self.lock).lock_owned().await;
            let locked = LockedMemory {
                store: self.clone(),
                _lock: lock,
            };
            Ok(Box::new(locked) as Box<dyn LockedTokens>)
        }
        .boxed()
    }
}

impl LockedTokens for LockedMemory {
    fn load(&mut self) -> BoxFuture<'_, Result<Option<StoredTokens>, Error>> {
        self.store.load()
    }

    fn save<'a>(&'a mut self, tokens: &'a StoredTokens) -> BoxFuture<'a, Result<(), Error>> {
        self.store.write_without_lock(Some(tokens.clone()));
        async { Ok(()) }.boxed()
    }

    fn clear(&mut self) -> BoxFuture<'_, Result<(), Error>> {
        self.store.write_without_lock(None);
        async { Ok(()) }.boxed()
    }
}
