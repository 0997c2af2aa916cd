//! Faults that meet a part of the requests, by the seed of the cloud.
#![allow(clippy::unwrap_used, reason = "a test")]

use imperal_mock::{Cloud, Fault};
use reqwest::Client;
use serde_json::{Value, json};

const HEALTH: &str = "GET /healthz";

/// Which of two hundred requests fail.
async fn failures(seed: u64, faults: &[Fault]) -> Vec<bool> {
    let cloud = Cloud::builder().seed(seed).start().await;
    for fault in faults {
        cloud.fail_next(fault.clone());
    }
    failures_of(&cloud).await
}

async fn failures_of(cloud: &Cloud) -> Vec<bool> {
    let client = Client::new();
    let mut failures = Vec::new();
    for _ in 0..200 {
        let answer = client
            .get(format!("{}/healthz", cloud.gateway_url()))
            .send();
        failures.push(answer.await.unwrap().status() == 503);
    }
    failures
}

fn count(failures: &[bool]) -> usize {
    failures.iter().filter(|failed| **failed).count()
}

#[tokio::test]
async fn a_share_of_the_requests_fails_and_it_is_the_same_one_for_the_same_seed() {
    let fault = [Fault::status(503).on(HEALTH).share(0.3)];
    let first = failures(7, &fault).await;
    assert!((40..80).contains(&count(&first)), "{}", count(&first));
    assert_eq!(failures(7, &fault).await, first);
    assert_ne!(failures(8, &fault).await, first);
}

#[tokio::test]
async fn two_faults_meet_parts_of_their_own() {
    let half = || Fault::status(503).share(0.5);
    let one = failures(7, &[half()]).await;
    // The second has its chance where the first had none: three of four fail.
    let both = failures(7, &[half(), half()]).await;
    assert!(one.iter().zip(&both).all(|(one, both)| !one || *both));
    assert!((130..170).contains(&count(&both)), "{}", count(&both));
}

#[tokio::test]
async fn a_share_ends_after_its_times_or_when_it_is_cleared() {
    let thrice = [Fault::status(503).share(0.5).times(3)];
    assert_eq!(count(&failures(7, &thrice).await), 3);
    assert_eq!(
        count(&failures(7, &[Fault::status(503).share(0.0)]).await),
        0
    );
    assert_eq!(
        count(&failures(7, &[Fault::status(503).share(1.0)]).await),
        200
    );

    let cloud = Cloud::builder().seed(7).start().await;
    cloud.fail_next(Fault::status(503).share(0.5));
    let first = failures_of(&cloud).await;
    cloud.clear_faults();
    assert_eq!(count(&failures_of(&cloud).await), 0);
    // Whoever begins anew has the same chances.
    cloud.reset();
    cloud.fail_next(Fault::status(503).share(0.5));
    assert_eq!(failures_of(&cloud).await, first);
}

#[tokio::test]
async fn a_share_is_set_and_listed_from_outside() {
    let cloud = Cloud::builder().seed(7).start().await;
    let url = format!("{}/__mock/faults", cloud.gateway_url());
    let client = Client::new();
    let fault =
        json!({ "fault": { "kind": "status", "status": 503 }, "route": HEALTH, "share": 0.3 });
    let answer = client.post(&url).json(&fault).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let listed: Value = client.get(&url).send().await.unwrap().json().await.unwrap();
    let listed = (&listed[0]["share"], &listed[0]["times"]);
    assert_eq!(listed, (&json!(0.3), &Value::Null));
    let set_in_rust = [Fault::status(503).on(HEALTH).share(0.3)];
    assert_eq!(failures_of(&cloud).await, failures(7, &set_in_rust).await);
}

#[tokio::test]
async fn what_is_no_share_is_refused() {
    let cloud = Cloud::start().await;
    for share in [-0.1, 1.1, f64::NAN] {
        let set = std::panic::AssertUnwindSafe(|| cloud.fail_next(Fault::status(503).share(share)));
        let refusal = std::panic::catch_unwind(set).unwrap_err();
        let refusal = *refusal.downcast::<String>().unwrap();
        assert!(
            refusal.contains("a share of requests is from 0 to 1"),
            "{refusal}"
        );
    }
}
