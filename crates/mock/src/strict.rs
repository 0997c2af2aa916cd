//! Strict mode: what the document does not declare is refused as well.

mod undeclared;

use crate::answer::{self, Answer};
use crate::contract::{Contract, Operation, Parameter, Place, Style};
use crate::exchange::Violation;
use crate::media_type::{Accept, MediaRange};
use crate::request::{self, Body, FieldError, is_object, pairs};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use undeclared::undeclared_fields;

/// The answer to a request whose media types do not go with the operation, and what it goes against.
pub(crate) fn check_media_types(
    contract: &Contract,
    operation: &Operation,
    headers: &HeaderMap,
    body: &[u8],
) -> Option<(Answer, Violation)> {
    let (status, violation) = match not_acceptable(contract, operation, headers) {
        Some(violation) => (StatusCode::NOT_ACCEPTABLE, violation),
        None => (
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            unsupported(operation, headers, body)?,
        ),
    };
    let reason = status.canonical_reason().unwrap_or_default();
    let detail = format!("{reason}: {}", violation.problem);
    Some((answer::failure(status, &detail), violation))
}

/// What is wrong with an `Accept` that takes nothing of what the operation answers.
fn not_acceptable(
    contract: &Contract,
    operation: &Operation,
    headers: &HeaderMap,
) -> Option<Violation> {
    let accept = Accept::read(headers)?;
    let success = contract.success(operation)?;
    let answered = success.media_types;
    let mut ranges = answered.iter().map(|name| MediaRange::read(name));
    if answered.is_empty() || ranges.any(|range| accept.takes(&range)) {
        return None;
    }
    let there = answered.join(" or ");
    let problem = format!("the answer is {there}, which is not accepted");
    Some(Violation::new("header.accept", problem))
}

/// What is wrong with a body of a media type that the operation does not take.
fn unsupported(operation: &Operation, headers: &HeaderMap, body: &[u8]) -> Option<Violation> {
    if body.is_empty() {
        return None;
    }
    let Some(declared) = &operation.body else {
        return Some(Violation::new("body", "the operation takes no body"));
    };
    let given = request::media_type(headers);
    let range = MediaRange::read(&given);
    let names = declared.media_types.iter().map(|(name, _)| name.as_str());
    let names: Vec<&str> = names.collect();
    let is_taken = names
        .iter()
        .any(|name| MediaRange::read(name).covers(&range));
    if names.is_empty() || is_taken {
        return None;
    }
    let said = if given.is_empty() {
        "the body has no content type".to_owned()
    } else {
        format!("the body is {given}")
    };
    let taken = names.join(" or ");
    let problem = format!("{said}, and the operation takes {taken}");
    Some(Violation::new("header.content-type", problem))
}

/// The query parameters and the fields of the body that the document does not declare.
pub(crate) fn check_undeclared(
    contract: &Contract,
    operation: &Operation,
    parts: &Parts,
    body: &Body,
) -> Vec<FieldError> {
    let query = pairs(parts.uri.query().unwrap_or_default());
    let mut errors = undeclared_parameters(contract, operation, &query);
    let (pointer, value) = match body {
        Body::Json(value, pointer) => (pointer, value),
        Body::Texts(texts) => (&texts.pointer, &texts.value),
        Body::None | Body::Bytes | Body::Unread(_) => return errors,
    };
    let loc = vec![Value::from("body")];
    errors.extend(undeclared_fields(contract, pointer, value, loc));
    errors
}

fn undeclared_parameters(
    contract: &Contract,
    operation: &Operation,
    query: &[(String, String)],
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (index, (name, _)) in query.iter().enumerate() {
        let is_told = query[..index].iter().any(|(earlier, _)| earlier == name);
        if is_told || is_declared(contract, operation, name) || is_credential(contract, name) {
            continue;
        }
        let values = query.iter().filter(|(own, _)| own == name);
        let values: Vec<&str> = values.map(|(_, value)| value.as_str()).collect();
        let input = match values.as_slice() {
            [only] => Value::from(*only),
            several => Value::from(several),
        };
        let loc = vec![Value::from("query"), Value::from(name.as_str())];
        errors.push(FieldError::undeclared(loc, input));
    }
    errors
}

fn is_declared(contract: &Contract, operation: &Operation, name: &str) -> bool {
    let parameters = operation.parameters.iter();
    let mut parameters = parameters.filter(|parameter| parameter.place == Place::Query);
    parameters.any(|parameter| parameter.name == name || is_field(contract, parameter, name))
}

/// Whether this is the name of a field of a parameter that is an object.
fn is_field(contract: &Contract, parameter: &Parameter, name: &str) -> bool {
    if parameter.style == Style::Deep {
        let rest = name.strip_prefix(&parameter.name);
        return rest.is_some_and(|rest| rest.starts_with('['));
    }
    let Some(pointer) = parameter.schema.as_deref().filter(|_| parameter.is_apart()) else {
        return false;
    };
    let alone = json!({ name: "" });
    is_object(&contract.document, contract.at(pointer))
        && undeclared_fields(contract, pointer, &alone, Vec::new()).is_empty()
}

/// Whether a security scheme of the document names this query parameter.
fn is_credential(contract: &Contract, name: &str) -> bool {
    let schemes = contract.document["components"]["securitySchemes"].as_object();
    let mut schemes = schemes.into_iter().flatten();
    schemes.any(|(_, scheme)| scheme["in"] == "query" && scheme["name"] == name)
}
