//! One call of a generated operation, from its arguments to its answer.

use crate::error::Kind;
use crate::payload::Payload;
use crate::{Answer, ByteStream, Error, Operation, Session};
use futures::StreamExt;
use http::{HeaderMap, StatusCode};
use progenitor_client::ResponseValue;
use std::sync::{Arc, Mutex, PoisonError};

/// What the layers of one call tell each other: generated code can only return a
/// [`reqwest::Error`] from its hooks, so a failure of ours travels here.
#[derive(Debug)]
pub(crate) struct CallContext {
    pub(crate) operation: &'static Operation,
    outcome: Mutex<Outcome>,
    payload: Mutex<Option<Payload>>,
}

#[derive(Debug, Default)]
struct Outcome {
    failure: Option<Error>,
    received: Option<(StatusCode, HeaderMap)>,
}

impl CallContext {
    pub(crate) fn fail(&self, error: Error) {
        self.outcome().failure = Some(error.in_operation(self.operation.id()));
    }

    pub(crate) fn received(&self, status: StatusCode, headers: HeaderMap) {
        self.outcome().received = Some((status, headers));
    }

    pub(crate) fn keep(&self, payload: Option<Payload>) {
        *self.payload.lock().unwrap_or_else(PoisonError::into_inner) = payload;
    }

    pub(crate) fn payload(&self) -> Option<Payload> {
        self.payload
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn outcome(&self) -> std::sync::MutexGuard<'_, Outcome> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One call. Generated code begins it, sends with [`Self::session`], and finishes it.
#[doc(hidden)]
#[derive(Debug)]
pub struct Call {
    context: Arc<CallContext>,
    session: Session,
}

impl Call {
    pub(crate) fn begin(session: &Session, operation: &'static Operation) -> Self {
        let context = Arc::new(CallContext {
            operation,
            outcome: Mutex::default(),
            payload: Mutex::default(),
        });
        let session = session.with_call(Arc::clone(&context));
        Self { context, session }
    }

    /// The session that carries this call.
    pub fn session(&self) -> Session {
        self.session.clone()
    }

    /// Turns what generated code returned into what the caller gets.
    ///
    /// # Errors
    ///
    /// The failure of the call, whichever layer found it.
    pub fn finish<T, E>(
        self,
        outcome: Result<ResponseValue<T>, progenitor_client::Error<E>>,
    ) -> Result<Answer<T>, Error> {
        let error = match outcome {
            Ok(answer) => {
                let (status, headers) = (answer.status(), answer.headers().clone());
                return Ok(Answer::new(answer.into_inner(), status, headers));
            }
            Err(error) => error,
        };
        let mut outcome = self.context.outcome();
        if let Some(failure) = outcome.failure.take() {
            return Err(failure);
        }
        let (status, headers) = outcome.received.take().unwrap_or_default();
        let error = match error {
            progenitor_client::Error::InvalidRequest(problem)
            | progenitor_client::Error::Custom(problem) => Error::invalid_request(problem),
            progenitor_client::Error::InvalidResponsePayload(body, problem) => {
                Error::unreadable(status, headers, body, describe(&problem))
            }
            // Building the request failed: everything after that is ours and leaves a failure.
            progenitor_client::Error::CommunicationError(error) => Error::invalid_request(format!(
                "the request cannot be built: {}",
                error.without_url()
            )),
            _ => Error::from_kind(Kind::Internal(
                "generated code failed in a way that the session does not know".to_owned(),
            )),
        };
        Err(error.in_operation(self.context.operation.id()))
    }

    /// The same for an answer that is text.
    ///
    /// # Errors
    ///
    /// The failure of the call, whichever layer found it, or that the text is not UTF-8.
    pub async fn finish_text<E>(
        self,
        outcome: Result<ResponseValue<progenitor_client::ByteStream>, progenitor_client::Error<E>>,
    ) -> Result<Answer<String>, Error> {
        let operation = self.context.operation.id();
        let answer = self.finish(outcome)?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        // The session has read it already: this is one piece.
        let mut pieces = answer.into_inner().into_inner();
        let mut text = Vec::new();
        while let Some(piece) = pieces.next().await {
            text.extend_from_slice(&piece.map_err(crate::TransportError::from_reqwest)?);
        }
        match String::from_utf8(text) {
            Ok(text) => Ok(Answer::new(text, status, headers)),
            Err(error) => {
                let body = error.into_bytes().into();
                let error = Error::unreadable(status, headers, body, "is not text in UTF-8");
                Err(error.in_operation(operation))
            }
        }
    }

    /// The same for an answer that is handed on as it arrives.
    ///
    /// # Errors
    ///
    /// The failure of the call, whichever layer found it.
    pub fn finish_stream<E>(
        self,
        outcome: Result<ResponseValue<progenitor_client::ByteStream>, progenitor_client::Error<E>>,
    ) -> Result<Answer<ByteStream>, Error> {
        let operation = self.context.operation.id();
        let answer = self.finish(outcome)?;
        Ok(answer.map(|stream| {
            ByteStream::new(stream.into_inner().map(move |chunk| {
                chunk.map_err(|error| {
                    Error::from(crate::TransportError::from_reqwest(error)).in_operation(operation)
                })
            }))
        }))
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
