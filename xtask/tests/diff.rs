//! `cargo xtask diff` from the outside: exit statuses, formats, and what it says.

#![allow(clippy::unwrap_used, reason = "a test")]

use pulldown_cmark::{Event, Options, Parser};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn xtask(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap()
}

fn printed(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// A document with one operation, and a folder to put it into.
fn tiny() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Tiny", "version": "1"},
        "paths": {"/things/{id}": {"get": {
            "operationId": "get_thing",
            "tags": ["things"],
            "parameters": [
                {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
                {"name": "depth", "in": "query", "schema": {"type": "integer", "maximum": 9}},
            ],
            "responses": {"200": {"description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}},
        }}},
        "components": {"schemas": {"Thing": {
            "type": "object",
            "required": ["id"],
            "properties": {"id": {"type": "string"}, "name": {"type": "string"}},
        }}},
    })
}

struct Two {
    folder: tempfile::TempDir,
}

impl Two {
    fn of(old: &Value, new: &Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("old.json"), old.to_string()).unwrap();
        std::fs::write(folder.path().join("new.json"), new.to_string()).unwrap();
        Self { folder }
    }

    fn diff(&self, arguments: &[&str]) -> Output {
        let path = |name: &str| self.folder.path().join(name).display().to_string();
        let (old, new) = (path("old.json"), path("new.json"));
        let mut all = vec!["diff", &old, &new];
        all.extend(arguments);
        xtask(&all)
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.diff(&["--format", "json"]).stdout).unwrap()
    }
}

/// The change with a rule.
fn with_rule<'v>(report: &'v Value, rule: &str) -> &'v Value {
    let changes = report["changes"].as_array().unwrap();
    let found = changes.iter().find(|change| change["rule"] == rule);
    found.unwrap_or_else(|| panic!("no {rule} in {report:#}"))
}

#[test]
fn equal_documents_are_unchanged_in_every_format() {
    let two = Two::of(&tiny(), &tiny());
    for format in ["text", "markdown", "html", "json"] {
        let output = two.diff(&["--format", format]);
        assert_eq!(output.status.code(), Some(0), "{format}");
        assert!(
            printed(&output).contains("unchanged"),
            "{format}: {}",
            printed(&output)
        );
    }
    let changed = two.diff(&["--fail-on", "changed"]);
    assert_eq!(changed.status.code(), Some(0));
}

#[test]
fn a_break_on_the_wire_is_shown_by_a_value() {
    let mut new = tiny();
    new["paths"]["/things/{id}"]["get"]["parameters"][1]["schema"]["maximum"] = json!(5);
    let two = Two::of(&tiny(), &new);
    let report = two.json();
    assert_eq!(
        (&report["verdict"], &report["semver"]),
        (&json!("breaking"), &json!("major"))
    );
    let change = with_rule(&report, "param-maximum-lowered");
    assert_eq!(change["wire"], "breaking");
    assert_eq!(change["source"], "none");
    assert_eq!(change["behaviour"], true);
    assert_eq!(change["operation"], "GET /things/{id}");
    assert_eq!(
        change["witness"],
        json!({"instance": 9, "valid_under": "old", "invalid_under": "new"})
    );
    assert_eq!(two.diff(&[]).status.code(), Some(1));
    assert_eq!(two.diff(&["--fail-on", "never"]).status.code(), Some(0));
}

#[test]
fn a_break_in_code_alone_is_one_too() {
    let mut new = tiny();
    new["paths"]["/things/{id}"]["get"]["operationId"] = json!("fetch_thing");
    let two = Two::of(&tiny(), &new);
    let report = two.json();
    let change = with_rule(&report, "operation-id-changed");
    assert_eq!(
        (&change["wire"], &change["source"]),
        (&json!("none"), &json!("breaking"))
    );
    assert!(
        change["rust"][0]
            .as_str()
            .unwrap()
            .contains("handles::Things::fetch_thing"),
        "{change}"
    );
    assert_eq!(report["verdict"], "breaking");
    assert_eq!(two.diff(&["--without-code"]).status.code(), Some(0));
}

