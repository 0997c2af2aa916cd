//! Which items of the client belong to which change of the document: one thing that was done is listed
//! once.

mod index;

use super::clients::{ClientChange, Clients};
use super::{Entry, Source};
use crate::route;
use crate::rust_changes::{ChangeKind, RustChange, Scope};
use imperal_spec_diff::{Change, Wire};
use index::Index;
use std::collections::BTreeMap;

/// The changes of the document with the items of the client, and the items that no change explains.
pub(super) fn entries(
    changes: Vec<Change>,
    clients: Option<Clients>,
    without_client: Source,
) -> Vec<Entry> {
    let mut entries: Vec<Entry> = changes
        .into_iter()
        .map(|change| entry(change, without_client))
        .collect();
    let Some(clients) = clients else {
        return entries;
    };
    for behaviour in &clients.behaviours {
        entries.push(Entry {
            behaviour: true,
            operation: Some(behaviour.operation.clone()),
            message: behaviour.message.clone(),
            ..Entry::about(behaviour.rule, &route::place(&behaviour.operation))
        });
    }
    let index = Index::of(&entries);
    let mut unexplained_changes: BTreeMap<Place, Vec<&ClientChange>> = BTreeMap::new();
    for change in &clients.changes {
        let place = Place::of(&change.change, &clients);
        match index
            .entry_for(&place, &change.change)
            .and_then(|index| entries.get_mut(index))
        {
            Some(entry) => entry.take(change),
            None => unexplained_changes.entry(place).or_default().push(change),
        }
    }
    for (place, changes) in unexplained_changes {
        entries.extend(unexplained(&place, &changes));
    }
    entries
}

fn entry(change: Change, source: Source) -> Entry {
    Entry {
        wire: change.wire,
        source,
        behaviour: change.behaviour,
        operation: change.operation,
        also: change.also,
        message: change.message,
        witness: change.witness,
        reason: change.reason,
        ..Entry::about(&change.rule, &change.pointer)
    }
}

impl Entry {
    /// An entry that says no more than its rule and place.
    fn about(rule: &str, pointer: &str) -> Self {
        Self {
            rule: rule.to_owned(),
            wire: Wire::None,
            source: Source::None,
            behaviour: false,
            operation: None,
            also: Vec::new(),
            pointer: pointer.to_owned(),
            message: String::new(),
            witness: None,
            reason: None,
            rust: Vec::new(),
            used_at: Vec::new(),
        }
    }

    /// Adds an item of the client that is different because of this.
    fn take(&mut self, change: &ClientChange) {
        let found = &change.change;
        self.source = self.source.max(verdict(found));
        let also = if found.also.is_empty() {
            String::new()
        } else {
            format!(" (with {})", super::entry::listed(&found.also, 3))
        };
        self.rust
            .push(format!("`{}`: {}{also}", found.item, found.message));
        self.used_at.extend(change.used_at.iter().cloned());
        self.used_at.sort();
        self.used_at.dedup();
    }
}

fn verdict(change: &RustChange) -> Source {
    if change.breaking {
        Source::Breaking
    } else {
        Source::Compatible
    }
}

/// The part of the document that a part of the client is made from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// Method and path, without the names of path parameters.
    Operation(String),
    /// The name of a component.
    Component(String),
    /// No part by itself, or one that has no name.
    Elsewhere,
}

impl Place {
    fn of(change: &RustChange, clients: &Clients) -> Self {
        match &change.scope {
            Scope::Operation(builder) => match clients.routes.get(builder) {
                Some(route) => Self::Operation(route.clone()),
                None => Self::Elsewhere,
            },
            Scope::Component(name) => match clients.components.get(name) {
                Some(component) => Self::Component(component.clone()),
                None => Self::Elsewhere,
            },
            Scope::Client => Self::Elsewhere,
        }
    }
}

/// Items that no change of the document speaks of: one entry for each kind at each place.
fn unexplained(place: &Place, changes: &[&ClientChange]) -> Vec<Entry> {
    let (operation, pointer) = match place {
        Place::Operation(route) => (Some(route.clone()), route::place(route)),
        Place::Component(name) => (None, route::component_place(name)),
        Place::Elsewhere => (None, String::new()),
    };
    let kinds = [
        (ChangeKind::Removed, "rust-item-removed"),
        (ChangeKind::Changed, "rust-item-changed"),
        (ChangeKind::Added, "rust-item-added"),
    ];
    let mut entries = Vec::new();
    for (kind, rule) in kinds {
        let of_kind = changes.iter().filter(|change| change.change.kind == kind);
        let mut entry = Entry {
            operation: operation.clone(),
            ..Entry::about(rule, &pointer)
        };
        of_kind.for_each(|change| entry.take(change));
        if !entry.rust.is_empty() {
            let count = entry.rust.len();
            let items = if count == 1 { "item" } else { "items" };
            let verb = rule.rsplit('-').next().unwrap_or_default();
            entry.message = format!("{count} {items} of the client {verb}");
            entries.push(entry);
        }
    }
    entries
}
