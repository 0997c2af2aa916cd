//! The public keys that tokens are verified with: kept, and fetched anew beside the calls that need them.

use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use http::Method;
use imperal_runtime::{CallOptions, Clock, Error, RetryPolicy, Session};
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, KeyAlgorithm, PublicKeyUse};
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::task::AbortHandle;

/// How long keys are used before newer ones are asked for.
const LIFETIME: Duration = Duration::from_secs(3600);

/// Keys that are older than this are not used before newer ones have been asked for, and have not come.
const OLDEST: Duration = Duration::from_secs(24 * 3600);

/// How long to wait between two requests for the keys, whatever key a token names, and whether or not they come: anyone
/// can write a token, and a service that is away must not be asked by every request.
const REST: Duration = Duration::from_secs(60);

/// The same while there are no keys: until they come no token can be verified.
const SHORT_REST: Duration = Duration::from_secs(5);

/// What fetching the keys may take: requests wait for it, and somebody waits for those.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);
const ATTEMPTS: u32 = 2;

const PATH: &str = "/v1/auth/.well-known/jwks.json";

/// The keys of the service. Clones share them.
#[derive(Clone)]
pub(crate) struct PublicKeys(Arc<Inner>);

struct Inner {
    session: Session,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The keys by their ids. Of one that cannot sign tokens only the id is kept.
    keys: HashMap<String, Option<Arc<DecodingKey>>>,
    fetched_at: Option<SystemTime>,
    /// Why the keys did not come when they were last asked for.
    failure: Option<Failure>,
    flight: Option<Flight>,
}

struct Failure {
    at: SystemTime,
    error: Error,
}

/// A request for the keys that is under way.
#[derive(Clone)]
struct Flight {
    task: AbortHandle,
    landed: Shared<BoxFuture<'static, ()>>,
}

/// The answer of the service. Its keys are read one by one: one of a new kind does not spoil the others.
#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

impl PublicKeys {
    pub(crate) fn new(session: &Session, clock: Arc<dyn Clock>) -> Self {
        let options = CallOptions::new()
            .attempt_timeout(ATTEMPT_TIMEOUT)
            .total_timeout(TOTAL_TIMEOUT)
            .retries(RetryPolicy::default().attempts(ATTEMPTS));
        Self(Arc::new(Inner {
            session: session.with_options(&options),
            clock,
            state: Mutex::default(),
        }))
    }

    pub(crate) fn now(&self) -> SystemTime {
        self.0.clock.now()
    }

    /// The key of this name. One that is known is there at once; for another the service is asked, by one request
    /// for all who wait.
    pub(crate) async fn key(&self, id: &str) -> Result<Arc<DecodingKey>, Error> {
        let flight = {
            let mut state = self.state();
            let now = self.now();
            let age = state.fetched_at.map(|at| since(at, now));
            let is_known = state.keys.contains_key(id);
            let lifetime = if is_known { LIFETIME } else { REST };
            if age.is_none_or(|age| age >= lifetime) && state.is_rested(now) {
                self.take_off(&mut state)?;
            }
            // Whoever knows the key does not wait for what the service says now.
            let serves = is_known && age.is_some_and(|age| age < OLDEST);
            state.flight().filter(|_| !serves)
        };
        if let Some(flight) = flight {
            flight.landed.await;
        }
        let state = self.state();
        match state.keys.get(id) {
            Some(Some(key)) => Ok(Arc::clone(key)),
            Some(None) => Err(Error::invalid_token("it names a key of another kind")),
            // A key that is not here because the service is away says nothing of the token.
            None => Err(match &state.failure {
                Some(failure) => failure.error.clone(),
                None if state.fetched_at.is_none() => Error::configuration(
                    "the public keys were not fetched: the runtime that asked for them was shut down",
                ),
                None => Error::invalid_token("it names a key that the service does not have"),
            }),
        }
    }

    /// Asks for the keys in a task of its own, unless that is under way: whoever stops waiting does not stop it.
    fn take_off(&self, state: &mut State) -> Result<(), Error> {
        if state.flight().is_some() {
            return Ok(());
        }
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| {
            Error::configuration("a call needs a tokio runtime: poll it inside of one")
        })?;
        let keys = self.clone();
        let task = runtime.spawn(async move { keys.fetch().await });
        state.flight = Some(Flight {
            task: task.abort_handle(),
            landed: task.map(drop).boxed().shared(),
        });
        Ok(())
    }

    /// Asks for the keys once, and notes what came of it.
    async fn fetch(&self) {
        let request = self.0.session.request(Method::GET, PATH);
        let outcome = request.send::<KeySet>().await;
        let now = self.now();
        let mut state = self.state();
        match outcome {
            Ok(set) => {
                state.keys = set.into_inner().usable();
                state.fetched_at = Some(now);
                state.failure = None;
            }
            Err(error) => {
                // Keys that are old are better than none.
                if state.fetched_at.is_some() {
                    tracing::warn!(%error, "the public keys could not be fetched; the old ones are used");
                }
                state.failure = Some(Failure { at: now, error });
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The request that is under way. One that has ended, or whose runtime is gone, is not.
    fn flight(&self) -> Option<Flight> {
        let flight = self.flight.as_ref()?;
        (!flight.task.is_finished()).then(|| flight.clone())
    }

    /// Whether enough time has passed since the keys did not come.
    fn is_rested(&self, now: SystemTime) -> bool {
        let rest = if self.fetched_at.is_some() {
            REST
        } else {
            SHORT_REST
        };
        let failed_at = self.failure.as_ref().map(|failure| failure.at);
        failed_at.is_none_or(|at| since(at, now) >= rest)
    }
}

/// How long ago that was. From a clock that has been set back it is how far away: no such clock keeps the keys
/// from being fetched.
fn since(time: SystemTime, now: SystemTime) -> Duration {
    let since = now.duration_since(time);
    since.unwrap_or_else(|ahead| ahead.duration())
}

impl KeySet {
    /// The keys by their ids, as far as they can be used.
    fn usable(self) -> HashMap<String, Option<Arc<DecodingKey>>> {
        let mut usable = HashMap::new();
        for key in self.keys {
            let Some(id) = key.get("kid").and_then(Value::as_str) else {
                continue;
            };
            let id = id.to_owned();
            let key = serde_json::from_value::<Jwk>(key).ok();
            let key = key.filter(signs_tokens);
            let key = key.and_then(|key| DecodingKey::from_jwk(&key).ok());
            // Of two with one name the one that can be used.
            let kept = usable.entry(id).or_insert(None);
            *kept = kept.take().or(key.map(Arc::new));
        }
        usable
    }
}

/// Whether a key is of the kind that signs tokens.
fn signs_tokens(key: &Jwk) -> bool {
    let use_allows = key
        .common
        .public_key_use
        .as_ref()
        .is_none_or(|meant| *meant == PublicKeyUse::Signature);
    let algorithm = key.common.key_algorithm;
    let is_rsa = matches!(key.algorithm, AlgorithmParameters::RSA(_));
    use_allows && is_rsa && algorithm.is_none_or(|algorithm| algorithm == KeyAlgorithm::RS256)
}

impl std::fmt::Debug for PublicKeys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("PublicKeys")
            .field("session", &self.0.session)
            .finish_non_exhaustive()
    }
}
