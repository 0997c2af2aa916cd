//! How much stack it takes to hold a value against a schema, and a thread that has as much.
//!
//! Schemas refer to each other in rows as long as their author likes, and a judge goes down each of them anew
//! at every level of a value.

use super::target;
use serde_json::Value;
use std::collections::HashSet;
use std::panic::resume_unwind;
use std::ptr;
use std::thread;

/// How much of a stack one schema of a row takes, with a good deal to spare.
const BYTES_EACH: usize = 4096;

/// As many schemas inside of each other find room on any thread.
const FEW_SCHEMAS: usize = 200;

/// A stack larger than this is not asked for: it is a made-up document that needs one.
const MOST_BYTES: usize = 1 << 30;

/// A row longer than this is not measured, but taken to be as long as there are schemas.
const LONG_ROW: usize = 64;

/// The keywords whose schemas hold for the value that their own schema holds for: one, and several.
const OF_ONE: [&str; 4] = ["not", "if", "then", "else"];
const OF_SEVERAL: [&str; 3] = ["allOf", "anyOf", "oneOf"];

/// The length that no row of schemas for one value exceeds.
pub(super) fn longest_row(document: &Value) -> usize {
    let (mut left, mut count, mut longest) = (vec![document], 0, 1);
    while let Some(node) = left.pop() {
        match node {
            Value::Object(fields) => {
                left.extend(fields.values());
                count += 1;
            }
            Value::Array(items) => left.extend(items),
            _ => continue,
        }
        longest = longest.max(row(document, node));
    }
    if longest < LONG_ROW { longest } else { count }
}

/// How many schemas hold for a value for which this one holds, up to as many as make a long row.
fn row(document: &Value, schema: &Value) -> usize {
    let (mut left, mut seen) = (vec![schema], HashSet::new());
    while let Some(schema) = left.pop() {
        if !seen.insert(ptr::from_ref(schema)) {
            continue;
        }
        if seen.len() == LONG_ROW {
            break;
        }
        let reference = schema["$ref"].as_str().and_then(target);
        left.extend(reference.and_then(|pointer| document.pointer(&pointer)));
        left.extend(OF_ONE.iter().filter_map(|keyword| schema.get(keyword)));
        for keyword in OF_SEVERAL {
            left.extend(schema[keyword].as_array().into_iter().flatten());
        }
        left.extend(
            schema["dependentSchemas"]
                .as_object()
                .into_iter()
                .flat_map(|all| all.values()),
        );
    }
    seen.len()
}

/// Does what needs room for rows of schemas of this length at each level of a value; says why, if there is none.
pub(super) fn with_room<T: Send>(
    length: usize,
    value: &Value,
    act: impl FnOnce() -> T + Send,
) -> Result<T, String> {
    let schemas = length.saturating_mul(depth(value) + 1);
    if schemas <= FEW_SCHEMAS {
        return Ok(act());
    }
    let bytes = schemas.saturating_mul(BYTES_EACH);
    if bytes > MOST_BYTES {
        return Err(format!(
            "{schemas} schemas may lie inside of each other, which need more room than there is"
        ));
    }
    thread::scope(|scope| {
        let roomy = thread::Builder::new().stack_size(bytes);
        let acting = roomy.spawn_scoped(scope, act);
        let acting = acting.map_err(|error| error.to_string())?;
        Ok(acting.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

/// How many lists and objects of a value lie inside of each other.
pub(super) fn depth(value: &Value) -> usize {
    let inner = match value {
        Value::Array(items) => items.iter().map(depth).max(),
        Value::Object(fields) => fields.values().map(depth).max(),
        _ => return 0,
    };
    inner.unwrap_or_default() + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_row_is_as_long_as_there_are_schemas_for_one_value() {
        let own = |name: &str| json!({ "$ref": format!("#/schemas/{name}") });
        for (schemas, expected) in [
            (json!({ "a": {} }), 1),
            (
                json!({ "a": { "properties": { "b": { "items": {} } } } }),
                1,
            ),
            (json!({ "a": { "not": { "if": {} } } }), 3),
            (json!({ "a": own("b"), "b": own("c"), "c": {} }), 3),
            (json!({ "a": { "anyOf": [own("a"), {}] } }), 3),
        ] {
            let document = json!({ "schemas": schemas });
            assert_eq!(longest_row(&document), expected, "{schemas}");
        }
        let nested = (0..LONG_ROW).fold(json!({}), |inner, _| json!({ "allOf": [inner] }));
        assert_eq!(longest_row(&nested), LONG_ROW + 1);
    }

    #[test]
    fn what_takes_much_room_gets_it_and_what_takes_too_much_does_not() {
        let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
        assert_eq!(with_room(1, &json!(1), || 5), Ok(5));
        assert_eq!(with_room(1000, &deep, || 5), Ok(5));
        assert!(with_room(1_000_000, &deep, || 5).is_err());
    }
}
