//! The client of a service that uses the range of FastAPI, over a transport that the test plays.

use imperal_generated_tests::everything::types::AnswersSeveralResponse::{Cat, Dog, Problem};
use imperal_generated_tests::everything::{Client, types};
use imperal_generated_tests::recording::Recording;
use serde_json::{Value, json};

fn answering(status: u16, body: &Value) -> (Client, Recording) {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let recording = Recording::answering(status, "application/json", body);
    let session = recording.session(|builder| builder.base_url("https://api.example.com"));
    (Client::new(session), recording)
}

/// The request that was sent since the last time, if one was.
fn sent(recording: &Recording) -> Option<Value> {
    let sent = recording.take()?;
    let (path, query) = match sent.target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (sent.target.as_str(), None),
    };
    Some(json!({
        "method": sent.method,
        "path": path,
        "query": query,
        "body": serde_json::from_str::<Value>(&sent.body).ok(),
    }))
}

/// A value for every field of the model that has one of each kind.
fn everything() -> Value {
    json!({
        "integer": 5, "exclusive": 3, "multiple": 10, "number": 1.5, "money": "2.50", "text": "abc", "pattern": "zz",
        "look": "x", "flag": true, "moment": "2026-01-01T10:00:00Z", "day": "2026-01-01", "time": "10:00:00",
        "span": "PT5S", "identity": "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "mail": "a@example.com",
        "site": "https://a.example/", "raw": "xyz", "color": "a+b", "level": 10, "maybe": null, "either": "x",
        "several": ["q"], "constant": "fixed", "choice": "b", "pair": [1, "a"], "tags": ["t"], "counted": [1, 2],
        "mapping": { "a": 1 }, "nested": { "a": null, "b": { "kind": "cat", "lives": 2 } }, "anything": [1],
        "obj": { "x": 1 }, "pet": { "kind": "dog", "name": "R" },
        "node": { "value": 1, "children": [{ "value": 2 }] }, "type": "tt", "self": "ss",
        "async": "aa", "a-b[c]": "oo", "big": i64::MAX, "unsigned": u64::MAX, "examples": "e",
    })
}

/// Which fields differ, apart from nulls that became absent.
fn differences(before: &Value, after: &Value) -> Vec<String> {
    let before = before.as_object().unwrap();
    let changed = before
        .iter()
        .filter(|(name, value)| after.get(name.as_str()).unwrap_or(&Value::Null) != *value);
    changed
        .map(|(name, value)| format!("{name}: {value} became {:?}", after.get(name.as_str())))
        .collect()
}

#[test]
fn every_kind_of_field_survives_a_round_trip() {
    let before = everything();
    let input: types::EverythingInput = serde_json::from_value(before.clone()).unwrap();
    let after = serde_json::to_value(&input).unwrap();
    assert_eq!(differences(&before, &after), Vec::<String>::new());
    let output: types::EverythingOutput = serde_json::from_value(before.clone()).unwrap();
    let after = serde_json::to_value(&output).unwrap();
    assert_eq!(differences(&before, &after), Vec::<String>::new());
}

#[test]
fn answers_are_read_tolerantly() {
    let mut answer = everything();
    for (field, value) in [
        ("color", json!("ultraviolet")),
        ("choice", json!("c")),
        ("level", json!(11)),
        ("text", json!("")),
        ("pattern", json!("UPPER")),
        ("integer", json!(-5)),
        ("counted", json!([1, 2, 3, 4, 5])),
        ("added_later", json!({ "a": 1 })),
    ] {
        answer[field] = value;
    }
    let read: types::EverythingOutput = serde_json::from_value(answer.clone()).unwrap();
    assert_eq!(read.color, types::Color::Other("ultraviolet".to_owned()));
    answer.as_object_mut().unwrap().remove("added_later");
    let written = serde_json::to_value(&read).unwrap();
    assert_eq!(differences(&answer, &written), Vec::<String>::new());
}

#[tokio::test]
async fn requests_are_checked_strictly() {
    let (client, transport) = answering(200, &everything());
    for (field, value, problem) in [
        ("integer", json!(101), "body.integer is 101, more than 100"),
        (
            "exclusive",
            json!(10),
            "body.exclusive is 10, not less than 10",
        ),
        ("multiple", json!(7), "body.multiple is 7, no multiple of 5"),
        (
            "text",
            json!("a"),
            "body.text has 1 characters, fewer than 2",
        ),
        (
            "pattern",
            json!("A"),
            "body.pattern does not match ^[a-z]+$",
        ),
        (
            "counted",
            json!([]),
            "body.counted has 0 items, fewer than 1",
        ),
        (
            "counted",
            json!([1, 2, 3, 4]),
            "body.counted has 4 items, more than 3",
        ),
        ("tags", json!(["t", "t"]), "body.tags holds an item twice"),
        ("big", json!(i64::MAX), ""),
    ] {
        let mut body = everything();
        body[field] = value;
        let body: types::EverythingInput = serde_json::from_value(body).unwrap();
        let outcome = client.values().echo_everything().body(body).send().await;
        if problem.is_empty() {
            outcome.unwrap();
            assert!(sent(&transport).is_some());
        } else {
            let error = outcome.unwrap_err();
            assert!(error.is_invalid_request(), "{error}");
            assert!(error.to_string().contains(problem), "{error}");
            assert_eq!(sent(&transport), None, "{problem}");
        }
    }
}

