//! One login for all replicas of a service.

use crate::{random, token_json};
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
/// The lock is a lease. If its holder dies, another takes over when the lease has run out, and a holder
/// whose lease has run out cannot overwrite what another has stored since.
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

/// Longer than a refresh takes with all its attempts.
const LEASE: Duration = Duration::from_secs(60);

/// How long to wait between two tries to take the lock.
const LOCK_POLL: Duration = Duration::from_millis(50);

/// How long to wait for the lock in all.
const LOCK_TIMEOUT: Duration = Duration::from_secs(120);

/// Stores under the lease only.
static SAVE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end \
         redis.call('set', KEYS[2], ARGV[2]) return 1",
    )
});

static CLEAR: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end \
         redis.call('del', KEYS[2]) return 1",
    )
});

static UNLOCK: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('get', KEYS[1]) == ARGV[1] then redis.call('del', KEYS[1]) end return 1",
    )
});

impl RedisStore {
    /// Connects to the server at `url`, such as `redis://:password@host:6379/0`. Services that share a
    /// login share a `name`.
    ///
    /// # Errors
    ///
    /// If the URL is none, or the server cannot be reached.
    pub async fn connect(url: &str, name: &str) -> Result<Self, Error> {
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

    /// Sets how long a holder of the lock may take, 60 seconds where it is not set. A refresh has to be
    /// done in that time.
    #[must_use]
    pub const fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    async fn read(&self) -> Result<Option<StoredTokens>, Error> {
        let mut connection = self.connection.clone();
        let text: Option<String> = redis::cmd("GET")
            .arg(&self.tokens_key)
            .query_async(&mut connection)
            .await
            .map_err(|error| unreachable(&error))?;
        let Some(text) = text else {
            return Ok(None);
        };
        let object = serde_json::from_str::<Map<String, Value>>(&text).ok();
        let tokens = object.as_ref().and_then(token_json::read);
        tokens.map(Some).ok_or_else(|| {
            Error::configuration(format!(
                "the Redis key {} holds something else than the tokens of a login; it was left as it is: delete it and log in again",
                self.tokens_key
            ))
        })
    }

    /// Takes the lease, if nobody has it.
    async fn take(&self, owner: &str) -> Result<bool, Error> {
        let mut connection = self.connection.clone();
        let milliseconds = u64::try_from(self.lease.as_millis()).unwrap_or(u64::MAX);
        let taken: Option<String> = redis::cmd("SET")
            .arg(&self.lock_key)
            .arg(owner)
            .arg("NX")
            .arg("PX")
            .arg(milliseconds)
            .query_async(&mut connection)
            .await
            .map_err(|error| unreachable(&error))?;
        Ok(taken.is_some())
    }
}

fn unreachable(error: &redis::RedisError) -> Error {
    let category = error.category();
    TransportError::Connect(format!("the Redis server that keeps the login: {category}")).into()
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
        self.read().boxed()
    }

    fn lock(&self) -> BoxFuture<'_, Result<Box<dyn LockedTokens>, Error>> {
        async {
            let owner = u128::from_ne_bytes(random::bytes()?).to_string();
            let started = Instant::now();
            while !self.take(&owner).await? {
                if started.elapsed() > LOCK_TIMEOUT {
                    return Err(Error::configuration(format!(
                        "the Redis key {} is held by another process that does not let go; look for one that hangs",
                        self.lock_key
                    )));
                }
                tokio::time::sleep(LOCK_POLL).await;
            }
            Ok(Box::new(Leased { store: self.clone(), owner }) as Box<dyn LockedTokens>)
        }
        .boxed()
    }
}

/// The tokens while the lease lasts.
struct Leased {
    store: RedisStore,
    owner: String,
}

impl Leased {
    async fn run(&self, script: &Script, value: Option<&str>) -> Result<(), Error> {
        let mut connection = self.store.connection.clone();
        let mut call = script.key(&self.store.lock_key);
        call.key(&self.store.tokens_key)
            .arg(&self.owner)
            .arg(value.unwrap_or_default());
        let done: i64 = call
            .invoke_async(&mut connection)
            .await
            .map_err(|error| unreachable(&error))?;
        if done == 1 {
            return Ok(());
        }
        Err(Error::configuration(
            "the lease on the stored login ran out before its tokens were stored; another process has it now",
        ))
    }
}

impl LockedTokens for Leased {
    fn load(&mut self) -> BoxFuture<'_, Result<Option<StoredTokens>, Error>> {
        self.store.load()
    }

    fn save<'a>(&'a mut self, tokens: &'a StoredTokens) -> BoxFuture<'a, Result<(), Error>> {
        async {
            let mut object = Map::new();
            token_json::write(&mut object, tokens);
            let text = zeroize::Zeroizing::new(Value::Object(object).to_string());
            self.run(&SAVE, Some(&text)).await
        }
        .boxed()
    }

    fn clear(&mut self) -> BoxFuture<'_, Result<(), Error>> {
        self.run(&CLEAR, None).boxed()
    }
}

/// Lets the lease go at once, where there is a runtime to do it in; else it runs out.
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
