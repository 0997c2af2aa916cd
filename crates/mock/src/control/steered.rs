//! What is done under `/__mock/`.

use super::call::Call;
use super::{Control, done, seen};
use crate::answer::{self, Answer};
use crate::description::unknown_route;
use crate::users::Account;
use crate::{fault_json, user_json};
use http::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

pub(super) fn clear_exchanges(control: &Control, _: &Call<'_>) -> Answer {
    control.state.journal.clear();
    done()
}

pub(super) fn add_fault(control: &Control, body: &Value) -> Result<Value, String> {
    let fault = fault_json::read(body)?;
    if let Some(route) = &fault.route {
        let mut services = control.services.iter();
        if !services.any(|(_, description)| description.has_route(route)) {
            return Err(unknown_route(route));
        }
    }
    control.state.faults.add(fault);
    Ok(json!({}))
}

pub(super) fn clear_faults(control: &Control, _: &Call<'_>) -> Answer {
    control.state.faults.clear();
    done()
}

pub(super) fn push_event(control: &Control, body: &Value) -> Result<Value, String> {
    let name = body["event"].as_str();
    // A line break would begin another field of the stream.
    let name = name.filter(|name| !name.is_empty() && !name.contains(['\r', '\n']));
    let name = name.ok_or("event has to be the name of an event, in one line")?;
    let id = control.state.events.push(name, &body["data"].to_string());
    Ok(json!({ "id": id }))
}

pub(super) fn drop_streams(control: &Control, _: &Call<'_>) -> Answer {
    control.state.events.cut_off();
    done()
}

pub(super) fn advance(control: &Control, body: &Value) -> Result<Value, String> {
    let seconds = body["advance_seconds"].as_u64();
    let seconds = seconds.ok_or("advance_seconds has to be a whole number, 0 or more")?;
    if control.state.clock.advance(Duration::from_secs(seconds)) {
        Ok(seen::time(control))
    } else {
        Err(
            "advance_seconds is too large: the time is moved by a thousand years at most"
                .to_owned(),
        )
    }
}

pub(super) fn add_user(control: &Control, body: &Value) -> Result<Value, String> {
    let user = user_json::read(body)?;
    let account = control.state.accounts.users.add(user)?;
    Ok(json!({ "imperal_id": account.id }))
}

pub(super) fn allow_device(control: &Control, call: &Call<'_>) -> Answer {
    let users = &control.state.accounts.users;
    let account = match call.text("imperal_id") {
        Some(id) => users.with_id(&id),
        None => Ok(users.first()),
    };
    match account {
        Ok(account) => decide(control, call, Some(account)),
        Err(problem) => answer::failure(StatusCode::NOT_FOUND, &problem),
    }
}

pub(super) fn deny_device(control: &Control, call: &Call<'_>) -> Answer {
    decide(control, call, None)
}

fn decide(control: &Control, call: &Call<'_>, account: Option<Arc<Account>>) -> Answer {
    let (code, now) = (call.parameter("code"), control.state.clock.now());
    if control.state.accounts.devices.decide(code, account, now) {
        done()
    } else {
        answer::failure(StatusCode::NOT_FOUND, "no login waits with this code")
    }
}

pub(super) fn reset(control: &Control, _: &Call<'_>) -> Answer {
    control.state.reset();
    done()
}
