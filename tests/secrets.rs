//! Canaries in every place where a secret can be: none is ever seen, however calls fail.

use futures::TryStreamExt;
use futures::future::{BoxFuture, FutureExt};
use imperal::{
    CallOptions, Credentials, Imperal, MemoryStore, RetryPolicy, StoredTokens, TokenStore,
    Transport, TransportError,
};
use imperal_mock::{Cloud, EMAIL};
use std::error::Error as _;
use std::fmt::Write;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};
use tracing::field::{Field, Visit};

/// Everything that is logged, at every level.
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
    /// A status, with a body that repeats what was sent.
    Echo(u16),
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
        let sent = request
            .body()
            .and_then(reqwest::Body::as_bytes)
            .unwrap_or_default();
        let sent = String::from_utf8_lossy(sent).into_owned();
        let target = request.url().to_string();
        let fault = self.0;
        async move {
            let answer = http::Response::builder();
            let echo = serde_json::json!({ "detail": [{ "loc": ["body", "password"], "msg": "bad", "type": "t", "input": sent, "ctx": { "url": target } }] });
            Ok(match fault {
                Fault::NoConnection => return Err(TransportError::Connect("refused".to_owned())),
                Fault::Broken => return Err(TransportError::Broken("reset".to_owned())),
                Fault::Silence => std::future::pending().await,
                Fault::Echo(status) => {
                    answer.status(status).header("location", format!("https://evil.example/{target}")).body(echo.to_string()).unwrap().into()
                }
                Fault::Html(status) => answer.status(status).body(format!("<h1>{target} {sent}</h1>")).unwrap().into(),
                Fault::Truncated => answer.status(200).body(format!("{{\"access_token\": \"{}", canary("answer"))).unwrap().into(),
            })
        }
        .boxed()
    }
}

fn show(error: &imperal::Error) -> String {
    let mut text = format!("{error} {error:?} {error:#?} {:?}", error.detail());
    let mut source = error.source();
    while let Some(cause) = source {
        let _ = write!(text, " {cause} {cause:?}");
        source = cause.source();
    }
    text
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

#[tokio::test(start_paused = true)]
async fn no_secret_is_seen_however_a_call_fails() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    for fault in FAULTS {
        for login in 0..4 {
            let credentials = match login {
                0 => Credentials::password(EMAIL, canary("password")),
                1 => Credentials::refresh_token(canary("refresh")),
                2 => Credentials::bearer(canary("bearer")),
                _ => Credentials::device(),
            };
            check("credentials", &format!("{credentials:?} {credentials:#?}"));
            let mut builder = Imperal::builder()
                .transport(Faulty(*fault))
                .registry_url("https://registry.example.com")
                .credentials(credentials)
                .credentials(Credentials::service_token(canary("service")))
                .credentials(Credentials::registry_key(canary("registry")))
                .options(CallOptions::new().retries(RetryPolicy::default().attempts(2)));
            if login == 3 {
                builder = builder.token_store(stored("the store").await);
            }
            check("the builder", &format!("{builder:?}"));
            let imperal = builder.build().unwrap();
            let mut errors = Vec::new();
            let gateway = imperal.gateway();
            errors.extend(gateway.auth().me().send().await.err());
            errors.extend(gateway.events().event_stream().send().await.err());
            errors.extend(
                gateway
                    .auth()
                    .change_password()
                    .body_map(|body| {
                        body.current_password(canary("old"))
                            .new_password(canary("new"))
                    })
                    .send()
                    .await
                    .err(),
            );
            errors.extend(imperal.registry().apps().list_apps().send().await.err());
            errors.extend(imperal.login().await.err());
            errors.extend(imperal.logout().await.err());
            assert!(errors.len() >= 2, "{fault:?} {login}: {errors:?}");
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
}

#[tokio::test]
async fn no_secret_is_logged_by_anything_beneath() {
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
    assert!(log.contains("the event stream was cut off"), "{log}");
    for exchange in cloud.exchanges() {
        if let Some(token) = exchange.query.split("token=").nth(1) {
            assert!(!log.contains(token) && !format!("{error:?} {events:?}").contains(token));
        }
    }
    check("the log", &log);
}
