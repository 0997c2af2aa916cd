//! Event streams over a transport that the test plays, in time that the test moves.
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "support/events.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod events;

use events::{Part, Reply, Script, event, text};
use futures::future::{BoxFuture, FutureExt};
use futures::{StreamExt, TryStreamExt};
use imperal_runtime::{Credential, CredentialProvider, Error, Event};
use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;
use tokio::time::Instant;

#[tokio::test(start_paused = true)]
async fn it_goes_on_behind_the_last_event_with_a_new_token() {
    let script = Script::new([
        Reply::Stream(vec![
            text("id: 1\ndata: a\n\nid: 2\n\n"),
            text("id: 3\ndata: half an event"),
            Part::Break,
        ]),
        Reply::Stream(vec![text("data: b\n\n")]),
        Reply::Stream(vec![text("id: ünï\ndata: c\n\n"), Part::Silence]),
    ]);
    let events: Vec<Event> = script.listen().take(3).try_collect().await.unwrap();
    // What follows without an id of its own is behind the last one.
    assert_eq!(
        events,
        [
            event("message", "1", "a"),
            event("message", "2", "b"),
            event("message", "ünï", "c")
        ]
    );
    let asked = script.asked();
    let ids: Vec<_> = asked.iter().map(|asked| asked.last_id.as_deref()).collect();
    assert_eq!(ids, [None, Some("2"), Some("2")]);
    let tokens: Vec<_> = asked.iter().map(|asked| asked.token.as_str()).collect();
    assert_eq!(tokens, ["hunter-0", "hunter-1", "hunter-2"]);
}

#[tokio::test(start_paused = true)]
async fn it_can_begin_behind_an_event_and_sends_nothing_before_it_is_polled() {
    let script = Script::new([Reply::Stream(vec![Part::Wait(1), text("data: a\n\n")])]);
    let mut events = script.listen().resume_after("5-0");
    tokio::task::yield_now().await;
    assert!(script.asked().is_empty());
    // A `next` that is dropped loses nothing.
    assert!(futures::poll!(events.next()).is_pending());
    assert_eq!(
        events.try_next().await.unwrap().unwrap(),
        event("message", "5-0", "a")
    );
    assert_eq!(script.asked()[0].last_id.as_deref(), Some("5-0"));
}

