//! What is looked for in a file to find the uses of an item.

use super::words::{Before, Source, Word};
use crate::rust_changes::{ChangeKind, RustChange};
use crate::rust_items::text::{base, last, paths};

/// Words that use an item.
pub(super) struct Target {
    name: String,
    how: How,
    /// Words that all have to be in the same file, in whatever style of names.
    with: Vec<String>,
}

/// How a word has to stand to be a use.
enum How {
    /// In any way.
    Any,
    /// Behind a dot or in a path: a method.
    Called,
    /// Behind a dot or in a path, or as a field in a literal or pattern of this type or variant.
    Read(String),
    /// In a path.
    InPath,
    /// Before the braces of a literal or pattern that names each field.
    Complete,
}

/// What to look for to find the uses of a change's items. What comes along with something new is new itself, and
/// nobody uses it yet.
pub(super) fn targets(change: &RustChange) -> Vec<Target> {
    let is_added = change.kind == ChangeKind::Added;
    let also = change.also.iter().filter(|_| !is_added);
    let items = std::iter::once(&change.item).chain(also);
    items.filter_map(|item| target(item, change)).collect()
}

fn target(item: &str, change: &RustChange) -> Option<Target> {
    let named = |name: &str, how: How, with: &[&str]| {
        Some(Target {
            name: name.to_owned(),
            how,
            with: with.iter().map(|word| (*word).to_owned()).collect(),
        })
    };
    if let Some(implementation) = item.strip_prefix("impl ") {
        return of_trait(implementation);
    }
    let item = item.strip_suffix(" (field)").unwrap_or(item);
    let parts: Vec<&str> = item.split("::").collect();
    let is_added = change.kind == ChangeKind::Added;
    match parts.as_slice() {
        ["types", "builder", _, setter] => named(setter, How::Called, &[]),
        ["types", "builder" | "error", name] => named(name, How::Any, &[]),
        ["types", owner, _] if is_added && is_lower(item) => named(owner, How::Complete, &[]),
        // Whoever matches on an enum names it.
        ["types", owner, _] if is_added => named(owner, How::Any, &[]),
        ["types", _, variant, _] if is_added => named(variant, How::Complete, &[]),
        ["types", owner, field] if is_lower(item) => {
            named(field, How::Read((*owner).to_owned()), &[])
        }
        ["types", owner, variant] => named(variant, How::InPath, &[*owner]),
        ["types", owner, variant, field] => {
            named(field, How::Read((*variant).to_owned()), &[*owner])
        }
        ["builder", _, argument] => {
            let with: Vec<&str> = change.method.as_deref().into_iter().collect();
            named(argument, How::Called, &with)
        }
        ["handles", handle, method] => named(method, How::Called, &[*handle]),
        ["Client", method] => named(method, How::Called, &[]),
        _ => named(last(item), How::Any, &[]),
    }
}

/// An implementation is used without being named: its type is looked for, in files that have the word by which
/// the trait is used.
fn of_trait(implementation: &str) -> Option<Target> {
    let (of, target) = implementation.split_once(" for ")?;
    let mut named = paths(target).into_iter().chain(paths(of));
    let name = named.find(|path| path.starts_with("types::"))?;
    let with: &[&str] = match last(base(of)) {
        "Clone" => &["clone"],
        "Default" => &["default"],
        "Display" => &["to_string"],
        "FromStr" => &["parse"],
        _ => &[],
    };
    Some(Target {
        name: last(&name).to_owned(),
        how: How::Any,
        with: with.iter().map(|word| (*word).to_owned()).collect(),
    })
}

/// Whether the last part of a path is a field or method, not a variant, constant or type.
fn is_lower(item: &str) -> bool {
    last(item).starts_with(|c: char| !c.is_uppercase())
}

impl Target {
    /// The name of the words that may use it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The line of a word of that name, if the word uses it.
    pub(super) fn line(&self, source: &Source, number: usize) -> Option<usize> {
        let word = source.words.get(number)?;
        let is_use = self.is_use(word) && self.with.iter().all(|word| source.knows(word));
        is_use.then_some(word.line)
    }

    fn is_use(&self, word: &Word) -> bool {
        let is_called = matches!(word.before, Before::Dot | Before::Path);
        match &self.how {
            How::Any => true,
            How::Called => is_called,
            How::Read(owner) => is_called || word.field_of.as_ref() == Some(owner),
            How::InPath => matches!(word.before, Before::Path),
            How::Complete => word.is_complete && !matches!(word.before, Before::Definition),
        }
    }
}
