//! Answers of every kind, good and bad.

use futures::{StreamExt, TryStreamExt};
use imperal_generated_tests::answers::{Client, types};
use imperal_generated_tests::failures;
use imperal_generated_tests::recording::Recording;
use imperal_runtime::Event;
use serde_json::json;

fn answering(status: u16, content_type: &'static str, body: &str) -> Client {
    Client::new(Recording::answering(status, content_type, body).session(|builder| builder))
}

fn json(body: &str) -> Client {
    answering(200, "application/json", body)
}

fn failing(status: u16, content_type: &'static str, body: &str) -> failures::Client {
    failures::Client::new(
        Recording::answering(status, content_type, body).session(|builder| builder),
    )
}

#[tokio::test]
async fn several_successes_are_told_apart() {
    let document: serde_json::Value =
        serde_json::from_str(include_str!("../fixtures/answers.json")).unwrap();
    for (status, at) in [
        ("200", "/paths/~1answers~1two/get"),
        ("201", "/paths/~1answers~1two/get"),
    ] {
        let declared = &document.pointer(at).unwrap()["responses"][status]["content"]["application/json"]
            ["schema"];
        let value = imperal_build_support::Instances::new(&document, 1)
            .make(declared)
            .unwrap();
        let answer = answering(
            status.parse().unwrap(),
            "application/json",
            &value.to_string(),
        );
        let answer = answer.answers().two_successes().send().await.unwrap();
        assert_eq!(answer.status().as_str(), status);
        let kind = format!("{:?}", *answer);
        let component = declared["$ref"]
            .as_str()
            .unwrap()
            .rsplit('/')
            .next()
            .unwrap();
        assert!(
            kind.starts_with(&format!("{component}(")),
            "{kind} is no {component}"
        );
    }
}

#[tokio::test]
async fn nothing_is_an_answer_beside_something() {
    let nothing = answering(204, "", "")
        .answers()
        .something_or_nothing()
        .send()
        .await
        .unwrap();
    assert!(nothing.is_none());
    assert_eq!(
        answering(204, "", "")
            .answers()
            .nothing()
            .send()
            .await
            .unwrap()
            .status(),
        204
    );
}

