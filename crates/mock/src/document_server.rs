//! Any document, served like those of the cloud.

use crate::cloud_state::CloudState;
use crate::control::Control;
use crate::description::Description;
use crate::exchange::Exchange;
use crate::journal::Journal;
use crate::server;
use crate::service::Service;
use futures::stream::{Stream, StreamExt};
use imperal_build_support::Document;
use std::sync::Arc;
use tokio::sync::watch;

/// What exchanges say of which service they were with.
const NAME: &str = "document";

/// A service that answers by an OpenAPI document, on loopback until this is dropped.
///
/// Requests are held against the document and refused as FastAPI would; answers have the form that it gives.
/// A credential has to be there where the document asks for one, and any is accepted.
///
/// ```
/// use imperal_build_support::Document;
/// use imperal_mock::DocumentServer;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let document = Document::from_json("tiny.json", br#"{
///     "openapi": "3.1.0", "info": {"title": "Tiny", "version": "1"},
///     "paths": {"/hello": {"get": {"responses": {"200": {"description": "A greeting",
///         "content": {"application/json": {"schema": {"const": "hello"}}}}}}}}
/// }"#)?;
/// let server = DocumentServer::start(&document)?;
///
/// let answer = reqwest::get(format!("{}/hello", server.url())).await?;
/// assert_eq!(answer.text().await?, "\"hello\"");
/// server.assert_conforms();
///
/// reqwest::get(format!("{}/goodbye", server.url())).await?;
/// let told = server.exchanges()[1].violations[0].to_string();
/// assert_eq!(told, "route: the document has no GET /goodbye");
/// # Ok(()) }
/// ```
#[must_use = "a server ends when it is dropped"]
pub struct DocumentServer {
    url: String,
    journal: Journal,
    _stop: watch::Sender<()>,
}

impl DocumentServer {
    /// Serves a document on a free port.
    ///
    /// # Errors
    ///
    /// If the machine has no free loopback port or can start no thread.
    pub fn start(document: &Document) -> std::io::Result<Self> {
        Self::builder().start(document)
    }

    /// A server yet to be set up and started.
    pub const fn builder() -> DocumentServerBuilder {
        DocumentServerBuilder {
            port: 0,
            seed: 1,
            is_strict: false,
        }
    }

    /// What is asked and answered from now on, until the server is dropped.
    pub fn follow(&self) -> impl Stream<Item = Exchange> + Send + 'static {
        let records = self.journal.follow(None);
        records.map(|record| record.exchange.clone())
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What was asked and answered so far, in the order of the answers. The newest are kept, as many as eight
    /// megabytes hold.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.journal.exchanges()
    }

    /// Fails unless every request so far was one that the document has and allows.
    ///
    /// # Panics
    ///
    /// If one was not; the message lists all violations.
    pub fn assert_conforms(&self) {
        if let Some(report) = self.journal.report() {
            panic!("{report}");
        }
    }
}

/// A [`DocumentServer`] yet to be started.
#[derive(Clone, Debug)]
#[must_use = "a server runs once it is started"]
pub struct DocumentServerBuilder {
    port: u16,
    seed: u64,
    is_strict: bool,
}

impl DocumentServerBuilder {
    /// Lets it listen on this port, and not on any that is free.
    pub const fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets what answers are made from: with the same seed they are the same.
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Whether it refuses what the document does not declare, and counts it as a violation: query parameters,
    /// fields of bodies, media types. It lets them pass where this is not set, as FastAPI does.
    ///
    /// ```
    /// use imperal_build_support::Document;
    /// use imperal_mock::DocumentServer;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let document = Document::from_json("tiny.json", br#"{
    ///     "openapi": "3.1.0", "info": {"title": "Tiny", "version": "1"},
    ///     "paths": {"/hello": {"get": {"responses": {"200": {"description": "A greeting",
    ///         "content": {"application/json": {"schema": {"const": "hello"}}}}}}}}
    /// }"#)?;
    /// let server = DocumentServer::builder().strict(true).start(&document)?;
    ///
    /// let answer = reqwest::get(format!("{}/hello?times=2", server.url())).await?;
    /// assert_eq!(answer.status(), 422);
    /// # Ok(()) }
    /// ```
    pub const fn strict(mut self, strict: bool) -> Self {
        self.is_strict = strict;
        self
    }

    /// Serves a document.
    ///
    /// # Errors
    ///
    /// If the port is taken, or the machine can start no thread.
    pub fn start(self, document: &Document) -> std::io::Result<DocumentServer> {
        let (listener, address) = server::bind(self.port)?;
        let description = Arc::new(Description::of(document));
        let control = Control {
            state: CloudState::new(self.seed, false),
            services: vec![(NAME, Arc::clone(&description))],
        };
        let journal = control.state.journal.clone();
        let (seed, is_strict) = (self.seed, self.is_strict);
        let service = Service::new(
            NAME,
            &description,
            None,
            &control.state.events,
            seed,
            is_strict,
        );
        let (stop, stopped) = watch::channel(());
        server::run(move || async move {
            let served = server::serve(listener, Arc::new(service), Arc::new(control), stopped);
            let _ = served.await;
        })?;
        Ok(DocumentServer {
            url: format!("http://{address}"),
            journal,
            _stop: stop,
        })
    }
}

impl std::fmt::Debug for DocumentServer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("DocumentServer")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}
