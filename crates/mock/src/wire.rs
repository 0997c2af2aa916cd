//! Answers as bytes, for the faults that spoil them on their way.

use crate::answer::{self, Answer, Body};
use crate::fault::{Fault, What};
use crate::violation::Declared;
use bytes::{Bytes, BytesMut};
use futures::FutureExt;
use futures::stream::{self, StreamExt};
use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use http_body_util::{BodyDataStream, BodyExt, StreamBody};
use hyper::body::Frame;
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
    set_headers(answer.headers_mut(), fault);
    Some(answer)
}

/// What a fault makes of an answer.
pub(crate) async fn spoil(fault: &Fault, answer: Answer, declared: &Declared<'_>) -> Spoilt {
    if let What::Delay(by) = &fault.what {
        tokio::time::sleep(*by).await;
    }
    if answer::is_endless(answer.headers()) {
        spoil_stream(fault, answer)
    } else {
        spoil_whole(fault, answer, declared).await
    }
}

/// How many bytes the head of an answer has at least.
const LEAST_HEAD: usize = 64;

/// What a fault makes of an answer without an end.
fn spoil_stream(fault: &Fault, answer: Answer) -> Spoilt {
    let (parts, body) = answer.into_parts();
    let wanted = match fault.what {
        // Of a body without an end no more is read than goes out.
        What::Stall(_) | What::Reset(_) | What::Close(_) if limit(fault) < usize::MAX => {
            limit(fault).saturating_sub(LEAST_HEAD)
        }
        What::MalformedChunk => 1,
        What::Violation(ref pointer) => {
            return not_spoilt(&format!(
                "a fault was to spoil {pointer} of a stream of events, which is no JSON"
            ));
        }
        _ => {
            let body = match fault.what {
                What::Split(size) => split(body, size.max(1)),
                _ => body,
            };
            let mut answer = Answer::from_parts(parts, body);
            set_headers(answer.headers_mut(), fault);
            return Spoilt::Answer(answer);
        }
    };
    let body = beginning(body, wanted);
    Spoilt::Script(script(fault, in_a_chunk(fault, parts, &body)))
}

/// What a fault makes of an answer that is there as a whole.
async fn spoil_whole(fault: &Fault, answer: Answer, declared: &Declared<'_>) -> Spoilt {
    let (mut parts, body) = answer.into_parts();
    let Ok(body) = body.collect().await;
    let mut body = body.to_bytes();
    if let What::Violation(pointer) = &fault.what {
        match declared.spoil(parts.status, &body, pointer) {
            Ok(spoilt) => body = spoilt,
            Err(problem) => return not_spoilt(&problem),
        }
    }
    if is_sent_as_it_is(fault) {
        set_headers(&mut parts.headers, fault);
        return Spoilt::Answer(Answer::from_parts(parts, answer::whole(body)));
    }
    let text = if let What::MalformedChunk = fault.what {
        in_a_chunk(fault, parts, &body)
    } else {
        let length = HeaderValue::from(body.len());
        parts.headers.insert(header::CONTENT_LENGTH, length);
        let mut text = head(fault, parts);
        text.extend_from_slice(&body);
        text
    };
    Spoilt::Script(script(fault, text))
}

/// Whether the answer itself goes out, and not the bytes of one. hyper sends none that lies about where it ends.
fn is_sent_as_it_is(fault: &Fault) -> bool {
    let mut names = fault.headers.iter().map(|(name, _)| name.as_str());
    let lies = names.any(|name| matches!(name, "content-length" | "transfer-encoding"));
    let is_answer = matches!(
        fault.what,
        What::Instead { .. } | What::Delay(_) | What::Violation(_)
    );
    is_answer && !lies
}

/// How many bytes of the answer go out.
const fn limit(fault: &Fault) -> usize {
    match fault.what {
        What::Stall(bytes) | What::Reset(bytes) | What::Close(bytes) => bytes,
        _ => usize::MAX,
    }
}

/// What is done with the connection, where this is the text of the answer.
fn script(fault: &Fault, mut text: Vec<u8>) -> Script {
    if let What::MalformedChunk = fault.what {
        text.extend_from_slice(b"not a size\r\n");
    }
    text.truncate(limit(fault));
    let text = Bytes::from(text);
    let mut script = Script::new();
    if let What::Split(size) = fault.what {
        for part in text.chunks(size.max(1)) {
            script.push_back(Step::Write(text.slice_ref(part)));
            script.push_back(Step::Pause(Duration::from_millis(1)));
        }
    } else {
        script.push_back(Step::Write(text));
    }
    script.push_back(match fault.what {
        What::Stall(_) => Step::Hang,
        What::Reset(_) => Step::Reset,
        _ => Step::Close,
    });
    script
}

/// So many bytes of a body at least, if there are as many by now: what a stream may say later is not waited for, or
/// its listener would not even see the head.
fn beginning(mut body: Body, limit: usize) -> Bytes {
    let mut bytes = BytesMut::new();
    while bytes.len() < limit
        && let Some(Some(Ok(frame))) = body.frame().now_or_never()
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

/// An answer that a fault could not spoil as it was to: whoever set it has to know.
fn not_spoilt(problem: &str) -> Spoilt {
    Spoilt::Answer(answer::failure(StatusCode::INTERNAL_SERVER_ERROR, problem))
}

fn set_headers(headers: &mut HeaderMap, fault: &Fault) {
    for (name, value) in &fault.headers {
        if let (Ok(name), Ok(value)) = (
            HeaderName::try_from(name.as_str()),
            HeaderValue::try_from(value.as_str()),
        ) {
            headers.insert(name, value);
        }
    }
}

/// An answer with its body in one chunk, and no end.
fn in_a_chunk(fault: &Fault, mut parts: Parts, body: &[u8]) -> Vec<u8> {
    let chunked = HeaderValue::from_static("chunked");
    parts.headers.insert(header::TRANSFER_ENCODING, chunked);
    let mut text = head(fault, parts);
    // One of no bytes would be the end.
    if !body.is_empty() {
        text.extend_from_slice(format!("{:x}\r\n", body.len()).as_bytes());
        text.extend_from_slice(body);
        text.extend_from_slice(b"\r\n");
    }
    text
}

/// The head of an answer, with the headers of the fault.
fn head(fault: &Fault, mut parts: Parts) -> Vec<u8> {
    set_headers(&mut parts.headers, fault);
    let status = parts.status;
    let reason = status.canonical_reason().unwrap_or_default();
    let mut head = format!("HTTP/1.1 {} {reason}\r\n", status.as_u16()).into_bytes();
    for (name, value) in &parts.headers {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"connection: close\r\n\r\n");
    head
}
