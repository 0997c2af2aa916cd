//! Logins on another device: asked for here, allowed there.

use crate::answer::{self, Answer};
use crate::users::Account;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How long a code is good, in seconds.
const LIFETIME: u64 = 600;

/// How long to wait between two questions, in seconds.
const INTERVAL: u64 = 5;

/// The logins that have been asked for.
#[derive(Debug)]
pub(crate) struct Devices {
    /// What the codes of this cloud have in them, and those of no other.
    mark: String,
    requests: Mutex<Requests>,
}

#[derive(Debug, Default)]
struct Requests {
    made: u32,
    /// In the order in which they expire.
    list: VecDeque<Request>,
}

#[derive(Debug)]
struct Request {
    device_code: String,
    user_code: String,
    challenge: String,
    expires_at: u64,
    interval: u64,
    /// When it was asked after last.
    asked_at: Option<u64>,
    state: State,
}

impl Request {
    /// Whether the user can still act on it.
    const fn is_pending(&self, now: u64) -> bool {
        matches!(self.state, State::Pending) && now < self.expires_at
    }
}

#[derive(Clone, Debug)]
enum State {
    Pending,
    /// By this user.
    Allowed(Arc<Account>),
    Denied,
    Used,
}

/// What is to be answered to a question after a login.
pub(crate) enum Outcome {
    /// Tokens of this user.
    Allowed(Arc<Account>),
    Answer(Answer),
}

impl Devices {
    pub(crate) fn new(mark: &str) -> Self {
        Self {
            mark: mark.to_owned(),
            requests: Mutex::default(),
        }
    }

    fn requests(&self) -> MutexGuard<'_, Requests> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// No login waits, and no code that was given out is given out again.
    pub(crate) fn reset(&self) {
        self.requests().list.clear();
    }

    pub(crate) fn authorize(&self, body: &Value, now: u64) -> Answer {
        let Some(challenge) = body["code_challenge"].as_str() else {
            return answer::bad_field("code_challenge", "Field required", "missing");
        };
        if body["code_challenge_method"]
            .as_str()
            .is_some_and(|method| method != "S256")
        {
            return refuse("invalid_request");
        }
        let mut requests = self.requests();
        // A code that has expired is answered as one that was never given out.
        let expired = |request: &Request| request.expires_at <= now;
        while requests.list.front().is_some_and(expired) {
            requests.list.pop_front();
        }
        requests.made += 1;
        let number = requests.made;
        let request = Request {
            device_code: format!("device-{}-{number}", self.mark),
            user_code: format!("MOCK-{number:04}"),
            challenge: challenge.to_owned(),
            expires_at: now + LIFETIME,
            interval: INTERVAL,
            asked_at: None,
            state: State::Pending,
        };
        let answer = answer::ok(&json!({
            "device_code": request.device_code, "user_code": request.user_code,
            "verification_uri": "https://panel.imperal.io/device",
            "verification_uri_complete": format!("https://panel.imperal.io/device?code={}", request.user_code),
            "expires_in": LIFETIME, "interval": INTERVAL,
        }));
        requests.list.push_back(request);
        answer
    }

    /// The service's ways: what is still to be waited for is a success that names an error.
    pub(crate) fn ask(&self, body: &Value, now: u64) -> Outcome {
        let mut requests = self.requests();
        let code = body["device_code"].as_str().unwrap_or_default();
        let Some(request) = requests
            .list
            .iter_mut()
            .find(|request| request.device_code == code)
        else {
            return Outcome::Answer(refuse("expired_token"));
        };
        let verifier = body["code_verifier"].as_str().unwrap_or_default();
        if URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) != request.challenge {
            return Outcome::Answer(refuse("invalid_grant"));
        }
        let asked_at = request.asked_at.replace(now);
        match request.state.clone() {
            State::Denied => Outcome::Answer(refuse("access_denied")),
            State::Used => Outcome::Answer(refuse("expired_token")),
            _ if now >= request.expires_at => Outcome::Answer(refuse("expired_token")),
            State::Allowed(owner) => {
                request.state = State::Used;
                Outcome::Allowed(owner)
            }
            State::Pending if asked_at.is_some_and(|at| now < at + request.interval) => {
                request.interval += INTERVAL;
                Outcome::Answer(wait("slow_down"))
            }
            State::Pending => Outcome::Answer(wait("authorization_pending")),
        }
    }

    /// The codes that users see and can act on.
    pub(crate) fn pending(&self, now: u64) -> Vec<String> {
        let requests = self.requests();
        let pending = requests.list.iter();
        let pending = pending.filter(|request| request.is_pending(now));
        pending.map(|request| request.user_code.clone()).collect()
    }

    /// This user allows the login with this code, or nobody does. Returns whether there is such a login.
    pub(crate) fn decide(&self, user_code: &str, owner: Option<Arc<Account>>, now: u64) -> bool {
        let mut requests = self.requests();
        let mut pending = requests
            .list
            .iter_mut()
            .filter(|request| request.is_pending(now));
        let Some(request) = pending.find(|request| request.user_code == user_code) else {
            return false;
        };
        request.state = owner.map_or(State::Denied, State::Allowed);
        true
    }
}

fn wait(error: &str) -> Answer {
    answer::ok(&json!({ "error": error }))
}

fn refuse(error: &str) -> Answer {
    answer::json(StatusCode::BAD_REQUEST, &json!({ "error": error }))
}
