//! Generates a client from each fixture, and for each of its types, and of our own clients, a
//! function that reads a value and writes it again.

use imperal_build_support::{Document, Error, Overlay, Pipeline, generate};
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn main() {
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it for build scripts"));
    if let Err(error) = run(&out) {
        println!("cargo::error={error}");
    }
}

fn run(out: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let mut fixtures = vec![PathBuf::from("fastapi/everything.json")];
    for entry in std::fs::read_dir("fixtures")? {
        fixtures.push(entry?.path());
    }
    fixtures.sort();
    println!("cargo::rerun-if-changed=fixtures");
    let (mut clients, mut round_trips) = (String::new(), String::new());
    for fixture in fixtures {
        println!("cargo::rerun-if-changed={}", fixture.display());
        let stem = fixture.file_stem().unwrap_or_default().to_string_lossy();
        let name = stem.replace(['-', '.'], "_");
        let (source, round_trip) = client(
            &fixture,
            None,
            &format!("imperal_generated_tests::{name}"),
            &format!("crate::{name}"),
        )?;
        let file = out.join(format!("{name}.rs"));
        std::fs::write(&file, source)?;
        write!(clients, "{}", module(&name, &fixture, &file))?;
        round_trips += &round_trip;
    }
    for name in ["auth-gateway", "registry"] {
        let specs = Path::new("../../specs");
        let document = specs.join(format!("{name}.json"));
        let overlay = specs.join(format!("overlays/{name}.json"));
        println!("cargo::rerun-if-changed={}", document.display());
        println!("cargo::rerun-if-changed={}", overlay.display());
        let crate_name = format!("imperal_{}", name.replace('-', "_"));
        let (_, round_trip) = client(&document, Some(&overlay), &crate_name, &crate_name)?;
        round_trips += &round_trip;
    }
    std::fs::write(out.join("clients.rs"), clients)?;
    std::fs::write(out.join("round_trips.rs"), format!("&[{round_trips}]"))?;
    Ok(())
}

fn module(name: &str, fixture: &Path, file: &Path) -> String {
    format!(
        "/// The client of `{}`.\n\
         #[allow(clippy::all, clippy::pedantic, dead_code, missing_docs, reason = \"generated\")]\n\
         #[allow(rustdoc::all, reason = \"the document's texts are shown as they are\")]\n\
         pub mod {name} {{ include!({:?}); }}\n",
        fixture.display(),
        file.display().to_string(),
    )
}

/// The source of a client, and the entry of its types in the list of round trips.
fn client(
    document: &Path,
    overlay: Option<&Path>,
    module: &str,
    types: &str,
) -> Result<(String, String), Error> {
    let overlay_read = overlay.map_or_else(|| Ok(Overlay::empty()), Overlay::load)?;
    let pipeline = Pipeline::run(Document::load(document)?, &overlay_read)?;
    let generated = generate(&pipeline.lowered, module)?;
    let mut components = String::new();
    for (component, name) in &generated.components {
        let _ = write!(
            components,
            "({component:?}, read_and_write::<{types}::types::{name}>),"
        );
    }
    let round_trip = format!(
        "RoundTrips {{ document: {:?}, overlay: {:?}, components: &[{components}] }},",
        document.display().to_string(),
        overlay.map(|overlay| overlay.display().to_string()),
    );
    Ok((generated.source, round_trip))
}
