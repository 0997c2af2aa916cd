//! Generates a client from each fixture.

use std::path::PathBuf;

fn main() {
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it for build scripts"));
    let fixtures = [
        ("everything", "fastapi/everything.json"),
        ("odd", "fixtures/odd.json"),
    ];
    for (name, document) in fixtures {
        println!("cargo::rerun-if-changed={document}");
        let module = format!("imperal_generated_tests::{name}");
        let written = imperal_build_support::generate_file(
            document.as_ref(),
            None,
            &module,
            &out.join(format!("{name}.rs")),
        );
        if let Err(error) = written {
            println!("cargo::error={error}");
        }
    }
}
