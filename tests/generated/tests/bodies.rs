//! Bodies of every kind, as they go out.

use futures::future::{BoxFuture, FutureExt};
use imperal_generated_tests::bodies::{Client, types};
use imperal_generated_tests::recording::{Recording, Sent};
use imperal_runtime::{Credential, CredentialProvider, Error, Patch, Upload};
use serde_json::{Value, json};

fn client() -> (Client, Recording) {
    let recording = Recording::json("{}");
    (Client::new(recording.session(|builder| builder)), recording)
}

fn thing() -> types::Thing {
    types::Thing::builder().name("n").try_into().unwrap()
}

#[tokio::test]
async fn json_under_other_names_is_sent_under_its_name() {
    let (client, recording) = client();
    let bodies = client.bodies();
    bodies
        .merge()
        .body_map(|body| {
            body.optional("x".to_owned())
                .required("r")
                .required_nullable(None)
        })
        .send()
        .await
        .unwrap_err();
    bodies
        .vendor()
        .body_map(|body| body.type_("t").attributes(serde_json::Map::new()))
        .send()
        .await
        .unwrap();
    assert_eq!(
        recording.last().header("content-type"),
        "application/vnd.api+json"
    );
    assert_eq!(
        recording.last().json(),
        json!({ "type": "t", "attributes": {} })
    );
    bodies
        .delete_with_body()
        .body(thing())
        .send()
        .await
        .unwrap();
    let sent = recording.last();
    assert_eq!(
        (sent.method.as_str(), sent.header("content-type")),
        ("DELETE", "application/json")
    );
    assert_eq!(sent.json()["name"], "n");
}

#[tokio::test]
async fn a_body_that_may_be_missing_is_not_sent() {
    let (client, recording) = client();
    let bodies = client.bodies();
    for attempt in [true, false] {
        let request = bodies.optional_json();
        let request = if attempt {
            request.body(Some(thing()))
        } else {
            request
        };
        request.send().await.unwrap();
        assert_eq!(recording.last().body.is_empty(), !attempt);
        let request = bodies.optional_form();
        let request = if attempt {
            request.body(Some(form("n")))
        } else {
            request
        };
        request.send().await.unwrap();
        assert_eq!(
            recording.last().body,
            if attempt { "count=1&name=n" } else { "" }
        );
    }
    bodies.optional_upload().send().await.unwrap();
    assert_eq!(
        (
            recording.last().body.as_str(),
            recording.last().header("content-type")
        ),
        ("", "")
    );
}

fn form(name: &str) -> types::BodyOptionalFormBodiesOptionalFormPost {
    let form = types::BodyOptionalFormBodiesOptionalFormPost::builder().name(Some(name.to_owned()));
    form.try_into().unwrap()
}

#[tokio::test]
async fn the_fields_of_a_form_are_pairs() {
    let (client, recording) = client();
    let request = client.bodies().form().body_map(|body| {
        body.name("a b&c=ü")
            .count(2)
            .flag(true)
            .tags(vec!["x".to_owned(), "y".to_owned()])
            .numbers(vec![1, 2])
    });
    request.send().await.unwrap();
    let sent = recording.last();
    assert_eq!(
        sent.header("content-type"),
        "application/x-www-form-urlencoded"
    );
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(sent.body.as_bytes())
        .into_owned()
        .collect();
    let mut expected = vec![
        ("name", "a b&c=ü"),
        ("count", "2"),
        ("flag", "true"),
        ("tags", "x"),
        ("tags", "y"),
        ("numbers", "1"),
        ("numbers", "2"),
    ];
    let mut pairs: Vec<(&str, &str)> = pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    pairs.sort_unstable();
    expected.sort_unstable();
    assert_eq!(pairs, expected);
}

