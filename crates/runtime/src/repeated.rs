//! Secrets that a service repeats in its account of a failure, such as the password in "hunter2 is too short".

use crate::payload::Payload;
use crate::{Credential, Error, Operation, Secret, sensitive};
use http::{HeaderName, header};
use serde_json::Value;

/// How the names of fields that hold secrets end, in the body of an operation that is marked as one with secrets.
const FIELDS: [&str; 7] = [
    "password", "secret", "token", "key", "code", "verifier", "value",
];

/// Shorter secrets are not looked for: they are in sentences by chance.
const SHORTEST: usize = 4;

/// The same error, not repeating the secrets of the request that it answers: its credentials, and what is in fields
/// of its body that are named for secrets.
pub(crate) fn hide(
    error: Error,
    operation: &Operation,
    request: &reqwest::Request,
    payload: &Payload,
    attached: &[Credential],
) -> Error {
    if error.status().is_none() {
        return error;
    }
    let mut secrets: Vec<Secret> = attached
        .iter()
        .map(|credential| credential.secret().clone())
        .collect();
    for (name, value) in request.headers() {
        if sensitive::carries_credential(name)
            && let Ok(text) = value.to_str()
        {
            secrets_of_header(name, text, &mut secrets);
        }
    }
    if operation.has_secret_body() {
        secrets_of_body(request, payload, &mut secrets);
    }
    secrets.retain(|secret| secret.expose().chars().count() >= SHORTEST);
    // The longest first: one may be the beginning of another.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.expose().len()));
    error.hiding(&secrets)
}

fn secrets_of_header(name: &HeaderName, text: &str, secrets: &mut Vec<Secret>) {
    if *name == header::COOKIE {
        let values = text
            .split(';')
            .filter_map(|cookie| Some(cookie.split_once('=')?.1.trim()));
        secrets.extend(values.map(Secret::from));
    } else {
        // Behind the name of the scheme, where there is one.
        secrets.extend(text.split_whitespace().last().map(Secret::from));
    }
}

fn secrets_of_body(request: &reqwest::Request, payload: &Payload, secrets: &mut Vec<Secret>) {
    if let Payload::Form(parts) = payload {
        let secret = parts.texts().iter().filter(|(name, _)| is_secret(name));
        secrets.extend(secret.map(|(_, text)| Secret::from(text.as_str())));
    }
    let Some(body) = request.body().and_then(reqwest::Body::as_bytes) else {
        return;
    };
    if let Ok(body) = serde_json::from_slice(body) {
        secrets_of_value("", body, secrets);
    } else {
        let pairs = url::form_urlencoded::parse(body);
        let secret = pairs.filter(|(name, _)| is_secret(name));
        secrets.extend(secret.map(|(_, text)| Secret::from(&*text)));
    }
}

/// Adds the secrets in the value of the field with this name. The items of a list are of the list's name.
fn secrets_of_value(name: &str, value: Value, secrets: &mut Vec<Secret>) {
    match value {
        Value::String(text) if is_secret(name) => secrets.push(text.into()),
        Value::Number(number) if is_secret(name) => secrets.push(number.to_string().into()),
        Value::Array(items) => {
            for item in items {
                secrets_of_value(name, item, secrets);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                secrets_of_value(&name, value, secrets);
            }
        }
        _ => {}
    }
}

/// Whether a field is named for a secret, such as `new_password` or `accessToken`.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    FIELDS.iter().any(|word| name.ends_with(word))
}
