//! What of an exchange may be shown: everything but its secrets.

use crate::journal::Message;
use http::header;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

/// How many bytes of a body are shown.
const BODY: usize = 16 * 1024;

const SECRET_HEADERS: [&str; 6] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "set-cookie",
    "x-api-key",
    "x-service-token",
];

/// What is in the name of a secret, in small letters and without what joins words.
const SECRET_WORDS: [&str; 7] = [
    "password",
    "secret",
    "token",
    "apikey",
    "privatekey",
    "verifier",
    "devicecode",
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
    let text = match std::str::from_utf8(body) {
        Ok(text) => shown_text(text, is_form),
        Err(_) => format!("({} bytes)", body.len()),
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

fn shown_text(text: &str, is_form: bool) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(Value::String(text)) => Value::from(shown_text(&text, is_form)).to_string(),
        Ok(mut value) => {
            hide(&mut value);
            value.to_string()
        }
        Err(_) if is_form => query(text),
        Err(_) => beginning(text),
    }
}

/// Whether a field of this name holds a secret.
fn is_secret(name: &str) -> bool {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = name.to_ascii_lowercase();
    // What is shown of a key that was made is shown once.
    name == "key" || (name != "tokentype" && SECRET_WORDS.iter().any(|word| name.contains(word)))
}

/// A text whose form is not known, up to the first name of a secret: the secret may be anywhere behind it.
fn beginning(text: &str) -> String {
    let small = text.to_ascii_lowercase();
    // Where the letters of the text are that names are made of.
    let letters = small.char_indices();
    let letters = letters.filter(|(_, letter)| letter.is_ascii_alphanumeric());
    let (places, letters): (Vec<usize>, String) = letters.unzip();
    let ends = SECRET_WORDS.iter().filter_map(|word| {
        let at = letters.find(word)?;
        places.get(at + word.len() - 1).copied()
    });
    // A letter can also be written as `\u0070` or `%70`.
    let is_escape = |place: &usize| {
        let rest = &text.as_bytes()[*place..];
        let digits = rest.get(1..3);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    let percents = text.match_indices('%').map(|(place, _)| place);
    let written = text.find("\\u").into_iter();
    let written = written.chain(percents.filter(is_escape));
    match ends.map(|last| last + 1).chain(written).min() {
        Some(end) => format!("{}{HIDDEN}", &text[..end]),
        None => text.to_owned(),
    }
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
            let is_refusal = place.is_some();
            if is_refusal && let Some(input) = fields.get_mut("input") {
                match input {
                    _ if of_secret => *input = Value::from(HIDDEN),
                    // A body that could not be read is repeated as a text.
                    Value::String(text) => *input = Value::from(shown_text(text, false)),
                    _ => {}
                }
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
        // A text may be JSON in its turn.
        Value::String(text) if text.trim_start().starts_with(['{', '[']) => {
            *value = Value::from(shown_text(text, false));
        }
        _ => {}
    }
}

/// A query, or a form in the same notation, with its secrets hidden.
pub(crate) fn query(query: &str) -> String {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let pairs = query.split('&').map(|pair| {
        let Some((name, value)) = pair.split_once('=') else {
            return beginning(pair);
        };
        let plain_name = decoded(name);
        let is_name = |letter: char| letter.is_alphanumeric() || "-_.[]".contains(letter);
        let value = decoded(value);
        // What is no name with a value, or has others in its value, may be anything.
        let is_pair = plain_name.chars().all(is_name);
        if is_pair && is_secret(&plain_name) {
            format!("{name}={HIDDEN}")
        } else if is_pair && !value.contains(['{', '"', '=']) {
            pair.to_owned()
        } else {
            beginning(pair)
        }
    });
    pairs.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, HeaderValue};

    const CANARY: &str = "hunter2";

    fn shown(media_type: &'static str, body: &str) -> String {
        let media_type = HeaderValue::from_static(media_type);
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, media_type)]);
        let shown = message(&Message::of(&headers, body.as_bytes()));
        shown["body"].as_str().unwrap().to_owned()
    }

    #[test]
    fn secrets_are_hidden_in_queries_and_forms_however_their_names_are_written() {
        let text = "email=a%40b.co&pass%77ord=hunter2&token=&token_type=bearer";
        let hidden = "email=a%40b.co&pass%77ord=(hidden)&token=(hidden)&token_type=bearer";
        assert_eq!(query(text), hidden);
        let form = "application/x-www-form-urlencoded; charset=utf-8";
        assert_eq!(shown(form, text), hidden);
        assert_eq!(
            query("to=/a?token%3Dhunter2&q=token"),
            "to=/a?token(hidden)&q=token"
        );
    }

    #[test]
    fn a_secret_is_hidden_in_whatever_form_it_comes() {
        for body in [
            r#"{"email": "a@b.co", "password": "hunter2"}"#,
            r#"{"email": "a@b.co", "password": "hunter2"#,
            r#"{"email": "a@b.co", "pass\u0077ord": "hunter2"#,
            r#"{"email": "a@b.co", "newPassword": ["hunter2"]}"#,
            r#"{"email": "a@b.co", "Api-Key": {"a": "hunter2"}}"#,
            r#"{"email": "a@b.co", "data": "{\"password\": \"hunter2\"}"}"#,
            r#""{\"email\": \"a@b.co\", \"password\": \"hunter2\"}""#,
            r#"{"email": "a@b.co", "detail": [{"loc": ["body"], "input": "{\"password\": \"hunter2\""}]}"#,
            r#"{"email": "a@b.co", "detail": [{"loc": ["body"], "input": "pass%77ord=hunter2"}]}"#,
            "email=a@b.co&password=hunter2",
            "email=a@b.co&pass%77ord=hunter2",
            "email: a@b.co\npass-word: hunter2",
            "email=a@b.co; name=\"password\"\r\n\r\nhunter2\r\n--x--",
        ] {
            for media_type in [
                "application/json",
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=x",
                "text/plain",
            ] {
                let shown = shown(media_type, body);
                assert!(!shown.contains(CANARY), "{media_type}: {body}\n{shown}");
                assert!(shown.contains("a@b.co"), "{media_type}: {body}\n{shown}");
            }
        }
    }

    #[test]
    fn what_is_no_secret_is_shown() {
        for (media_type, body) in [
            ("text/html", "<h1>502 Bad Gateway</h1>"),
            ("text/plain", "100 % of it"),
            (
                "application/json",
                r#"{"email":5,"token_type":"bearer","keys":[1]}"#,
            ),
            ("application/json", r#"{"cut": "#),
        ] {
            assert_eq!(shown(media_type, body), body);
        }
    }
}
