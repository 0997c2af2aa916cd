//! `diff`: what a change of the documents means.

use crate::committed;
use crate::review::{self, Review, Scope, Side};
use crate::workspace::{SERVICES, Service, Workspace, read};
use crate::{Failure, say};
use clap::ValueEnum;
use imperal_build_support::{Overlay, SIZE_LIMIT};
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
            review.is_breaking() || review.changes.iter().any(review::Entry::is_undecided)
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
    let here = |service| of_file(workspace, Some(service), &workspace.document(service));
    let mut pairs = Vec::new();
    match (order.old.as_deref(), order.new.as_deref()) {
        (Some(old), Some(new)) if Path::new(old).is_dir() => {
            for service in wanted(order)? {
                let file = |folder: &str| Path::new(folder).join(format!("{}.json", service.name));
                let old = of_file(workspace, Some(service), &file(old))?;
                let new = of_file(workspace, Some(service), &file(new))?;
                pairs.push(pair(service, old, new));
            }
        }
        (Some(old), Some(new)) => pairs.push(of_files(workspace, order, old, new)?),
        (Some(old), None) if Path::new(old).is_file() => {
            let Some(service) = named(workspace, order, Path::new(old))? else {
                return Err(Failure::Other(format!(
                    "{old} is of no service of this workspace: give the second document too, or say with --only \
                     which service it is"
                )));
            };
            let old = of_file(workspace, Some(service), Path::new(old))?;
            pairs.push(pair(service, old, here(service)?));
        }
        (revision, _) => {
            for service in wanted(order)? {
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

fn of_files(workspace: &Workspace, order: &Order, old: &str, new: &str) -> Result<Pair, Failure> {
    let service = named(workspace, order, Path::new(old))?;
    let side = |path: &str| of_file(workspace, service, Path::new(path));
    let (old_side, new_side) = (side(old)?, side(new)?);
    match service {
        Some(service) => Ok(pair(service, old_side, new_side)),
        None => Ok(Pair {
            name: format!("{old} -> {new}"),
            crate_name: "client".to_owned(),
            old: old_side,
            new: new_side,
        }),
    }
}

fn of_file(workspace: &Workspace, service: Option<Service>, path: &Path) -> Result<Side, Failure> {
    let overlay = match service {
        Some(service) => workspace.overlay(service)?,
        None => Overlay::empty(),
    };
    let too_large = std::fs::metadata(path).is_ok_and(|found| found.len() > SIZE_LIMIT);
    if too_large {
        return Err(Failure::Other(format!(
            "{}: is larger than {SIZE_LIMIT} bytes: no real document is",
            path.display()
        )));
    }
    Side::read(&path.display().to_string(), &read(path)?, overlay)
}

fn wanted(order: &Order) -> Result<Vec<Service>, Failure> {
    crate::workspace::named(order.only.as_deref())
}

/// The service that a document is of: as the caller says, or by the document's title.
fn named(workspace: &Workspace, order: &Order, path: &Path) -> Result<Option<Service>, Failure> {
    if order.only.is_some() {
        return Ok(wanted(order)?.into_iter().next());
    }
    let title = |path: &Path| {
        let root: serde_json::Value = serde_json::from_slice(&read(path).ok()?).ok()?;
        root.pointer("/info/title")?.as_str().map(str::to_owned)
    };
    let wanted = title(path);
    let mut services = SERVICES.into_iter();
    Ok(services.find(|service| wanted.is_some() && title(&workspace.document(*service)) == wanted))
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
