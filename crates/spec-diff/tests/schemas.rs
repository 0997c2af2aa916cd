//! Random schemas, changed at random: every witness holds before a validator, and nothing that was
//! found to be compatible is refuted by values from a sampler that the comparison does not use.

#![allow(clippy::unwrap_used, reason = "a test")]

use imperal_build_support::Instances;
use imperal_spec_diff::{Options, Version, Wire, compare};
use jsonschema::{Draft, Validator};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

fn scalar() -> BoxedStrategy<Value> {
    let types = select(vec![
        json!("string"),
        json!("integer"),
        json!("number"),
        json!("boolean"),
        json!("null"),
        json!(["string", "null"]),
        json!(["integer", "string"]),
    ]);
    let value = select(vec![
        json!(0),
        json!(1),
        json!(5),
        json!(-1),
        json!(1.5),
        json!("a"),
        json!("ab"),
        json!(""),
        json!(true),
        json!(null),
    ]);
    let keywords = vec![
        select(vec![0, 3])
            .prop_map(|bound| ("minimum", json!(bound)))
            .boxed(),
        select(vec![5, 9])
            .prop_map(|bound| ("maximum", json!(bound)))
            .boxed(),
        select(vec![0, 2])
            .prop_map(|bound| ("exclusiveMinimum", json!(bound)))
            .boxed(),
        select(vec![2, 3, 4])
            .prop_map(|step| ("multipleOf", json!(step)))
            .boxed(),
        select(vec![1, 2])
            .prop_map(|length| ("minLength", json!(length)))
            .boxed(),
        select(vec![2, 4])
            .prop_map(|length| ("maxLength", json!(length)))
            .boxed(),
        select(vec!["^a", "b$", "^[a-z]*$"])
            .prop_map(|pattern| ("pattern", json!(pattern)))
            .boxed(),
        select(vec!["int32", "uuid", "date"])
            .prop_map(|format| ("format", json!(format)))
            .boxed(),
        prop::collection::vec(value, 1..4)
            .prop_map(|values| ("enum", json!(values)))
            .boxed(),
    ];
    (prop::option::weighted(0.8, types), some_of(keywords, 0.15))
        .prop_map(|(types, mut members)| {
            if let Some(types) = types {
                members.insert("type".to_owned(), types);
            }
            Value::Object(members)
        })
        .boxed()
}

type Keyword = BoxedStrategy<(&'static str, Value)>;

/// Each keyword with a likelihood.
fn some_of(keywords: Vec<Keyword>, likelihood: f64) -> BoxedStrategy<Map<String, Value>> {
    let keywords = keywords
        .into_iter()
        .map(|keyword| prop::option::weighted(likelihood, keyword));
    keywords
        .collect::<Vec<_>>()
        .prop_map(|found| {
            let found = found.into_iter().flatten();
            found
                .map(|(keyword, value)| (keyword.to_owned(), value))
                .collect()
        })
        .boxed()
}

fn schema() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 16, 3, |inner| {
        prop_oneof![objects(&inner), lists(&inner), unions(&inner), inner]
    })
}

fn objects(inner: &BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    let names = || subsequence(vec!["a", "b", "c"], 1..3);
    let properties = prop::collection::btree_map(select(vec!["a", "b", "c"]), inner.clone(), 0..3);
    let rest = prop_oneof![Just(json!(false)), Just(json!(true)), inner.clone()].boxed();
    let keywords = vec![
        names().prop_map(|names| ("required", json!(names))).boxed(),
        rest.clone()
            .prop_map(|rest| ("additionalProperties", rest))
            .boxed(),
        (select(vec!["^x", "b"]), inner.clone())
            .prop_map(|(pattern, schema)| ("patternProperties", json!({pattern: schema})))
            .boxed(),
        select(vec![1, 3])
            .prop_map(|most| ("propertyNames", json!({"maxLength": most})))
            .boxed(),
        Just(("minProperties", json!(1))).boxed(),
        select(vec![1, 2])
            .prop_map(|most| ("maxProperties", json!(most)))
            .boxed(),
        Just(("dependentRequired", json!({"a": ["b"]}))).boxed(),
        rest.prop_map(|rest| ("unevaluatedProperties", rest))
            .boxed(),
        inner
            .clone()
            .prop_map(|schema| ("dependentSchemas", json!({"a": schema})))
            .boxed(),
    ];
    (
        properties,
        some_of(keywords, 0.2),
        prop::bool::weighted(0.8),
    )
        .prop_map(|(properties, mut members, typed)| {
            members.insert("properties".to_owned(), json!(properties));
            if typed {
                members.insert("type".to_owned(), json!("object"));
            }
            Value::Object(members)
        })
        .boxed()
}

