//! Parameters of a request that the server sends: the client has to find what it was promised.

use super::collected::{Key, collect};
use super::{READING, place};
use crate::comparison::Comparison;
use crate::finding::Finding;
use crate::json;
use crate::operation::Operation;
use crate::report::Wire;
use crate::side::{Direction, Travel};
use serde_json::json;
use std::collections::BTreeSet;

/// Compares the parameters that the client receives.
pub(crate) fn compare<'a>(
    comparison: &mut Comparison<'a>,
    pointer: &str,
    old: Operation<'a>,
    new: Operation<'a>,
) {
    let before = collect(comparison, comparison.old, old, &[]);
    let after = collect(comparison, comparison.new, new, &[]);
    let keys: BTreeSet<&Key<'a>> = before.keys().chain(after.keys()).collect();
    for key in keys {
        match (before.get(key), after.get(key)) {
            (Some(old), Some(new)) => {
                let pointer = place(pointer, new.location, new.name);
                if old.required && !new.required {
                    let rule = "webhook-param-became-optional";
                    let finding =
                        Finding::new(rule, Wire::Breaking, &pointer, "may now be missing");
                    comparison.emit(finding.received(READING, json!({})));
                }
                comparison.schema(
                    old.schema,
                    new.schema,
                    Direction::Response,
                    Travel::Text,
                    "webhook-param",
                    &json::join(&pointer, "schema"),
                );
            }
            (Some(old), None) => {
                let pointer = place(pointer, old.location, old.name);
                let wire = Wire::breaking_if(old.required);
                let finding =
                    Finding::new("webhook-param-removed", wire, pointer, "no longer sent");
                comparison.emit(finding.received(READING, json!({})));
            }
            (None, Some(new)) => {
                let pointer = place(pointer, new.location, new.name);
                let rule = "webhook-param-added";
                comparison.emit(Finding::new(rule, Wire::Compatible, pointer, "now sent"));
            }
            (None, None) => {}
        }
    }
}
