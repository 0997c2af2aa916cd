//! What is different between two clients, and whether code that was written against the one stops compiling
//! against the other.
//!
//! Everything is judged by what such code may do: name every item, write every literal that it can,
//! match every enum that it can to the end, call every function with exactly what it asks for. So an
//! item that is called something else breaks code, even if the service answers as before.

mod difference;
mod index;
mod renames;
#[cfg(test)]
mod tests;

use crate::rust_items::{Item, Kind, Struct, Surface, Variant, text};
use difference::{Difference, between, converted, replaces};
use index::Index;
use std::collections::{BTreeMap, BTreeSet};

/// One difference between two clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RustChange {
    /// The item by its path: the old one, unless the item is new.
    pub(crate) item: String,
    /// Items of other names that share its fate: the builder of a removed operation, say.
    pub(crate) also: Vec<String>,
    pub(crate) kind: ChangeKind,
    pub(crate) breaking: bool,
    /// The difference in a few words, without the item.
    pub(crate) message: String,
    pub(crate) scope: Scope,
    /// The method that code calls the operation with, where it belongs to one: `list_apps`.
    pub(crate) method: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ChangeKind {
    /// Gone under its name, even if it is known what it is called now.
    Removed,
    Added,
    Changed,
}

/// The part of the client that a change belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    /// The name of the operation's builder: `AppsListApps`.
    Operation(String),
    /// The name of the component's type.
    Component(String),
    /// Neither: the client as a whole.
    Client,
}

/// What is different in `new`: breaking changes first, each kind in the order of the items.
pub(crate) fn compare(old: &Surface, new: &Surface) -> Vec<RustChange> {
    let new_names = renames::find(old, new);
    let renamed = old.renamed(&new_names);
    let before = Index::of(old);
    let comparison = Comparison {
        old: Index::of(&renamed),
        new: Index::of(new),
        gone: types_only_in(&renamed, new),
        come: types_only_in(new, &renamed),
        old_names: new_names
            .iter()
            .map(|(old, new)| (new.clone(), old.clone()))
            .collect(),
    };
    let mut changes = renames_told(&before, &new_names);
    let found = merged(comparison.changes()).into_iter();
    changes.extend(found.map(|found| {
        let (scope, method) = if found.kind == ChangeKind::Added {
            comparison.new.place(&found.item)
        } else {
            before.place(&found.item)
        };
        RustChange {
            item: found.item,
            also: found.also,
            kind: found.kind,
            breaking: found.breaking,
            message: found.message,
            scope,
            method,
        }
    }));
    changes.sort_by_cached_key(|change| (!change.breaking, change.item.clone()));
    changes
}

/// The types of one surface that the other does not have.
fn types_only_in(surface: &Surface, other: &Surface) -> BTreeSet<String> {
    let items = surface.items.iter();
    items
        .filter(|(path, item)| item.kind.is_type() && !other.items.contains_key(*path))
        .map(|(path, _)| path.clone())
        .collect()
}

/// One change for each item that is called something else, with what is renamed along with it.
fn renames_told(old: &Index<'_>, renames: &BTreeMap<String, String>) -> Vec<RustChange> {
    let parent = |path: &str| {
        let parent = old.surface.items.get(path)?.parent.as_ref();
        parent.filter(|parent| renames.contains_key(*parent))
    };
    // Some names are guesses, such as that of a type's builder: the client may have no such item.
    let is_head = |path: &str| old.surface.items.contains_key(path) && parent(path).is_none();
    let heads = renames.iter().filter(|(path, _)| is_head(path));
    heads
        .map(|(path, new)| {
            let along = old.parts(path).iter();
            let along = along.filter(|path| renames.contains_key(**path));
            let (scope, method) = old.place(path);
            RustChange {
                item: path.clone(),
                also: along.map(|path| (*path).to_owned()).collect(),
                kind: ChangeKind::Removed,
                breaking: true,
                message: format!("renamed to `{new}`"),
                scope,
                method,
            }
        })
        .collect()
}

/// A change, before it is known where it belongs.
struct Found {
    item: String,
    also: Vec<String>,
    kind: ChangeKind,
    breaking: bool,
    message: String,
}

/// Two surfaces, the old one with the names that its items have now.
struct Comparison<'a> {
    old: Index<'a>,
    new: Index<'a>,
    /// The types that are not there any more, and those that were not there before.
    gone: BTreeSet<String>,
    come: BTreeSet<String>,
    /// The old names of what is called something else, by the new ones.
    old_names: BTreeMap<String, String>,
}

