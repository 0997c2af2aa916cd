//! A second opinion: every witness is shown to a validator of JSON Schema, and every schema that was
//! found to be contained has to survive values that the validator judges.

use crate::evaluate::READINGS;
use crate::export::export;
use crate::form::Schema;
use crate::formats;
use crate::instance::Instance;
use crate::sample::samples;
use jsonschema::{Draft, Validator};
use serde_json::Value;
use std::collections::VecDeque;
use std::rc::Rc;

/// Schemas that are written for validators in one comparison. Each check writes everything that a
/// schema refers to, so without a limit the time would grow with the square of the document.
const BUDGET: usize = 200_000;

/// Values that a containment has to survive.
const MOST_SAMPLES: usize = 40;

/// Schemas whose validators are kept: what changed in one schema is often several things.
const MOST_KEPT: usize = 8;

pub(crate) struct Validators {
    budget: usize,
    /// The last ones, by where their schemas lie.
    kept: VecDeque<(Place, Option<Rc<Both>>)>,
}

/// A side and a normal form.
type Place = (usize, usize);

impl Default for Validators {
    fn default() -> Self {
        Self {
            budget: BUDGET,
            kept: VecDeque::new(),
        }
    }
}

/// The validators of one schema: with `oneOf` as it is written, and as a list, where that makes two.
struct Both {
    exactly: Validator,
    at_least: Option<Validator>,
}

impl Both {
    fn any_accepts(&self, value: &Value) -> bool {
        let at_least = self.at_least.as_ref();
        self.exactly.is_valid(value) || at_least.is_some_and(|validator| validator.is_valid(value))
    }

    fn is_certain_to_accept(&self, value: &Value) -> bool {
        let at_least = self.at_least.as_ref();
        self.exactly.is_valid(value) && at_least.is_none_or(|validator| validator.is_valid(value))
    }
}

impl Validators {
    /// Whether a validator finds that a value does not show what it should: that the sender allows it
    /// and the receiver refuses it. False where no validator can tell.
    pub(crate) fn contradict(
        &mut self,
        sender: Schema<'_>,
        receiver: Schema<'_>,
        value: &Value,
    ) -> bool {
        match (self.both(sender), self.both(receiver)) {
            (Some(sender), Some(receiver)) => {
                !sender.any_accepts(value) || receiver.any_accepts(value)
            }
            _ => false,
        }
    }

    /// A value of the sender that the receiver refuses, although it was found to be contained.
    pub(crate) fn leak<'a>(&mut self, sender: Schema<'a>, receiver: Schema<'a>) -> Option<Value> {
        let (sending, receiving) = (self.both(sender)?, self.both(receiver)?);
        let values = samples(&[sender], &[receiver])
            .into_iter()
            .take(MOST_SAMPLES);
        let mut values = values.map(|value| Instance::to_value(&value));
        values.find(|value| sending.is_certain_to_accept(value) && !receiving.any_accepts(value))
    }

    fn both(&mut self, schema: Schema<'_>) -> Option<Rc<Both>> {
        let side = std::ptr::from_ref(schema.side) as usize;
        let place = (side, schema.normal().address());
        if let Some((_, known)) = self.kept.iter().find(|(kept, _)| *kept == place) {
            return known.clone();
        }
        let both = self.build(schema).map(Rc::new);
        self.kept.push_front((place, both.clone()));
        self.kept.truncate(MOST_KEPT);
        both
    }

    fn build(&mut self, schema: Schema<'_>) -> Option<Both> {
        let [exactly, at_least] = READINGS.map(|one_of| export(schema, one_of, &mut self.budget));
        let (exactly, at_least) = (exactly?, at_least?);
        Some(Both {
            at_least: if exactly == at_least {
                None
            } else {
                Some(validator(&at_least)?)
            },
            exactly: validator(&exactly)?,
        })
    }
}

fn validator(schema: &Value) -> Option<Validator> {
    let mut options = jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true);
    for name in formats::of_texts() {
        options = options.with_format(name, move |text| formats::takes_text(name, text));
    }
    options.build(schema).ok()
}
