//! Lists at and around the lengths of both documents.

use super::{Sampler, sample};
use crate::conjunction::{self, BEYOND, item};
use crate::form::Schema;
use crate::instance::Instance;
use std::collections::BTreeSet;

/// The longest list that is made.
const LONGEST: u64 = 300;

/// Where the items that `contains` asks for are put.
#[derive(Clone, Copy, PartialEq)]
enum Containing {
    Nowhere,
    Everywhere,
    ByTurns,
}

impl<'a> Sampler<'a, '_> {
    pub(super) fn lists(&self) -> Vec<Instance> {
        if self.depth > 6 {
            return vec![Instance::list(Vec::new())];
        }
        let contained: Vec<Schema<'a>> = self
            .parts
            .iter()
            .filter_map(|part| Some(part.at(part.form.schema("contains")?)))
            .collect();
        let hints = self.item_hints();
        let usual = item(self.parts, BEYOND);
        let pool = sample(&usual, &hints, self.depth + 1, 8);
        let mut asked_for = Vec::new();
        if !contained.is_empty() {
            let both: Vec<Schema<'a>> =
                usual.into_iter().chain(contained.iter().copied()).collect();
            asked_for = sample(&both, &hints, self.depth + 1, 6);
        }
        let ways: &[Containing] = if contained.is_empty() {
            &[Containing::Nowhere]
        } else {
            &[
                Containing::Nowhere,
                Containing::Everywhere,
                Containing::ByTurns,
            ]
        };
        let mut lists = Vec::new();
        let sizes = self.sizes();
        for size in sizes.iter().take(if self.depth > 2 { 3 } else { 14 }) {
            for way in ways {
                lists.extend(self.list(*size, *way, &hints, &pool, &asked_for));
            }
        }
        let least = usize::try_from(conjunction::least(self.parts, "minItems")).unwrap_or(1);
        if least as u64 <= LONGEST {
            lists.extend(
                pool.iter()
                    .take(8)
                    .map(|value| vec![value.clone(); least.max(1)]),
            );
        }
        if let Some(first) = pool.first().filter(|_| !self.wants_unique()) {
            lists.push(vec![first.clone(), first.clone()]);
        }
        lists.into_iter().map(Instance::list).collect()
    }

    fn wants_unique(&self) -> bool {
        self.parts.iter().any(|part| part.form.flag("uniqueItems"))
    }

    fn item_hints(&self) -> Vec<Schema<'a>> {
        let mut hints = Vec::new();
        for hint in self.hints {
            hints.extend(hint.form.schema("items").map(|node| hint.at(node)));
            hints.extend(
                hint.form
                    .schemas("prefixItems")
                    .iter()
                    .map(|node| hint.at(*node)),
            );
            hints.extend(hint.form.schema("contains").map(|node| hint.at(node)));
        }
        hints
    }

    fn sizes(&self) -> BTreeSet<u64> {
        let least = conjunction::least(self.parts, "minItems");
        let mut sizes = BTreeSet::from([least, least.saturating_add(1), 1, 2]);
        for part in self.parts.iter().chain(self.hints) {
            for keyword in ["minItems", "maxItems", "minContains", "maxContains"] {
                if let Some(count) = part.form.count(keyword) {
                    sizes.extend([count.saturating_sub(1), count, count.saturating_add(1)]);
                }
            }
            let first = part.form.schemas("prefixItems").len() as u64;
            if first > 0 {
                sizes.extend([first, first + 1]);
            }
        }
        sizes.retain(|size| (least..=LONGEST).contains(size));
        sizes
    }

    /// One list; none if some place has no value.
    fn list(
        &self,
        size: u64,
        way: Containing,
        hints: &[Schema<'a>],
        pool: &[Instance],
        asked_for: &[Instance],
    ) -> Option<Vec<Instance>> {
        let mut list: Vec<Instance> = Vec::new();
        for index in 0..usize::try_from(size).ok()? {
            let has_own = self
                .parts
                .iter()
                .any(|part| index < part.form.schemas("prefixItems").len());
            let contains = match way {
                Containing::Nowhere => false,
                Containing::Everywhere => !has_own,
                Containing::ByTurns => index % 2 == 0,
            };
            let values = if contains && !asked_for.is_empty() {
                asked_for.to_vec()
            } else if has_own {
                sample(&item(self.parts, index), hints, self.depth + 1, 4)
            } else {
                pool.to_vec()
            };
            list.push(self.next(&list, values)?);
        }
        Some(list)
    }

    /// The first value, or the first one that the list does not hold yet.
    fn next(&self, list: &[Instance], values: Vec<Instance>) -> Option<Instance> {
        if !self.wants_unique() {
            return values.into_iter().next();
        }
        let fresh = values.iter().find(|value| !list.contains(value)).cloned();
        let number = || {
            let numbers = (0..=list.len()).map(|number| Instance::whole(number as i128));
            numbers.into_iter().find(|number| !list.contains(number))
        };
        if values.is_empty() {
            return None;
        }
        fresh.or_else(number)
    }
}