fn lists(inner: &BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    let keywords = vec![
        inner.clone().prop_map(|schema| ("items", schema)).boxed(),
        inner
            .clone()
            .prop_map(|schema| ("prefixItems", json!([schema])))
            .boxed(),
        select(vec![1, 2])
            .prop_map(|least| ("minItems", json!(least)))
            .boxed(),
        select(vec![2, 3])
            .prop_map(|most| ("maxItems", json!(most)))
            .boxed(),
        Just(("uniqueItems", json!(true))).boxed(),
        inner
            .clone()
            .prop_map(|schema| ("contains", schema))
            .boxed(),
        Just(("unevaluatedItems", json!(false))).boxed(),
    ];
    (some_of(keywords, 0.35), prop::bool::weighted(0.8))
        .prop_map(|(mut members, typed)| {
            if typed {
                members.insert("type".to_owned(), json!("array"));
            }
            Value::Object(members)
        })
        .boxed()
}

fn unions(inner: &BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    let two = (inner.clone(), inner.clone());
    let three = (inner.clone(), inner.clone(), inner.clone());
    let keyword = select(vec!["anyOf", "oneOf", "allOf"]);
    prop_oneof![
        3 => (keyword, two.clone()).prop_map(|(keyword, (one, other))| json!({keyword: [one, other]})),
        1 => two.prop_map(|(schema, excluded)| json!({"allOf": [schema], "not": excluded})),
        1 => three.prop_map(|(condition, then, otherwise)| json!({"if": condition, "then": then, "else": otherwise})),
    ]
    .boxed()
}

/// A schema with one place replaced, or left out.
fn mutated(schema: &Value, place: usize, other: &Value) -> Value {
    let mut places = Vec::new();
    collect(schema, &mut String::new(), &mut places);
    let place = &places[place % places.len()];
    let mut new = schema.clone();
    *new.pointer_mut(place).unwrap() = other.clone();
    new
}

/// The places of a schema that hold schemas.
fn collect(schema: &Value, at: &mut String, places: &mut Vec<String>) {
    places.push(at.clone());
    let length = at.len();
    for (keyword, value) in schema.as_object().into_iter().flatten() {
        let inner: Vec<String> = match (keyword.as_str(), value) {
            ("properties" | "patternProperties" | "dependentSchemas", Value::Object(named)) => {
                named
                    .keys()
                    .map(|name| format!("/{keyword}/{name}"))
                    .collect()
            }
            ("anyOf" | "oneOf" | "allOf" | "prefixItems", Value::Array(items)) => (0..items.len())
                .map(|index| format!("/{keyword}/{index}"))
                .collect(),
            ("items" | "contains" | "not" | "if" | "then" | "else" | "additionalProperties", _) => {
                vec![format!("/{keyword}")]
            }
            _ => Vec::new(),
        };
        for step in inner {
            at.push_str(&step);
            if let Some(value) = schema.pointer(&at[length..]) {
                let value = value.clone();
                collect(&value, at, places);
            }
            at.truncate(length);
        }
    }
}

