//! Calls of operations: arguments, lists, failures, through the facade and against the mocked cloud.

use futures::TryStreamExt;
use imperal::{CallOptions, Error, Imperal, Method};
use imperal_mock::{Cloud, EMAIL, PASSWORD};
use serde_json::{Value, json};

#[tokio::test]
async fn a_list_is_a_stream_over_all_pages() {
    let cloud = Cloud::start().await;
    let imperal = cloud.client();
    let list = imperal
        .gateway()
        .marketplace()
        .list_apps()
        .search("mail")
        .per_page(10);
    let apps: Vec<_> = list.items().try_collect().await.unwrap();
    let ids: Vec<String> = apps.into_iter().map(|app| app.app_id).collect();
    let expected: Vec<String> = (1..=45).map(|number| format!("app-{number}")).collect();
    assert_eq!(ids, expected);
    let queries: Vec<String> = cloud
        .exchanges()
        .into_iter()
        .map(|exchange| exchange.query)
        .filter(|query| !query.is_empty())
        .collect();
    assert_eq!(queries.len(), 5, "{queries:?}");
    assert!(
        queries.iter().all(|query| query.contains("search=mail")),
        "{queries:?}"
    );
}

#[tokio::test]
async fn a_list_by_offset_asks_for_the_largest_page_there_is() {
    let cloud = Cloud::start().await;
    let history = cloud
        .client()
        .gateway()
        .billing()
        .get_wallet_history()
        .items();
    let entries: Vec<_> = history.try_collect().await.unwrap();
    assert_eq!(entries.len(), 45);
    assert_eq!(
        cloud.exchanges().last().unwrap().query,
        "limit=200&offset=0"
    );
}

/// Its document gives this list neither a default nor a bound.
#[tokio::test]
async fn a_list_without_a_documented_size_is_asked_for_until_it_is_empty() {
    let cloud = Cloud::start().await;
    let payments = cloud
        .client()
        .gateway()
        .billing()
        .list_payments()
        .offset(5)
        .items();
    let payments: Vec<_> = payments.try_collect().await.unwrap();
    assert_eq!(payments.len(), 40);
    let exchanges = cloud.exchanges();
    let queries: Vec<&str> = exchanges
        .iter()
        .map(|exchange| exchange.query.as_str())
        .filter(|query| !query.is_empty())
        .collect();
    assert_eq!(queries, ["limit=50&offset=5", "limit=50&offset=45"]);
}

#[tokio::test]
async fn what_was_asked_for_is_what_is_answered() {
    let cloud = Cloud::start().await;
    let app = cloud
        .client()
        .gateway()
        .marketplace()
        .get_app()
        .app_id("a/b c")
        .send()
        .await
        .unwrap();
    assert_eq!(app.app_id, "a/b c");
    assert_eq!(
        cloud.exchanges().last().unwrap().path,
        "/v1/marketplace/apps/a%2Fb%20c"
    );
}

/// A value such as `..` would make the request reach another route than the one that was meant.
#[tokio::test]
async fn a_value_that_leads_to_another_route_is_refused() {
    let cloud = Cloud::start().await;
    let imperal = cloud.client();
    for value in ["", ".", "..", "%2e%2E", "../keys", "a/../b"] {
        let keys = imperal.gateway().api_keys();
        let outcome = keys.delete_key().key_id(value).send().await;
        let path = cloud
            .exchanges()
            .last()
            .map(|exchange| exchange.path.clone());
        let error = outcome.unwrap_err();
        assert_eq!(error.operation(), Some("api_keys_delete_key"));
        if error.is_not_found() {
            // What is escaped stays one segment, and no key is called so.
            assert_eq!(path.unwrap().matches('/').count(), 3, "{value}");
        } else {
            assert!(error.is_invalid_request(), "{value}: {error}");
        }
    }
    let deleted = cloud
        .exchanges()
        .iter()
        .filter(|exchange| exchange.method == "DELETE")
        .count();
    assert_eq!(deleted, 3, "{:?}", cloud.exchanges());
}

#[tokio::test]
async fn the_hidden_parameter_is_sent_empty() {
    let cloud = Cloud::start().await;
    cloud
        .client()
        .gateway()
        .actions()
        .list_actions()
        .status("failed")
        .send()
        .await
        .unwrap();
    assert_eq!(
        cloud.exchanges().last().unwrap().query,
        "status=failed&kwargs="
    );
}

