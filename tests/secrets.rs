//! Canaries in every place where a secret can be: none is ever seen, however calls fail.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::TryStreamExt;
use futures::future::{BoxFuture, FutureExt};
use imperal::{
    CallOptions, Credential, CredentialProvider, Credentials, Error, FileStore, Imperal,
    ImperalBuilder, MemoryStore, Method, RedisStore, RetryPolicy, Secret, StoredTokens, TokenStore,
    Transport, TransportError,
};
use imperal_mock::{Cloud, EMAIL};
use imperal_tests::refusing_socket;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::error::Error as _;
use std::fmt::Write;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, Once};
use std::time::{Duration, UNIX_EPOCH};
use tracing::field::{Field, Visit};

/// Everything that a test traces, at every level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

impl Log {
    fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }
}

impl tracing::Subscriber for Log {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        let mut text = self.0.lock().unwrap();
        let _ = write!(text, "\n{}", attributes.metadata().name());
        attributes.record(&mut Fields(&mut text));
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, values: &tracing::span::Record<'_>) {
        values.record(&mut Fields(&mut self.0.lock().unwrap()));
    }

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut text = self.0.lock().unwrap();
        let _ = write!(text, "\n{}", event.metadata().target());
        event.record(&mut Fields(&mut text));
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

/// What the libraries beneath write through `log`, which no subscriber of `tracing` sees. A process has one logger,
/// so all tests of this file share it.
struct Records(Mutex<String>);

static RECORDS: Records = Records(Mutex::new(String::new()));

impl Records {
    fn collect() {
        static BEGUN: Once = Once::new();
        BEGUN.call_once(|| {
            log::set_logger(&RECORDS).unwrap();
            log::set_max_level(log::LevelFilter::Trace);
        });
    }

    fn text() -> String {
        RECORDS.0.lock().unwrap().clone()
    }
}

impl log::Log for Records {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let mut text = self.0.lock().unwrap();
        let _ = write!(text, "\n{} {}", record.target(), record.args());
    }

    fn flush(&self) {}
}

const CANARY: &str = "canary-7f3a";

fn canary(name: &str) -> String {
    format!("{CANARY}-{name}")
}

/// How a request fails.
#[derive(Clone, Copy, Debug)]
enum Fault {
    NoConnection,
    Broken,
    Silence,
    /// A status, with a body that repeats what was sent where validators put it.
    Echo(u16),
    /// A status, with a sentence that repeats what was sent.
    Say(u16),
    Html(u16),
    Truncated,
}

const FAULTS: &[Fault] = &[
    Fault::NoConnection,
    Fault::Broken,
    Fault::Silence,
    Fault::Echo(401),
    Fault::Echo(403),
    Fault::Echo(422),
    Fault::Echo(500),
    Fault::Say(400),
    Fault::Say(401),
    Fault::Say(422),
    Fault::Html(502),
    Fault::Html(200),
    Fault::Echo(307),
    Fault::Truncated,
];

#[derive(Clone)]
struct Faulty(Fault);

