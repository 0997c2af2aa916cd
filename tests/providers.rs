//! Credentials from providers of the caller's own, and a password that is replaced while its client runs.

use futures::future::{BoxFuture, FutureExt};
use imperal::{
    Credential, CredentialProvider, Credentials, Error, Imperal, Secret, Transport, TransportError,
};
use imperal_mock::{Cloud, EMAIL, PASSWORD, REGISTRY_KEY, SERVICE_TOKEN};
use imperal_tests::{client_with, email_of, statuses};
use serde_json::json;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// A provider whose first credential is out of date, and gives way to the next one when it is refused.
struct Rotated {
    current: Mutex<Secret>,
    next: Secret,
    asked: Arc<Mutex<Vec<&'static str>>>,
}

impl Rotated {
    /// The provider, and what it was asked for.
    fn new(next: impl Into<Secret>) -> (Self, Arc<Mutex<Vec<&'static str>>>) {
        let asked = Arc::default();
        let provider = Self {
            current: Mutex::new("hunter2".into()),
            next: next.into(),
            asked: Arc::clone(&asked),
        };
        (provider, asked)
    }
}

impl CredentialProvider for Rotated {
    fn credential(&self) -> BoxFuture<'_, Result<Credential, Error>> {
        self.asked.lock().unwrap().push("credential");
        let secret = self.current.lock().unwrap().clone();
        async { Ok(Credential::new(secret, 0)) }.boxed()
    }

    fn renew(&self, refused: Credential) -> BoxFuture<'_, Result<Option<Credential>, Error>> {
        self.asked.lock().unwrap().push("renew");
        assert_eq!(refused.secret().expose(), "hunter2");
        *self.current.lock().unwrap() = self.next.clone();
        async { Ok(Some(Credential::new(self.next.clone(), 1))) }.boxed()
    }
}

/// An access token of the cloud.
async fn access_token(cloud: &Cloud) -> Secret {
    let imperal = cloud.client();
    let login = imperal.gateway().auth().login();
    let login = login.body_map(|body| body.email(EMAIL).password(PASSWORD));
    login.send().await.unwrap().access_token.clone()
}

#[tokio::test]
async fn a_provider_is_asked_at_each_call_and_for_a_newer_one_after_a_refusal() {
    let cloud = Cloud::start().await;
    let (provider, asked) = Rotated::new(access_token(&cloud).await);
    let credentials = Credentials::bearer_from(provider);
    assert!(!format!("{credentials:?}").contains("hunter2"));
    let imperal = client_with(&cloud, credentials);
    assert_eq!(email_of(&imperal).await.unwrap(), EMAIL);
    assert_eq!(email_of(&imperal).await.unwrap(), EMAIL);
    assert_eq!(
        *asked.lock().unwrap(),
        ["credential", "renew", "credential"]
    );
    assert_eq!(statuses(&cloud, "/v1/auth/me"), [401, 200, 200]);
}

#[tokio::test]
async fn providers_of_different_kinds_combine_with_each_other_and_with_a_login() {
    let cloud = Cloud::start().await;
    let (service, service_asked) = Rotated::new(SERVICE_TOKEN);
    let (registry, registry_asked) = Rotated::new(REGISTRY_KEY);
    let builder = cloud.client_builder();
    let imperal = builder
        .credentials(Credentials::password(EMAIL, PASSWORD))
        .credentials(Credentials::service_token_from(service))
        .credentials(Credentials::registry_key_from(registry))
        .build()
        .unwrap();
    let events = imperal.gateway().events();
    events.event_stats().send().await.unwrap();
    imperal.registry().apps().list_apps().send().await.unwrap();
    assert_eq!(email_of(&imperal).await.unwrap(), EMAIL);
    assert_eq!(*service_asked.lock().unwrap(), ["credential", "renew"]);
    assert_eq!(*registry_asked.lock().unwrap(), ["credential", "renew"]);
}

#[tokio::test]
async fn the_error_of_a_provider_is_that_of_the_call() {
    struct Broken;

    impl CredentialProvider for Broken {
        fn credential(&self) -> BoxFuture<'_, Result<Credential, Error>> {
            async { Err(Error::configuration("there is no token in the file")) }.boxed()
        }
    }

    let cloud = Cloud::start().await;
    let imperal = client_with(&cloud, Credentials::bearer_from(Broken));
    let error = email_of(&imperal).await.unwrap_err();
    assert!(error.is_configuration(), "{error}");
    assert!(
        error.to_string().contains("there is no token in the file"),
        "{error}"
    );
    assert!(cloud.exchanges().is_empty());
}

