//! The body of a request, as far as FastAPI reads it before it looks at anything else.

use super::field_error::FieldError;
use super::{coerce, pairs, python_json};
use crate::contract::{Contract, Operation};
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
    /// A form: what was given, the values that it stands for, and where its schema is.
    Form(Box<Form>),
}

pub(crate) struct Form {
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
    let of = |wanted: &dyn Fn(&str) -> bool| {
        let found = declared.media_types.iter().find(|(name, _)| wanted(name));
        found.and_then(|(_, pointer)| pointer.clone())
    };
    if let Some(pointer) = of(&is_json) {
        if body.is_empty() {
            return Ok(Body::None);
        }
        if !is_json(&media_type) {
            return match std::str::from_utf8(body) {
                Ok(text) => Ok(Body::Unread(text.to_owned())),
                Err(_) => Err(Unreadable::Broken(NOT_PARSED)),
            };
        }
        let text = std::str::from_utf8(body).map_err(|_| Unreadable::Broken(NOT_PARSED))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        return match serde_json::from_str(text) {
            Ok(value) => Ok(Body::Json(value, pointer)),
            Err(_) => Err(Unreadable::Malformed(Box::new(malformed(text)))),
        };
    }
    let Some(pointer) = of(&is_form) else {
        return Ok(if body.is_empty() {
            Body::None
        } else {
            Body::Bytes
        });
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
    let (raw, value) = form(contract, &pointer, &fields);
    Ok(Body::Form(Box::new(Form {
        raw,
        value,
        pointer,
    })))
}

/// The media type that a request says its body has, without parameters.
pub(crate) fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE);
    let text = value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let bare = text.split(';').next().unwrap_or_default();
    bare.trim().to_ascii_lowercase()
}

pub(crate) fn is_json(media_type: &str) -> bool {
    let subtype = media_type.strip_prefix("application/");
    subtype.is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"))
}

fn is_form(media_type: &str) -> bool {
    matches!(
        media_type,
        "multipart/form-data" | "application/x-www-form-urlencoded"
    )
}

fn malformed(text: &str) -> FieldError {
    let (position, problem) = python_json::problem(text);
    let loc = vec![json!("body"), json!(position)];
    FieldError::new("json_invalid", loc, "JSON decode error", json!({}))
        .context(json!({ "error": problem }))
}

/// The fields of a multipart form.
fn multipart(headers: &HeaderMap, body: &[u8]) -> Result<Vec<Given>, Unreadable> {
    let header = headers.get(header::CONTENT_TYPE);
    let header = header
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let boundary = multer::parse_boundary(header)
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
            let given = coerce::raw(root, property, &given, true);
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
