//! What the mocked cloud keeps for its user: sessions, logins on other devices, API keys.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use imperal::auth_gateway::types::DeviceTokenResponse;
use imperal::{Credentials, Error, Imperal};
use imperal_mock::{Cloud, EMAIL, PASSWORD};
use imperal_tests::{client_with, email_of};
use sha2::{Digest, Sha256};
use std::time::Duration;

const VERIFIER: &str = "a verifier that nobody else knows";

fn with_password(cloud: &Cloud) -> Imperal {
    client_with(cloud, Credentials::password(EMAIL, PASSWORD))
}

async fn begin(imperal: &Imperal) -> (String, String) {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let begun = imperal.gateway().auth().device_authorize();
    let begun = begun
        .body_map(|body| body.code_challenge(challenge))
        .send()
        .await
        .unwrap();
    (
        begun.device_code.expose().to_owned(),
        begun.user_code.clone(),
    )
}

async fn ask(imperal: &Imperal, code: &str, verifier: &str) -> Result<DeviceTokenResponse, Error> {
    let asked = imperal.gateway().auth().device_token();
    let asked = asked.body_map(|body| body.device_code(code).code_verifier(verifier));
    Ok(asked.send().await?.into_inner())
}

/// The code that the service answers in place of tokens: alone in a success, after the status in a refusal.
async fn problem(imperal: &Imperal, code: &str, verifier: &str) -> String {
    match ask(imperal, code, verifier).await {
        Ok(answer) => answer.error.unwrap(),
        Err(error) => {
            let body: serde_json::Value = serde_json::from_slice(error.body().unwrap()).unwrap();
            format!(
                "{} {}",
                error.status().unwrap().as_u16(),
                body["error"].as_str().unwrap()
            )
        }
    }
}

#[tokio::test]
async fn a_login_on_another_device_has_the_services_quirks() {
    // No time passes between two questions, however long they really take.
    let cloud = Cloud::builder().frozen_clock(true).start().await;
    let imperal = cloud.client_builder().build().unwrap();
    let (code, user_code) = begin(&imperal).await;
    assert_eq!(cloud.pending_devices(), [user_code.as_str()]);
    assert_eq!(
        problem(&imperal, &code, VERIFIER).await,
        "authorization_pending"
    );
    // Who asks too soon has to wait longer from then on.
    assert_eq!(problem(&imperal, &code, VERIFIER).await, "slow_down");
    cloud.advance(Duration::from_secs(8));
    assert_eq!(problem(&imperal, &code, VERIFIER).await, "slow_down");
    cloud.advance(Duration::from_secs(16));
    assert_eq!(
        problem(&imperal, &code, VERIFIER).await,
        "authorization_pending"
    );
    assert_eq!(
        problem(&imperal, &code, "another verifier").await,
        "400 invalid_grant"
    );
    assert_eq!(
        problem(&imperal, "no such code", VERIFIER).await,
        "400 expired_token"
    );
    cloud.allow_device(&user_code);
    assert!(cloud.pending_devices().is_empty());
    let tokens = ask(&imperal, &code, VERIFIER).await.unwrap();
    let token = Credentials::bearer(tokens.access_token.unwrap().expose());
    let there = client_with(&cloud, token);
    assert_eq!(email_of(&there).await.unwrap(), EMAIL);
    assert_eq!(
        problem(&imperal, &code, VERIFIER).await,
        "400 expired_token"
    );

    let (code, user_code) = begin(&imperal).await;
    cloud.deny_device(&user_code);
    assert_eq!(
        problem(&imperal, &code, VERIFIER).await,
        "400 access_denied"
    );
    let (code, user_code) = begin(&imperal).await;
    assert_eq!(cloud.pending_devices(), [user_code]);
    cloud.advance(Duration::from_secs(600));
    assert!(cloud.pending_devices().is_empty());
    assert_eq!(
        problem(&imperal, &code, VERIFIER).await,
        "400 expired_token"
    );
}

#[tokio::test]
#[should_panic(expected = "no login waits with the code")]
async fn a_code_that_nobody_waits_for_is_refused() {
    Cloud::start().await.allow_device("MOCK-0001");
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one_or_all_but_one() {
    let cloud = Cloud::start().await;
    let clients = [(); 3].map(|()| with_password(&cloud));
    for client in &clients {
        client.login().await.unwrap();
    }
    let auth = |place: usize| clients[place].gateway().auth();
    let listed = auth(0).list_sessions().send().await.unwrap();
    assert_eq!(listed.sessions.len(), 3);
    let current: Vec<_> = listed
        .sessions
        .iter()
        .filter(|session| session.current)
        .collect();
    assert_eq!(current.len(), 1);
    let other = listed
        .sessions
        .iter()
        .find(|session| !session.current)
        .unwrap();
    auth(0)
        .revoke_session()
        .session_id(&other.session_id)
        .send()
        .await
        .unwrap();
    let again = auth(0)
        .revoke_session()
        .session_id(&other.session_id)
        .send()
        .await;
    assert!(again.unwrap_err().is_not_found());
    let ended = auth(0).revoke_other_sessions().send().await.unwrap();
    assert_eq!(ended.revoked, 1);
    assert_eq!(
        auth(0).list_sessions().send().await.unwrap().sessions.len(),
        1
    );
    // A client whose session was ended logs in again, since it has the password.
    auth(1).me().send().await.unwrap();
    assert_eq!(
        auth(0).list_sessions().send().await.unwrap().sessions.len(),
        2
    );
}

#[tokio::test]
async fn keys_are_made_listed_and_removed() {
    let cloud = Cloud::start().await;
    let imperal = with_password(&cloud);
    let keys = || imperal.gateway().api_keys();
    assert!(keys().list_keys().send().await.unwrap().is_empty());
    let made = keys()
        .create_key()
        .body_map(|body| body.name("ci").scopes("app:read"))
        .send()
        .await
        .unwrap();
    assert!(made.key.expose().starts_with("imp_live_"));
    let listed = keys().list_keys().send().await.unwrap();
    assert_eq!(
        (listed.len(), listed[0].name.as_str(), &listed[0].id),
        (1, "ci", &made.id)
    );
    keys().delete_key().key_id(&made.id).send().await.unwrap();
    assert!(keys().list_keys().send().await.unwrap().is_empty());
    assert!(
        keys()
            .delete_key()
            .key_id(&made.id)
            .send()
            .await
            .unwrap_err()
            .is_not_found()
    );
}
