//! What of an exchange may be shown: everything but its secrets.

use crate::journal::Message;
use serde_json::{Value, json};

/// How much of a body is kept.
const BODY: usize = 16 * 1024;

const SECRET_HEADERS: [&str; 5] = [
    "authorization",
    "cookie",
    "set-cookie",
    "x-api-key",
    "x-service-token",
];

const HIDDEN: &str = "(hidden)";

/// A message, as it is shown.
pub(crate) fn message(message: &Message) -> Value {
    let headers = message.headers.iter().map(|(name, value)| {
        let value = if SECRET_HEADERS.contains(&name.as_str()) {
            HIDDEN.into()
        } else {
            String::from_utf8_lossy(value)
        };
        json!([name.as_str(), value])
    });
    let body = match &message.body {
        Some(body) if body.is_empty() => None,
        Some(body) => Some(shown_body(body)),
        None => Some(format!("({} bytes)", message.length)),
    };
    json!({ "headers": headers.collect::<Vec<_>>(), "body": body })
}

fn shown_body(body: &[u8]) -> String {
    let text = match serde_json::from_slice::<Value>(body) {
        Ok(mut value) => {
            hide(&mut value);
            value.to_string()
        }
        Err(_) => match std::str::from_utf8(body) {
            Ok(text) => text.to_owned(),
            Err(_) => format!("({} bytes)", body.len()),
        },
    };
    if text.len() <= BODY {
        return text;
    }
    let mut end = BODY;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{} (cut off)", &text[..end])
}

/// Whether a field of this name holds a secret.
fn is_secret(name: &str) -> bool {
    let words = [
        "password",
        "secret",
        "token",
        "api_key",
        "private_key",
        "verifier",
        "device_code",
    ];
    name != "token_type" && words.iter().any(|word| name.contains(word))
}

fn hide(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            // What a refusal repeats of a secret is one.
            let place = fields.get("loc").and_then(Value::as_array);
            let of_secret = place.is_some_and(|place| {
                let mut names = place.iter().filter_map(Value::as_str);
                names.any(is_secret)
            });
            if of_secret && let Some(input) = fields.get_mut("input") {
                *input = Value::from(HIDDEN);
            }
            for (name, field) in fields {
                if is_secret(name) && !field.is_null() {
                    *field = Value::from(HIDDEN);
                } else {
                    hide(field);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(hide),
        _ => {}
    }
}

/// A query with its secrets hidden.
pub(crate) fn query(query: &str) -> String {
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_secret(name) => format!("{name}={HIDDEN}"),
        _ => pair.to_owned(),
    });
    pairs.collect::<Vec<_>>().join("&")
}
