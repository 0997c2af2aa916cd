//! A service that takes content, played by a test.

use bytes::Bytes;
use futures::future::{BoxFuture, FutureExt};
use futures::{StreamExt, stream};
use http::Method;
use http_body_util::BodyExt;
use imperal_runtime::private::Payload;
use imperal_runtime::{
    Answer, Credential, CredentialProvider, Error, Operation, Placement, Requirement, Session,
    Transport, TransportError, Upload,
};
use serde_json::Value;
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

static SECURITY: &[&[Requirement]] = &[&[Requirement {
    scheme: "bearer",
    placement: Placement::Bearer,
}]];
pub static SEND: Operation = Operation::new("send", Method::POST, "/send").security(SECURITY);
pub static REPLACE: Operation = Operation::new("replace", Method::PUT, "/send").security(SECURITY);

/// A request as it has come, or what has come of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    pub token: String,
    pub content_type: String,
    pub size: Option<String>,
    pub body: Result<Bytes, String>,
    pub largest_part: usize,
}

#[derive(Clone, Copy)]
pub enum Reply {
    Status(u16),
    /// No connection is made, and nothing of the body is read.
    Unreachable,
    /// Nothing of the body is read, for ever.
    Stalled,
    /// The body of the answer takes its time.
    Slow,
}

/// Answers one reply after the other, and 200 after the last.
#[derive(Clone, Default)]
pub struct Service {
    replies: Arc<Mutex<VecDeque<Reply>>>,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Transport for Service {
    fn send(
        &self,
        mut request: reqwest::Request,
    ) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        async move {
            let reply = self
                .replies
                .lock()
                .unwrap()
                .pop_front()
                .unwrap_or(Reply::Status(200));
            let status = match reply {
                Reply::Status(status) => status,
                Reply::Slow => 200,
                Reply::Unreachable => return Err(TransportError::Connect("refused".into())),
                Reply::Stalled => std::future::pending().await,
            };
            let header =
                |name: &str| Some(request.headers().get(name)?.to_str().unwrap().to_owned());
            let (token, content_type, size) = (
                header("authorization").unwrap(),
                header("content-type").unwrap(),
                header("content-length"),
            );
            let mut largest_part = 0;
            let parts = request.body_mut().take().unwrap().into_data_stream();
            let parts: Vec<Result<Bytes, reqwest::Error>> = parts
                .inspect(|part| {
                    largest_part = largest_part.max(part.as_ref().map_or(0, Bytes::len));
                })
                .collect()
                .await;
            let parts: Result<Vec<Bytes>, _> = parts.into_iter().collect();
            let body = parts
                .map(|parts| parts.concat().into())
                .map_err(|error| error.to_string());
            let broken = body.is_err();
            self.sent.lock().unwrap().push(Sent {
                token,
                content_type,
                size,
                body,
                largest_part,
            });
            if broken {
                return Err(TransportError::Broken("the body broke off".into()));
            }
            let text = if matches!(reply, Reply::Slow) {
                &["[1", ",2", ",3", ",4]"][..]
            } else {
                &["null"]
            };
            let body = stream::iter(text).then(move |part| async move {
                if text.len() > 1 {
                    tokio::time::sleep(Duration::from_secs(50)).await;
                }
                Ok::<_, io::Error>(*part)
            });
            Ok(http::Response::builder()
                .status(status)
                .body(reqwest::Body::wrap_stream(body))
                .unwrap()
                .into())
        }
        .boxed()
    }
}

/// A new token each time one is refused.
pub struct Tokens;

impl CredentialProvider for Tokens {
    fn credential(&self) -> BoxFuture<'_, Result<Credential, Error>> {
        async { Ok(Credential::new("0", 0)) }.boxed()
    }

    fn renew(&self, refused: Credential) -> BoxFuture<'_, Result<Option<Credential>, Error>> {
        let next = refused.generation() + 1;
        async move { Ok(Some(Credential::new(next.to_string(), next))) }.boxed()
    }
}

impl Service {
    pub fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self {
            replies: Arc::new(Mutex::new(replies.into_iter().collect())),
            sent: Arc::default(),
        }
    }

    pub async fn call(
        &self,
        operation: &Operation,
        upload: Upload,
    ) -> Result<Answer<Value>, Error> {
        self.call_as(Tokens, operation, upload).await
    }

    pub async fn call_as(
        &self,
        tokens: impl CredentialProvider,
        operation: &Operation,
        upload: Upload,
    ) -> Result<Answer<Value>, Error> {
        send(&self.session(tokens), operation, upload).await
    }

    pub fn session(&self, tokens: impl CredentialProvider) -> Session {
        Session::builder()
            .base_url("https://api.example.com")
            .transport(Arc::new(self.clone()))
            .credential("bearer", tokens)
            .build()
            .unwrap()
    }

    pub fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }
}

pub async fn send(
    session: &Session,
    operation: &Operation,
    upload: Upload,
) -> Result<Answer<Value>, Error> {
    let url = "https://api.example.com/send";
    let request = session
        .http()
        .request(operation.method().clone(), url)
        .build();
    session
        .call(operation, Ok(request.unwrap()), Payload::Raw(upload, "*/*"))
        .await
}

pub fn parts(
    parts: &[&'static str],
) -> impl futures::Stream<Item = io::Result<Bytes>> + Send + 'static {
    stream::iter(
        parts
            .iter()
            .map(|part| Ok(Bytes::from(*part)))
            .collect::<Vec<_>>(),
    )
}
