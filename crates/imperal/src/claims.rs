//! What an access token says of itself. It is not verified here: the service does that.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use imperal_runtime::Secret;
use serde::Deserialize;

/// Whose token it is, as far as it says so.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Claims {
    pub(crate) sub: Option<String>,
    pub(crate) email: Option<String>,
}

impl Claims {
    /// The claims of a token; none of one that is no JWT.
    pub(crate) fn of(token: &Secret) -> Self {
        let payload = token
            .expose()
            .split('.')
            .nth(1)
            .and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
        payload
            .and_then(|payload| serde_json::from_slice(&payload).ok())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_token_claims_nothing() {
        let token = format!(
            "e30.{}.x",
            URL_SAFE_NO_PAD.encode(r#"{"sub":"imp_u_1","exp":5}"#)
        );
        assert_eq!(Claims::of(&token.into()).sub.as_deref(), Some("imp_u_1"));
        for token in ["", "opaque", "a.b.c", "a.!.c", "a.W10.c"] {
            assert_eq!(Claims::of(&token.into()), Claims::default(), "{token}");
        }
    }
}
