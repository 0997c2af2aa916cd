//! Properties of an object: added, removed, required, marked as read-only or write-only.

use super::{Bound, Pair, Said, Walk, Worst, below, kebab};
use crate::containment::Answer;
use crate::form::{Entry, Form, Node, Schema};
use crate::instance::Instance;
use crate::json;
use crate::report::Wire;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A property of one name, on both sides or on one.
struct Property<'a> {
    name: &'a str,
    pointer: String,
}

impl<'a> Walk<'_, 'a> {
    pub(super) fn property_changes(&mut self, pair: &Pair<'a>) -> Worst {
        let old = json::object(pair.old.get("properties"));
        let new = json::object(pair.new.get("properties"));
        let names: BTreeSet<&'a str> = old.keys().chain(new.keys()).map(String::as_str).collect();
        let mut worst = Worst::Nothing;
        for name in names {
            let property = Property {
                name,
                pointer: json::join(&format!("{}/properties", pair.pointer), name),
            };
            worst = worst.max(match (old.get(name), new.get(name)) {
                (Some(old), Some(new)) => self.property_change(pair, &property, old, new),
                (None, Some(_)) => self.property_added(pair, &property),
                (Some(old), None) => self.property_removed(pair, &property, old),
                (None, None) => continue,
            });
        }
        worst
    }

    fn property_change(
        &mut self,
        pair: &Pair<'a>,
        property: &Property<'a>,
        old: &'a Value,
        new: &'a Value,
    ) -> Worst {
        if self.comparison.equality.same(old, new) {
            return Worst::Nothing;
        }
        let part = |form: &Form<'a>| property_part(form, property.name, false);
        let answer = self.against(pair, Some(part(pair.old_form)), Some(part(pair.new_form)));
        let marks = self.mark_changes(pair, property, old, new);
        let hiding = self.old.hiding();
        let away = self.old.is_marked(old, hiding) || self.new.is_marked(new, hiding);
        // Beside a type without objects, a property is judged by itself.
        let judged_alone =
            !matches!(pair.given, Bound::Hidden | Bound::Undecided) && self.has_no_objects(pair);
        let bound = if away || pair.bound == Bound::Hidden {
            Bound::Hidden
        } else if judged_alone {
            Bound::Free
        } else {
            below(&answer, pair.bound)
        };
        let worst = marks.max(self.walk(old, new, &property.pointer, bound));
        if !answer.is_no() || pair.bound != Bound::Free || worst.explains() {
            return worst;
        }
        let message = format!("property {}: the values are not contained", property.name);
        let said = Said::new("property-changed", pair, &property.pointer, message);
        worst.max(self.put(pair, &answer, &said))
    }

    fn property_added(&mut self, pair: &Pair<'a>, property: &Property<'a>) -> Worst {
        let name = property.name;
        let answer = if self.is_request() {
            let part = property_part(pair.new_form, name, false);
            self.against(pair, None, Some(part))
        } else {
            let answer = self.against(pair, extra_part(pair.old_form), None);
            match &answer {
                Answer::No(Instance::Object(members)) if members.contains_key(name) => answer,
                Answer::No(_) => self.answer_with_the_name(pair, name),
                _ => answer,
            }
        };
        let needed = json::texts(pair.new.get("required")).any(|required| required == name);
        let rule = if needed {
            "required-property-added"
        } else {
            "property-added"
        };
        let message = format!("property {name} added");
        self.put(
            pair,
            &answer,
            &Said::new(rule, pair, &property.pointer, message),
        )
    }

    /// Whether the old document takes an object with this member and no other.
    fn answer_with_the_name(&mut self, pair: &Pair<'a>, name: &'a str) -> Answer {
        let node = pair
            .new_form
            .named_schema("properties", name)
            .unwrap_or(Node::Always);
        let only = Form::default()
            .with(
                "properties",
                Entry::NamedSchemas(BTreeMap::from([(name, node)])),
            )
            .with("additionalProperties", Entry::Schema(Node::Never))
            .with("required", Entry::Names(vec![name]));
        let sender = Schema::new(self.new, self.new.made(only));
        let extra = extra_part(pair.old_form).unwrap_or_default();
        let receiver = Schema::new(self.old, self.old.made(extra));
        self.comparison.checker.contains(&[sender], receiver)
    }

    fn property_removed(
        &mut self,
        pair: &Pair<'a>,
        property: &Property<'a>,
        old: &'a Value,
    ) -> Worst {
        let name = property.name;
        let message = format!("property {name} removed");
        if self.is_request() {
            let answer = self.against(pair, None, extra_part(pair.new_form));
            if answer.is_yes() && !self.old.is_marked(old, "readOnly") {
                let reason =
                    format!("the new document takes {name} but does not say what it does with it");
                return self.note(
                    "property-removed",
                    Wire::Unknown,
                    &property.pointer,
                    message,
                    &reason,
                );
            }
            let said = Said::new("property-removed", pair, &property.pointer, message);
            return self.put(pair, &answer, &said);
        }
        if json::texts(pair.old.get("required")).any(|required| required == name) {
            let part = property_part(pair.old_form, name, true);
            let answer = self.against(pair, Some(part), None);
            let message = format!("required property {name} removed");
            let said = Said::new("property-removed", pair, &property.pointer, message);
            return self.put(pair, &answer, &said);
        }
        let says_nothing = Schema::new(self.old, Node::Written(old)).is_always();
        if self.old.is_marked(old, "writeOnly") || says_nothing {
            let said = Said::new("property-removed", pair, &property.pointer, message);
            return self.put(pair, &Answer::Yes, &said);
        }
        let reason = format!(
            "the old document allows {name} to be absent; the new one does not say what it holds if it is sent"
        );
        let message = format!("optional property {name} removed");
        self.note(
            "property-removed",
            Wire::Unknown,
            &property.pointer,
            message,
            &reason,
        )
    }

    fn mark_changes(
        &mut self,
        pair: &Pair<'a>,
        property: &Property<'a>,
        old: &'a Value,
        new: &'a Value,
    ) -> Worst {
        let mut worst = Worst::Nothing;
        for mark in ["readOnly", "writeOnly"] {
            let (before, after) = (self.old.is_marked(old, mark), self.new.is_marked(new, mark));
            if before == after {
                continue;
            }
            let part = |form: &Form<'a>| property_part(form, property.name, true);
            let answer = self.against(pair, Some(part(pair.old_form)), Some(part(pair.new_form)));
            let rule = format!(
                "property-became-{}{}",
                if after { "" } else { "not-" },
                kebab(mark)
            );
            let message = format!("{mark} {before} -> {after}");
            let said = Said::new(&rule, pair, &property.pointer, message);
            worst = worst.max(self.put(pair, &answer, &said));
        }
        worst
    }

    pub(super) fn required_changes(&mut self, pair: &Pair<'a>) -> Worst {
        let old: Vec<&'a str> = json::texts(pair.old.get("required")).collect();
        let new: Vec<&'a str> = json::texts(pair.new.get("required")).collect();
        let pointer = format!("{}/required", pair.pointer);
        let mut worst = Worst::Nothing;
        for name in new.iter().filter(|name| !old.contains(name)) {
            let part = property_part(pair.new_form, name, true);
            let answer = self.against(pair, None, Some(part));
            let said = Said::new(
                "property-became-required",
                pair,
                &pointer,
                format!("{name} is now required"),
            );
            worst = worst.max(self.put(pair, &answer, &said));
        }
        for name in old.iter().filter(|name| !new.contains(name)) {
            let part = property_part(pair.old_form, name, true);
            let answer = self.against(pair, Some(part), None);
            let message = format!("{name} is no longer required");
            let said = Said::new("property-became-optional", pair, &pointer, message);
            worst = worst.max(self.put(pair, &answer, &said));
        }
        worst
    }
}

/// What a form says about one property, and whether it has to be there.
fn property_part<'a>(form: &Form<'a>, name: &'a str, with_required: bool) -> Form<'a> {
    let node = form
        .named_schema("properties", name)
        .unwrap_or(Node::Always);
    let part = Form::default().with(
        "properties",
        Entry::NamedSchemas(BTreeMap::from([(name, node)])),
    );
    if with_required && form.names("required").contains(&name) {
        return part.with("required", Entry::Names(vec![name]));
    }
    part
}

/// What a form says about names that it does not list.
fn extra_part<'a>(form: &Form<'a>) -> Option<Form<'a>> {
    let part = form.only(&["patternProperties", "additionalProperties"])?;
    let names = form
        .named("properties")
        .map(|(name, _)| (name, Node::Always));
    Some(part.with("properties", Entry::NamedSchemas(names.collect())))
}
