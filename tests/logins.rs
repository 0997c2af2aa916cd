//! Logins, tokens and the other credentials, through the facade and against the mocked cloud.

use futures::TryStreamExt;
use futures::future::join_all;
use imperal::{CallOptions, Credentials, Error, Imperal};
use imperal_mock::{Cloud, EMAIL, PASSWORD, REGISTRY_KEY, SERVICE_TOKEN};
use imperal_tests::{client_with, email_of, refusing_socket, statuses};
use std::time::Duration;

/// Longer than an access token lives.
const EXPIRED: Duration = Duration::from_secs(16 * 60);

#[tokio::test]
async fn the_first_call_logs_in_and_later_ones_do_not() {
    let cloud = Cloud::start().await;
    let imperal = cloud.client();
    assert!(
        cloud.exchanges().is_empty(),
        "building a client sends nothing"
    );
    for _ in 0..3 {
        assert_eq!(email_of(&imperal).await.unwrap(), EMAIL);
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
    let outcomes = join_all((0..100).map(|_| email_of(&imperal))).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(statuses(&cloud, "/v1/auth/refresh"), [200]);
}

#[tokio::test]
async fn a_refused_refresh_token_leads_to_a_new_login_if_there_is_a_password() {
    let cloud = Cloud::start().await;
    let stale = || Credentials::refresh_token("no longer good");
    let login = Credentials::password(EMAIL, PASSWORD);
    let builder = cloud.client_builder().credentials(stale());
    let imperal = builder.credentials(login).build().unwrap();
    email_of(&imperal).await.unwrap();
    assert_eq!(statuses(&cloud, "/v1/auth/refresh"), [401]);
    assert_eq!(statuses(&cloud, "/v1/auth/login"), [200]);

    let error = email_of(&client_with(&cloud, stale())).await.unwrap_err();
    assert!(error.is_logged_out(), "{error}");
    assert!(error.to_string().contains("log in again"), "{error}");
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_and_the_error_says_what_to_check() {
    let cloud = Cloud::start().await;
    let imperal = client_with(&cloud, Credentials::password(EMAIL, "hunter2"));
    for _ in 0..3 {
        let error = email_of(&imperal).await.unwrap_err();
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
    let error = email_of(&imperal).await.unwrap_err();
    assert!(error.is_logged_out(), "{error}");
    assert_eq!(statuses(&cloud, "/v1/auth/logout"), [200]);
    assert!(statuses(&cloud, "/v1/auth/me").is_empty());

    // What needs no login still works, without one.
    let categories = imperal.gateway().marketplace().categories();
    categories.send().await.unwrap();

    imperal.login().await.unwrap();
    email_of(&imperal).await.unwrap();
}

#[tokio::test]
async fn the_registry_gets_its_key_and_the_gateway_its_service_token() {
    let cloud = Cloud::start().await;
    let imperal = cloud.client();
    let apps = imperal.registry().apps();
    assert_eq!(apps.list_apps().send().await.unwrap().len(), 3);
    let events = imperal.gateway().events();
    events.event_stats().send().await.unwrap();
    let logins = statuses(&cloud, "/v1/auth/login");
    assert!(logins.is_empty(), "neither needs a login: {logins:?}");

    let builder = cloud.client_builder();
    let imperal = builder
        .credentials(Credentials::service_token(SERVICE_TOKEN))
        .credentials(Credentials::registry_key("wrong"))
        .build()
        .unwrap();
    let apps = imperal.registry().apps();
    let error = apps.list_apps().send().await.unwrap_err();
    assert!(
        error.is_unauthorized() && error.to_string().contains("IMPERAL_API_KEY"),
        "{error}"
    );
    let error = email_of(&imperal).await.unwrap_err();
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
    // Only the beginning is read, since the stream has no end.
    let mut stream = stream.into_inner();
    assert_eq!(
        stream.try_next().await.unwrap().unwrap(),
        &b": connected\n\n"[..]
    );
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
async fn an_unreachable_host_is_named() {
    let nobody = refusing_socket();
    let url = format!("http://{}", nobody.local_addr().unwrap());
    let builder = Imperal::builder().gateway_url(&url);
    let token = Credentials::bearer("hunter2");
    let imperal = builder.credentials(token).build().unwrap();
    let error = email_of(&imperal).await.unwrap_err();
    assert!(error.is_connect(), "{error}");
    assert!(
        error.to_string().contains(&url) && !error.to_string().contains("hunter2"),
        "{error}"
    );
}

#[tokio::test]
async fn the_registry_without_an_address_fails_at_the_call() {
    let key = Credentials::registry_key(REGISTRY_KEY);
    let imperal = Imperal::builder().credentials(key).build().unwrap();
    let apps = imperal.registry().apps();
    let error = apps.list_apps().send().await.unwrap_err();
    assert!(
        error.is_configuration() && error.to_string().contains("IMPERAL_REGISTRY_URL"),
        "{error}"
    );
}

#[tokio::test]
async fn a_credential_never_goes_over_plain_http_to_another_machine() {
    let builder = || Imperal::builder().gateway_url("http://gateway.invalid");
    let refused = |error: &Error| {
        let plain = error.to_string().contains("plain HTTP");
        assert!(error.is_configuration() && plain, "{error}");
    };
    let token = Credentials::bearer("hunter2");
    let imperal = builder().credentials(token).build().unwrap();
    refused(&email_of(&imperal).await.unwrap_err());

    // Nor does a password in the body of a request.
    let login = Credentials::password(EMAIL, "hunter2");
    let imperal = builder().credentials(login).build().unwrap();
    let by_hand = imperal.gateway().auth().login();
    let by_hand = by_hand.body_map(|body| body.email(EMAIL).password("hunter2"));
    refused(&imperal.login().await.unwrap_err());
    refused(&by_hand.send().await.unwrap_err());

    // Nor does one that a caller sets by hand, for an operation that needs none.
    let options = CallOptions::new()
        .header("authorization", "Bearer hunter2")
        .unwrap();
    assert!(!format!("{options:?}").contains("hunter2"), "{options:?}");
    let imperal = builder().build().unwrap().with_options(&options);
    let health = imperal.gateway().healthz().healthz();
    refused(&health.send().await.unwrap_err());
}

#[tokio::test]
async fn clouds_run_side_by_side_without_sharing_anything() {
    let clouds = join_all((0..30).map(|_| Cloud::start())).await;
    let counts = join_all(clouds.iter().map(|cloud| async {
        email_of(&cloud.client()).await.unwrap();
        cloud.exchanges().len()
    }));
    // Each cloud has seen the login and the call of its own client, and nothing else.
    assert_eq!(counts.await, vec![2; 30]);
}
