//! Holds a request against the document, and says what is wrong with it as FastAPI would.

mod body;
mod coerce;
mod explain;
mod field_error;
mod python_json;
mod styles;
mod texts;

pub(crate) use body::{Body, Unreadable, media_type, read_body};
pub(crate) use coerce::{has_type, is_object};
pub(crate) use field_error::FieldError;

use crate::contract::{Contract, Operation, Parameter, Place};
use explain::{explain, refused};
use http::request::Parts;
use http::{HeaderMap, header};
use serde_json::Value;
use styles::{Given, Reader};

/// What is wrong with the parameters of a request, in the order in which FastAPI reads them.
pub(crate) fn check_parameters(
    contract: &Contract,
    operation: &Operation,
    parts: &Parts,
    path: &[(&str, String)],
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for place in Place::ALL {
        let declared = operation.parameters.iter();
        let declared: Vec<&Parameter> = declared.filter(|one| one.place == place).collect();
        if declared.is_empty() {
            continue;
        }
        let own = |(name, text): &(&str, String)| ((*name).to_owned(), text.clone());
        let reader = Reader {
            root: &contract.document,
            pairs: &match place {
                Place::Path => path.iter().map(own).collect(),
                Place::Query => pairs(parts.uri.query().unwrap_or_default()),
                Place::Header => headers(&parts.headers),
                Place::Cookie => cookies(&parts.headers),
            },
            declared: &declared,
        };
        for parameter in &declared {
            check_parameter(contract, parameter, &reader, &mut errors);
        }
    }
    errors
}

fn check_parameter(
    contract: &Contract,
    parameter: &Parameter,
    reader: &Reader<'_>,
    errors: &mut Vec<FieldError>,
) {
    let root = &contract.document;
    let loc = vec![
        Value::from(parameter.place.name()),
        Value::from(parameter.name.as_str()),
    ];
    let schema = parameter.schema.as_deref().map(|at| contract.at(at));
    let schema = schema.unwrap_or(&Value::Null);
    let (raw, value) = match reader.read(parameter, schema) {
        Given::Nothing if parameter.required => {
            return errors.push(FieldError::missing(loc, Value::Null));
        }
        Given::Nothing => return,
        Given::Wrong(text, problem) => {
            let problem = format!("Value error, the text {problem}");
            return errors.push(FieldError::new("value_error", loc, problem, text.into()));
        }
        Given::Json(value) => (value.clone(), value),
        Given::Texts(raw) => {
            let value = coerce::value(root, schema, &raw);
            (raw, value)
        }
    };
    let Some(pointer) = &parameter.schema else {
        return;
    };
    let is_let_pass = parameter.may_be_empty && raw == "";
    if !is_let_pass && !contract.schemas().fits(pointer, &value) {
        let problems = || contract.schemas().problems(pointer, &value);
        errors.extend(explain(root, schema, &raw, loc, problems));
    }
}

/// What is wrong with the body of a request.
pub(crate) fn check_body(
    contract: &Contract,
    operation: &Operation,
    body: &Body,
) -> Vec<FieldError> {
    let Some(declared) = &operation.body else {
        return Vec::new();
    };
    let root = &contract.document;
    let first = declared.json().or_else(|| declared.first());
    match body {
        Body::Bytes => Vec::new(),
        Body::None => match first.map(|pointer| contract.at(pointer)) {
            Some(schema) if is_embedded(schema) => fields(root, schema, &Value::Null, true),
            _ if declared.required => {
                vec![FieldError::missing(vec![Value::from("body")], Value::Null)]
            }
            _ => Vec::new(),
        },
        Body::Json(value, pointer) => explained(contract, pointer, value, value),
        Body::Unread(text) => {
            let value = Value::from(text.as_str());
            let schema = first.map(|pointer| contract.at(pointer));
            match schema {
                Some(schema) if is_embedded(schema) => fields(root, schema, &Value::Null, true),
                Some(schema) => refused(root, schema, &value, vec![Value::from("body")]),
                None => Vec::new(),
            }
        }
        Body::Texts(texts) => explained(contract, &texts.pointer, &texts.raw, &texts.value),
    }
}

/// What is wrong with a body that was given as `raw` and stands for `value`.
fn explained(contract: &Contract, pointer: &str, raw: &Value, value: &Value) -> Vec<FieldError> {
    let (root, schema) = (&contract.document, contract.at(pointer));
    if contract.schemas().fits(pointer, value) {
        return Vec::new();
    }
    if is_embedded(schema) {
        let errors = fields(root, schema, raw, false);
        if !errors.is_empty() {
            return errors;
        }
    }
    let problems = || contract.schemas().problems(pointer, value);
    explain(root, schema, raw, vec![Value::from("body")], problems)
}

/// Whether a body holds several parameters of a function: FastAPI makes a schema of its own for them.
fn is_embedded(schema: &Value) -> bool {
    let reference = schema["$ref"].as_str();
    let name = reference.and_then(|reference| reference.rsplit('/').next());
    name.is_some_and(|name| name.starts_with("Body_"))
}

/// What is wrong with a body that holds several parameters. Of one that is no object, all are missing.
fn fields(root: &Value, schema: &Value, body: &Value, absent: bool) -> Vec<FieldError> {
    let schema = coerce::resolved(root, schema);
    let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
    let mut errors = Vec::new();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let loc = vec![Value::from("body"), Value::from(name.as_str())];
        match body.get(name) {
            Some(value) => errors.extend(refused(root, property, value, loc)),
            None if (!absent && !body.is_object()) || required.iter().any(|one| one == name) => {
                errors.push(FieldError::missing(loc, Value::Null));
            }
            None => {}
        }
    }
    errors
}

/// The names and values of a query or a form.
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    let decoded = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_encoding::percent_decode_str(&spaced)
            .decode_utf8_lossy()
            .into_owned()
    };
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        })
        .collect()
}

/// What a stream is to follow; none if it is to begin now.
pub(crate) fn last_event_id(headers: &HeaderMap) -> Option<u64> {
    headers.get("last-event-id")?.to_str().ok()?.parse().ok()
}

/// The names and values of headers, which are in Latin-1.
fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let headers = headers.iter().map(|(name, value)| {
        let text = value.as_bytes().iter().copied().map(char::from).collect();
        (name.as_str().to_owned(), text)
    });
    headers.collect()
}

pub(crate) fn cookies(headers: &HeaderMap) -> Vec<(String, String)> {
    let texts = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    texts
        .flat_map(|text| text.split(';'))
        .map(|pair| {
            // What has no name has the empty one.
            let (name, value) = pair.split_once('=').unwrap_or(("", pair));
            (name.trim().to_owned(), unquoted(value.trim()).to_owned())
        })
        .collect()
}

fn unquoted(text: &str) -> &str {
    let inner = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or(text)
}
