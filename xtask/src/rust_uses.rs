//! Where this workspace uses what a change breaks.
//!
//! Nothing is compiled for it: the source is taken apart into words, so that a use is told from a
//! mention in a comment, and a word that only happens to be the same is shown as well.

mod target;
mod words;

use crate::rust_changes::RustChange;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use target::{Target, targets};
use words::Source;

/// What is looked through, with everything below it: what depends on a client, and the guides. The others (the
/// generator, the runtime, the comparison, these tools) know none; words that are the same there say nothing.
const PLACES: &[&str] = &[
    "crates/auth-gateway",
    "crates/imperal",
    "crates/mock",
    "crates/registry",
    "docs",
    "tests",
    "README.md",
];

/// What is left out of it: what is built, what is generated, and the tests of clients of other documents.
const LEFT_OUT: &[&str] = &["target", "generated"];

/// Where the items of each change are used below `root`, as `file:line`; nowhere, for a change that
/// breaks nothing.
pub(crate) fn find(root: &Path, changes: &[RustChange]) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for place in PLACES {
        collect(&root.join(place), &mut paths);
    }
    paths.sort();
    let sources = paths.iter().filter_map(|path| {
        let text = std::fs::read_to_string(path).ok()?;
        let name = path.strip_prefix(root).unwrap_or(path);
        let parts = name
            .components()
            .map(|part| part.as_os_str().to_string_lossy());
        let name = parts.collect::<Vec<_>>().join("/");
        let source = if is_rust(path) {
            Source::of_rust(&text)
        } else {
            Source::of_markdown(&text)
        };
        Some((name, source))
    });
    let library = Library::of(sources.collect());
    let uses = changes.iter().map(|change| {
        let targets = if change.breaking {
            targets(change)
        } else {
            Vec::new()
        };
        library.uses(&targets)
    });
    uses.collect()
}

