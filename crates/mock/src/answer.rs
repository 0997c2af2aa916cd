//! Answers in the form that FastAPI gives them.

use crate::request::FieldError;
use bytes::Bytes;
use futures::stream::{self, Stream, StreamExt};
use http::{HeaderMap, Method, Response, StatusCode, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use serde_json::{Value, json};
use std::convert::Infallible;

pub(crate) type Answer = Response<Body>;
pub(crate) type Body = UnsyncBoxBody<Bytes, Infallible>;

/// A body that is there as a whole.
pub(crate) fn whole(body: impl Into<Bytes>) -> Body {
    Full::new(body.into()).boxed_unsync()
}

/// Server-sent events, as they come.
pub(crate) fn events(events: impl Stream<Item = Bytes> + Send + 'static) -> Answer {
    // A comment, by which a listener knows at once that it is heard.
    let greeting = stream::once(async { Bytes::from_static(b": connected\n\n") });
    let frames = greeting
        .chain(events)
        .map(|bytes| Ok::<_, Infallible>(Frame::data(bytes)));
    let mut answer = Response::new(StreamBody::new(frames).boxed_unsync());
    let headers = answer.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
    ] {
        headers.insert(name, header::HeaderValue::from_static(value));
    }
    answer
}

/// Whether an answer with these headers is a stream of events, which has no end.
pub(crate) fn is_endless(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"))
}

pub(crate) fn json(status: StatusCode, body: &Value) -> Answer {
    let mut answer = Response::new(whole(body.to_string()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/json"),
    );
    answer
}

/// A body of any media type.
pub(crate) fn of_type(status: StatusCode, media_type: &str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(whole(body));
    *answer.status_mut() = status;
    if let Ok(value) = header::HeaderValue::from_str(media_type) {
        answer.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    answer
}

pub(crate) fn ok(body: &Value) -> Answer {
    json(StatusCode::OK, body)
}

/// A failure with a sentence as its detail.
pub(crate) fn failure(status: StatusCode, detail: &str) -> Answer {
    json(status, &json!({ "detail": detail }))
}

pub(crate) fn not_found() -> Answer {
    failure(StatusCode::NOT_FOUND, "Not Found")
}

/// What FastAPI answers to a request that is not as the document says.
pub(crate) fn invalid(errors: &[FieldError]) -> Answer {
    let detail: Vec<Value> = errors.iter().map(FieldError::to_json).collect();
    json(
        StatusCode::UNPROCESSABLE_ENTITY,
        &json!({ "detail": detail }),
    )
}

/// There is such a path, with other methods: these.
pub(crate) fn other_methods(methods: &[Method]) -> Answer {
    let mut refusal = failure(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
    let names: Vec<&str> = methods.iter().map(Method::as_str).collect();
    if let Ok(names) = header::HeaderValue::from_str(&names.join(", ")) {
        refusal.headers_mut().insert(header::ALLOW, names);
    }
    refusal
}

/// A field of the body that is missing or of the wrong type.
pub(crate) fn bad_field(field: &str, problem: &str, kind: &str) -> Answer {
    let detail = json!({ "detail": [{ "loc": ["body", field], "msg": problem, "type": kind }] });
    json(StatusCode::UNPROCESSABLE_ENTITY, &detail)
}
