//! What is done with the documents, over the mere reading of them.

use crate::row;
use imperal_build_support::{Document, Overlay, Pipeline, generate};
use imperal_spec_diff::{Options, compare};
use serde_json::{Value, json};
use std::hint::black_box;
use std::path::{Path, PathBuf};

const SERVICES: [&str; 2] = ["auth-gateway", "registry"];

fn specs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs")
}

fn published(service: &str) -> Vec<u8> {
    std::fs::read(specs().join(format!("{service}.json"))).unwrap()
}

/// Both documents to the source of both clients.
pub(super) fn pipeline() {
    let overlay = |service| specs().join(format!("overlays/{service}.json"));
    let services = SERVICES.map(|service| {
        let overlay = Overlay::load(&overlay(service)).unwrap();
        (service, published(service), overlay)
    });
    row(
        "generating both clients",
        "reading both documents",
        1,
        || {
            for (service, json, overlay) in &services {
                let document = Document::from_json(service, json).unwrap();
                let pipeline = Pipeline::run(document, overlay).unwrap();
                black_box(generate(&pipeline.lowered, "client").unwrap());
            }
        },
        || {
            for (_, json, _) in &services {
                black_box(serde_json::from_slice::<Value>(json).unwrap());
            }
        },
    );
}

/// Both documents against others in which one property in nine is bounded.
pub(super) fn comparison() {
    let texts = SERVICES.map(published);
    let documents = texts.each_ref().map(|text| {
        let old: Value = serde_json::from_slice(text).unwrap();
        let new = bounded(&old);
        (old, new)
    });
    let options = Options::default();
    row(
        "comparing both documents with changed ones",
        "reading all four",
        1,
        || {
            for (old, new) in &documents {
                black_box(compare(old, new, &options));
            }
        },
        || {
            for text in texts.iter().chain(&texts) {
                black_box(serde_json::from_slice::<Value>(text).unwrap());
            }
        },
    );
}

fn bounded(document: &Value) -> Value {
    let mut changed = document.clone();
    let components = changed["components"]["schemas"].as_object_mut().unwrap();
    let schemas = components.values_mut();
    let properties = schemas.filter_map(|schema| schema.get_mut("properties")?.as_object_mut());
    for (number, property) in properties.flat_map(|own| own.values_mut()).enumerate() {
        if let (0, Some(property)) = (number % 9, property.as_object_mut()) {
            property.insert("maxLength".to_owned(), json!(50));
        }
    }
    changed
}
