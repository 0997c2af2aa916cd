//! What a comparison asks of a surface for each of its items, prepared once so that it need not search.

use super::Scope;
use crate::rust_items::{Operation, Surface, text};
use std::collections::{BTreeMap, BTreeSet};

/// A surface with ways to its items.
pub(super) struct Index<'a> {
    pub(super) surface: &'a Surface,
    /// The items, by the item that they come and go with.
    parts: BTreeMap<&'a str, Vec<&'a str>>,
    /// The operations by each item that stands for one, with their builders.
    operations: BTreeMap<&'a str, (&'a str, &'a Operation)>,
    /// The handles' methods for operations.
    methods: BTreeSet<&'a str>,
}

impl<'a> Index<'a> {
    pub(super) fn of(surface: &'a Surface) -> Self {
        let mut parts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (path, item) in &surface.items {
            if let Some(parent) = &item.parent {
                parts.entry(parent).or_default().push(path);
            }
        }
        let mut operations = BTreeMap::new();
        for (builder, operation) in &surface.operations {
            let others = [&operation.method, &operation.constant];
            let others = others.into_iter().flatten();
            for item in std::iter::once(builder).chain(others) {
                operations
                    .entry(item.as_str())
                    .or_insert((builder.as_str(), operation));
            }
        }
        let methods = surface.operations.values();
        Self {
            surface,
            parts,
            operations,
            methods: methods
                .filter_map(|operation| operation.method.as_deref())
                .collect(),
        }
    }

    /// The paths of what comes and goes with an item, in their order.
    pub(super) fn parts(&self, path: &str) -> &[&'a str] {
        self.parts.get(path).map_or(&[], Vec::as_slice)
    }

    /// Whether an item is the handle's method for an operation.
    pub(super) fn is_operation(&self, path: &str) -> bool {
        self.methods.contains(path)
    }

    /// The part of the client that an item belongs to, and the operation's method.
    pub(super) fn place(&self, path: &str) -> (Scope, Option<String>) {
        let root = self.surface.root(path);
        if let Some((builder, operation)) = self.operations.get(root) {
            let method = operation.method.as_deref().map(text::last);
            let scope = Scope::Operation(text::last(builder).to_owned());
            return (scope, method.map(str::to_owned));
        }
        let name = root.strip_prefix("types::");
        let name = name.map(|name| name.strip_prefix("builder::").unwrap_or(name));
        match name {
            Some(name) if !name.contains("::") => (Scope::Component(name.to_owned()), None),
            _ => (Scope::Client, None),
        }
    }
}
