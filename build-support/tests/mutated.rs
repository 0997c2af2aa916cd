//! Documents with one or more places changed at will: they are refused or taken, and nothing crashes
//! or hangs.
#![cfg(feature = "generate")]
#![allow(clippy::unwrap_used, reason = "a test")]

use imperal_build_support::{Document, Overlay, Pipeline, generate, lower, pointer};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::LazyLock;

/// The fixtures of all clients, which hold every form of every part.
static FIXTURES: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/generated/fixtures");
    let files = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths
        .iter()
        .map(|path| serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
        .collect()
});

#[derive(Clone, Debug)]
enum Change {
    Replace(Value),
    Remove,
    /// Puts another part of the document there.
    Graft(prop::sample::Index),
}

fn change() -> impl Strategy<Value = (prop::sample::Index, Change)> {
    let odd = prop_oneof![
        Just(json!(null)),
        Just(json!(true)),
        Just(json!(-1)),
        Just(json!(1.5)),
        Just(json!("")),
        Just(json!("object")),
        Just(json!("{}/\u{202e}\"`")),
        Just(json!([])),
        Just(json!([null, {}])),
        Just(json!({})),
        Just(json!({ "$ref": "#/components/schemas/Color" })),
        Just(json!({ "$ref": "#/paths" })),
        Just(json!({ "anyOf": [] })),
        Just(json!({ "type": "array" })),
    ];
    let change = prop_oneof![
        3 => odd.prop_map(Change::Replace),
        1 => Just(Change::Remove),
        2 => any::<prop::sample::Index>().prop_map(Change::Graft),
    ];
    (any::<prop::sample::Index>(), change)
}

/// The pointers to all nodes.
fn pointers(node: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match node {
        Value::Object(object) => {
            for (name, child) in object {
                pointers(child, &pointer::join(at, name), found);
            }
        }
        Value::Array(array) => {
            for (index, child) in array.iter().enumerate() {
                pointers(child, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

fn mutated(fixture: prop::sample::Index, changes: &[(prop::sample::Index, Change)]) -> Value {
    let mut root = fixture.get(FIXTURES.as_slice()).clone();
    for (place, change) in changes {
        let mut all = Vec::new();
        pointers(&root, "", &mut all);
        let at = place.get(all.as_slice()).as_str();
        match change {
            Change::Replace(value) => *root.pointer_mut(at).unwrap() = value.clone(),
            Change::Graft(from) => {
                let from: &String = from.get(all.as_slice());
                let part = root.pointer(from).unwrap().clone();
                *root.pointer_mut(at).unwrap() = part;
            }
            Change::Remove => {
                let Some((parent, step)) = at.rsplit_once('/') else {
                    continue;
                };
                let step = pointer::unescape(step);
                match root.pointer_mut(parent).unwrap() {
                    Value::Object(object) => drop(object.shift_remove(&step)),
                    Value::Array(array) => drop(array.remove(step.parse().unwrap())),
                    _ => {}
                }
            }
        }
    }
    root
}

/// Takes a document through the pipeline, as far as it goes.
fn run(root: &Value) -> Option<Pipeline> {
    let document = Document::from_json("mutated.json", root.to_string().as_bytes()).ok()?;
    Pipeline::run(document, &Overlay::empty()).ok()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mutated_document_is_refused_or_lowered_for_good(
        fixture in any::<prop::sample::Index>(),
        changes in prop::collection::vec(change(), 1..8),
    ) {
        if let Some(pipeline) = run(&mutated(fixture, &changes)) {
            let mut twice = pipeline.lowered.clone();
            lower(&mut twice);
            prop_assert_eq!(pipeline.lowered.root(), twice.root());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mutated_document_never_breaks_the_generator(
        fixture in any::<prop::sample::Index>(),
        changes in prop::collection::vec(change(), 1..8),
    ) {
        if let Some(pipeline) = run(&mutated(fixture, &changes))
            && let Err(error) = generate(&pipeline.lowered, "any")
        {
            prop_assert!(!error.to_string().contains("defect"), "{}", error);
        }
    }
}
