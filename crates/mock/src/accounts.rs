//! Users, their sessions, and the tokens of each.

use crate::answer::{self, Answer};
use crate::api_keys::ApiKeys;
use crate::clock::CloudClock;
use crate::devices::{Devices, Outcome};
use crate::keys::{self, Claims, TokenReader};
use crate::{EMAIL, PASSWORD, TENANT};
use http::StatusCode;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How long an access token lives, in seconds.
const ACCESS_LIFETIME: u64 = 900;

const USER_ID: &str = "imp_u_0000000000000001";

/// A request that was admitted.
pub(crate) struct Asked<'a> {
    /// Method and path template.
    pub(crate) route: &'a str,
    pub(crate) parameters: &'a [(&'a str, String)],
    /// What was sent, which is as the document says.
    pub(crate) body: &'a Value,
    pub(crate) claims: Option<&'a Claims>,
}

impl Asked<'_> {
    fn parameter(&self, name: &str) -> &str {
        let found = self.parameters.iter().find(|(own, _)| *own == name);
        found.map_or("", |(_, value)| value)
    }
}

#[derive(Debug)]
pub(crate) struct Accounts {
    clock: Arc<CloudClock>,
    state: Mutex<State>,
    pub(crate) devices: Devices,
    keys: ApiKeys,
    tokens: TokenReader,
}

#[derive(Debug, Default)]
struct State {
    issued: u64,
    /// The session of each refresh token that is still good.
    refresh_tokens: BTreeMap<String, String>,
    /// The sessions that have not ended, and where each was begun.
    sessions: BTreeMap<String, &'static str>,
}

impl Accounts {
    pub(crate) fn new(clock: Arc<CloudClock>) -> Self {
        Self {
            clock,
            state: Mutex::default(),
            devices: Devices::default(),
            keys: ApiKeys::default(),
            tokens: TokenReader::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As at the start: no login, no key, no device. Numbers go on, so that a token of before never comes to
    /// mean a session of after.
    pub(crate) fn reset(&self) {
        let mut state = self.state();
        *state = State {
            issued: state.issued,
            ..State::default()
        };
        drop(state);
        self.devices.reset();
        self.keys.reset();
    }

    /// The claims of a bearer token that is good now.
    pub(crate) fn verify(&self, token: &str) -> Option<Arc<Claims>> {
        let claims = self.tokens.read(token, self.clock.now())?;
        self.state()
            .sessions
            .contains_key(&claims.sid)
            .then_some(claims)
    }

    fn login(&self, body: &Value) -> Answer {
        let (email, password) = (text(body, "email"), text(body, "password"));
        let tenant = body["tenant_id"].as_str().unwrap_or(TENANT);
        if (email, password, tenant) != (EMAIL, PASSWORD, TENANT) {
            return answer::failure(StatusCode::UNAUTHORIZED, "Invalid email or password");
        }
        self.begin("web")
    }

    /// Begins a session.
    fn begin(&self, surface: &'static str) -> Answer {
        let mut state = self.state();
        let session = format!("session-{}", state.issued);
        state.sessions.insert(session.clone(), surface);
        self.issue(&mut state, session)
    }

    /// A refresh token works once.
    fn refresh(&self, body: &Value) -> Answer {
        let token = text(body, "refresh_token");
        let mut state = self.state();
        match state.refresh_tokens.remove(token) {
            Some(session) if state.sessions.contains_key(&session) => {
                self.issue(&mut state, session)
            }
            _ => answer::failure(StatusCode::UNAUTHORIZED, "Invalid refresh token"),
        }
    }

    fn logout(&self, body: &Value) -> Answer {
        let token = text(body, "refresh_token");
        let mut state = self.state();
        if let Some(session) = state.refresh_tokens.remove(token) {
            state.sessions.remove(&session);
        }
        answer::ok(&json!({ "message": "Logged out" }))
    }

    /// What is answered from what is known of the user; none if the route is none of these.
    pub(crate) fn answer(&self, asked: &Asked<'_>) -> Option<Answer> {
        let with_claims = |then: &dyn Fn(&Claims) -> Answer| match asked.claims {
            Some(claims) => then(claims),
            None => answer::failure(StatusCode::UNAUTHORIZED, "Not authenticated"),
        };
        Some(match asked.route {
            "POST /v1/auth/login" => self.login(asked.body),
            "POST /v1/auth/refresh" => self.refresh(asked.body),
            "POST /v1/auth/logout" => self.logout(asked.body),
            "POST /v1/auth/cli/device/authorize" => {
                self.devices.authorize(asked.body, self.clock.now())
            }
            "POST /v1/auth/cli/device/token" => {
                match self.devices.ask(asked.body, self.clock.now()) {
                    Outcome::Allowed => self.begin("cli"),
                    Outcome::Answer(answer) => answer,
                }
            }
            "GET /v1/auth/.well-known/jwks.json" => answer::ok(keys::published()),
            "GET /v1/auth/me" => with_claims(&|claims| answer::ok(&Self::profile(claims))),
            "GET /v1/auth/sessions" => with_claims(&|claims| self.list_sessions(claims)),
            "POST /v1/auth/sessions/revoke-others" => {
                with_claims(&|claims| self.end_others(claims))
            }
            "POST /v1/auth/sessions/{session_id}/revoke" => {
                self.end_session(asked.parameter("session_id"))
            }
            "POST /v1/keys" => self.keys.make(asked.body),
            "GET /v1/keys" => self.keys.list(),
            "DELETE /v1/keys/{key_id}" => self.keys.remove(asked.parameter("key_id")),
            _ => return None,
        })
    }

    fn list_sessions(&self, claims: &Claims) -> Answer {
        let state = self.state();
        let sessions = state.sessions.iter().map(|(id, surface)| {
            json!({ "session_id": id, "surface": surface, "current": *id == claims.sid })
        });
        answer::ok(&json!({ "sessions": sessions.collect::<Vec<_>>() }))
    }

    fn end_session(&self, id: &str) -> Answer {
        if self.state().sessions.remove(id).is_none() {
            return answer::failure(StatusCode::NOT_FOUND, "Session not found");
        }
        answer::ok(&json!({ "status": "revoked" }))
    }

    fn end_others(&self, claims: &Claims) -> Answer {
        let mut state = self.state();
        let before = state.sessions.len();
        state.sessions.retain(|id, _| *id == claims.sid);
        answer::ok(&json!({ "revoked": before - state.sessions.len() }))
    }

    fn profile(claims: &Claims) -> Value {
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
            token_use: state
                .sessions
                .get(&session)
                .filter(|surface| **surface == "cli")
                .map(|_| "cli".to_owned()),
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

fn text<'a>(body: &'a Value, field: &str) -> &'a str {
    body[field].as_str().unwrap_or_default()
}
