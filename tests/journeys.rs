//! What a service does with the facade, against the mocked cloud.

use futures::TryStreamExt;
use futures::future::join_all;
use imperal::{Credentials, Error, Imperal};
use imperal_mock::{Cloud, EMAIL, PASSWORD, REGISTRY_KEY, SERVICE_TOKEN};
use serde_json::{Value, json};
use std::time::Duration;

/// Longer than an access token lives.
const EXPIRED: Duration = Duration::from_secs(16 * 60);

/// How often the path was asked for, and with which statuses.
fn statuses(cloud: &Cloud, path: &str) -> Vec<u16> {
    let exchanges = cloud.exchanges();
    exchanges
        .iter()
        .filter(|exchange| exchange.path == path)
        .map(|exchange| exchange.status)
        .collect()
}

#[tokio::test]
async fn the_first_call_logs_in_and_later_ones_do_not() {
    let cloud = Cloud::start().await;
    let imperal = cloud.client();
    assert!(
        cloud.exchanges().is_empty(),
        "building a client sends nothing"
    );
    for _ in 0..3 {
        let me = imperal.gateway().auth().me().send().await.unwrap();
        assert_eq!(me.email, EMAIL);
    }
    assert_eq!(statuses(&cloud, "/v1/auth/login"), [200]);
    assert_eq!(statuses(&cloud, "/v1/auth/me"), [200, 200, 200]);
}

#[tokio::test]
async fn an_expired_token_is_refreshed_unseen() {
    let cloud = Cloud::start().await;
    let imperal = cloud.client();
    imperal.login().await.unwrap();
    cloud.advance(EXPIRED);
    let answer = imperal.gateway().auth().me().send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(statuses(&cloud, "/v1/auth/me"), [401, 200]);
    assert_eq!(statuses(&cloud, "/v1/auth/refresh"), [200]);
    assert_eq!(statuses(&cloud, "/v1/auth/login"), [200]);
}

#[tokio::test]
async fn many_calls_that_meet_an_expired_token_share_one_refresh() {
    let cloud = Cloud::start().await;
    let imperal = cloud.client();
    imperal.login().await.unwrap();
    cloud.advance(EXPIRED);
    let calls = (0..100).map(|_| async { imperal.gateway().auth().me().send().await });
    let outcomes = join_all(calls).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(statuses(&cloud, "/v1/auth/refresh"), [200]);
}

