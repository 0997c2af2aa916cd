//! The Rust in the guides, run against the mocked cloud. `build.rs` extracts it. What would ask the platform itself,
//! or needs a Redis server, is only compiled, by the documentation tests of `lib.rs`.

use futures::TryStreamExt;
use guides::events::follow::follow;
use guides::events::follow_until::follow_until;
use guides::events::go_on::go_on;
use guides::events::patient_events::patient_events;
use guides::events::theme::theme;
use guides::pagination::count::count;
use guides::pagination::each_app::each_app;
use guides::pagination::each_page::each_page;
use guides::pagination::ids::ids;
use guides::pagination::two_pages_ahead::two_pages_ahead;
use guides::pagination::work::work;
use guides::sessions::ask_patiently_and_once::ask_patiently_and_once;
use guides::sessions::backend::backend;
use guides::sessions::client::{CellStore, client};
use guides::sessions::from_the_vault::{Vault, from_the_vault};
use guides::sessions::send_with_a_key::send_with_a_key;
use guides::{events, pagination, sessions};
use imperal::{Credentials, Event, LiveEvent};
use imperal_mock::{Cloud, EMAIL, Fault, PASSWORD};
use imperal_tests::{client_with, email_of, statuses};
use serde_json::json;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

#[deny(
    dead_code,
    reason = "every function in a block that is run is a test, or is called by one"
)]
mod guides {
    pub mod events {
        include!(concat!(env!("OUT_DIR"), "/events.rs"));
    }
    pub mod pagination {
        include!(concat!(env!("OUT_DIR"), "/pagination.rs"));
    }
    pub mod sessions {
        include!(concat!(env!("OUT_DIR"), "/sessions.rs"));
    }
}

const APPS: &str = "/v1/marketplace/apps";
const STREAM: &str = "/v1/events/stream";

#[test]
fn every_block_is_run_or_left_to_the_documentation_tests() {
    let run = [
        "follow",
        "theme",
        "patient_events",
        "go_on",
        "follow_until",
        "nothing_is_missed_while_away",
    ];
    assert_eq!(events::RUN, run);
    assert_eq!(events::COMPILED, ["of_agent"]);

    let run = [
        "each_app",
        "each_page",
        "count",
        "two_pages_ahead",
        "work",
        "ids",
    ];
    assert_eq!(pagination::RUN, run);
    assert_eq!(pagination::COMPILED.len(), 0, "{:?}", pagination::COMPILED);

    let run = [
        "backend",
        "from_the_vault",
        "client",
        "ask_patiently_and_once",
        "send_with_a_key",
        "a_login_outlives_its_token_and_an_outage",
    ];
    assert_eq!(sessions::RUN, run);
    assert_eq!(sessions::COMPILED, ["run", "client", "client", "run"]);
}

