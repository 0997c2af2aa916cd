//! API keys: made, listed, removed.

use crate::answer::{self, Answer};
use http::StatusCode;
use serde_json::{Value, json};
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Debug, Default)]
pub(crate) struct ApiKeys(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    made: u32,
    keys: Vec<ApiKey>,
}

#[derive(Debug)]
struct ApiKey {
    /// The id of the user.
    owner: String,
    /// As the list shows it.
    shown: Value,
}

impl ApiKey {
    fn is(&self, owner: &str, id: &str) -> bool {
        self.owner == owner && self.shown["id"] == id
    }
}

impl ApiKeys {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// No key is left, and none that was made is made again.
    pub(crate) fn reset(&self) {
        self.state().keys.clear();
    }

    /// The key itself is shown this once.
    pub(crate) fn make(&self, owner: &str, body: &Value) -> Answer {
        let Some(name) = body["name"].as_str() else {
            return answer::bad_field("name", "Field required", "missing");
        };
        let mut state = self.state();
        state.made += 1;
        let key = format!("imp_live_{:032}", state.made);
        let mut shown = json!({
            "id": format!("key-{}", state.made), "key_prefix": &key[..16], "name": name,
            "scopes": body["scopes"].as_str().unwrap_or("*"), "last_used_at": null,
            "created_at": "2026-04-01T09:00:00Z",
        });
        state.keys.push(ApiKey {
            owner: owner.to_owned(),
            shown: shown.clone(),
        });
        shown["key"] = key.into();
        if let Some(shown) = shown.as_object_mut() {
            shown.remove("last_used_at");
        }
        answer::json(StatusCode::CREATED, &shown)
    }

    pub(crate) fn list(&self, owner: &str) -> Answer {
        let state = self.state();
        let own = state.keys.iter().filter(|key| key.owner == owner);
        answer::ok(&own.map(|key| key.shown.clone()).collect())
    }

    pub(crate) fn remove(&self, owner: &str, id: &str) -> Answer {
        let mut state = self.state();
        let before = state.keys.len();
        state.keys.retain(|key| !key.is(owner, id));
        if state.keys.len() == before {
            return answer::failure(StatusCode::NOT_FOUND, "Key not found");
        }
        answer::ok(&json!({}))
    }
}