fn document(schema: &Value, is_request: bool) -> Value {
    let content = json!({"application/json": {"schema": schema}});
    let operation = if is_request {
        json!({"requestBody": {"content": content}, "responses": {}})
    } else {
        json!({"responses": {"200": {"description": "", "content": content}}})
    };
    json!({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/a": {"post": operation}}})
}

/// `oneOf` as it is written, and as the list that most documents mean by it.
fn readings(schema: &Value) -> [Validator; 2] {
    [schema.clone(), as_list(schema)].map(|schema| {
        jsonschema::options()
            .with_draft(Draft::Draft202012)
            .should_validate_formats(true)
            .build(&bounded(&schema))
            .unwrap()
    })
}

fn as_list(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => members
            .iter()
            .map(|(keyword, value)| {
                let keyword = if keyword == "oneOf" { "anyOf" } else { keyword };
                (keyword.to_owned(), as_list(value))
            })
            .collect(),
        Value::Array(items) => items.iter().map(as_list).collect(),
        other => other.clone(),
    }
}

/// The range of `int32`, which validators do not know.
fn bounded(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => {
            let bounded: Map<String, Value> = members
                .iter()
                .map(|(keyword, value)| (keyword.clone(), bounded(value)))
                .collect();
            if bounded.get("format") == Some(&json!("int32")) {
                let range = json!({"minimum": i32::MIN, "maximum": i32::MAX});
                return json!({"allOf": [bounded, range]});
            }
            Value::Object(bounded)
        }
        Value::Array(items) => items.iter().map(bounded).collect(),
        other => other.clone(),
    }
}

fn accepts(validators: &[Validator; 2], value: &Value) -> bool {
    validators.iter().any(|validator| validator.is_valid(value))
}

/// Whether a value uses a name that the sender does not list and the receiver does: a sender is taken
/// not to use such names.
fn uses_new_names(value: &Value, sender: &Value, receiver: &Value) -> bool {
    let text = sender.to_string();
    let listed = |name: &str| text.contains(&format!("{name:?}:"));
    let names = ["a", "b", "c"].into_iter().filter(|name| !listed(name));
    let new: Vec<&str> = names
        .filter(|name| receiver.to_string().contains(&format!("{name:?}:")))
        .collect();
    let written = value.to_string();
    new.iter()
        .any(|name| written.contains(&format!("{name:?}:")))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, max_shrink_iters: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn verdicts_hold_before_a_validator(
        old in schema(),
        other in schema(),
        place in 0..8_usize,
        seed in any::<u64>(),
        is_request in any::<bool>(),
    ) {
        let new = mutated(&old, place, &other);
        let report = compare(&document(&old, is_request), &document(&new, is_request), &Options::default());
        let (sender, receiver) = if is_request { (&old, &new) } else { (&new, &old) };
        let (sending, receiving) = (readings(sender), readings(receiver));
        for change in &report.changes {
            let whole = change.pointer.ends_with("/schema") && change.wire == Wire::Breaking;
            let Some(witness) = change.witness.as_ref().filter(|shown| whole && shown.reading.is_none()) else {
                continue;
            };
            prop_assert_eq!(witness.valid_under == Version::Old, is_request);
            prop_assert!(accepts(&sending, &witness.instance), "{} is not valid: {change:?}", witness.instance);
            prop_assert!(!accepts(&receiving, &witness.instance), "{} is not refused: {change:?}", witness.instance);
        }
        if report.changes.iter().all(|change| change.wire <= Wire::Compatible) {
            let root = json!({});
            let mut sampler = Instances::new(&root, seed);
            for value in std::iter::repeat_with(|| sampler.make(sender)).take(20).flatten() {
                let certain = sending.iter().all(|validator| validator.is_valid(&value));
                if certain && !uses_new_names(&value, sender, receiver) {
                    prop_assert!(accepts(&receiving, &value), "{value} is refused, and all is compatible: {:?}", report.changes);
                }
            }
        }
    }

    #[test]
    fn nothing_changes_between_equal_schemas(schema in schema(), is_request in any::<bool>()) {
        let document = document(&schema, is_request);
        prop_assert!(compare(&document, &document.clone(), &Options::default()).changes.is_empty());
    }
}
