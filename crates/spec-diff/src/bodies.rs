//! Request bodies, and the content of bodies in general: media types, and what each of them holds.

use crate::annotations;
use crate::caller::{Caller, Flow};
use crate::comparison::Comparison;
use crate::finding::Finding;
use crate::json;
use crate::media_types;
use crate::members::{self, Object, is_required, required_or_optional};
use crate::report::Wire;
use crate::side::Travel;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What null is read as.
const NO_BODY: &str = "a message without a body";

/// What the name of a media type is read as.
const MEDIA_TYPES: &str = "media types";

/// Members of an encoding that change how a part is written.
const WRITTEN_FORM: [&str; 3] = ["style", "explode", "contentType"];

/// What a body holds when it is sent as one media type.
#[derive(Clone, Copy)]
pub(crate) struct Representation<'a> {
    media_type: &'a str,
    members: &'a Object,
}

impl<'a> Representation<'a> {
    pub(crate) fn of(media_type: &'a str, content: &'a Object) -> Self {
        Self {
            media_type,
            members: json::object(content.get(media_type)),
        }
    }

    fn is_text(self) -> bool {
        media_types::is_text(self.media_type)
    }
}

/// Compares the request bodies of an operation.
pub(crate) fn compare<'a>(
    comparison: &mut Comparison<'a>,
    pointer: &str,
    old: &'a Object,
    new: &'a Object,
    caller: Caller,
) {
    let pointer = json::join(pointer, "requestBody");
    let before = members::resolved(comparison.old, old.get("requestBody"));
    let after = members::resolved(comparison.new, new.get("requestBody"));
    match (before, after) {
        (Some(old), Some(new)) => compare_pair(comparison, &pointer, old, new, caller),
        (Some(old), None) => comparison.emit(removed(pointer, old, caller)),
        (None, Some(new)) => comparison.emit(added(pointer, new, caller)),
        (None, None) => {}
    }
}

fn added(pointer: String, new: &Object, caller: Caller) -> Finding {
    let required = is_required(new);
    let word = required_or_optional(required);
    let rule = format!("{}-body-{word}-added", caller.request().area);
    let wire = Wire::breaking_if(required && caller == Caller::Client);
    let message = format!("a body was added, which is {word}");
    Finding::new(rule, wire, pointer, message).sent(NO_BODY, Value::Null)
}

/// A body that is no longer described is not read. A client that receives one may do without it
/// only if it had to before.
fn removed(pointer: String, old: &Object, caller: Caller) -> Finding {
    let rule = format!("{}-body-removed", caller.request().area);
    match caller {
        Caller::Client => {
            let content = members::sorted(json::object(old.get("content")));
            let message = "the body was removed: none of its media types is read any more";
            Finding::new(rule, Wire::Breaking, pointer, message).sent(MEDIA_TYPES, json!(content))
        }
        Caller::Server => {
            let message = "the body was removed: none of its media types is sent any more";
            let finding = Finding::new(rule, Wire::breaking_if(is_required(old)), pointer, message);
            finding.received(NO_BODY, Value::Null)
        }
    }
}

fn compare_pair<'a>(
    comparison: &mut Comparison<'a>,
    pointer: &str,
    old: &'a Object,
    new: &'a Object,
    caller: Caller,
) {
    let flow = caller.request();
    let area = flow.area;
    let required = is_required(new);
    if required != is_required(old) {
        let word = required_or_optional(required);
        let finding = Finding::new(
            format!("{area}-body-became-{word}"),
            Wire::breaking_if(required == flow.is_sent()),
            json::join(pointer, "required"),
            format!("the body is now {word}"),
        );
        comparison.emit(flow.shown(finding, NO_BODY, Value::Null));
    }
    annotations::compare_description(comparison, pointer, area, old, new);
    compare_content(comparison, pointer, old, new, flow);
}