impl Transport for Faulty {
    fn send(
        &self,
        request: reqwest::Request,
    ) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        let body = request.body().and_then(reqwest::Body::as_bytes);
        let sent = String::from_utf8_lossy(body.unwrap_or_default()).into_owned();
        let headers = request.headers().values();
        let headers: Vec<&str> = headers.filter_map(|value| value.to_str().ok()).collect();
        let said = format!("{} {sent} are no good", headers.join(" "));
        let target = request.url().to_string();
        let fault = self.0;
        async move {
            let answer = http::Response::builder().header("set-cookie", canary("cookie"));
            if target.ends_with("/device/authorize") {
                let begun = json!({
                    "device_code": canary("device"), "user_code": "A-1", "interval": 5, "expires_in": 60,
                    "verification_uri": "https://example.com",
                });
                return Ok(answer.body(begun.to_string()).unwrap().into());
            }
            let body = match fault {
                Fault::NoConnection => return Err(TransportError::Connect("refused".into())),
                Fault::Broken => return Err(TransportError::Broken("reset".into())),
                Fault::Silence => std::future::pending().await,
                Fault::Echo(_) => json!({ "detail": [{
                    "loc": ["body", "password"], "msg": "bad", "type": "t", "input": sent, "ctx": { "url": target },
                }] })
                .to_string(),
                Fault::Say(422) => {
                    json!({ "detail": [{ "loc": ["body"], "msg": said, "type": "t" }] }).to_string()
                }
                Fault::Say(_) => json!({ "detail": said }).to_string(),
                Fault::Html(_) => format!("<h1>{target} {sent}</h1>"),
                Fault::Truncated => format!("{{\"access_token\": \"{}", canary("answer")),
            };
            let status = match fault {
                Fault::Echo(status) | Fault::Say(status) | Fault::Html(status) => status,
                _ => 200,
            };
            let elsewhere = format!("https://evil.example/{target}");
            Ok(answer.status(status).header("location", elsewhere).body(body).unwrap().into())
        }
        .boxed()
    }
}

/// Hands out one canary, and another when that is refused.
struct Provider;

impl CredentialProvider for Provider {
    fn credential(&self) -> BoxFuture<'_, Result<Credential, Error>> {
        async { Ok(Credential::new(canary("provided"), 0)) }.boxed()
    }

    fn renew(&self, _: Credential) -> BoxFuture<'_, Result<Option<Credential>, Error>> {
        async { Ok(Some(Credential::new(canary("renewed"), 1))) }.boxed()
    }
}

/// All that can be seen of an error, a panic with it included.
fn show(error: &Error) -> String {
    let mut text = format!(
        "{error} {error:?} {error:#?} {:?} {:?} {:?}",
        error.detail(),
        error.headers(),
        error.request_id()
    );
    let mut source = error.source();
    while let Some(cause) = source {
        let _ = write!(text, " {cause} {cause:?}");
        source = cause.source();
    }
    let panic = std::panic::catch_unwind(AssertUnwindSafe(|| unwrapped(Err(error.clone()))));
    let panic = panic.unwrap_err();
    let panic = panic.downcast_ref::<String>().unwrap();
    let _ = write!(text, " {panic}");
    text
}

/// Panics with the error, as a caller does who expects none.
fn unwrapped(outcome: Result<(), Error>) {
    outcome.unwrap();
}

fn check(place: &str, text: &str) {
    assert!(
        !text.contains(CANARY),
        "a secret is seen in {place}: {text}"
    );
}

async fn stored(text: &str) -> MemoryStore {
    let store = MemoryStore::default();
    let tokens = StoredTokens::new(
        canary("access").into(),
        Some(canary("refresh").into()),
        UNIX_EPOCH + Duration::from_secs(9_000_000_000),
    );
    store.lock().await.unwrap().save(&tokens).await.unwrap();
    check(text, &format!("{store:?} {tokens:?}"));
    store
}

/// A client with canaries for credentials, of the login with this number.
async fn client(login: u32, transport: Faulty) -> Imperal {
    let credentials = match login {
        0 => Credentials::password(EMAIL, canary("password")),
        1 => Credentials::refresh_token(canary("refresh")),
        2 => Credentials::bearer(canary("bearer")),
        3 => Credentials::bearer_from(Provider),
        _ => Credentials::device(),
    };
    check("credentials", &format!("{credentials:?} {credentials:#?}"));
    let options = CallOptions::new().retries(RetryPolicy::default().attempts(2));
    let options = options.header("x-ext-token", &canary("header")).unwrap();
    check("options", &format!("{options:?} {options:#?}"));
    let mut builder: ImperalBuilder = Imperal::builder()
        .transport(transport)
        .registry_url("https://registry.example.com")
        .credentials(credentials)
        .credentials(Credentials::service_token(canary("service")))
        .credentials(Credentials::registry_key(canary("registry")))
        .options(options);
    if login == 4 {
        builder = builder.token_store(stored("the store").await);
    }
    check("the builder", &format!("{builder:?} {builder:#?}"));
    builder.build().unwrap()
}

