//! What a call leaves in the traces of an application.
#![allow(clippy::unwrap_used, reason = "a test")]

use futures::future::{BoxFuture, FutureExt};
use http::Method;
use imperal_runtime::{
    Credential, CredentialProvider, Error, Operation, Placement, Requirement, Session, Transport,
    TransportError,
};
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};

static READ: Operation =
    Operation::new("things_read", Method::GET, "/things").security(&[&[Requirement {
        scheme: "bearer",
        placement: Placement::Bearer,
    }]]);

/// The fields of every span, in the order in which the spans began.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<BTreeMap<String, String>>>>);

struct Fields<'a>(&'a mut BTreeMap<String, String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
}

impl tracing::Subscriber for Spans {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.is_span()
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut spans = self.0.lock().unwrap();
        let mut fields =
            BTreeMap::from([("name".to_owned(), attributes.metadata().name().to_owned())]);
        attributes.record(&mut Fields(&mut fields));
        spans.push(fields);
        Id::from_u64(spans.len() as u64)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        let index = usize::try_from(id.into_u64()).unwrap() - 1;
        values.record(&mut Fields(&mut self.0.lock().unwrap()[index]));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &tracing::Event<'_>) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// A status, or no answer.
#[derive(Clone)]
struct Script(Arc<Mutex<VecDeque<Option<u16>>>>);

impl Transport for Script {
    fn send(
        &self,
        _: reqwest::Request,
    ) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        let step = self.0.lock().unwrap().pop_front().unwrap();
        async move {
            let Some(status) = step else {
                return std::future::pending().await;
            };
            let answer = http::Response::builder().status(status).body("").unwrap();
            Ok(answer.into())
        }
        .boxed()
    }
}

struct Renewable;

impl CredentialProvider for Renewable {
    fn credential(&self) -> BoxFuture<'_, Result<Credential, Error>> {
        async { Ok(Credential::new("hunter-0", 0)) }.boxed()
    }

    fn renew(&self, _: Credential) -> BoxFuture<'_, Result<Option<Credential>, Error>> {
        async { Ok(Some(Credential::new("hunter-1", 1))) }.boxed()
    }
}

#[tokio::test(start_paused = true)]
async fn every_request_has_a_span_by_the_names_of_opentelemetry() {
    let spans = Spans::default();
    let _collected = tracing::subscriber::set_default(spans.clone());
    let steps = [Some(503), None, Some(401), Some(200)];
    let session = Session::builder()
        .base_url("https://api.example.com/base")
        .credential("bearer", Renewable)
        .transport(Arc::new(Script(Arc::new(Mutex::new(steps.into())))))
        .build()
        .unwrap();
    session.call_json::<_, Value>(&READ, &()).await.unwrap();

    let spans = spans.0.lock().unwrap();
    assert_eq!(spans.len(), 4);
    for (count, span) in spans.iter().enumerate() {
        for (field, value) in [
            ("name", "http.client.request"),
            ("otel.kind", "client"),
            ("otel.name", "GET /things"),
            ("http.request.method", "GET"),
            ("http.request.resend_count", &count.to_string()),
            ("url.template", "/things"),
            ("server.address", "api.example.com"),
            ("server.port", "443"),
            ("operation.id", "things_read"),
        ] {
            assert_eq!(span.get(field).map(String::as_str), Some(value), "{field}");
        }
        assert!(!format!("{span:?}").contains("hunter"), "{span:?}");
    }
    let came_of_it = spans.iter().map(|span| {
        let field = |name: &str| span.get(name).map(String::as_str);
        (
            field("http.response.status_code"),
            field("error.type"),
            field("otel.status_code"),
        )
    });
    assert_eq!(
        came_of_it.collect::<Vec<_>>(),
        [
            (Some("503"), Some("503"), Some("ERROR")),
            (None, Some("timeout"), Some("ERROR")),
            (Some("401"), Some("401"), Some("ERROR")),
            (Some("200"), None, None),
        ]
    );
}
