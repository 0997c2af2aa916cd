//! Where this workspace uses what a change breaks.
//!
//! Nothing is compiled for it. The source is taken apart into words, which tells a use from a mention in a
//! comment; a word that only happens to be the same is shown as well.

mod target;
#[cfg(test)]
mod tests;
mod words;

use crate::rust_changes::RustChange;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use target::{Target, targets};
use words::Source;

/// What is looked through, with everything below it: what depends on a client, and the guides. The rest (the
/// generator, the runtime, the comparison, these tools) uses no client; a word that is the same there means
/// nothing.
const PLACES: &[&str] = &[
    "crates/auth-gateway",
    "crates/imperal",
    "crates/mock",
    "crates/registry",
    "docs",
    "tests",
    "README.md",
];

/// The folders that are left out of it: what is built, and the tests of clients of other documents.
const LEFT_OUT: &[&str] = &["target", "generated"];

/// Where the items of each change are used below `root`, as `file:line`; nowhere, for a change that
/// breaks nothing.
pub(crate) fn find(root: &Path, changes: &[RustChange]) -> Vec<Vec<String>> {
    let library = Library::of(sources(root));
    let uses = changes.iter().map(|change| {
        if change.breaking {
            library.uses(&targets(change))
        } else {
            Vec::new()
        }
    });
    uses.collect()
}

/// The files below `root` that are looked through, by their paths from there, in the order of these.
fn sources(root: &Path) -> Vec<(String, Source)> {
    let mut paths = Vec::new();
    for place in PLACES {
        collect(&root.join(place), &mut paths);
    }
    paths.sort();
    let sources = paths.iter().filter_map(|path| {
        let text = std::fs::read_to_string(path).ok()?;
        let source = if is_rust(path) {
            Source::of_rust(&text)
        } else {
            Source::of_markdown(&text)
        };
        let name = path.strip_prefix(root).unwrap_or(path);
        let parts = name
            .components()
            .map(|part| part.as_os_str().to_string_lossy());
        Some((parts.collect::<Vec<_>>().join("/"), source))
    });
    sources.collect()
}

/// All files that are looked through, with their words in one index: most of what is looked for is nowhere, and
/// no file need be searched for that.
struct Library {
    sources: Vec<(String, Source)>,
    /// The words by their names, each by the number of its file and its own in it.
    words: HashMap<String, Vec<(usize, usize)>>,
}

impl Library {
    fn of(sources: Vec<(String, Source)>) -> Self {
        let mut words: HashMap<String, Vec<(usize, usize)>> = HashMap::new();
        for (file, (_, source)) in sources.iter().enumerate() {
            for (number, word) in source.words.iter().enumerate() {
                let places = words.entry(word.name.clone()).or_default();
                places.push((file, number));
            }
        }
        Self { sources, words }
    }

    /// The lines that use what is looked for, as `file:line`, in the order of the files and lines.
    fn uses(&self, targets: &[Target]) -> Vec<String> {
        let mut lines = BTreeSet::new();
        for target in targets {
            for (file, number) in self.words.get(target.name()).into_iter().flatten() {
                let (_, source) = &self.sources[*file];
                lines.extend(target.line(source, *number).map(|line| (*file, line)));
            }
        }
        let lines = lines.into_iter();
        lines
            .map(|(file, line)| format!("{}:{line}", self.sources[file].0))
            .collect()
    }
}

/// The files below a folder that are looked through, or the file itself.
fn collect(path: &Path, found: &mut Vec<PathBuf>) {
    let Ok(folder) = std::fs::read_dir(path) else {
        if path.is_file() {
            found.push(path.to_owned());
        }
        return;
    };
    for entry in folder.flatten() {
        let path = entry.path();
        let is_left_out = LEFT_OUT.iter().any(|name| path.ends_with(name));
        if path.is_dir() && !is_left_out {
            collect(&path, found);
        } else if path.is_file() && (is_rust(&path) || is_markdown(&path)) {
            found.push(path);
        }
    }
}

fn is_markdown(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
}

fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}
