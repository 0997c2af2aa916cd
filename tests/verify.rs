//! Tokens that a service receives, verified with the public keys of the mocked cloud.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::{BoxFuture, FutureExt, join_all};
use imperal::{
    Credentials, Error, Imperal, ImperalBuilder, ManualClock, MemoryStore, Method, TokenStore,
    TokenVerifier, Transport, TransportError,
};
use imperal_mock::{Cloud, EMAIL, Fault, PASSWORD};
use imperal_tests::statuses;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// How often the keys were fetched.
fn fetched(cloud: &Cloud) -> usize {
    statuses(cloud, "/v1/auth/.well-known/jwks.json").len()
}

/// A token of the cloud, and when it was issued.
async fn token(cloud: &Cloud) -> (String, u64) {
    let store = MemoryStore::default();
    let builder = cloud.client_builder().token_store(store.clone());
    let login = Credentials::password(EMAIL, PASSWORD);
    let imperal = builder.credentials(login).build().unwrap();
    imperal.login().await.unwrap();
    let stored = store.load().await.unwrap().unwrap();
    let token = stored.access_token.expose().to_owned();
    let claims = token.split('.').nth(1).unwrap();
    let claims = URL_SAFE_NO_PAD.decode(claims).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    (token, claims["iat"].as_u64().unwrap())
}

/// A verifier of the cloud's tokens, and the clock that it goes by, set to `now`.
fn verifier(cloud: &Cloud, now: u64) -> (TokenVerifier, ManualClock) {
    verifier_of(cloud.client_builder(), now)
}

/// A verifier of the tokens of the service that `builder` points at, and its clock. Fetching the keys needs no
/// credential.
fn verifier_of(builder: ImperalBuilder, now: u64) -> (TokenVerifier, ManualClock) {
    let clock = ManualClock::starting_at(UNIX_EPOCH + Duration::from_secs(now));
    let imperal = builder.clock(clock.clone()).build().unwrap();
    (imperal.token_verifier(), clock)
}

/// The same token with one part replaced.
fn with_part(token: &str, index: usize, part: &Value) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    parts[index] = URL_SAFE_NO_PAD.encode(part.to_string());
    parts.join(".")
}

/// The same token, said to be signed with the key of this name.
fn naming_key(token: &str, key: &str) -> String {
    with_part(token, 0, &json!({ "alg": "RS256", "kid": key }))
}

/// Why a token is refused. Fails where the verdict is not on the token.
async fn refusal(verifier: &TokenVerifier, token: &str) -> Error {
    let error = verifier.verify(token).await.unwrap_err();
    assert!(error.is_invalid_token(), "{error}");
    error
}

#[tokio::test]
async fn a_good_token_says_whose_it_is_and_the_keys_are_fetched_once() {
    let cloud = Cloud::start().await;
    let (token, issued_at) = token(&cloud).await;
    let (verifier, clock) = verifier(&cloud, issued_at);
    for _ in 0..5 {
        let claims = verifier.verify(&token).await.unwrap();
        assert_eq!(
            (claims.email.as_deref(), claims.issued_at, claims.expires_at),
            (Some(EMAIL), issued_at, issued_at + 900)
        );
        assert!(
            claims.subject.starts_with("imp_u_") && claims.scopes == ["*"],
            "{claims:?}"
        );
    }
    assert_eq!(fetched(&cloud), 1);
    clock.advance(Duration::from_secs(929));
    verifier.verify(&token).await.unwrap();
    clock.advance(Duration::from_secs(1));
    let expired = refusal(&verifier, &token).await;
    assert!(expired.to_string().contains("expired"), "{expired}");
    clock.set(UNIX_EPOCH + Duration::from_secs(issued_at - 31));
    let early = refusal(&verifier, &token).await;
    assert!(early.to_string().contains("not good yet"), "{early}");
    clock.set(UNIX_EPOCH + Duration::from_secs(issued_at + 3601));
    // This call starts a fetch of newer keys without waiting for it. The next one names an unknown key, and waits.
    refusal(&verifier, &token).await;
    refusal(&verifier, &naming_key(&token, "unknown")).await;
    assert_eq!(fetched(&cloud), 2);
}

