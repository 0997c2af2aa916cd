//! One login for all replicas of a service.

use crate::{lock_wait, random, token_json};
use futures::future::{BoxFuture, FutureExt};
use imperal_runtime::{Error, LockedTokens, StoredTokens, TokenStore, TransportError};
use redis::Script;
use redis::aio::ConnectionManager;
use serde_json::{Map, Value};
use std::sync::LazyLock;
use std::time::Duration;
use tokio::time::Instant;

/// Keeps the tokens in Redis: one replica refreshes, the others wait for what it brings.
///
/// The lock is a lease, which its holder makes longer before each question to the service. If the holder
/// dies, another takes over when the lease has run out, and a holder whose lease has run out cannot overwrite
/// what another has stored since.
///
/// Who can read the key can use the login: give the Redis server the protection of a password store.
///
/// ```no_run
/// use imperal::{Credentials, Imperal, RedisStore};
///
/// # async fn example() -> Result<(), imperal::Error> {
/// let store = RedisStore::connect("redis://127.0.0.1/", "my-service").await?;
/// let imperal = Imperal::builder()
///     .token_store(store)
///     .credentials(Credentials::password("you@example.com", "password"))
///     .build()?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct RedisStore {
    connection: ConnectionManager,
    /// In braces, so that a cluster keeps both keys in one place.
    tokens_key: String,
    lock_key: String,
    lease: Duration,
}

/// How long a lease lasts by default: longer than a refresh takes with all its attempts.
const LEASE: Duration = Duration::from_secs(60);

/// Makes the lease last anew. One that ran out is taken back if nobody has stored anything since it was looked at.
static EXTEND: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local holder = redis.call('get', KEYS[1]) \
         if holder == ARGV[1] then redis.call('pexpire', KEYS[1], ARGV[3]) return 1 end \
         if holder or (redis.call('get', KEYS[2]) or '') ~= ARGV[2] then return 0 end \
         redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[3]) return 1",
    )
});

/// Stores under the lease, or in place of what was seen under it. To store again what is there already is fine: the
/// answer may have been lost. What is no login is kept under another name (`KEYS[3]`).
static SAVE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local stored = redis.call('get', KEYS[2]) or '' \
         if stored == ARGV[3] then return 1 end \
         if redis.call('get', KEYS[1]) ~= ARGV[1] and stored ~= ARGV[2] then return 0 end \
         if KEYS[3] and stored ~= '' then redis.call('rename', KEYS[2], KEYS[3]) end \
         redis.call('set', KEYS[2], ARGV[3]) return 1",
    )
});

/// Forgets what is stored, under the lease or where it is what was seen under it.
static CLEAR: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('get', KEYS[1]) ~= ARGV[1] and (redis.call('get', KEYS[2]) or '') ~= ARGV[2] \
         then return 0 end \
         redis.call('del', KEYS[2]) return 1",
    )
});

/// Lets the lease go, if it is the owner's still.
static UNLOCK: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('get', KEYS[1]) == ARGV[1] then redis.call('del', KEYS[1]) end return 1",
    )
});

impl RedisStore {
    /// Connects to the server at `url`, such as `redis://:password@host:6379/0`, or `rediss://` for TLS with
    /// a certificate that the system trusts. Services that share a login share a `name`.
    ///
    /// ```no_run
    /// use imperal::RedisStore;
    ///
    /// # async fn example() -> Result<(), imperal::Error> {
    /// let store = RedisStore::connect("rediss://:password@redis.internal:6379/0", "my-service").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_configuration`](Error::is_configuration) if `url` is no address of a Redis server,
    /// [`is_connect`](Error::is_connect) if the server cannot be reached or refuses the password.
    pub async fn connect(url: &str, name: &str) -> Result<Self, Error> {
        // A process that has two providers of TLS compiled in has to be told which one to use.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        // The URL may hold a password: the error does not repeat it.
        let client = redis::Client::open(url).map_err(|_| {
            Error::configuration(
                "the URL of the Redis server is none: give one like redis://host:6379/0",
            )
        })?;
        let connection = ConnectionManager::new(client)
            .await
            .map_err(|error| unreachable(&error))?;
        Ok(Self {
            connection,
            tokens_key: format!("imperal:{{{name}}}:tokens"),
            lock_key: format!("imperal:{{{name}}}:lock"),
            lease: LEASE,
        })
    }

    /// Sets how long a holder of the lock may take for one question to the service, 60 seconds by default. Others
    /// wait for so long when a holder has died. Redis counts in milliseconds: one is the least.
    #[must_use]
    pub const fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// What the key holds; empty if there is none.
    async fn text(&self) -> Result<Text, Error> {
        let mut connection = self.connection.clone();
        let text: Option<String> = redis::cmd("GET")
            .arg(&self.tokens_key)
            .query_async(&mut connection)
            .await
            .map_err(|error| unreachable(&error))?;
        Ok(text.unwrap_or_default().into())
    }

    /// The tokens in what the key holds.
    fn read(&self, text: &str) -> Result<Option<StoredTokens>, Error> {
        if text.is_empty() {
            return Ok(None);
        }
        let object = serde_json::from_str::<Map<String, Value>>(text).ok();
        let tokens = object.as_ref().and_then(token_json::read);
        tokens.map(Some).ok_or_else(|| {
            Error::configuration(format!(
                "the Redis key {} holds something else than the tokens of a login; it was left as it is: delete it and log in again",
                self.tokens_key
            ))
        })
    }

