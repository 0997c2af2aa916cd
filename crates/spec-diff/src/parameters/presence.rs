//! Parameters that come and go, and that have to be sent or need not be.

use super::READING;
use super::collected::Parameter;
use crate::comparison::Comparison;
use crate::finding::Finding;
use crate::json;
use crate::lifecycle;
use crate::members::required_or_optional;
use crate::report::Wire;
use serde_json::json;

pub(super) fn removed(comparison: &mut Comparison<'_>, pointer: String, old: &Parameter<'_>) {
    if old.is_whole() {
        comparison.emit(written_otherwise(pointer, "single parameters"));
        return;
    }
    let (wire, why) = if json::is_true(old.members.get("deprecated")) {
        lifecycle::removal(old.members, comparison.today)
    } else {
        let why = "the document does not say what a server does with a parameter it does not know";
        (Wire::Unknown, why.to_owned())
    };
    let message = format!("{} parameter {} removed: {why}", old.location, old.name);
    comparison.emit(Finding::new("param-removed", wire, pointer, message).because(why));
}

pub(super) fn added(comparison: &mut Comparison<'_>, pointer: String, new: &Parameter<'_>) {
    if new.is_whole() {
        comparison.emit(written_otherwise(pointer, "one exploded object"));
        return;
    }
    let word = required_or_optional(new.required);
    let wire = Wire::breaking_if(new.required);
    let message = format!("new {word} {} parameter {}", new.location, new.name);
    let finding = Finding::new(format!("param-{word}-added"), wire, pointer, message);
    comparison.emit(finding.sent(READING, json!({})));
}

/// Whether a parameter has to be sent. In a path it has to be in any case.
pub(super) fn compare(
    comparison: &mut Comparison<'_>,
    pointer: &str,
    old: &Parameter<'_>,
    new: &Parameter<'_>,
) {
    if old.location == "path" || old.required == new.required {
        return;
    }
    let word = required_or_optional(new.required);
    let wire = Wire::breaking_if(new.required);
    let rule = format!("param-became-{word}");
    let message = format!("{} is now {word}", new.name);
    let finding = Finding::new(rule, wire, json::join(pointer, "required"), message);
    comparison.emit(finding.sent(READING, json!({})));
}

fn written_otherwise(pointer: String, form: &str) -> Finding {
    let message = format!("the same query, written as {form}");
    Finding::new(
        "param-exploded-form-changed",
        Wire::Compatible,
        pointer,
        message,
    )
}