/// Compares the media types of two messages.
///
/// Where the body is sent, every type that was read must still be read. Where it is received after
/// negotiation, every type that was offered must still be; without negotiation, no type may come
/// that the client does not know.
pub(crate) fn compare_content<'a>(
    comparison: &mut Comparison<'a>,
    pointer: &str,
    old: &'a Object,
    new: &'a Object,
    flow: Flow,
) {
    let pointer = json::join(pointer, "content");
    let (before, after) = (
        json::object(old.get("content")),
        json::object(new.get("content")),
    );
    let mut used = BTreeSet::new();
    for media_type in members::sorted(before) {
        let counterpart = if flow.is_sent() {
            media_types::taking(media_type, after)
        } else {
            media_types::serving(media_type, after)
        };
        let Some(counterpart) = counterpart else {
            let is_missed = flow.is_sent() || flow.negotiated || after.is_empty();
            comparison.emit(media_type_removed(&pointer, media_type, flow, is_missed));
            continue;
        };
        used.insert(counterpart);
        if counterpart != media_type {
            let event = if flow.is_sent() {
                "widened"
            } else {
                "narrowed"
            };
            comparison.emit(Finding::new(
                format!("{}-media-type-{event}", flow.area),
                Wire::Compatible,
                json::join(&pointer, media_type),
                format!("media type {media_type} -> {counterpart}"),
            ));
        }
        compare_representations(
            comparison,
            &json::join(&pointer, counterpart),
            Representation::of(media_type, before),
            Representation::of(counterpart, after),
            flow,
        );
    }
    for media_type in members::sorted(after).difference(&used) {
        let is_imposed = !flow.is_sent() && !flow.negotiated && !before.is_empty();
        let is_unknown = is_imposed && media_types::taking(media_type, before).is_none();
        let finding = Finding::new(
            format!("{}-media-type-added", flow.area),
            Wire::breaking_if(is_unknown),
            json::join(&pointer, media_type),
            format!("media type {media_type} added"),
        );
        comparison.emit(finding.received(MEDIA_TYPES, json!(media_type)));
    }
}

fn media_type_removed(pointer: &str, media_type: &str, flow: Flow, is_missed: bool) -> Finding {
    let verb = if flow.is_sent() { "read" } else { "offered" };
    let finding = Finding::new(
        format!("{}-media-type-removed", flow.area),
        Wire::breaking_if(is_missed),
        json::join(pointer, media_type),
        format!("media type {media_type} is no longer {verb}"),
    );
    finding.sent(MEDIA_TYPES, json!(media_type))
}

/// Compares what a body holds under a media type of each document.
pub(crate) fn compare_representations<'a>(
    comparison: &mut Comparison<'a>,
    pointer: &str,
    old: Representation<'a>,
    new: Representation<'a>,
    flow: Flow,
) {
    let travel = if old.is_text() || new.is_text() {
        Travel::Text
    } else {
        Travel::Json
    };
    let (before, after) = (old.members, new.members);
    comparison.schema(
        before.get("schema"),
        after.get("schema"),
        flow.direction,
        travel,
        flow.area,
        &json::join(pointer, "schema"),
    );
    compare_encodings(comparison, pointer, before, after, flow);
    if ["example", "examples"]
        .iter()
        .any(|name| members::differs(before, after, name))
    {
        comparison.emit(Finding::new(
            format!("{}-annotation-changed", flow.area),
            Wire::None,
            json::join(pointer, "examples"),
            "examples changed",
        ));
    }
}

/// Compares how the parts of a form are written.
fn compare_encodings(
    comparison: &mut Comparison<'_>,
    pointer: &str,
    old: &Object,
    new: &Object,
    flow: Flow,
) {
    let (before, after) = (
        json::object(old.get("encoding")),
        json::object(new.get("encoding")),
    );
    for part in members::names(before, after) {
        if !members::differs(before, after, part) {
            continue;
        }
        let (old, new) = (before.get(part), after.get(part));
        let is_in_both = old.is_some() && new.is_some();
        let is_written_otherwise = WRITTEN_FORM
            .iter()
            .any(|name| members::differs(json::object(old), json::object(new), name));
        let (wire, reason) = match (is_in_both, is_written_otherwise) {
            (true, true) => (Wire::Breaking, ""),
            (true, false) => (Wire::Unknown, "what else an encoding says is not compared"),
            (false, _) => (
                Wire::Unknown,
                "an encoding on one side only may equal the default",
            ),
        };
        let (old, new) = (json::show(old), json::show(new));
        let finding = Finding::new(
            format!("{}-encoding-changed", flow.area),
            wire,
            json::join(&format!("{pointer}/encoding"), part),
            format!("encoding of {part}: {old} -> {new}"),
        );
        let instance = json!({part: [1, 2]});
        let finding = flow.shown(finding, "the written form of the part differs", instance);
        comparison.emit(finding.because(reason));
    }
}
