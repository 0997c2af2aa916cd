//! Tokens that are remembered without being kept.

use crate::Secret;
use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};

/// A set of tokens, of which only the hashes are in memory: enough to know one again, and of no use to anybody
/// who reads them. The oldest is forgotten when there are too many.
#[derive(Default)]
pub(super) struct TokenHashes {
    hasher: RandomState,
    hashes: VecDeque<u64>,
}

/// Far more than a store falls behind.
const KEPT: usize = 64;

impl TokenHashes {
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
        let mut tokens = TokenHashes::default();
        let token = |number: usize| Secret::from(format!("token-{number}"));
        for number in 0..1000 {
            tokens.add(&token(number));
            tokens.add(&token(number));
        }
        assert!((1000 - KEPT..1000).all(|number| tokens.contains(&token(number))));
        assert!(!tokens.contains(&token(0)) && !tokens.contains(&token(1000)));
        assert_eq!(tokens.hashes.len(), KEPT);
    }
}