/// The parts of a form: the line that describes each, its content type, its content.
fn parts(sent: &Sent) -> Vec<(String, String, String)> {
    let (_, boundary) = sent.header("content-type").split_once("boundary=").unwrap();
    let separator = format!("--{boundary}\r\n");
    let body = sent
        .body
        .strip_suffix(&format!("--{boundary}--\r\n"))
        .unwrap();
    let parts = body.split(separator.as_str()).skip(1);
    let mut parts: Vec<_> = parts
        .map(|part| {
            let (head, content) = part.split_once("\r\n\r\n").unwrap();
            let mut lines = head.lines();
            let disposition = lines
                .next()
                .unwrap()
                .replace("Content-Disposition: form-data; ", "");
            let content_type = lines
                .next()
                .unwrap_or_default()
                .replace("Content-Type: ", "");
            (
                disposition,
                content_type,
                content.strip_suffix("\r\n").unwrap().to_owned(),
            )
        })
        .collect();
    parts.sort();
    parts
}

#[tokio::test]
async fn a_form_with_files_has_a_part_for_each_value() {
    let (client, recording) = client();
    let request = client.bodies().upload().body_map(|body| {
        body.file(
            Upload::new("a,b")
                .file_name("t.csv")
                .content_type("text/csv"),
        )
        .all(vec![Upload::from("one"), Upload::from("two")])
        .note("n\u{fc}")
        .count(3)
        .color(types::Color::DarkBlue)
        .thing(thing())
        .text("{}")
    });
    request.send().await.unwrap();
    let sent = recording.last();
    assert!(
        sent.header("content-type")
            .starts_with("multipart/form-data; boundary=")
    );
    assert_eq!(sent.header("content-length"), sent.body.len().to_string());
    let expected = [
        (
            "name=\"all\"; filename=\"file\"",
            "application/octet-stream",
            "one",
        ),
        (
            "name=\"all\"; filename=\"file\"",
            "application/octet-stream",
            "two",
        ),
        ("name=\"color\"", "", "dark blue"),
        ("name=\"comment\"", "", ""),
        ("name=\"count\"", "", "3"),
        ("name=\"file\"; filename=\"t.csv\"", "text/csv", "a,b"),
        ("name=\"note\"", "", "n\u{fc}"),
        ("name=\"text\"", "", "{}"),
        ("name=\"thing\"", "", r#"{"count":1,"name":"n"}"#),
    ];
    let parts = parts(&sent);
    let parts: Vec<_> = parts
        .iter()
        .map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_str()))
        .collect();
    assert_eq!(parts, expected);
}

#[tokio::test]
async fn files_in_the_older_style_are_files_too() {
    let (client, recording) = client();
    let request = client.bodies().old_upload().body_map(|body| {
        body.file("f")
            .note("n")
            .all(vec![])
            .maybe(Some(Upload::from("m")))
            .count(1)
            .color(types::Color::Red)
            .thing(thing())
    });
    request.send().await.unwrap();
    let names: Vec<String> = parts(&recording.last())
        .into_iter()
        .map(|(name, ..)| name)
        .collect();
    assert!(
        names.contains(&"name=\"maybe\"; filename=\"file\"".to_owned()),
        "{names:?}"
    );
    assert!(
        names.contains(&"name=\"file\"; filename=\"file\"".to_owned()),
        "{names:?}"
    );
}

#[tokio::test]
async fn content_is_sent_as_it_is() {
    let (client, recording) = client();
    let bodies = client.bodies();
    bodies.image().body(&[1_u8, 2][..]).send().await.unwrap();
    assert_eq!(
        (
            recording.last().header("content-type"),
            recording.last().body.as_str()
        ),
        ("image/png", "\u{1}\u{2}")
    );
    bodies.text().body("plain").send().await.unwrap();
    assert_eq!(
        (
            recording.last().header("content-type"),
            recording.last().body.as_str()
        ),
        ("text/plain", "plain")
    );
    bodies
        .xml()
        .body(Upload::new("<a/>").content_type("text/xml"))
        .send()
        .await
        .unwrap();
    assert_eq!(recording.last().header("content-type"), "text/xml");
    let refused = bodies
        .xml()
        .body(Upload::new("x").content_type("a\nb"))
        .send()
        .await
        .unwrap_err();
    assert!(
        refused.is_invalid_request() && refused.to_string().contains("media type"),
        "{refused}"
    );
}

/// A credential that can be renewed.
struct Renewable;

