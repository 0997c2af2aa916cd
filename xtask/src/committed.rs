//! Files as git knows them.

use crate::Failure;
use crate::review::Side;
use crate::workspace::{Service, Workspace};
use imperal_build_support::Overlay;
use std::process::Command;

/// A service's document and overlay at a revision.
pub(crate) fn side(
    workspace: &Workspace,
    service: Service,
    revision: &str,
) -> Result<Side, Failure> {
    let document = format!("specs/{}.json", service.name);
    let overlay = format!("specs/overlays/{}.json", service.name);
    let name = format!("{document} at {revision}");
    let overlay = match show(workspace, revision, &overlay) {
        Ok(bytes) => Overlay::from_json(&format!("{overlay} at {revision}"), &bytes)?,
        // A revision from before there were overlays.
        Err(_) => Overlay::empty(),
    };
    Side::read(&name, &show(workspace, revision, &document)?, overlay)
}

/// The bytes of a file at a revision.
fn show(workspace: &Workspace, revision: &str, path: &str) -> Result<Vec<u8>, Failure> {
    let told = |problem: &str| {
        Failure::Other(format!(
            "{path} at {revision}: {problem}. Give a file, a folder with both documents, or a revision that git \
             knows"
        ))
    };
    // A revision that looks like an option would be taken for one.
    if revision.starts_with('-') {
        return Err(told("that is no revision"));
    }
    let output = Command::new("git")
        .arg("-C")
        .arg(workspace.root())
        .args(["show", &format!("{revision}:./{path}")])
        .output()
        .map_err(|error| told(&format!("git does not run ({error})")))?;
    if !output.status.success() {
        let problem = String::from_utf8_lossy(&output.stderr);
        let problem = problem.lines().next().unwrap_or("git does not know it");
        return Err(told(problem.trim().trim_end_matches('.')));
    }
    Ok(output.stdout)
}
