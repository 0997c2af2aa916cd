//! What of an exchange may be shown: everything but its secrets.

use crate::journal::Message;
use http::header;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

/// How many bytes of a body are shown.
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
        Some(body) => Some(shown_body(body, is_form(message))),
        None => Some(format!("({} bytes)", message.length)),
    };
    json!({ "headers": headers.collect::<Vec<_>>(), "body": body })
}

fn is_form(message: &Message) -> bool {
    let mut headers = message.headers.iter();
    let media_type = headers.find(|(name, _)| *name == header::CONTENT_TYPE);
    media_type.is_some_and(|(_, value)| value.starts_with(b"application/x-www-form-urlencoded"))
}

fn shown_body(body: &[u8], is_form: bool) -> String {
    let text = match serde_json::from_slice::<Value>(body) {
        Ok(mut value) => {
            hide(&mut value);
            value.to_string()
        }
        Err(_) => match std::str::from_utf8(body) {
            Ok(text) if is_form => query(text),
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

/// A query, or a form in the same notation, with its secrets hidden.
pub(crate) fn query(query: &str) -> String {
    let is_secret = |name: &str| is_secret(&percent_decode_str(name).decode_utf8_lossy());
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_secret(name) => format!("{name}={HIDDEN}"),
        _ => pair.to_owned(),
    });
    pairs.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, HeaderValue};

    #[test]
    fn secrets_are_hidden_in_queries_and_forms_however_their_names_are_written() {
        let text = "email=a%40b.co&pass%77ord=hunter2&token=&token_type=bearer";
        let shown = "email=a%40b.co&pass%77ord=(hidden)&token=(hidden)&token_type=bearer";
        assert_eq!(query(text), shown);

        let form = HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8");
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, form)]);
        let sent = Message::of(&headers, text.as_bytes());
        assert_eq!(message(&sent)["body"], shown);
    }
}
