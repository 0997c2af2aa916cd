//! One document, changed in one place at a time: the strongest verdict that the principle gives, for
//! each keyword and each part of an operation, in both directions.

#![allow(clippy::unwrap_used, reason = "a test")]

use imperal_spec_diff::{Options, Report, Wire, compare};
use serde_json::Value;
use time::{Date, Month};

const DOCUMENT: &str = include_str!("mutations/document.json");
const EDITS: &str = include_str!("mutations/edits.json");

fn options() -> Options {
    Options::on(Date::from_calendar_date(2026, Month::November, 24).unwrap())
}

/// The value that holds the end of a pointer, and that end.
fn parent<'v>(root: &'v mut Value, pointer: &str) -> (&'v mut Value, String) {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    let last = last.replace("~1", "/").replace("~0", "~");
    let parent = root.pointer_mut(parent);
    (parent.unwrap_or_else(|| panic!("{pointer}")), last)
}

fn take(root: &mut Value, pointer: &str) -> Value {
    let (parent, last) = parent(root, pointer);
    match parent {
        Value::Array(items) => items.remove(last.parse().unwrap()),
        parent => parent.as_object_mut().unwrap().remove(&last).unwrap(),
    }
}

fn set(root: &mut Value, pointer: &str, value: Value) {
    let (parent, last) = parent(root, pointer);
    match parent {
        Value::Array(items) => items[last.parse::<usize>().unwrap()] = value,
        parent => drop(parent.as_object_mut().unwrap().insert(last, value)),
    }
}

fn edit(root: &mut Value, edit: &Value) {
    let pointer = edit[1].as_str().unwrap();
    match edit[0].as_str().unwrap() {
        "set" => set(root, pointer, edit[2].clone()),
        "del" => drop(take(root, pointer)),
        "add" => root
            .pointer_mut(pointer)
            .unwrap()
            .as_array_mut()
            .unwrap()
            .push(edit[2].clone()),
        "move" => {
            let value = take(root, pointer);
            set(root, edit[2].as_str().unwrap(), value);
        }
        other => panic!("no edit is called {other}"),
    }
}

fn edited(root: &Value, edits: &Value) -> Value {
    let mut root = root.clone();
    let edits = edits.as_array().into_iter().flatten();
    edits.for_each(|one| edit(&mut root, one));
    root
}

fn strongest(report: &Report) -> &'static str {
    match report.changes.iter().map(|change| change.wire).max() {
        None | Some(Wire::None) => "none",
        Some(Wire::Compatible) => "compatible",
        Some(Wire::Unknown) => "unknown",
        Some(Wire::Breaking) => "breaking",
    }
}

#[test]
fn each_mutation_has_the_verdict_that_was_expected_of_it() {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    let mutations: Vec<Value> = serde_json::from_str(EDITS).unwrap();
    assert!(mutations.len() > 90);
    let mut wrong = Vec::new();
    for mutation in &mutations {
        // What only another document has is put into it first.
        let old = edited(&document, &mutation["base"]);
        let new = edited(&old, &mutation["edits"]);
        let report = compare(&old, &new, &options());
        let found = strongest(&report);
        if found != mutation["expected"] {
            wrong.push(format!(
                "{}: {found}: {:?}",
                mutation["change"], report.changes
            ));
        }
        for change in &report.changes {
            assert_eq!(
                change.witness.is_some(),
                change.wire == Wire::Breaking,
                "{change:?}"
            );
            assert_eq!(
                change.reason.is_some(),
                change.wire == Wire::Unknown,
                "{change:?}"
            );
            assert!(change.pointer.starts_with('/'), "{change:?}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_document_is_unchanged_beside_itself_and_in_another_order() {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    assert!(
        compare(&document, &document.clone(), &options())
            .changes
            .is_empty()
    );
    let turned = turned(&document);
    assert_ne!(turned.to_string(), document.to_string());
    assert_eq!(compare(&document, &turned, &options()).changes, []);
}

/// The same document with the members of every object in reverse.
fn turned(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter().rev();
            members
                .map(|(name, member)| (name.clone(), turned(member)))
                .collect()
        }
        Value::Array(items) => items.iter().map(turned).collect(),
        other => other.clone(),
    }
}
