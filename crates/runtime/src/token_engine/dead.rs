//! Tokens that are not sent again.

use crate::Secret;
use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};

/// The last tokens that were traded or refused. A store, or another process, may not know yet and offer
/// them again. Kept as hashes: they are of no use, and need not be in memory.
#[derive(Default)]
pub(super) struct Dead {
    hasher: RandomState,
    hashes: VecDeque<u64>,
}

/// More than a store falls behind.
const KEPT: usize = 64;

impl Dead {
    pub(super) fn contains(&self, token: &Secret) -> bool {
        self.hashes.contains(&self.hasher.hash_one(token.expose()))
    }

    pub(super) fn add(&mut self, token: &Secret) {
        if self.contains(token) {
            return;
        }
        if self.hashes.len() == KEPT {
            self.hashes.pop_front();
        }
        self.hashes.push_back(self.hasher.hash_one(token.expose()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_tokens_are_known_and_their_number_is_limited() {
        let mut dead = Dead::default();
        let token = |number: usize| Secret::from(format!("token-{number}"));
        for number in 0..1000 {
            dead.add(&token(number));
            dead.add(&token(number));
        }
        assert!((1000 - KEPT..1000).all(|number| dead.contains(&token(number))));
        assert!(!dead.contains(&token(0)) && !dead.contains(&token(1000)));
        assert_eq!(dead.hashes.len(), KEPT);
    }
}
