//! Components: a difference of one counts where it is used. Here they are listed, so that none is
//! lost, and those that no operation reaches are told apart.

use crate::comparison::Comparison;
use crate::finding::Finding;
use crate::json;
use crate::members::{self, Object};
use crate::report::Wire;
use serde_json::Value;
use std::collections::HashSet;

pub(crate) fn compare(comparison: &mut Comparison<'_>) {
    let before = json::object(comparison.old.get("components"));
    let after = json::object(comparison.new.get("components"));
    let old_reached = reached(comparison.old);
    let new_reached = reached(comparison.new);
    for section in members::names(before, after) {
        // Security schemes are compared on their own.
        if section == "securitySchemes" || section.starts_with("x-") {
            continue;
        }
        let (old, new) = (
            json::object(before.get(section)),
            json::object(after.get(section)),
        );
        for name in members::names(old, new) {
            if old.get(name) == new.get(name) {
                continue;
            }
            let event = members::event(old, new, name);
            let is_reached = is_among(&old_reached, old, name) || is_among(&new_reached, new, name);
            if event == "changed" && is_reached {
                continue;
            }
            let note = if is_reached {
                ""
            } else {
                " (no operation reaches it)"
            };
            comparison.emit(Finding::new(
                format!("component-{event}"),
                Wire::None,
                json::join(&json::join("/components", section), name),
                format!("{section} {name} {event}{note}"),
            ));
        }
    }
}

fn is_among(reached: &HashSet<*const Value>, section: &Object, name: &str) -> bool {
    let component = section.get(name);
    component.is_some_and(|component| reached.contains(&std::ptr::from_ref(component)))
}

/// The places of all values that paths and webhooks hold or refer to.
fn reached(document: &Value) -> HashSet<*const Value> {
    let mut reached = HashSet::new();
    let mut pending: Vec<&Value> = Vec::new();
    pending.extend(document.get("paths"));
    pending.extend(document.get("webhooks"));
    while let Some(value) = pending.pop() {
        if !reached.insert(std::ptr::from_ref(value)) {
            continue;
        }
        match value {
            Value::Object(object) => {
                let reference = members::text(object, "$ref");
                let discriminator = json::object(object.get("discriminator"));
                let mapping = json::object(discriminator.get("mapping")).values();
                let references = reference
                    .into_iter()
                    .chain(mapping.filter_map(Value::as_str));
                pending.extend(references.filter_map(|target| json::lookup(document, target)));
                pending.extend(object.values());
            }
            Value::Array(items) => pending.extend(items),
            _ => {}
        }
    }
    reached
}
