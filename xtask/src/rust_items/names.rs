//! What the names in each module stand for: its own items, what it imports, what is known everywhere.

use super::collect::{is_hidden, is_public};
use super::text::last;
use std::collections::BTreeMap;
use syn::{Item, UseTree};

/// The modules of a source by their paths; that of the root is empty.
pub(super) struct Names {
    modules: BTreeMap<String, Module>,
    /// The public paths of items whose own modules are private.
    reexported: BTreeMap<String, String>,
}

#[derive(Default)]
struct Module {
    is_public: bool,
    /// The whole paths of what the names in it stand for; the items of other crates begin with their
    /// crate.
    names: BTreeMap<String, String>,
    /// The modules whose names are all names in this one.
    globs: Vec<String>,
}

/// A `use`, as it stands in its module.
struct Import {
    module: String,
    is_public: bool,
    is_global: bool,
    path: Vec<String>,
    /// None imports everything.
    name: Option<String>,
}

/// Names may lead to names; ours do so twice at most.
const DEPTH: usize = 16;

/// What is known without being imported.
const PRELUDE: &[(&str, &str)] = &[
    ("AsMut", "convert"),
    ("AsRef", "convert"),
    ("Box", "boxed"),
    ("Clone", "clone"),
    ("Copy", "marker"),
    // `Debug` and `Hash` are known as what is derived; as traits they would have to be imported.
    ("Debug", "fmt"),
    ("Default", "default"),
    ("DoubleEndedIterator", "iter"),
    ("Drop", "ops"),
    ("Eq", "cmp"),
    ("ExactSizeIterator", "iter"),
    ("Extend", "iter"),
    ("Fn", "ops"),
    ("FnMut", "ops"),
    ("FnOnce", "ops"),
    ("From", "convert"),
    ("FromIterator", "iter"),
    ("Hash", "hash"),
    ("Into", "convert"),
    ("IntoIterator", "iter"),
    ("Iterator", "iter"),
    ("Option", "option"),
    ("Ord", "cmp"),
    ("PartialEq", "cmp"),
    ("PartialOrd", "cmp"),
    ("Result", "result"),
    ("Send", "marker"),
    ("Sized", "marker"),
    ("String", "string"),
    ("Sync", "marker"),
    ("ToOwned", "borrow"),
    ("ToString", "string"),
    ("TryFrom", "convert"),
    ("TryInto", "convert"),
    ("Unpin", "marker"),
    ("Vec", "vec"),
];

impl Names {
    pub(super) fn read(items: &[Item]) -> Self {
        let mut names = Self {
            modules: BTreeMap::new(),
            reexported: BTreeMap::new(),
        };
        let mut imports = Vec::new();
        names.read_module("", true, items, &mut imports);
        for import in imports {
            names.import(import);
        }
        names
    }

    fn read_module(
        &mut self,
        path: &str,
        is_open: bool,
        items: &[Item],
        imports: &mut Vec<Import>,
    ) {
        let mut module = Module {
            is_public: is_open,
            ..Module::default()
        };
        for item in items {
            let ident = match item {
                Item::Const(item) => &item.ident,
                Item::Enum(item) => &item.ident,
                Item::Fn(item) => &item.sig.ident,
                Item::Mod(item) => {
                    if let Some((_, items)) = &item.content {
                        let inner = join(path, &item.ident.to_string());
                        let open = is_open && is_public(&item.vis) && !is_hidden(&item.attrs);
                        self.read_module(&inner, open, items, imports);
                    }
                    &item.ident
                }
                Item::Static(item) => &item.ident,
                Item::Struct(item) => &item.ident,
                Item::Trait(item) => &item.ident,
                Item::Type(item) => &item.ident,
                Item::Use(item) => {
                    let is_global = item.leading_colon.is_some();
                    let mut found = Vec::new();
                    flatten(&item.tree, &mut Vec::new(), &mut found);
                    imports.extend(found.into_iter().map(|(used, name)| Import {
                        module: path.to_owned(),
                        is_public: is_public(&item.vis) && !is_hidden(&item.attrs),
                        is_global,
                        path: used,
                        name,
                    }));
                    continue;
                }
                _ => continue,
            };
            let name = ident.to_string();
            module.names.insert(name.clone(), join(path, &name));
        }
        self.modules.insert(path.to_owned(), module);
    }

    /// Takes up what a `use` imports, and the public path that it may give to an item of a private module.
    fn import(&mut self, import: Import) {
        let target = if import.is_global {
            import.path.join("::")
        } else {
            self.resolve(&import.module, false, &import.path)
        };
        let in_public = self
            .modules
            .get(&import.module)
            .is_some_and(|module| module.is_public);
        let mut published = BTreeMap::new();
        if let Some(name) = &import.name {
            published.insert(target.clone(), join(&import.module, name));
        } else {
            let names = self.modules.get(&target).map(|module| &module.names);
            for (name, own) in names.into_iter().flatten() {
                published.insert(own.clone(), join(&import.module, name));
            }
        }
        if in_public && import.is_public {
            published.retain(|own, _| self.is_in_private_module(own));
            self.reexported.extend(published);
        }
        if let Some(module) = self.modules.get_mut(&import.module) {
            match import.name {
                Some(name) => {
                    module.names.entry(name).or_insert(target);
                }
                None => module.globs.push(target),
            }
        }
    }

