//! What a build script of a generated crate calls.

use crate::{Document, Error, Generated, Overlay, Pipeline, generate};
use std::path::{Path, PathBuf};

/// Generates the client of `document`, with `overlay` applied, into `client.rs` of the build's output
/// folder. Ends the build with one message if that cannot be done.
///
/// ```no_run
/// imperal_build_support::build_script("specs/auth-gateway.json", "specs/overlays/auth-gateway.json");
/// ```
#[allow(
    clippy::print_stdout,
    reason = "a build script speaks to cargo through its output"
)]
pub fn build_script(document: impl AsRef<Path>, overlay: impl AsRef<Path>) {
    let (document, overlay) = (document.as_ref(), overlay.as_ref());
    println!("cargo::rerun-if-changed={}", document.display());
    println!("cargo::rerun-if-changed={}", overlay.display());
    // Whatever a document holds, it ends in one message: a crash of ours is no exception.
    let outcome = crate::quietly(|| run(document, overlay)).unwrap_or_else(|crash| {
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

fn run(document: &Path, overlay: &Path) -> Result<(), Error> {
    let variable = |name: &str| {
        std::env::var(name).map_err(|_| {
            let problem = format!("the variable {name} is not set");
            let remedy = "call this from a build script, which cargo runs";
            Error::new("build script", "", problem, remedy)
        })
    };
    let crate_name = variable("CARGO_PKG_NAME")?.replace('-', "_");
    let out = PathBuf::from(variable("OUT_DIR")?).join("client.rs");
    generate_file(document, Some(overlay), &crate_name, &out)
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
    std::fs::write(out, source).map_err(|error| {
        let problem = format!("cannot be written: {error}");
        let remedy = "check the space and permissions of its folder";
        Error::new(out.display().to_string(), "", problem, remedy)
    })
}
