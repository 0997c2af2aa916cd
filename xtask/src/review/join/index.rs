//! The entries of a report by the places and words that they speak of.

use super::Place;
use crate::review::Entry;
use crate::route;
use crate::rust_changes::RustChange;
use crate::rust_items::text::last;
use imperal_build_support::pointer;
use std::collections::{BTreeMap, HashMap};

/// Rules of entries about a place as a whole.
const WHOLE: [&str; 6] = [
    "operation-added",
    "operation-removed",
    "operation-id-changed",
    "operation-tags-changed",
    "component-added",
    "component-removed",
];

/// Entries by their places.
pub(super) struct Index(BTreeMap<Place, Entries>);

/// The entries of one place, by their numbers.
#[derive(Default)]
struct Entries {
    /// The first that speaks of a word.
    by_word: HashMap<String, usize>,
    /// The first about the place as a whole.
    whole: Option<usize>,
}

impl Index {
    pub(super) fn of(entries: &[Entry]) -> Self {
        let mut places: BTreeMap<Place, Entries> = BTreeMap::new();
        for (number, entry) in entries.iter().enumerate() {
            let words: Vec<String> = words(entry).collect();
            for place in places_of(entry) {
                let found = places.entry(place).or_default();
                for word in &words {
                    if !found.by_word.contains_key(word) {
                        found.by_word.insert(word.clone(), number);
                    }
                }
                if found.whole.is_none() && WHOLE.contains(&entry.rule.as_str()) {
                    found.whole = Some(number);
                }
            }
        }
        Self(places)
    }

    /// The entry of a place that explains a change of the client: one that speaks of the item's name, or
    /// else one about the place as a whole.
    pub(super) fn entry_for(&self, place: &Place, change: &RustChange) -> Option<usize> {
        let entries = self.0.get(place)?;
        let name = change.item.split(" (").next().unwrap_or_default();
        let name = plain(last(name));
        entries.by_word.get(&name).copied().or(entries.whole)
    }
}

/// The operations that an entry is about, and the component.
fn places_of(entry: &Entry) -> impl Iterator<Item = Place> {
    let operations = entry.operation.iter().chain(&entry.also);
    let operations = operations.map(|operation| Place::Operation(route::without_names(operation)));
    let rest = entry.pointer.strip_prefix("/components/schemas/");
    let component = rest.and_then(|rest| rest.split('/').next());
    let component = component.map(|component| Place::Component(pointer::unescape(component)));
    operations.chain(component)
}

/// What an entry speaks of: the words of its message, and the last steps of the pointer to its place, but for the
/// path of an operation, which is no name of anything.
fn words(entry: &Entry) -> impl Iterator<Item = String> {
    let steps = entry.pointer.rsplit('/').take(3);
    let steps = steps.filter(|step| !step.starts_with("~1"));
    let message = entry.message.split(' ').map(str::to_owned);
    let words = steps.map(pointer::unescape).chain(message);
    let words = words.map(|word| plain(word.rsplit(':').next().unwrap_or_default()));
    words.filter(|word| !word.is_empty())
}

/// A name without what its spellings differ in.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}
