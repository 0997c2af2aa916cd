//! Parameters of every kind, as they go out, and credentials beside them.

use imperal_generated_tests::credentials;
use imperal_generated_tests::parameters::{Client, types};
use imperal_generated_tests::recording::Recording;
use imperal_runtime::StaticCredential;

fn client() -> (Client, Recording) {
    let recording = Recording::json("null");
    (Client::new(recording.session(|builder| builder)), recording)
}

#[tokio::test]
async fn lists_are_repeated() {
    let (client, recording) = client();
    let request = client
        .parameters()
        .arrays()
        .strings(vec!["a b".to_owned(), "c&d".to_owned()])
        .colors(vec![types::Color::Red, types::Color::from("added later")])
        .numbers(vec![1, 2]);
    let _ = request.send().await;
    let target = recording.last().target;
    assert_eq!(
        target,
        "/base/parameters/arrays?colors=red&colors=added+later&numbers=1&numbers=2&strings=a+b&strings=c%26d"
    );
}

#[tokio::test]
async fn a_list_in_another_style_is_a_text_of_the_callers() {
    let (client, recording) = client();
    let request = client
        .parameters()
        .styles()
        .joined_numbers("1,2")
        .exploded(vec!["x".to_owned(), "y".to_owned()]);
    let _ = request.send().await;
    assert_eq!(
        recording.last().target,
        "/base/parameters/styles?exploded=x&exploded=y&joined_numbers=1%2C2"
    );
}

#[tokio::test]
async fn awkward_names_are_arguments() {
    let (client, recording) = client();
    let request = client
        .parameters()
        .names()
        .type_(1)
        .a_b_c("o")
        .query_send(2)
        .result("r")
        .url(3)
        .self_("me");
    let _ = request.send().await;
    let target = recording.last().target;
    for pair in [
        "type=1",
        "a-b%5Bc%5D=o",
        "send=2",
        "result=r",
        "url=3",
        "self=me",
    ] {
        assert!(target.contains(pair), "{target} lacks {pair}");
    }
    let path = client
        .parameters()
        .path_names()
        .type_("a/b")
        .self_(4)
        .item_id("c?d\\..\\e");
    let _ = path.send().await;
    assert_eq!(
        recording.last().target,
        "/base/parameters/path-names/a%2Fb/4/c%3Fd%5C..%5Ce"
    );
}

#[tokio::test]
async fn one_name_in_several_places_is_several_arguments() {
    let (client, recording) = client();
    let request = client
        .parameters()
        .same_name()
        .id(9)
        .query_id("q")
        .header_id("h");
    let _ = request.send().await;
    let sent = recording.last();
    assert_eq!(
        (sent.target.as_str(), sent.header("id")),
        ("/base/parameters/same/9?id=q", "h")
    );
}

#[tokio::test]
async fn headers_are_sent_where_they_are_given() {
    let (client, recording) = client();
    let request = client
        .parameters()
        .headers()
        .x_number(7)
        .x_color(types::Color::DarkBlue)
        .x_list(vec!["a".to_owned(), "b".to_owned()]);
    let _ = request.send().await;
    let sent = recording.last();
    assert_eq!(
        (
            sent.header("x-number"),
            sent.header("x-color"),
            sent.header("x-text")
        ),
        ("7", "dark blue", "")
    );
    let list: Vec<_> = sent.headers.get_all("x-list").iter().collect();
    assert_eq!(list, ["a", "b"]);
    let refused = client
        .parameters()
        .headers()
        .x_number(7)
        .x_text("a\nb")
        .send()
        .await
        .unwrap_err();
    assert!(
        refused.is_invalid_request() && refused.to_string().contains("x-text"),
        "{refused}"
    );
}

#[tokio::test]
async fn cookies_are_in_one_header() {
    let (client, recording) = client();
    let _ = client
        .parameters()
        .cookies()
        .track("t")
        .limit(5)
        .query_limit(6)
        .send()
        .await;
    let sent = recording.last();
    assert_eq!(sent.header("cookie"), "track=t; limit=5");
    assert_eq!(
        (
            sent.target.as_str(),
            sent.header("limit"),
            sent.header("track")
        ),
        ("/base/parameters/cookies?limit=6", "", "")
    );
    let refused = client
        .parameters()
        .cookies()
        .track("a; admin=1")
        .send()
        .await
        .unwrap_err();
    assert!(
        refused.is_invalid_request() && refused.to_string().contains("track"),
        "{refused}"
    );
    assert_eq!(recording.all().len(), 1);
}