/// All files that are looked through, with their words in one list: most of what is looked for is nowhere.
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

    /// The files, in the order of their names, and the lines in their order.
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;
    use crate::rust_changes::{ChangeKind, Scope};

    fn change(item: &str, also: &[&str], method: Option<&str>) -> RustChange {
        RustChange {
            item: item.to_owned(),
            also: also.iter().map(|item| (*item).to_owned()).collect(),
            kind: ChangeKind::Removed,
            breaking: true,
            message: String::new(),
            scope: Scope::Client,
            method: method.map(str::to_owned),
        }
    }

    /// The uses in `tests/a.rs`, by line.
    fn lines(source: &str, change: RustChange) -> Vec<String> {
        let root = tempfile::tempdir().unwrap();
        for (folder, text) in [
            ("tests", source),
            ("tests/generated", source),
            ("tests/target", source),
            ("crates/mock/src", "fn ( does not lex ' \""),
        ] {
            std::fs::create_dir_all(root.path().join(folder)).unwrap();
            std::fs::write(root.path().join(folder).join("a.rs"), text).unwrap();
        }
        find(root.path(), &[change]).remove(0)
    }

    #[test]
    fn a_type_is_any_word_that_is_its_name_but_in_no_text() {
        let source = "use types::App;\nlet a = \"App\"; // App\nlet b: Apps;\nlet c = [App {}];";
        let change = change("types::App", &[], None);
        assert_eq!(lines(source, change), ["tests/a.rs:1", "tests/a.rs:4"]);
    }

    #[test]
    fn a_field_stands_behind_a_dot_or_in_a_literal() {
        let source =
            "let name = app.name;\nlet name = 1;\nApp {\n    name,\n    ..a\n};\nOther { name };";
        let change = change("types::App::name", &[], None);
        assert_eq!(lines(source, change), ["tests/a.rs:1", "tests/a.rs:4"]);
    }

    #[test]
    fn an_argument_counts_only_where_its_operation_is_called() {
        let change = || change("builder::AppsListApps::limit", &[], Some("list_apps"));
        let called = "apps\n    .list_apps()\n    .limit(1)";
        assert_eq!(lines(called, change()), ["tests/a.rs:3"]);
        assert!(lines("other.limit(1)", change()).is_empty());
    }

    #[test]
    fn an_operation_counts_only_where_its_handle_is_and_its_builder_everywhere() {
        let change = || {
            let also = ["builder::AppsMe", "operations::APPS_ME"];
            change("handles::Apps::me", &also, Some("me"))
        };
        assert_eq!(lines("client.apps().me()", change()), ["tests/a.rs:1"]);
        assert!(lines("client.users().me()", change()).is_empty());
        assert_eq!(lines("fn a(b: AppsMe) {}", change()), ["tests/a.rs:1"]);
        assert_eq!(lines("&operations::APPS_ME", change()), ["tests/a.rs:1"]);
    }

    #[test]
    fn a_variant_stands_behind_its_enum() {
        let source = "use types::State;\nState::On => 1,\nOn,\nswitch.On";
        let change = change("types::State::On", &[], None);
        assert_eq!(lines(source, change), ["tests/a.rs:2"]);
    }

    #[test]
    fn a_new_field_is_missing_in_literals_that_name_them_all() {
        let source = "App { name: 1 };\nlet App { name, .. } = a;\nimpl Show for App { }\napp.size";
        let change = RustChange {
            kind: ChangeKind::Added,
            ..change("types::App::size", &[], None)
        };
        assert_eq!(lines(source, change), ["tests/a.rs:1"]);
    }

    #[test]
    fn examples_in_the_documentation_count() {
        let source = "//! The App.\n//! ```\n//! # use types::App;\n//! ```\n/// ```text\n/// App\n/// ```\nfn a() {}\n";
        let change = change("types::App", &[], None);
        assert_eq!(lines(source, change), ["tests/a.rs:3"]);
    }

    /// Whatever of this workspace depends on a client is looked through.
    #[test]
    fn every_package_that_may_use_a_client_is_looked_through() {
        const CLIENTS: [&str; 4] = [
            "imperal",
            "imperal-auth-gateway",
            "imperal-mock",
            "imperal-registry",
        ];
        let workspace = crate::workspace::Workspace::here();
        let mut manifests = Vec::new();
        packages(workspace.root(), &mut manifests);
        assert!(manifests.len() > 8, "{manifests:?}");
        for manifest in manifests {
            let text = std::fs::read_to_string(&manifest).unwrap();
            let table: toml::Table = toml::from_str(&text).unwrap();
            let dependencies = ["dependencies", "dev-dependencies"];
            let mut dependencies = dependencies.iter().filter_map(|kind| table.get(*kind));
            let uses = dependencies.any(|kind| CLIENTS.iter().any(|name| kind.get(name).is_some()));
            let folder = manifest.parent().unwrap();
            let folder = folder.strip_prefix(workspace.root()).unwrap();
            let is_looked_through = PLACES.iter().any(|place| folder.starts_with(place));
            assert!(!uses || is_looked_through, "{}", folder.display());
        }
    }

    /// The manifests below a folder.
    fn packages(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            let name = entry.file_name();
            if path.is_dir() && !path.is_symlink() && name != "target" && name != ".git" {
                packages(&path, found);
            } else if name == "Cargo.toml" {
                found.push(path);
            }
        }
    }

    #[test]
    fn a_use_in_the_tests_of_a_client_is_found() {
        let workspace = crate::workspace::Workspace::here();
        let found = find(
            workspace.root(),
            &[change("types::LoginRequest", &[], None)],
        )
        .remove(0);
        let is_found = |file: &str| found.iter().any(|place| place.starts_with(file));
        assert!(
            is_found("crates/auth-gateway/tests/json_schema.rs:"),
            "{found:?}"
        );
    }

    #[test]
    fn the_readme_counts_and_what_breaks_nothing_is_not_looked_for() {
        let root = tempfile::tempdir().unwrap();
        let text = "App\n```rust\nuse types::App;\n```\n```console\nApp\n```\n";
        std::fs::write(root.path().join("README.md"), text).unwrap();
        let breaking = change("types::App", &[], None);
        let harmless = RustChange {
            breaking: false,
            ..breaking.clone()
        };
        let found = find(root.path(), &[harmless, breaking]);
        assert_eq!(found, [vec![], vec!["README.md:3".to_owned()]]);
    }
}
