//! Answers in the form that FastAPI gives them.

use bytes::Bytes;
use http::{Response, StatusCode, header};
use http_body_util::Full;
use serde_json::{Value, json};

pub(crate) type Answer = Response<Full<Bytes>>;

pub(crate) fn json(status: StatusCode, body: &Value) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(body.to_string())));
    *answer.status_mut() = status;
    answer.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/json"),
    );
    answer
}

pub(crate) fn ok(body: &Value) -> Answer {
    json(StatusCode::OK, body)
}

/// A failure with a sentence as its detail.
pub(crate) fn failure(status: StatusCode, detail: &str) -> Answer {
    json(status, &json!({ "detail": detail }))
}

/// A field of the body that is missing or of the wrong type.
pub(crate) fn bad_field(field: &str, problem: &str, kind: &str) -> Answer {
    let detail = json!({ "detail": [{ "loc": ["body", field], "msg": problem, "type": kind }] });
    json(StatusCode::UNPROCESSABLE_ENTITY, &detail)
}