    /// The lease as Redis takes it, which refuses none at all and one that its clock cannot tell.
    fn lease_milliseconds(&self) -> u64 {
        let milliseconds = u64::try_from(self.lease.as_millis()).unwrap_or(u64::MAX);
        milliseconds.clamp(1, u64::from(u32::MAX))
    }

    /// Takes the lease, if nobody has it.
    async fn take(&self, owner: &str) -> Result<bool, Error> {
        let mut connection = self.connection.clone();
        let taken: Option<String> = redis::cmd("SET")
            .arg(&self.lock_key)
            .arg(owner)
            .arg("NX")
            .arg("PX")
            .arg(self.lease_milliseconds())
            .query_async(&mut connection)
            .await
            .map_err(|error| unreachable(&error))?;
        Ok(taken.is_some())
    }
}

/// The error of a command that did not go through, without the text of the server: it may repeat what was sent.
fn unreachable(error: &redis::RedisError) -> Error {
    let category = error.category();
    TransportError::Connect(format!("the Redis server that keeps the login: {category}").into())
        .into()
}

impl std::fmt::Debug for RedisStore {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("RedisStore")
            .field("tokens_key", &self.tokens_key)
            .field("lease", &self.lease)
            .finish_non_exhaustive()
    }
}

impl TokenStore for RedisStore {
    fn load(&self) -> BoxFuture<'_, Result<Option<StoredTokens>, Error>> {
        async { self.read(&self.text().await?) }.boxed()
    }

    fn lock(&self) -> BoxFuture<'_, Result<Box<dyn LockedTokens>, Error>> {
        async {
            let owner = u128::from_ne_bytes(random::bytes()?).to_string();
            let started = Instant::now();
            while !self.take(&owner).await? {
                if started.elapsed() > lock_wait::TIMEOUT {
                    return Err(Error::token_store(format!(
                        "the Redis key {} is held by another process that does not let go; look for one that hangs",
                        self.lock_key
                    )));
                }
                tokio::time::sleep(lock_wait::POLL).await;
            }
            Ok(Box::new(Leased {
                store: self.clone(),
                owner,
                seen: Text::default(),
                is_foreign: false,
            }) as Box<dyn LockedTokens>)
        }
        .boxed()
    }
}

/// What the key holds, which is secret.
type Text = zeroize::Zeroizing<String>;

/// The tokens while the lease lasts.
struct Leased {
    store: RedisStore,
    owner: String,
    /// What the key held when it was last looked at: while it is still there, nothing newer is lost.
    seen: Text,
    /// Whether that was something else than the tokens of a login.
    is_foreign: bool,
}

impl Leased {
    /// Runs a script over both keys, which knows the owner of the lease and what was seen.
    async fn run(
        &self,
        script: &Script,
        more: impl FnOnce(&mut redis::ScriptInvocation<'_>),
    ) -> Result<(), Error> {
        let mut connection = self.store.connection.clone();
        let mut call = script.key(&self.store.lock_key);
        call.key(&self.store.tokens_key)
            .arg(&self.owner)
            .arg(self.seen.as_str());
        more(&mut call);
        let done: i64 = call
            .invoke_async(&mut connection)
            .await
            .map_err(|error| unreachable(&error))?;
        if done == 1 {
            return Ok(());
        }
        Err(Error::token_store(
            "the lease on the stored login ran out, and another process has it now or has had it since",
        ))
    }
}

impl LockedTokens for Leased {
    fn load(&mut self) -> BoxFuture<'_, Result<Option<StoredTokens>, Error>> {
        async {
            self.seen = self.store.text().await?;
            let tokens = self.store.read(&self.seen);
            self.is_foreign = tokens.is_err();
            tokens
        }
        .boxed()
    }

    fn extend(&mut self) -> BoxFuture<'_, Result<(), Error>> {
        async {
            let milliseconds = self.store.lease_milliseconds();
            self.run(&EXTEND, |call| {
                call.arg(milliseconds);
            })
            .await
        }
        .boxed()
    }

    fn save<'a>(&'a mut self, tokens: &'a StoredTokens) -> BoxFuture<'a, Result<(), Error>> {
        async {
            let mut object = Map::new();
            token_json::write(&mut object, tokens);
            let text = Text::new(Value::Object(object).to_string());
            self.run(&SAVE, |call| {
                if self.is_foreign {
                    let beside = format!("{}:unreadable:{}", self.store.tokens_key, self.owner);
                    call.key(beside);
                }
                call.arg(text.as_str());
            })
            .await?;
            self.seen = text;
            self.is_foreign = false;
            Ok(())
        }
        .boxed()
    }

    fn clear(&mut self) -> BoxFuture<'_, Result<(), Error>> {
        async { self.run(&CLEAR, |_| ()).await }.boxed()
    }
}

/// Lets the lease go at once, where there is a runtime to do it in. Elsewhere it runs out.
impl Drop for Leased {
    fn drop(&mut self) {
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let (mut connection, key, owner) = (
                self.store.connection.clone(),
                self.store.lock_key.clone(),
                self.owner.clone(),
            );
            runtime.spawn(async move {
                let _: Result<i64, _> = UNLOCK
                    .key(key)
                    .arg(owner)
                    .invoke_async(&mut connection)
                    .await;
            });
        }
    }
}
