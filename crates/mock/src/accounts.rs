//! Users, their sessions, and the tokens of each.

use crate::answer::{self, Answer};
use crate::clock::CloudClock;
use crate::keys::{self, Claims};
use crate::{EMAIL, PASSWORD, TENANT};
use http::StatusCode;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How long an access token lives, in seconds.
const ACCESS_LIFETIME: u64 = 900;

const USER_ID: &str = "imp_u_0000000000000001";

#[derive(Debug)]
pub(crate) struct Accounts {
    clock: Arc<CloudClock>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    issued: u64,
    /// The session of each refresh token that is still good.
    refresh_tokens: BTreeMap<String, String>,
    ended_sessions: BTreeSet<String>,
}

impl Accounts {
    pub(crate) fn new(clock: Arc<CloudClock>) -> Self {
        Self {
            clock,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The claims of a bearer token that is good now.
    pub(crate) fn verify(&self, token: &str) -> Option<Claims> {
        let claims = keys::read(token, self.clock.now())?;
        (!self.state().ended_sessions.contains(&claims.sid)).then_some(claims)
    }

    pub(crate) fn login(&self, body: &Value) -> Answer {
        let (email, password) = match (text(body, "email"), text(body, "password")) {
            (Ok(email), Ok(password)) => (email, password),
            (Err(refusal), _) | (_, Err(refusal)) => return *refusal,
        };
        let tenant = body["tenant_id"].as_str().unwrap_or(TENANT);
        if (email, password, tenant) != (EMAIL, PASSWORD, TENANT) {
            return answer::failure(StatusCode::UNAUTHORIZED, "Invalid email or password");
        }
        let mut state = self.state();
        let session = format!("session-{}", state.issued);
        self.issue(&mut state, session)
    }

    /// A refresh token works once.
    pub(crate) fn refresh(&self, body: &Value) -> Answer {
        let token = match text(body, "refresh_token") {
            Ok(token) => token,
            Err(refusal) => return *refusal,
        };
        let mut state = self.state();
        match state.refresh_tokens.remove(token) {
            Some(session) if !state.ended_sessions.contains(&session) => {
                self.issue(&mut state, session)
            }
            _ => answer::failure(StatusCode::UNAUTHORIZED, "Invalid refresh token"),
        }
    }

    pub(crate) fn logout(&self, body: &Value) -> Answer {
        let token = match text(body, "refresh_token") {
            Ok(token) => token,
            Err(refusal) => return *refusal,
        };
        let mut state = self.state();
        if let Some(session) = state.refresh_tokens.remove(token) {
            state.ended_sessions.insert(session);
        }
        answer::ok(&json!({ "message": "Logged out" }))
    }

    pub(crate) fn profile(claims: &Claims) -> Value {
        json!({
            "imperal_id": claims.sub, "email": claims.email, "tenant_id": claims.tenant_id,
            "agency_id": null, "role": claims.role, "org_id": null, "auth_method": "email",
            "scopes": claims.scopes, "attributes": { "timezone": "UTC" },
            "created_at": "2026-01-05T09:00:00Z", "last_login": "2026-04-01T09:00:00Z", "cases_user_id": null,
        })
    }

    fn issue(&self, state: &mut State, session: String) -> Answer {
        state.issued += 1;
        let now = self.clock.now();
        let claims = Claims {
            sub: USER_ID.to_owned(),
            email: EMAIL.to_owned(),
            tenant_id: TENANT.to_owned(),
            role: "user".to_owned(),
            scopes: vec!["*".to_owned()],
            sid: session.clone(),
            jti: format!("token-{}", state.issued),
            iat: now,
            exp: now + ACCESS_LIFETIME,
        };
        let Some(access_token) = keys::sign(&claims) else {
            return answer::failure(
                StatusCode::INTERNAL_SERVER_ERROR,
                "The token could not be signed",
            );
        };
        let refresh_token = format!("refresh-{}-{}", state.issued, claims.sid);
        state.refresh_tokens.insert(refresh_token.clone(), session);
        answer::ok(&json!({
            "access_token": access_token, "refresh_token": refresh_token, "token_type": "bearer",
            "expires_in": ACCESS_LIFETIME,
        }))
    }
}

/// A field of text, or the refusal that FastAPI would answer.
fn text<'a>(body: &'a Value, field: &str) -> Result<&'a str, Box<Answer>> {
    match body.get(field) {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(Box::new(answer::bad_field(
            field,
            "Input should be a valid string",
            "string_type",
        ))),
        None => Err(Box::new(answer::bad_field(
            field,
            "Field required",
            "missing",
        ))),
    }
}
