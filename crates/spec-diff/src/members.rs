//! Members of objects, mostly of two side by side.

use crate::json;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// An object of a document.
pub(crate) type Object = Map<String, Value>;

/// The value of a member; null says no more than a member that is missing.
pub(crate) fn given<'a>(object: &'a Object, name: &str) -> Option<&'a Value> {
    object.get(name).filter(|value| !value.is_null())
}

/// The text of a member.
pub(crate) fn text<'a>(object: &'a Object, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}

/// The object that stands where a reference may stand, too.
pub(crate) fn resolved<'a>(document: &'a Value, value: Option<&'a Value>) -> Option<&'a Object> {
    json::resolve(document, value?).as_object()
}

/// A copy that lacks some members.
pub(crate) fn without(object: &Object, names: &[&str]) -> Object {
    object
        .iter()
        .filter(|(name, _)| !names.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The names of an object, in order, whatever order the document has.
pub(crate) fn sorted(object: &Object) -> BTreeSet<&str> {
    object.keys().map(String::as_str).collect()
}

/// The names of both objects, in order, each once.
pub(crate) fn names<'a>(old: &'a Object, new: &'a Object) -> BTreeSet<&'a str> {
    old.keys().chain(new.keys()).map(String::as_str).collect()
}

/// Whether a member is another one, or is on one side only.
pub(crate) fn differs(old: &Object, new: &Object, name: &str) -> bool {
    given(old, name) != given(new, name)
}

/// What happened to a member that differs, as rules call it.
pub(crate) fn event(old: &Object, new: &Object, name: &str) -> &'static str {
    match (old.contains_key(name), new.contains_key(name)) {
        (true, false) => "removed",
        (false, true) => "added",
        _ => "changed",
    }
}

/// Whether an element says that it has to be there.
pub(crate) fn is_required(element: &Object) -> bool {
    json::is_true(element.get("required"))
}

/// How rules call what has to be there, and what need not.
pub(crate) fn required_or_optional(required: bool) -> &'static str {
    if required { "required" } else { "optional" }
}
