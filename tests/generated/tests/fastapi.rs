//! The same client against the service itself: FastAPI, run on loopback, is the judge of what is
//! sent, and the client of what comes back.
//!
//! Needs [a Python](imperal_tests::python). Without one the tests say so and do nothing.

use imperal_generated_tests::everything::{Client, types};
use imperal_runtime::Session;
use imperal_tests::python;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The service, stopped when this is dropped.
struct Service {
    process: Child,
    url: String,
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fastapi")
}

fn start(python: &Path) -> Service {
    let process = Command::new(python)
        .args([
            "-B",
            "-m",
            "uvicorn",
            "service:app",
            "--port",
            "0",
            "--no-access-log",
        ])
        .current_dir(folder())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // From here on it is stopped, whatever happens.
    let mut service = Service {
        process,
        url: String::new(),
    };
    // It says which port it got.
    let lines = BufReader::new(service.process.stderr.take().unwrap()).lines();
    let mut said = Vec::new();
    for line in lines.map_while(Result::ok) {
        if let Some((_, rest)) = line.split_once("running on ") {
            rest.split_whitespace()
                .next()
                .unwrap()
                .clone_into(&mut service.url);
            return service;
        }
        said.push(line);
    }
    panic!("the service did not start: {}", said.join("\n"));
}

#[test]
fn the_fixture_is_the_document_of_the_service() {
    let Some(python) = python() else { return };
    let script = "import json, warnings; warnings.simplefilter('ignore'); import service; print(json.dumps(service.app.openapi()))";
    let output = Command::new(python)
        .args(["-B", "-c", script])
        .current_dir(folder())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let now: Value = serde_json::from_slice(&output.stdout).unwrap();
    let fixture: Value =
        serde_json::from_slice(&std::fs::read(folder().join("everything.json")).unwrap()).unwrap();
    // The methods of one route come out of a set, in either order, and FastAPI writes one into names.
    let stable = |document: &Value| {
        let text = document.to_string();
        let text = text.replace("methods_methods_post", "methods_methods_get");
        text.replace(
            "Response Methods Methods Post",
            "Response Methods Methods Get",
        )
    };
    let same = stable(&now) == stable(&fixture);
    assert!(same, "write the document of service.py to everything.json");
}

#[tokio::test]
async fn every_operation_does_what_it_says() {
    let Some(python) = python() else { return };
    let service = start(&python);
    let session = Session::builder().base_url(&service.url).build().unwrap();
    let client = Client::new(session);
    values(&client).await;
    answers(&client).await;
    bodies(&client).await;
    let untagged = client.untagged().untagged().send().await.unwrap();
    assert_eq!(*untagged, "untagged");
    let path = client
        .paths_and_files()
        .greedy()
        .path("a/b c/d")
        .send()
        .await
        .unwrap();
    assert_eq!(*path, "a/b c/d");
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

async fn values(client: &Client) {
    let values = client.values();
    let body = json!({
        "integer": 5, "exclusive": 3, "money": "2.50", "text": "abc", "moment": "2026-01-01T10:00:00Z",
        "day": "2026-01-01", "time": "10:00:00", "span": "PT5S", "identity": "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "mail": "a@example.com", "site": "https://a.example/", "color": "", "either": 7, "pair": [1, "a"],
        "pet": { "kind": "dog", "name": "R" }, "self": "own", "a-b[c]": "odd", "unsigned": u64::MAX,
    });
    let echoed = values
        .echo_everything()
        .body(read::<types::EverythingInput>(body))
        .send()
        .await
        .unwrap();
    assert_eq!(
        (
            echoed.color.as_str(),
            echoed.self_.as_str(),
            echoed.a_b_c.as_str()
        ),
        ("", "own", "odd")
    );
    assert_eq!(
        (echoed.unsigned, echoed.counted.as_deref()),
        (u64::MAX, Some(&[1][..]))
    );
    assert!(
        matches!(echoed.pet, types::EverythingOutputPet::Dog(_)),
        "{:?}",
        echoed.pet
    );

    let color = values
        .get_color()
        .color("a+b")
        .also(vec![types::Color::Empty, types::Color::DarkBlue]);
    let color = color.send().await.unwrap().into_inner();
    assert_eq!(
        (&color["color"], &color["also"]),
        (&json!("a+b"), &json!(["", "dark blue"]))
    );

    let queries = values
        .queries()
        .strings(vec!["a b".to_owned(), "c&d=e".to_owned()])
        .numbers(vec![1, 2]);
    let queries = queries
        .type_("x")
        .self_("y")
        .async_("z")
        .a_b_c("w")
        .required(7)
        .flag(true);
    let since = queries
        .since("2026-01-01T10:00:00+02:00")
        .send()
        .await
        .unwrap()
        .into_inner();
    let expected = json!({
        "strings": ["a b", "c&d=e"], "numbers": [1, 2], "type": "x", "self": "y", "async": "z", "odd": "w",
        "since": "2026-01-01T10:00:00+02:00", "required": 7, "flag": true,
    });
    assert_eq!(json!(since), expected);
    more_values(client).await;
}

async fn more_values(client: &Client) {
    let values = client.values();
    let headers = values
        .headers()
        .x_number(4)
        .x_text("hi")
        .session("s1")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (&headers["number"], &headers["text"], &headers["session"]),
        (&json!(4), &json!("hi"), &json!("s1"))
    );
    let change = values
        .change()
        .body_map(|body| body.title("x").count(imperal_runtime::Patch::Null));
    let change = change.send().await.unwrap();
    assert_eq!(change["given"], json!(["count", "title"]));
    assert_eq!(values.pets().send().await.unwrap().len(), 2);
    let names = values
        .names()
        .body(types::Names(vec!["a".to_owned()]))
        .send()
        .await
        .unwrap();
    assert_eq!(names.0, ["a"]);
    assert_eq!(values.tree().send().await.unwrap().children[0].value, 2);
    assert_eq!(values.pages().send().await.unwrap().items.len(), 1);
    assert_eq!(
        values
            .strict()
            .body_map(|body| body.name("n"))
            .send()
            .await
            .unwrap()
            .name,
        "n"
    );
    assert_eq!(
        values
            .open()
            .body_map(|body| body.name("n").extra("e"))
            .send()
            .await
            .unwrap()
            .extra,
        "e"
    );
}

