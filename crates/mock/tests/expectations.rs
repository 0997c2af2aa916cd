//! What tests set that operations answer, seen by the facade and by another client.
#![allow(clippy::unwrap_used, reason = "a test")]
#![cfg(feature = "client")]

use futures::TryStreamExt;
use imperal_mock::httpmock::HttpMockResponse;
use imperal_mock::{Cloud, EMAIL, Fault, PASSWORD};
use serde_json::{Value, json};
use std::time::Duration;

async fn get(cloud: &Cloud, target: &str) -> (u16, Value) {
    let url = format!("{}{target}", cloud.gateway_url());
    let answer = reqwest::get(url).await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn only_the_requests_that_are_meant_are_answered_so() {
    let cloud = Cloud::start().await;
    let found = cloud.gateway().marketplace_list_apps(|when, then| {
        when.search("mail").page(2);
        then.json(200, &json!({ "apps": [] }))
    });
    let apps = async |query: &str| {
        let (status, body) = get(&cloud, &format!("/v1/marketplace/apps?{query}")).await;
        assert_eq!(status, 200);
        body["apps"].as_array().unwrap().len()
    };
    assert_eq!(apps("search=mail&page=2").await, 0);
    assert_eq!(apps("page=2&search=ma%69l").await, 0);
    for other in [
        "search=mail",
        "search=mail&page=1",
        "search=mailer&page=2",
        "search=mail&search=mail&page=2",
    ] {
        assert!(apps(other).await > 0, "{other}");
    }
    found.assert_calls(2);

    let unsorted = cloud
        .gateway()
        .marketplace_list_apps(|when, _| when.sort(None));
    apps("").await;
    apps("sort=newest").await;
    unsorted.assert_calls(1);
    cloud.assert_conforms();
}

#[tokio::test]
async fn values_in_paths_are_compared_however_they_are_written() {
    let cloud = Cloud::start().await;
    let odd = cloud.gateway().marketplace_get_app(|when, then| {
        when.app_id("a/b c.+é");
        then.failure(404, "no such app")
    });
    for written in ["a%2Fb%20c.+%C3%A9", "a%2fb%20c%2e%2B%c3%a9"] {
        let (status, body) = get(&cloud, &format!("/v1/marketplace/apps/{written}")).await;
        assert_eq!(
            (status, body),
            (404, json!({ "detail": "no such app" })),
            "{written}"
        );
    }
    // The dot is no pattern.
    assert_eq!(
        get(&cloud, "/v1/marketplace/apps/a%2Fb%20cx+%C3%A9")
            .await
            .0,
        200
    );
    let client = cloud.client();
    let marketplace = client.gateway().marketplace();
    let error = marketplace
        .get_app()
        .app_id("a/b c.+é")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.status().unwrap().as_u16(), 404);
    odd.assert_calls(3);
}

#[tokio::test]
async fn failures_have_the_form_of_the_service() {
    let cloud = Cloud::start().await;
    let fields = json!([{ "loc": ["query", "page"], "msg": "too far", "type": "value_error" }]);
    cloud
        .gateway()
        .marketplace_list_apps(|_, then| then.failure(422, fields).times(1));
    cloud.gateway().marketplace_list_apps(|_, then| {
        then.failure(429, json!({ "error": "rate_limited", "limit": 60 }))
            .and(|then| then.header("Retry-After", "7"))
            .times(1)
    });
    let client = cloud.client();
    let list = || {
        let options = imperal::CallOptions::new().retries(imperal::RetryPolicy::none());
        let gateway = client.gateway().with_options(&options);
        async move { gateway.marketplace().list_apps().send().await }
    };
    let error = list().await.unwrap_err();
    assert!(error.is_validation());
    assert!(error.to_string().contains("too far"), "{error}");
    let error = list().await.unwrap_err();
    assert!(error.is_rate_limited());
    assert_eq!(error.retry_after().unwrap().as_secs(), 7);
    assert!(list().await.is_ok());
}

