//! How much of an answer is read, and what is handed on.

use crate::{AnswerKind, Error, Operation, TransportError};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};

/// A successful JSON answer larger than this is refused rather than held in memory.
const ANSWER_LIMIT: usize = 64 * 1024 * 1024;

/// Reads an answer as far as its kind asks for; an error answer becomes an error.
pub(crate) async fn read(
    operation: &Operation,
    mut response: reqwest::Response,
) -> Result<reqwest::Response, Error> {
    let (status, headers) = (response.status(), response.headers().clone());
    if !status.is_success() {
        let body = collect_some(&mut response, Error::BODY_LIMIT).await;
        return Err(Error::from_answer(status, headers, body));
    }
    match operation.answer_kind() {
        AnswerKind::Bytes => Ok(response),
        AnswerKind::Empty => Ok(rebuilt(status, headers, Bytes::new())),
        AnswerKind::Text => Ok(rebuilt(
            status,
            headers,
            collect(&mut response, ANSWER_LIMIT).await?,
        )),
        AnswerKind::Json => {
            let body = collect(&mut response, ANSWER_LIMIT).await?;
            let body = if body.is_empty() {
                Bytes::from_static(b"null")
            } else {
                body
            };
            Ok(rebuilt(status, headers, body))
        }
    }
}

/// The whole body; a larger one than `limit` bytes is an error.
async fn collect(response: &mut reqwest::Response, limit: usize) -> Result<Bytes, Error> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(TransportError::from_reqwest)?
    {
        if body.len() + chunk.len() > limit {
            return Err(Error::unreadable(
                response.status(),
                response.headers().clone(),
                Bytes::new(),
                format!("is larger than {limit} bytes"),
            ));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// The first `limit` bytes of a body, or what came of them: that the account of a failure broke
/// off is not the failure.
async fn collect_some(response: &mut reqwest::Response, limit: usize) -> Bytes {
    let mut body = BytesMut::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = limit - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == limit {
            break;
        }
    }
    body.freeze()
}

fn rebuilt(status: StatusCode, headers: HeaderMap, body: Bytes) -> reqwest::Response {
    let mut response = http::Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response.into()
}

/// What generated code gets in place of an answer when the call has failed: it reads no further
/// than the status, which is none that it knows.
pub(crate) fn stand_in() -> reqwest::Response {
    rebuilt(StatusCode::NOT_IMPLEMENTED, HeaderMap::new(), Bytes::new())
}
