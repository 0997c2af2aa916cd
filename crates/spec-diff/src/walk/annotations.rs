//! Keywords of a schema that do not take part in validation.

use super::{Pair, Walk, Worst};
use crate::finding::Finding;
use crate::json;
use crate::lifecycle;
use crate::report::Wire;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Words for people.
const WORDS: [&str; 10] = [
    "title",
    "description",
    "example",
    "examples",
    "$comment",
    "externalDocs",
    "xml",
    "$schema",
    "$id",
    "$anchor",
];

/// Extensions that are compared in their own way.
const KNOWN_EXTENSIONS: [&str; 3] = ["x-sunset", "x-stability-level", "x-extensible-enum"];

const A_HINT: &str =
    "a discriminator is a hint: it changes no validity, but a value may select another schema";

impl<'a> Walk<'_, 'a> {
    pub(super) fn annotation_changes(&mut self, pair: &Pair<'a>) -> Worst {
        let (old, new) = (json::object(Some(pair.old)), json::object(Some(pair.new)));
        let mut worst = self.lifecycle_changes(pair, old, new);
        for word in WORDS {
            if old.get(word) != new.get(word) {
                let undecided = word == "xml" && self.old.is_text();
                let wire = if undecided { Wire::Unknown } else { Wire::None };
                let pointer = json::join(&pair.pointer, word);
                let reason = "the XML form of the value may differ";
                let message = format!("{word} changed");
                worst = worst.max(self.note("annotation-changed", wire, &pointer, message, reason));
            }
        }
        worst = worst.max(self.default_change(pair, old, new));
        worst = worst.max(self.extensible_changes(pair, old, new));
        worst = worst.max(self.discriminator_changes(pair, old, new));
        let keywords: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for keyword in keywords {
            let is_plain =
                keyword.starts_with("x-") && !KNOWN_EXTENSIONS.contains(&keyword.as_str());
            if is_plain && old.get(keyword) != new.get(keyword) {
                let pointer = json::join(&pair.pointer, keyword);
                let message = format!("{keyword} changed");
                worst =
                    worst.max(self.note("extension-changed", Wire::None, &pointer, message, ""));
            }
        }
        worst
    }

    fn lifecycle_changes(
        &mut self,
        pair: &Pair<'a>,
        old: &Map<String, Value>,
        new: &Map<String, Value>,
    ) -> Worst {
        let mut worst = Worst::Nothing;
        let area = format!("{}-schema", self.area);
        let today = self.comparison.today;
        let comparison = &mut *self.comparison;
        lifecycle::compare(
            old,
            new,
            &pair.pointer,
            &area,
            today,
            &mut |finding: Finding| {
                worst = worst.max(Worst::of(finding.wire));
                comparison.emit(finding);
            },
        );
        worst
    }

    fn default_change(
        &mut self,
        pair: &Pair<'a>,
        old: &Map<String, Value>,
        new: &Map<String, Value>,
    ) -> Worst {
        let (old, new) = (old.get("default"), new.get("default"));
        // The default of a parameter is judged with it: there, an omitted value counts.
        if old == new || self.area == "param" && pair.pointer.ends_with("/schema") {
            return Worst::Nothing;
        }
        let wire = if self.is_request() {
            Wire::Unknown
        } else {
            Wire::None
        };
        let message = format!("default {} -> {}", json::show(old), json::show(new));
        let reason =
            "what the server assumes for an omitted value may differ; what travels does not";
        let pointer = format!("{}/default", pair.pointer);
        self.note("default-changed", wire, &pointer, message, reason)
    }

    /// `x-extensible-enum`: a sender uses the listed values, a receiver is told to expect others.
    fn extensible_changes(
        &mut self,
        pair: &Pair<'a>,
        old: &Map<String, Value>,
        new: &Map<String, Value>,
    ) -> Worst {
        const KEYWORD: &str = "x-extensible-enum";
        let (old, new) = (json::list(old.get(KEYWORD)), json::list(new.get(KEYWORD)));
        let pointer = format!("{}/{KEYWORD}", pair.pointer);
        let mut worst = Worst::Nothing;
        for value in old.iter().filter(|value| !new.contains(value)) {
            let breaks = self.is_request() && !new.is_empty();
            let wire = if breaks {
                Wire::Breaking
            } else {
                Wire::Compatible
            };
            let rule = format!("{}-extensible-enum-value-removed", self.area);
            let message = format!("value {} removed", json::show(Some(value)));
            let finding = Finding::new(rule, wire, &pointer, message);
            let reading = "x-extensible-enum as the values a server accepts";
            self.comparison.emit(finding.sent(reading, value.clone()));
            worst = worst.max(Worst::of(wire));
        }
        for value in new.iter().filter(|value| !old.contains(value)) {
            let undecided = self.is_request() && old.is_empty();
            let wire = if undecided {
                Wire::Unknown
            } else {
                Wire::Compatible
            };
            let message = format!("value {} added", json::show(Some(value)));
            let reason = "an extensible list does not say that other values are refused";
            worst = worst.max(self.note(
                "extensible-enum-value-added",
                wire,
                &pointer,
                message,
                reason,
            ));
        }
        worst
    }

    fn discriminator_changes(
        &mut self,
        pair: &Pair<'a>,
        old: &Map<String, Value>,
        new: &Map<String, Value>,
    ) -> Worst {
        let (old, new) = (old.get("discriminator"), new.get("discriminator"));
        if old == new {
            return Worst::Nothing;
        }
        let pointer = format!("{}/discriminator", pair.pointer);
        let (Some(Value::Object(one)), Some(Value::Object(other))) = (old, new) else {
            let verb = if old.is_none() { "added" } else { "removed" };
            let message = format!("discriminator {} -> {}", json::show(old), json::show(new));
            let rule = format!("discriminator-{verb}");
            return self.note(&rule, Wire::Unknown, &pointer, message, A_HINT);
        };
        let mut worst = Worst::Nothing;
        let property = |members: &Map<String, Value>| json::show(members.get("propertyName"));
        if property(one) != property(other) {
            let message = format!(
                "discriminator property {} -> {}",
                property(one),
                property(other)
            );
            let rule = "discriminator-property-changed";
            worst = worst.max(self.note(rule, Wire::Unknown, &pointer, message, A_HINT));
        }
        let (one, other) = (
            json::object(one.get("mapping")),
            json::object(other.get("mapping")),
        );
        let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
        for key in keys {
            if one.get(key) == other.get(key) {
                continue;
            }
            let verb = super::action(one.contains_key(key), other.contains_key(key));
            // What a sender may newly use, or what is no longer received, selects nothing else.
            let harmless =
                verb == "added" && self.is_request() || verb == "removed" && !self.is_request();
            let wire = if harmless {
                Wire::Compatible
            } else {
                Wire::Unknown
            };
            let pointer = json::join(&format!("{pointer}/mapping"), key);
            let rule = format!("discriminator-mapping-{verb}");
            worst = worst.max(self.note(
                &rule,
                wire,
                &pointer,
                format!("mapping {key} {verb}"),
                A_HINT,
            ));
        }
        worst
    }
}
