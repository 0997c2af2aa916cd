//! `fetch`: brings documents into `specs/`, all or none of them.
//!
//! Everything that can go wrong goes wrong before the first file is written: half of what was fetched
//! would be worse than what was there. And what breaks those who use the clients does not come in
//! unnoticed: somebody has to say that it shall.

#[cfg(test)]
mod tests;

use crate::download::{self, Limits, Served, Validators};
use crate::lock::{self, Entry, Lock};
use crate::plain_text::one_line;
use crate::replace::write_all_and_say;
use crate::review::Review;
use crate::source::{self, Source};
use crate::workspace::{Service, Workspace, read, read_document};
use crate::{Failure, Outcome, say};
use imperal_build_support::{Document, Pipeline, generate_items};
use std::path::PathBuf;

/// What to fetch, and what to do with it.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Order {
    /// Where from: a URL or file of one document (then --only says which), or a folder that holds
    /// both as auth-gateway.json and registry.json, as a path or as a URL that ends with "/".
    /// https, or http on this machine [default: the published documents]
    #[arg(long, value_name = "URL|FILE|DIR")]
    pub(crate) from: Option<String>,
    /// Takes the document that the running gateway serves; the registry, which serves none in
    /// public, stays with the published one
    #[arg(long, conflicts_with = "from")]
    pub(crate) live: bool,
    /// Only this document: auth-gateway or registry
    #[arg(long, value_name = "NAME")]
    pub(crate) only: Option<String>,
    /// Writes the documents even if they break those who use the clients
    #[arg(long)]
    pub(crate) accept_breaking: bool,
}

pub(crate) async fn run(workspace: &Workspace, order: &Order) -> Outcome {
    run_within(workspace, order, &Limits::default()).await
}

async fn run_within(workspace: &Workspace, order: &Order, limits: &Limits) -> Outcome {
    let files = match prepare(workspace, order, limits).await {
        Ok(files) => files,
        Err(Failure::Breaking(problem)) => return Err(Failure::Breaking(problem)),
        Err(failure) => return Err(Failure::Other(format!("{failure}; nothing was changed"))),
    };
    if files.is_empty() {
        say("Nothing to do.");
        return Ok(());
    }
    write_all_and_say(&files)?;
    say(
        "Next: `git diff specs`, `cargo xtask operations --write`, `cargo xtask losses --write`, `cargo xtask check`, `cargo test --workspace`.",
    );
    Ok(())
}

/// Fetches and reviews, and returns the files to write.
async fn prepare(
    workspace: &Workspace,
    order: &Order,
    limits: &Limits,
) -> Result<Vec<(PathBuf, Vec<u8>)>, Failure> {
    let before = lock::load_or_empty(workspace)?;
    let mut arrivals = Vec::new();
    for (service, source) in source::plan(order.from.as_deref(), order.live, order.only.as_deref())?
    {
        say(format_args!("{}: fetching {source}", service.name));
        let present = Present::of(workspace, service, &before)?;
        let known = present.validators(&source);
        match get(&source, &known, limits).await? {
            Some(served) => arrivals.push(Arrival::of(workspace, &source, served, present)?),
            None => say(format_args!("{}: unchanged", service.name)),
        }
    }
    let mut lock = before.clone();
    let mut files = Vec::new();
    let mut breaking = Vec::new();
    for arrival in arrivals {
        let service = arrival.present.service;
        if arrival.report(workspace, order.accept_breaking)? {
            breaking.push(service.name);
        }
        lock.insert(service.name.to_owned(), arrival.entry);
        if arrival.present.bytes.as_ref() != Some(&arrival.bytes) {
            files.push((workspace.document(service), arrival.bytes));
        }
    }
    if !breaking.is_empty() {
        let names = breaking.join(" and ");
        if !order.accept_breaking {
            return Err(Failure::Breaking(format!(
                "{names}: the change above breaks those who use the client; nothing was written. If it shall come \
                 all the same, run the same command with --accept-breaking"
            )));
        }
        say(format_args!("{names}: breaking, and accepted"));
    }
    // The lock comes last: should the machine stop in between, the documents do not fit it, which
    // `check` says and the next fetch puts right.
    if lock != before {
        files.push((workspace.lock(), lock::to_bytes(&lock)?));
    }
    Ok(files)
}

/// Gets a document, or nothing if it is still what `known` describes.
async fn get(
    source: &Source,
    known: &Validators,
    limits: &Limits,
) -> Result<Option<Served>, Failure> {
    match source {
        Source::Url(url) => download::get(url, known, limits).await,
        Source::File(path) => Ok(Some(Served {
            bytes: read_document(path).map_err(|problem| {
                Failure::Other(format!(
                    "{}: cannot be read: {problem}; check what --from names",
                    path.display()
                ))
            })?,
            validators: Validators::default(),
        })),
    }
}

/// What `specs/` holds of a service.
#[derive(Debug)]
struct Present {
    service: Service,
    bytes: Option<Vec<u8>>,
    entry: Option<Entry>,
}