/// The errors of one call of each kind.
async fn errors_of(imperal: &Imperal) -> Vec<Error> {
    let gateway = imperal.gateway();
    let mut errors = Vec::new();
    errors.extend(gateway.auth().me().send().await.err());
    errors.extend(gateway.events().event_stats().send().await.err());
    errors.extend(gateway.events().event_stream().send().await.err());
    let change = gateway.auth().change_password().body_map(|body| {
        body.current_password(canary("old"))
            .new_password(canary("new"))
    });
    check(
        "the arguments of a call",
        &format!("{change:?} {change:#?}"),
    );
    errors.extend(change.send().await.err());
    let raw = imperal.request(Method::POST, "/v1/newer");
    let raw = raw.query("token", canary("query"));
    let raw = raw.json(&json!({ "note": "in the clear" }));
    check("a request", &format!("{raw:?} {raw:#?}"));
    errors.extend(raw.send::<Value>().await.err());
    let password = BTreeMap::from([("password", Secret::from(canary("raw")))]);
    let raw = imperal.request(Method::POST, "/v1/newer").json(&password);
    errors.extend(raw.send::<Value>().await.err());
    errors.extend(imperal.registry().apps().list_apps().send().await.err());
    errors.extend(imperal.login().await.err());
    errors.extend(imperal.replace_password(canary("replaced")).await.err());
    match imperal.device_login().await {
        Ok(login) => {
            check("a device login", &format!("{login:?} {login:#?}"));
            errors.extend(login.wait().await.err());
        }
        Err(error) => errors.push(error),
    }
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","kid":"k"}"#);
    let verifier = imperal.token_verifier();
    for token in [
        canary("jwt"),
        format!("{header}.{}.{}", canary("claims"), canary("signature")),
    ] {
        errors.extend(verifier.verify(&token).await.err());
    }
    check("the verifier", &format!("{verifier:?} {verifier:#?}"));
    errors.extend(imperal.logout().await.err());
    errors
}

#[tokio::test(start_paused = true)]
async fn no_secret_is_seen_however_a_call_fails() {
    Records::collect();
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    for fault in FAULTS {
        for login in 0..5 {
            let imperal = client(login, Faulty(*fault)).await;
            let errors = errors_of(&imperal).await;
            assert!(errors.len() >= 6, "{fault:?} {login}: {errors:?}");
            for error in &errors {
                check(&format!("an error after {fault:?}"), &show(error));
            }
            check("the client", &format!("{imperal:?} {imperal:#?}"));
        }
    }
    let text = log.text();
    assert!(
        text.contains("http.client.request") && text.contains("/v1/auth/me"),
        "nothing was logged"
    );
    check("the log", &text);
    check("the records", &Records::text());
}

#[tokio::test]
async fn no_secret_of_a_store_is_seen_when_it_fails() {
    Records::collect();
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("credentials.json");
    let tokens = json!({ "access_token": canary("access"), "refresh_token": canary("refresh") });
    let whole = tokens.to_string();
    for text in [&whole[..whole.len() - 3], &format!("[{whole}]"), &whole] {
        std::fs::write(&path, text).unwrap();
        let store = FileStore::at(&path);
        let builder = Imperal::builder()
            .token_store(store.clone())
            .transport(Faulty(Fault::Say(400)));
        check("a builder with a file", &format!("{builder:?} {store:?}"));
        let imperal = builder.build().unwrap();
        let error = imperal.gateway().auth().me().send().await.unwrap_err();
        check(
            "an error of a file",
            &format!("{} {imperal:?}", show(&error)),
        );
    }
    check("the log", &log.text());
    check("the records", &Records::text());
}

