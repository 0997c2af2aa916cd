//! Responses of an operation, by status. One that is not listed itself may be covered by its range
//! or by the default response.

use crate::annotations;
use crate::bodies::{self, Representation};
use crate::caller::Caller;
use crate::comparison::Comparison;
use crate::finding::Finding;
use crate::headers;
use crate::json;
use crate::media_types;
use crate::members::{self, Object};
use crate::report::Wire;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const DEFAULT: &str = "default";

type Statuses<'a> = BTreeMap<&'a str, &'a Object>;

/// Compares the responses of an operation. What a client receives may be narrowed: a range may become some
/// of its statuses.
pub(crate) fn compare<'a>(
    comparison: &mut Comparison<'a>,
    pointer: &str,
    old: &'a Object,
    new: &'a Object,
    caller: Caller,
) {
    let before = statuses(comparison.old, old);
    let after = statuses(comparison.new, new);
    let all: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    for status in all {
        let pointer = json::join(&format!("{pointer}/responses"), status);
        match (before.get(status).copied(), after.get(status).copied()) {
            (Some(old), Some(new)) => compare_pair(comparison, &pointer, old, new, caller),
            (Some(old), None) => {
                let covering = covering(status, &after);
                if let Some((cover, new)) = covering.filter(|(cover, _)| is_range(cover, status)) {
                    comparison.emit(Finding::new(
                        format!("{}-status-widened", caller.response().area),
                        Wire::Compatible,
                        &pointer,
                        format!("status {status} is now covered by {cover}"),
                    ));
                    compare_pair(comparison, &pointer, old, new, caller);
                } else if caller == Caller::Client && is_spelled_out(status, &after) {
                    comparison.emit(Finding::new(
                        format!("{}-status-narrowed", caller.response().area),
                        Wire::Compatible,
                        &pointer,
                        format!("of {status}, the statuses are listed now"),
                    ));
                } else {
                    let is_replaced = covering.is_some() && !before.contains_key(DEFAULT);
                    comparison.emit(removed(pointer, status, is_replaced, caller));
                }
            }
            (None, Some(new)) => match range_of(status, &before) {
                Some((range, old)) if caller == Caller::Client && !has(range, &after) => {
                    compare_with_range(comparison, &pointer, old, (status, new));
                }
                _ => added(comparison, &pointer, (status, new), &before, caller),
            },
            (None, None) => {}
        }
    }
}

fn statuses<'a>(document: &'a Value, operation: &'a Object) -> Statuses<'a> {
    json::object(operation.get("responses"))
        .iter()
        .filter(|(status, _)| !status.starts_with("x-"))
        .map(|(status, response)| {
            let response = json::object(Some(json::resolve(document, response)));
            (status.as_str(), response)
        })
        .collect()
}

/// The entry that stands for a status which has none of its own.
fn covering<'a>(status: &str, statuses: &Statuses<'a>) -> Option<(&'a str, &'a Object)> {
    if status == DEFAULT {
        return None;
    }
    let default = || Some((DEFAULT, *statuses.get(DEFAULT)?));
    range_of(status, statuses).or_else(default)
}

/// The range that a status belongs to.
fn range_of<'a>(status: &str, statuses: &Statuses<'a>) -> Option<(&'a str, &'a Object)> {
    let mut entries = statuses.iter();
    let (range, response) = entries.find(|(other, _)| is_range(other, status))?;
    Some((*range, *response))
}

/// Whether a range has an entry, in whichever case it is written.
fn has(range: &str, statuses: &Statuses<'_>) -> bool {
    statuses
        .keys()
        .any(|status| status.eq_ignore_ascii_case(range))
}

/// Whether a range has become statuses of its own.
fn is_spelled_out(range: &str, statuses: &Statuses<'_>) -> bool {
    statuses.keys().any(|status| is_range(range, status))
}

/// Whether an entry is the range of a status, as `2XX` of `200`.
fn is_range(entry: &str, status: &str) -> bool {
    let class = status.chars().next();
    class.is_some_and(|class| entry.eq_ignore_ascii_case(&format!("{class}XX")))
}

