//! A service that streams events, played by a test.

use futures::future::{BoxFuture, FutureExt};
use futures::{StreamExt, stream};
use http::Method;
use imperal_runtime::{
    Credential, CredentialProvider, Error, Event, EventStream, Operation, Placement, Requirement,
    Session, Transport, TransportError,
};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

pub static EVENTS: Operation = Operation::new("event_stream", Method::GET, "/events")
    .answer(imperal_runtime::AnswerKind::Bytes)
    .security(&[&[Requirement {
        scheme: "token",
        placement: Placement::Query("token"),
    }]]);

#[derive(Clone, Debug)]
pub enum Reply {
    /// A status without a body.
    Status(u16),
    /// A status, and a header with its value.
    With(u16, &'static str, &'static str),
    /// No connection is made.
    Unreachable,
    /// A stream of events.
    Stream(Vec<Part>),
}

#[derive(Clone, Debug)]
pub enum Part {
    Bytes(Vec<u8>),
    Wait(u64),
    Break,
    Silence,
}

pub fn text(text: &str) -> Part {
    Part::Bytes(text.as_bytes().to_vec())
}

/// Answers one reply after the other, and silence after the last.
#[derive(Clone, Default)]
pub struct Script {
    pub replies: Arc<Mutex<VecDeque<Reply>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

#[derive(Clone, Debug)]
pub struct Asked {
    pub at: Instant,
    pub token: String,
    pub last_id: Option<String>,
}

impl Transport for Script {
    fn send(
        &self,
        request: reqwest::Request,
    ) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        let header = |name: &str| Some(request.headers().get(name)?.to_str().unwrap().to_owned());
        assert_eq!(header("accept").as_deref(), Some("text/event-stream"));
        let token = request
            .url()
            .query_pairs()
            .find(|(name, _)| name == "token");
        self.asked.lock().unwrap().push(Asked {
            at: Instant::now(),
            token: token.unwrap().1.into_owned(),
            last_id: header("last-event-id"),
        });
        let reply = self.replies.lock().unwrap().pop_front();
        let answer = |status: u16| http::Response::builder().status(status);
        let answer = match reply.unwrap_or(Reply::Stream(vec![Part::Silence])) {
            Reply::Status(status) => {
                Ok(answer(status).body(reqwest::Body::from("")).unwrap().into())
            }
            Reply::With(status, name, value) => Ok(answer(status)
                .header(name, value)
                .body(reqwest::Body::from("<h1>x</h1>"))
                .unwrap()
                .into()),
            Reply::Unreachable => Err(TransportError::Connect("refused".into())),
            Reply::Stream(parts) => {
                let body = stream::iter(parts).then(|part| async {
                    match part {
                        Part::Bytes(bytes) => Ok(bytes),
                        Part::Wait(seconds) => {
                            tokio::time::sleep(Duration::from_secs(seconds)).await;
                            Ok(Vec::new())
                        }
                        Part::Break => Err(std::io::Error::other("broken")),
                        Part::Silence => std::future::pending().await,
                    }
                });
                let body = reqwest::Body::wrap_stream(body);
                Ok(answer(200)
                    .header("content-type", "text/event-stream")
                    .body(body)
                    .unwrap()
                    .into())
            }
        };
        async { answer }.boxed()
    }
}

/// A new token each time it is asked, and one more when one is refused.
#[derive(Default)]
pub struct Tokens(AtomicU64);

impl CredentialProvider for Tokens {
    fn credential(&self) -> BoxFuture<'_, Result<Credential, Error>> {
        let number = self.0.fetch_add(1, Ordering::SeqCst);
        async move { Ok(Credential::new(format!("hunter-{number}"), number)) }.boxed()
    }

    fn renew(&self, _: Credential) -> BoxFuture<'_, Result<Option<Credential>, Error>> {
        self.credential()
            .map(|credential| credential.map(Some))
            .boxed()
    }
}

impl Script {
    pub fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self {
            replies: Arc::new(Mutex::new(replies.into_iter().collect())),
            asked: Arc::default(),
        }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The seconds between tries.
    pub fn waits(&self) -> Vec<f64> {
        let asked = self.asked();
        asked
            .windows(2)
            .map(|pair| (pair[1].at - pair[0].at).as_secs_f64())
            .collect()
    }

    pub fn session(&self, tokens: impl CredentialProvider) -> Session {
        Session::builder()
            .base_url("https://api.example.com")
            .transport(Arc::new(self.clone()))
            .credential("token", tokens)
            .random_seed(7)
            .build()
            .unwrap()
    }

    pub fn listen_as(&self, tokens: impl CredentialProvider) -> EventStream {
        listen(&self.session(tokens))
    }

    pub fn listen(&self) -> EventStream {
        self.listen_as(Tokens::default())
    }
}

pub fn listen(session: &Session) -> EventStream {
    session.events(&EVENTS)
}

pub fn event(name: &str, id: &str, data: &str) -> Event {
    Event::new(name, id, data)
}
