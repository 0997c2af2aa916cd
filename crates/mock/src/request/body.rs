//! The body of a request, as far as FastAPI reads it before it looks at anything else.

use super::field_error::FieldError;
use super::{coerce, pairs, python_json};
use crate::contract::{Contract, Operation, RequestBody};
use futures::{FutureExt, stream};
use http::{HeaderMap, header};
use serde_json::{Map, Value, json};
use std::convert::Infallible;

pub(crate) enum Body {
    /// None was sent.
    None,
    /// Bytes that nothing is said of.
    Bytes,
    /// A value, and where its schema is.
    Json(Value, String),
    /// What is not declared to be JSON: FastAPI takes it for a text.
    Unread(String),
    /// The texts of a form, or one text as a whole.
    Texts(Box<Texts>),
}

/// Texts as they were given, the value that they stand for, and where its schema is.
pub(crate) struct Texts {
    pub(crate) raw: Value,
    pub(crate) value: Value,
    pub(crate) pointer: String,
}

/// A field as it was given; a file is its content as text.
struct Given {
    name: String,
    text: String,
    is_file: bool,
}

impl Given {
    /// FastAPI takes an empty text for one that was left out, and an empty file for a file.
    fn is_left_out(&self) -> bool {
        self.text.is_empty() && !self.is_file
    }
}

