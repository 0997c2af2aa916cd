//! What is compared with what, in a workspace of its own that git knows.

use super::*;
use crate::test_workspace::workspace;
use crate::workspace::{SERVICES, Service};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A document of a service with one operation, of which a test changes the parameter.
fn document(service: Service, maximum: u8) -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {"title": service.title, "version": "1"},
        "paths": {"/things": {"get": {
            "operationId": "list_things",
            "tags": ["things"],
            "parameters": [{"name": "depth", "in": "query", "schema": {"type": "integer", "maximum": maximum}}],
            "responses": {"204": {"description": ""}},
        }}},
    })
}

/// A workspace of which `HEAD` allows 9, `HEAD~1` allows 7, and the working copy what git has.
fn repository() -> (TempDir, Workspace) {
    let (root, workspace) = workspace("{}", "https://example.com/a.json");
    git(root.path(), &["init", "--quiet"]);
    for maximum in [7, 9] {
        for service in SERVICES {
            write(&workspace.document(service), &document(service, maximum));
        }
        git(root.path(), &["add", "."]);
        git(
            root.path(),
            &["commit", "--quiet", "--message", "A document"],
        );
    }
    (root, workspace)
}

/// Whatever the machine's own settings are.
fn git(folder: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["-c", "user.name=Test", "-c", "user.email=test@example.com"])
        .args([
            "-c",
            "commit.gpgsign=false",
            "-c",
            "core.hooksPath=/dev/null",
        ])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

fn write(path: &Path, document: &Value) {
    std::fs::write(path, document.to_string()).unwrap();
}

/// A folder that has both documents.
fn folder(maximum: u8) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for service in SERVICES {
        let path = folder.path().join(format!("{}.json", service.name));
        write(&path, &document(service, maximum));
    }
    folder
}

fn text(path: &Path) -> Option<String> {
    path.to_str().map(str::to_owned)
}

fn order(old: Option<String>, new: Option<String>) -> Order {
    Order {
        old,
        new,
        only: None,
        format: Format::Json,
        fail_on: FailOn::Breaking,
        without_code: false,
    }
}

/// What is said about each service: its name, and the messages of its changes.
fn told(workspace: &Workspace, order: &Order) -> Vec<(String, Vec<String>)> {
    let reviews = reviews(workspace, order).unwrap().into_iter();
    let told = reviews.map(|review| {
        let messages = review.changes.into_iter().map(|entry| entry.message);
        (review.document, messages.collect())
    });
    told.collect()
}

fn of_both(message: &str) -> Vec<(String, Vec<String>)> {
    SERVICES
        .map(|service| (service.name.to_owned(), vec![message.to_owned()]))
        .to_vec()
}

#[test]
fn the_working_copy_is_compared_with_the_last_commit() {
    let (_root, workspace) = repository();
    let both = order(None, None);
    let unchanged = told(&workspace, &both).into_iter();
    assert!(unchanged.into_iter().all(|(_, changes)| changes.is_empty()));
    assert!(!run(&workspace, &both).unwrap());

    write(&workspace.document(SERVICES[1]), &document(SERVICES[1], 5));
    let expected = vec![
        ("auth-gateway".to_owned(), vec![]),
        ("registry".to_owned(), vec!["maximum: 9 -> 5".to_owned()]),
    ];
    assert_eq!(told(&workspace, &both), expected);
    assert!(run(&workspace, &both).unwrap());

    let only = |name: &str| Order {
        only: Some(name.to_owned()),
        ..order(None, None)
    };
    assert_eq!(told(&workspace, &only("registry")), expected[1..]);
    assert!(!run(&workspace, &only("auth-gateway")).unwrap());
    let error = run(&workspace, &only("nothing")).unwrap_err();
    assert!(error.to_string().contains("--only"), "{error}");
}

#[test]
fn a_revision_is_compared_with_the_working_copy_or_another() {
    let (_root, workspace) = repository();
    let old = Some("HEAD~1".to_owned());
    let new = || Some("HEAD".to_owned());
    let raised = of_both("maximum: 7 -> 9");
    assert_eq!(told(&workspace, &order(old.clone(), None)), raised);
    for service in SERVICES {
        write(&workspace.document(service), &document(service, 1));
    }
    assert_eq!(told(&workspace, &order(old.clone(), new())), raised);
    let back = of_both("maximum: 9 -> 7");
    assert_eq!(told(&workspace, &order(new(), old)), back);
    for (old, new) in [
        ("nothing", None),
        ("HEAD", new().map(|_| "nothing".to_owned())),
    ] {
        let error = run(&workspace, &order(Some(old.to_owned()), new)).unwrap_err();
        let error = error.to_string();
        assert!(
            error.contains("at nothing: ") && error.contains("revision"),
            "{error}"
        );
    }
}

#[test]
fn a_folder_is_compared_with_the_working_copy_another_or_a_revision() {
    let (_root, workspace) = repository();
    let (five, six) = (folder(5), folder(6));
    let (old, new) = (text(five.path()), text(six.path()));
    let raised = of_both("maximum: 5 -> 9");
    assert_eq!(told(&workspace, &order(old.clone(), None)), raised);
    let between = of_both("maximum: 5 -> 6");
    assert_eq!(told(&workspace, &order(old.clone(), new)), between);
    let committed = of_both("maximum: 5 -> 7");
    let revision = Some("HEAD~1".to_owned());
    assert_eq!(told(&workspace, &order(old.clone(), revision)), committed);

    std::fs::remove_file(five.path().join("auth-gateway.json")).unwrap();
    let error = run(&workspace, &order(old.clone(), None)).unwrap_err();
    assert!(error.to_string().contains("auth-gateway.json"), "{error}");
    let only = Order {
        only: Some("registry".to_owned()),
        ..order(old, None)
    };
    assert_eq!(told(&workspace, &only), raised[1..]);
}

#[test]
fn a_file_is_compared_with_the_document_of_its_service() {
    let (_root, workspace) = repository();
    let given = folder(5);
    let file = text(&given.path().join("registry.json"));
    let raised = vec![("registry".to_owned(), vec!["maximum: 5 -> 9".to_owned()])];
    assert_eq!(told(&workspace, &order(file.clone(), None)), raised);
    let lowered = vec![("registry".to_owned(), vec!["maximum: 7 -> 5".to_owned()])];
    let revision = Some("HEAD~1".to_owned());
    assert_eq!(told(&workspace, &order(revision, file)), lowered);

    let strange = given.path().join("strange.json");
    let mut document = document(SERVICES[1], 5);
    document["info"]["title"] = json!("Something else");
    write(&strange, &document);
    let alone = order(text(&strange), None);
    let error = run(&workspace, &alone).unwrap_err();
    assert!(error.to_string().contains("--only"), "{error}");
    let only = Order {
        only: Some("registry".to_owned()),
        ..alone
    };
    assert_eq!(told(&workspace, &only)[0].0, "registry");
}
