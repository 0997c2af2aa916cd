//! Whether a request carries the credential that its operation asks for.

use crate::accounts::Accounts;
use crate::contract::{Contract, Operation};
use crate::keys::Claims;
use crate::request::{cookies, pairs};
use crate::{REGISTRY_KEY, SERVICE_TOKEN};
use http::request::Parts;
use serde_json::Value;
use std::sync::Arc;

/// What comes of looking.
pub(crate) enum Admission {
    /// It may pass, as whoever the token belongs to.
    Admitted(Option<Arc<Claims>>),
    /// It carries one that is not good.
    Refused,
    /// It carries none.
    Absent,
}

/// How a scheme is met.
enum Met {
    /// And by whose token, if it is one.
    Yes(Option<Arc<Claims>>),
    No,
    Absent,
}

pub(crate) fn admit(
    contract: &Contract,
    operation: &Operation,
    accounts: Option<&Accounts>,
    parts: &Parts,
) -> Admission {
    let described = contract.at(&operation.pointer);
    let declared = described
        .get("security")
        .or_else(|| contract.document.get("security"));
    let alternatives = declared
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let mut open = alternatives.is_empty();
    let mut presented = false;
    for alternative in alternatives.iter().filter_map(Value::as_object) {
        if alternative.is_empty() {
            open = true;
            continue;
        }
        let (mut claims, mut missed) = (None, false);
        for scheme in alternative.keys() {
            match scheme_met(contract, accounts, parts, scheme) {
                Met::Yes(owner) => claims = owner.or(claims),
                Met::No => (presented, missed) = (true, true),
                Met::Absent => missed = true,
            }
        }
        if !missed {
            return Admission::Admitted(claims);
        }
    }
    // Who may come without a credential still must not come with a bad one.
    match (open, presented) {
        (true, false) => Admission::Admitted(None),
        (_, true) => Admission::Refused,
        (false, false) => Admission::Absent,
    }
}

fn scheme_met(
    contract: &Contract,
    accounts: Option<&Accounts>,
    parts: &Parts,
    scheme: &str,
) -> Met {
    let described = &contract.document["components"]["securitySchemes"][scheme];
    let Some(given) = presented(described, parts) else {
        return Met::Absent;
    };
    let Some(accounts) = accounts else {
        return Met::Yes(None);
    };
    let owner = |token: &str| match accounts.verify(token) {
        Some(claims) => Met::Yes(Some(claims)),
        None => Met::No,
    };
    let same = |own: &str| {
        if given == own {
            Met::Yes(None)
        } else {
            Met::No
        }
    };
    match scheme {
        "bearer" => bearer_token(&given).map_or(Met::No, owner),
        "eventToken" => owner(&given),
        "serviceToken" => same(SERVICE_TOKEN),
        "registryKey" => same(REGISTRY_KEY),
        _ => Met::No,
    }
}

/// What a request has in the place of the credential that is described so.
fn presented(described: &Value, parts: &Parts) -> Option<String> {
    let is_key = described["type"] == "apiKey";
    let name = if is_key {
        described["name"].as_str().unwrap_or_default()
    } else {
        "authorization"
    };
    let pairs = match described["in"].as_str() {
        Some("query") if is_key => pairs(parts.uri.query().unwrap_or_default()),
        Some("cookie") if is_key => cookies(&parts.headers),
        _ => {
            let header = parts.headers.get(name)?;
            return Some(String::from_utf8_lossy(header.as_bytes()).into_owned());
        }
    };
    let own = pairs.into_iter().find(|(own, _)| own == name);
    own.map(|(_, value)| value)
}

/// What stands behind the scheme, whose name may be written in any case.
fn bearer_token(credential: &str) -> Option<&str> {
    let (scheme, token) = credential.split_once(' ')?;
    let is_bearer = scheme.eq_ignore_ascii_case("bearer");
    is_bearer.then(|| token.trim_start_matches(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_scheme_is_written_in_any_case() {
        for credential in ["Bearer x.y", "bearer x.y", "BEARER  x.y"] {
            assert_eq!(bearer_token(credential), Some("x.y"), "{credential}");
        }
        for credential in ["", "x.y", "Bearer", "Bearerx.y", "Basic x.y"] {
            assert_eq!(bearer_token(credential), None, "{credential}");
        }
    }
}