#[tokio::test(start_paused = true)]
async fn it_tries_for_ever_at_growing_distances() {
    let failures = [
        Reply::Unreachable,
        Reply::Status(500),
        Reply::Status(502),
        Reply::Status(503),
        Reply::Status(504),
        Reply::Status(408),
        Reply::Status(429),
        Reply::With(200, "content-type", "text/html; charset=utf-8"),
        Reply::Stream(vec![]),
        Reply::Stream(vec![Part::Break]),
    ];
    let script = Script::new(failures.iter().cycle().take(60).cloned());
    script
        .replies
        .lock()
        .unwrap()
        .push_back(Reply::Stream(vec![text("data: at last\n\n")]));
    let event = script.listen().try_next().await.unwrap().unwrap();
    assert_eq!(event.data(), "at last");
    let waits = script.waits();
    assert_eq!(waits.len(), 60);
    for (wait, most) in waits.iter().zip(
        [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
            .iter()
            .chain(std::iter::repeat(&30.0)),
    ) {
        assert!(
            (most / 2.0 - 0.01..=most + 0.01).contains(wait),
            "{wait} of {most}"
        );
    }
    let later = &waits[6..];
    assert!(
        later.iter().any(|wait| *wait < 20.0) && later.iter().any(|wait| *wait > 25.0),
        "{later:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_stable_connection_begins_the_waits_anew_and_a_short_one_does_not() {
    let short = || Reply::Stream(vec![text("data: x\n\n"), Part::Wait(1)]);
    let long = || Reply::Stream(vec![text("data: x\n\n"), Part::Wait(20)]);
    let script = Script::new([short(), short(), short(), short(), long(), short()]);
    let events: Vec<Event> = script.listen().take(6).try_collect().await.unwrap();
    assert_eq!(events.len(), 6);
    let waits = script.waits();
    assert!(waits[3] > 4.0, "{waits:?}");
    assert!(waits[4] - 20.0 <= 1.0, "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn the_service_may_ask_for_waits() {
    let script = Script::new([
        Reply::Stream(vec![text("retry: 45000\n\n")]),
        Reply::Status(500),
        Reply::With(503, "retry-after", "100"),
        Reply::Stream(vec![text("retry: 10\ndata: x\n\n")]),
    ]);
    script.listen().try_next().await.unwrap().unwrap();
    let waits = script.waits();
    assert!(
        waits[0] >= 45.0 && waits[1] >= 45.0 && waits[2] >= 100.0,
        "{waits:?}"
    );
    assert!(waits.iter().all(|wait| *wait < 120.0), "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn a_verdict_ends_it_and_says_which() {
    for status in [400, 401, 403, 404, 410, 422, 204] {
        let script = Script::new([
            Reply::Stream(vec![text("data: x\n\n")]),
            Reply::Status(status),
            Reply::Status(status),
        ]);
        let mut events = script.listen();
        events.try_next().await.unwrap().unwrap();
        let error = events.try_next().await.unwrap_err();
        assert_eq!(error.status().unwrap().as_u16(), status, "{error}");
        assert!(
            !format!("{error} {error:?}").contains("hunter"),
            "{error:?}"
        );
        assert!(events.next().await.is_none(), "{status}");
        // A refused token is renewed once.
        assert_eq!(
            script.asked().len(),
            if status == 401 { 3 } else { 2 },
            "{status}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_dies_is_renewed_unseen() {
    let script = Script::new([Reply::Status(401), Reply::Stream(vec![text("data: x\n\n")])]);
    let event = script.listen().try_next().await.unwrap().unwrap();
    assert_eq!(event.data(), "x");
    let tokens: Vec<_> = script
        .asked()
        .into_iter()
        .map(|asked| asked.token)
        .collect();
    assert_eq!(tokens, ["hunter-0", "hunter-1"]);
    assert!(script.waits()[0] < 0.1);
}

#[tokio::test(start_paused = true)]
async fn a_login_that_has_ended_ends_it_and_one_that_cannot_be_renewed_now_does_not() {
    struct Failing(Mutex<VecDeque<Error>>);
    impl CredentialProvider for Failing {
        fn credential(&self) -> BoxFuture<'_, Result<Credential, Error>> {
            let failure = self.0.lock().unwrap().pop_front();
            async { failure.map_or_else(|| Ok(Credential::new("good", 0)), Err) }.boxed()
        }
    }
    let from_refresh = |status: u16| {
        let status = http::StatusCode::from_u16(status).unwrap();
        Error::from_answer(status, http::HeaderMap::new(), bytes::Bytes::new())
    };
    let failures = [
        from_refresh(503),
        from_refresh(500),
        Error::token_store("the disk is full"),
    ];
    let away = Failing(Mutex::new(failures.into()));
    let script = Script::new([Reply::Stream(vec![text("data: x\n\n")])]);
    script.listen_as(away).try_next().await.unwrap().unwrap();

    let ended = Failing(Mutex::new([Error::logged_out("it was ended")].into()));
    let mut events = script.listen_as(ended);
    assert!(events.try_next().await.unwrap_err().is_logged_out());
    assert!(events.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn silence_is_taken_for_a_dead_connection_and_comments_are_none() {
    let beats = [text(": beat\n"), Part::Wait(50)]
        .into_iter()
        .cycle()
        .take(10);
    let script = Script::new([
        Reply::Stream(beats.chain([Part::Silence]).collect()),
        Reply::Stream(vec![text("data: x\n\n")]),
    ]);
    let started = Instant::now();
    script
        .listen()
        .idle_timeout(Duration::from_secs(70))
        .try_next()
        .await
        .unwrap()
        .unwrap();
    let passed = started.elapsed().as_secs();
    assert!((250 + 70..250 + 73).contains(&passed), "{passed}");
    assert_eq!(script.asked().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_event_without_bound_is_refused_before_it_fills_memory() {
    let endless = std::iter::repeat_n(text(&"x".repeat(1000)), 100_000);
    let endless = [text("data: small\n\ndata: ")].into_iter().chain(endless);
    let script = Script::new([Reply::Stream(endless.collect())]);
    let mut events = script.listen().largest_event(10_000);
    assert_eq!(events.try_next().await.unwrap().unwrap().data(), "small");
    let error = events.try_next().await.unwrap_err();
    assert!(
        error.is_unreadable_event() && error.to_string().contains("largest_event"),
        "{error}"
    );
    assert!(events.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn who_reads_slowly_loses_nothing() {
    let parts = (0..500).map(|number| text(&format!("id: {number}\ndata: {number}\n\n")));
    let script = Script::new([Reply::Stream(parts.collect())]);
    let mut events = script.listen();
    for number in 0..500 {
        tokio::time::sleep(Duration::from_secs(100)).await;
        assert_eq!(
            events.try_next().await.unwrap().unwrap().data(),
            number.to_string()
        );
    }
    assert_eq!(script.asked().len(), 1);
}

#[test]
fn data_that_is_not_of_the_form_asked_for_is_an_error_that_does_not_repeat_it() {
    let error = event("secret", "", "hunter2").json::<u8>().unwrap_err();
    assert!(
        error.is_unreadable_event() && !error.to_string().contains("hunter2"),
        "{error}"
    );
}
