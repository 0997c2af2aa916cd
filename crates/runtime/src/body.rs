//! How much of an answer is read, and what is handed on.

use crate::transfer::Activity;
use crate::{AnswerKind, Error, Operation, TransportError};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// A successful answer that is read whole, as JSON and text are, is refused rather than held in memory where
/// it is larger than this.
const ANSWER_LIMIT: usize = 64 * 1024 * 1024;

/// What a service says about a failure is waited for no longer than this: its status says most.
const ACCOUNT_TIMEOUT: Duration = Duration::from_secs(2);

/// A successful answer, as far as it has been read.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) content: Content,
}

#[derive(Debug)]
pub(crate) enum Content {
    Whole(Bytes),
    Arriving(Box<reqwest::Response>),
}

/// Reads an answer as far as its kind asks for; an error answer becomes an error.
pub(crate) async fn read(
    operation: &Operation,
    mut response: reqwest::Response,
    activity: &Activity,
) -> Result<Reply, Error> {
    let status = response.status();
    let headers = std::mem::take(response.headers_mut());
    if !status.is_success() {
        let body = collect_some(&mut response, Error::BODY_LIMIT).await;
        return Err(Error::from_answer(status, headers, body));
    }
    let content = match operation.answer_kind() {
        AnswerKind::Bytes => Content::Arriving(Box::new(response)),
        AnswerKind::Empty => Content::Whole(Bytes::new()),
        AnswerKind::Text | AnswerKind::Json => {
            let Some(body) = collect(&mut response, ANSWER_LIMIT, activity).await? else {
                let problem = format!("is larger than {ANSWER_LIMIT} bytes");
                return Err(Error::unreadable(status, headers, Bytes::new(), problem));
            };
            Content::Whole(body)
        }
    };
    Ok(Reply {
        status,
        headers,
        content,
    })
}

/// The whole body, if it has no more than `limit` bytes. Most come in one piece, which is not copied.
async fn collect(
    response: &mut reqwest::Response,
    limit: usize,
    activity: &Activity,
) -> Result<Option<Bytes>, Error> {
    let mut first = Bytes::new();
    let mut body = BytesMut::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(TransportError::from_reqwest)?
    {
        activity.touch();
        if first.len() + body.len() + chunk.len() > limit {
            return Ok(None);
        }
        if first.is_empty() && body.is_empty() {
            first = chunk;
            continue;
        }
        if body.is_empty() {
            body.extend_from_slice(&std::mem::take(&mut first));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(if body.is_empty() {
        first
    } else {
        body.freeze()
    }))
}

/// The first `limit` bytes of a body, or what came of them in time: that the account of a failure broke off, or
/// does not end, is not the failure.
async fn collect_some(response: &mut reqwest::Response, limit: usize) -> Bytes {
    let mut body = BytesMut::new();
    let until = Instant::now() + ACCOUNT_TIMEOUT;
    while let Ok(Ok(Some(chunk))) = timeout_at(until, response.chunk()).await {
        let room = limit - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == limit {
            break;
        }
    }
    body.freeze()
}