#[tokio::test]
async fn they_are_met_in_their_order_as_often_as_they_hold() {
    let cloud = Cloud::start().await;
    let client = cloud.client();
    let auth = client.gateway().auth();
    let (first, second) = (
        cloud.gateway().auth_me(|_, then| {
            then.success_with(|me| "one".clone_into(&mut me.email))
                .times(2)
        }),
        cloud.gateway().auth_me(|_, then| {
            then.success_with(|me| "two".clone_into(&mut me.email))
                .times(1)
        }),
    );
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(auth.me().send().await.unwrap().email.clone());
    }
    assert_eq!(seen, ["one", "one", "two", EMAIL]);
    assert_eq!((first.calls(), second.calls()), (2, 1));

    let third = cloud
        .gateway()
        .auth_me(|_, then| then.success_with(|me| "three".clone_into(&mut me.email)));
    assert_eq!(auth.me().send().await.unwrap().email, "three");
    third.remove();
    assert_eq!(auth.me().send().await.unwrap().email, EMAIL);
    cloud
        .gateway()
        .auth_me(|_, then| then.success_with(|me| "four".clone_into(&mut me.email)));
    cloud.clear_expectations();
    assert_eq!(auth.me().send().await.unwrap().email, EMAIL);
    cloud.assert_conforms();
}

#[tokio::test]
async fn bodies_are_compared_as_a_whole_or_in_part() {
    let cloud = Cloud::start().await;
    let login = json!({ "email": EMAIL, "password": PASSWORD });
    let typed = serde_json::from_value(login).unwrap();
    let whole = cloud
        .gateway()
        .auth_login(|when, then| (when.body(&typed), then.times(1)));
    let part = cloud.gateway().auth_login(|when, then| {
        when.body_with(&json!({ "email": "other@example.com" }));
        then.failure(401, "unknown")
    });
    let client = reqwest::Client::new();
    let url = format!("{}/v1/auth/login", cloud.gateway_url());
    for (email, status) in [(EMAIL, 200), ("other@example.com", 401)] {
        // The tenant is there by default.
        let body = json!({ "email": email, "password": PASSWORD, "tenant_id": "default" });
        let answer = client.post(&url).json(&body).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{email}");
    }
    whole.assert_calls(1);
    part.assert_calls(1);
}

#[tokio::test]
async fn a_request_against_the_document_is_refused_whatever_was_set() {
    let cloud = Cloud::start().await;
    let listed = cloud
        .gateway()
        .marketplace_list_apps(|_, then| then.failure(404, "never"));
    let me = cloud
        .gateway()
        .auth_me(|_, then| then.failure(404, "never"));
    assert_eq!(get(&cloud, "/v1/marketplace/apps?page=none").await.0, 422);
    assert_eq!(get(&cloud, "/v1/auth/me").await.0, 401);
    assert_eq!((listed.calls(), me.calls()), (0, 0));
}

#[tokio::test]
async fn an_answer_that_the_document_does_not_allow_is_refused_when_it_is_set() {
    let cloud = Cloud::start().await;
    let refusal = |set: &dyn Fn()| {
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(set));
        *outcome.unwrap_err().downcast::<String>().unwrap()
    };
    let nonsense = refusal(&|| {
        cloud
            .gateway()
            .auth_me(|_, then| then.json(200, &json!({ "email": 5 })));
    });
    assert!(
        nonsense.contains("GET /v1/auth/me") && nonsense.contains("/email"),
        "{nonsense}"
    );
    let status = refusal(&|| {
        cloud
            .gateway()
            .auth_me(|_, then| then.json(302, &json!({})));
    });
    assert!(status.contains("no answer with the status 302"), "{status}");
    let success = refusal(&|| {
        cloud.gateway().auth_me(|_, then| then.failure(200, "fine"));
    });
    assert!(
        success.contains("200 is no status of a failure"),
        "{success}"
    );
    // None of them is there.
    let client = cloud.client();
    assert_eq!(
        client.gateway().auth().me().send().await.unwrap().email,
        EMAIL
    );

    cloud
        .gateway()
        .auth_me(|_, then| then.json(200, &json!({ "email": 5 })).deliberate());
    let error = client.gateway().auth().me().send().await.unwrap_err();
    assert_eq!(error.body().unwrap(), br#"{"email":5}"#);
}