fn is_success(status: &str) -> bool {
    status.starts_with('2')
}

/// A status that nothing but, perhaps, a new default response stands for.
fn removed(pointer: String, status: &str, is_replaced: bool, caller: Caller) -> Finding {
    let area = caller.response().area;
    if !is_success(status) {
        let wire = match caller {
            Caller::Client => Wire::Compatible,
            Caller::Server => Wire::Unknown,
        };
        let message = format!("status {status} removed");
        let finding = Finding::new(format!("{area}-status-removed"), wire, pointer, message);
        return finding
            .because("the document no longer says what the server does with this answer");
    }
    let rule = format!("{area}-success-status-removed");
    if is_replaced {
        let message = format!("status {status} removed");
        return Finding::new(rule, Wire::Unknown, pointer, message)
            .because("the new default response may or may not stand for it");
    }
    let verb = match caller {
        Caller::Client => "returned",
        Caller::Server => "accepted",
    };
    let message = format!("success status {status} is no longer {verb}");
    Finding::new(rule, Wire::Breaking, pointer, message).sent("statuses", json!(status))
}

/// A new status is held against what the old document said about statuses of its kind.
fn added<'a>(
    comparison: &mut Comparison<'a>,
    pointer: &str,
    (status, new): (&str, &'a Object),
    before: &Statuses<'a>,
    caller: Caller,
) {
    let flow = caller.response();
    let kind = if is_success(status) {
        "success-status"
    } else {
        "status"
    };
    comparison.emit(Finding::new(
        format!("{}-{kind}-added", flow.area),
        Wire::Compatible,
        pointer,
        format!("status {status} added"),
    ));
    let Some((cover, old)) = covering(status, before) else {
        return;
    };
    // Next to a success of its own, default stands for the failures.
    let has_success = before.keys().any(|other| is_success(other));
    let is_failure = cover == DEFAULT && is_success(status) && has_success;
    if is_failure || caller.is_server() {
        return;
    }
    let (before, after) = (
        json::object(old.get("content")),
        json::object(new.get("content")),
    );
    let pointer = json::join(pointer, "content");
    for media_type in members::sorted(before) {
        if let Some(served) = media_types::serving(media_type, after) {
            bodies::compare_representations(
                comparison,
                &json::join(&pointer, served),
                Representation::of(media_type, before),
                Representation::of(served, after),
                flow,
            );
        }
    }
}

/// A status in the place of its range: it comes as any of the range did. Whatever the range said of
/// bodies, it never said of a status that has none.
fn compare_with_range<'a>(
    comparison: &mut Comparison<'a>,
    pointer: &str,
    range: &'a Object,
    (status, new): (&str, &'a Object),
) {
    let caller = Caller::Client;
    comparison.emit(Finding::new(
        format!("{}-status-narrowed", caller.response().area),
        Wire::Compatible,
        pointer,
        format!("status {status} was covered by its range"),
    ));
    if matches!(status, "204" | "205" | "304") {
        headers::compare(comparison, pointer, range, new, caller.headers());
    } else {
        compare_pair(comparison, pointer, range, new, caller);
    }
}

fn compare_pair<'a>(
    comparison: &mut Comparison<'a>,
    pointer: &str,
    old: &'a Object,
    new: &'a Object,
    caller: Caller,
) {
    let flow = caller.response();
    annotations::compare_description(comparison, pointer, flow.area, old, new);
    bodies::compare_content(comparison, pointer, old, new, flow);
    headers::compare(comparison, pointer, old, new, caller.headers());
    let (before, after) = (
        json::object(old.get("links")),
        json::object(new.get("links")),
    );
    for name in members::names(before, after) {
        if members::differs(before, after, name) {
            let event = members::event(before, after, name);
            comparison.emit(Finding::new(
                format!("{}-link-changed", flow.area),
                Wire::None,
                json::join(&format!("{pointer}/links"), name),
                format!("link {name} {event}"),
            ));
        }
    }
}
