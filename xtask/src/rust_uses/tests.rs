//! Small files, and which of their lines use what a change breaks.

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
