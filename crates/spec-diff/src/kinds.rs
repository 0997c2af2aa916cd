//! Kinds of JSON value, as `type` tells them apart.

use crate::instance::Instance;

/// A set of kinds. A number is a whole number or a fraction, so that `integer` and `number` compare.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Kinds<'a> {
    known: u8,
    /// Names that JSON Schema does not know: no value is of such a kind.
    foreign: Vec<&'a str>,
}

/// One kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    Object = 1,
    List = 2,
    Text = 4,
    Whole = 8,
    Fraction = 16,
    Boolean = 32,
    Null = 64,
}

/// All kinds, the telling ones first.
pub(crate) const KINDS: [Kind; 7] = [
    Kind::Object,
    Kind::List,
    Kind::Text,
    Kind::Whole,
    Kind::Fraction,
    Kind::Boolean,
    Kind::Null,
];

const NUMBERS: u8 = Kind::Whole as u8 | Kind::Fraction as u8;

impl Kind {
    /// The word of `type` that takes it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::List => "array",
            Self::Text => "string",
            Self::Whole => "integer",
            Self::Fraction => "number",
            Self::Boolean => "boolean",
            Self::Null => "null",
        }
    }

    fn of_word(word: &str) -> Option<u8> {
        Some(match word {
            "object" => Self::Object as u8,
            "array" => Self::List as u8,
            "string" => Self::Text as u8,
            "integer" => Self::Whole as u8,
            "number" => NUMBERS,
            "boolean" => Self::Boolean as u8,
            "null" => Self::Null as u8,
            _ => return None,
        })
    }
}

impl<'a> Kinds<'a> {
    pub(crate) fn all() -> Self {
        Self {
            known: 127,
            foreign: Vec::new(),
        }
    }

    pub(crate) fn of(words: &[&'a str]) -> Self {
        let mut kinds = Self::default();
        for word in words {
            match Kind::of_word(word) {
                Some(bits) => kinds.known |= bits,
                None if !kinds.foreign.contains(word) => kinds.foreign.push(word),
                None => {}
            }
        }
        kinds.foreign.sort_unstable();
        kinds
    }

    pub(crate) fn has(&self, kind: Kind) -> bool {
        self.known & kind as u8 != 0
    }

    pub(crate) fn has_numbers(&self) -> bool {
        self.known & NUMBERS != 0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.known == 0 && self.foreign.is_empty()
    }

    /// No kind but this one.
    pub(crate) fn is_only(&self, kind: Kind) -> bool {
        self.known == kind as u8 && self.foreign.is_empty()
    }

    /// No kind beyond numbers.
    pub(crate) fn is_numeric(&self) -> bool {
        self.known & !NUMBERS == 0 && self.foreign.is_empty()
    }

    pub(crate) fn count(&self) -> usize {
        self.known.count_ones() as usize + self.foreign.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Kind> + '_ {
        KINDS.into_iter().filter(|kind| self.has(*kind))
    }

    /// The kinds that both have. Every name is among all kinds.
    pub(crate) fn and(&self, other: &Self) -> Self {
        let foreign = match (self.known, other.known) {
            (127, _) => other.foreign.clone(),
            (_, 127) => self.foreign.clone(),
            _ => {
                let both = self
                    .foreign
                    .iter()
                    .filter(|name| other.foreign.contains(name));
                both.copied().collect()
            }
        };
        Self {
            known: self.known & other.known,
            foreign,
        }
    }

    /// The kinds that the other one lacks.
    pub(crate) fn minus(&self, other: &Self) -> Self {
        let foreign = self
            .foreign
            .iter()
            .filter(|name| !other.foreign.contains(name));
        Self {
            known: self.known & !other.known,
            foreign: foreign.copied().collect(),
        }
    }

    /// Without one kind.
    pub(crate) fn drop(&mut self, kind: Kind) {
        self.known &= !(kind as u8);
    }

    pub(crate) fn keep_only(&mut self, kind: Kind) {
        self.known &= kind as u8;
        self.foreign.clear();
    }

    /// For a person.
    pub(crate) fn words(&self) -> String {
        let mut words: Vec<&str> = self.iter().map(Kind::word).collect();
        words.extend(&self.foreign);
        words.join("/")
    }
}

/// Whether a word of `type` takes a value.
pub(crate) fn takes(word: &str, instance: &Instance) -> bool {
    match instance {
        Instance::Null => word == "null",
        Instance::Boolean(_) => word == "boolean",
        Instance::Number(number) => word == "number" || word == "integer" && number.is_whole(),
        Instance::Text(_) => word == "string",
        Instance::List(_) => word == "array",
        Instance::Object(_) => word == "object",
    }
}
