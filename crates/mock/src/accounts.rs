//! Users, their sessions, and the tokens of each.

use crate::TENANT;
use crate::answer::{self, Answer};
use crate::api_keys::ApiKeys;
use crate::clock::CloudClock;
use crate::devices::{Devices, Outcome};
use crate::keys::{self, Claims, TokenReader};
use crate::users::{Account, User, Users};
use http::StatusCode;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How long an access token lives, in seconds.
const ACCESS_LIFETIME: u64 = 900;

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
    /// What the tokens of this cloud have in them, and those of no other: all are signed with one key.
    mark: String,
    state: Mutex<State>,
    pub(crate) users: Users,
    pub(crate) devices: Devices,
    keys: ApiKeys,
    tokens: TokenReader,
}

#[derive(Debug, Default)]
struct State {
    issued: u64,
    /// The session of each refresh token that is still good.
    refresh_tokens: BTreeMap<String, String>,
    /// The sessions that have not ended.
    sessions: BTreeMap<String, Session>,
}

#[derive(Debug)]
struct Session {
    owner: Arc<Account>,
    /// Where it was begun.
    surface: &'static str,
    /// The one that is good now; empty until it is issued.
    refresh_token: String,
}

impl Session {
    fn is_of(&self, claims: &Claims) -> bool {
        self.owner.id == claims.sub
    }
}

impl State {
    /// Ends a session. Its refresh token would be refused from then on, and need not be remembered.
    fn end(&mut self, id: &str) {
        if let Some(ended) = self.sessions.remove(id) {
            self.refresh_tokens.remove(&ended.refresh_token);
        }
    }
}