/// Why a body cannot be read.
pub(crate) enum Unreadable {
    Malformed(Box<FieldError>),
    /// What FastAPI answers 400.
    Broken(&'static str),
}

const NOT_PARSED: &str = "There was an error parsing the body";

pub(crate) fn read_body(
    contract: &Contract,
    operation: &Operation,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Body, Unreadable> {
    let Some(declared) = &operation.body else {
        return Ok(Body::Bytes);
    };
    let media_type = media_type(headers);
    let pointer = match declared.declared_for(content_type(headers)) {
        Some((_, Some(pointer))) if is_json(&media_type) => return json_body(body, pointer),
        Some((_, Some(pointer))) if is_form(&media_type) => pointer,
        Some((_, Some(pointer))) if is_text(&media_type) => {
            return Ok(text_body(contract, pointer, headers, body));
        }
        Some(_) => return Ok(whole(body)),
        None => match (declared.json(), declared.form()) {
            (Some(pointer), _) if is_json(&media_type) => return json_body(body, pointer),
            (Some(_), _) if body.is_empty() => return Ok(Body::None),
            (Some(_), _) => {
                let text = std::str::from_utf8(body).map(str::to_owned);
                let text = text.map_err(|_| Unreadable::Broken(NOT_PARSED))?;
                return Ok(Body::Unread(text));
            }
            (None, Some(pointer)) => pointer,
            (None, None) => return Ok(whole(body)),
        },
    };
    let fields = match media_type.as_str() {
        "multipart/form-data" => multipart(headers, body)?,
        "application/x-www-form-urlencoded" => pairs(&String::from_utf8_lossy(body))
            .into_iter()
            .map(|(name, text)| Given {
                name,
                text,
                is_file: false,
            })
            .collect(),
        _ => Vec::new(),
    };
    let (raw, value) = form(contract, pointer, &fields);
    Ok(Body::Texts(Box::new(Texts {
        raw,
        value,
        pointer: pointer.to_owned(),
    })))
}

/// A body of which nothing is said but whether it is there.
fn whole(body: &[u8]) -> Body {
    if body.is_empty() {
        Body::None
    } else {
        Body::Bytes
    }
}

/// A body that is one text, and the value that it stands for. Nothing is said of a body in another encoding than
/// UTF-8, nor of one that may be a list or an object: no document says how those are written as a text.
fn text_body(contract: &Contract, pointer: &str, headers: &HeaderMap, body: &[u8]) -> Body {
    let (root, schema) = (&contract.document, contract.at(pointer));
    let has_parts = coerce::is_list(root, schema) || coerce::is_object(root, schema);
    match std::str::from_utf8(body) {
        Ok(text) if !text.is_empty() && !has_parts && is_utf8(content_type(headers)) => {
            let raw = Value::from(text);
            Body::Texts(Box::new(Texts {
                value: coerce::value(root, schema, &raw),
                raw,
                pointer: pointer.to_owned(),
            }))
        }
        _ => whole(body),
    }
}

fn json_body(body: &[u8], pointer: &str) -> Result<Body, Unreadable> {
    if body.is_empty() {
        return Ok(Body::None);
    }
    let text = std::str::from_utf8(body).map_err(|_| Unreadable::Broken(NOT_PARSED))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match serde_json::from_str(text) {
        Ok(value) => Ok(Body::Json(value, pointer.to_owned())),
        Err(error) => Err(Unreadable::Malformed(Box::new(malformed(text, &error)))),
    }
}

/// What a request says of the form of its body.
fn content_type(headers: &HeaderMap) -> &str {
    let value = headers.get(header::CONTENT_TYPE);
    let text = value.and_then(|value| value.to_str().ok());
    text.unwrap_or_default()
}

/// The media type that a request says its body has, without parameters.
pub(crate) fn media_type(headers: &HeaderMap) -> String {
    bare(content_type(headers))
}

/// A media type without parameters.
fn bare(media_type: &str) -> String {
    let bare = media_type.split(';').next().unwrap_or_default();
    bare.trim().to_ascii_lowercase()
}

impl RequestBody {
    /// Where the schema of the first JSON is.
    pub(super) fn json(&self) -> Option<&str> {
        self.find(is_json)
    }

    fn form(&self) -> Option<&str> {
        self.find(is_form)
    }

    /// Where the first schema is.
    pub(super) fn first(&self) -> Option<&str> {
        self.find(|_| true)
    }

    fn find(&self, is_wanted: fn(&str) -> bool) -> Option<&str> {
        let mut media_types = self.media_types.iter();
        media_types.find_map(|(name, schema)| {
            let schema = schema.as_deref()?;
            is_wanted(&bare(name)).then_some(schema)
        })
    }
}

fn is_json(media_type: &str) -> bool {
    let subtype = media_type.strip_prefix("application/");
    subtype.is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"))
}

fn is_form(media_type: &str) -> bool {
    matches!(
        media_type,
        "multipart/form-data" | "application/x-www-form-urlencoded"
    )
}

/// Whether a body of this media type is the text that its schema describes: the schema of JSON or XML describes what
/// the text stands for.
fn is_text(media_type: &str) -> bool {
    let subtype = media_type.strip_prefix("text/");
    subtype.is_some_and(|subtype| !subtype.ends_with("json") && !subtype.ends_with("xml"))
}

/// Whether a text of this media type is in UTF-8: in ASCII, which is a part of it, or where nothing else is said.
fn is_utf8(media_type: &str) -> bool {
    let parameters = media_type.split(';').skip(1);
    let mut named = parameters.filter_map(|parameter| parameter.split_once('='));
    let charset = named.find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    charset.is_none_or(|(_, charset)| {
        let charset = charset.trim().trim_matches('"');
        let mut known = ["utf-8", "utf8", "us-ascii"].iter();
        known.any(|known| charset.eq_ignore_ascii_case(known))
    })
}

fn malformed(text: &str, error: &serde_json::Error) -> FieldError {
    let (position, problem) = match python_json::problem(text) {
        Some((position, problem)) => (position, problem.to_owned()),
        // Python reads a few things that are no JSON, such as half of a pair of surrogates.
        None => (0, format!("The mock does not read this: {error}")),
    };
    let loc = vec![json!("body"), json!(position)];
    FieldError::new("json_invalid", loc, "JSON decode error", json!({}))
        .context(json!({ "error": problem }))
}

/// The fields of a multipart form.
fn multipart(headers: &HeaderMap, body: &[u8]) -> Result<Vec<Given>, Unreadable> {
    let boundary = multer::parse_boundary(content_type(headers))
        .map_err(|_| Unreadable::Broken("Missing boundary in multipart."))?;
    let whole = bytes::Bytes::copy_from_slice(body);
    let whole = stream::iter([Ok::<_, Infallible>(whole)]);
    let mut form = multer::Multipart::new(whole, boundary);
    let read = async {
        let mut fields = Vec::new();
        while let Some(field) = form.next_field().await.ok()? {
            let name = field.name().map(str::to_owned)?;
            let is_file = field.file_name().is_some();
            let is_nameless_file = field.file_name() == Some("");
            let content = field.bytes().await.ok()?;
            if !(is_nameless_file && content.is_empty()) {
                fields.push(Given {
                    name,
                    text: String::from_utf8_lossy(&content).into_owned(),
                    is_file,
                });
            }
        }
        Some(fields)
    };
    // The whole body is there: nothing is waited for.
    let fields = read.now_or_never().flatten();
    fields.ok_or(Unreadable::Broken("Invalid multipart data."))
}

/// The fields that a schema names, as they were given and as what they stand for.
fn form(contract: &Contract, pointer: &str, fields: &[Given]) -> (Value, Value) {
    let root = &contract.document;
    let schema = coerce::resolved(root, contract.at(pointer));
    let (mut raw, mut values) = (Map::new(), Map::new());
    let named = schema["properties"].as_object();
    for (name, property) in named.into_iter().flatten() {
        let is_list = coerce::is_list(root, property);
        let given: Vec<String> = fields
            .iter()
            .filter(|field| field.name == *name && (is_list || !field.is_left_out()))
            .map(|field| field.text.clone())
            .collect();
        if !given.is_empty() {
            let given = coerce::raw(root, property, &given);
            values.insert(name.clone(), coerce::value(root, property, &given));
            raw.insert(name.clone(), given);
        }
    }
    for field in fields {
        if named.is_none_or(|named| !named.contains_key(&field.name)) {
            raw.insert(field.name.clone(), json!(field.text));
            values.insert(field.name.clone(), json!(field.text));
        }
    }
    (Value::Object(raw), Value::Object(values))
}