/// The client waits between its tries to connect.
#[tokio::test(start_paused = true)]
async fn no_secret_of_a_redis_address_is_seen_when_it_fails() {
    Records::collect();
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let nobody = refusing_socket();
    let server = nobody.local_addr().unwrap();
    let password = canary("redis");
    for url in [
        format!("redis://user:{password}@{server}/"),
        format!("rediss://user:{password}@{server}/"),
        format!("redis://:{password}@{server}/no-number"),
        format!("http://:{password}@{server}/"),
        format!("redis://:{password}@not a host/"),
    ] {
        let error = RedisStore::connect(&url, "service").await.unwrap_err();
        check("an error of Redis", &show(&error));
    }
    check("the log", &log.text());
    check("the records", &Records::text());
}

#[test]
fn no_secret_is_serialised_by_accident() {
    let request = imperal::auth_gateway::types::LoginRequest::builder()
        .email(EMAIL)
        .password(canary("password"));
    let request: imperal::auth_gateway::types::LoginRequest = request.try_into().unwrap();
    let text = serde_json::to_string(&request).unwrap();
    assert!(text.contains(EMAIL) && text.contains("[secret]"), "{text}");
    check("a body that is serialised", &text);
    let meant = Secret::exposing(|| serde_json::to_string(&request)).unwrap();
    assert!(meant.contains(&canary("password")), "{meant}");
}

#[tokio::test]
async fn a_request_has_the_secrets_of_its_body() {
    /// Answers with the body of the request.
    struct Echo;

    impl Transport for Echo {
        fn send(
            &self,
            request: reqwest::Request,
        ) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
            let body = request.body().and_then(reqwest::Body::as_bytes);
            let body = body.unwrap_or_default().to_vec();
            async {
                Ok(http::Response::builder()
                    .status(400)
                    .body(body)
                    .unwrap()
                    .into())
            }
            .boxed()
        }
    }

    let builder = Imperal::builder().transport(Echo);
    let imperal = builder
        .credentials(Credentials::bearer("token"))
        .build()
        .unwrap();
    let generated = imperal.gateway().auth().login();
    let generated = generated.body_map(|body| body.email(EMAIL).password(canary("password")));
    let raw = imperal.request(Method::POST, "/v1/newer");
    let raw = raw
        .json(&json!({ "plain": 1 }))
        .json(&[Secret::from(canary("password"))]);
    for error in [
        generated.send().await.unwrap_err(),
        raw.send::<Value>().await.unwrap_err(),
    ] {
        let sent = String::from_utf8_lossy(error.body().unwrap());
        assert!(sent.contains(&canary("password")), "{sent}");
    }
}

#[tokio::test]
async fn no_secret_is_logged_by_anything_beneath() {
    Records::collect();
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let cloud = Cloud::start().await;
    let imperal = cloud
        .client_builder()
        .credentials(Credentials::service_token(canary("service")))
        .credentials(Credentials::bearer(canary("bearer")))
        .build()
        .unwrap();
    imperal.gateway().auth().me().send().await.unwrap_err();
    imperal
        .gateway()
        .events()
        .event_stream()
        .send()
        .await
        .unwrap_err();
    imperal.events().try_next().await.unwrap_err();
    // A stream that was open, was cut off, and could not be opened again.
    let imperal = cloud.client();
    let mut events = imperal.events().resume_after("0");
    cloud.push_event("numbered", &1.into());
    events.try_next().await.unwrap();
    cloud.drop_event_streams();
    imperal.logout().await.unwrap();
    let error = events.try_next().await.unwrap_err();
    let log = log.text();
    let records = Records::text();
    assert!(log.contains("the event stream was cut off"), "{log}");
    assert!(records.contains("reqwest"), "{records}");
    for exchange in cloud.exchanges() {
        if let Some(token) = exchange.query.split("token=").nth(1) {
            assert!(!log.contains(token) && !format!("{error:?} {events:?}").contains(token));
            assert!(!records.contains(token), "{records}");
        }
    }
    check("the log", &log);
    check("the records", &records);
}
