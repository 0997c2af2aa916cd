//! One call of a generated operation, from its request to its answer.

use crate::body::{Content, Reply};
use crate::payload::Payload;
use crate::{Answer, ByteStream, Error, Operation, Session, TransportError};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

/// What the generated building of a request returns.
type Built = Result<reqwest::Request, progenitor_client::Error<()>>;

impl Session {
    /// Sends a request and reads the JSON of its answer.
    ///
    /// # Errors
    ///
    /// The failure of the call, whichever layer found it.
    #[doc(hidden)]
    pub async fn call<T: DeserializeOwned>(
        &self,
        operation: &Operation,
        mut request: Built,
        payload: Payload,
    ) -> Result<Answer<T>, Error> {
        let reply = self.reply(operation, &mut request, &payload).await?;
        reply.json(operation)
    }

    /// The same for an answer whose body says nothing.
    ///
    /// # Errors
    ///
    /// The failure of the call, whichever layer found it.
    #[doc(hidden)]
    pub async fn call_empty(
        &self,
        operation: &Operation,
        mut request: Built,
        payload: Payload,
    ) -> Result<Answer<()>, Error> {
        let reply = self.reply(operation, &mut request, &payload).await?;
        Ok(Answer::new((), reply.status, reply.headers))
    }

    /// The same for an answer that is text.
    ///
    /// # Errors
    ///
    /// The failure of the call, whichever layer found it, or that the text is not UTF-8.
    #[doc(hidden)]
    pub async fn call_text(
        &self,
        operation: &Operation,
        mut request: Built,
        payload: Payload,
    ) -> Result<Answer<String>, Error> {
        let reply = self.reply(operation, &mut request, &payload).await?;
        let (status, headers, body) = reply.whole();
        match String::from_utf8(body.into()) {
            Ok(text) => Ok(Answer::new(text, status, headers)),
            Err(error) => {
                let body = error.into_bytes().into();
                let error = Error::unreadable(status, headers, body, "is not text in UTF-8");
                Err(error.in_operation(operation.id()))
            }
        }
    }

    /// The same for an answer that is handed on as it arrives.
    ///
    /// # Errors
    ///
    /// The failure of the call, whichever layer found it.
    #[doc(hidden)]
    pub async fn call_stream(
        &self,
        operation: &Operation,
        mut request: Built,
        payload: Payload,
    ) -> Result<Answer<ByteStream>, Error> {
        let id = operation.id();
        let reply = self.reply(operation, &mut request, &payload).await?;
        let size = reply.headers.get(http::header::CONTENT_LENGTH);
        let size = size.and_then(|size| size.to_str().ok()?.parse().ok());
        let stream = match reply.content {
            Content::Whole(body) => ByteStream::new(futures::stream::iter([Ok(body)])),
            Content::Arriving(response) => {
                let chunks =
                    futures::stream::try_unfold(response, move |mut response| async move {
                        let chunk = response.chunk().await.map_err(TransportError::from_reqwest);
                        let chunk = chunk.map_err(|error| Error::from(error).in_operation(id))?;
                        Ok(chunk.map(|chunk| (chunk, response)))
                    });
                ByteStream::new(chunks)
            }
        };
        Ok(Answer::new(
            stream.with_size(size),
            reply.status,
            reply.headers,
        ))
    }

    async fn reply(
        &self,
        operation: &Operation,
        request: &mut Built,
        payload: &Payload,
    ) -> Result<Reply, Error> {
        let outcome = match request {
            Ok(request) => self.send(operation, request, payload).await,
            Err(problem) => {
                let taken = progenitor_client::Error::InvalidRequest(String::new());
                Err(unbuilt(std::mem::replace(problem, taken)))
            }
        };
        outcome.map_err(|error| error.in_operation(operation.id()))
    }
}

/// Why a request could not be built.
fn unbuilt(problem: progenitor_client::Error<()>) -> Error {
    match problem {
        progenitor_client::Error::InvalidRequest(problem)
        | progenitor_client::Error::Custom(problem) => Error::invalid_request(problem),
        progenitor_client::Error::CommunicationError(error) => not_built(&error.without_url()),
        other => not_built(&other),
    }
}

pub(crate) fn not_built(problem: &dyn std::fmt::Display) -> Error {
    Error::invalid_request(format!("the request cannot be built: {problem}"))
}

impl Reply {
    /// The body as `T`.
    pub(crate) fn json<T: DeserializeOwned>(
        self,
        operation: &Operation,
    ) -> Result<Answer<T>, Error> {
        let (status, headers, body) = self.whole();
        // An empty body is read as null.
        let text: &[u8] = if body.is_empty() { b"null" } else { &body };
        let problem = match serde_json::from_slice::<T>(text) {
            Ok(value) => return Ok(Answer::read(value, status, headers, body)),
            Err(problem) => describe(&problem),
        };
        let error = Error::unreadable(status, headers, body, problem);
        Err(error.in_operation(operation.id()))
    }

    /// The parts of a reply that is read whole, as all are but those that are handed on.
    fn whole(self) -> (StatusCode, HeaderMap, Bytes) {
        let body = match self.content {
            Content::Whole(body) => body,
            Content::Arriving(_) => Bytes::new(),
        };
        (self.status, self.headers, body)
    }
}

/// What is wrong with a body, without a word of the body: serde's own text repeats values.
pub(crate) fn describe(error: &serde_json::Error) -> String {
    let problem = match error.classify() {
        serde_json::error::Category::Syntax => "is not JSON",
        serde_json::error::Category::Eof => "is cut off",
        _ => "is not of the form that the document gives",
    };
    // Alternatives are tried on a copy of the value, where there are no lines.
    if error.line() == 0 {
        return problem.to_owned();
    }
    format!(
        "{problem} (line {}, column {})",
        error.line(),
        error.column()
    )
}