#[tokio::test]
async fn a_greedy_path_spans_segments_and_leads_nowhere_else() {
    let (client, recording) = client();
    let greedy = |path: &str| client.parameters().greedy().path(path.to_owned());
    let _ = greedy("a/b c/d%2Fe").send().await;
    assert_eq!(recording.last().target, "/base/files/a/b%20c/d%252Fe");
    for path in ["a/../b", "..", "a//b", "/a", "a/./b", "a/"] {
        let refused = greedy(path).send().await.unwrap_err();
        assert!(refused.is_invalid_request(), "{path}: {refused}");
    }
    assert_eq!(recording.all().len(), 1);
}

#[tokio::test]
async fn bounds_of_parameters_are_checked() {
    let (client, recording) = client();
    for (whole, real, name) in [
        (0, 0.5, "whole"),
        (101, 0.5, "whole"),
        (1, 0.0, "real"),
        (1, 1.5, "real"),
    ] {
        let refused = client
            .parameters()
            .bounds()
            .whole(whole)
            .real(real)
            .send()
            .await
            .unwrap_err();
        assert!(
            refused.is_invalid_request() && refused.to_string().contains(name),
            "{refused}"
        );
    }
    assert!(recording.all().is_empty());
    let _ = client
        .parameters()
        .bounds()
        .whole(100)
        .real(1.25)
        .send()
        .await;
    assert_eq!(recording.last().target, "/base/parameters/bounds/100/1.25");
}

#[tokio::test]
async fn parameters_of_a_path_belong_to_its_operations() {
    let (client, recording) = client();
    let _ = client
        .parameters()
        .inherited()
        .id(3)
        .verbose(true)
        .x_trace("t")
        .send()
        .await;
    assert_eq!(
        (
            recording.last().target.as_str(),
            recording.last().header("x-trace")
        ),
        ("/base/parameters/shared/3?verbose=true", "t")
    );
}

#[tokio::test]
async fn two_values_in_one_segment_stay_apart() {
    let (client, recording) = client();
    let _ = client.parameters().pair().a(1).b("y/z").send().await;
    assert_eq!(recording.last().target, "/base/pairs/1-y%2Fz");
    let _ = client.parameters().version().n(2).send().await;
    assert_eq!(recording.last().target, "/base/versions/v2");
}

/// Every scheme of a document has a place for its credential.
#[tokio::test]
async fn credentials_go_where_their_scheme_says() {
    let recording = Recording::json("null");
    let session = recording.session(|builder| {
        let schemes = [
            "HTTPBearer",
            "APIKeyHeader",
            "APIKeyQuery",
            "APIKeyCookie",
            "OAuth2PasswordBearer",
            "OpenIdConnect",
        ];
        let builder = schemes.into_iter().fold(builder, |builder, scheme| {
            builder.credential(scheme, StaticCredential::new(format!("{scheme}-secret")))
        });
        builder.credential("HTTPBasic", StaticCredential::new("user:pass"))
    });
    let client = credentials::Client::new(session);
    let credentials = client.credentials();
    let _ = credentials.bearer().send().await;
    assert_eq!(
        recording.last().header("authorization"),
        "Bearer HTTPBearer-secret"
    );
    let _ = credentials.basic().send().await;
    assert_eq!(
        recording.last().header("authorization"),
        "Basic dXNlcjpwYXNz"
    );
    let _ = credentials.openid().send().await;
    assert_eq!(
        recording.last().header("authorization"),
        "Bearer OpenIdConnect-secret"
    );
    let _ = credentials.both_keys().send().await;
    let sent = recording.last();
    assert!(
        sent.target.contains("=APIKeyQuery-secret"),
        "{}",
        sent.target
    );
    assert!(
        sent.header("cookie").ends_with("=APIKeyCookie-secret"),
        "{}",
        sent.header("cookie")
    );
    let _ = credentials.both().send().await;
    let sent = recording.last();
    assert_eq!(sent.header("authorization"), "Bearer HTTPBearer-secret");
    assert!(
        sent.headers
            .values()
            .any(|value| value == "APIKeyHeader-secret")
    );
    let _ = credentials.none().send().await;
    assert_eq!(recording.last().header("authorization"), "");
}
