//! Tokens that a service receives, verified with the public keys of the mocked cloud.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use imperal::{Credentials, ManualClock, MemoryStore, TokenStore, TokenVerifier};
use imperal_mock::{Cloud, EMAIL, Fault, PASSWORD};
use imperal_tests::statuses;
use serde_json::{Value, json};
use std::time::{Duration, UNIX_EPOCH};

/// How often the keys were fetched.
fn fetched(cloud: &Cloud) -> usize {
    statuses(cloud, "/v1/auth/.well-known/jwks.json").len()
}

/// A token of the cloud, and when it was issued.
async fn token(cloud: &Cloud) -> (String, u64) {
    let store = MemoryStore::default();
    let imperal = cloud.client_builder().token_store(store.clone());
    let imperal = imperal
        .credentials(Credentials::password(EMAIL, PASSWORD))
        .build()
        .unwrap();
    imperal.login().await.unwrap();
    let token = store
        .load()
        .await
        .unwrap()
        .unwrap()
        .access_token
        .expose()
        .to_owned();
    let claims = URL_SAFE_NO_PAD
        .decode(token.split('.').nth(1).unwrap())
        .unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    (token, claims["iat"].as_u64().unwrap())
}

/// A verifier of the cloud's tokens, and the clock that it goes by, set to `now`.
fn verifier(cloud: &Cloud, now: u64) -> (TokenVerifier, ManualClock) {
    let clock = ManualClock::starting_at(UNIX_EPOCH + Duration::from_secs(now));
    let builder = cloud.client_builder().clock(clock.clone());
    let imperal = builder
        .credentials(Credentials::service_token("t"))
        .build()
        .unwrap();
    (imperal.token_verifier(), clock)
}

/// The same token with one part replaced.
fn with_part(token: &str, index: usize, part: &Value) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    parts[index] = URL_SAFE_NO_PAD.encode(part.to_string());
    parts.join(".")
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
    let expired = verifier.verify(&token).await.unwrap_err();
    assert!(
        expired.is_invalid_token() && expired.to_string().contains("expired"),
        "{expired}"
    );
    clock.set(UNIX_EPOCH + Duration::from_secs(issued_at - 31));
    assert!(
        verifier
            .verify(&token)
            .await
            .unwrap_err()
            .to_string()
            .contains("not good yet")
    );
    clock.set(UNIX_EPOCH + Duration::from_secs(issued_at + 3601));
    let _ = verifier.verify(&token).await;
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
        let error = verifier.verify(&bad).await.unwrap_err();
        assert!(error.is_invalid_token(), "{error}");
        assert!(
            bad.len() < 20 || !format!("{error}{error:?}").contains(&bad[..20]),
            "{error}"
        );
    }
    assert!(fetched(&cloud) <= 1);
    // A key that is not known is looked for, but not each time that someone makes one up.
    for number in 0..10 {
        let unknown = with_part(
            &token,
            0,
            &json!({ "alg": "RS256", "kid": format!("made-up-{number}") }),
        );
        assert!(
            verifier
                .verify(&unknown)
                .await
                .unwrap_err()
                .is_invalid_token()
        );
    }
    assert_eq!(fetched(&cloud), 1);
    clock.advance(Duration::from_secs(61));
    let unknown = with_part(&token, 0, &json!({ "alg": "RS256", "kid": "made-up" }));
    assert!(
        verifier
            .verify(&unknown)
            .await
            .unwrap_err()
            .is_invalid_token()
    );
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
    let unknown = with_part(&second, 0, &json!({ "alg": "RS256", "kid": "new" }));
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
    assert!(
        verifier
            .verify(&unknown)
            .await
            .unwrap_err()
            .is_invalid_token()
    );
    assert_eq!(fetched(&cloud), 4);
}
