//! How long a comparison takes for both of our documents, and how that grows with the document. What the
//! times are held against is the reading of the same documents.

#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use imperal_spec_diff::{Options, compare};
use serde_json::{Map, Value, json};
use std::hint::black_box;
use std::path::Path;

fn document(name: &str) -> Vec<u8> {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs");
    std::fs::read(specs.join(name)).unwrap()
}

fn read(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

/// The document after some service's authors were busy: a property in nine is bounded, one in
/// twenty-three has another type.
fn changed(document: &Value) -> Value {
    let mut changed = document.clone();
    let mut number = 0;
    for component in changed["components"]["schemas"]
        .as_object_mut()
        .unwrap()
        .values_mut()
    {
        for property in component
            .get_mut("properties")
            .and_then(Value::as_object_mut)
            .into_iter()
            .flatten()
        {
            number += 1;
            if let Value::Object(property) = property.1 {
                if number % 9 == 0 {
                    property.insert("maxLength".to_owned(), json!(50));
                }
                if number % 23 == 0 {
                    property.insert("type".to_owned(), json!("integer"));
                }
            }
        }
    }
    changed
}

/// The document several times over, each time under other names.
fn repeated(document: &Value, times: usize) -> Value {
    let mut repeated = document.clone();
    let (mut paths, mut schemas) = (Map::new(), Map::new());
    for copy in 0..times {
        let text = document.to_string().replace(
            "#/components/schemas/",
            &format!("#/components/schemas/C{copy}"),
        );
        let renamed: Value = serde_json::from_str(&text).unwrap();
        for (path, item) in renamed["paths"].as_object().unwrap() {
            paths.insert(format!("/c{copy}{path}"), item.clone());
        }
        for (name, schema) in renamed["components"]["schemas"].as_object().unwrap() {
            schemas.insert(format!("C{copy}{name}"), schema.clone());
        }
    }
    repeated["paths"] = Value::Object(paths);
    repeated["components"]["schemas"] = Value::Object(schemas);
    repeated
}

fn both_documents(criterion: &mut Criterion) {
    let bytes = ["auth-gateway.json", "registry.json"].map(document);
    let pairs: Vec<(Value, Value)> = bytes
        .iter()
        .map(|bytes| (read(bytes), changed(&read(bytes))))
        .collect();
    let mut group = criterion.benchmark_group("both documents");
    group.sample_size(10);
    group.bench_function("read (baseline)", |bencher| {
        bencher.iter(|| {
            for bytes in &bytes {
                black_box(read(bytes));
            }
        });
    });
    group.bench_function("compare", |bencher| {
        bencher.iter(|| {
            for (old, new) in &pairs {
                black_box(compare(old, new, &Options::default()));
            }
        });
    });
    group.finish();
}

fn growth(criterion: &mut Criterion) {
    let registry = read(&document("registry.json"));
    let mut group = criterion.benchmark_group("growth");
    group.sample_size(10);
    for times in [1, 2, 4, 8] {
        let old = repeated(&registry, times);
        let new = changed(&old);
        group.throughput(Throughput::Bytes(old.to_string().len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(times), &times, |bencher, _| {
            bencher.iter(|| black_box(compare(&old, &new, &Options::default())));
        });
    }
    group.finish();
}

criterion_group!(benches, both_documents, growth);
criterion_main!(benches);