#[tokio::test]
async fn a_refused_refresh_token_leads_to_a_new_login_if_there_is_a_password() {
    let cloud = Cloud::start().await;
    let login = || Credentials::password(EMAIL, PASSWORD);
    let stale = || Credentials::refresh_token("no longer good");
    let imperal = cloud
        .client_builder()
        .credentials(stale())
        .credentials(login())
        .build()
        .unwrap();
    imperal.gateway().auth().me().send().await.unwrap();
    assert_eq!(statuses(&cloud, "/v1/auth/refresh"), [401]);
    assert_eq!(statuses(&cloud, "/v1/auth/login"), [200]);

    let imperal = cloud.client_builder().credentials(stale()).build().unwrap();
    let error = imperal.gateway().auth().me().send().await.unwrap_err();
    assert!(error.is_logged_out(), "{error}");
    assert!(error.to_string().contains("log in again"), "{error}");
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_and_the_error_says_what_to_check() {
    let cloud = Cloud::start().await;
    let imperal = cloud
        .client_builder()
        .credentials(Credentials::password(EMAIL, "hunter2"))
        .build()
        .unwrap();
    for _ in 0..3 {
        let error = imperal.gateway().auth().me().send().await.unwrap_err();
        assert!(error.is_unauthorized(), "{error}");
        let text = format!("{error} {error:?} {imperal:?}");
        assert!(
            text.contains("IMPERAL_PASSWORD") && text.contains("401"),
            "{text}"
        );
        assert!(!text.contains("hunter2"), "{text}");
    }
    assert_eq!(statuses(&cloud, "/v1/auth/login"), [401]);
}

#[tokio::test]
async fn after_logout_the_tokens_are_dead_everywhere() {
    let cloud = Cloud::start().await;
    let imperal = cloud.client();
    imperal.login().await.unwrap();
    imperal.logout().await.unwrap();
    let error = imperal.gateway().auth().me().send().await.unwrap_err();
    assert!(error.is_logged_out(), "{error}");
    assert_eq!(statuses(&cloud, "/v1/auth/logout"), [200]);
    assert!(statuses(&cloud, "/v1/auth/me").is_empty());

    // What needs no login still works, without one.
    let categories = imperal.gateway().marketplace().categories();
    categories.send().await.unwrap();

    imperal.login().await.unwrap();
    imperal.gateway().auth().me().send().await.unwrap();
}

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
async fn the_registry_gets_its_key_and_the_gateway_its_service_token() {
    let cloud = Cloud::start().await;
    let imperal = cloud.client();
    assert_eq!(
        imperal
            .registry()
            .apps()
            .list_apps()
            .send()
            .await
            .unwrap()
            .len(),
        3
    );
    imperal
        .gateway()
        .events()
        .event_stats()
        .send()
        .await
        .unwrap();
    let logins = statuses(&cloud, "/v1/auth/login");
    assert!(logins.is_empty(), "neither needs a login: {logins:?}");

    let builder = || {
        cloud
            .client_builder()
            .credentials(Credentials::service_token(SERVICE_TOKEN))
    };
    let imperal = builder()
        .credentials(Credentials::registry_key("wrong"))
        .build()
        .unwrap();
    let error = imperal
        .registry()
        .apps()
        .list_apps()
        .send()
        .await
        .unwrap_err();
    assert!(
        error.is_unauthorized() && error.to_string().contains("IMPERAL_API_KEY"),
        "{error}"
    );
    let error = imperal.gateway().auth().me().send().await.unwrap_err();
    assert!(
        error.is_configuration() && error.to_string().contains("IMPERAL_EMAIL"),
        "{error}"
    );
}

#[tokio::test]
async fn an_operation_that_needs_no_credential_works_without_any() {
    let cloud = Cloud::start().await;
    let imperal = cloud.client_builder().build().unwrap();
    imperal
        .gateway()
        .billing()
        .list_plans()
        .send()
        .await
        .unwrap();
    imperal
        .gateway()
        .marketplace()
        .get_app()
        .app_id("app-7")
        .send()
        .await
        .unwrap();
    assert_eq!(cloud.exchanges().len(), 2);
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
        match outcome {
            Err(error) => {
                assert!(error.is_invalid_request(), "{value}: {error}");
                assert_eq!(error.operation(), Some("api_keys_delete_key"));
            }
            // What is escaped stays one segment.
            Ok(_) => assert_eq!(path.unwrap().matches('/').count(), 3, "{value}"),
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
async fn the_token_of_the_event_stream_goes_into_the_query() {
    let cloud = Cloud::start().await;
    let stream = cloud
        .client()
        .gateway()
        .events()
        .event_stream()
        .send()
        .await
        .unwrap();
    let text: Vec<_> = stream.into_inner().try_collect().await.unwrap();
    assert_eq!(text.concat(), b": connected\n\n");
    assert!(
        cloud
            .exchanges()
            .last()
            .unwrap()
            .query
            .starts_with("token=ey")
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

#[tokio::test]
async fn a_missing_argument_is_named_before_anything_is_sent() {
    let cloud = Cloud::start().await;
    let error = cloud
        .client()
        .gateway()
        .marketplace()
        .get_app()
        .send()
        .await
        .unwrap_err();
    assert!(error.is_invalid_request(), "{error}");
    assert!(error.to_string().contains("app_id"), "{error}");
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
async fn an_unreachable_host_is_named() {
    // Bound and dropped: nobody listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let url = format!("http://127.0.0.1:{port}");
    let imperal = Imperal::builder()
        .gateway_url(&url)
        .credentials(Credentials::bearer("hunter2"))
        .build()
        .unwrap();
    let error = imperal.gateway().auth().me().send().await.unwrap_err();
    assert!(error.is_connect(), "{error}");
    assert!(
        error.to_string().contains(&url) && !error.to_string().contains("hunter2"),
        "{error}"
    );
}

#[tokio::test]
async fn the_registry_without_an_address_fails_at_the_call() {
    let imperal = Imperal::builder()
        .credentials(Credentials::registry_key(REGISTRY_KEY))
        .build()
        .unwrap();
    let error = imperal
        .registry()
        .apps()
        .list_apps()
        .send()
        .await
        .unwrap_err();
    assert!(
        error.is_configuration() && error.to_string().contains("IMPERAL_REGISTRY_URL"),
        "{error}"
    );
}

#[tokio::test]
async fn a_credential_never_goes_over_plain_http_to_another_machine() {
    let builder = || {
        Imperal::builder()
            .gateway_url("http://gateway.invalid")
            .credentials(Credentials::bearer("hunter2"))
    };
    let error = builder()
        .build()
        .unwrap()
        .gateway()
        .auth()
        .me()
        .send()
        .await
        .unwrap_err();
    assert!(
        error.is_configuration() && error.to_string().contains("plain HTTP"),
        "{error}"
    );

    // Nor does a password in the body of a request.
    let login = Credentials::password(EMAIL, "hunter2");
    let builder = Imperal::builder().gateway_url("http://gateway.invalid");
    let imperal = builder.credentials(login).build().unwrap();
    let by_hand = imperal.gateway().auth().login();
    let by_hand = by_hand.body_map(|body| body.email(EMAIL).password("hunter2"));
    for error in [
        imperal.login().await.unwrap_err(),
        by_hand.send().await.unwrap_err(),
    ] {
        let plain = error.to_string().contains("plain HTTP");
        assert!(error.is_configuration() && plain, "{error}");
    }
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

#[tokio::test]
async fn clouds_run_side_by_side_without_sharing_anything() {
    let clouds = join_all((0..30).map(|_| Cloud::start())).await;
    let tokens = join_all(clouds.iter().map(|cloud| async {
        cloud.client().gateway().auth().me().send().await.unwrap();
        cloud.exchanges().len()
    }));
    assert_eq!(tokens.await, vec![2; 30]);
}
