//! `fetch` from servers that do right, and what it makes of a change.

mod failures;
mod server;

use super::*;
use crate::test_workspace::workspace;
use crate::workspace::SERVICES;
use server::{Server, answer};
use std::collections::BTreeMap;
use std::time::Duration;

const ONE: &str = r#"{"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/a": {"get": {"operationId": "a_a_get", "responses": {}}}}}"#;

/// [`ONE`] with another operation.
const TWO: &str = r#"{"openapi": "3.1.0", "info": {"title": "T", "version": "2"}, "paths": {"/a": {"get": {"operationId": "a_a_get", "responses": {}}}, "/b": {"get": {"operationId": "b_b_get", "responses": {}}}}}"#;

/// Where the stored documents came from, if a test does not care.
const ELSEWHERE: &str = "https://example.com/elsewhere.json";

const ETAG: &str = "ETag: \"one\"";
const CHANGED: &str = "Last-Modified: Tue, 24 Nov 2026 08:00:00 GMT";

/// Every file of `specs/` as it is: what was not to be touched, and what was left lying about.
fn files(workspace: &Workspace) -> BTreeMap<PathBuf, Vec<u8>> {
    std::fs::read_dir(workspace.specs())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| {
            let bytes = std::fs::read(&path).unwrap();
            (path, bytes)
        })
        .collect()
}

fn registry(workspace: &Workspace) -> (String, Entry) {
    let service = SERVICES[1];
    let text = std::fs::read_to_string(workspace.document(service)).unwrap();
    let entry = lock::load(workspace).unwrap()[service.name].clone();
    (text, entry)
}

/// The document as it is stored.
fn formatted(text: &str) -> String {
    let document = Document::from_json("test.json", text.as_bytes()).unwrap();
    String::from_utf8(canonical(&document).unwrap()).unwrap()
}

fn registry_from(from: impl Into<String>) -> Order {
    Order {
        from: Some(from.into()),
        only: Some("registry".to_owned()),
        ..Order::default()
    }
}

fn limits() -> Limits {
    Limits {
        size: 64 * 1024,
        wait: |_| Duration::ZERO,
        ..Limits::default()
    }
}

#[tokio::test]
async fn a_document_is_stored_in_canonical_form_and_locked_with_what_came_with_it() {
    let server = Server::start(|_, _| answer("200 OK", &[ETAG, CHANGED], TWO)).await;
    let (_root, workspace) = workspace(ONE, ELSEWHERE);
    let gateway = std::fs::read(workspace.document(SERVICES[0])).unwrap();
    let url = server.url("/registry.json");
    run_within(&workspace, &registry_from(&url), &limits())
        .await
        .unwrap();
    let (text, entry) = registry(&workspace);
    assert!(text.starts_with("{\n  \"openapi\": \"3.1.0\",\n"), "{text}");
    assert!(text.ends_with("}\n"), "{text}");
    assert_eq!(
        entry,
        Entry {
            origin: url,
            etag: Some("\"one\"".to_owned()),
            last_modified: Some("Tue, 24 Nov 2026 08:00:00 GMT".to_owned()),
            sha256_served: lock::sha256(TWO.as_bytes()),
            sha256_stored: lock::sha256(text.as_bytes()),
            version: "2".to_owned(),
            date: entry.date.clone(),
        }
    );
    assert_ne!(entry.date, "2020-01-01");
    assert_eq!(
        std::fs::read(workspace.document(SERVICES[0])).unwrap(),
        gateway
    );
    let request = &server.requests()[0];
    for line in [
        "accept: application/json",
        "accept-encoding: identity",
        concat!("user-agent: imperal-xtask/", env!("CARGO_PKG_VERSION")),
    ] {
        assert!(request.contains(line), "{request}");
    }
    assert!(!request.contains("if-none-match"), "{request}");
}

#[tokio::test]
async fn a_document_that_has_not_changed_is_not_sent_again() {
    let server = Server::start(|request, _| {
        if request.contains("if-none-match: \"one\"") {
            answer("304 Not Modified", &[ETAG], "")
        } else {
            answer("200 OK", &[ETAG, CHANGED], TWO)
        }
    })
    .await;
    let (_root, workspace) = workspace(ONE, ELSEWHERE);
    let order = registry_from(server.url("/registry.json"));
    run_within(&workspace, &order, &limits()).await.unwrap();
    let before = files(&workspace);
    run_within(&workspace, &order, &limits()).await.unwrap();
    assert_eq!(files(&workspace), before);
    let request = &server.requests()[1];
    let since = "if-modified-since: Tue, 24 Nov 2026 08:00:00 GMT";
    assert!(request.contains(since), "{request}");
}

#[tokio::test]
async fn an_edited_document_is_fetched_whole() {
    let server = Server::start(|_, _| answer("200 OK", &[ETAG], TWO)).await;
    let (_root, workspace) = workspace(ONE, ELSEWHERE);
    let order = registry_from(server.url("/registry.json"));
    run_within(&workspace, &order, &limits()).await.unwrap();
    std::fs::write(workspace.document(SERVICES[1]), ONE).unwrap();
    run_within(&workspace, &order, &limits()).await.unwrap();
    assert_eq!(registry(&workspace).0, formatted(TWO));
    let request = &server.requests()[1];
    assert!(!request.contains("if-none-match"), "{request}");
}

