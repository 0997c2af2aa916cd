//! What was decided, and what is assumed while it is decided.
//!
//! A schema may refer to itself, so a question comes up again while it is answered. It is then taken
//! for a yes, if the value was entered in between. A yes that leaned on such an assumption waits
//! until the assumption is settled, and stands or falls with it.

use super::Answer;
use crate::form::Schema;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// A question, by where its schemas lie.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    conditional: bool,
    senders: Vec<(usize, usize)>,
    receiver: (usize, usize),
}

impl Key {
    pub(super) fn new(conditional: bool, senders: &[Schema<'_>], receiver: Schema<'_>) -> Self {
        let address = |schema: &Schema<'_>| {
            let side = std::ptr::from_ref(schema.side) as usize;
            (side, schema.normal().address())
        };
        let mut senders: Vec<_> = senders.iter().map(address).collect();
        senders.sort_unstable();
        senders.dedup();
        Self {
            conditional,
            senders,
            receiver: address(&receiver),
        }
    }
}

type Keys = HashSet<Rc<Key>>;

#[derive(Default)]
pub(super) struct Memory {
    decided: HashMap<Rc<Key>, Answer>,
    /// Questions that are being answered, and how deep in the value each one came up.
    assumed: HashMap<Rc<Key>, usize>,
    /// Assumptions that the answer at work has used.
    leaned: Keys,
    /// Proved, given assumptions that are still open.
    pending: HashMap<Rc<Key>, Keys>,
    /// What waits for an open assumption.
    waiting: HashMap<Rc<Key>, Keys>,
}

impl Memory {
    /// Whether no question is open.
    pub(super) fn is_idle(&self) -> bool {
        self.assumed.is_empty()
    }

    /// What is known or assumed.
    pub(super) fn recall(&mut self, key: &Rc<Key>, level: usize) -> Option<Answer> {
        if let Some(answer) = self.decided.get(key) {
            return Some(answer.clone());
        }
        if let Some(assumptions) = self.pending.get(key) {
            self.leaned.extend(assumptions.iter().cloned());
            return Some(Answer::Yes);
        }
        let since = *self.assumed.get(key)?;
        self.leaned.insert(Rc::clone(key));
        Some(if level > since {
            Answer::Yes
        } else {
            Answer::unknown("a schema that refers to itself without a step into the value")
        })
    }

    /// Opens a question. Returns what the one around it has leaned on so far.
    pub(super) fn assume(&mut self, key: &Rc<Key>, level: usize) -> Leaned {
        self.assumed.insert(Rc::clone(key), level);
        Leaned(std::mem::take(&mut self.leaned))
    }

    /// Closes a question, and settles what waited for it.
    pub(super) fn settle(&mut self, key: &Rc<Key>, answer: &Answer, keep: bool, outer: Leaned) {
        self.assumed.remove(key);
        self.leaned.remove(key);
        if answer.is_yes() && !self.leaned.is_empty() {
            self.wait(Rc::clone(key), self.leaned.clone());
        } else if keep {
            self.decided.insert(Rc::clone(key), answer.clone());
        }
        for waiting in self.waiting.remove(key).unwrap_or_default() {
            let depends = self.pending.get(&waiting);
            if !depends.is_some_and(|depends| depends.contains(key)) {
                continue;
            }
            let mut rest = self.pending.remove(&waiting).unwrap_or_default();
            if !answer.is_yes() {
                continue;
            }
            rest.remove(key);
            rest.extend(self.leaned.iter().cloned());
            if rest.is_empty() {
                self.decided.insert(waiting, Answer::Yes);
            } else {
                self.wait(waiting, rest);
            }
        }
        self.leaned.extend(outer.0);
    }

    fn wait(&mut self, key: Rc<Key>, assumptions: Keys) {
        for assumption in &assumptions {
            let waiting = self.waiting.entry(Rc::clone(assumption)).or_default();
            waiting.insert(Rc::clone(&key));
        }
        self.pending.insert(key, assumptions);
    }
}

/// The assumptions that a question had used before another one was opened within it.
pub(super) struct Leaned(Keys);
