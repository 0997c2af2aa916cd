//! `rehearse`: whether `diff` tells the truth about code.
//!
//! A document is changed in many ways. For each change `diff` predicts whether code that uses the client stops
//! compiling, and the compiler is asked whether that is so: a program that uses each item of the old client is
//! checked against the new one.

mod compiler;
mod mutations;
#[cfg(test)]
mod tests;

use crate::rust_changes;
use crate::rust_items::Surface;
use crate::rust_probe;
use crate::workspace::{self, Service, Workspace};
use crate::{Failure, Outcome, say};
use compiler::Case;
use imperal_build_support::{Document, Overlay, Pipeline, generate};
use mutations::MUTATIONS;
use std::collections::BTreeSet;

/// How many clients the compiler is given at a time.
const BATCH: usize = 12;

/// What to change, and how often.
#[derive(Debug, clap::Args)]
pub(crate) struct Order {
    /// Only this document: auth-gateway or registry
    #[arg(long, value_name = "NAME")]
    pub(crate) only: Option<String>,
    /// Places for each kind of change
    #[arg(long, default_value_t = 3)]
    pub(crate) each: usize,
    /// Which places are picked
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

/// One changed document.
struct Trial {
    /// What was changed, and where.
    what: String,
    /// The items that are expected to break code.
    breaking: Vec<String>,
    case: Option<Case>,
}

/// How the predictions fared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Predictions that the compiler confirmed.
    pub(crate) right: usize,
    /// Of these, how many said that code breaks.
    pub(crate) right_alarms: usize,
    /// Breaks that were not predicted.
    pub(crate) missed: Vec<String>,
    /// Breaks that were predicted, and code compiles.
    pub(crate) false_alarms: Vec<String>,
    /// Changes that leave the client's source as it is.
    pub(crate) same: usize,
    /// Changes after which there is no client.
    pub(crate) refused: usize,
}

pub(crate) fn run(workspace: &Workspace, order: &Order) -> Outcome {
    let mut all = Tally::default();
    for service in workspace::named(order.only.as_deref())? {
        let tally = rehearse(workspace, service, order)?;
        say(format_args!("{}: {}", service.name, tally.line()));
        all.add(tally);
    }
    say(format_args!("all: {}", all.line()));
    for missed in &all.missed {
        say(format_args!("missed: {missed}"));
    }
    for false_alarm in &all.false_alarms {
        say(format_args!("false alarm: {false_alarm}"));
    }
    if all.is_good() {
        return Ok(());
    }
    Err(Failure::Breaking(
        "a break was missed, or more than one alarm in ten was false".to_owned(),
    ))
}

/// Changes one service's document in many ways.
pub(crate) fn rehearse(
    workspace: &Workspace,
    service: Service,
    order: &Order,
) -> Result<Tally, Failure> {
    // The overlay is part of what is changed: applied afterwards, it would take many changes back.
    let overlaid = workspace.pipeline(service)?.overlaid;
    let old = client(&overlaid)?;
    let surface = surface(&old)?;
    let mut random = fastrand::Rng::with_seed(order.seed);
    let mut tally = Tally::default();
    let mut trials = Vec::new();
    // Chance may pick a place twice.
    let mut tried = BTreeSet::new();
    for mutation in MUTATIONS {
        for _ in 0..order.each {
            let mut root = overlaid.root().clone();
            let Some(place) = (mutation.change)(&mut root, &mut random) else {
                continue;
            };
            let what = format!("{} at {place}", mutation.name);
            if !tried.insert(what.clone()) {
                continue;
            }
            match new_client(&root) {
                None => tally.refused += 1,
                Some(new) if new == old => tally.same += 1,
                Some(new) => trials.push(trial(what, &surface, new)?),
            }
        }
    }
    let program = rust_probe::write(&surface, "client");
    for batch in trials.chunks_mut(BATCH) {
        let cases: Vec<Case> = batch
            .iter_mut()
            .filter_map(|trial| trial.case.take())
            .collect();
        let outcomes = compiler::check(workspace, &program, cases)?;
        for (trial, compiles) in batch.iter().zip(outcomes) {
            tally.count(trial, compiles);
        }
    }
    Ok(tally)
}

fn trial(what: String, old: &Surface, source: String) -> Result<Trial, Failure> {
    let changes = rust_changes::compare(old, &surface(&source)?);
    let breaking = changes.into_iter().filter(|change| change.breaking);
    Ok(Trial {
        what,
        breaking: breaking
            .map(|change| format!("{}: {}", change.item, change.message))
            .collect(),
        case: Some(Case { source }),
    })
}

fn client(overlaid: &Document) -> Result<String, Failure> {
    let pipeline = Pipeline::run(overlaid.clone(), &Overlay::empty())?;
    Ok(generate(&pipeline.lowered, "client")?.source)
}

/// The client of a changed document, if it still has one.
fn new_client(root: &serde_json::Value) -> Option<String> {
    let bytes = serde_json::to_vec(root).ok()?;
    client(&Document::from_json("changed", &bytes).ok()?).ok()
}

fn surface(source: &str) -> Result<Surface, Failure> {
    let file = syn::parse_file(source);
    let surface = file.and_then(Surface::of);
    surface.map_err(|error| Failure::Other(format!("the client cannot be read: {error}")))
}

impl Tally {
    fn count(&mut self, trial: &Trial, compiles: bool) {
        match (trial.breaking.is_empty(), compiles) {
            (true, true) => self.right += 1,
            (false, false) => {
                self.right += 1;
                self.right_alarms += 1;
            }
            (true, false) => self.missed.push(trial.what.clone()),
            (false, true) => {
                let reasons = trial.breaking.iter().take(3).cloned().collect::<Vec<_>>();
                self.false_alarms
                    .push(format!("{} ({})", trial.what, reasons.join("; ")));
            }
        }
    }

    fn add(&mut self, other: Self) {
        self.right += other.right;
        self.right_alarms += other.right_alarms;
        self.missed.extend(other.missed);
        self.false_alarms.extend(other.false_alarms);
        self.same += other.same;
        self.refused += other.refused;
    }

    fn line(&self) -> String {
        let tried = self.right + self.missed.len() + self.false_alarms.len();
        format!(
            "{tried} changed clients compiled against: {} predicted rightly ({} of them break code), {} breaks missed, {} false alarms; \
             {} changes left the client as it is, {} left none",
            self.right,
            self.right_alarms,
            self.missed.len(),
            self.false_alarms.len(),
            self.same,
            self.refused
        )
    }

    /// No break was missed, and at most one alarm in ten was false.
    pub(crate) fn is_good(&self) -> bool {
        let alarms = self.right_alarms + self.false_alarms.len();
        self.missed.is_empty() && self.false_alarms.len() * 10 <= alarms
    }
}
