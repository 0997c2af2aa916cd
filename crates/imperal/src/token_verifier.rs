//! Checks the tokens of others, for services that receive them.

use http::Method;
use imperal_runtime::{Clock, Error, Session};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::Mutex;

/// Verifies access tokens of Imperal without asking the service about each: with its public keys, which
/// are fetched when they are first needed and again after an hour or when a token names a key that is not
/// among them.
///
/// While the service is away the keys that are there go on serving, and it is asked once a minute.
///
/// A token that was revoked before its time is good here until it expires, which is 15 minutes after it
/// was issued.
///
/// ```no_run
/// # async fn example(imperal: imperal::Imperal, header: &str) -> Result<(), imperal::Error> {
/// let verifier = imperal.token_verifier();
/// let token = verifier.verify(header.strip_prefix("Bearer ").unwrap_or(header)).await?;
/// println!("{} may {:?}", token.subject, token.scopes);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct TokenVerifier(Arc<Inner>);

struct Inner {
    session: Session,
    clock: Arc<dyn Clock>,
    keys: Mutex<Option<Keys>>,
}

struct Keys {
    set: JwkSet,
    fetched_at: SystemTime,
    /// What came of asking for newer ones, if that failed.
    failure: Option<Failure>,
}

struct Failure {
    at: SystemTime,
    error: Error,
}

/// How long keys are used.
const LIFETIME: Duration = Duration::from_secs(3600);

/// Keys are asked for no more often than this, whatever key a token names, and whether or not they come: anyone
/// can write a token, and a service that is away must not hold up every request.
const LEAST: Duration = Duration::from_secs(60);

/// How far the clocks of two machines may be apart.
const LEEWAY: Duration = Duration::from_secs(30);

const KEYS: &str = "/v1/auth/.well-known/jwks.json";

/// What a good token says.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct VerifiedToken {
    /// The account's id, such as `imp_u_…`.
    #[serde(rename = "sub")]
    pub subject: String,
    /// When it expires, in seconds since 1970.
    #[serde(rename = "exp")]
    pub expires_at: u64,
    /// When it was issued, in seconds since 1970.
    #[serde(rename = "iat")]
    pub issued_at: u64,
    /// The account's email address, if it says so.
    pub email: Option<String>,
    /// The tenant, if it says so.
    pub tenant_id: Option<String>,
    /// The role, if it says so.
    pub role: Option<String>,
    /// What the token is good for.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// The session that it belongs to, if it says so.
    #[serde(rename = "sid")]
    pub session_id: Option<String>,
    /// Everything else that it says.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl TokenVerifier {
    pub(crate) fn new(session: Session, clock: Arc<dyn Clock>) -> Self {
        // A process that has two providers compiled in has to be told which one to use.
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        Self(Arc::new(Inner {
            session,
            clock,
            keys: Mutex::default(),
        }))
    }

    /// What `token` says, if it is a good one: signed by the service, and neither expired nor yet to come.
    ///
    /// # Errors
    ///
    /// [`is_invalid_token`](Error::is_invalid_token) if it is not good, saying why and never what it is;
    /// any other error if the keys could not be had.
    pub async fn verify(&self, token: &str) -> Result<VerifiedToken, Error> {
        let header =
            jsonwebtoken::decode_header(token).map_err(|_| Error::invalid_token("it is no JWT"))?;
        if header.alg != Algorithm::RS256 {
            return Err(Error::invalid_token("it is not signed with RS256"));
        }
        let key_id = header
            .kid
            .ok_or_else(|| Error::invalid_token("it names no key"))?;
        let key = self.key(&key_id).await?;
        let mut validation = Validation::new(Algorithm::RS256);
        // By our clock, not the machine's.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        validation.set_required_spec_claims(&["exp", "sub"]);
        let claims = jsonwebtoken::decode::<VerifiedToken>(token, &key, &validation)
            .map_err(|_| Error::invalid_token("its signature is wrong, or it lacks a claim"))?
            .claims;
        let now = self
            .0
            .clock
            .now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        if now >= Duration::from_secs(claims.expires_at).saturating_add(LEEWAY) {
            return Err(Error::invalid_token("it has expired"));
        }
        let not_before = claims
            .other
            .get("nbf")
            .and_then(Value::as_u64)
            .unwrap_or(claims.issued_at);
        if now + LEEWAY < Duration::from_secs(not_before) {
            return Err(Error::invalid_token("it is not good yet"));
        }
        Ok(claims)
    }

    /// The key of this name. One caller fetches, the others wait for what it brings.
    async fn key(&self, id: &str) -> Result<DecodingKey, Error> {
        let mut keys = self.0.keys.lock().await;
        let now = self.0.clock.now();
        if keys.as_ref().is_none_or(|known| known.are_old(id, now)) {
            match self.fetch().await {
                Ok(set) => {
                    *keys = Some(Keys {
                        set,
                        fetched_at: now,
                        failure: None,
                    });
                }
                Err(error) => {
                    // Keys that are old are better than none.
                    let Some(known) = &mut *keys else {
                        return Err(error);
                    };
                    tracing::warn!(%error, "the public keys could not be fetched; the old ones are used");
                    known.failure = Some(Failure { at: now, error });
                }
            }
        }
        let known = keys.as_ref();
        let Some(key) = known.and_then(|known| known.set.find(id)) else {
            // A key that is not here because the service is away says nothing of the token.
            let failure = known.and_then(|known| known.failure.as_ref());
            return Err(failure.map_or_else(
                || Error::invalid_token("it names a key that the service does not have"),
                |failure| failure.error.clone(),
            ));
        };
        DecodingKey::from_jwk(key)
            .map_err(|_| Error::invalid_token("it names a key of another kind"))
    }

    async fn fetch(&self) -> Result<JwkSet, Error> {
        let request = self.0.session.request(Method::GET, KEYS);
        Ok(request.send::<JwkSet>().await?.into_inner())
    }
}

impl Keys {
    /// Whether the service is to be asked again before the key called `id` is taken from these.
    fn are_old(&self, id: &str, now: SystemTime) -> bool {
        let since = |time: SystemTime| now.duration_since(time).unwrap_or_default();
        let lifetime = if self.set.find(id).is_some() {
            LIFETIME
        } else {
            LEAST
        };
        let rested = self
            .failure
            .as_ref()
            .is_none_or(|failure| since(failure.at) >= LEAST);
        since(self.fetched_at) >= lifetime && rested
    }
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Inner")
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}