    fn is_in_private_module(&self, own: &str) -> bool {
        let found = self.modules.get(outer(own));
        found.is_some_and(|found| !found.is_public && found.names.contains_key(last(own)))
    }

    /// The path by which code elsewhere reaches what the module `module` calls `name` and makes public.
    pub(super) fn outside(&self, module: &str, name: &str) -> Option<String> {
        let own = join(module, name);
        match self.modules.get(module) {
            Some(found) if found.is_public => Some(own),
            _ => self.reexported.get(&own).cloned(),
        }
    }

    /// The whole path of what `path` stands for in a module; `is_global` where it begins with `::`.
    pub(super) fn resolve(&self, module: &str, is_global: bool, path: &[String]) -> String {
        if is_global {
            return standard(path);
        }
        let mut at = module.to_owned();
        let mut rest = path;
        while let Some((first, behind)) = rest.split_first() {
            match first.as_str() {
                "self" => {}
                "super" => outer(&at.clone()).clone_into(&mut at),
                "crate" => at.clear(),
                _ => break,
            }
            rest = behind;
        }
        let Some((first, behind)) = rest.split_first() else {
            return at;
        };
        let is_led = rest.len() < path.len();
        let mut found = match self.find(&at, first, DEPTH) {
            Some(found) => found,
            None if is_led => join(&at, first),
            None => return known(path),
        };
        for name in behind {
            let inner = self.find(&found, name, DEPTH);
            found = inner.unwrap_or_else(|| join(&found, name));
        }
        found
    }

    /// The whole path of what a module calls `name`, if it does.
    fn find(&self, module: &str, name: &str, depth: usize) -> Option<String> {
        let depth = depth.checked_sub(1)?;
        let here = self.modules.get(module)?;
        let Some(target) = here.names.get(name) else {
            let mut globs = here.globs.iter();
            return globs.find_map(|glob| self.find(glob, name, depth));
        };
        if *target == join(module, name) {
            return Some(self.reexported.get(target).unwrap_or(target).clone());
        }
        let further = self.find(outer(target), last(target), depth);
        Some(further.unwrap_or_else(|| target.clone()))
    }
}

/// The paths that a tree of imports names, each with the name that it is imported under; none stands
/// for all names.
fn flatten(
    tree: &UseTree,
    before: &mut Vec<String>,
    found: &mut Vec<(Vec<String>, Option<String>)>,
) {
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            flatten(&path.tree, before, found);
            before.pop();
        }
        UseTree::Group(group) => {
            for tree in &group.items {
                flatten(tree, before, found);
            }
        }
        UseTree::Glob(_) => found.push((before.clone(), None)),
        UseTree::Name(name) => add(&name.ident, &name.ident, before, found),
        UseTree::Rename(renamed) => add(&renamed.ident, &renamed.rename, before, found),
    }
}

fn add(
    used: &syn::Ident,
    name: &syn::Ident,
    before: &[String],
    found: &mut Vec<(Vec<String>, Option<String>)>,
) {
    let mut path = before.to_vec();
    // `self` in a group is the module before it.
    let mut name = name.to_string();
    if used == "self" {
        if name == "self" {
            name = before.last().cloned().unwrap_or_default();
        }
    } else {
        path.push(used.to_string());
    }
    found.push((path, Some(name)));
}

/// The path of something that no module of the source has.
fn known(path: &[String]) -> String {
    let found = path.first().and_then(|first| {
        let (name, module) = PRELUDE.iter().find(|(name, _)| name == first)?;
        Some(format!("std::{module}::{name}"))
    });
    match found {
        Some(first) => {
            let mut whole = vec![first];
            whole.extend_from_slice(&path[1..]);
            whole.join("::")
        }
        None => standard(path),
    }
}

/// What is in `core` or `alloc` is in `std`.
fn standard(path: &[String]) -> String {
    let whole = path.join("::");
    ["core::", "alloc::"]
        .iter()
        .find_map(|part| whole.strip_prefix(*part))
        .map_or_else(|| whole.clone(), |within| format!("std::{within}"))
}

/// The module that a path lies in.
fn outer(path: &str) -> &str {
    path.rsplit_once("::").map_or("", |(outer, _)| outer)
}

pub(super) fn join(module: &str, name: &str) -> String {
    if module.is_empty() {
        name.to_owned()
    } else {
        format!("{module}::{name}")
    }
}