impl CredentialProvider for Renewable {
    fn credential(&self) -> BoxFuture<'_, Result<Credential, Error>> {
        async { Ok(Credential::new("old", 0)) }.boxed()
    }

    fn renew(&self, _: Credential) -> BoxFuture<'_, Result<Option<Credential>, Error>> {
        async { Ok(Some(Credential::new("new", 1))) }.boxed()
    }
}

#[tokio::test]
async fn a_form_is_sent_again_with_a_renewed_credential() {
    let recording = Recording::answering(401, "application/json", "{}");
    let session = recording.session(|builder| builder.credential("HTTPBearer", Renewable));
    let client = Client::new(session);
    let request = client.bodies().guarded().body_map(|body| {
        body.file("content")
            .name("n")
            .a_b(Some(Upload::from("c")))
            .type_("t")
    });
    request.send().await.unwrap_err();
    let sent = recording.all();
    let authorizations: Vec<&str> = sent
        .iter()
        .map(|sent| sent.header("authorization"))
        .collect();
    assert_eq!(authorizations, ["Bearer old", "Bearer new"]);
    assert_eq!(parts(&sent[0]), parts(&sent[1]));
    let names: Vec<String> = parts(&sent[0]).into_iter().map(|(name, ..)| name).collect();
    let has = |name: &str| {
        names
            .iter()
            .any(|other| other.starts_with(&format!("name=\"{name}\"")))
    };
    assert!(has("type") && has("a-b"), "{names:?}");
}

#[tokio::test]
async fn a_patch_tells_absent_from_null() {
    let (client, recording) = client();
    let address = || types::Address::builder().street("s");
    let request = client.bodies().change().body_map(|body| {
        body.nullable(Patch::Null)
            .x1st(Patch::Null)
            .a_b("x")
            .required_nullable(None)
            .required("r")
            .home(types::Address::try_from(address()).unwrap())
    });
    request.send().await.unwrap_err();
    let sent = recording.last().json();
    assert_eq!(sent["nullable"], Value::Null);
    assert!(
        sent.get("nullable").is_some() && sent.get("address").is_none(),
        "{sent}"
    );
    assert_eq!(sent.get("required_nullable"), Some(&Value::Null));
    assert_eq!(
        (sent.get("1st"), &sent["a,b)"]),
        (Some(&Value::Null), &json!("x"))
    );
}

#[tokio::test]
async fn json_of_every_type_is_a_body() {
    let (client, recording) = client();
    let bodies = client.bodies();
    let _ = bodies.scalar().body(5).send().await;
    assert_eq!(recording.last().json(), json!(5));
    let _ = bodies.listed().body(vec![thing()]).send().await;
    assert_eq!(recording.last().json()[0]["name"], "n");
    let _ = bodies.anything().body(json!([null, 1])).send().await;
    assert_eq!(recording.last().json(), json!([null, 1]));
    let _ = bodies.json_or_form().body(thing()).send().await;
    assert_eq!(recording.last().header("content-type"), "application/json");
}

#[tokio::test]
async fn a_form_takes_files_from_disk_and_from_streams() {
    let (client, recording) = client();
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("table.csv");
    std::fs::write(&table, "a,b").unwrap();
    let chunks = ["o", "ne"].map(|chunk| Ok(bytes::Bytes::from(chunk)));
    let request = client.bodies().upload().body_map(|body| {
        body.file(Upload::from_path(&table))
            .all(vec![
                Upload::from_stream(futures::stream::iter(chunks)).file_name("x.png"),
            ])
            .note("n")
            .count(3)
            .color(types::Color::DarkBlue)
            .thing(thing())
            .text("{}")
    });
    request.send().await.unwrap();
    let sent = recording.last();
    let parts = parts(&sent);
    for expected in [
        ("name=\"all\"; filename=\"x.png\"", "image/png", "one"),
        ("name=\"file\"; filename=\"table.csv\"", "text/csv", "a,b"),
    ] {
        let found = parts.iter().any(|(name, kind, content)| {
            (name.as_str(), kind.as_str(), content.as_str()) == expected
        });
        assert!(found, "{parts:?}");
    }
    // How long a stream is nobody knows before it has ended.
    assert_eq!(sent.header("content-length"), "");
}
