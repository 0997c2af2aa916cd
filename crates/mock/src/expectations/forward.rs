//! Asks the expectations for the answer to a request.

use super::when::encoded;
use super::{Expectations, Kind, NUMBER, OPERATION, SERVICE};
use crate::answer::{self, Answer};
use crate::contract::{Contract, Operation};
use crate::exchange::Violation;
use crate::routes;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use tokio::net::TcpStream;

/// A request that the document allows.
pub(crate) struct Expected<'a> {
    pub(crate) service: &'static str,
    pub(crate) contract: &'a Contract,
    pub(crate) operation: &'a Operation,
    /// The values in its path.
    pub(crate) path: &'a [(&'a str, String)],
    pub(crate) parts: &'a Parts,
    pub(crate) body: &'a Bytes,
}

/// What concerns a connection, and not the message on it.
const OF_CONNECTION: &[header::HeaderName] = &[
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::DATE,
    header::EXPECT,
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

impl Expectations {
    /// The answer of the first expectation that a request meets, and what the document says against it; none if it
    /// meets none, or one that only counts.
    pub(crate) async fn answer(&self, asked: &Expected<'_>) -> Option<(Answer, Vec<Violation>)> {
        let route = asked.operation.route.as_str();
        if !self.state().routes.contains(&(asked.service, route)) {
            return None;
        }
        let address = *self.server.get()?.address();
        let (head, body) = match asked.forward(address).await {
            Ok(answer) => answer.into_parts(),
            Err(problem) => return Some(refused(&problem, Vec::new())),
        };
        let number = match head.headers.get(NUMBER) {
            Some(number) => number.to_str().ok()?.parse().ok()?,
            None if head.status == StatusCode::NOT_FOUND => return None,
            None => {
                let problem = format!(
                    "The answer that was set for {route} is not known: make it with Then::respond_with"
                );
                return Some(refused(&problem, Vec::new()));
            }
        };
        let kind = self.state().kinds.get(&number).copied()?;
        if kind == Kind::Counted {
            return None;
        }
        if kind == Kind::Checked {
            let media_type = head.headers.get(header::CONTENT_TYPE);
            let media_type = media_type.and_then(|value| value.to_str().ok());
            let status = head.status.as_u16();
            let problems =
                asked
                    .contract
                    .answer_problems(asked.operation, status, media_type, &body);
            if !problems.is_empty() {
                let violations = problems.iter();
                let violations = violations.map(|problem| Violation::new("answer", problem));
                let violations = violations.collect();
                let problem = format!(
                    "The answer that was set for {route} is none that the document allows: {}",
                    problems.join("; ")
                );
                return Some(refused(&problem, violations));
            }
        }
        let mut answer = http::Response::new(answer::whole(body));
        *answer.status_mut() = head.status;
        *answer.headers_mut() = of_message(&head.headers);
        answer.headers_mut().remove(NUMBER);
        Some((answer, Vec::new()))
    }
}

impl Expected<'_> {
    async fn forward(&self, address: SocketAddr) -> Result<http::Response<Bytes>, String> {
        let failed = |error: &dyn std::fmt::Display| {
            format!("The expectations cannot be asked for an answer: {error}")
        };
        let request = self.request().map_err(|error| failed(&error))?;
        let stream = TcpStream::connect(address).await;
        let stream = stream.map_err(|error| failed(&error))?;
        let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = handshake.map_err(|error| failed(&error))?;
        let connection = tokio::spawn(connection);
        let answer = sender.send_request(request).await;
        let (head, body) = answer.map_err(|error| failed(&error))?.into_parts();
        let body = body.collect().await.map_err(|error| failed(&error))?;
        connection.abort();
        Ok(http::Response::from_parts(head, body.to_bytes()))
    }

    /// The request, with its path in the one form that all are compared in.
    fn request(&self) -> Result<Request<Full<Bytes>>, http::Error> {
        let (_, template) = self.operation.route.split_once(' ').unwrap_or_default();
        let mut target = routes::filled(template, encoded, |name| {
            let given = self.path.iter().find(|(own, _)| *own == name);
            given.map_or_else(String::new, |(_, text)| encoded(text))
        });
        if let Some(query) = self.parts.uri.query() {
            target = format!("{target}?{query}");
        }
        let mut request = Request::builder()
            .method(self.parts.method.clone())
            .uri(target)
            .body(Full::new(self.body.clone()))?;
        *request.headers_mut() = of_message(&self.parts.headers);
        let headers = request.headers_mut();
        headers.insert(SERVICE, HeaderValue::from_static(self.service));
        headers.insert(OPERATION, HeaderValue::from_str(&self.operation.route)?);
        Ok(request)
    }
}

fn of_message(headers: &HeaderMap) -> HeaderMap {
    let kept = headers.iter();
    let kept = kept.filter(|(name, _)| !OF_CONNECTION.contains(name));
    kept.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn refused(problem: &str, violations: Vec<Violation>) -> (Answer, Vec<Violation>) {
    let answer = answer::failure(StatusCode::INTERNAL_SERVER_ERROR, problem);
    (answer, violations)
}
