//! Nothing that is different goes unseen: whatever is taken from a document, or added to it, is listed.

#![allow(clippy::unwrap_used, reason = "a test")]

use imperal_spec_diff::{Options, compare};
use serde_json::{Value, json};

const DOCUMENT: &str = include_str!("mutations/document.json");

/// The places of everything in a value.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let step = |step: &str| format!("{at}/{}", step.replace('~', "~0").replace('/', "~1"));
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                found.push(step(name));
                places(member, &step(name), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                found.push(step(&index.to_string()));
                places(item, &step(&index.to_string()), found);
            }
        }
        _ => {}
    }
}

fn take(root: &mut Value, pointer: &str) {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    let last = last.replace("~1", "/").replace("~0", "~");
    match root.pointer_mut(parent).unwrap() {
        Value::Array(items) => drop(items.remove(last.parse().unwrap())),
        parent => drop(parent.as_object_mut().unwrap().remove(&last)),
    }
}

#[test]
fn whatever_is_taken_from_a_document_is_listed() {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    let mut all = Vec::new();
    places(&document, "", &mut all);
    let mut unseen = Vec::new();
    for place in &all {
        let mut changed = document.clone();
        take(&mut changed, place);
        for (old, new) in [(&document, &changed), (&changed, &document)] {
            if compare(old, new, &Options::default()).changes.is_empty() {
                unseen.push(place.clone());
            }
        }
    }
    unseen.dedup();
    assert!(unseen.is_empty(), "{}", unseen.join("\n"));
}

#[test]
fn whatever_is_added_to_an_object_is_listed() {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    let mut all = vec![String::new()];
    places(&document, "", &mut all);
    let mut unseen = Vec::new();
    for place in &all {
        let mut changed = document.clone();
        let Some(Value::Object(members)) = changed.pointer_mut(place) else {
            continue;
        };
        members.insert("x-something-new".to_owned(), json!({"description": "new"}));
        if compare(&document, &changed, &Options::default())
            .changes
            .is_empty()
        {
            unseen.push(place.clone());
        }
    }
    assert!(unseen.is_empty(), "{}", unseen.join("\n"));
}