async fn answers(client: &Client) {
    let answers = client.answers();
    for status in [200, 201, 202, 204, 409, 418, 500] {
        match answers.several().which(status).send().await {
            Ok(answer) => assert_eq!(
                (i64::from(answer.status().as_u16()), answer.is_none()),
                (status, status == 204)
            ),
            Err(error) => assert!(
                status >= 400 && i64::from(error.status().unwrap().as_u16()) == status,
                "{error}"
            ),
        }
    }
    assert_eq!(answers.nothing().send().await.unwrap().status(), 204);
    assert_eq!(*answers.text().send().await.unwrap(), "plain");
    answers.stream().send().await.unwrap();
    answers.problem().send().await.unwrap();
    answers.head().send().await.unwrap();
    assert_eq!(*answers.methods_get().send().await.unwrap(), "either");
    assert_eq!(*answers.methods_post().send().await.unwrap(), "either");
    #[allow(deprecated, reason = "it is to be called all the same")]
    let old = answers.old().send().await.unwrap();
    assert_eq!(*old, "old");
}

async fn bodies(client: &Client) {
    let bodies = client.bodies();
    let cat = || read::<types::Cat>(json!({ "kind": "cat", "lives": 1 }));
    let optional = bodies
        .optional_body()
        .body(Some(cat()))
        .send()
        .await
        .unwrap();
    assert_eq!(optional["body"]["lives"], 1);
    let without = bodies.optional_body().send().await.unwrap();
    assert_eq!(without["body"], Value::Null);
    let form = bodies
        .form()
        .body_map(|body| body.name("a b&c").count(3))
        .send()
        .await
        .unwrap();
    assert_eq!(
        (&form["name"], &form["count"]),
        (&json!("a b&c"), &json!(3))
    );
    let deleted = bodies
        .delete_with_body()
        .body_map(|body| body.name("n"))
        .send()
        .await
        .unwrap();
    assert_eq!(deleted.name, "n");
    assert_eq!(*bodies.scalar().body(5).send().await.unwrap(), 5);
    let uploaded = bodies.upload().body_map(|body| {
        let more = vec![
            imperal_runtime::Upload::from("b"),
            imperal_runtime::Upload::from("c"),
        ];
        body.file(imperal_runtime::Upload::new("abc").file_name("a b.txt"))
            .note("n\u{fc}")
            .more(more)
    });
    let uploaded = uploaded.send().await.unwrap().into_inner();
    assert_eq!(
        json!(uploaded),
        json!({ "name": "a b.txt", "size": 3, "note": "n\u{fc}", "more": 2 })
    );
    let embedded = bodies
        .embedded()
        .body_map(|body| body.one(cat()).two("t"))
        .send()
        .await
        .unwrap();
    assert_eq!(embedded["two"], "t");
}
