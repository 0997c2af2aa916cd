//! Answers as bytes, for the faults that spoil them on their way.

use crate::answer::Body;
use crate::answer::{self, Answer};
use crate::fault::{Fault, What};
use bytes::{Bytes, BytesMut};
use futures::stream::{self, StreamExt};
use http::{HeaderName, HeaderValue, StatusCode, header};
use http_body_util::{BodyDataStream, BodyExt, StreamBody};
use hyper::body::Frame;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::time::Duration;

/// What is done with a connection in place of answering on it as one should.
#[derive(Debug)]
pub(crate) enum Step {
    Write(Bytes),
    Pause(Duration),
    Hang,
    Reset,
    Close,
}

pub(crate) type Script = VecDeque<Step>;

/// What comes of an answer that meets a fault.
pub(crate) enum Spoilt {
    /// Another answer.
    Answer(Answer),
    /// Something that is no answer.
    Script(Script),
}

/// The answer in place of one, if the fault takes its place.
pub(crate) fn instead(fault: &Fault) -> Option<Answer> {
    let What::Instead { status, body } = &fault.what else {
        return None;
    };
    let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let reason = status.canonical_reason().unwrap_or("Failure");
    let mut answer = answer::failure(status, reason);
    if let Some(body) = body {
        *answer.body_mut() = answer::whole(body.clone());
    }
    set_headers(&mut answer, fault);
    Some(answer)
}

/// How many bytes the head of an answer has at least.
const LEAST_HEAD: usize = 64;

pub(crate) async fn spoil(fault: &Fault, answer: Answer) -> Spoilt {
    let (mut parts, body) = answer.into_parts();
    let kind = parts.headers.get(header::CONTENT_TYPE);
    let endless = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    let limit = match fault.what {
        What::Stall(bytes) | What::Reset(bytes) | What::Close(bytes) => bytes,
        What::MalformedChunk if endless => 1,
        _ => usize::MAX,
    };
    if endless && limit == usize::MAX {
        let body = match fault.what {
            What::Split(size) => split(body, size.max(1)),
            _ => body,
        };
        let mut answer = Answer::from_parts(parts, body);
        set_headers(&mut answer, fault);
        return Spoilt::Answer(answer);
    }
    // Of a body without an end no more is waited for than goes out.
    let wanted = if endless {
        limit.saturating_sub(LEAST_HEAD)
    } else {
        limit
    };
    let body = beginning(body, wanted).await;
    if let What::Violation(pointer) = &fault.what {
        return Spoilt::Answer(violate(&body, pointer, parts.status));
    }
    let chunked = matches!(fault.what, What::MalformedChunk);
    if chunked || endless {
        parts.headers.insert(
            header::TRANSFER_ENCODING,
            HeaderValue::from_static("chunked"),
        );
    } else {
        parts
            .headers
            .insert(header::CONTENT_LENGTH, body.len().into());
    }
    let mut answer = Answer::from_parts(parts, answer::whole(Bytes::new()));
    set_headers(&mut answer, fault);
    let mut text = head(&answer);
    if chunked || endless {
        text.extend_from_slice(format!("{:x}\r\n", body.len()).as_bytes());
        text.extend_from_slice(&body);
        text.extend_from_slice(b"\r\n");
    } else {
        text.extend_from_slice(&body);
    }
    if chunked {
        text.extend_from_slice(b"not a size\r\n");
    } else {
        text.truncate(limit);
    }
    let text = Bytes::from(text);
    let mut script = Script::new();
    match fault.what {
        What::Split(size) => {
            for part in text.chunks(size.max(1)) {
                script.push_back(Step::Write(text.slice_ref(part)));
                script.push_back(Step::Pause(Duration::from_millis(1)));
            }
        }
        _ => script.push_back(Step::Write(text)),
    }
    script.push_back(match fault.what {
        What::Stall(_) => Step::Hang,
        What::Reset(_) => Step::Reset,
        _ => Step::Close,
    });
    Spoilt::Script(script)
}

/// So many bytes of a body at least, if it has as many: one that has no end is not waited for.
async fn beginning(mut body: Body, limit: usize) -> Bytes {
    let mut bytes = BytesMut::new();
    while bytes.len() < limit
        && let Some(Ok(frame)) = body.frame().await
    {
        if let Ok(data) = frame.into_data() {
            bytes.extend_from_slice(&data);
        }
    }
    bytes.freeze()
}

/// The same body, so many bytes at a time.
fn split(body: Body, size: usize) -> Body {
    let frames = BodyDataStream::new(body).flat_map(move |frame| {
        let Ok(bytes) = frame;
        let parts: Vec<Bytes> = bytes
            .chunks(size)
            .map(|part| bytes.slice_ref(part))
            .collect();
        stream::iter(parts)
    });
    let frames = frames.then(|part| async {
        // Each goes out by itself.
        tokio::time::sleep(Duration::from_millis(1)).await;
        Ok(Frame::data(part))
    });
    StreamBody::new(frames).boxed_unsync()
}

/// Another kind of value, where there is one.
fn violate(body: &[u8], pointer: &str, status: StatusCode) -> Answer {
    let mut value: Value = serde_json::from_slice(body).unwrap_or_default();
    let Some(found) = value.pointer_mut(pointer) else {
        let problem = format!("a fault was to spoil {pointer}, which the answer does not have");
        return answer::failure(StatusCode::INTERNAL_SERVER_ERROR, &problem);
    };
    *found = match found {
        Value::Object(_) => json!(["not an object"]),
        _ => json!({ "spoilt": true }),
    };
    answer::json(status, &value)
}

fn set_headers(answer: &mut Answer, fault: &Fault) {
    for (name, value) in &fault.headers {
        if let (Ok(name), Ok(value)) = (
            HeaderName::try_from(name.as_str()),
            HeaderValue::try_from(value.as_str()),
        ) {
            answer.headers_mut().insert(name, value);
        }
    }
}

fn head(answer: &Answer) -> Vec<u8> {
    let status = answer.status();
    let reason = status.canonical_reason().unwrap_or_default();
    let mut head = format!("HTTP/1.1 {} {reason}\r\n", status.as_u16()).into_bytes();
    for (name, value) in answer.headers() {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"connection: close\r\n\r\n");
    head
}
