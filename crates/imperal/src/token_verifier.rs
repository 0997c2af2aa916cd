//! Checks the tokens of others, for services that receive them.

use crate::public_keys::PublicKeys;
use imperal_runtime::{Clock, Error, Session};
use jsonwebtoken::{Algorithm, Validation};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

/// Verifies access tokens of Imperal without asking the service about each: with its public keys, which
/// are fetched when they are first needed and again after an hour or when a token names a key that is not
/// among them.
///
/// A token whose key is known is verified at once, also while newer keys are being fetched; only one that
/// names another key waits for them, for ten seconds at most. While the service is away the keys that are
/// there go on serving, and it is asked once a minute.
///
/// A token that was revoked before its time is good here until it expires, which is 15 minutes after it
/// was issued.
///
/// ```
/// use imperal_mock::{Cloud, EMAIL, PASSWORD};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
/// let cloud = Cloud::start().await;
/// let imperal = cloud.client();
/// let verifier = imperal.token_verifier();
///
/// # let login = imperal.gateway().auth().login().body_map(|body| body.email(EMAIL).password(PASSWORD));
/// # let issued = login.send().await?;
/// # let header = format!("Bearer {}", issued.access_token.expose());
/// // The header of a request that the service received.
/// let token = verifier.verify(header.strip_prefix("Bearer ").unwrap_or(&header)).await?;
/// assert_eq!(token.email.as_deref(), Some(EMAIL));
/// println!("{} may {:?}", token.subject, token.scopes);
///
/// let error = verifier.verify("made up").await.unwrap_err();
/// assert!(error.is_invalid_token());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct TokenVerifier(PublicKeys);

/// How far the clocks of two machines may be apart.
const LEEWAY: Duration = Duration::from_secs(30);

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
    pub(crate) fn new(session: &Session, clock: Arc<dyn Clock>) -> Self {
        // A process that has two providers compiled in has to be told which one to use.
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        Self(PublicKeys::new(session, clock))
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
        let key = self.0.key(&key_id).await?;
        let mut validation = Validation::new(Algorithm::RS256);
        // By our clock, not the machine's.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        validation.set_required_spec_claims(&["exp", "sub"]);
        let claims = jsonwebtoken::decode::<VerifiedToken>(token, &key, &validation)
            .map_err(|_| Error::invalid_token("its signature is wrong, or it lacks a claim"))?
            .claims;
        let now = self.0.now().duration_since(UNIX_EPOCH).unwrap_or_default();
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
}
