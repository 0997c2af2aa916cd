//! Texts at and around the lengths of both documents, of their patterns and formats.

use super::Sampler;
use crate::form::Part;
use crate::formats;
use crate::instance::{Instance, unique};
use std::collections::BTreeSet;

/// The longest text that is made for a length alone.
const LONGEST: u64 = 20_000;

/// The longest text that is made from a pattern's samples.
const LONGEST_OF_PATTERN: u64 = 400;

impl Sampler<'_, '_> {
    pub(super) fn texts(&self) -> Vec<Instance> {
        let (parts, hints) = (self.parts.iter(), self.hints.iter());
        // The few of a format come first: those of a pattern beside it are seldom of the format.
        let mut texts: Vec<String> = parts.clone().flat_map(of_format).collect();
        texts.extend(parts.clone().flat_map(of_pattern));
        let lengths = self.lengths();
        texts.extend(lengths.iter().map(|length| "a".repeat(to_usize(*length))));
        for hint in hints {
            texts.extend(of_pattern(hint).into_iter().take(4));
            texts.extend(of_format(hint));
        }
        let plain = [
            "", "a b", "A1!", "-", "é", "x,y", "5", " ", "<>", "~", "true",
        ];
        texts.extend(plain.map(str::to_owned));
        texts.extend(parts.flat_map(|part| stretched(&of_pattern(part), &lengths)));
        unique(texts.iter().map(|text| Instance::text(text)).collect())
    }

    /// The lengths worth trying, within what the parts allow.
    fn lengths(&self) -> BTreeSet<u64> {
        let least = crate::conjunction::least(self.parts, "minLength");
        let most = crate::conjunction::most(self.parts, "maxLength").unwrap_or(LONGEST);
        let mut lengths = BTreeSet::from([least, least.saturating_add(1), most]);
        for part in self.parts.iter().chain(self.hints) {
            for keyword in ["minLength", "maxLength"] {
                if let Some(length) = part.form.count(keyword) {
                    lengths.extend([length.saturating_sub(1), length, length.saturating_add(1)]);
                }
            }
        }
        lengths.retain(|length| (least..=most.min(LONGEST)).contains(length));
        lengths
    }
}

fn of_format(part: &Part<'_>) -> Vec<String> {
    let format = part.form.text("format");
    let samples = format.map_or(&[][..], formats::samples);
    samples.iter().map(ToString::to_string).collect()
}

fn of_pattern(part: &Part<'_>) -> Vec<String> {
    let pattern = part.form.text("pattern");
    pattern.map_or_else(Vec::new, |pattern| {
        part.side.workshop.patterns.samples(pattern)
    })
}

/// Samples of a pattern, repeated up to a length.
fn stretched(samples: &[String], lengths: &BTreeSet<u64>) -> Vec<String> {
    let mut texts = Vec::new();
    for length in lengths
        .iter()
        .filter(|length| **length <= LONGEST_OF_PATTERN)
    {
        let length = to_usize(*length);
        for sample in samples.iter().take(6) {
            if !sample.is_empty() && sample.chars().count() < length {
                texts.push(sample.chars().cycle().take(length).collect());
            }
        }
    }
    texts
}

fn to_usize(length: u64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}
