//! Any document, served like those of the cloud.

use crate::description::Description;
use crate::exchange::Exchange;
use crate::faults::Faults;
use crate::journal::Journal;
use crate::server;
use crate::service::Service;
use imperal_build_support::Document;
use std::sync::Arc;
use tokio::sync::watch;

/// A service that answers by an OpenAPI document, on loopback until this is dropped.
///
/// Requests are held against the document and refused as FastAPI would; answers have the form that it gives.
/// A credential has to be there where the document asks for one, and any is accepted.
///
/// ```
/// use imperal_build_support::Document;
/// use imperal_mock::DocumentServer;
///
/// let document = Document::from_json("tiny.json", br#"{
///     "openapi": "3.1.0", "info": {"title": "Tiny", "version": "1"},
///     "paths": {"/hello": {"get": {"responses": {"200": {"description": "A greeting",
///         "content": {"application/json": {"schema": {"const": "hello"}}}}}}}}
/// }"#)?;
/// let server = DocumentServer::start(&document)?;
/// assert!(server.url().starts_with("http://127.0.0.1:"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
        let (listener, address) = server::bind()?;
        let journal = Journal::default();
        let description = Arc::new(Description::of(document));
        let service = Arc::new(Service::of_document(&description));
        let (stop, stopped) = watch::channel(());
        let noting = journal.clone();
        server::run(move || async move {
            let served = server::serve(listener, service, noting, Faults::default(), stopped);
            let _ = served.await;
        })?;
        Ok(Self {
            url: format!("http://{address}"),
            journal,
            _stop: stop,
        })
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What was asked and answered so far, in the order of the answers: the last ten thousand.
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

impl std::fmt::Debug for DocumentServer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("DocumentServer")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}
