//! What is called something else in the new client, where that can be told with certainty: an operation
//! by its method and path, a handle by its operations, a type by what it is made of.

use crate::rust_items::{Operation, Surface, text};
use std::collections::{BTreeMap, BTreeSet};

/// The new names by the old ones.
type Names = BTreeMap<String, String>;

/// The new names of items that only the old surface has under their names, by the old ones.
pub(super) fn find(old: &Surface, new: &Surface) -> Names {
    let mut search = Search {
        old,
        new,
        names: Names::new(),
        speakers: speakers(old),
    };
    search.operations();
    search.handles();
    search.types();
    search.names
}

struct Search<'a> {
    old: &'a Surface,
    new: &'a Surface,
    names: Names,
    /// The old items that mention a path, by that path.
    speakers: BTreeMap<String, Vec<&'a str>>,
}

impl Search<'_> {
    /// Notes a new name, unless the new client still has the old name, or the old client had the new one: then
    /// nothing was renamed.
    fn add(&mut self, from: &str, to: &str) {
        if !self.new.items.contains_key(from) && !self.old.items.contains_key(to) {
            self.names.insert(from.to_owned(), to.to_owned());
        }
    }

    fn operations(&mut self) {
        let (old, new) = (by_route(self.old), by_route(self.new));
        for (route, before) in old {
            let Some(after) = new.get(route) else {
                continue;
            };
            if let ([(old_builder, old)], [(new_builder, new)]) =
                (before.as_slice(), after.as_slice())
            {
                self.add(old_builder, new_builder);
                let pairs = [(&old.method, &new.method), (&old.constant, &new.constant)];
                for pair in pairs {
                    if let (Some(from), Some(to)) = pair {
                        self.add(from, to);
                    }
                }
            }
        }
    }

    /// A handle is renamed if all of its operations that are still there are found in one other handle.
    fn handles(&mut self) {
        let mut targets: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (from, to) in &self.names {
            if let (Some(from), Some(to)) = (handle_of(from), handle_of(to)) {
                targets.entry(from).or_default().insert(to);
            }
        }
        let mut found = Vec::new();
        for (from, targets) in targets {
            if targets.len() == 1 {
                found.extend(
                    targets
                        .into_iter()
                        .map(|to| (from.to_owned(), to.to_owned())),
                );
            }
        }
        for (from, to) in found {
            self.add(&from, &to);
            if self.names.contains_key(&from)
                && let Some(old) = accessor(self.old, &from)
                && let Some(new) = accessor(self.new, &to)
            {
                self.add(old, new);
            }
        }
    }

    /// Types that are made of the same, if there is only one such type on each side. A type is known by those
    /// that it refers to, so that each one that is found may lead to more.
    fn types(&mut self) {
        let (old, new) = (Groups::of(self.old), Groups::of(self.new));
        loop {
            let before = contents(&old, self.new, &self.names, &self.names);
            let after = contents(&new, self.old, &self.names, &Names::new());
            let mut found = Vec::new();
            for (content, from) in &before {
                let to = after.get(content).map(Vec::as_slice);
                if let ([from], Some([to])) = (from.as_slice(), to)
                    && !self.is_contradicted(from, to)
                {
                    found.push(((*from).to_owned(), (*to).to_owned()));
                }
            }
            if found.is_empty() {
                return;
            }
            for (from, to) in found {
                self.add(&from, &to);
                self.add(&builder_of(&from), &builder_of(&to));
            }
        }
    }

    /// Whether an item that is still there mentioned the one type and does not mention the other.
    fn is_contradicted(&self, from: &str, to: &str) -> bool {
        let speakers = self.speakers.get(from).into_iter().flatten();
        let name = |path: &str| {
            if path == from {
                return Some(to);
            }
            self.names.get(path).map(String::as_str)
        };
        speakers
            .filter(|path| self.old.root(path) != from)
            .any(|path| {
                let item = self.new.items.get(&text::renamed_by(path, name));
                item.is_some_and(|item| !mentions(&item.kind.texts(), to))
            })
    }
}

/// The items that mention a path, by each path that is mentioned.
fn speakers(surface: &Surface) -> BTreeMap<String, Vec<&str>> {
    let mut speakers: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (path, item) in &surface.items {
        let spoken = text::paths(&item.kind.texts());
        let spoken: BTreeSet<&str> = spoken
            .iter()
            .flat_map(|spoken| text::beginnings(spoken))
            .collect();
        for spoken in spoken {
            let found = speakers.entry(spoken.to_owned()).or_default();
            found.push(path);
        }
    }
    speakers
}

/// The items of a surface by what they come and go with.
struct Groups<'a> {
    surface: &'a Surface,
    paths: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Groups<'a> {
    fn of(surface: &'a Surface) -> Self {
        let mut paths: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for path in surface.items.keys() {
            paths.entry(surface.root(path)).or_default().push(path);
        }
        Self { surface, paths }
    }
}

/// The types that `other` does not have and no name was found for, by what they are made of, in which the
/// types of `names` go by their new names.
fn contents<'a>(
    groups: &Groups<'a>,
    other: &Surface,
    found: &Names,
    names: &Names,
) -> BTreeMap<String, Vec<&'a str>> {
    let found: BTreeSet<&String> = found.keys().chain(found.values()).collect();
    let mut contents: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (root, paths) in &groups.paths {
        let item = groups.surface.items.get_key_value(*root);
        let is_open = item.is_some_and(|(path, item)| item.kind.is_type() && !found.contains(path));
        if !is_open || !root.starts_with("types::") || other.items.contains_key(*root) {
            continue;
        }
        // The type itself goes by no name in what it is made of.
        let builder = builder_of(root);
        let name = |path: &str| match path {
            path if path == *root => Some("types::_"),
            path if path == builder => Some("types::builder::_"),
            path => names.get(path).map(String::as_str),
        };
        let lines = paths.iter().filter_map(|path| {
            let item = groups.surface.items.get(*path)?;
            let kind = item.kind.mapped(|text| text::renamed_by(text, name));
            Some(format!("{}: {kind:?}", text::renamed_by(path, name)))
        });
        let mut lines: Vec<String> = lines.collect();
        lines.sort_unstable();
        contents.entry(lines.join("\n")).or_default().push(*root);
    }
    contents
}

type Routes<'a> = BTreeMap<&'a str, Vec<(&'a str, &'a Operation)>>;

fn by_route(surface: &Surface) -> Routes<'_> {
    let mut routes = Routes::new();
    for (builder, operation) in &surface.operations {
        if let Some(route) = &operation.route {
            let found = routes.entry(route.as_str()).or_default();
            found.push((builder.as_str(), operation));
        }
    }
    routes
}

/// The handle that a method belongs to.
fn handle_of(method: &str) -> Option<&str> {
    let (handle, _) = method.rsplit_once("::")?;
    handle.starts_with("handles::").then_some(handle)
}

/// The method of the client that returns a handle.
fn accessor<'a>(surface: &'a Surface, handle: &str) -> Option<&'a str> {
    const OWNER: &str = "Client::";
    let items = surface.items.range(OWNER.to_owned()..);
    let mut methods = items.take_while(|(path, _)| path.starts_with(OWNER));
    let found = methods.find(|(_, item)| item.parent.as_deref() == Some(handle));
    found.map(|(path, _)| path.as_str())
}

/// The builder of a type.
fn builder_of(path: &str) -> String {
    format!("types::builder::{}", text::last(path))
}

fn mentions(text: &str, path: &str) -> bool {
    text.contains(path)
        && text::paths(text)
            .iter()
            .any(|found| text::beginnings(found).any(|beginning| beginning == path))
}
