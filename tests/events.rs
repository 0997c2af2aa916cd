//! Live events, through the facade and against the mocked cloud.

use futures::{StreamExt, TryStreamExt};
use imperal::{Credentials, EventData, LiveEvent, LiveEvents};
use imperal_mock::{Cloud, EMAIL, Fault};
use imperal_tests::{client_with, statuses};
use serde_json::json;
use std::time::Duration;

const STREAM: &str = "/v1/events/stream";

/// Waits until the stream is open, so that what is sent from then on is heard.
async fn open(cloud: &Cloud, events: &mut LiveEvents) {
    while !statuses(cloud, STREAM).contains(&200) {
        assert!(futures::poll!(events.next()).is_pending());
        tokio::task::yield_now().await;
    }
}

async fn next(events: &mut LiveEvents) -> LiveEvent {
    events.try_next().await.unwrap().unwrap()
}

#[tokio::test]
async fn what_happens_is_heard_and_nothing_is_missed_while_away() {
    let cloud = Cloud::start().await;
    let mut events = cloud.client().events();
    open(&cloud, &mut events).await;
    cloud.push_event(
        "panel_refresh",
        &json!({ "scope": "app", "action": "updated", "data": { "panels": ["inbox"] } }),
    );
    let event = next(&mut events).await;
    assert_eq!((event.name(), event.id()), ("panel_refresh", "1"));
    let EventData::Change(change) = event.data() else {
        panic!("{event:?}");
    };
    assert_eq!(change.panels(), ["inbox"]);

    // The service is replaced, and the token has run out meanwhile.
    cloud.drop_event_streams();
    cloud.advance(Duration::from_secs(16 * 60));
    cloud.push_event("progress", &json!({ "percent": 40, "message": "indexing" }));
    cloud.push_event("added.later", &json!([1, 2]));
    let event = next(&mut events).await;
    assert!(
        matches!(event.data(), EventData::Progress(progress) if progress.percent > 39.0),
        "{event:?}"
    );
    let event = next(&mut events).await;
    assert_eq!(
        (event.name(), event.data()),
        ("added.later", &EventData::Json(json!([1, 2])))
    );
    assert_eq!(statuses(&cloud, STREAM), [200, 401, 200]);
    assert_eq!(statuses(&cloud, "/v1/auth/refresh"), [200]);
}

#[tokio::test]
async fn another_process_goes_on_behind_the_last_event() {
    let cloud = Cloud::start().await;
    for number in 1..=3 {
        cloud.push_event("numbered", &json!({ "number": number }));
    }
    let events = cloud.client().events().resume_after("1");
    let events: Vec<LiveEvent> = events.take(2).try_collect().await.unwrap();
    let ids: Vec<&str> = events.iter().map(LiveEvent::id).collect();
    assert_eq!(ids, ["2", "3"]);
}

#[tokio::test]
async fn a_login_that_has_ended_ends_the_events() {
    let cloud = Cloud::start().await;
    let imperal = cloud.client();
    let mut events = imperal.events();
    open(&cloud, &mut events).await;
    imperal.logout().await.unwrap();
    cloud.drop_event_streams();
    let error = events.try_next().await.unwrap_err();
    assert!(error.is_logged_out(), "{error}");
    assert!(events.next().await.is_none());
}

#[tokio::test]
async fn a_password_that_is_refused_ends_the_events() {
    let cloud = Cloud::start().await;
    let imperal = client_with(&cloud, Credentials::password(EMAIL, "wrong"));
    let error = imperal.events().try_next().await.unwrap_err();
    assert!(
        error.is_unauthorized() && error.is_login_refused(),
        "{error}"
    );
    // So do the other statuses by which the service refuses a login.
    for status in [400, 422] {
        let imperal = cloud.client();
        cloud.fail_next(Fault::status(status).on("POST /v1/auth/login"));
        let mut events = imperal.events();
        let error = events.try_next().await.unwrap_err();
        assert!(error.is_login_refused(), "{error}");
        assert!(events.next().await.is_none());
    }
}

#[tokio::test]
async fn without_a_login_nothing_is_sent() {
    let cloud = Cloud::start().await;
    let imperal = cloud.client_builder().build().unwrap();
    let error = imperal.events().try_next().await.unwrap_err();
    assert!(error.is_configuration(), "{error}");
    assert!(cloud.exchanges().is_empty());
}
