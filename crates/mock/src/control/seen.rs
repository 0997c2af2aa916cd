//! What is seen under `/__mock/`.

use super::call::Call;
use super::{Control, refused};
use crate::answer::{self, Answer};
use crate::journal::Recorded;
use crate::{fault_json, redaction, request, user_json};
use bytes::Bytes;
use futures::StreamExt;
use serde_json::{Value, json};
use std::time::{Duration, UNIX_EPOCH};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

pub(super) fn routes(control: &Control, _: &Call<'_>) -> Answer {
    let counts = control.state.journal.counts();
    let routes = control.services.iter().flat_map(|(service, description)| {
        let counts = &counts;
        let contract = &description.contract;
        contract.operations().iter().map(move |operation| {
            let described = contract.at(&operation.pointer);
            let counted = counts.get(&(*service, operation.route.clone()));
            let (calls, violations) = counted.copied().unwrap_or_default();
            let (method, path) = operation.route.split_once(' ').unwrap_or_default();
            json!({
                "service": service, "operation": described["operationId"], "method": method,
                "path": path, "tag": described["tags"][0], "summary": described["summary"],
                "needs": needs(described, &contract.document), "calls": calls, "violations": violations,
            })
        })
    });
    let routes: Value = routes.collect();
    answer::ok(&routes)
}

/// What an operation asks for, in words.
fn needs(described: &Value, document: &Value) -> Vec<String> {
    let own = described.get("security").unwrap_or(&document["security"]);
    let alternatives = own.as_array().into_iter().flatten();
    alternatives
        .filter_map(Value::as_object)
        .map(
            |schemes| match schemes.keys().cloned().collect::<Vec<_>>() {
                none if none.is_empty() => "none".to_owned(),
                several => several.join(" and "),
            },
        )
        .collect()
}

pub(super) fn document(control: &Control, call: &Call<'_>) -> Answer {
    let name = call.parameter("name");
    let found = control.services.iter().find(|(own, _)| *own == name);
    match found {
        Some((_, description)) => answer::ok(&description.contract.document),
        None => answer::not_found(),
    }
}

pub(super) fn exchanges(control: &Control, call: &Call<'_>) -> Answer {
    match call.number("after") {
        Ok(after) => {
            let (records, last) = control.state.journal.after(after.unwrap_or(0));
            let records: Vec<Value> = records.iter().map(|record| shown(record)).collect();
            answer::ok(&json!({ "exchanges": records, "last": last }))
        }
        Err(problem) => refused(&problem),
    }
}

pub(super) fn stream(control: &Control, call: &Call<'_>) -> Answer {
    let last_id = request::last_event_id(call.request.headers());
    let records = control.state.journal.follow(last_id);
    answer::events(records.map(|record| {
        let (number, data) = (record.number, shown(&record));
        Bytes::from(format!("id: {number}\nevent: exchange\ndata: {data}\n\n"))
    }))
}

fn shown(record: &Recorded) -> Value {
    let exchange = &record.exchange;
    let query = redaction::query(&exchange.query);
    let target = if query.is_empty() {
        exchange.path.clone()
    } else {
        format!("{}?{query}", exchange.path)
    };
    let violations = exchange.violations.iter();
    let violations = violations.map(|one| json!({ "where": one.place, "message": one.problem }));
    json!({
        "number": record.number, "service": exchange.service, "operation": exchange.route,
        "method": exchange.method, "target": target, "status": exchange.status,
        "at": moment(record.at), "micros": record.micros, "fault": record.fault,
        "violations": violations.collect::<Vec<_>>(),
        "request": redaction::message(&record.request), "response": redaction::message(&record.answer),
    })
}

pub(super) fn report(control: &Control, _: &Call<'_>) -> Answer {
    let report = control.state.journal.report();
    let text = report.clone().unwrap_or_default();
    answer::ok(&json!({ "conforms": report.is_none(), "text": text }))
}

pub(super) fn faults(control: &Control, _: &Call<'_>) -> Answer {
    let faults = control.state.faults.list();
    let faults: Vec<Value> = faults.iter().map(fault_json::write).collect();
    answer::ok(&json!(faults))
}

pub(super) fn clock(control: &Control, _: &Call<'_>) -> Answer {
    answer::ok(&time(control))
}

/// The cloud's time, and how far it was moved.
pub(super) fn time(control: &Control) -> Value {
    let clock = &control.state.clock;
    json!({ "now": moment(clock.now()), "moved_seconds": clock.moved().as_secs() })
}

/// Seconds since 1970 as a time that people read.
fn moment(seconds: u64) -> String {
    let moment = UNIX_EPOCH + Duration::from_secs(seconds);
    let moment = OffsetDateTime::from(moment).format(&Rfc3339);
    moment.unwrap_or_else(|_| seconds.to_string())
}

pub(super) fn devices(control: &Control, _: &Call<'_>) -> Answer {
    let now = control.state.clock.now();
    answer::ok(&json!(control.state.accounts.devices.pending(now)))
}

pub(super) fn users(control: &Control, _: &Call<'_>) -> Answer {
    let accounts = control.state.accounts.users.list();
    let shown = accounts.iter().map(|account| user_json::write(account));
    answer::ok(&shown.collect())
}