impl Comparison<'_> {
    fn changes(&self) -> Vec<Found> {
        let mut found = Vec::new();
        for (path, item) in &self.old.surface.items {
            let change = match self.new.surface.items.get(path) {
                Some(after) => self.changed(path, item, after),
                None => self.removed(path, item),
            };
            found.extend(change);
        }
        for (path, item) in &self.new.surface.items {
            if !self.old.surface.items.contains_key(path) {
                found.extend(self.added(path, item));
            }
        }
        found
    }

    fn changed(&self, path: &str, old: &Item, new: &Item) -> Option<Found> {
        let difference = between(&old.kind, &new.kind)?;
        if self.is_hidden(self.old.surface, path, self.new.surface)
            || self.is_explained(&old.kind, &new.kind)
        {
            return None;
        }
        let Difference { breaking, message } = difference;
        Some(Found {
            item: text::renamed(path, &self.old_names),
            also: Vec::new(),
            kind: ChangeKind::Changed,
            breaking,
            message,
        })
    }

    fn removed(&self, path: &str, item: &Item) -> Option<Found> {
        let is_consequence =
            matches!(item.kind, Kind::Impl(_)) && mentions_any(&item.kind, &self.gone);
        if is_consequence || self.is_hidden(self.old.surface, path, self.new.surface) {
            return None;
        }
        let also = along(&self.old, path, self.new.surface);
        Some(Found {
            item: text::renamed(path, &self.old_names),
            also: also
                .iter()
                .map(|path| text::renamed(path, &self.old_names))
                .collect(),
            kind: ChangeKind::Removed,
            breaking: true,
            message: format!("{} removed", noun(&self.old, path, item)),
        })
    }

    fn added(&self, path: &str, item: &Item) -> Option<Found> {
        let is_consequence =
            matches!(item.kind, Kind::Impl(_)) && mentions_any(&item.kind, &self.come);
        if is_consequence || self.is_hidden(self.new.surface, path, self.old.surface) {
            return None;
        }
        let parent = item
            .parent
            .as_ref()
            .and_then(|parent| self.old.surface.items.get(parent));
        let breaks = match (&item.kind, parent.map(|parent| &parent.kind)) {
            (
                Kind::Field(_),
                Some(
                    Kind::Struct(Struct { literal: true, .. })
                    | Kind::Variant(Variant { literal: true, .. }),
                ),
            ) => Some("a literal or pattern with all other fields is not complete any more"),
            (Kind::Variant(_), Some(Kind::Enum(parent))) if parent.exhaustive => {
                Some("a `match` with all other variants is not complete any more")
            }
            (Kind::Function(function), Some(_)) if function.required => {
                Some("a call without it cannot be sent any more")
            }
            _ => None,
        };
        let noun = noun(&self.new, path, item);
        Some(Found {
            item: path.to_owned(),
            also: along(&self.new, path, self.old.surface),
            kind: ChangeKind::Added,
            breaking: breaks.is_some(),
            message: match breaks {
                Some(why) => format!("{noun} added: {why}"),
                None => format!("{noun} added"),
            },
        })
    }

    /// Whether something that the item is part of has come or gone as a whole.
    fn is_hidden(&self, surface: &Surface, path: &str, other: &Surface) -> bool {
        let parent = |path: &str| surface.items.get(path)?.parent.clone();
        std::iter::successors(parent(path), |path| parent(path)).any(|path| {
            match (
                self.old.surface.items.get(&path),
                self.new.surface.items.get(&path),
            ) {
                (Some(old), Some(new)) => replaces(&old.kind, &new.kind),
                _ => !other.items.contains_key(&path),
            }
        })
    }

    /// Whether the only difference is that a type has come in the place of one that is gone, which is
    /// said of that type.
    fn is_explained(&self, old: &Kind, new: &Kind) -> bool {
        let (before, after) = (text::paths(&old.texts()), text::paths(&new.texts()));
        let pairs = before.into_iter().zip(after);
        let places: BTreeMap<String, String> = pairs
            .filter(|(before, after)| self.gone.contains(before) && self.come.contains(after))
            .collect();
        let replaced = old.mapped(|text| text::renamed(text, &places));
        !places.is_empty() && between(&replaced, new).is_none()
    }
}

fn mentions_any(kind: &Kind, types: &BTreeSet<String>) -> bool {
    let paths = text::paths(&kind.texts());
    paths.iter().any(|path| types.contains(path))
}

/// The parts of an item that come and go with it and have paths of their own, not below its path.
fn along(index: &Index<'_>, path: &str, other: &Surface) -> Vec<String> {
    let within = format!("{path}::");
    let is_along = |part: &&&str| {
        let item = index.surface.items.get(**part);
        item.is_some_and(|item| !matches!(item.kind, Kind::Impl(_)))
            && !part.starts_with(&within)
            && !other.items.contains_key(**part)
    };
    let parts = index.parts(path).iter().filter(is_along);
    parts.map(|part| (*part).to_owned()).collect()
}

/// What a person calls an item.
fn noun(index: &Index<'_>, path: &str, item: &Item) -> &'static str {
    let is_operation = index.is_operation(path);
    match &item.kind {
        Kind::Function(_) if is_operation => "operation",
        Kind::Function(function) if item.parent.is_some() => {
            if path.starts_with("builder::") && converted(function).is_some() {
                "argument"
            } else {
                "method"
            }
        }
        kind if path.starts_with("handles::") && kind.is_type() => "handle",
        kind if path.starts_with("types::") && kind.is_type() => "type",
        kind => kind.noun(),
    }
}

/// The changes without those that follow from another: what happens to a field happens to the method of its
/// type's builder.
fn merged(found: Vec<Found>) -> Vec<Found> {
    let kinds: BTreeMap<String, ChangeKind> = found
        .iter()
        .map(|found| (field_path(&found.item).to_owned(), found.kind))
        .collect();
    let field_of = |found: &Found| {
        let own = found.item.strip_prefix("types::builder::")?;
        let field = format!("types::{own}");
        (own.contains("::") && kinds.get(&field) == Some(&found.kind)).then_some(field)
    };
    let (setters, mut others): (Vec<Found>, Vec<Found>) = found
        .into_iter()
        .partition(|found| field_of(found).is_some());
    let places = others.iter().enumerate().rev();
    let places: BTreeMap<String, usize> = places
        .map(|(place, other)| (field_path(&other.item).to_owned(), place))
        .collect();
    for setter in setters {
        let place = field_of(&setter).and_then(|field| places.get(&field));
        if let Some(other) = place.and_then(|place| others.get_mut(*place)) {
            other.also.push(setter.item);
        }
    }
    others
}

/// The path of a field, as it would be if no method had the same name.
fn field_path(path: &str) -> &str {
    path.strip_suffix(" (field)").unwrap_or(path)
}
