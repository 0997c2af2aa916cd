//! Whether stored tokens are those of this client's login.

use crate::builder::GATEWAY_URL;
use crate::claims::Claims;
use imperal_runtime::{Error, StoredTokens};

/// Whose login a client means, and at which service.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    /// The account's id, the `sub` of its tokens.
    pub(crate) id: Option<String>,
    pub(crate) email: Option<String>,
    /// The address of the Auth Gateway.
    pub(crate) gateway: String,
    /// Whether tokens that were issued by another address are sent to this one.
    pub(crate) any_issuer: bool,
}

impl Account {
    /// Refuses tokens of another account or another service. Where it is not known whose they are they pass.
    pub(crate) fn accept(&self, stored: &StoredTokens) -> Result<(), Error> {
        let issuer = stored.issuer.as_deref().unwrap_or(GATEWAY_URL);
        let same =
            |one: &str, other: &str| one.trim_end_matches('/') == other.trim_end_matches('/');
        if !self.any_issuer && !same(issuer, &self.gateway) {
            return Err(Error::configuration(format!(
                "the stored login is one at {issuer}, and this client talks to {}: nothing was sent; log in anew with \
                 another store, or call `stored_login_of_any_host` if both are the same service",
                self.gateway
            )));
        }
        let claims = Claims::of(&stored.access_token);
        let other_id = self.id.is_some() && claims.sub.is_some() && self.id != claims.sub;
        let other_email = match (&self.email, &claims.email) {
            (Some(own), Some(theirs)) => !own.eq_ignore_ascii_case(theirs),
            _ => false,
        };
        if other_id || other_email {
            return Err(Error::configuration(
                "the stored login is that of another account than this client's: nothing was sent and it was left as it \
                 is; give this account a store of its own",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use std::time::UNIX_EPOCH;

    fn stored(claims: &str, issuer: Option<&str>) -> StoredTokens {
        let token = format!("e30.{}.x", URL_SAFE_NO_PAD.encode(claims));
        let mut tokens = StoredTokens::new(token.into(), None, UNIX_EPOCH);
        tokens.issuer = issuer.map(str::to_owned);
        tokens
    }

    fn account(id: Option<&str>, email: Option<&str>, gateway: &str) -> Account {
        Account {
            id: id.map(str::to_owned),
            email: email.map(str::to_owned),
            gateway: gateway.to_owned(),
            any_issuer: false,
        }
    }

    #[test]
    fn tokens_of_another_account_are_refused_where_both_are_known() {
        let (mine, other) = (
            r#"{"sub":"imp_u_1","email":"Me@example.com"}"#,
            r#"{"sub":"imp_u_2","email":"other@example.com"}"#,
        );
        for (id, email) in [
            (Some("imp_u_1"), None),
            (None, Some("me@example.com")),
            (None, None),
        ] {
            let account = account(id, email, GATEWAY_URL);
            account.accept(&stored(mine, None)).unwrap();
            account.accept(&stored("{}", None)).unwrap();
            assert_eq!(
                account.accept(&stored(other, None)).is_ok(),
                id.is_none() && email.is_none()
            );
        }
    }

    #[test]
    fn tokens_of_another_host_are_sent_only_where_that_is_asked_for() {
        let mut own = account(None, None, "http://127.0.0.1:1/");
        own.accept(&stored("{}", Some("http://127.0.0.1:1")))
            .unwrap();
        for issuer in [None, Some("https://other.example")] {
            let error = own.accept(&stored("{}", issuer)).unwrap_err();
            assert!(
                error.is_configuration() && error.to_string().contains("stored_login_of_any_host"),
                "{error}"
            );
        }
        own.any_issuer = true;
        own.accept(&stored("{}", None)).unwrap();
    }
}
