//! `diff`: what a change of the documents means.

mod place;
#[cfg(test)]
mod tests;

use crate::review::{self, Review, Scope};
use crate::workspace::Workspace;
use crate::{Failure, say};
use clap::ValueEnum;
use imperal_spec_diff::{Semver, Verdict};
use serde::Serialize;

/// What to compare, and how to show it.
#[derive(Debug, clap::Args)]
pub(crate) struct Order {
    /// The old document, a folder with both, or a git revision [default: HEAD]
    pub(crate) old: Option<String>,
    /// The new document, a folder with both, or a git revision [default: those of this workspace]
    pub(crate) new: Option<String>,
    /// Only this document: auth-gateway or registry
    #[arg(long, value_name = "NAME")]
    pub(crate) only: Option<String>,
    /// How the report is written
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: Format,
    /// What makes the exit status 1
    #[arg(long, value_enum, default_value = "breaking")]
    pub(crate) fail_on: FailOn,
    /// Compares what travels alone, and generates no clients
    #[arg(long)]
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
    let reviews = reviews(workspace, order)?;
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

/// What is to be said about each pair of documents.
fn reviews(workspace: &Workspace, order: &Order) -> Result<Vec<Review>, Failure> {
    let mut reviews = Vec::new();
    for pair in place::pairs(workspace, order)? {
        let scope = Scope {
            name: &pair.name,
            crate_name: &pair.crate_name,
            root: workspace.root(),
            with_source: !order.without_code,
        };
        reviews.push(Review::between(&pair.old, &pair.new, scope));
    }
    Ok(reviews)
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
