//! What a build does with other documents than ours: an older or newer one builds, a broken one
//! stops the build with one message.
//!
//! Each test checks a copy of the workspace whose sources are links to ours, so that only our own
//! crates are compiled anew.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

struct Copy {
    folder: tempfile::TempDir,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .unwrap()
}

impl Copy {
    /// The workspace with a folder of documents of its own.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&root(), folder.path());
        Self { folder }
    }

    fn document(&self, name: &str) -> PathBuf {
        self.folder.path().join("specs").join(name)
    }

    fn edit(&self, name: &str, edit: impl FnOnce(&mut Value)) {
        let path = self.document(name);
        let mut document: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        edit(&mut document);
        std::fs::write(&path, document.to_string()).unwrap();
    }

    /// Runs `cargo check` on libraries and returns whether it went well, and what it said.
    fn check(&self, packages: &[&str]) -> (bool, String) {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(["check", "--offline", "--lib"])
            .args(packages.iter().flat_map(|package| ["-p", package]));
        // One folder for all copies and all runs: the libraries of others are compiled once.
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("other-documents");
        let output = cargo
            .current_dir(self.folder.path())
            .env("CARGO_TARGET_DIR", target)
            .env("RUST_BACKTRACE", "1")
            .output()
            .unwrap();
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        let kind = entry.file_type().unwrap();
        if name == "target" || name == ".git" {
            continue;
        }
        let (from, to) = (entry.path(), to.join(&name));
        if kind.is_symlink() {
            std::os::unix::fs::symlink(std::fs::read_link(from).unwrap(), to).unwrap();
        } else if kind.is_dir() {
            std::fs::create_dir(&to).unwrap();
            copy(&from, &to);
        } else {
            std::fs::copy(from, to).unwrap();
        }
    }
}

#[test]
fn another_document_of_the_same_service_builds_every_library_and_the_mock() {
    let copy = Copy::new();
    copy.edit("auth-gateway.json", |document| {
        let paths = document["paths"].as_object_mut().unwrap();
        let before = paths.len();
        // An older document: no newer routes, no marketplace, no events, not even logins.
        let old = |path: &str| {
            let newer = ["/v1/marketplace", "/v1/auth", "/v1/events"];
            !newer.iter().any(|prefix| path.starts_with(prefix)) && !path.len().is_multiple_of(3)
        };
        paths.retain(|path, _| old(path));
        assert!((11..before).contains(&paths.len()));
        // And a newer one: a route that ours does not have.
        paths.insert(
            "/v2/rockets/{rocket_id}/launch".to_owned(),
            json!({ "post": {
                "tags": ["rockets"], "operationId": "launch_v2_rockets__rocket_id__launch_post", "summary": "Launch",
                "parameters": [{ "name": "rocket_id", "in": "path", "required": true, "schema": { "type": "string" } }],
                "responses": { "200": { "description": "Gone", "content": { "application/json": { "schema": {} } } } },
            } }),
        );
        let schemas = document["components"]["schemas"].as_object_mut().unwrap();
        assert!(schemas.remove("ValidationError").is_some() && schemas.remove("HTTPValidationError").is_some());
        let text = document.to_string().replace(r##"{"$ref":"#/components/schemas/HTTPValidationError"}"##, "{}");
        *document = serde_json::from_str(&text).unwrap();
    });
    let (built, said) = copy.check(&[
        "imperal",
        "imperal-mock",
        "imperal-auth-gateway",
        "imperal-registry",
    ]);
    assert!(built, "{said}");
}

#[test]
fn a_broken_document_stops_the_build_with_one_clear_message() {
    let copy = Copy::new();
    let cut_off = std::fs::read(copy.document("registry.json")).unwrap();
    std::fs::write(
        copy.document("registry.json"),
        &cut_off[..cut_off.len() / 2],
    )
    .unwrap();
    let (built, said) = copy.check(&["imperal-registry"]);
    assert!(!built, "{said}");
    assert_clear(&said, &["specs/registry.json", "cut off", "fetch it again"]);

    let copy = Copy::new();
    copy.edit("registry.json", |document| {
        document["paths"]["/v1/apps"]["get"]["responses"]["200"] = json!({ "$ref": "/etc/passwd" });
    });
    let (built, said) = copy.check(&["imperal-registry"]);
    assert!(!built, "{said}");
    assert_clear(
        &said,
        &[
            "/paths/~1v1~1apps/get/responses/200",
            "leads out of the document",
            "bundle",
        ],
    );
}

fn assert_clear(said: &str, words: &[&str]) {
    let messages: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("specs/registry.json"))
        .collect();
    assert_eq!(messages.len(), 1, "{said}");
    assert!(
        words.iter().all(|word| messages[0].contains(word)),
        "{said}"
    );
    for noise in ["panicked", "RUST_BACKTRACE", "stack backtrace"] {
        assert!(!said.contains(noise), "{said}");
    }
}