#[tokio::test]
async fn a_document_that_is_sent_again_makes_no_difference() {
    let server = Server::start(|_, _| answer("200 OK", &[], ONE)).await;
    let url = server.url("/registry.json");
    let stored = formatted(ONE);
    let (_root, workspace) = workspace(&stored, &url);
    let mut lock = lock::load(&workspace).unwrap();
    for entry in lock.values_mut() {
        entry.sha256_served = lock::sha256(ONE.as_bytes());
        entry.version = "1".to_owned();
    }
    std::fs::write(workspace.lock(), lock::to_bytes(&lock).unwrap()).unwrap();
    let before = files(&workspace);
    run_within(&workspace, &registry_from(url), &limits())
        .await
        .unwrap();
    assert_eq!(files(&workspace), before);
}

#[tokio::test]
async fn a_folder_holds_both_documents() {
    let server = Server::start(|request, _| {
        let gateway = request.starts_with("GET /specs/auth-gateway.json ");
        answer("200 OK", &[], if gateway { ONE } else { TWO })
    })
    .await;
    let (_root, workspace) = workspace(ONE, ELSEWHERE);
    let order = Order {
        from: Some(server.url("/specs/")),
        ..Order::default()
    };
    run_within(&workspace, &order, &limits()).await.unwrap();
    let stored = SERVICES.map(|service| std::fs::read_to_string(workspace.document(service)));
    assert_eq!(stored.map(Result::unwrap), [formatted(ONE), formatted(TWO)]);
    assert!(
        server.requests()[1].starts_with("GET /specs/registry.json "),
        "{:?}",
        server.requests()
    );
}

/// A server whose document lacks an operation that [`TWO`] has.
async fn breaking_server() -> Server {
    Server::start(|_, _| answer("200 OK", &[], ONE)).await
}

#[tokio::test]
async fn a_breaking_change_is_not_written_unless_it_is_accepted() {
    let server = breaking_server().await;
    let (_root, workspace) = workspace(TWO, ELSEWHERE);
    let before = files(&workspace);
    let mut order = registry_from(server.url("/registry.json"));
    let failure = run_within(&workspace, &order, &limits()).await.unwrap_err();
    assert_eq!(failure.status(), 1, "{failure}");
    let message = failure.to_string();
    assert!(message.contains("--accept-breaking"), "{message}");
    assert!(message.starts_with("registry: "), "{message}");
    assert_eq!(files(&workspace), before);

    order.accept_breaking = true;
    run_within(&workspace, &order, &limits()).await.unwrap();
    let (text, entry) = registry(&workspace);
    assert_eq!(text, formatted(ONE));
    assert_eq!(entry.sha256_stored, lock::sha256(text.as_bytes()));
}

#[tokio::test]
async fn a_breaking_document_keeps_the_other_out_too() {
    let server = Server::start(|request, _| {
        let gateway = request.starts_with("GET /auth-gateway.json ");
        answer("200 OK", &[], if gateway { TWO } else { ONE })
    })
    .await;
    let (_root, workspace) = workspace(ONE, ELSEWHERE);
    std::fs::write(workspace.document(SERVICES[1]), TWO).unwrap();
    let before = files(&workspace);
    let order = Order {
        from: Some(server.url("/")),
        ..Order::default()
    };
    let failure = run_within(&workspace, &order, &limits()).await.unwrap_err();
    assert!(failure.to_string().starts_with("registry: "), "{failure}");
    assert_eq!(files(&workspace), before);
}

#[tokio::test]
async fn the_first_document_takes_the_place_of_a_written_one() {
    let server = breaking_server().await;
    let (_root, workspace) = workspace(TWO, lock::WRITTEN);
    let url = server.url("/registry.json");
    run_within(&workspace, &registry_from(&url), &limits())
        .await
        .unwrap();
    let (text, entry) = registry(&workspace);
    assert_eq!(text, formatted(ONE));
    assert_eq!(entry.origin, url);
}

#[tokio::test]
async fn a_stored_document_that_is_none_is_replaced_only_if_that_is_said() {
    let server = breaking_server().await;
    let (_root, workspace) = workspace("old", ELSEWHERE);
    let before = files(&workspace);
    let mut order = registry_from(server.url("/registry.json"));
    let failure = run_within(&workspace, &order, &limits()).await.unwrap_err();
    assert!(
        failure.to_string().contains("cannot be compared"),
        "{failure}"
    );
    assert_eq!(files(&workspace), before);

    order.accept_breaking = true;
    run_within(&workspace, &order, &limits()).await.unwrap();
    assert_eq!(registry(&workspace).0, formatted(ONE));
}

#[tokio::test]
async fn without_anything_stored_both_documents_are_new() {
    let server = breaking_server().await;
    let (_root, workspace) = workspace(ONE, ELSEWHERE);
    for path in files(&workspace).into_keys() {
        std::fs::remove_file(path).unwrap();
    }
    let order = Order {
        from: Some(server.url("/")),
        ..Order::default()
    };
    run_within(&workspace, &order, &limits()).await.unwrap();
    assert_eq!(registry(&workspace).0, formatted(ONE));
    assert_eq!(lock::load(&workspace).unwrap().len(), 2);
}
