//! Where things lie in the workspace.

use crate::Failure;
use imperal_build_support::{Document, Overlay, Pipeline};
use std::path::{Path, PathBuf};

/// The documents that clients are generated from.
pub(crate) const SERVICES: [Service; 2] = [
    Service {
        name: "auth-gateway",
        url: "https://docs.imperal.io/openapi/auth-gateway.json",
    },
    Service {
        name: "registry",
        url: "https://docs.imperal.io/openapi/registry.json",
    },
];

/// One service and where its document is published.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Service {
    pub(crate) name: &'static str,
    pub(crate) url: &'static str,
}

impl Service {
    /// The name that Rust code knows the generated crate by.
    pub(crate) fn crate_name(&self) -> String {
        format!("imperal_{}", self.name.replace('-', "_"))
    }
}

/// The root folder.
#[derive(Clone, Debug)]
pub(crate) struct Workspace(PathBuf);

impl Workspace {
    /// The workspace that this tool was built in.
    pub(crate) fn here() -> Self {
        let own = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self(own.parent().unwrap_or(own).to_owned())
    }

    /// A workspace elsewhere.
    #[cfg(test)]
    pub(crate) fn at(root: &Path) -> Self {
        Self(root.to_owned())
    }

    pub(crate) fn specs(&self) -> PathBuf {
        self.0.join("specs")
    }

    pub(crate) fn document(&self, service: Service) -> PathBuf {
        self.specs().join(format!("{}.json", service.name))
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.specs().join("specs.lock")
    }

    pub(crate) fn operations(&self) -> PathBuf {
        self.0.join("tests").join("operations.tsv")
    }

    pub(crate) fn runtime(&self) -> PathBuf {
        self.0.join("crates").join("runtime")
    }

    /// The versions that the workspace agrees on.
    pub(crate) fn dependencies(&self) -> Result<toml::Table, Failure> {
        let path = self.0.join("Cargo.toml");
        let text = String::from_utf8_lossy(&read(&path)?).into_owned();
        let manifest: toml::Table = toml::from_str(&text)
            .map_err(|error| Failure::Other(format!("{}: {}", path.display(), error.message())))?;
        let table = manifest
            .get("workspace")
            .and_then(|workspace| workspace.get("dependencies")?.as_table());
        Ok(table.cloned().unwrap_or_default())
    }

    pub(crate) fn overlay(&self, service: Service) -> Result<Overlay, Failure> {
        let path = self
            .specs()
            .join("overlays")
            .join(format!("{}.json", service.name));
        Ok(Overlay::load(&path)?)
    }

    /// The service's document, taken through all passes.
    pub(crate) fn pipeline(&self, service: Service) -> Result<Pipeline, Failure> {
        let document = Document::load(&self.document(service))?;
        Ok(Pipeline::run(document, &self.overlay(service)?)?)
    }
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|problem| Failure::File {
        path: path.to_owned(),
        problem,
    })
}

/// Replaces files together: everything is written beside its place first, so that what can fail
/// has failed before the first file is moved.
pub(crate) fn write_all(files: &[(PathBuf, Vec<u8>)]) -> Result<(), Failure> {
    let at = |path: &Path| {
        let path = path.to_owned();
        |problem| Failure::File { path, problem }
    };
    let beside = |path: &Path| path.with_extension("tmp");
    for (path, bytes) in files {
        if let Err(problem) = std::fs::write(beside(path), bytes) {
            for (path, _) in files {
                let _ = std::fs::remove_file(beside(path));
            }
            return Err(at(path)(problem));
        }
    }
    for (path, _) in files {
        std::fs::rename(beside(path), path).map_err(at(path))?;
    }
    Ok(())
}