impl Accounts {
    pub(crate) fn new(clock: Arc<CloudClock>) -> Self {
        // Each has other keys, in other processes too.
        let mark = format!("{:016x}", RandomState::new().hash_one(()));
        Self {
            clock,
            state: Mutex::default(),
            users: Users::default(),
            devices: Devices::new(&mark),
            mark,
            keys: ApiKeys::default(),
            tokens: TokenReader::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As at the start: one user, no login, no key, no device. Numbers go on, so that a token of before never comes to
    /// mean a session of after.
    pub(crate) fn reset(&self) {
        let mut state = self.state();
        *state = State {
            issued: state.issued,
            ..State::default()
        };
        drop(state);
        self.users.reset();
        self.devices.reset();
        self.keys.reset();
    }

    /// The claims of a bearer token that is good now.
    pub(crate) fn verify(&self, token: &str) -> Option<Arc<Claims>> {
        let claims = self.tokens.read(token, self.clock.now())?;
        if !claims.jti.starts_with(&self.mark) {
            return None;
        }
        self.state()
            .sessions
            .contains_key(&claims.sid)
            .then_some(claims)
    }

    fn login(&self, body: &Value) -> Answer {
        let (email, password) = (text(body, "email"), text(body, "password"));
        match self.users.with_password(email, password, tenant_id(body)) {
            Some(owner) => self.begin(owner, "web"),
            None => answer::failure(StatusCode::UNAUTHORIZED, "Invalid email or password"),
        }
    }

    /// Makes a user and begins a session of theirs.
    fn register(&self, body: &Value) -> Answer {
        let user = User::new(text(body, "email"), text(body, "password"));
        let Ok(owner) = self.users.add(user.tenant_id(tenant_id(body))) else {
            return answer::failure(StatusCode::CONFLICT, "Email already registered");
        };
        let mut answer = self.begin(owner, "web");
        if answer.status() == StatusCode::OK {
            *answer.status_mut() = StatusCode::CREATED;
        }
        answer
    }

    /// Makes a user who cannot log in yet: no mail is sent, and its token is known to whoever knows the id.
    fn sign_up(&self, body: &Value) -> Answer {
        let user = User::new(text(body, "email"), text(body, "password"));
        let Ok(account) = self.users.sign_up(user.tenant_id(tenant_id(body))) else {
            return answer::failure(StatusCode::CONFLICT, "Email already registered");
        };
        let answer = json!({ "message": "Verification email sent", "user_id": account.id });
        answer::json(StatusCode::CREATED, &answer)
    }

    fn verify_email(&self, body: &Value) -> Answer {
        let id = text(body, "token").strip_prefix("verify-");
        match id.and_then(|id| self.users.confirm(id)) {
            Some(owner) => self.begin(owner, "web"),
            None => answer::failure(StatusCode::BAD_REQUEST, "Invalid or expired token"),
        }
    }

    fn change_password(&self, claims: &Claims, body: &Value) -> Answer {
        let (current, new) = (text(body, "current_password"), text(body, "new_password"));
        if self.users.change_password(&claims.sub, current, new) {
            answer::ok(&json!({ "message": "Password changed" }))
        } else {
            answer::failure(StatusCode::BAD_REQUEST, "Current password is incorrect")
        }
    }

    /// Begins a session.
    fn begin(&self, owner: Arc<Account>, surface: &'static str) -> Answer {
        let mut state = self.state();
        let session = format!("session-{}", state.issued);
        let begun = Session {
            owner,
            surface,
            refresh_token: String::new(),
        };
        state.sessions.insert(session.clone(), begun);
        self.issue(&mut state, session)
    }

    /// A refresh token works once.
    fn refresh(&self, body: &Value) -> Answer {
        let token = text(body, "refresh_token");
        let mut state = self.state();
        match state.refresh_tokens.remove(token) {
            Some(session) => self.issue(&mut state, session),
            None => answer::failure(StatusCode::UNAUTHORIZED, "Invalid refresh token"),
        }
    }

    fn logout(&self, body: &Value) -> Answer {
        let token = text(body, "refresh_token");
        let mut state = self.state();
        if let Some(session) = state.refresh_tokens.remove(token) {
            state.end(&session);
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
            "POST /v1/auth/register" => self.register(asked.body),
            "POST /v1/auth/refresh" => self.refresh(asked.body),
            "POST /v1/auth/logout" => self.logout(asked.body),
            "POST /v1/auth/signup" => self.sign_up(asked.body),
            "POST /v1/auth/verify-email" => self.verify_email(asked.body),
            "POST /v1/auth/me/change-password" => {
                with_claims(&|claims| self.change_password(claims, asked.body))
            }
            // The page that hands out codes is not played: any code is one of the first user.
            "POST /v1/auth/cli/token" => self.begin(self.users.first(), "cli"),
            "POST /v1/auth/cli/device/authorize" => {
                self.devices.authorize(asked.body, self.clock.now())
            }
            "POST /v1/auth/cli/device/token" => {
                match self.devices.ask(asked.body, self.clock.now()) {
                    Outcome::Allowed(owner) => self.begin(owner, "cli"),
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
                with_claims(&|claims| self.end_session(claims, asked.parameter("session_id")))
            }
            "POST /v1/keys" => with_claims(&|claims| self.keys.make(&claims.sub, asked.body)),
            "GET /v1/keys" => with_claims(&|claims| self.keys.list(&claims.sub)),
            "DELETE /v1/keys/{key_id}" => {
                with_claims(&|claims| self.keys.remove(&claims.sub, asked.parameter("key_id")))
            }
            _ => return None,
        })
    }

    fn list_sessions(&self, claims: &Claims) -> Answer {
        let state = self.state();
        let own = state.sessions.iter();
        let own = own.filter(|(_, session)| session.is_of(claims));
        let sessions = own.map(|(id, session)| {
            json!({ "session_id": id, "surface": session.surface, "current": *id == claims.sid })
        });
        answer::ok(&json!({ "sessions": sessions.collect::<Vec<_>>() }))
    }

    fn end_session(&self, claims: &Claims, id: &str) -> Answer {
        let mut state = self.state();
        let is_own = |session: &Session| session.is_of(claims);
        if !state.sessions.get(id).is_some_and(is_own) {
            return answer::failure(StatusCode::NOT_FOUND, "Session not found");
        }
        state.end(id);
        answer::ok(&json!({ "status": "revoked" }))
    }

    fn end_others(&self, claims: &Claims) -> Answer {
        let mut state = self.state();
        let others = state.sessions.iter();
        let others = others.filter(|(id, session)| **id != claims.sid && session.is_of(claims));
        let others: Vec<String> = others.map(|(id, _)| id.clone()).collect();
        for id in &others {
            state.end(id);
        }
        answer::ok(&json!({ "revoked": others.len() }))
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
        let Some(begun) = state.sessions.get_mut(&session) else {
            return answer::failure(StatusCode::UNAUTHORIZED, "Invalid refresh token");
        };
        state.issued += 1;
        let now = self.clock.now();
        let Account { id, user } = &*begun.owner;
        let claims = Claims {
            sub: id.clone(),
            email: user.email.clone(),
            tenant_id: user.tenant_id.clone(),
            role: user.role.clone(),
            scopes: user.scopes.clone(),
            sid: session.clone(),
            token_use: (begun.surface == "cli").then(|| "cli".to_owned()),
            jti: format!("{}-token-{}", self.mark, state.issued),
            iat: now,
            exp: now + ACCESS_LIFETIME,
        };
        let Some(access_token) = keys::sign(&claims) else {
            return answer::failure(
                StatusCode::INTERNAL_SERVER_ERROR,
                "The token could not be signed",
            );
        };
        let refresh_token = format!("refresh-{}-{}-{}", self.mark, state.issued, claims.sid);
        begun.refresh_token.clone_from(&refresh_token);
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

fn tenant_id(body: &Value) -> &str {
    body["tenant_id"].as_str().unwrap_or(TENANT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EMAIL, PASSWORD};

    #[test]
    fn nothing_is_remembered_of_a_session_that_has_ended() {
        let accounts = Accounts::new(Arc::default());
        let login = json!({ "email": EMAIL, "password": PASSWORD });
        for _ in 0..4 {
            assert_eq!(accounts.login(&login).status(), StatusCode::OK);
        }
        let claims = json!({
            "sub": accounts.users.first().id, "email": EMAIL, "tenant_id": TENANT, "role": "user", "scopes": [],
            "sid": "session-0", "jti": "token-1", "iat": 0, "exp": 1,
        });
        let claims: Claims = serde_json::from_value(claims).unwrap();
        let ended = accounts.end_session(&claims, "session-1");
        assert_eq!(ended.status(), StatusCode::OK);
        let left = |accounts: &Accounts| {
            let state = accounts.state();
            (state.sessions.len(), state.refresh_tokens.len())
        };
        assert_eq!(left(&accounts), (3, 3));
        accounts.end_others(&claims);
        assert_eq!(left(&accounts), (1, 1));
        let first = accounts.state().sessions["session-0"].refresh_token.clone();
        accounts.logout(&json!({ "refresh_token": first }));
        assert_eq!(left(&accounts), (0, 0));
    }
}
