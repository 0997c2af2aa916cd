//! Values that answers are made of.

use crate::contract::{Contract, Operation, Place};
use crate::names::Names;
use crate::request::pairs;
use http::request::Parts;
use imperal_build_support::Instances;
use serde_json::Value;
use std::ops::Range;

/// How many items a paged list holds.
const LIST_TOTAL: u64 = 45;

/// How many items a page has where neither the request nor the document says.
const DEFAULT_SIZE: u64 = 50;

/// Things with a higher number would leave none for the items of their lists, which are numbered on from it.
const HIGHEST: u64 = u64::MAX / 2;

/// How often a value is tried, where what is plausible does not fit.
const TRIES: u64 = 20;

/// Makes the bodies of successes.
pub(crate) struct Samples<'a> {
    contract: &'a Contract,
    /// What all values are made from: the same request is answered in the same way.
    seed: u64,
}

impl<'a> Samples<'a> {
    pub(crate) const fn new(contract: &'a Contract, seed: u64) -> Self {
        Self { contract, seed }
    }

    /// The body of the answer to a request.
    pub(crate) fn asked(
        &self,
        operation: &Operation,
        parts: &Parts,
        known: &[(&str, String)],
    ) -> Result<Value, String> {
        self.value(operation, window(operation, parts), known)
    }

    /// The body of the answer to a request of which nothing is known.
    #[cfg(feature = "client")]
    pub(crate) fn any(&self, operation: &Operation) -> Result<Value, String> {
        self.value(operation, None, &[])
    }

    /// A value that fits the schema of the operation's success.
    fn value(
        &self,
        operation: &Operation,
        window: Option<Range<u64>>,
        known: &[(&str, String)],
    ) -> Result<Value, String> {
        let contract = self.contract;
        let success = contract.success(operation);
        let Some(pointer) = success.and_then(|success| success.schema) else {
            return Ok(Value::Null);
        };
        let (root, schema) = (&contract.document, contract.at(&pointer));
        let names = Names {
            seed: self.seed,
            known,
        };
        let number = known.last().map_or(1, |(_, text)| number_of(text));
        let mut plausible = Instances::plausible(root, self.seed, &names, number);
        if let Some(window) = window {
            plausible = plausible.window(window);
        }
        let any =
            (0..TRIES).map(|step| Instances::new(root, self.seed.wrapping_add(step)).make(schema));
        let values = std::iter::once(plausible.make(schema)).chain(any).flatten();
        values
            .into_iter()
            .find(|value| contract.schemas().fits(&pointer, value))
            .ok_or_else(|| format!("No value was found that fits the schema at {pointer}"))
    }
}

/// The number of the thing that is called so: `app-7` is the seventh of a list.
fn number_of(text: &str) -> u64 {
    let digits = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    let number = digits.parse::<u64>().ok();
    let number = number.filter(|number| *number <= HIGHEST);
    number.unwrap_or_else(|| {
        let sum = text
            .bytes()
            .fold(0_u64, |sum, byte| sum * 31 % 1009 + u64::from(byte));
        sum % 1000
    })
}

/// Which items of a paged list are asked for.
fn window(operation: &Operation, parts: &Parts) -> Option<Range<u64>> {
    let query = pairs(parts.uri.query().unwrap_or_default());
    let number = |name: &str, otherwise: u64| {
        let parameter = operation.parameter(Place::Query, name)?;
        let given = query.iter().find(|(own, _)| own == name);
        let given = given.and_then(|(_, text)| text.parse().ok());
        let default = parameter.default.as_ref().and_then(Value::as_u64);
        given.or(default).or(Some(otherwise))
    };
    let by_page = (number("page", 1), number("per_page", DEFAULT_SIZE));
    let by_offset = (number("offset", 0), number("limit", DEFAULT_SIZE));
    let (start, size) = match (by_page, by_offset) {
        ((Some(page), Some(size)), _) => (page.saturating_sub(1).saturating_mul(size), size),
        (_, (Some(offset), Some(size))) => (offset, size),
        _ => return None,
    };
    let clip = |index: u64| index.min(LIST_TOTAL) + 1;
    Some(clip(start)..clip(start.saturating_add(size)))
}
