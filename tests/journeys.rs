//! What a service does with the facade, while each fault that the mocked cloud knows hits it.

use futures::{StreamExt, TryStreamExt};
use imperal::{CallOptions, Credentials, Error, Imperal, ManualClock, RetryPolicy};
use imperal_mock::{Cloud, EMAIL, Fault, PASSWORD};
use imperal_tests::{email_of, statuses};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

/// How long an attempt may take. Whatever is answered at all is answered sooner.
const ATTEMPT_LIMIT: Duration = Duration::from_secs(60);

/// How long a call may take, with all its attempts.
const CALL_LIMIT: Duration = Duration::from_secs(3600);

/// Every fault after which the client knows that the answer is over, with a name.
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
            "a wait in seconds, at a limit",
            Fault::status(429).retry_after(Duration::ZERO),
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
        ("a malformed chunk", Fault::malformed_chunk()),
        ("too great a length", Fault::content_length(1_000_000)),
        ("too small a length", Fault::content_length(10)),
        ("small pieces", Fault::split_every(50)),
        // A character of four bytes does not fit into one of these.
        ("pieces of characters", Fault::split_every(3)),
        ("a late answer", Fault::delay(Duration::from_millis(1))),
        ("another media type", Fault::content_type("text/html")),
        ("another form", Fault::violation("")),
    ]
}

