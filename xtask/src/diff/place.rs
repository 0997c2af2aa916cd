//! Where the documents are that are compared: what OLD, NEW and `--only` mean.

use super::Order;
use crate::Failure;
use crate::committed;
use crate::review::Side;
use crate::workspace::{self, SERVICES, Service, Workspace, read_document};
use imperal_build_support::{Document, Overlay};
use std::path::Path;

/// Two documents of one service, or of none that is known here.
pub(super) struct Pair {
    pub(super) name: String,
    pub(super) crate_name: String,
    pub(super) old: Side,
    pub(super) new: Side,
}

/// Where one document is, or those of all services.
#[derive(Clone, Copy)]
enum Place<'a> {
    Here,
    Folder(&'a Path),
    File(&'a Path),
    Revision(&'a str),
}

/// The documents to compare.
pub(super) fn pairs(workspace: &Workspace, order: &Order) -> Result<Vec<Pair>, Failure> {
    let old = order.old.as_deref();
    let old = old.map_or(Place::Revision("HEAD"), Place::of);
    let new = order.new.as_deref().map_or(Place::Here, Place::of);
    let services = match (old, new) {
        (Place::File(old), Place::File(new)) => {
            return Ok(vec![of_files(workspace, order, old, new)?]);
        }
        (Place::File(file), _) | (_, Place::File(file)) => {
            let only = order.only.as_deref();
            vec![service_of_file(workspace, only, file)?]
        }
        _ => workspace::named(order.only.as_deref())?,
    };
    let pairs = services.into_iter().map(|service| {
        Ok(Pair {
            name: service.name.to_owned(),
            crate_name: service.crate_name(),
            old: old.side(workspace, service)?,
            new: new.side(workspace, service)?,
        })
    });
    pairs.collect()
}

/// Any two files, of a service or of none.
fn of_files(workspace: &Workspace, order: &Order, old: &Path, new: &Path) -> Result<Pair, Failure> {
    let mut pair = Pair {
        name: format!("{} -> {}", old.display(), new.display()),
        crate_name: "client".to_owned(),
        old: side(old, Overlay::empty())?,
        new: side(new, Overlay::empty())?,
    };
    if let Some(service) = service_of(workspace, order.only.as_deref(), &pair.old)? {
        service.name.clone_into(&mut pair.name);
        pair.crate_name = service.crate_name();
        pair.old.overlay = workspace.overlay(service)?;
        pair.new.overlay = workspace.overlay(service)?;
    }
    Ok(pair)
}

impl<'a> Place<'a> {
    /// What is there counts before what git may know by the same name.
    fn of(text: &'a str) -> Self {
        let path = Path::new(text);
        let is_called_a_file = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        if path.is_dir() {
            Self::Folder(path)
        } else if path.exists() || is_called_a_file {
            Self::File(path)
        } else {
            Self::Revision(text)
        }
    }

    /// A service's document with the overlay that belongs to it.
    fn side(self, workspace: &Workspace, service: Service) -> Result<Side, Failure> {
        let file = |path: &Path| side(path, workspace.overlay(service)?);
        match self {
            Self::Here => file(&workspace.document(service)),
            Self::Folder(folder) => file(&folder.join(format!("{}.json", service.name))),
            Self::File(path) => file(path),
            Self::Revision(revision) => committed::side(workspace, service, revision),
        }
    }
}

fn side(path: &Path, overlay: Overlay) -> Result<Side, Failure> {
    let bytes = read_document(path).map_err(Failure::at(path))?;
    Side::read(&path.display().to_string(), &bytes, overlay)
}

/// The service whose document a file is, where the other side has those of all.
fn service_of_file(
    workspace: &Workspace,
    only: Option<&str>,
    file: &Path,
) -> Result<Service, Failure> {
    let document = side(file, Overlay::empty())?;
    service_of(workspace, only, &document)?.ok_or_else(|| {
        Failure::Other(format!(
            "{} is of no service of this workspace: give two files, or say with --only which service it is",
            file.display()
        ))
    })
}

/// The service that a document is of: as the caller says, or by the document's title.
fn service_of(
    workspace: &Workspace,
    only: Option<&str>,
    document: &Side,
) -> Result<Option<Service>, Failure> {
    if only.is_some() {
        return Ok(workspace::named(only)?.into_iter().next());
    }
    let wanted = document.root().pointer("/info/title");
    for service in SERVICES {
        let own = Document::load(&workspace.document(service))?;
        if wanted.is_some() && own.root().pointer("/info/title") == wanted {
            return Ok(Some(service));
        }
    }
    Ok(None)
}
