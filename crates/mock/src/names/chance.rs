//! What is drawn for one field, and drawn again for it alike.

use std::cell::RefCell;

/// Draws for the field of a thing: the same ones for the same seed.
pub(super) struct Chance {
    seed: u64,
    random: RefCell<fastrand::Rng>,
}

impl Chance {
    /// The draws for the field `name` of thing `number`.
    pub(super) fn new(seed: u64, number: u64, name: &str) -> Self {
        let bytes = seed.to_le_bytes().into_iter().chain(number.to_le_bytes());
        // FNV-1a, which is the same on every machine.
        let mixed = bytes.chain(name.bytes());
        let mixed = mixed.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self {
            seed,
            random: RefCell::new(fastrand::Rng::with_seed(mixed)),
        }
    }

    /// The draws for what several fields of thing `number` have in common.
    pub(super) fn of_thing(&self, number: u64) -> Self {
        Self::new(self.seed, number, "")
    }

    pub(super) fn below(&self, end: u64) -> u64 {
        self.random.borrow_mut().u64(0..end)
    }

    pub(super) fn one_of<'a>(&self, texts: &[&'a str]) -> &'a str {
        texts[self.random.borrow_mut().usize(0..texts.len())]
    }

    /// So many letters and digits.
    pub(super) fn letters(&self, count: usize) -> String {
        let mut random = self.random.borrow_mut();
        (0..count).map(|_| random.alphanumeric()).collect()
    }

    /// So many digits of base 16.
    pub(super) fn digits(&self, count: usize) -> String {
        let mut random = self.random.borrow_mut();
        (0..count).map(|_| random.digit(16)).collect()
    }
}