#[test]
fn a_provider_of_bearer_tokens_excludes_whatever_else_would_be_the_bearer() {
    for login in [
        Credentials::password(EMAIL, PASSWORD),
        Credentials::refresh_token("token"),
        Credentials::device(),
        Credentials::bearer("token"),
        Credentials::api_key("key"),
    ] {
        let (provider, _) = Rotated::new("token");
        let builder = Imperal::builder().credentials(Credentials::bearer_from(provider));
        let error = builder.credentials(login).build().unwrap_err();
        assert!(error.is_configuration(), "{error}");
    }
}

#[tokio::test]
async fn an_api_key_goes_out_as_the_bearer() {
    struct Seen(Arc<Mutex<Vec<String>>>);

    impl Transport for Seen {
        fn send(
            &self,
            request: reqwest::Request,
        ) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
            let header = request.headers()["authorization"].to_str().unwrap();
            self.0.lock().unwrap().push(header.to_owned());
            async { Ok(http::Response::new("[]").into()) }.boxed()
        }
    }

    let seen = Arc::default();
    let builder = Imperal::builder().transport(Seen(Arc::clone(&seen)));
    let key = Credentials::api_key("imp_live_1");
    let imperal = builder.credentials(key).build().unwrap();
    let keys = imperal.gateway().api_keys();
    keys.list_keys().send().await.unwrap();
    assert_eq!(*seen.lock().unwrap(), ["Bearer imp_live_1"]);
}

#[tokio::test]
async fn a_refused_password_is_final_until_it_is_replaced() {
    let cloud = Cloud::start().await;
    let imperal = client_with(&cloud, Credentials::password(EMAIL, "hunter2"));
    let clone = imperal.clone();
    for _ in 0..3 {
        assert!(email_of(&imperal).await.unwrap_err().is_login_refused());
    }
    let error = imperal.replace_password("also wrong").await.unwrap_err();
    assert!(error.is_login_refused(), "{error}");
    assert!(email_of(&clone).await.unwrap_err().is_login_refused());
    assert_eq!(statuses(&cloud, "/v1/auth/login"), [401, 401]);

    imperal.replace_password(PASSWORD).await.unwrap();
    assert_eq!(email_of(&clone).await.unwrap(), EMAIL);
    assert_eq!(statuses(&cloud, "/v1/auth/login"), [401, 401, 200]);

    // While there is a good token, nothing is sent.
    let next = "for the next login";
    imperal.replace_password(next).await.unwrap();
    assert_eq!(statuses(&cloud, "/v1/auth/login"), [401, 401, 200]);
}

#[tokio::test]
async fn a_client_without_a_password_has_none_to_replace() {
    let cloud = Cloud::start().await;
    for credentials in [Credentials::bearer("token"), Credentials::device()] {
        let imperal = client_with(&cloud, credentials);
        let error = imperal.replace_password(PASSWORD).await.unwrap_err();
        assert!(error.is_configuration(), "{error}");
    }
}

/// A service that takes the password `new` at once. It refuses any other, and only once the test says so.
#[derive(Clone, Default)]
struct Slow(Arc<SlowState>);

#[derive(Default)]
struct SlowState {
    /// A login with another password has arrived.
    asked: Notify,
    /// It is to be refused now.
    answer: Notify,
    /// It was refused.
    is_over: AtomicBool,
}

impl Transport for Slow {
    fn send(
        &self,
        request: reqwest::Request,
    ) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        let body = request.body().and_then(reqwest::Body::as_bytes).unwrap();
        let is_new = String::from_utf8_lossy(body).contains(r#""new""#);
        let state = Arc::clone(&self.0);
        async move {
            if is_new {
                assert!(state.is_over.load(Ordering::SeqCst), "one login at a time");
                let pair = json!({ "access_token": "a", "refresh_token": "r", "expires_in": 900 });
                return Ok(http::Response::new(pair.to_string()).into());
            }
            state.asked.notify_one();
            state.answer.notified().await;
            state.is_over.store(true, Ordering::SeqCst);
            let refusal = http::Response::builder().status(401).body("{}");
            Ok(refusal.unwrap().into())
        }
        .boxed()
    }
}

#[tokio::test]
async fn the_verdict_on_the_old_password_is_not_taken_for_that_on_the_new_one() {
    let service = Slow::default();
    let builder = Imperal::builder().transport(service.clone());
    let login = Credentials::password(EMAIL, "old");
    let imperal = builder.credentials(login).build().unwrap();
    let first = tokio::spawn({
        let imperal = imperal.clone();
        async move { imperal.login().await }
    });
    service.0.asked.notified().await;
    let mut second = std::pin::pin!(imperal.replace_password("new"));
    // It waits for the login that is under way.
    assert!(second.as_mut().now_or_never().is_none());
    service.0.answer.notify_one();
    second.await.unwrap();
    assert!(first.await.unwrap().unwrap_err().is_login_refused());
}