#[tokio::test]
async fn a_token_that_was_tampered_with_is_refused_without_repeating_it() {
    let cloud = Cloud::start().await;
    let (token, issued_at) = token(&cloud).await;
    let (verifier, clock) = verifier(&cloud, issued_at);
    let claims = json!({ "sub": "imp_u_admin", "iat": issued_at, "exp": issued_at + 900 });
    let unsigned = format!(
        "{}..",
        with_part(&token, 0, &json!({ "alg": "none", "kid": "imperal-mock" }))
    );
    for bad in [
        with_part(&token, 1, &claims),
        with_part(&token, 0, &json!({ "alg": "HS256", "kid": "imperal-mock" })),
        with_part(&token, 0, &json!({ "alg": "RS256" })),
        unsigned,
        String::new(),
        "a.b.c".to_owned(),
        token.replace('.', ""),
    ] {
        let error = refusal(&verifier, &bad).await;
        assert!(
            bad.len() < 20 || !format!("{error}{error:?}").contains(&bad[..20]),
            "{error}"
        );
    }
    assert!(fetched(&cloud) <= 1);
    // An unknown key is looked for, but not each time that someone makes one up.
    for number in 0..10 {
        let unknown = naming_key(&token, &format!("made-up-{number}"));
        refusal(&verifier, &unknown).await;
    }
    assert_eq!(fetched(&cloud), 1);
    clock.advance(Duration::from_secs(61));
    refusal(&verifier, &naming_key(&token, "made-up")).await;
    assert_eq!(fetched(&cloud), 2);
}

#[tokio::test]
async fn while_the_service_is_away_old_keys_serve_and_it_is_asked_once_a_minute() {
    let cloud = Cloud::start().await;
    let (first, issued_at) = token(&cloud).await;
    let (verifier, clock) = verifier(&cloud, issued_at);
    verifier.verify(&first).await.unwrap();

    let later = Duration::from_secs(3601);
    cloud.advance(later);
    clock.advance(later);
    let (second, _) = token(&cloud).await;
    let unknown = naming_key(&second, "new");
    let away = Fault::status(500).on("GET /v1/auth/.well-known/jwks.json");
    cloud.fail_next(away.times(2));
    for fetches in [2, 3] {
        for _ in 0..5 {
            verifier.verify(&second).await.unwrap();
            // Whether there is such a key cannot be told: that is no verdict on the token.
            let error = verifier.verify(&unknown).await.unwrap_err();
            assert!(error.is_server_error(), "{error}");
        }
        assert_eq!(fetched(&cloud), fetches);
        clock.advance(Duration::from_secs(61));
    }
    refusal(&verifier, &unknown).await;
    assert_eq!(fetched(&cloud), 4);
}

/// Answers with public keys, as many times as the test allows.
#[derive(Clone)]
struct Keys(Arc<KeysState>);

struct KeysState {
    set: Mutex<Value>,
    asked: AtomicUsize,
    allowed: Semaphore,
}

impl Keys {
    fn new(set: Value) -> Self {
        Self(Arc::new(KeysState {
            set: Mutex::new(set),
            asked: AtomicUsize::new(0),
            allowed: Semaphore::new(0),
        }))
    }

    /// Those of the cloud.
    async fn of(cloud: &Cloud) -> Self {
        let imperal = cloud.client();
        let request = imperal.request(Method::GET, "/v1/auth/.well-known/jwks.json");
        let set = request.security(&[]).send::<Value>().await.unwrap();
        Self::new(set.into_inner())
    }

    fn add(&self, key: Value) {
        let mut set = self.0.set.lock().unwrap();
        set["keys"].as_array_mut().unwrap().push(key);
    }

    fn allow(&self, answers: usize) {
        self.0.allowed.add_permits(answers);
    }

    fn asked(&self) -> usize {
        self.0.asked.load(Ordering::SeqCst)
    }

    /// A verifier by these keys, and its clock.
    fn verifier(&self, now: u64) -> (TokenVerifier, ManualClock) {
        verifier_of(Imperal::builder().transport(self.clone()), now)
    }
}

impl Transport for Keys {
    fn send(
        &self,
        _: reqwest::Request,
    ) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        async {
            self.0.asked.fetch_add(1, Ordering::SeqCst);
            self.0.allowed.acquire().await.unwrap().forget();
            let set = self.0.set.lock().unwrap().to_string();
            Ok(http::Response::new(set).into())
        }
        .boxed()
    }
}

