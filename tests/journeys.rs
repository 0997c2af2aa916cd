//! What a service does with the facade, while everything that can go wrong does.

use futures::future::join_all;
use futures::{StreamExt, TryStreamExt};
use imperal::{CallOptions, Credentials, Error, Imperal, ManualClock, RetryPolicy};
use imperal_mock::{Cloud, EMAIL, Fault, PASSWORD};
use imperal_tests::{email_of, statuses};
use std::time::{Duration, SystemTime};

/// Everything that can go wrong with an answer, by name.
fn faults() -> Vec<(&'static str, Fault)> {
    let html = "<html><h1>502 Bad Gateway</h1></html>";
    vec![
        (
            "a page of a proxy",
            Fault::status(502).body("text/html", html),
        ),
        ("nothing", Fault::status(500).body("text/plain", "")),
        (
            "half an error",
            Fault::status(503).body("application/json", "{\"detail\": \"Serv"),
        ),
        (
            "a wait in seconds",
            Fault::status(503).retry_after(Duration::ZERO),
        ),
        (
            "a wait until a time",
            Fault::status(429).retry_at(SystemTime::UNIX_EPOCH),
        ),
        ("a time-out there", Fault::status(504)),
        (
            "a page that means well",
            Fault::status(200).body("text/html", html),
        ),
        (
            "half a success",
            Fault::status(200).body("application/json", "{\"access_token\": \"ey"),
        ),
        (
            "an empty success",
            Fault::status(200).body("application/json", ""),
        ),
        ("no answer", Fault::reset_after(0)),
        ("half a head", Fault::close_after(30)),
        ("half a body", Fault::reset_after(230)),
        ("a body that ends early", Fault::close_after(230)),
        ("a head and silence", Fault::stall_after(230)),
        ("silence", Fault::stall_after(0)),
        ("a malformed chunk", Fault::malformed_chunk()),
        ("too great a length", Fault::content_length(1_000_000)),
        ("too small a length", Fault::content_length(10)),
        ("small pieces", Fault::split_every(50)),
    ]
}

/// A client that tries often and waits little.
fn client(cloud: &Cloud) -> Imperal {
    client_by(cloud, ManualClock::starting_at(SystemTime::UNIX_EPOCH))
}

fn client_by(cloud: &Cloud, clock: ManualClock) -> Imperal {
    let retries = RetryPolicy::default()
        .first_wait(Duration::from_millis(1))
        .longest_wait(Duration::from_millis(5));
    let options = CallOptions::new()
        .retries(retries)
        .attempt_timeout(Duration::from_millis(1500));
    let login = Credentials::password(EMAIL, PASSWORD);
    let builder = cloud.client_builder().credentials(login).options(options);
    builder.clock(clock).build().unwrap()
}

/// An outcome that a caller can act on: the right answer, or an error that says that it will pass or what
/// came. What was not refused must never look like a verdict on the login.
fn check(name: &str, outcome: Result<String, Error>) {
    match outcome {
        Ok(email) => assert_eq!(email, EMAIL, "{name}"),
        Err(error) => {
            assert!(
                !error.is_logged_out() && !error.is_unauthorized(),
                "{name}: {error}"
            );
            assert!(
                !error.to_string().contains(PASSWORD) && !format!("{error:?}").contains("eyJ"),
                "{name}: {error:?}"
            );
        }
    }
}