#[tokio::test]
async fn text_is_text_and_bytes_are_a_stream() {
    let text = answering(200, "text/plain", "plain")
        .answers()
        .plain_text()
        .send()
        .await
        .unwrap();
    assert_eq!(*text, "plain");
    let page = answering(200, "text/html", "<p>")
        .answers()
        .html_page()
        .send()
        .await
        .unwrap();
    assert_eq!(*page, "<p>");
    for client in [
        answering(200, "image/png", "\u{1}"),
        answering(200, "application/octet-stream", "\u{1}"),
    ] {
        let stream = client.answers().image().send().await.unwrap().into_inner();
        let bytes: Vec<_> = stream.map(Result::unwrap).collect().await;
        assert_eq!(bytes.concat(), [1]);
    }
    answering(200, "text/event-stream", "data: 1\n\n")
        .answers()
        .events()
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn json_is_json_under_any_name() {
    let body = r#"{"title": "t", "status": 400}"#;
    let problem = answering(200, "application/problem+json", body);
    let problem = problem.answers().problem_json().send().await.unwrap();
    let problem = problem.into_inner();
    assert_eq!((problem.title.as_str(), problem.status), ("t", 400));
    for body in ["null", "[1]", "{\"a\": 1}"] {
        let answer = json(body).answers().schemaless_json().send().await.unwrap();
        assert_eq!(
            json!(*answer),
            serde_json::from_str::<serde_json::Value>(body).unwrap()
        );
        let answer = json(body).answers().untyped_json().send().await.unwrap();
        assert_eq!(
            json!(*answer),
            serde_json::from_str::<serde_json::Value>(body).unwrap()
        );
    }
}

#[tokio::test]
async fn any_method_of_http_is_sent() {
    let recording = Recording::json("null");
    let client = Client::new(recording.session(|builder| builder));
    let _ = client.answers().choices().send().await;
    assert_eq!(recording.last().method, "OPTIONS");
    client.answers().look().send().await.unwrap();
    assert_eq!(
        (
            recording.last().method.as_str(),
            recording.last().target.as_str()
        ),
        ("HEAD", "/base/answers/head")
    );
}

#[tokio::test]
async fn a_failure_keeps_status_headers_and_body_whatever_they_are() {
    for (content_type, body) in [
        ("application/json", r#"{"detail": "x"}"#),
        ("text/html", "<h1>502</h1>"),
        ("application/json", ""),
        ("application/json", "{\"detail\": "),
        (
            "application/problem+json",
            r#"{"title": "t", "status": 400}"#,
        ),
    ] {
        for status in [301, 400, 404, 418, 500, 503] {
            let error = failing(status, content_type, body)
                .failures()
                .default_problem()
                .send()
                .await
                .unwrap_err();
            assert_eq!(error.status().unwrap().as_u16(), status);
            assert_eq!(error.headers().unwrap()["content-type"], content_type);
            assert_eq!(error.body().unwrap(), body.as_bytes());
            assert_eq!(error.operation(), Some("failures_default_problem"));
        }
    }
}

#[tokio::test]
async fn a_failure_is_read_as_the_type_that_the_document_gives() {
    let conflict = failing(409, "application/json", r#"{"holder": "h", "version": 2}"#);
    let error = conflict
        .failures()
        .several()
        .item_id(1)
        .send()
        .await
        .unwrap_err();
    let body: failures::types::Conflict = error.body_as().unwrap();
    assert_eq!((body.holder.as_str(), body.version), ("h", 2));
    assert!(error.body_as::<failures::types::Missing>().is_none());
    assert!(error.is_conflict());
}

#[tokio::test]
async fn a_success_that_does_not_parse_keeps_everything_too() {
    for body in ["<h1>Welcome</h1>", "", "{\"id\": ", "{}"] {
        let error = failing(200, "text/html", body)
            .failures()
            .undeclared()
            .send()
            .await
            .unwrap_err();
        assert_eq!(
            (
                error.status().unwrap().as_u16(),
                error.headers().unwrap()["content-type"].to_str().unwrap()
            ),
            (200, "text/html")
        );
        assert_eq!(error.body().unwrap(), body.as_bytes(), "{error}");
        assert!(!error.to_string().contains("Welcome"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn events_are_a_stream_of_events() {
    let body = "id: 1\nevent: made\ndata: {\"id\": 7, \"name\": \"x\"}\n\n";
    let events = answering(200, "text/event-stream", body)
        .answers()
        .typed_events()
        .events();
    // The service ends the stream each time, and is asked again.
    let events: Vec<Event> = events.take(2).try_collect().await.unwrap();
    for event in events {
        let thing: types::Thing = event.json().unwrap();
        assert_eq!((event.name(), event.id(), thing.id), ("made", "1", 7));
    }
}

#[tokio::test]
async fn events_of_a_request_that_is_sent_once_end_with_the_answer() {
    let recording = Recording::answering(200, "text/event-stream", "data: a\n\ndata: b\n\n");
    let client = Client::new(recording.session(|builder| builder));
    let thing: types::Thing = types::Thing::builder().id(1).name("x").try_into().unwrap();
    let told = client.answers().told().query_events("all").body(thing);
    let events: Vec<Event> = told.events().try_collect().await.unwrap();
    assert_eq!(
        events.iter().map(Event::data).collect::<Vec<_>>(),
        ["a", "b"]
    );
    assert_eq!(recording.all().len(), 1);
    assert_eq!(recording.last().target, "/base/answers/told?events=all");
    assert_eq!(recording.last().header("accept"), "text/event-stream");
}
