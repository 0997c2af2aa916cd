//! What was held against what already: schemas lead back to themselves, and to one value by many ways.

use crate::request::field_error::FieldError;
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

/// So many schemas inside of each other are walked through at most, or the stack would not hold them.
const DEEPEST: usize = 400;

/// So often a value is explained again by a schema that it was explained by before. Two ways to one value are
/// four to one inside of it: what is told in full by each way has no end.
const MOST_REPEATS: usize = 1000;

/// A schema of the document and a value, by where they are: neither moves while it is explained.
type Pair = (*const Value, *const Value);

enum Verdict {
    /// It is being looked for.
    Open,
    Fits,
    /// It does not fit: one thing that is wrong with it, at a place within the value.
    Fails(Box<FieldError>),
}

#[derive(Default)]
pub(super) struct Seen {
    verdicts: RefCell<HashMap<Pair, Verdict>>,
    depth: Cell<usize>,
    repeats: Cell<usize>,
}

/// What to do where a value meets a schema.
pub(super) enum Meeting {
    /// Hold the one against the other.
    First,
    /// Nothing: there is nothing to say, or it is about to be said.
    Settled,
    /// Say this alone.
    Told(Box<FieldError>),
}

impl Seen {
    /// Begins to hold a value against a schema, which is a pair unless it stands where no reference leads.
    pub(super) fn meet(&self, pair: Option<Pair>, loc: &[Value]) -> Meeting {
        if self.depth.get() == DEEPEST {
            return Meeting::Settled;
        }
        if let Some(pair) = pair {
            let mut verdicts = self.verdicts.borrow_mut();
            match verdicts.get(&pair) {
                Some(Verdict::Open | Verdict::Fits) => return Meeting::Settled,
                Some(Verdict::Fails(error)) if self.repeats.get() == MOST_REPEATS => {
                    let mut error = error.clone();
                    error.loc.splice(..0, loc.iter().cloned());
                    return Meeting::Told(error);
                }
                Some(Verdict::Fails(_)) => self.repeats.set(self.repeats.get() + 1),
                None => {}
            }
            verdicts.insert(pair, Verdict::Open);
        }
        self.depth.set(self.depth.get() + 1);
        Meeting::First
    }

    /// Ends what [`Self::meet`] began: this is what is wrong, at this place.
    pub(super) fn part(&self, pair: Option<Pair>, errors: &[FieldError], loc: &[Value]) {
        self.depth.set(self.depth.get() - 1);
        let Some(pair) = pair else {
            return;
        };
        let verdict = errors.first().map_or(Verdict::Fits, |error| {
            let mut error = error.clone();
            error.loc.drain(..loc.len());
            Verdict::Fails(Box::new(error))
        });
        self.verdicts.borrow_mut().insert(pair, verdict);
    }
}
