//! What the macros of this crate and generated code use.

pub use crate::best_fit::{Alternative, best_fit, note_new_value};
pub use crate::payload::{Form, FormParts, Payload, Uploads};
#[cfg(feature = "schemars")]
pub use schemars;
pub use serde::{Deserialize, Deserializer, Serialize, Serializer};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use reqwest::RequestBuilder;
use serde_json::Value;

/// The media type of a form in URL encoding.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// The failure of a page whose form the document does not give.
pub fn unknown_page(status: StatusCode, headers: HeaderMap) -> crate::Error {
    crate::Error::unreadable(
        status,
        headers,
        Bytes::new(),
        "holds no list that the document describes",
    )
}

/// A request with a body of JSON, as a media type of its own.
pub fn with_json<T: Serialize>(
    request: RequestBuilder,
    body: &T,
    media_type: &'static str,
) -> RequestBuilder {
    request.header(CONTENT_TYPE, media_type).json(body)
}

/// A request with a JSON body, or with none.
pub fn with_optional_json<T: Serialize>(
    request: RequestBuilder,
    body: &Option<T>,
    media_type: &'static str,
) -> RequestBuilder {
    match body {
        Some(body) => with_json(request, body, media_type),
        None => request,
    }
}

/// A request with the fields of `body` as a form in URL encoding, or with none.
pub fn with_form<T: Serialize>(request: RequestBuilder, body: &T) -> RequestBuilder {
    let Ok(Value::Object(fields)) = serde_json::to_value(body) else {
        return request;
    };
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        for text in crate::payload::texts(value) {
            form.append_pair(&name, &text);
        }
    }
    request.header(CONTENT_TYPE, FORM).body(form.finish())
}

/// Keeps the parts of a form for the session, which sends them.
pub fn with_parts(
    payload: &mut Payload,
    request: RequestBuilder,
    body: &impl Form,
) -> RequestBuilder {
    *payload = body.parts().map_or(Payload::None, Payload::Form);
    request
}

/// Keeps content for the session, which sends it.
pub fn with_upload(
    payload: &mut Payload,
    request: RequestBuilder,
    body: &impl Uploads,
    media_type: &'static str,
) -> RequestBuilder {
    body.for_each(&mut |upload| *payload = Payload::Raw(upload.clone(), media_type));
    request
}

/// Adds a header for `value`, one for each item of a list, and none for nothing.
///
/// # Errors
///
/// If a header cannot carry the value.
pub fn append_header<T: Serialize>(
    headers: &mut HeaderMap,
    name: &'static str,
    value: &T,
) -> Result<(), String> {
    let refused = || format!("the header {name} cannot carry that value; nothing was sent");
    let value = serde_json::to_value(value).map_err(|_| refused())?;
    let values = match value {
        Value::Array(items) => items,
        one => vec![one],
    };
    for value in values {
        let Some(text) = plain_text(&value) else {
            continue;
        };
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused())?;
        headers.append(name, HeaderValue::from_str(&text).map_err(|_| refused())?);
    }
    Ok(())
}

/// A value as text on the wire: texts as they are, no value for null, anything else as JSON.
pub(crate) fn plain_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
