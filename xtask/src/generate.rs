//! `generate`: the sources of our clients, for reading, or a crate for any document.

use crate::replace::write_all_and_say;
use crate::workspace::{SERVICES, Service, Workspace};
use crate::{Failure, Outcome, crate_writer};
use imperal_build_support::{Loss, Pipeline};
use std::path::{Path, PathBuf};

/// What to generate, and where to put it.
#[derive(Debug, clap::Args)]
pub(crate) struct Order {
    /// What the build scripts of this workspace generate, for reading
    #[arg(long, required_unless_present = "document", conflicts_with_all = ["document", "name", "runtime", "overlay"])]
    pub(crate) ours: bool,
    /// The document to write a crate for
    #[arg(long)]
    pub(crate) document: Option<PathBuf>,
    /// An overlay to apply to the document
    #[arg(long)]
    pub(crate) overlay: Option<PathBuf>,
    /// The name of the crate (default: made from the document's title)
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// The runtime that the crate depends on, a path or a version (default: this workspace's)
    #[arg(long)]
    pub(crate) runtime: Option<String>,
    /// The folder to write to
    #[arg(long)]
    pub(crate) out: PathBuf,
}

pub(crate) fn run(workspace: &Workspace, order: &Order) -> Outcome {
    match &order.document {
        Some(document) if !order.ours => crate_writer::run(workspace, document, order),
        _ => write_sources(workspace, &order.out),
    }
}

/// Writes the sources of our clients to `out`.
fn write_sources(workspace: &Workspace, out: &Path) -> Outcome {
    let mut files = Vec::new();
    for service in SERVICES {
        let (source, _) = source(&workspace.pipeline(service)?, service)?;
        let path = out.join(format!("{}.rs", service.crate_name()));
        files.push((path, source.into_bytes()));
    }
    write_all_and_say(&files)
}

/// The source of a service's client, and the operations that it leaves out.
pub(crate) fn source(
    pipeline: &Pipeline,
    service: Service,
) -> Result<(String, Vec<Loss>), Failure> {
    let generated = imperal_build_support::generate(&pipeline.lowered, &service.crate_name())?;
    Ok((generated.source, generated.losses))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_workspace::workspace;

    #[test]
    fn the_sources_of_our_clients_are_written_for_reading() {
        let document = r#"{"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/a": {"get": {"operationId": "list_a_get", "tags": ["things"], "responses": {"204": {"description": ""}}}}}}"#;
        let (root, workspace) = workspace(document, "https://example.com/a.json");
        let out = root.path().join("out");
        write_sources(&workspace, &out).unwrap();
        for name in ["imperal_auth_gateway.rs", "imperal_registry.rs"] {
            let source = std::fs::read_to_string(out.join(name)).unwrap();
            assert!(source.contains("fn list("), "{source}");
        }
    }
}
