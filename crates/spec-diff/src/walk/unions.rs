//! Parts and alternatives: which one of the old document became which one of the new.

use super::pairs::pair_up;
use super::{Bound, Pair, Said, Walk, Worst, below};
use crate::form::{Entry, Form, Node};
use crate::json;
use serde_json::Value;

impl<'a> Walk<'_, 'a> {
    /// Changes of the parts of `allOf`.
    pub(super) fn part_changes(&mut self, pair: &Pair<'a>) -> Worst {
        let (old, new) = (
            json::list(pair.old.get("allOf")),
            json::list(pair.new.get("allOf")),
        );
        let mut worst = Worst::Nothing;
        for (from, to) in pair_up(&self.comparison.equality, old, new) {
            // The normal form knows which properties of a part do not travel.
            let part = |form: &Form<'a>, index: Option<usize>| {
                let node = *form.schemas("allOf").get(index?)?;
                Some(Form::default().with("allOf", Entry::Schemas(vec![node])))
            };
            let (old_part, new_part) = (part(pair.old_form, from), part(pair.new_form, to));
            let values = (
                from.and_then(|from| old.get(from)),
                to.and_then(|to| new.get(to)),
            );
            let index = to.or(from).unwrap_or_default();
            let pointer = format!("{}/allOf/{index}", pair.pointer);
            worst = worst.max(match values {
                (Some(old), Some(new)) => {
                    if self.comparison.equality.same(old, new) {
                        continue;
                    }
                    let answer = self.against(pair, old_part, new_part);
                    self.walk(old, new, &pointer, below(&answer, pair.bound))
                }
                (old, new) => {
                    let answer = self.against(pair, old_part, new_part);
                    let (rule, verb) = if new.is_some() {
                        ("all-of-part-added", "added")
                    } else {
                        ("all-of-part-removed", "removed")
                    };
                    let message = format!("part {} {verb}", json::show(new.or(old)));
                    self.put(pair, &answer, &Said::new(rule, pair, &pointer, message))
                }
            });
        }
        worst
    }

    /// Changes within alternatives that stayed; the list itself is judged as a whole.
    pub(super) fn alternative_changes(
        &mut self,
        pair: &Pair<'a>,
        keyword: &str,
        pointer: &str,
        bound: Bound,
    ) -> Worst {
        let values = |form: &Form<'a>| -> Vec<&'a Value> {
            let nodes = form.schemas(keyword).iter();
            let written = nodes.filter_map(|node| match node {
                Node::Written(value) => Some(*value),
                _ => None,
            });
            written.collect()
        };
        let (old, new) = (values(pair.old_form), values(pair.new_form));
        let mut worst = Worst::Nothing;
        for (from, to) in pair_up(
            &self.comparison.equality,
            old.iter().copied(),
            new.iter().copied(),
        ) {
            let (Some(from), Some(to)) = (from, to) else {
                continue;
            };
            if !self.comparison.equality.same(old[from], new[to]) {
                let pointer = format!("{pointer}/{to}");
                worst = worst.max(self.walk(old[from], new[to], &pointer, bound));
            }
        }
        worst
    }
}
