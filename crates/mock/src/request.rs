//! Holds a request against the document, and says what is wrong with it as FastAPI would.

mod body;
mod coerce;
mod explain;
mod field_error;
mod python_json;
mod texts;

pub(crate) use body::{Body, Unreadable, media_type, read_body};
pub(crate) use coerce::{alternatives, has_type};
pub(crate) use field_error::FieldError;

use crate::contract::{Contract, Operation, Parameter, Place};
use explain::Explainer;
use http::request::Parts;
use http::{HeaderMap, header};
use serde_json::Value;

/// What is wrong with the parameters of a request, in the order in which FastAPI reads them.
pub(crate) fn check_parameters(
    contract: &Contract,
    operation: &Operation,
    parts: &Parts,
    path: &[(&str, String)],
) -> Vec<FieldError> {
    let query = pairs(parts.uri.query().unwrap_or_default());
    let cookies = cookies(&parts.headers);
    let mut errors = Vec::new();
    for place in Place::ALL {
        let own = operation.parameters.iter();
        for parameter in own.filter(|parameter| parameter.place == place) {
            let mut given: Vec<String> = match place {
                Place::Path => of_name(path.iter().map(|(name, value)| (*name, value)), parameter),
                Place::Query => of_name(query.iter().map(|(name, value)| (name, value)), parameter),
                Place::Cookie => {
                    of_name(cookies.iter().map(|(name, value)| (name, value)), parameter)
                }
                Place::Header => parts
                    .headers
                    .get_all(&parameter.name)
                    .iter()
                    // Headers are in Latin-1.
                    .map(|value| value.as_bytes().iter().copied().map(char::from).collect())
                    .collect(),
            };
            if place == Place::Header && !is_list(contract, parameter) {
                // Of several, the first is heeded; elsewhere the last.
                given.truncate(1);
            }
            check_parameter(contract, parameter, &given, &mut errors);
        }
    }
    errors
}

fn is_list(contract: &Contract, parameter: &Parameter) -> bool {
    let schema = parameter
        .schema
        .as_deref()
        .map(|pointer| contract.at(pointer));
    schema.is_some_and(|schema| coerce::is_list(&contract.document, schema))
}

fn of_name<'a, N: AsRef<str>>(
    pairs: impl Iterator<Item = (N, &'a String)>,
    parameter: &Parameter,
) -> Vec<String> {
    pairs
        .filter(|(name, _)| name.as_ref() == parameter.name)
        .map(|(_, value)| value.clone())
        .collect()
}

fn check_parameter(
    contract: &Contract,
    parameter: &Parameter,
    given: &[String],
    errors: &mut Vec<FieldError>,
) {
    let loc = vec![
        Value::from(parameter.place.name()),
        Value::from(parameter.name.as_str()),
    ];
    if given.is_empty() {
        if parameter.required {
            errors.push(FieldError::missing(loc, Value::Null));
        }
        return;
    }
    let Some(pointer) = &parameter.schema else {
        return;
    };
    let schema = contract.at(pointer);
    let separate = parameter.explode || parameter.place == Place::Header;
    let raw = coerce::raw(&contract.document, schema, given, separate);
    let value = coerce::value(&contract.document, schema, &raw);
    let problems = contract.schemas().problems(pointer, &value);
    if !problems.is_empty() {
        let explainer = Explainer::new(&contract.document);
        errors.extend(explainer.explain(schema, &raw, loc, problems));
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
    let explainer = Explainer::new(root);
    let pointers = declared.media_types.iter();
    let first = pointers
        .into_iter()
        .find_map(|(_, pointer)| pointer.as_deref());
    match body {
        Body::Bytes => Vec::new(),
        Body::None => match first.map(|pointer| contract.at(pointer)) {
            Some(schema) if is_embedded(schema) => {
                fields(&explainer, root, schema, &Value::Null, true)
            }
            _ if declared.required => {
                vec![FieldError::missing(vec![Value::from("body")], Value::Null)]
            }
            _ => Vec::new(),
        },
        Body::Json(value, pointer) => {
            let problems = contract.schemas().problems(pointer, value);
            explained(&explainer, contract, pointer, value, problems)
        }
        Body::Unread(text) => {
            let value = Value::from(text.as_str());
            let schema = first.map(|pointer| contract.at(pointer));
            match schema {
                Some(schema) if is_embedded(schema) => {
                    fields(&explainer, root, schema, &Value::Null, true)
                }
                Some(schema) => {
                    explainer.explain(schema, &value, vec![Value::from("body")], Vec::new())
                }
                None => Vec::new(),
            }
        }
        Body::Form(form) => {
            let problems = contract.schemas().problems(&form.pointer, &form.value);
            explained(&explainer, contract, &form.pointer, &form.raw, problems)
        }
    }
}

fn explained(
    explainer: &Explainer<'_>,
    contract: &Contract,
    pointer: &str,
    value: &Value,
    problems: Vec<(String, String)>,
) -> Vec<FieldError> {
    let schema = contract.at(pointer);
    if problems.is_empty() {
        return Vec::new();
    }
    if is_embedded(schema) {
        let errors = fields(explainer, &contract.document, schema, value, false);
        if !errors.is_empty() {
            return errors;
        }
    }
    explainer.explain(schema, value, vec![Value::from("body")], problems)
}

/// Whether a body holds several parameters of a function: FastAPI makes a schema of its own for them.
fn is_embedded(schema: &Value) -> bool {
    let reference = schema["$ref"].as_str();
    let name = reference.and_then(|reference| reference.rsplit('/').next());
    name.is_some_and(|name| name.starts_with("Body_"))
}

/// What is wrong with a body that holds several parameters. Of one that is no object, all are missing.
fn fields(
    explainer: &Explainer<'_>,
    root: &Value,
    schema: &Value,
    body: &Value,
    absent: bool,
) -> Vec<FieldError> {
    let schema = coerce::resolved(root, schema);
    let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
    let mut errors = Vec::new();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let loc = vec![Value::from("body"), Value::from(name.as_str())];
        match body.get(name) {
            Some(value) => errors.extend(explainer.explain(property, value, loc, Vec::new())),
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