/// Waits until a stream is open, so that events pushed from then on arrive.
async fn somebody_listens(cloud: &Cloud) {
    while !statuses(cloud, STREAM).contains(&200) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn events_are_followed_until_the_login_has_ended() {
    let cloud = Cloud::start().await;
    let imperal = cloud.client();
    let meanwhile = async {
        somebody_listens(&cloud).await;
        cloud.push_event("progress", &json!({ "percent": 40 }));
        imperal.logout().await.unwrap();
        cloud.drop_event_streams();
    };
    let (outcome, ()) = tokio::join!(follow(&imperal), meanwhile);
    let error = outcome.unwrap_err();
    assert!(error.is_logged_out(), "{error}");
}

#[tokio::test]
async fn events_are_followed_until_they_are_stopped() {
    let cloud = Cloud::start().await;
    let imperal = cloud.client();
    let (stop, stopped) = oneshot::channel();
    let meanwhile = async {
        somebody_listens(&cloud).await;
        stop.send(()).unwrap();
    };
    let (outcome, ()) = tokio::join!(follow_until(&imperal, stopped), meanwhile);
    outcome.unwrap();
}

#[tokio::test]
async fn events_go_on_after_the_last_one_and_each_id_is_handed_on() {
    let cloud = Cloud::start().await;
    for number in 1..=3 {
        cloud.push_event("numbered", &json!({ "number": number }));
    }
    let imperal = cloud.client();
    let (sender, mut ids) = mpsc::unbounded_channel();
    let going_on = go_on(&imperal, Some("1".to_owned()), |id| {
        sender.send(id.to_owned()).unwrap();
    });
    let heard = async { [ids.recv().await, ids.recv().await] };
    tokio::select! {
        outcome = going_on => panic!("{outcome:?}"),
        heard = heard => assert_eq!(heard, [Some("2".to_owned()), Some("3".to_owned())]),
    }
}

#[tokio::test]
async fn a_patient_listener_hears_all_the_same() {
    let cloud = Cloud::start().await;
    cloud.push_event("theme.changed", &json!({ "theme": "dark" }));
    let mut events = patient_events(&cloud.client()).resume_after("0");
    let event = events.try_next().await.unwrap().unwrap();
    assert_eq!(theme(&event).unwrap(), "dark");

    let without_one = Event::new("theme.changed", "2", "{}");
    assert_eq!(theme(&LiveEvent::from(without_one)).unwrap(), "light");
}

#[tokio::test]
async fn lists_are_read_in_the_largest_pages_or_in_those_that_were_asked_for() {
    let cloud = Cloud::start().await;
    let imperal = cloud.client();
    each_app(&imperal).await.unwrap();
    each_page(&imperal).await.unwrap();
    let list = imperal.gateway().marketplace().list_apps();
    assert_eq!(count(list).await.unwrap(), 45);
    assert_eq!(statuses(&cloud, APPS), [200; 3]);

    cloud.clear_exchanges();
    two_pages_ahead(&imperal).await.unwrap();
    assert_eq!(statuses(&cloud, APPS), [200; 2]);
}

#[tokio::test]
async fn a_job_goes_on_where_it_was_until_nothing_is_left() {
    let cloud = Cloud::start().await;
    let imperal = cloud.client();
    let place = work(&imperal, None, 17).await.unwrap().unwrap();
    assert!(!place.is_at_end());
    let place = work(&imperal, Some(place), usize::MAX).await.unwrap();
    let place = place.unwrap();
    assert!(place.is_at_end());

    cloud.clear_exchanges();
    work(&imperal, Some(place), 1).await.unwrap();
    assert!(cloud.exchanges().is_empty());
}

#[tokio::test]
async fn a_list_outlives_an_error_that_is_left_after_all_attempts() {
    let cloud = Cloud::start().await;
    let away = Fault::status(503).retry_after(Duration::ZERO);
    cloud.fail_next(away.times(4).on("GET /v1/marketplace/apps"));
    let all: Vec<String> = (1..=45).map(|number| format!("app-{number}")).collect();
    assert_eq!(ids(&cloud.client()).await.unwrap(), all);
    assert_eq!(statuses(&cloud, APPS), [503, 503, 503, 503, 200]);
}

#[test]
fn a_backend_names_its_registry() {
    let imperal = backend("token", "key").unwrap();
    let address = imperal.registry().session().base_url();
    assert_eq!(address, "https://registry.example.com");
}

#[tokio::test]
async fn a_provider_of_ones_own_is_asked_for_a_newer_token_after_a_refusal() {
    let cloud = Cloud::start().await;
    let vault = Vault::default();
    let imperal = client_with(&cloud, Credentials::bearer_from(vault.clone()));
    // The cloud knows neither of the vault's two tokens.
    assert!(email_of(&imperal).await.unwrap_err().is_unauthorized());
    assert_eq!(statuses(&cloud, "/v1/auth/me"), [401, 401]);
    assert!(from_the_vault(vault).is_ok());
}

#[tokio::test]
async fn a_store_of_ones_own_shares_one_login() {
    let cloud = Cloud::start().await;
    let store = CellStore::default();
    let login = Credentials::password(EMAIL, PASSWORD);
    let first = cloud.client_builder().token_store(store.clone());
    let first = first.credentials(login).build().unwrap();
    first.login().await.unwrap();

    let second = cloud.client_builder().token_store(store.clone());
    let second = second.build().unwrap();
    assert_eq!(email_of(&second).await.unwrap(), EMAIL);
    assert_eq!(statuses(&cloud, "/v1/auth/login"), [200]);

    // The store holds tokens of the mocked cloud, and the guide's client is pointed at the platform: nothing is sent.
    let elsewhere = client(store).unwrap();
    assert!(email_of(&elsewhere).await.unwrap_err().is_configuration());
}

#[tokio::test]
async fn options_hold_for_the_client_that_was_made_with_them() {
    let cloud = Cloud::start().await;
    let away = Fault::status(503).retry_after(Duration::ZERO);
    cloud.fail_next(away.times(5).on("GET /v1/auth/me"));
    ask_patiently_and_once(&cloud.client()).await.unwrap();
    assert_eq!(
        statuses(&cloud, "/v1/auth/me"),
        [503, 503, 503, 503, 503, 200, 200]
    );
}

#[tokio::test]
async fn a_request_with_a_key_is_sent_again() {
    let cloud = Cloud::start().await;
    let imperal = cloud.client();
    imperal.login().await.unwrap();
    cloud.fail_next(Fault::status(503).retry_after(Duration::ZERO));
    let error = send_with_a_key(&imperal, "a-key").await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert_eq!(statuses(&cloud, "/v1/newer/than/the/document"), [503, 404]);
}
