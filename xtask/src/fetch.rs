//! `fetch`: brings documents into `specs/`, all or none of them.

use crate::lock::{self, Entry, Lock};
use crate::source::{Served, Source};
use crate::workspace::{SERVICES, Service, Workspace, write_all};
use crate::{Failure, Outcome, say};
use imperal_build_support::{Document, Pipeline, generate};
use std::path::{Path, PathBuf};

pub(crate) async fn run(workspace: &Workspace, from: Option<&str>, only: Option<&str>) -> Outcome {
    let wanted = wanted(only)?;
    let mut lock = if workspace.lock().exists() {
        lock::load(workspace)?
    } else {
        Lock::new()
    };
    let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    for service in &wanted {
        let source = source(*service, from, wanted.len())?;
        say(format_args!(
            "{}: fetching {}",
            service.name,
            source.describe()
        ));
        let served = source.get().await?;
        let stored = accept(workspace, *service, &source, &served)?;
        let entry = entry(&source, &served, &stored)?;
        let unchanged = lock
            .get(service.name)
            .is_some_and(|known| known.sha256_stored == entry.sha256_stored);
        say(format_args!(
            "{}: {}",
            service.name,
            if unchanged { "unchanged" } else { "changed" }
        ));
        lock.insert(service.name.to_owned(), entry);
        files.push((workspace.document(*service), stored));
    }
    files.push((workspace.lock(), lock::to_bytes(&lock)?));
    write_all(&files)?;
    say(
        "Next: `git diff specs`, `cargo xtask operations --write`, `cargo xtask check`, `cargo test --workspace`.",
    );
    Ok(())
}

fn wanted(only: Option<&str>) -> Result<Vec<Service>, Failure> {
    let Some(name) = only else {
        return Ok(SERVICES.to_vec());
    };
    let found = SERVICES.into_iter().find(|service| service.name == name);
    let found = found.ok_or_else(|| {
        let names = SERVICES.map(|service| service.name).join(" or ");
        Failure::Other(format!(
            "there is no document \"{name}\": --only takes {names}"
        ))
    })?;
    Ok(vec![found])
}

fn source(service: Service, from: Option<&str>, wanted: usize) -> Result<Source, Failure> {
    let Some(from) = from else {
        return Ok(Source::Url(service.url.to_owned()));
    };
    let path = Path::new(from);
    if path.is_dir() {
        return Ok(Source::File(path.join(format!("{}.json", service.name))));
    }
    if wanted > 1 {
        return Err(Failure::Other(format!(
            "--from {from} names one document: say with --only which one it is, or give a folder that holds both"
        )));
    }
    if from.starts_with("https://") || from.starts_with("http://") {
        if from
            .split('/')
            .nth(2)
            .is_some_and(|host| host.contains('@'))
        {
            return Err(Failure::Other(
                "--from holds a user name or password, which specs.lock would show to everyone: download the \
                 document yourself and give the file"
                    .to_owned(),
            ));
        }
        Ok(Source::Url(from.to_owned()))
    } else {
        Ok(Source::File(path.to_owned()))
    }
}

/// Checks that a client can be generated from what was served, and returns what is stored.
fn accept(
    workspace: &Workspace,
    service: Service,
    source: &Source,
    served: &Served,
) -> Result<Vec<u8>, Failure> {
    let document = Document::from_json(&source.describe(), &served.bytes)?;
    let mut stored = serde_json::to_vec_pretty(document.root())
        .map_err(|error| Failure::Other(error.to_string()))?;
    stored.push(b'\n');
    let pipeline = Pipeline::run(document, &workspace.overlay(service)?)?;
    generate(&pipeline.lowered, &service.crate_name())?;
    for warning in &pipeline.warnings {
        say(format_args!("{}: {warning}", service.name));
    }
    Ok(stored)
}

fn entry(source: &Source, served: &Served, stored: &[u8]) -> Result<Entry, Failure> {
    Ok(Entry {
        origin: source.describe(),
        etag: served.etag.clone(),
        sha256_served: lock::sha256(&served.bytes),
        sha256_stored: lock::sha256(stored),
        version: Document::from_json("the document", stored)?
            .version()
            .to_owned(),
        date: lock::today(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"openapi": "3.1.0", "info": {"title": "T", "version": "2"}, "paths": {"/a": {"get": {"operationId": "a_a_get", "responses": {}}}}}"#;

    /// A workspace with two documents that `fetch` would replace.
    fn workspace() -> (tempfile::TempDir, Workspace) {
        let root = tempfile::tempdir().unwrap();
        let overlays = root.path().join("specs/overlays");
        std::fs::create_dir_all(&overlays).unwrap();
        for service in SERVICES {
            let name = format!("{}.json", service.name);
            std::fs::write(
                overlays.join(&name),
                r#"{"overlay": "1.0.0", "actions": []}"#,
            )
            .unwrap();
            std::fs::write(root.path().join("specs").join(name), "old").unwrap();
        }
        let workspace = Workspace::at(root.path());
        (root, workspace)
    }

    async fn fetch(texts: [&str; 2]) -> (Outcome, Vec<String>) {
        let (_root, workspace) = workspace();
        let from = tempfile::tempdir().unwrap();
        for (service, text) in SERVICES.iter().zip(texts) {
            std::fs::write(from.path().join(format!("{}.json", service.name)), text).unwrap();
        }
        let outcome = run(&workspace, from.path().to_str(), None).await;
        let texts =
            SERVICES.map(|service| std::fs::read_to_string(workspace.document(service)).unwrap());
        (outcome, texts.to_vec())
    }

    #[tokio::test]
    async fn good_documents_are_stored_in_canonical_form() {
        let (outcome, texts) = fetch([GOOD, GOOD]).await;
        outcome.unwrap();
        assert!(
            texts[0].starts_with("{\n  \"openapi\": \"3.1.0\",\n"),
            "{}",
            texts[0]
        );
        assert!(texts[1].ends_with("}\n"));
    }

    #[tokio::test]
    async fn one_bad_document_leaves_both_untouched() {
        for (bad, word) in [("<html>", "HTML"), ("{", "cut off"), ("{}", "openapi")] {
            let (outcome, texts) = fetch([GOOD, bad]).await;
            let message = outcome.unwrap_err().to_string();
            assert!(message.contains(word), "{message}");
            assert_eq!(texts, ["old", "old"]);
        }
    }

    #[tokio::test]
    async fn what_is_missing_is_named() {
        let (_root, workspace) = workspace();
        let error = run(&workspace, Some("/nowhere/registry.json"), Some("registry"))
            .await
            .unwrap_err();
        assert!(
            error.to_string().contains("/nowhere/registry.json"),
            "{error}"
        );
        let error = run(&workspace, Some("https://example.com/a.json"), None)
            .await
            .unwrap_err();
        assert!(error.to_string().contains("--only"), "{error}");
        let error = run(&workspace, None, Some("nothing")).await.unwrap_err();
        assert!(
            error.to_string().contains("auth-gateway or registry"),
            "{error}"
        );
    }
}
