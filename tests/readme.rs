//! The Rust in the README, run against the mocked cloud. `build.rs` extracts it.

use imperal::{Credentials, Detail};
use imperal_mock::{Cloud, EMAIL, PASSWORD};
use imperal_tests::{client_with, email_of};
use readme::find_apps::{client, find_apps};
use readme::nobody_knows_the_app::nobody_knows_the_app;

#[deny(
    dead_code,
    reason = "every function in the README is a test, or is called by one"
)]
mod readme {
    include!(concat!(env!("OUT_DIR"), "/readme.rs"));
}

#[test]
fn every_block_is_run() {
    let run = [
        "find_apps",
        "a_call_survives_the_end_of_its_token",
        "nobody_knows_the_app",
    ];
    assert_eq!(readme::RUN, run);
    assert_eq!(readme::COMPILED.len(), 0, "{:?}", readme::COMPILED);
}

#[test]
fn the_client_asks_the_platform() {
    let imperal = client(EMAIL, PASSWORD).unwrap();
    let address = imperal.gateway().session().base_url();
    assert_eq!(address, "https://auth.imperal.io");
}

#[tokio::test]
async fn the_first_call_logs_in_and_the_last_one_logs_out() {
    let cloud = Cloud::start().await;
    let imperal = client_with(&cloud, Credentials::password(EMAIL, PASSWORD));
    find_apps(&imperal).await.unwrap();

    let exchanges = cloud.exchanges().into_iter();
    let asked: Vec<String> = exchanges.filter_map(|exchange| exchange.route).collect();
    let expected = [
        "POST /v1/auth/login",
        "GET /v1/auth/me",
        "GET /v1/marketplace/apps",
        "POST /v1/auth/logout",
    ];
    assert_eq!(asked, expected);
    assert!(email_of(&imperal).await.unwrap_err().is_logged_out());
    cloud.assert_conforms();
}

#[tokio::test]
async fn the_answer_that_a_test_sets_is_given_once_and_the_error_has_it() {
    let cloud = Cloud::start().await;
    nobody_knows_the_app(&cloud);
    let imperal = cloud.client();
    let apps = imperal.gateway().marketplace();

    let error = apps.get_app().app_id("mail").send().await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    let detail = Some(Detail::Text("no such app".to_owned()));
    assert_eq!(error.detail(), detail);

    apps.get_app().app_id("mail").send().await.unwrap();
    cloud.assert_conforms();
}