#[test]
fn what_is_added_is_a_minor_version() {
    let mut new = tiny();
    new["components"]["schemas"]["Thing"]["properties"]["size"] = json!({"type": "integer"});
    let two = Two::of(&tiny(), &new);
    let report = two.json();
    assert_eq!(
        (&report["verdict"], &report["semver"]),
        (&json!("compatible"), &json!("minor"))
    );
    assert_eq!(
        with_rule(&report, "response-property-added")["source"],
        "compatible"
    );
    assert_eq!(two.diff(&[]).status.code(), Some(0));
    assert_eq!(two.diff(&["--fail-on", "changed"]).status.code(), Some(1));
}

#[test]
fn what_is_not_decided_says_why_and_can_fail() {
    let mut new = tiny();
    new["components"]["schemas"]["Thing"]["properties"]
        .as_object_mut()
        .unwrap()
        .remove("name");
    let two = Two::of(&tiny(), &new);
    let change = with_rule(&two.json(), "response-property-removed").clone();
    assert_eq!(change["wire"], "unknown");
    assert!(
        change["reason"].as_str().unwrap().contains("absent"),
        "{change}"
    );
    assert_eq!(two.diff(&["--without-code"]).status.code(), Some(0));
    assert_eq!(
        two.diff(&["--without-code", "--fail-on", "unknown"])
            .status
            .code(),
        Some(1)
    );
}

#[test]
fn words_alone_are_a_patch() {
    let mut new = tiny();
    new["components"]["schemas"]["Thing"]["description"] =
        json!("<script>alert(1)</script> *bold* @someone");
    let two = Two::of(&tiny(), &new);
    assert_eq!(two.json()["semver"], "patch");
    let markdown = printed(&two.diff(&["--format", "markdown"]));
    assert!(!markdown.contains("changelog"), "{markdown}");
}

#[test]
fn a_hostile_document_stays_text_in_every_format() {
    let mut new = tiny();
    let hostile = "<script>alert(1)</script>`\u{1b}[2J\u{202e}@all";
    new["components"]["schemas"]["Thing"]["properties"][hostile] =
        json!({"type": "string", "enum": [hostile]});
    let two = Two::of(&tiny(), &new);
    let html = printed(&two.diff(&["--format", "html"]));
    assert!(!html.contains("<script>"), "{html}");
    let markdown = printed(&two.diff(&["--format", "markdown"]));
    let is_markup = |event: &Event<'_>| match event {
        Event::Html(html) | Event::InlineHtml(html) => html.contains("script"),
        _ => false,
    };
    assert!(
        !Parser::new(&markdown).any(|event| is_markup(&event)),
        "{markdown}"
    );
    for format in ["text", "markdown", "html"] {
        let text = printed(&two.diff(&["--format", format]));
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
    }
}

#[test]
fn the_text_of_a_document_reads_the_same_in_markdown() {
    let name = "&lt;b&gt; ~~gone~~ *bold* a_b &#64;all";
    let mut new = tiny();
    new["components"]["schemas"]["Thing"]["properties"][name] = json!({"type": "string"});
    let two = Two::of(&tiny(), &new);
    let markdown = printed(&two.diff(&["--format", "markdown"]));
    let events = Parser::new_ext(&markdown, Options::ENABLE_STRIKETHROUGH);
    let texts = events.filter_map(|event| match event {
        Event::Text(text) => Some(text.into_string()),
        _ => None,
    });
    let seen = texts.collect::<String>();
    assert!(seen.contains(&format!("property {name} added")), "{seen}");
}

#[test]
fn an_item_is_listed_under_its_property_whatever_a_pointer_makes_of_the_name() {
    let with = |kind: &str| {
        let mut document = tiny();
        document["components"]["schemas"]["Thing"]["properties"]["a/b"] = json!({"type": kind});
        document
    };
    let report = Two::of(&with("string"), &with("integer")).json();
    let changes = report["changes"].as_array().unwrap();
    let at = "/components/schemas/Thing/properties/a~1b";
    for change in changes {
        let pointer = change["pointer"].as_str().unwrap();
        assert!(pointer.starts_with(at), "{change}");
    }
    let items = changes
        .iter()
        .flat_map(|change| change["rust"].as_array().unwrap());
    let items: Vec<&str> = items.map(|item| item.as_str().unwrap()).collect();
    assert!(
        items.iter().any(|item| item.contains("types::Thing::a_b")),
        "{items:?}"
    );
}

