//! How long the pipeline takes for both of our documents, whole and by pass.

#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark")]

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use imperal_build_support::{Document, Overlay, Pipeline, generate, lower, shape};
use std::hint::black_box;
use std::path::Path;

struct Service {
    json: Vec<u8>,
    overlay: Overlay,
}

impl Service {
    fn document(&self) -> Document {
        Document::from_json("document.json", &self.json).unwrap()
    }

    fn overlaid(&self) -> Document {
        let mut document = self.document();
        self.overlay.apply(&mut document).unwrap();
        document
    }

    fn shaped(&self) -> Document {
        let mut document = self.overlaid();
        shape(&mut document).unwrap();
        document
    }

    fn lowered(&self) -> Document {
        Pipeline::run(self.document(), &self.overlay)
            .unwrap()
            .lowered
    }
}

fn services() -> Vec<Service> {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let read = |name: &str| Service {
        json: std::fs::read(specs.join(name)).unwrap(),
        overlay: Overlay::load(&specs.join("overlays").join(name)).unwrap(),
    };
    ["auth-gateway.json", "registry.json"].map(read).into()
}

fn pipeline(criterion: &mut Criterion) {
    let services = services();
    let mut group = criterion.benchmark_group("pipeline");
    group.sample_size(20);
    // What the passes begin with is made outside of the time that is measured.
    let mut pass =
        |name: &str, before: fn(&Service) -> Document, work: fn(&Service, &mut Document)| {
            group.bench_function(name, |bencher| {
                bencher.iter_batched_ref(
                    || services.iter().map(before).collect::<Vec<_>>(),
                    |documents| {
                        for (service, document) in services.iter().zip(documents) {
                            work(service, document);
                        }
                    },
                    BatchSize::LargeInput,
                );
            });
        };
    pass("load", Service::document, |service, _| {
        drop(black_box(service.document()));
    });
    pass("overlay", Service::document, |service, document| {
        service.overlay.apply(document).unwrap();
    });
    pass("shape", Service::overlaid, |_, document| {
        shape(document).unwrap();
    });
    pass("lower", Service::shaped, |_, document| {
        drop(lower(document));
    });
    pass("generate and print", Service::lowered, |_, document| {
        generate(document, "any").unwrap();
    });
    pass("all", Service::document, |service, _| {
        generate(&service.lowered(), "any").unwrap();
    });
    let sources = services
        .iter()
        .map(|service| generate(&service.lowered(), "any").unwrap().source);
    let files: Vec<syn::File> = sources
        .map(|source| syn::parse_file(&source).unwrap())
        .collect();
    group.bench_function("print", |bencher| {
        bencher.iter(|| {
            files
                .iter()
                .map(|file| prettyplease::unparse(file).len())
                .sum::<usize>()
        });
    });
    group.finish();
}

criterion_group!(benches, pipeline);
criterion_main!(benches);
