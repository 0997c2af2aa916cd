//! A transport that a test plays: it remembers what was sent and answers as it is told.

use futures::future::{BoxFuture, FutureExt};
use http_body_util::BodyExt;
use imperal_runtime::{Session, SessionBuilder, Transport, TransportError};
use std::sync::{Arc, Mutex, PoisonError};

/// A request as it would have gone out.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The headers.
    pub headers: http::HeaderMap,
    /// The body.
    pub body: String,
}

impl Sent {
    /// The value of a query parameter, if it is there.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.target.split_once('?')?;
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find_map(|(key, value)| (key == name).then(|| value.into_owned()))
    }

    /// The value of a header, empty where there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The body as JSON.
    ///
    /// # Panics
    ///
    /// If it is none.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("the body is JSON")
    }
}

/// What a request is answered: status, content type and body.
type Answered = (u16, &'static str, String);

/// Answers requests, and remembers them.
#[derive(Clone)]
pub struct Recording {
    answer: Arc<dyn Fn(&Sent) -> Answered + Send + Sync>,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Recording {
    /// Answers every request with this status, content type and body.
    #[must_use]
    pub fn answering(status: u16, content_type: &'static str, body: impl Into<String>) -> Self {
        let body = body.into();
        Self {
            answer: Arc::new(move |_| (status, content_type, body.clone())),
            sent: Arc::default(),
        }
    }

    /// Answers 200 with the JSON that `answer` makes of the request.
    #[must_use]
    pub fn playing(answer: impl Fn(&Sent) -> serde_json::Value + Send + Sync + 'static) -> Self {
        Self {
            answer: Arc::new(move |sent| (200, "application/json", answer(sent).to_string())),
            sent: Arc::default(),
        }
    }

    /// Answers 200 with JSON.
    #[must_use]
    pub fn json(body: impl Into<String>) -> Self {
        Self::answering(200, "application/json", body)
    }

    /// A session that sends here.
    ///
    /// # Panics
    ///
    /// Never: its address is a good one.
    pub fn session(&self, set_up: impl FnOnce(SessionBuilder) -> SessionBuilder) -> Session {
        let builder = Session::builder()
            .base_url("https://api.example.com/base")
            .transport(Arc::new(self.clone()));
        set_up(builder).build().expect("the session is set up well")
    }

    /// The request that was sent last.
    ///
    /// # Panics
    ///
    /// If there was none.
    #[must_use]
    pub fn last(&self) -> Sent {
        self.all().last().cloned().expect("a request was sent")
    }

    /// The request that was sent last, which is then forgotten with all before it.
    pub fn take(&self) -> Option<Sent> {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *sent).pop()
    }

    /// All requests.
    #[must_use]
    pub fn all(&self) -> Vec<Sent> {
        self.sent
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Transport for Recording {
    fn send(
        &self,
        mut request: reqwest::Request,
    ) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        async move {
            let url = request.url();
            let query = url
                .query()
                .map_or_else(String::new, |query| format!("?{query}"));
            let target = format!("{}{query}", url.path());
            let body = match request.body_mut().take() {
                Some(body) => body.collect().await.expect("a body in memory").to_bytes(),
                None => bytes::Bytes::new(),
            };
            let sent = Sent {
                method: request.method().to_string(),
                target,
                headers: request.headers().clone(),
                body: String::from_utf8_lossy(&body).into_owned(),
            };
            let (status, content_type, body) = (self.answer)(&sent);
            self.sent
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(sent);
            let answer = http::Response::builder()
                .status(status)
                .header("content-type", content_type);
            Ok(answer.body(body).expect("a sound answer").into())
        }
        .boxed()
    }
}