#[tokio::test]
async fn an_answer_that_is_made_at_the_request_is_held_against_the_document_then() {
    let cloud = Cloud::start().await;
    cloud.gateway().marketplace_list_apps(|_, then| {
        then.respond_with(|request| {
            let body = request.uri().query().unwrap_or_default().to_owned();
            let response = HttpMockResponse::builder().status(200);
            response
                .header("content-type", "text/plain")
                .body(body)
                .build()
        })
    });
    let (status, body) = get(&cloud, "/v1/marketplace/apps").await;
    assert_eq!(status, 500);
    let detail = body["detail"].as_str().unwrap();
    assert!(
        detail.contains("its content type is text/plain"),
        "{detail}"
    );
    let violations = &cloud.exchanges()[0].violations;
    assert_eq!(violations[0].place, "answer");
}

#[tokio::test]
async fn answers_that_are_no_json_are_given_as_they_are() {
    let cloud = Cloud::start().await;
    cloud
        .gateway()
        .marketplace_get_app_icon(|_, then| then.success([0, 159, 146, 150]));
    let client = cloud.client();
    let icon = client.gateway().marketplace().get_app_icon().app_id("a");
    let chunks = icon.send().await.unwrap().into_inner();
    let chunks: Vec<_> = chunks.try_collect().await.unwrap();
    assert_eq!(chunks.concat(), [0, 159, 146, 150]);
}

#[tokio::test]
async fn a_late_answer_is_the_one_that_was_set() {
    let cloud = Cloud::start().await;
    let found = cloud
        .gateway()
        .marketplace_list_apps(|_, then| then.json(200, &json!({ "apps": [] })));
    cloud.fail_next(Fault::delay(Duration::ZERO));
    let (_, body) = get(&cloud, "/v1/marketplace/apps").await;
    assert_eq!(body["apps"], json!([]));
    found.assert_calls(1);
}

#[tokio::test]
#[should_panic(expected = "the expectation for GET /v1/marketplace/apps was forgotten")]
async fn nothing_is_known_of_an_expectation_that_was_forgotten() {
    let cloud = Cloud::start().await;
    let found = cloud
        .gateway()
        .marketplace_list_apps(|_, then| then.failure(404, "none"));
    cloud.reset();
    let other = cloud
        .gateway()
        .marketplace_list_apps(|_, then| then.failure(404, "none"));
    other.assert_calls(0);
    found.assert_calls(0);
}

/// A process has 25 servers of `httpmock` at once: a cloud takes one with its first expectation, and gives it back.
#[tokio::test]
async fn clouds_without_expectations_take_no_server() {
    for _ in 0..2 {
        let mut clouds = Vec::new();
        for number in 0..40 {
            let cloud = Cloud::start().await;
            if number < 10 {
                cloud
                    .gateway()
                    .marketplace_list_apps(|_, then| then.failure(404, format!("cloud {number}")));
                cloud.registry();
            }
            clouds.push(cloud);
        }
        for (number, cloud) in clouds.iter().enumerate() {
            let (status, body) = get(cloud, "/v1/marketplace/apps").await;
            if number < 10 {
                assert_eq!(body, json!({ "detail": format!("cloud {number}") }));
            } else {
                assert_eq!(status, 200);
            }
        }
    }
}

#[tokio::test]
async fn the_services_are_told_apart() {
    let cloud = Cloud::start().await;
    let gateway = cloud.gateway().healthz_healthz(|_, then| then);
    let registry = cloud.registry().health_health(|_, then| then);
    let client = cloud.client();
    client.gateway().healthz().healthz().send().await.unwrap();
    assert_eq!((gateway.calls(), registry.calls()), (1, 0));
    client.registry().health().health().send().await.unwrap();
    assert_eq!((gateway.calls(), registry.calls()), (1, 1));
}
