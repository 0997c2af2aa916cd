//! Where things lie in the workspace.
//!
//! One place knows the layout, so that commands speak of services and not of paths.

use crate::Failure;
use imperal_build_support::{Document, Overlay, Pipeline, SIZE_LIMIT};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The documents that clients are generated from.
pub(crate) const SERVICES: [Service; 2] = [
    Service {
        name: "auth-gateway",
        title: "Auth Gateway",
        url: "https://docs.imperal.io/openapi/auth-gateway.json",
        live: Some("https://auth.imperal.io/v1/openapi.json"),
    },
    Service {
        name: "registry",
        title: "Registry",
        url: "https://docs.imperal.io/openapi/registry.json",
        live: None,
    },
];

/// One service and where its document is published.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Service {
    pub(crate) name: &'static str,
    /// What people call it.
    pub(crate) title: &'static str,
    pub(crate) url: &'static str,
    /// Where the running service serves its document, if it does so in public.
    pub(crate) live: Option<&'static str>,
}

impl Service {
    /// The name that Rust code knows the generated crate by.
    pub(crate) fn crate_name(&self) -> String {
        format!("imperal_{}", self.name.replace('-', "_"))
    }
}

/// The service that is asked for by name, or all of them.
pub(crate) fn named(only: Option<&str>) -> Result<Vec<Service>, Failure> {
    let Some(name) = only else {
        return Ok(SERVICES.to_vec());
    };
    let found = SERVICES.into_iter().find(|service| service.name == name);
    let found = found.ok_or_else(|| {
        let names = SERVICES.map(|service| service.name).join(" or ");
        Failure::Other(format!(
            "there is no document \"{name}\": --only takes {names}"
        ))
    })?;
    Ok(vec![found])
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

    pub(crate) fn root(&self) -> &Path {
        &self.0
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

    pub(crate) fn losses(&self) -> PathBuf {
        self.0.join("tests").join("losses.tsv")
    }

    pub(crate) fn readme(&self) -> PathBuf {
        self.0.join("README.md")
    }

    /// The committed list of a library's public items.
    pub(crate) fn public_api(&self, library: &str) -> PathBuf {
        self.0
            .join("tests/public-api")
            .join(format!("{library}.txt"))
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

    /// Every service's document, taken through all passes.
    pub(crate) fn pipelines(&self) -> Result<Vec<(Service, Pipeline)>, Failure> {
        let services = SERVICES.into_iter();
        services
            .map(|service| Ok((service, self.pipeline(service)?)))
            .collect()
    }

    /// The service's document, taken through all passes.
    pub(crate) fn pipeline(&self, service: Service) -> Result<Pipeline, Failure> {
        let document = Document::load(&self.document(service))?;
        Ok(Pipeline::run(document, &self.overlay(service)?)?)
    }
}

/// The overlay at `path`, or one that changes nothing where there is no path.
pub(crate) fn overlay_at(path: Option<&Path>) -> Result<Overlay, Failure> {
    match path {
        Some(path) => Ok(Overlay::load(path)?),
        None => Ok(Overlay::empty()),
    }
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(Failure::at(path))
}

/// Reads what should be a document and may be anything, even without end: one byte more than a document may
/// have is enough to see that it is none.
pub(crate) fn read_document(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(SIZE_LIMIT + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}
