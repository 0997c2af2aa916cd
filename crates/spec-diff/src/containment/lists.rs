//! Obligations of lists.

use super::{Answer, Checker, Problem};
use crate::conjunction::{self, BEYOND, item};
use crate::form::{Node, Part};
use crate::instance::Instance;
use crate::sample::few;

impl<'a> Checker<'a> {
    pub(super) fn list_problems(&mut self, parts: &[Part<'a>], receiver: Part<'a>) -> Vec<Problem> {
        let form = receiver.form;
        let mut problems = Vec::new();
        let least = conjunction::least(parts, "minItems");
        let most = conjunction::most(parts, "maxItems");
        if form.count("minItems").is_some_and(|taken| taken > least) {
            problems.push(Problem::new("shorter lists are not accepted"));
        }
        if let Some(taken) = form.count("maxItems")
            && most.is_none_or(|most| most > taken)
        {
            problems.push(Problem::new("longer lists are not accepted"));
        }
        let unique = parts.iter().any(|part| part.form.flag("uniqueItems"));
        if form.flag("uniqueItems") && !unique && most.is_none_or(|most| most > 1) {
            problems.push(Problem::new("repeated items are not accepted"));
        }
        let own = own_first(parts);
        let first = form.schemas("prefixItems");
        let upto = first.len().max(own);
        for index in 0..=upto {
            if most.is_some_and(|most| index as u64 >= most) {
                break;
            }
            let wanted = first.get(index).copied().or(form.schema("items"));
            let place = if index < upto { index } else { BEYOND };
            let wanted = wanted.unwrap_or(Node::Always);
            problems.extend(self.item_problem(parts, receiver, wanted, (index, place), least));
        }
        if let Some(wanted) = form.schema("contains")
            && !self.contains_what_is_wanted(parts, receiver, wanted, least)
        {
            problems.push(Problem::new("contains is not implied"));
        }
        problems.extend(self.unevaluated_item_problems(parts, receiver));
        problems
    }

    /// An item that is not taken at `index`; `place` is what the sender says about it.
    pub(super) fn item_problem(
        &mut self,
        parts: &[Part<'a>],
        receiver: Part<'a>,
        wanted: Node<'a>,
        (index, place): (usize, usize),
        least: u64,
    ) -> Option<Problem> {
        match self.contains_part(&item(parts, place), receiver.at(wanted)) {
            Answer::Yes => None,
            Answer::No(witness) => {
                let lists = padded(parts, index, &witness, least);
                Some(Problem::shown("an item is not accepted", lists))
            }
            Answer::Unknown(reason) => Some(Problem::new(reason)),
        }
    }

    fn contains_what_is_wanted(
        &mut self,
        parts: &[Part<'a>],
        receiver: Part<'a>,
        wanted: Node<'a>,
        least: u64,
    ) -> bool {
        let fewest = receiver.form.count("minContains").unwrap_or(1);
        let most = receiver.form.count("maxContains");
        let (mut enough, mut not_too_many) = (fewest == 0, most.is_none());
        for part in parts {
            let Some(own) = part.form.schema("contains") else {
                continue;
            };
            let own_fewest = part.form.count("minContains").unwrap_or(1);
            if own_fewest >= fewest
                && self
                    .contains_part(&[part.at(own)], receiver.at(wanted))
                    .is_yes()
            {
                enough = true;
            }
            if let (Some(most), Some(own_most)) = (most, part.form.count("maxContains"))
                && own_most <= most
                && self
                    .contains_part(&[receiver.at(wanted)], part.at(own))
                    .is_yes()
            {
                not_too_many = true;
            }
        }
        if !enough && least >= fewest && own_first(parts) == 0 {
            let every = self.contains_part(&item(parts, BEYOND), receiver.at(wanted));
            enough = every.is_yes();
        }
        enough && not_too_many
    }
}

/// How many items the parts speak of one by one.
pub(super) fn own_first(parts: &[Part<'_>]) -> usize {
    let counts = parts
        .iter()
        .map(|part| part.form.schemas("prefixItems").len());
    counts.max().unwrap_or(0)
}

/// Lists with a value at `index`, and something else in the other places.
fn padded(parts: &[Part<'_>], index: usize, value: &Instance, least: u64) -> Vec<Instance> {
    const MOST: usize = 64;
    let size = usize::try_from(least).unwrap_or(usize::MAX).max(index + 1);
    if size > 4000 {
        return Vec::new();
    }
    let place = |at: usize| {
        if at == index {
            return value.clone();
        }
        let others = few(&item(parts, at), 4, 3).into_iter();
        others.into_iter().next().unwrap_or_else(|| value.clone())
    };
    let mut lists = vec![Instance::list((0..size).map(place).collect())];
    if size <= MOST {
        lists.push(Instance::list(vec![value.clone(); size]));
    }
    lists
}
