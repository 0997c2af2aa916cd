//! A workspace where everything is in step, and what `check` says when one thing is not.

use super::*;
use crate::test_workspace::workspace;
use crate::workspace::SERVICES;
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;

fn document() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"get": {
            "operationId": "list_a_get",
            "tags": ["things"],
            "responses": {"200": {"description": "", "content": {"application/json": {"schema": {
                "type": "object", "properties": {"at": {"type": "string", "format": "date-time"}},
            }}}}},
        }}},
    })
}

/// A workspace that has `document` for both services, with everything that is made of it.
fn in_step(document: &Value) -> (TempDir, Workspace) {
    let text = document.to_string();
    let (root, workspace) = workspace(&text, "https://example.com/a.json");
    for folder in [
        "crates/imperal",
        "crates/runtime",
        "crates/mock",
        "build-support",
        "crates/spec-diff",
    ] {
        let source = root.path().join(folder).join("src");
        std::fs::create_dir_all(&source).unwrap();
        std::fs::write(source.join("lib.rs"), "pub fn run(times: u8) {}\n").unwrap();
    }
    let count = document["paths"].as_object().unwrap().len();
    let rows = SERVICES.map(|service| format!("| {} | all {count} operations |\n", service.title));
    std::fs::write(workspace.readme(), rows.concat()).unwrap();
    operations::run(&workspace, true).unwrap();
    losses::run(&workspace, true).unwrap();
    public_api::run(&workspace, true).unwrap();
    (root, workspace)
}

/// The only problem after `change` has been done to a workspace that is in step.
fn problem(change: impl FnOnce(&Workspace)) -> String {
    let (_root, workspace) = in_step(&document());
    change(&workspace);
    let mut problems = problems(&workspace).unwrap();
    assert_eq!(problems.len(), 1, "{problems:#?}");
    let failure = run(&workspace).unwrap_err();
    assert_eq!(
        (failure.status(), failure.to_string()),
        (2, problems[0].clone())
    );
    problems.remove(0)
}

/// Puts `new` in the place of `old` in a file.
fn edit(path: &Path, old: &str, new: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(old), "{text}");
    std::fs::write(path, text.replace(old, new)).unwrap();
}

fn says(problem: &str, words: &[&str]) {
    for word in words {
        assert!(problem.contains(word), "no {word} in: {problem}");
    }
}

#[test]
fn what_is_in_step_passes() {
    let (_root, workspace) = in_step(&document());
    assert_eq!(problems(&workspace).unwrap(), [""; 0]);
    run(&workspace).unwrap();
}

#[test]
fn a_document_that_is_not_the_locked_one_is_told() {
    let edited = problem(|workspace| {
        let path = workspace.document(SERVICES[1]);
        edit(&path, "\"version\":\"1\"", "\"version\":\"2\"");
    });
    says(&edited, &["specs/registry.json", "cargo xtask lock"]);
    let unknown = problem(|workspace| {
        let mut lock = lock::load(workspace).unwrap();
        lock.remove("auth-gateway");
        std::fs::write(workspace.lock(), lock::to_bytes(&lock).unwrap()).unwrap();
    });
    says(&unknown, &["specs/auth-gateway.json", "cargo xtask lock"]);
}

#[test]
fn another_list_of_operations_is_told() {
    let renamed = problem(|workspace| {
        edit(&workspace.operations(), "things_list", "things_all");
    });
    says(&renamed, &["tests/operations.tsv", "operations --write"]);
    let none = problem(|workspace| std::fs::remove_file(workspace.operations()).unwrap());
    says(&none, &["tests/operations.tsv"]);
}

#[test]
fn other_losses_are_told() {
    let problem = problem(|workspace| {
        let text = std::fs::read_to_string(workspace.losses()).unwrap();
        let line = text.lines().find(|line| line.contains("Format")).unwrap();
        edit(&workspace.losses(), &format!("{line}\n"), "");
    });
    says(&problem, &["tests/losses.tsv", "losses --write"]);
}

#[test]
fn a_public_item_that_changed_is_told_with_both_of_its_forms() {
    let problem = problem(|workspace| {
        let source = workspace.root().join("crates/runtime/src/lib.rs");
        edit(&source, "u8", "u16");
    });
    let words = [
        "imperal-runtime",
        "public-api --write",
        "- fn run(u8)",
        "+ fn run(u16)",
    ];
    says(&problem, &words);
}

#[test]
fn a_row_of_the_readme_that_is_no_longer_true_is_told() {
    let problem = problem(|workspace| {
        edit(
            &workspace.readme(),
            "| Registry | all 1 ",
            "| Registry | all 2 ",
        );
    });
    says(&problem, &["README.md", "| Registry | all 1 operations |"]);
}

#[test]
fn an_overlay_that_no_longer_selects_anything_is_no_problem() {
    let (_root, workspace) = in_step(&document());
    let overlay = json!({
        "overlay": "1.0.0",
        "info": {"title": "O", "version": "1"},
        "actions": [{"target": "$.paths['/gone'].get", "update": {"deprecated": true}}],
    });
    let path = workspace.specs().join("overlays/registry.json");
    std::fs::write(path, overlay.to_string()).unwrap();
    assert_eq!(workspace.pipeline(SERVICES[1]).unwrap().warnings.len(), 1);
    assert_eq!(problems(&workspace).unwrap(), [""; 0]);
}

#[test]
fn two_runs_are_the_same_only_to_the_letter() {
    let (_root, workspace) = in_step(&document());
    let run = || workspace.pipeline(SERVICES[0]).unwrap();
    assert!(is_same(&run(), &run()));
    let first = run();
    let mut turned = document();
    let info = turned["info"].as_object_mut().unwrap();
    info.shift_remove("title");
    info.insert("title".to_owned(), json!("T"));
    assert_eq!(turned, document());
    std::fs::write(workspace.document(SERVICES[0]), turned.to_string()).unwrap();
    assert!(!is_same(&first, &run()));
}
