//! Headers of a response.

use crate::caller::Flow;
use crate::comparison::Comparison;
use crate::finding::Finding;
use crate::json;
use crate::members::{self, Object, required_or_optional};
use crate::report::Wire;
use crate::side::Travel;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What an empty object is read as.
const READING: &str = "the headers of one response";

#[derive(Clone, Copy)]
struct Header<'a> {
    /// As it is written in the document.
    name: &'a str,
    members: &'a Object,
}

impl<'a> Header<'a> {
    fn is_required(self) -> bool {
        members::is_required(self.members)
    }

    /// The schema of its value, which may stand under a media type.
    fn schema(self) -> Option<&'a Value> {
        members::given(self.members, "schema").or_else(|| {
            let content = json::object(self.members.get("content"));
            content.values().next()?.get("schema")
        })
    }
}

/// Compares the headers of two responses.
pub(crate) fn compare<'a>(
    comparison: &mut Comparison<'a>,
    pointer: &str,
    old: &'a Object,
    new: &'a Object,
    flow: Flow,
) {
    let before = headers(comparison.old, old);
    let after = headers(comparison.new, new);
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        let (old, new) = (before.get(name).copied(), after.get(name).copied());
        let written = new.or(old).map_or(name.as_str(), |header| header.name);
        let pointer = json::join(&format!("{pointer}/headers"), written);
        match (old, new) {
            (Some(old), Some(new)) => compare_pair(comparison, &pointer, old, new, flow),
            (Some(old), None) => comparison.emit(removed(pointer, old, flow)),
            (None, Some(new)) => comparison.emit(added(pointer, new, flow)),
            (None, None) => {}
        }
    }
}

/// By their names in lower case, in which they are told apart on the wire. The content type is
/// described with the content.
fn headers<'a>(document: &'a Value, response: &'a Object) -> BTreeMap<String, Header<'a>> {
    json::object(response.get("headers"))
        .iter()
        .map(|(name, header)| {
            let members = json::object(Some(json::resolve(document, header)));
            (name.to_lowercase(), Header { name, members })
        })
        .filter(|(name, _)| name != "content-type")
        .collect()
}

fn removed(pointer: String, old: Header<'_>, flow: Flow) -> Finding {
    let wire = match (flow.is_sent(), old.is_required()) {
        (true, _) => Wire::Compatible,
        (false, true) => Wire::Breaking,
        (false, false) => Wire::Unknown,
    };
    let rule = format!(
        "{}-{}-removed",
        flow.area,
        required_or_optional(old.is_required())
    );
    let message = format!("header {} is no longer documented", old.name);
    Finding::new(rule, wire, pointer, message)
        .received(READING, json!({}))
        .because("the client does without it, but nobody says what it holds if it still comes")
}

fn added(pointer: String, new: Header<'_>, flow: Flow) -> Finding {
    let wire = Wire::breaking_if(flow.is_sent() && new.is_required());
    let message = format!("header {} added", new.name);
    Finding::new(format!("{}-added", flow.area), wire, pointer, message).sent(READING, json!({}))
}

fn compare_pair<'a>(
    comparison: &mut Comparison<'a>,
    pointer: &str,
    old: Header<'a>,
    new: Header<'a>,
    flow: Flow,
) {
    let area = flow.area;
    if old.is_required() != new.is_required() {
        let wire = Wire::breaking_if(new.is_required() == flow.is_sent());
        let word = required_or_optional(new.is_required());
        let finding = Finding::new(
            format!("{area}-became-{word}"),
            wire,
            json::join(pointer, "required"),
            format!("header {} is now {word}", new.name),
        );
        comparison.emit(flow.shown(finding, READING, json!({})));
    }
    let (before, after) = (old.members, new.members);
    if ["deprecated", "description"]
        .iter()
        .any(|name| members::differs(before, after, name))
    {
        comparison.emit(Finding::new(
            format!("{area}-annotation-changed"),
            Wire::None,
            pointer,
            "annotation changed",
        ));
    }
    if json::is_true(before.get("explode")) != json::is_true(after.get("explode")) {
        let finding = Finding::new(
            format!("{area}-explode-changed"),
            Wire::Unknown,
            json::join(pointer, "explode"),
            "explode changed",
        );
        comparison.emit(finding.because("it matters for objects only"));
    }
    comparison.schema(
        old.schema(),
        new.schema(),
        flow.direction,
        Travel::Text,
        area,
        &json::join(pointer, "schema"),
    );
}
