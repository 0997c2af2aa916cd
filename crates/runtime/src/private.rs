//! What the macros of this crate and generated code use.

pub use crate::best_fit::{Alternative, best_fit, note_new_value};
pub use crate::payload::{Form, FormParts, Payload, Uploads};
#[cfg(feature = "schemars")]
pub use schemars;
pub use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Answer, Error, Fetched, Pagination};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue};
use reqwest::RequestBuilder;
use serde_json::Value;

/// The media type of a form in URL encoding.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// A value as one segment of a path.
pub fn encode_path(value: &str) -> String {
    // URLs take a backslash for a slash.
    progenitor_client::encode_path(value).replace('\\', "%5C")
}

/// What generated code says of builders whose operations answer a list: it seals
/// [`Paginate`](crate::Paginate).
pub trait Listed {}

/// What an answer holds of a list.
///
/// # Errors
///
/// If it holds none.
pub fn fetched<A, T: Serialize>(
    answer: Answer<A>,
    pagination: &Pagination,
    list: impl FnOnce(A) -> Option<Vec<T>>,
) -> Result<Fetched<T>, Error> {
    let (status, headers, body) = (
        answer.status(),
        answer.headers().clone(),
        answer.body().clone(),
    );
    let Some(items) = list(answer.into_inner()) else {
        let problem = "holds no list that the document describes";
        return Err(Error::unreadable(status, headers, body, problem));
    };
    let page = Fetched::new(items).recognisable().headers(headers);
    let pointers = pagination.pointers();
    if pointers.iter().all(Option::is_none) {
        return Ok(page);
    }
    // What has been read once is JSON.
    let whole: Value = serde_json::from_slice(&body).unwrap_or_default();
    let [more, next, total] = pointers.map(|pointer| whole.pointer(pointer?));
    Ok(page
        .more(more.and_then(Value::as_bool))
        .next_cursor(next.and_then(plain_text))
        .total(total.and_then(Value::as_u64)))
}

/// An argument that says which page is asked for, as generated builders keep it.
pub trait PageArgument<T> {
    /// What the caller has given.
    fn given(&self) -> Option<T>;

    /// The same argument with `value`, unless the caller gave what is none.
    #[must_use]
    fn set(&self, value: Option<T>) -> Self;
}

/// What generated builders say of an argument that is not given.
const NOT_GIVEN: &str = "was not initialized";

macro_rules! page_argument {
    ($($kind:ty as $common:ty),*) => {$(
        impl PageArgument<$common> for Result<Option<$kind>, String> {
            fn given(&self) -> Option<$common> {
                <$common>::try_from(self.clone().ok()??).ok()
            }

            fn set(&self, value: Option<$common>) -> Self {
                self.clone()?;
                let refused = |_| "the place of a page is out of bounds".to_owned();
                value.map(<$kind>::try_from).transpose().map_err(refused)
            }
        }

        impl PageArgument<$common> for Result<$kind, String> {
            fn given(&self) -> Option<$common> {
                <$common>::try_from(self.clone().ok()?).ok()
            }

            fn set(&self, value: Option<$common>) -> Self {
                match (self, value.map(<$kind>::try_from)) {
                    (Err(problem), _) if !problem.ends_with(NOT_GIVEN) => Err(problem.clone()),
                    (_, Some(Ok(value))) => Ok(value),
                    (_, Some(Err(_))) => Err("the place of a page is out of bounds".to_owned()),
                    (given, None) => given.clone(),
                }
            }
        }
    )*};
}

page_argument!(
    i64 as i64,
    i32 as i64,
    u64 as i64,
    u32 as i64,
    String as String
);

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
