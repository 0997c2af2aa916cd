//! What reaches further than the place where it stands: components of several operations, references that
//! are not followed, alternatives that overlap.

#![allow(clippy::unwrap_used, reason = "a test")]

use imperal_spec_diff::{Change, Options, Report, Wire, compare};
use serde_json::{Value, json};

fn document(paths: &Value, schemas: &Value) -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    })
}

fn body(schema: &Value) -> Value {
    json!({"requestBody": {"content": {"application/json": {"schema": schema}}}, "responses": {}})
}

/// The report for a schema that is sent.
fn sent(old: &Value, new: &Value) -> Report {
    let of = |schema| document(&json!({"/a": {"post": body(schema)}}), &json!({}));
    compare(&of(old), &of(new), &Options::default())
}

fn worst(report: &Report) -> Wire {
    report
        .changes
        .iter()
        .map(|change| change.wire)
        .max()
        .unwrap_or(Wire::None)
}

fn with_rule<'r>(report: &'r Report, rule: &str) -> &'r Change {
    let found = report.changes.iter().find(|change| change.rule == rule);
    found.unwrap_or_else(|| panic!("no {rule} in {report:#?}"))
}

#[test]
fn a_component_breaks_the_operations_that_promise_something_whichever_is_met_first() {
    let reference = json!({"$ref": "#/components/schemas/Name"});
    let mut early = body(&reference);
    early["x-stability-level"] = json!("alpha");
    let paths = json!({"/a": {"post": early}, "/b": {"post": body(&reference)}, "/c": {"post": body(&reference)}});
    let old = document(&paths, &json!({"Name": {"type": "string", "maxLength": 9}}));
    let new = document(&paths, &json!({"Name": {"type": "string", "maxLength": 5}}));
    let report = compare(&old, &new, &Options::default());
    let change = with_rule(&report, "request-max-length-lowered");
    assert_eq!(change.wire, Wire::Breaking, "{change:?}");
    let mut operations = change.also.clone();
    operations.extend(change.operation.clone());
    operations.sort();
    assert_eq!(operations, ["POST /a", "POST /b", "POST /c"]);
}

#[test]
fn what_stands_beside_a_reference_that_is_not_followed_is_compared() {
    let schema = |reference: &str, most: u64| json!({"$dynamicRef": reference, "type": "string", "maxLength": most});
    let report = sent(&schema("#x", 9), &schema("#y", 3));
    assert_eq!(worst(&report), Wire::Unknown, "{report:#?}");
    with_rule(&report, "request-max-length-lowered");
    with_rule(&report, "request-reference-changed");
    assert!(sent(&schema("#x", 9), &schema("#x", 9)).changes.is_empty());
}

#[test]
fn words_within_alternatives_that_overlap_break_nothing() {
    let pet = |extra: &str| json!({"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, extra: {"type": "string"}}});
    let old = json!({"oneOf": [pet("meow"), pet("bark")]});
    let mut new = old.clone();
    new["oneOf"][0]["description"] = json!("A cat");
    assert!(
        worst(&sent(&old, &new)) < Wire::Breaking,
        "{:#?}",
        sent(&old, &new)
    );
    new["oneOf"][0]["properties"]["age"] = json!({"type": "integer"});
    assert!(
        worst(&sent(&old, &new)) < Wire::Breaking,
        "{:#?}",
        sent(&old, &new)
    );
}

#[test]
fn to_allow_any_name_says_no_more_than_to_say_nothing() {
    for open in [json!({}), json!({"additionalProperties": true})] {
        let mut old = json!({"type": "object", "properties": {"a": {"type": "string"}}});
        old.as_object_mut()
            .unwrap()
            .extend(open.as_object().unwrap().clone());
        let mut new = old.clone();
        new["properties"]["b"] = json!({"type": "integer"});
        assert_eq!(
            worst(&sent(&old, &new)),
            Wire::Compatible,
            "{:#?}",
            sent(&old, &new)
        );
    }
}

#[test]
fn a_witness_is_of_the_format_and_of_the_pattern() {
    let schema = |pattern: &str| json!({"type": "string", "format": "uuid", "pattern": pattern});
    let report = sent(&schema("^.+$"), &schema("^[0-9a-fA-F-]+$"));
    assert!(worst(&report) < Wire::Breaking, "{report:#?}");
    let report = sent(&schema("^.+$"), &schema("^4"));
    let witness = with_rule(&report, "request-pattern-changed")
        .witness
        .clone()
        .unwrap();
    assert_eq!(witness.instance.as_str().unwrap().len(), 36, "{witness:?}");
}

#[test]
fn a_length_that_no_text_has_is_compared_like_any_other() {
    let schema = |least: u64| json!({"type": "string", "minLength": least});
    let report = sent(&schema(u64::MAX), &schema(1));
    assert_eq!(worst(&report), Wire::Compatible, "{report:#?}");
    with_rule(&report, "request-min-length-lowered");
}