/// Lets all other tasks run as far as they can.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_known_key_serves_at_once_while_newer_ones_are_fetched() {
    let cloud = Cloud::start().await;
    let (token, issued_at) = token(&cloud).await;
    let keys = Keys::of(&cloud).await;
    let (verifier, clock) = keys.verifier(issued_at);
    keys.allow(1);
    verifier.verify(&token).await.unwrap();

    // The service does not answer. Whoever waits for an unknown key waits for the one request.
    clock.advance(Duration::from_secs(61));
    let waiting = ["next", "made-up", "next"].map(|key| {
        let (verifier, token) = (verifier.clone(), naming_key(&token, key));
        tokio::spawn(async move { refusal(&verifier, &token).await })
    });
    settle().await;
    assert_eq!(keys.asked(), 2);
    for _ in 0..5 {
        verifier
            .verify(&token)
            .now_or_never()
            .expect("it does not wait")
            .unwrap();
    }
    let mut next = keys.0.set.lock().unwrap()["keys"][0].clone();
    next["kid"] = "next".into();
    keys.add(next);
    keys.allow(1);
    let errors = join_all(waiting)
        .await
        .into_iter()
        .map(|error| error.unwrap().to_string());
    let errors: Vec<String> = errors.collect();
    // The key is there now, and the token is not signed with what it says.
    assert!(
        errors[0].contains("signature") && errors[2].contains("signature"),
        "{errors:?}"
    );
    assert!(errors[1].contains("does not have"), "{errors:?}");
    assert_eq!(keys.asked(), 2);

    // Old keys serve at once too, and newer ones are asked for beside.
    clock.advance(Duration::from_secs(3600));
    for _ in 0..5 {
        let error = verifier
            .verify(&token)
            .now_or_never()
            .expect("it does not wait")
            .unwrap_err();
        assert!(error.to_string().contains("expired"), "{error}");
    }
    settle().await;
    assert_eq!(keys.asked(), 3);

    // But not those of days ago.
    keys.allow(1);
    settle().await;
    clock.advance(Duration::from_secs(3 * 24 * 3600));
    assert!(verifier.verify(&token).now_or_never().is_none());
}

#[tokio::test]
async fn who_stops_waiting_does_not_stop_the_fetch() {
    let cloud = Cloud::start().await;
    let (token, issued_at) = token(&cloud).await;
    let keys = Keys::of(&cloud).await;
    let (verifier, _) = keys.verifier(issued_at);
    for _ in 0..3 {
        assert!(verifier.verify(&token).now_or_never().is_none());
    }
    settle().await;
    assert_eq!(keys.asked(), 1);
    keys.allow(1);
    settle().await;
    verifier
        .verify(&token)
        .now_or_never()
        .expect("the keys are there")
        .unwrap();
    assert_eq!(keys.asked(), 1);
}

#[tokio::test]
async fn keys_of_other_kinds_do_not_spoil_the_rest() {
    let cloud = Cloud::start().await;
    let (token, issued_at) = token(&cloud).await;
    let keys = Keys::of(&cloud).await;
    keys.allow(1);
    let own = keys.0.set.lock().unwrap()["keys"][0].clone();
    for (kid, changes) in [
        ("new", json!({ "kty": "ML-DSA", "pub": "AA" })),
        (
            "curve",
            json!({ "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA" }),
        ),
        ("shared", json!({ "kty": "oct", "k": "AA" })),
        ("other-algorithm", json!({ "alg": "PS512" })),
        ("unknown-algorithm", json!({ "alg": "XX1" })),
        ("encryption", json!({ "use": "enc" })),
        ("broken", json!({ "n": 7 })),
    ] {
        let mut key = own.clone();
        key["kid"] = kid.into();
        for (name, value) in changes.as_object().unwrap() {
            key[name] = value.clone();
        }
        keys.add(key);
    }
    for key in [json!("text"), json!(null), json!({}), json!({ "kid": 7 })] {
        keys.add(key);
    }
    let (verifier, _) = keys.verifier(issued_at);
    verifier.verify(&token).await.unwrap();
    for kid in [
        "new",
        "curve",
        "shared",
        "other-algorithm",
        "unknown-algorithm",
        "encryption",
        "broken",
    ] {
        let error = refusal(&verifier, &naming_key(&token, kid)).await;
        assert!(error.to_string().contains("another kind"), "{kid}: {error}");
    }
    assert_eq!(keys.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_does_not_answer_is_waited_for_ten_seconds_and_not_by_every_call() {
    let keys = Keys::new(json!({ "keys": [] }));
    let (verifier, clock) = keys.verifier(1_000_000_000);
    let token = naming_key(".e30.AA", "any");
    let started = Instant::now();
    let errors = join_all((0..10).map(|_| verifier.verify(&token))).await;
    assert!(
        errors
            .iter()
            .all(|outcome| outcome.as_ref().is_err_and(imperal::Error::is_timeout))
    );
    assert!(
        started.elapsed() <= Duration::from_secs(11),
        "{:?}",
        started.elapsed()
    );
    let asked = keys.asked();
    for _ in 0..10 {
        assert!(verifier.verify(&token).await.unwrap_err().is_timeout());
    }
    assert_eq!(keys.asked(), asked);
    clock.advance(Duration::from_secs(5));
    keys.allow(1);
    refusal(&verifier, &token).await;
    assert_eq!(keys.asked(), asked + 1);

    // A clock that was set back keeps nobody from asking.
    clock.set(UNIX_EPOCH + Duration::from_secs(500_000_000));
    keys.allow(1);
    refusal(&verifier, &token).await;
    assert_eq!(keys.asked(), asked + 2);
}
