//! The form in which the platform's tools keep the tokens of a login.

use crate::builder::GATEWAY_URL;
use imperal_runtime::{Secret, StoredTokens};
use serde_json::{Map, Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The tokens in an object; none if it holds neither an access token nor a refresh token.
pub(crate) fn read(object: &Map<String, Value>) -> Option<StoredTokens> {
    let text = |name: &str| {
        let text = object.get(name).and_then(Value::as_str);
        text.filter(|text| !text.is_empty()).map(Secret::from)
    };
    let (access_token, refresh_token) = (text("access_token"), text("refresh_token"));
    if access_token.is_none() && refresh_token.is_none() {
        return None;
    }
    let expires_at = object.get("access_expires_at").and_then(Value::as_f64);
    // An access token that is not there does not serve until any time.
    let expires_at = expires_at.filter(|_| access_token.is_some());
    let mut tokens = StoredTokens::new(
        access_token.unwrap_or_default(),
        refresh_token,
        // Without a time, or with one that is none, the token counts as expired.
        expires_at.and_then(time).unwrap_or(UNIX_EPOCH),
    );
    tokens.issuer = object
        .get("api_url")
        .and_then(Value::as_str)
        .map(str::to_owned);
    Some(tokens)
}

/// Puts tokens into an object, and leaves its other fields.
pub(crate) fn write(object: &mut Map<String, Value>, tokens: &StoredTokens) {
    let refresh_token = tokens.refresh_token.as_ref().map(Secret::expose);
    let expires_at = tokens
        .expires_at
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    object.insert(
        "access_token".to_owned(),
        json!(tokens.access_token.expose()),
    );
    object.insert("refresh_token".to_owned(), json!(refresh_token));
    object.insert(
        "access_expires_at".to_owned(),
        json!(expires_at.as_secs_f64()),
    );
    match &tokens.issuer {
        // The platform's tools know the default address alone, and do not write it.
        Some(issuer) if issuer != GATEWAY_URL => object.insert("api_url".to_owned(), json!(issuer)),
        _ => object.remove("api_url"),
    };
}

/// A time in seconds, where it is one.
fn time(seconds: f64) -> Option<SystemTime> {
    let since = Duration::try_from_secs_f64(seconds).ok()?;
    UNIX_EPOCH.checked_add(since)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_token_alone_is_no_access_token_that_is_good() {
        for access_token in [Value::Null, json!("")] {
            let kept = json!({
                "access_token": access_token, "refresh_token": "refresh", "access_expires_at": 4e9,
            });
            let tokens = read(kept.as_object().unwrap()).unwrap();
            assert_eq!(tokens.refresh_token.unwrap().expose(), "refresh");
            assert_eq!(tokens.expires_at, UNIX_EPOCH);
        }
    }
}