#[tokio::test]
async fn a_body_with_a_secret_is_sent_and_never_shown() {
    let cloud = Cloud::start().await;
    let imperal = cloud.client();
    let call = imperal
        .gateway()
        .auth()
        .login()
        .body_map(|body| body.email(EMAIL).password(PASSWORD));
    assert!(!format!("{call:?}").contains("\"password\""), "{call:?}");
    let tokens = call.send().await.unwrap();
    assert!(tokens.access_token.expose().starts_with("ey"));
    assert!(!format!("{tokens:?}").contains("ey"), "{tokens:?}");
}

/// That an argument has to be given is the compiler's to say: see the documentation of `imperal`.
#[tokio::test]
async fn a_missing_field_of_a_body_is_named_before_anything_is_sent() {
    let cloud = Cloud::start().await;
    let imperal = cloud.client();
    let login = imperal.gateway().auth().login();
    let error = login
        .body_map(|body| body.email(EMAIL))
        .send()
        .await
        .unwrap_err();
    assert!(error.is_invalid_request(), "{error}");
    assert!(error.to_string().contains("password"), "{error}");
    assert!(cloud.exchanges().is_empty());
}

#[tokio::test]
async fn a_broken_bound_is_named_before_anything_is_sent() {
    let cloud = Cloud::start().await;
    let imperal = cloud.client();
    let gateway = imperal.gateway();
    let refused = |outcome: Result<u16, Error>, words: &[&str]| {
        let error = outcome.unwrap_err();
        assert!(error.is_invalid_request(), "{error}");
        let text = error.to_string();
        assert!(words.iter().all(|word| text.contains(word)), "{text}");
    };
    let list = |page: i64, size: i64, sort: &'static str| {
        let list = gateway
            .marketplace()
            .list_apps()
            .page(page)
            .per_page(size)
            .sort(sort);
        async { list.send().await.map(|answer| answer.status().as_u16()) }
    };
    refused(
        list(0, 20, "name").await,
        &["query.page is 0, less than 1", "nothing was sent"],
    );
    refused(
        list(1, 51, "name").await,
        &["query.per_page is 51, more than 50"],
    );
    refused(list(1, 50, "hunger").await, &["query.sort does not match"]);

    let review = |rating: i64, body: &'static str| {
        let reviews = gateway.marketplace().create_review().app_id("app-1");
        let review = reviews.body_map(|review| review.rating(rating).body(body));
        async { review.send().await.map(|answer| answer.status().as_u16()) }
    };
    refused(
        review(6, "too short").await,
        &[
            "body.rating is 6, more than 5",
            "body.body has 9 characters, fewer than 20",
        ],
    );
    // Lengths are counted in characters.
    review(
        5,
        "\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9} long enough",
    )
    .await
    .unwrap();

    let password = gateway.auth().change_password();
    let password =
        password.body_map(|body| body.current_password("hunter2").new_password("hunter3"));
    let error = password.send().await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("body.new_password has 7 characters"),
        "{error}"
    );
    assert!(!format!("{error:?}").contains("hunter"), "{error}");
    assert!(
        cloud
            .exchanges()
            .iter()
            .all(|exchange| exchange.status == 200)
    );
}

#[tokio::test]
async fn a_failure_keeps_what_the_service_said() {
    let cloud = Cloud::start().await;
    let body = json!({ "email": 7 });
    let answer = reqwest::Client::new()
        .post(format!("{}/v1/auth/login", cloud.gateway_url()))
        .json(&body)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 422);
    let text: Value = answer.json().await.unwrap();
    assert_eq!(text["detail"][0]["loc"], json!(["body", "email"]));

    let imperal = cloud.client();
    let refresh = |token: &str| {
        imperal
            .gateway()
            .auth()
            .refresh()
            .body_map(|body| body.refresh_token(token))
            .send()
    };
    let error: Error = refresh("hunter2").await.unwrap_err();
    assert_eq!(error.status().unwrap(), 401);
    assert_eq!(error.operation(), Some("auth_refresh"));
    assert_eq!(
        error.to_string(),
        "auth_refresh: the service answered 401 Unauthorized: Invalid refresh token"
    );
    assert_eq!(
        error.body().unwrap(),
        br#"{"detail":"Invalid refresh token"}"#
    );
}

/// A client is shared by the tasks of a service, and so are its calls.
#[test]
fn clients_calls_and_errors_go_between_threads() {
    fn goes<T: Send + Sync>(_: &T) {}
    fn moves<T: Send>(_: &T) {}
    fn error<T: Send + Sync + std::error::Error + 'static>() {}
    let imperal = Imperal::builder().build().unwrap();
    goes(&imperal.clone());
    goes(&imperal.with_options(&CallOptions::new()));
    goes(&imperal.gateway().auth().me());
    moves(&imperal.gateway().auth().me().send());
    moves(&imperal.login());
    moves(&imperal.request(Method::GET, "/v1/new").send::<Value>());
    error::<Error>();
}
