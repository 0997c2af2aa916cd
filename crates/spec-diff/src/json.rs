//! Reading a document that may be malformed anywhere: every accessor takes what it finds.

use serde_json::{Map, Value};
use std::sync::LazyLock;

static EMPTY: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);

/// References that are followed before a chain of them counts as a circle.
pub(crate) const MAX_REFERENCES: usize = 64;

/// The members of an object; none where there is no object.
pub(crate) fn object(value: Option<&Value>) -> &Map<String, Value> {
    value.and_then(Value::as_object).unwrap_or(&EMPTY)
}

/// The members of a list; none where there is no list.
pub(crate) fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The texts of a list.
pub(crate) fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    list(value).iter().filter_map(Value::as_str)
}

/// Whether a member is there and true.
pub(crate) fn is_true(value: Option<&Value>) -> bool {
    value.and_then(Value::as_bool) == Some(true)
}

/// `step`, as it stands in a JSON pointer.
pub(crate) fn escape(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}

/// A step of a JSON pointer, as it is called where it leads.
pub(crate) fn unescape(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

/// `pointer` with one more step.
pub(crate) fn join(pointer: &str, step: &str) -> String {
    format!("{pointer}/{}", escape(step))
}

/// The value that a reference into the same document points at.
pub(crate) fn lookup<'a>(document: &'a Value, reference: &str) -> Option<&'a Value> {
    let pointer = reference.strip_prefix('#')?;
    document.pointer(pointer).or_else(|| {
        let decoded = percent_encoding::percent_decode_str(pointer)
            .decode_utf8()
            .ok()?;
        document.pointer(&decoded)
    })
}

/// Follows the references of what is no schema: a parameter, a response, a header.
pub(crate) fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let mut value = value;
    for _ in 0..MAX_REFERENCES {
        let reference = value.get("$ref").and_then(Value::as_str);
        match reference.and_then(|reference| lookup(document, reference)) {
            Some(target) => value = target,
            None => break,
        }
    }
    value
}

/// A value for a person: compact, and cut where it is long.
pub(crate) fn show(value: Option<&Value>) -> String {
    let text = value.map_or_else(|| "nothing".to_owned(), Value::to_string);
    if text.chars().count() <= 120 {
        return text;
    }
    let mut cut: String = text.chars().take(119).collect();
    cut.push('…');
    cut
}
