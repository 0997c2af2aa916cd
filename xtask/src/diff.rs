//! `diff`: what a change of the documents means.

use crate::committed;
use crate::review::{self, Review, Scope, Side};
use crate::workspace::{self, SERVICES, Service, Workspace, read_document};
use crate::{Failure, say};
use clap::ValueEnum;
use imperal_build_support::{Document, Overlay};
use imperal_spec_diff::{Semver, Verdict};
use serde::Serialize;
use std::path::Path;

/// What to compare, and how to show it.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) old: Option<String>,
    pub(crate) new: Option<String>,
    pub(crate) only: Option<String>,
    pub(crate) format: Format,
    pub(crate) fail_on: FailOn,
    pub(crate) without_code: bool,
}

/// How the report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a terminal
    Text,
    /// For a program
    Json,
    /// For a changelog or a pull request
    Markdown,
    /// One page that needs nothing else
    Html,
}

/// Which verdict makes the command fail with exit status 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum FailOn {
    /// Any change
    Changed,
    /// A break, or something that is not decided
    Unknown,
    /// A break on the wire or in code
    Breaking,
    /// None
    Never,
}

/// Compares, prints the report, and says whether it is one to fail on.
pub(crate) fn run(workspace: &Workspace, order: &Order) -> Result<bool, Failure> {
    let mut reviews = Vec::new();
    for pair in pairs(workspace, order)? {
        let scope = Scope {
            name: &pair.name,
            crate_name: &pair.crate_name,
            root: workspace.root(),
            with_source: !order.without_code,
        };
        reviews.push(Review::between(&pair.old, &pair.new, scope));
    }
    match order.format {
        Format::Text => {
            let texts: Vec<String> = reviews.iter().map(Review::text).collect();
            say(texts.join("\n").trim_end());
        }
        Format::Markdown => {
            let texts: Vec<String> = reviews.iter().map(Review::markdown).collect();
            say(texts.join("\n").trim_end());
        }
        Format::Html => say(review::html(&reviews).trim_end()),
        Format::Json => say(json(&reviews)?),
    }
    Ok(reviews.iter().any(|review| fails(review, order.fail_on)))
}

fn fails(review: &Review, fail_on: FailOn) -> bool {
    match fail_on {
        FailOn::Never => false,
        FailOn::Breaking => review.is_breaking(),
        FailOn::Unknown => {
            let is_urgent = |entry: &review::Entry| entry.group().is_urgent();
            review.changes.iter().any(is_urgent)
        }
        FailOn::Changed => !review.is_unchanged(),
    }
}

/// Two documents of one service, or of none that is known here.
struct Pair {
    name: String,
    crate_name: String,
    old: Side,
    new: Side,
}

fn pairs(workspace: &Workspace, order: &Order) -> Result<Vec<Pair>, Failure> {
    let file = |service, path: &Path| side(path, workspace.overlay(service)?);
    let here = |service| file(service, &workspace.document(service));
    let mut pairs = Vec::new();
    match (order.old.as_deref(), order.new.as_deref()) {
        (Some(old), Some(new)) if Path::new(old).is_dir() => {
            for service in workspace::named(order.only.as_deref())? {
                let inside =
                    |folder: &str| Path::new(folder).join(format!("{}.json", service.name));
                pairs.push(pair(
                    service,
                    file(service, &inside(old))?,
                    file(service, &inside(new))?,
                ));
            }
        }
        (Some(old), Some(new)) => {
            let mut pair = Pair {
                name: format!("{old} -> {new}"),
                crate_name: "client".to_owned(),
                old: side(Path::new(old), Overlay::empty())?,
                new: side(Path::new(new), Overlay::empty())?,
            };
            if let Some(service) = service_of(workspace, order, &pair.old)? {
                service.name.clone_into(&mut pair.name);
                pair.crate_name = service.crate_name();
                pair.old.overlay = workspace.overlay(service)?;
                pair.new.overlay = workspace.overlay(service)?;
            }
            pairs.push(pair);
        }
        (Some(old), None) if Path::new(old).is_file() => {
            let mut before = side(Path::new(old), Overlay::empty())?;
            let Some(service) = service_of(workspace, order, &before)? else {
                return Err(Failure::Other(format!(
                    "{old} is of no service of this workspace: give the second document too, or say with --only \
                     which service it is"
                )));
            };
            before.overlay = workspace.overlay(service)?;
            pairs.push(pair(service, before, here(service)?));
        }
        (revision, _) => {
            for service in workspace::named(order.only.as_deref())? {
                let old = committed::side(workspace, service, revision.unwrap_or("HEAD"))?;
                pairs.push(pair(service, old, here(service)?));
            }
        }
    }
    Ok(pairs)
}

fn pair(service: Service, old: Side, new: Side) -> Pair {
    Pair {
        name: service.name.to_owned(),
        crate_name: service.crate_name(),
        old,
        new,
    }
}

fn side(path: &Path, overlay: Overlay) -> Result<Side, Failure> {
    let bytes = read_document(path).map_err(Failure::at(path))?;
    Side::read(&path.display().to_string(), &bytes, overlay)
}

/// The service that a document is of: as the caller says, or by the document's title.
fn service_of(
    workspace: &Workspace,
    order: &Order,
    document: &Side,
) -> Result<Option<Service>, Failure> {
    if order.only.is_some() {
        return Ok(workspace::named(order.only.as_deref())?.into_iter().next());
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

/// The report for a program: of one document as it is, of several together.
fn json(reviews: &[Review]) -> Result<String, Failure> {
    #[derive(Serialize)]
    struct Together<'a> {
        verdict: Verdict,
        semver: Semver,
        changes: Vec<&'a review::Entry>,
        documents: &'a [Review],
    }
    let text = match reviews {
        [one] => serde_json::to_string_pretty(one),
        all => {
            let semver = all
                .iter()
                .map(|review| review.semver)
                .max()
                .unwrap_or(Semver::None);
            let verdict = match semver {
                Semver::Major => Verdict::Breaking,
                Semver::None => Verdict::Unchanged,
                Semver::Minor | Semver::Patch => Verdict::Compatible,
            };
            serde_json::to_string_pretty(&Together {
                verdict,
                semver,
                changes: all.iter().flat_map(|review| &review.changes).collect(),
                documents: all,
            })
        }
    };
    text.map_err(|error| Failure::Other(error.to_string()))
}
