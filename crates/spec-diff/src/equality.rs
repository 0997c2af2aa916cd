//! Schemas of two documents that say the same, whatever their references are called on the way.

use crate::form::{Entry, Form, Node, Normal};
use crate::json;
use crate::number::Number;
use crate::side::Side;
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

/// Equal values of JSON: 1 equals 1.0, and the order of members does not count.
pub(crate) fn same_value(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(_), Value::Number(_)) => match (Number::read(one), Number::read(other)) {
            (Some(one), Some(other)) => one == other,
            _ => one == other,
        },
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| same_value(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, value)| {
                    other
                        .get(name)
                        .is_some_and(|other| same_value(value, other))
                })
        }
        _ => one == other,
    }
}

/// Equality of what two documents hold. References are equal if they read the same and lead to equal
/// schemas; a reference that is met again while it is looked at is taken for equal.
pub(crate) struct Equality<'a> {
    old: &'a Value,
    new: &'a Value,
    known: RefCell<HashMap<&'a str, bool>>,
    depth: Cell<usize>,
}

impl<'a> Equality<'a> {
    pub(crate) fn new(old: &'a Value, new: &'a Value) -> Self {
        Self {
            old,
            new,
            known: RefCell::default(),
            depth: Cell::new(0),
        }
    }

    pub(crate) fn same(&self, old: &'a Value, new: &'a Value) -> bool {
        match (old, new) {
            (Value::Object(one), Value::Object(other)) => {
                one.len() == other.len()
                    && one.iter().all(|(name, value)| {
                        let Some(other) = other.get(name) else {
                            return false;
                        };
                        match value.as_str() {
                            Some(reference) if name == "$ref" => {
                                value == other && self.same_reference(reference)
                            }
                            _ => self.same(value, other),
                        }
                    })
            }
            (Value::Array(one), Value::Array(other)) => {
                one.len() == other.len()
                    && one
                        .iter()
                        .zip(other)
                        .all(|(one, other)| self.same(one, other))
            }
            _ => same_value(old, new),
        }
    }

    fn same_reference(&self, reference: &'a str) -> bool {
        if let Some(known) = self.known.borrow().get(reference) {
            return *known;
        }
        self.known.borrow_mut().insert(reference, true);
        self.depth.set(self.depth.get() + 1);
        let old = json::lookup(self.old, reference);
        let new = json::lookup(self.new, reference);
        let same = match (old, new) {
            (Some(old), Some(new)) => self.same(old, new),
            (None, None) => true,
            _ => false,
        };
        self.depth.set(self.depth.get() - 1);
        let mut known = self.known.borrow_mut();
        known.insert(reference, same);
        if !same && self.depth.get() > 0 {
            // What was found equal meanwhile may have leaned on this one.
            known.retain(|_, same| !*same);
        }
        same
    }

    /// Equality of two schemas, the first one on a side of the old document.
    pub(crate) fn same_node(
        &self,
        old: (&'a Side<'a>, Node<'a>),
        new: (&'a Side<'a>, Node<'a>),
    ) -> bool {
        match (old.1, new.1) {
            (Node::Written(old), Node::Written(new)) => self.same(old, new),
            (Node::Veiled(old), Node::Veiled(new)) => {
                old.hidden == new.hidden && self.same(old.node, new.node)
            }
            _ => match (old.0.normal(old.1), new.0.normal(new.1)) {
                (Normal::Always, Normal::Always) | (Normal::Never, Normal::Never) => true,
                (Normal::Form(one), Normal::Form(other)) => {
                    self.same_form((old.0, one), (new.0, other))
                }
                _ => false,
            },
        }
    }

    fn same_form(
        &self,
        old: (&'a Side<'a>, &'a Form<'a>),
        new: (&'a Side<'a>, &'a Form<'a>),
    ) -> bool {
        old.1.unresolved == new.1.unresolved
            && old.1.entries().count() == new.1.entries().count()
            && old.1.entries().all(|(keyword, entry)| {
                let other = new.1.entry(keyword);
                other.is_some_and(|other| self.same_entry((old.0, entry), (new.0, other)))
            })
    }

    /// Equality of a keyword's values.
    pub(crate) fn same_entry(
        &self,
        (old_side, old): (&'a Side<'a>, &Entry<'a>),
        (new_side, new): (&'a Side<'a>, &Entry<'a>),
    ) -> bool {
        let same_nodes =
            |old: Node<'a>, new: Node<'a>| self.same_node((old_side, old), (new_side, new));
        match (old, new) {
            (Entry::Types(old), Entry::Types(new)) | (Entry::Names(old), Entry::Names(new)) => {
                old == new
            }
            (Entry::Values(old), Entry::Values(new)) => {
                old.len() == new.len() && old.iter().zip(new).all(|(old, new)| same_value(old, new))
            }
            (Entry::Number(old), Entry::Number(new)) => old == new,
            (Entry::Count(old), Entry::Count(new)) => old == new,
            (Entry::Flag(old), Entry::Flag(new)) => old == new,
            (Entry::Text(old), Entry::Text(new)) => old == new,
            (Entry::Schema(old), Entry::Schema(new)) => same_nodes(*old, *new),
            (Entry::Schemas(old), Entry::Schemas(new)) => {
                old.len() == new.len()
                    && old.iter().zip(new).all(|(old, new)| same_nodes(*old, *new))
            }
            (Entry::NamedSchemas(old), Entry::NamedSchemas(new)) => {
                old.len() == new.len()
                    && old
                        .iter()
                        .all(|(name, old)| new.get(name).is_some_and(|new| same_nodes(*old, *new)))
            }
            (Entry::NamedNames(old), Entry::NamedNames(new)) => old == new,
            (Entry::Other(old), Entry::Other(new)) => self.same(old, new),
            _ => false,
        }
    }
}