/// The faults that leave the client waiting.
fn silences() -> Vec<(&'static str, Fault)> {
    vec![
        ("a head and silence", Fault::stall_after(230)),
        ("silence", Fault::stall_after(0)),
        ("an answer after the end", Fault::delay(2 * CALL_LIMIT)),
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
        .attempt_timeout(ATTEMPT_LIMIT)
        .total_timeout(CALL_LIMIT);
    let login = Credentials::password(EMAIL, PASSWORD);
    let builder = cloud.client_builder().credentials(login).options(options);
    builder.clock(clock).build().unwrap()
}

/// Fails unless a caller can act on the outcome: it is the right answer, or an error that is not taken for a verdict
/// on the login, which nobody has refused.
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

/// Moves the client's time on, a second at a time, but only while the cloud has nothing left to send: it has one
/// thread, so an answer to the requests made here comes after all that it had to send before.
async fn time_goes_by(cloud: &Cloud) -> ! {
    let clock = format!("{}/__mock/clock", cloud.gateway_url());
    let client = reqwest::Client::new();
    loop {
        // What the cloud has sent also has to be read, by the journey that runs beside this.
        for _ in 0..3 {
            let answer = client.get(&clock).send().await.unwrap();
            answer.bytes().await.unwrap();
        }
        let _frozen = Frozen::new();
        tokio::time::advance(Duration::from_secs(1)).await;
    }
}

/// Keeps the client's time still until it is dropped, also where its holder panics or is cancelled.
struct Frozen;

impl Frozen {
    fn new() -> Self {
        tokio::time::pause();
        Self
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        tokio::time::resume();
    }
}

/// Runs a journey with each fault, each time in a cloud of its own. No clock is waited for.
async fn under_every_fault(journey: impl AsyncFn(&'static str, &Cloud, Fault)) {
    for (name, fault) in faults() {
        let cloud = Cloud::start().await;
        journey(name, &cloud, fault).await;
    }
    for (name, fault) in silences() {
        let cloud = Cloud::start().await;
        tokio::select! {
            () = journey(name, &cloud, fault) => {}
            never = time_goes_by(&cloud) => never,
        }
    }
}

#[tokio::test]
async fn everything_goes_wrong_that_a_fault_knows() {
    let cloud = Cloud::start().await;
    let url = format!("{}/__mock/faults", cloud.gateway_url());
    let client = reqwest::Client::new();
    for (_, fault) in faults().into_iter().chain(silences()) {
        cloud.fail_next(fault);
    }
    let waiting = client.get(&url).send().await.unwrap();
    let waiting: Value = waiting.json().await.unwrap();
    let kinds = waiting.as_array().unwrap().iter();
    let kinds = kinds.map(|waiting| waiting["fault"]["kind"].as_str().unwrap());
    let kinds: BTreeSet<&str> = kinds.collect();

    // The refusal of a fault that does not exist lists those that do.
    let unknown = json!({ "fault": { "kind": "earthquake" } });
    let refusal = client.post(&url).json(&unknown).send().await.unwrap();
    let refusal: Value = refusal.json().await.unwrap();
    let (_, known) = refusal["detail"]
        .as_str()
        .unwrap()
        .split_once("give one of ")
        .unwrap();
    assert_eq!(kinds, known.split(", ").collect());
}

#[tokio::test]
async fn a_login_survives() {
    under_every_fault(async |name, cloud, fault| {
        let imperal = client(cloud);
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
    under_every_fault(async |name, cloud, fault| {
        let clock = ManualClock::starting_at(SystemTime::UNIX_EPOCH);
        let imperal = client_by(cloud, clock.clone());
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
        assert!(statuses(cloud, "/v1/auth/login").len() <= 2, "{name}");
    })
    .await;
}

/// A client for a login on another device, without retries.
fn device_client(cloud: &Cloud) -> Imperal {
    let options = CallOptions::new()
        .retries(RetryPolicy::none())
        .attempt_timeout(ATTEMPT_LIMIT)
        .total_timeout(CALL_LIMIT);
    let builder = cloud.client_builder().credentials(Credentials::device());
    builder.options(options).build().unwrap()
}

#[tokio::test]
async fn a_device_login_begins() {
    under_every_fault(async |name, cloud, fault| {
        let imperal = device_client(cloud);
        cloud.fail_next(fault.on("POST /v1/auth/cli/device/authorize"));
        for _ in 0..2 {
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
async fn a_device_login_goes_on_after_a_question_that_went_wrong() {
    for (name, fault) in faults().into_iter().chain(silences()) {
        let cloud = Cloud::start().await;
        let imperal = device_client(&cloud);
        let login = imperal.device_login().await.unwrap();
        let code = login.user_code().to_owned();
        cloud.fail_next(fault.on("POST /v1/auth/cli/device/token"));
        let mut exchanges = std::pin::pin!(cloud.follow());
        let allowed = async {
            // Allowed only after the fault: the tokens are handed out once, and the fault could lose them.
            while exchanges.next().await.is_some_and(|one| !one.faulty) {}
            cloud.allow_device(&code);
        };
        let waited = async { tokio::join!(login.wait(), allowed).0 };
        // Between two questions are five seconds.
        let outcome = tokio::select! {
            outcome = waited => outcome,
            never = time_goes_by(&cloud) => never,
        };
        outcome.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(email_of(&imperal).await.unwrap(), EMAIL, "{name}");
    }
}

#[tokio::test]
async fn a_call_that_may_be_repeated_survives_what_is_no_answer() {
    under_every_fault(async |name, cloud, fault| {
        let imperal = client(cloud);
        email_of(&imperal).await.unwrap();
        cloud.fail_next(fault.on("GET /v1/auth/me"));
        let outcome = email_of(&imperal).await;
        // Not retried: a success that cannot be read, and a 500.
        let reported = [
            "a page that means well",
            "half a success",
            "an empty success",
            "nothing",
            "too small a length",
            "another form",
        ];
        if reported.contains(&name) {
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
    under_every_fault(async |name, cloud, fault| {
        let imperal = client(cloud);
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

/// The data of an event: characters of two and of four bytes, which pieces cut.
fn data(number: u64) -> String {
    format!("\"\u{e9}\u{1f980} {number}\"")
}

#[tokio::test]
async fn events_are_heard_all_the_same() {
    under_every_fault(async |name, cloud, fault| {
        let imperal = client(cloud);
        for number in 1..=3 {
            cloud.push_event("numbered", &data(number).parse().unwrap());
        }
        cloud.fail_next(fault.on("GET /v1/events/stream"));
        let events = imperal
            .events()
            .resume_after("0")
            .idle_timeout(ATTEMPT_LIMIT);
        let events = events.longest_wait(Duration::from_millis(5));
        let heard = events.take(3).map(|event| {
            let event = event.unwrap_or_else(|error| panic!("{name}: {error}"));
            (event.id().to_owned(), event.raw().data().to_owned())
        });
        let heard: Vec<(String, String)> = heard.collect().await;
        let sent = (1..=3).map(|number| (number.to_string(), data(number)));
        assert_eq!(heard, sent.collect::<Vec<_>>(), "{name}");
    })
    .await;
}
