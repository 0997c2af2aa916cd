//! Compares two documents and prints the report as JSON: `cargo run -p imperal-spec-diff --example compare OLD NEW`.

use imperal_spec_diff::{Options, compare};

#[allow(clippy::print_stdout, reason = "an example prints what it finds")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut documents = Vec::new();
    for path in std::env::args().skip(1).take(2) {
        documents.push(serde_json::from_slice(&std::fs::read(path)?)?);
    }
    let [old, new] = documents.as_slice() else {
        return Err("give two documents: OLD NEW".into());
    };
    let today = time::OffsetDateTime::now_utc().date();
    let report = compare(old, new, &Options::on(today));
    println!("{}", serde_json::to_string_pretty(&report)?);
    Ok(())
}