#[tokio::test]
async fn parameters_of_every_name_and_kind_are_sent_as_fastapi_reads_them() {
    let (client, transport) = answering(200, &json!({}));
    let queries = client.values().queries();
    let queries = queries
        .strings(vec!["a b".to_owned(), "c&d".to_owned()])
        .numbers(vec![1, 2]);
    let queries = queries
        .type_("x")
        .self_("y")
        .async_("z")
        .a_b_c("w")
        .required(7)
        .flag(true);
    queries.send().await.unwrap();
    let query = sent(&transport).unwrap()["query"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut pairs: Vec<&str> = query.split('&').collect();
    pairs.sort_unstable();
    assert_eq!(
        pairs,
        [
            "a-b%5Bc%5D=w",
            "async=z",
            "flag=true",
            "numbers=1",
            "numbers=2",
            "required=7",
            "self=y",
            "strings=a+b",
            "strings=c%26d",
            "type=x",
        ]
    );

    let color = client
        .values()
        .get_color()
        .color("a+b")
        .also(vec![types::Color::Empty, types::Color::DarkBlue]);
    color.send().await.unwrap();
    let request = sent(&transport).unwrap();
    assert_eq!(request["path"], "/colors/a+b");
    assert_eq!(request["query"], "also=&also=dark+blue");

    let (client, transport) = answering(200, &json!("a/b"));
    let greedy = client.paths_and_files().greedy().path("a/b");
    assert_eq!(*greedy.send().await.unwrap(), "a/b");
    assert_eq!(sent(&transport).unwrap()["path"], "/files/a%2Fb");
}

#[tokio::test]
async fn each_of_several_successes_has_its_type() {
    let success = |status: u16, body: Value| async move {
        let (client, _) = answering(status, &body);
        client
            .answers()
            .several()
            .send()
            .await
            .unwrap()
            .into_inner()
    };
    assert!(matches!(
        success(200, json!({ "kind": "cat", "lives": 3 })).await,
        Some(Cat(_))
    ));
    assert!(matches!(
        success(202, json!({ "kind": "dog", "name": "R" })).await,
        Some(Dog(_))
    ));
    assert!(matches!(
        success(201, json!({ "title": "t", "status": 1 })).await,
        Some(Problem(_))
    ));
    assert!(success(204, Value::Null).await.is_none());
}

#[tokio::test]
async fn a_failure_keeps_status_and_body_whatever_it_is() {
    for (status, body) in [
        (409, json!({ "title": "no" })),
        (418, json!({ "kind": "cat" })),
        (500, Value::Null),
    ] {
        let (client, _) = answering(status, &body);
        let error = client.answers().several().send().await.unwrap_err();
        assert_eq!(error.status().unwrap().as_u16(), status);
        let kept = serde_json::from_slice::<Value>(error.body().unwrap()).unwrap_or_default();
        assert_eq!(kept, body);
        assert_eq!(error.operation(), Some("answers_several"));
    }
}

#[tokio::test]
async fn answers_without_json_have_a_form() {
    let (client, _) = answering(200, &json!("plain"));
    let text: String = client.answers().text().send().await.unwrap().into_inner();
    assert_eq!(text, "\"plain\"");
    let (client, transport) = answering(204, &Value::Null);
    client.answers().nothing().send().await.unwrap();
    assert_eq!(sent(&transport).unwrap()["method"], "DELETE");
    client.answers().head().send().await.unwrap();
    assert_eq!(sent(&transport).unwrap()["method"], "HEAD");
}

#[tokio::test]
async fn both_methods_of_one_route_have_a_name() {
    let (client, transport) = answering(200, &json!("x"));
    client.answers().methods_get().send().await.unwrap();
    assert_eq!(sent(&transport).unwrap()["method"], "GET");
    client.answers().methods_post().send().await.unwrap();
    assert_eq!(sent(&transport).unwrap()["method"], "POST");
}

#[tokio::test]
async fn absent_and_null_are_different_in_a_patch() {
    use imperal_runtime::Patch;
    let (client, transport) = answering(200, &json!({}));
    let change = client.values().change();
    let change = change.body_map(|body| body.title("new").color(Patch::Null));
    change.send().await.unwrap();
    assert_eq!(
        sent(&transport).unwrap()["body"],
        json!({ "title": "new", "color": null })
    );
    let whole: types::Change =
        serde_json::from_value(json!({ "title": null, "color": "red" })).unwrap();
    assert_eq!((whole.title, whole.count), (Patch::Null, Patch::Absent));
    assert_eq!(whole.color, Patch::Value(types::Color::Red));
}

#[tokio::test]
async fn an_optional_body_can_be_left_out() {
    let (client, transport) = answering(200, &json!({}));
    client.bodies().optional_body().send().await.unwrap();
    assert_eq!(sent(&transport).unwrap()["body"], Value::Null);
    let cat: types::Cat = serde_json::from_value(json!({ "kind": "cat", "lives": 1 })).unwrap();
    client
        .bodies()
        .optional_body()
        .body(cat)
        .send()
        .await
        .unwrap();
    assert_eq!(sent(&transport).unwrap()["body"]["lives"], 1);
    let body = json!({ "name": "n" });
    let with_body = client
        .bodies()
        .delete_with_body()
        .body_map(|body| body.name("n"));
    assert!(
        with_body.send().await.is_err(),
        "the answer is none of that form"
    );
    assert_eq!(sent(&transport).unwrap()["body"], body);
}
