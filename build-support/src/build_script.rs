//! What the build script of a generated crate calls.

use crate::{Document, Error, Generated, Overlay, Pipeline, generate, generate_expectations};
use std::path::{Path, PathBuf};

/// Generates the client of `document`, with `overlay` applied, into `client.rs` of the build's output
/// folder. Ends the build with one message if that cannot be done.
///
/// ```no_run
/// imperal_build_support::build_script("specs/auth-gateway.json", "specs/overlays/auth-gateway.json");
/// ```
pub fn build_script(document: impl AsRef<Path>, overlay: impl AsRef<Path>) {
    let (document, overlay) = (document.as_ref(), overlay.as_ref());
    run(document, overlay, || {
        let crate_name = variable("CARGO_PKG_NAME")?.replace('-', "_");
        generate_file(document, Some(overlay), &crate_name, &output("client")?)
    });
}

/// Generates the [expectations](generate_expectations) of `document`, with `overlay` applied, into a file of the
/// build's output folder that is called like `module`. Ends the build with one message if that cannot be done.
///
/// ```no_run
/// let (document, overlay) = ("specs/registry.json", "specs/overlays/registry.json");
/// imperal_build_support::expectations_build_script(document, overlay, "imperal::registry", "registry");
/// ```
pub fn expectations_build_script(
    document: impl AsRef<Path>,
    overlay: impl AsRef<Path>,
    client: &str,
    module: &str,
) {
    let (document, overlay) = (document.as_ref(), overlay.as_ref());
    run(document, overlay, || {
        let pipeline = Pipeline::run(Document::load(document)?, &Overlay::load(overlay)?)?;
        let source = generate_expectations(&pipeline.lowered, client)?;
        write(&output(module)?, &source)
    });
}

#[allow(
    clippy::print_stdout,
    reason = "a build script speaks to cargo through its output"
)]
fn run(document: &Path, overlay: &Path, work: impl FnOnce() -> Result<(), Error>) {
    println!("cargo::rerun-if-changed={}", document.display());
    println!("cargo::rerun-if-changed={}", overlay.display());
    // Whatever a document holds, it ends in one message: a crash of ours is no exception.
    let outcome = crate::quietly(work).unwrap_or_else(|crash| {
        let remedy = "this is a defect of the generator: please report it with the document";
        Err(Error::new(
            document.display().to_string(),
            "",
            crash,
            remedy,
        ))
    });
    if let Err(error) = outcome {
        // cargo fails the build for this line alone. An exit status would make it print the line
        // twice, and say how to get a backtrace.
        println!("cargo::error={error}");
    }
}

fn variable(name: &str) -> Result<String, Error> {
    std::env::var(name).map_err(|_| {
        let problem = format!("the variable {name} is not set");
        let remedy = "call this from a build script, which cargo runs";
        Error::new("build script", "", problem, remedy)
    })
}

/// A file of the build's output folder.
fn output(module: &str) -> Result<PathBuf, Error> {
    Ok(PathBuf::from(variable("OUT_DIR")?).join(format!("{module}.rs")))
}

/// Generates the client of `document` into the file `out`. `module` is the path by which Rust code
/// outside of it names the module that the file becomes.
///
/// ```no_run
/// imperal_build_support::generate_file(
///     "specs/registry.json".as_ref(),
///     Some("specs/overlays/registry.json".as_ref()),
///     "my_crate::registry",
///     "src/registry.rs".as_ref(),
/// )?;
/// # Ok::<(), imperal_build_support::Error>(())
/// ```
///
/// # Errors
///
/// The first error of a pass, or that the file cannot be written.
pub fn generate_file(
    document: &Path,
    overlay: Option<&Path>,
    module: &str,
    out: &Path,
) -> Result<(), Error> {
    let overlay = overlay.map_or_else(|| Ok(Overlay::empty()), Overlay::load)?;
    let pipeline = Pipeline::run(Document::load(document)?, &overlay)?;
    let Generated { source, .. } = generate(&pipeline.lowered, module)?;
    write(out, &source)
}

fn write(out: &Path, source: &str) -> Result<(), Error> {
    std::fs::write(out, source).map_err(|error| {
        let problem = format!("cannot be written: {error}");
        let remedy = "check the space and permissions of its folder";
        Error::new(out.display().to_string(), "", problem, remedy)
    })
}