/// Runs a journey beside all others, each in a cloud of its own with a fault of its own.
async fn under_every_fault<F, A>(journey: F)
where
    F: Fn(&'static str, Fault) -> A,
    A: Future<Output = ()>,
{
    join_all(
        faults()
            .into_iter()
            .map(|(name, fault)| journey(name, fault)),
    )
    .await;
}

#[tokio::test]
async fn a_login_survives() {
    under_every_fault(|name, fault| async move {
        let cloud = Cloud::start().await;
        let imperal = client(&cloud);
        cloud.fail_next(fault.on("POST /v1/auth/login"));
        check(name, email_of(&imperal).await);
        // Whatever came of it, a login that was under way or the next one goes well.
        if imperal.login().await.is_err() {
            imperal
                .login()
                .await
                .unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        assert_eq!(email_of(&imperal).await.unwrap(), EMAIL, "{name}");
    })
    .await;
}

#[tokio::test]
async fn a_refresh_survives() {
    under_every_fault(|name, fault| async move {
        let cloud = Cloud::start().await;
        let clock = ManualClock::starting_at(SystemTime::UNIX_EPOCH);
        let imperal = client_by(&cloud, clock.clone());
        email_of(&imperal).await.unwrap();
        cloud.advance(Duration::from_secs(16 * 60));
        cloud.fail_next(fault.on("POST /v1/auth/refresh"));
        check(name, email_of(&imperal).await);
        // The engine waits a little before it asks again, and the password is there for the worst.
        let mut outcome = email_of(&imperal).await;
        for _ in 0..50 {
            if outcome.is_ok() {
                break;
            }
            clock.advance(Duration::from_secs(1));
            outcome = email_of(&imperal).await;
        }
        assert_eq!(
            outcome.unwrap_or_else(|error| panic!("{name}: {error}")),
            EMAIL,
            "{name}"
        );
        assert!(statuses(&cloud, "/v1/auth/login").len() <= 2, "{name}");
    })
    .await;
}

/// The questions that follow wait five seconds each: `devices.rs` plays what goes wrong with them.
#[tokio::test]
async fn a_device_login_begins() {
    under_every_fault(|name, fault| async move {
        let cloud = Cloud::start().await;
        let options = CallOptions::new()
            .retries(RetryPolicy::none())
            .attempt_timeout(Duration::from_millis(1500));
        let builder = cloud.client_builder().credentials(Credentials::device());
        let imperal = builder.options(options).build().unwrap();
        cloud.fail_next(fault.on("POST /v1/auth/cli/device/authorize"));
        // A cloud that is slow to start may be a fault before the fault.
        for _ in 0..5 {
            let begun = imperal.device_login().await;
            if let Ok(login) = &begun {
                let code = login.user_code().to_owned();
                assert!(cloud.pending_devices().contains(&code), "{name}");
                return;
            }
            check(name, begun.map(|_| EMAIL.to_owned()));
        }
        panic!("{name}: no login begins");
    })
    .await;
}

#[tokio::test]
async fn a_call_that_may_be_repeated_survives_what_is_no_answer() {
    under_every_fault(|name, fault| async move {
        let cloud = Cloud::start().await;
        let imperal = client(&cloud);
        email_of(&imperal).await.unwrap();
        cloud.fail_next(fault.on("GET /v1/auth/me"));
        let outcome = email_of(&imperal).await;
        // A success that says nonsense is the service's word; so is a 500.
        let word = [
            "a page that means well",
            "half a success",
            "an empty success",
            "nothing",
            "too small a length",
        ];
        if word.contains(&name) {
            assert!(outcome.is_err(), "{name}");
        } else {
            assert_eq!(
                outcome.unwrap_or_else(|error| panic!("{name}: {error}")),
                EMAIL,
                "{name}"
            );
        }
        assert_eq!(email_of(&imperal).await.unwrap(), EMAIL, "{name}");
    })
    .await;
}

#[tokio::test]
async fn a_list_goes_on_where_it_broke() {
    under_every_fault(|name, fault| async move {
        let cloud = Cloud::start().await;
        let imperal = client(&cloud);
        let list = || {
            imperal
                .gateway()
                .marketplace()
                .list_apps()
                .per_page(10)
                .paginate()
        };
        let mut ids = Vec::new();
        let mut items = list().items();
        for _ in 0..15 {
            ids.push(items.try_next().await.unwrap().unwrap().app_id);
        }
        cloud.fail_next(fault.on("GET /v1/marketplace/apps"));
        let place = loop {
            match items.try_next().await {
                Ok(Some(app)) => ids.push(app.app_id),
                Ok(None) => break None,
                Err(_) => break items.resume_token(),
            }
        };
        if let Some(place) = place {
            let rest: Vec<_> = list()
                .resume_from(place)
                .items()
                .try_collect()
                .await
                .unwrap();
            ids.extend(rest.into_iter().map(|app| app.app_id));
        }
        let all: Vec<String> = (1..=45).map(|number| format!("app-{number}")).collect();
        assert_eq!(ids, all, "{name}");
    })
    .await;
}

#[tokio::test]
async fn events_are_heard_all_the_same() {
    under_every_fault(|name, fault| async move {
        let cloud = Cloud::start().await;
        let imperal = client(&cloud);
        for number in 1..=3 {
            cloud.push_event("numbered", &number.into());
        }
        cloud.fail_next(fault.on("GET /v1/events/stream"));
        let events = imperal
            .events()
            .resume_after("0")
            .idle_timeout(Duration::from_millis(1500));
        let ids: Vec<String> = events
            .take(3)
            .map(|event| {
                event
                    .unwrap_or_else(|error| panic!("{name}: {error}"))
                    .id()
                    .to_owned()
            })
            .collect()
            .await;
        assert_eq!(ids, ["1", "2", "3"], "{name}");
    })
    .await;
}