#[test]
fn an_operation_is_the_same_whatever_its_path_calls_its_parameters() {
    let mut new = tiny();
    let paths = new["paths"].as_object_mut().unwrap();
    let mut item = paths.remove("/things/{id}").unwrap();
    item["get"]["parameters"][0]["name"] = json!("thing");
    item["get"]["x-client-idempotent"] = json!(false);
    paths.insert("/things/{thing}".to_owned(), item);
    let report = Two::of(&tiny(), &new).json();
    let change = with_rule(&report, "idempotency-changed");
    assert_eq!(change["operation"], "GET /things/{thing}", "{change}");
}

#[test]
fn what_an_operation_does_in_another_way_is_told_where_no_schema_says_it() {
    let integer = |name: &str, most: u8| {
        let schema = json!({"type": "integer", "default": 1, "maximum": most});
        json!({"name": name, "in": "query", "schema": schema})
    };
    let mut old = tiny();
    let list = json!({"type": "array", "items": {"type": "string"}});
    old["paths"]["/things"] = json!({"get": {
        "operationId": "list_things",
        "tags": ["things"],
        "parameters": [integer("page", 9), integer("per_page", 50)],
        "responses": {"200": {"description": "", "content": {"application/json": {"schema": list}}}},
    }});
    let mut new = old.clone();
    let operation = &mut new["paths"]["/things"]["get"];
    operation["parameters"][1] = integer("per_page", 25);
    operation["x-client-idempotent"] = json!(false);
    let report = Two::of(&old, &new).json();
    for (rule, before, after) in [
        ("pagination-changed", "at most 50", "at most 25"),
        ("idempotency-changed", "as its method says", "no"),
    ] {
        let change = with_rule(&report, rule);
        assert_eq!(change["operation"], "GET /things", "{change}");
        assert_eq!(change["pointer"], "/paths/~1things/get", "{change}");
        let verdicts = (&change["wire"], &change["source"], &change["behaviour"]);
        assert_eq!(verdicts, (&json!("none"), &json!("none"), &json!(true)));
        let message = change["message"].as_str().unwrap();
        let (old, new) = message.split_once(" -> ").unwrap();
        assert!(old.contains(before) && new.contains(after), "{message}");
    }
    let unchanged = Two::of(&old, &old).json();
    assert_eq!(unchanged["changes"], json!([]));
}

#[test]
fn what_cannot_be_compared_is_told_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let good = path("good.json", &tiny().to_string());
    for (bad, word) in [
        (path("page.json", "<html>"), "HTML"),
        (path("cut.json", "{\"openapi\": "), "cut off"),
        (path("swagger.json", "{\"swagger\": \"2.0\"}"), "openapi"),
        (
            folder.path().join("nothing.json").display().to_string(),
            "nothing.json",
        ),
    ] {
        let output = xtask(&["diff", &good, &bad]);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(word), "{told}");
    }
    let output = xtask(&["diff", "no-such-revision"]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(
        told.contains("no-such-revision") && told.contains("revision that git knows"),
        "{told}"
    );
}

#[test]
fn our_own_uses_of_an_item_are_named() {
    let old: Value =
        serde_json::from_slice(&std::fs::read(root().join("specs/auth-gateway.json")).unwrap())
            .unwrap();
    let mut new = old.clone();
    new["paths"]["/v1/auth/me"]["get"]["operationId"] = json!("whoami_v1_auth_me_get");
    let report = Two::of(&old, &new).json();
    let change = with_rule(&report, "operation-id-changed");
    let used_at: Vec<&str> = change["used_at"]
        .as_array()
        .unwrap()
        .iter()
        .map(|place| place.as_str().unwrap())
        .collect();
    assert!(
        used_at
            .iter()
            .any(|place| place.starts_with("crates/imperal/examples/quickstart.rs:")),
        "{used_at:?}"
    );
    assert!(
        used_at.iter().any(|place| place.starts_with("README.md:")),
        "{used_at:?}"
    );
}
