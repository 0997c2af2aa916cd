//! How Imperal issues tokens. Small types of our own: the facade compiles whatever the documents
//! hold.

use crate::credentials::PasswordSlot;
use futures::future::{BoxFuture, FutureExt};
use http::Method;
use imperal_runtime::{Authority, Error, Operation, Secret, Session, TokenPair};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

static LOGIN: Operation = Operation::new("login", Method::POST, "/v1/auth/login").secret_body();
static REFRESH: Operation =
    Operation::new("token refresh", Method::POST, "/v1/auth/refresh").secret_body();
static LOGOUT: Operation = Operation::new("logout", Method::POST, "/v1/auth/logout").secret_body();

/// Logs in, refreshes and logs out at the Auth Gateway.
pub(crate) struct Gateway {
    session: Session,
    login: Option<Arc<PasswordSlot>>,
    /// Whether a refresh token was ever presented: it says why there is no login any more.
    has_refreshed: AtomicBool,
}

impl Gateway {
    pub(crate) const fn new(session: Session, login: Option<Arc<PasswordSlot>>) -> Self {
        Self {
            session,
            login,
            has_refreshed: AtomicBool::new(false),
        }
    }
}

#[derive(Serialize)]
struct LoginBody<'a> {
    email: &'a str,
    password: &'a Secret,
    tenant_id: &'a str,
}

#[derive(Serialize)]
struct RefreshBody {
    refresh_token: Secret,
}

/// The tokens of a login, as the service answers them. It promises all three fields; clients have met answers without
/// the last two.
#[derive(Deserialize)]
pub(crate) struct TokenAnswer {
    access_token: Secret,
    refresh_token: Option<Secret>,
    expires_in: Option<serde_json::Value>,
}

impl From<TokenAnswer> for TokenPair {
    fn from(answer: TokenAnswer) -> Self {
        let seconds = answer.expires_in.and_then(|value| value.as_i64());
        let refresh_token = answer.refresh_token.filter(|token| !token.is_empty());
        Self::new(answer.access_token, refresh_token, seconds)
    }
}

impl Authority for Gateway {
    fn login(&self) -> BoxFuture<'_, Result<TokenPair, Error>> {
        async {
            let Some(login) = &self.login else {
                return Err(Error::logged_out(
                    if self.has_refreshed.load(Ordering::Relaxed) {
                        "the refresh token is no longer good and there is no password to log in with"
                    } else {
                        "there has been no login yet and there is no password to log in with"
                    },
                ));
            };
            let login = login.take_out();
            let body = LoginBody {
                email: &login.email,
                password: &login.password,
                tenant_id: &login.tenant,
            };
            let answer = self.session.call_json::<_, TokenAnswer>(&LOGIN, &body).await;
            let answer = answer.map_err(|error| {
                if error.is_unauthorized() {
                    error.with_hint("check the email address and the password (IMPERAL_EMAIL, IMPERAL_PASSWORD)")
                } else {
                    error
                }
            })?;
            Ok(answer.into_inner().into())
        }
        .boxed()
    }

    fn refresh(&self, refresh_token: Secret) -> BoxFuture<'_, Result<TokenPair, Error>> {
        self.has_refreshed.store(true, Ordering::Relaxed);
        async move {
            let body = RefreshBody { refresh_token };
            let answer = self
                .session
                .call_json::<_, TokenAnswer>(&REFRESH, &body)
                .await?;
            Ok(answer.into_inner().into())
        }
        .boxed()
    }

    fn logout(&self, refresh_token: Secret) -> BoxFuture<'_, Result<(), Error>> {
        async move {
            let body = RefreshBody { refresh_token };
            self.session
                .call_json::<_, serde::de::IgnoredAny>(&LOGOUT, &body)
                .await?;
            Ok(())
        }
        .boxed()
    }
}
