//! What goes out of a request: a copy, since it may have to be sent again.

use crate::{AnswerKind, Error, Operation};
use http::header::{ACCEPT, HeaderMap, HeaderValue};

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// What is accepted, credential, user agent, host, and what says how long a body is.
const ADDED_HEADERS: usize = 5;

/// A copy of `request`, ready but for its credential. A body that cannot be copied is beside the request.
pub(crate) fn copy(
    operation: &Operation,
    request: &reqwest::Request,
) -> Result<reqwest::Request, Error> {
    let mut copy = if request.body().is_some() {
        request.try_clone().ok_or_else(|| {
            Error::invalid_request("the body of the request cannot be sent again; nothing was sent")
        })?
    } else {
        // What `try_clone` copies besides, no request of ours has.
        reqwest::Request::new(request.method().clone(), request.url().clone())
    };
    // With room for what is added to them on the way.
    let mut headers = HeaderMap::with_capacity(request.headers().len() + ADDED_HEADERS);
    for (name, value) in request.headers() {
        headers.append(name.clone(), value.clone());
    }
    if matches!(operation.answer_kind(), AnswerKind::Json) {
        // The caller may have asked for something else.
        headers.entry(ACCEPT).or_insert(JSON);
    }
    *copy.headers_mut() = headers;
    Ok(copy)
}
