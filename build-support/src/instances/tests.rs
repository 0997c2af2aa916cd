//! Values of schemas that ask for very much, or for more than they allow.

use super::{Instances, LARGEST, Plausible};
use serde_json::{Map, Value, json};

/// Says of no field what it holds.
struct Unknown;

impl Plausible for Unknown {
    fn suggest(&self, _: &str, _: &Map<String, Value>, _: u64) -> Option<Value> {
        None
    }
}

/// How many values lie in a value, itself included.
fn parts(value: &Value) -> usize {
    let inner: usize = match value {
        Value::Array(items) => items.iter().map(parts).sum(),
        Value::Object(fields) => fields.values().map(parts).sum(),
        _ => 0,
    };
    inner + 1
}

fn have_no_value(schemas: &[Value]) {
    for schema in schemas {
        for seed in 0..3 {
            let value = Instances::new(schema, seed).make(schema);
            let shown = value.map(|value| format!("{} parts", parts(&value)));
            assert_eq!(shown, None, "{schema}");
        }
    }
}

#[test]
fn what_asks_for_more_than_a_machine_holds_has_no_value() {
    let list = |items: &Value| json!({ "type": "array", "items": items, "minItems": 1000 });
    have_no_value(&[
        json!({ "type": "string", "minLength": 1_000_000_000 }),
        json!({ "type": "string", "minLength": 1e30 }),
        json!({ "type": "string", "pattern": "^a{1000000000}$" }),
        json!({ "type": "string", "pattern": "^(?:(?:ab){1000}){1000}$" }),
        json!({ "type": "array", "items": { "type": "null" }, "minItems": 1_000_000_000 }),
        json!({ "type": "object", "minProperties": 1_000_000_000 }),
        // Each list is small, and so is each text; all of them are not.
        list(&list(&json!({ "type": "null" }))),
        list(&json!({ "type": "string", "minLength": 1000 })),
    ]);
}

#[test]
fn what_asks_for_more_than_it_allows_has_no_value() {
    have_no_value(&[
        json!({ "type": "array", "minItems": 2, "maxItems": 1 }),
        json!({ "type": "array", "prefixItems": [{}], "items": false, "minItems": 2 }),
        json!({ "type": "array", "contains": {}, "maxItems": 0 }),
        json!({ "type": "object", "minProperties": 1, "additionalProperties": false }),
        json!({ "type": "object", "minProperties": 2, "maxProperties": 1 }),
    ]);
}

#[test]
fn much_is_made_where_it_is_asked_for() {
    let list = json!({ "type": "array", "items": { "type": "null" }, "minItems": 5000 });
    let text = json!({ "type": "string", "minLength": 5000 });
    let object = json!({ "type": "object", "minProperties": 50 });
    for seed in 0..3 {
        let made = |schema: &Value| Instances::new(schema, seed).make(schema).unwrap();
        assert!(made(&list).as_array().unwrap().len() >= 5000);
        assert!(made(&text).as_str().unwrap().chars().count() >= 5000);
        assert!(made(&object).as_object().unwrap().len() >= 50);
    }
}

#[test]
fn a_value_that_has_become_large_is_given_nothing_that_it_can_do_without() {
    let own = json!({ "$ref": "#/$defs/node" });
    let fields: Map<String, Value> = (0..10)
        .map(|index| (format!("field{index}"), own.clone()))
        .collect();
    let root = json!({ "$defs": { "node": { "type": "object", "properties": fields } } });
    let value = Instances::plausible(&root, 1, &Unknown, 1).make(&own);
    let count = parts(&value.unwrap());
    assert!((1000..=LARGEST).contains(&count), "{count}");
}