impl Present {
    fn of(workspace: &Workspace, service: Service, lock: &Lock) -> Result<Self, Failure> {
        let path = workspace.document(service);
        let bytes = if path.exists() {
            Some(read(&path)?)
        } else {
            None
        };
        let entry = lock.get(service.name).cloned();
        Ok(Self {
            service,
            bytes,
            entry,
        })
    }

    fn is_as_locked(&self) -> bool {
        match (&self.bytes, &self.entry) {
            (Some(bytes), Some(entry)) => lock::sha256(bytes) == entry.sha256_stored,
            _ => false,
        }
    }

    /// What the server at `source` can tell by whether the document has changed. Nothing, if the document
    /// did not come from there for certain, or is no longer what came: "not modified" would then keep what
    /// is here.
    fn validators(&self, source: &Source) -> Validators {
        let is_from =
            |entry: &Entry| source.is_named_in_full() && entry.origin == source.to_string();
        match &self.entry {
            Some(entry) if is_from(entry) && self.is_as_locked() => entry.validators(),
            _ => Validators::default(),
        }
    }

    /// Whether nobody has fetched a document of this service yet: the one that is here was written by hand.
    fn is_written(&self) -> bool {
        self.entry
            .as_ref()
            .is_some_and(|entry| entry.origin == lock::WRITTEN)
    }
}

/// A sound document that came.
#[derive(Debug)]
struct Arrival {
    present: Present,
    document: Document,
    /// What is stored of it.
    bytes: Vec<u8>,
    entry: Entry,
}

impl Arrival {
    /// Checks that a client can be generated from what was served.
    fn of(
        workspace: &Workspace,
        source: &Source,
        served: Served,
        present: Present,
    ) -> Result<Self, Failure> {
        let document = Document::from_json(&source.to_string(), &served.bytes)?;
        let bytes = canonical(&document)?;
        let service = present.service;
        let pipeline = Pipeline::run(document.clone(), &workspace.overlay(service)?)?;
        generate_items(&pipeline.lowered, &service.crate_name())?;
        for warning in &pipeline.warnings {
            // It quotes the document.
            say(format_args!("{}: {}", service.name, one_line(warning)));
        }
        let mut entry = Entry {
            origin: source.to_string(),
            etag: served.validators.etag,
            last_modified: served.validators.last_modified,
            sha256_served: lock::sha256(&served.bytes),
            sha256_stored: lock::sha256(&bytes),
            version: document.version().to_owned(),
            date: lock::today(),
        };
        // A date that moved with every fetch would be a difference without a change.
        if let Some(known) = &present.entry
            && known.origin == entry.origin
            && known.sha256_stored == entry.sha256_stored
        {
            entry.date.clone_from(&known.date);
        }
        Ok(Self {
            present,
            document,
            bytes,
            entry,
        })
    }

    /// Says what changes, and returns whether somebody has to accept it.
    fn report(&self, workspace: &Workspace, accepted: bool) -> Result<bool, Failure> {
        let name = self.present.service.name;
        let Some(old) = &self.present.bytes else {
            say(format_args!("{name}: new"));
            return Ok(false);
        };
        if *old == self.bytes {
            say(format_args!("{name}: unchanged"));
            return Ok(false);
        }
        let written = self.present.is_written();
        if written {
            say(format_args!(
                "{name}: takes the place of the document that was {}, whatever differs",
                lock::WRITTEN
            ));
        } else if !self.present.is_as_locked() {
            say(format_args!(
                "{name}: the stored document was edited since it was fetched; the edit goes with it"
            ));
        }
        match self.review(workspace, old) {
            Ok(review) if review.is_unchanged() => {
                say(format_args!("{name}: written differently, the same API"));
                Ok(false)
            }
            Ok(review) => {
                say(format_args!("{name}: changed"));
                say(review.text().trim_end());
                Ok(review.is_breaking() && !written)
            }
            // Nobody can say that it breaks nothing.
            Err(failure) if !written && !accepted => Err(Failure::Other(format!(
                "{name}: the stored document cannot be compared with the new one: {failure}; restore it (`git \
                 checkout specs`), or take the new one as it is with --accept-breaking"
            ))),
            Err(failure) => {
                say(format_args!(
                    "{name}: changed, and cannot be compared with the stored document: {}",
                    one_line(&failure.to_string())
                ));
                Ok(false)
            }
        }
    }

    fn review(&self, workspace: &Workspace, old: &[u8]) -> Result<Review, Failure> {
        let service = self.present.service;
        let path = workspace.document(service);
        let old = Document::from_json(&path.display().to_string(), old)?;
        Review::of(workspace, service, &old, &self.document)
    }
}

/// The form in which documents are stored: one value on each line, so that a difference shows what
/// has changed. Keys stay in the order in which they were served: people read a document in the
/// order that its authors chose, and sorting would tear an operation's parts from each other. A
/// server that shuffles its keys makes noise in the difference, but none in the review.
fn canonical(document: &Document) -> Result<Vec<u8>, Failure> {
    let mut bytes = serde_json::to_vec_pretty(document.root())
        .map_err(|error| Failure::Other(error.to_string()))?;
    bytes.push(b'\n');
    Ok(bytes)
}
