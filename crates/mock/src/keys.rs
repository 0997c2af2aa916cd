//! Signs and reads access tokens.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// For tests only and known to everyone. One key for all clouds: making one takes longer than
/// starting a cloud may.
const TEST_KEY: &[u8] = include_bytes!("test_key.pem");

const KEY_ID: &str = "imperal-mock";

/// What an access token says.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Claims {
    pub(crate) sub: String,
    pub(crate) email: String,
    pub(crate) tenant_id: String,
    pub(crate) role: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) sid: String,
    /// `cli` where the login was made on another device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) token_use: Option<String>,
    pub(crate) jti: String,
    pub(crate) iat: u64,
    pub(crate) exp: u64,
}

struct Keys {
    signing: RsaKeyPair,
    verifying: DecodingKey,
    published: Value,
}

#[allow(
    clippy::expect_used,
    reason = "the key is a constant of this file's folder"
)]
static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    // A process that has two providers compiled in has to be told which one to use.
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
    let whole = EncodingKey::from_rsa_pem(TEST_KEY).expect("the test key is a sound RSA key");
    let mut key = jsonwebtoken::jwk::Jwk::from_encoding_key(&whole, Algorithm::RS256)
        .expect("the test key has a public half");
    key.common.key_id = Some(KEY_ID.to_owned());
    let verifying = DecodingKey::from_jwk(&key).expect("the public half of the test key is sound");
    let signing = RsaKeyPair::from_pkcs8(&inside(TEST_KEY)).expect("the test key is in PKCS #8");
    Keys {
        signing,
        verifying,
        published: json!({ "keys": [key] }),
    }
});

/// What a PEM file holds.
fn inside(pem: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(pem);
    let lines = text.lines().filter(|line| !line.starts_with('-'));
    STANDARD
        .decode(lines.collect::<String>())
        .unwrap_or_default()
}

/// The public keys, as the services publish them.
pub(crate) fn published() -> &'static Value {
    &KEYS.published
}

pub(crate) fn sign(claims: &Claims) -> Option<String> {
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some(KEY_ID.to_owned());
    let (header, claims) = (part(&header)?, part(claims)?);
    let mut token = format!("{header}.{claims}");
    let (key, chance) = (&KEYS.signing, SystemRandom::new());
    let mut signature = vec![0; key.public().modulus_len()];
    let signed = key.sign(&RSA_PKCS1_SHA256, &chance, token.as_bytes(), &mut signature);
    signed.ok()?;
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    Some(token)
}

/// A part of a token, as it is signed.
fn part(content: &impl Serialize) -> Option<String> {
    let json = serde_json::to_vec(content).ok()?;
    Some(URL_SAFE_NO_PAD.encode(json))
}

/// How many tokens are remembered: of more, all are forgotten.
const REMEMBERED: usize = 1_000;

/// Reads tokens. One that was found sound before is not verified again.
#[derive(Debug, Default)]
pub(crate) struct TokenReader(Mutex<HashMap<String, Arc<Claims>>>);

impl TokenReader {
    /// The claims of a token that is signed with our key and has not expired at `now`.
    pub(crate) fn read(&self, token: &str, now: u64) -> Option<Arc<Claims>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let claims = if let Some(claims) = known.get(token) {
            Arc::clone(claims)
        } else {
            let claims = Arc::new(verified(token)?);
            if known.len() >= REMEMBERED {
                known.clear();
            }
            known.insert(token.to_owned(), Arc::clone(&claims));
            claims
        };
        (now < claims.exp).then_some(claims)
    }
}

fn verified(token: &str) -> Option<Claims> {
    let mut validation = Validation::new(Algorithm::RS256);
    // By the cloud's clock, not the machine's.
    validation.validate_exp = false;
    let decoded = jsonwebtoken::decode::<Claims>(token, &KEYS.verifying, &validation);
    Some(decoded.ok()?.claims)
}
