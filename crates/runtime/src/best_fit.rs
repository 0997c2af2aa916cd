//! Which alternative of a union a value is meant to be.

use crate::Secret;
use serde::Serialize;
use serde_json::Value;
use std::cell::Cell;

/// One alternative of a union: how it is read, and which of its texts are fixed.
#[doc(hidden)]
#[derive(Debug)]
pub struct Alternative<T> {
    /// Whether it is an object: serde reads one from a list too.
    pub is_object: bool,
    /// Fields with the one text they can have; the value itself where the name is empty.
    pub fixed: &'static [(&'static str, &'static str)],
    pub read: fn(&Value) -> Result<T, serde_json::Error>,
}

thread_local! {
    /// How much of what this thread has read was new to the document.
    static NEW: Cell<usize> = const { Cell::new(0) };
    /// How many unions are being read inside of each other.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Inside of so many unions the first alternative that can be read is taken: to weigh all would take
/// time that doubles with every level.
const WEIGHED: u32 = 8;

/// Says that a value was read which the document does not name.
#[doc(hidden)]
pub fn note_new_value() {
    NEW.set(NEW.get() + 1);
}

/// The alternative that keeps most of `value`. Where the document's alternatives are objects whose
/// fields are all optional, every one of them can be read from anything: the first is no better than
/// the others.
#[doc(hidden)]
pub fn best_fit<T: Serialize>(value: &Value, alternatives: &[Alternative<T>]) -> Option<T> {
    let before = NEW.get();
    let depth = DEPTH.replace(DEPTH.get() + 1);
    let mut readable = Vec::new();
    for alternative in alternatives {
        if alternative.is_object && !value.is_object() {
            continue;
        }
        if !alternative
            .fixed
            .iter()
            .all(|(field, text)| may_be(value, field, text))
        {
            continue;
        }
        NEW.set(0);
        if let Ok(candidate) = (alternative.read)(value) {
            // A union inside of this one that knows nothing of the value does not make it known.
            if NEW.get() > leaves(value) {
                continue;
            }
            readable.push((NEW.get(), candidate));
            if depth >= WEIGHED {
                break;
            }
        }
    }
    DEPTH.set(depth);
    let best = if readable.len() > 1 {
        let weighed = readable.into_iter().map(|(new, candidate)| {
            let written = Secret::exposing(|| serde_json::to_value(&candidate));
            let written = written.unwrap_or_default();
            (new + lost(value, &written), new, candidate)
        });
        let best = weighed.min_by_key(|(weight, ..)| *weight);
        best.map(|(_, new, candidate)| (new, candidate))
    } else {
        readable.pop()
    };
    // What is none of the alternatives is new as a whole: more than all of its parts.
    let new = best
        .as_ref()
        .map_or_else(|| leaves(value) + 1, |(new, _)| *new);
    NEW.set(before + new);
    best.map(|(_, candidate)| candidate)
}

fn may_be(value: &Value, field: &str, text: &str) -> bool {
    let found = if field.is_empty() {
        Some(value)
    } else {
        value.get(field)
    };
    found.is_none_or(|found| found == text || (found.is_null() && !field.is_empty()))
}

/// How many parts of `before` are missing or different in `after`.
fn lost(before: &Value, after: &Value) -> usize {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let fields = before.iter().map(|(name, value)| match after.get(name) {
                Some(kept) => lost(value, kept),
                None if value.is_null() => 0,
                None => leaves(value),
            });
            fields.sum()
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => before
            .iter()
            .zip(after)
            .map(|(before, after)| lost(before, after))
            .sum(),
        (Value::Number(before), Value::Number(after)) => {
            usize::from(before.as_f64() != after.as_f64())
        }
        _ if before == after => 0,
        _ => leaves(before),
    }
}

fn leaves(value: &Value) -> usize {
    match value {
        Value::Object(fields) => fields.values().map(leaves).sum::<usize>().max(1),
        Value::Array(items) => items.iter().map(leaves).sum::<usize>().max(1),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct One {
        #[serde(skip_serializing_if = "Option::is_none")]
        a: Option<i64>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Other {
        #[serde(skip_serializing_if = "Option::is_none")]
        b: Option<Box<Union>>,
    }

    #[derive(Debug, PartialEq, Serialize)]
    #[serde(untagged)]
    enum Union {
        One(One),
        Other(Other),
    }

    const ALTERNATIVES: &[Alternative<Union>] = &[
        Alternative {
            is_object: true,
            fixed: &[("kind", "one")],
            read: |value| One::deserialize(value).map(Union::One),
        },
        Alternative {
            is_object: true,
            fixed: &[],
            read: |value| Other::deserialize(value).map(Union::Other),
        },
    ];

    impl<'de> Deserialize<'de> for Union {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let value = Value::deserialize(deserializer)?;
            best_fit(&value, ALTERNATIVES).ok_or_else(|| serde::de::Error::custom("nothing fits"))
        }
    }

    fn read(value: &Value) -> Option<Union> {
        best_fit(value, ALTERNATIVES)
    }

    #[test]
    fn the_alternative_that_keeps_most_is_taken() {
        assert_eq!(
            read(&json!({ "a": 1 })),
            Some(Union::One(One { a: Some(1) }))
        );
        let inner = Box::new(Union::One(One { a: Some(1) }));
        assert_eq!(
            read(&json!({ "b": { "a": 1 } })),
            Some(Union::Other(Other { b: Some(inner) }))
        );
        assert_eq!(read(&json!({})), Some(Union::One(One { a: None })));
        assert_eq!(read(&json!("text")), None);
        assert_eq!(read(&json!([1])), None);
    }

    #[test]
    fn a_fixed_text_rules_an_alternative_out() {
        assert_eq!(
            read(&json!({ "kind": "two", "a": 1 })),
            Some(Union::Other(Other { b: None }))
        );
        assert_eq!(
            read(&json!({ "kind": "one", "a": 1 })),
            Some(Union::One(One { a: Some(1) }))
        );
    }

    /// Each level has two alternatives that can be read and keep less than everything.
    #[test]
    fn deep_nesting_is_read_in_time() {
        let mut value = json!({ "new": 1 });
        for _ in 0..100 {
            value = json!({ "b": value });
        }
        assert!(read(&value).is_some());
    }
}
