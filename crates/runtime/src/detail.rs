//! What a service says about a failure.

use crate::Secret;
use crate::secret::HIDDEN;
use serde_json::{Map, Value};

/// The service's own account of a failure, in the forms that FastAPI services use.
///
/// ```
/// use imperal_runtime::{Detail, Error, HeaderMap, StatusCode};
///
/// let body = r#"{"detail": [{"loc": ["body", "email"], "msg": "it is no address", "type": "value_error"}]}"#;
/// let error = Error::from_answer(StatusCode::UNPROCESSABLE_ENTITY, HeaderMap::new(), body.into());
/// let Some(Detail::Fields(fields)) = error.detail() else {
///     panic!("the service says which fields");
/// };
/// assert_eq!(fields[0].location, ["body", "email"]);
/// assert_eq!(fields[0].message, "it is no address");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Detail {
    /// A sentence.
    Text(String),
    /// What is wrong with which field of the request.
    Fields(Vec<FieldError>),
    /// An object, such as one with an `error_code`.
    Object(Map<String, Value>),
}

/// One field that the service did not accept: see [`Detail::Fields`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldError {
    /// Where the field is, outermost first: `["body", "email"]`.
    pub location: Vec<String>,
    /// What is wrong with it.
    pub message: String,
    /// A machine-readable name of the problem, such as `missing`.
    pub kind: String,
}

/// How much of the service's text goes into one line of an error message.
const LONGEST_LINE: usize = 300;

impl Detail {
    /// Reads the detail from the body of an error answer: `detail`, else `error` or `message`.
    pub(crate) fn from_body(body: &[u8]) -> Option<Self> {
        let Ok(Value::Object(mut body)) = serde_json::from_slice(body) else {
            return None;
        };
        match body.remove("detail") {
            Some(Value::String(text)) => return Some(Self::Text(text)),
            Some(Value::Object(object)) => return Some(Self::Object(object)),
            // Anything else in the list may repeat what was sent, passwords included.
            Some(Value::Array(items)) => {
                let fields: Vec<FieldError> =
                    items.iter().filter_map(FieldError::from_value).collect();
                if !fields.is_empty() {
                    return Some(Self::Fields(fields));
                }
                let texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
                if !texts.is_empty() {
                    return Some(Self::Text(texts.join("; ")));
                }
            }
            _ => {}
        }
        ["error", "message"]
            .iter()
            .find_map(|key| match body.get(*key) {
                Some(Value::String(text)) => Some(Self::Text(text.clone())),
                Some(Value::Object(object)) => Some(Self::Object(object.clone())),
                _ => None,
            })
    }

    /// The same, with `[secret]` in place of each of `secrets`.
    pub(crate) fn without(self, secrets: &[Secret]) -> Self {
        match self {
            Self::Text(text) => Self::Text(hide(text, secrets)),
            Self::Fields(fields) => Self::Fields(
                fields
                    .into_iter()
                    .map(|field| FieldError {
                        message: hide(field.message, secrets),
                        ..field
                    })
                    .collect(),
            ),
            Self::Object(object) => Self::Object(hide_in_object(object, secrets)),
        }
    }

    /// One line for a person. Of an object only the texts that are meant to be shown.
    pub(crate) fn line(&self) -> Option<String> {
        let line = match self {
            Self::Text(text) => text.clone(),
            Self::Fields(fields) => fields
                .iter()
                .map(|field| format!("{}: {}", field.location.join("."), field.message))
                .collect::<Vec<_>>()
                .join("; "),
            Self::Object(object) => ["error_code", "code", "message"]
                .iter()
                .filter_map(|key| object.get(*key)?.as_str())
                .collect::<Vec<_>>()
                .join(": "),
        };
        // Control characters would reach the terminal of whoever reads the log.
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        let line: String = line.chars().filter(|c| !c.is_control()).collect();
        if line.is_empty() {
            return None;
        }
        let cut = line
            .char_indices()
            .nth(LONGEST_LINE)
            .map(|(index, _)| index);
        Some(cut.map_or(line.clone(), |index| format!("{}…", &line[..index])))
    }
}

fn hide(text: String, secrets: &[Secret]) -> String {
    secrets.iter().fold(text, |text, secret| {
        if text.contains(secret.expose()) {
            text.replace(secret.expose(), HIDDEN)
        } else {
            text
        }
    })
}

fn hide_in_object(object: Map<String, Value>, secrets: &[Secret]) -> Map<String, Value> {
    object
        .into_iter()
        .map(|(name, value)| (name, hide_in(value, secrets)))
        .collect()
}

fn hide_in(value: Value, secrets: &[Secret]) -> Value {
    match value {
        Value::String(text) => Value::String(hide(text, secrets)),
        Value::Array(items) => items
            .into_iter()
            .map(|item| hide_in(item, secrets))
            .collect(),
        Value::Object(object) => Value::Object(hide_in_object(object, secrets)),
        other => other,
    }
}

impl FieldError {
    fn from_value(value: &Value) -> Option<Self> {
        let location = value.get("loc")?.as_array()?.iter().map(|part| match part {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        Some(Self {
            location: location.collect(),
            message: value.get("msg")?.as_str()?.to_owned(),
            kind: value
                .get("type")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(body: &str) -> Option<String> {
        Detail::from_body(body.as_bytes())?.line()
    }

    #[test]
    fn reads_every_form_that_the_services_use() {
        assert_eq!(
            line(r#"{"detail":"invalid channel"}"#).unwrap(),
            "invalid channel"
        );
        assert_eq!(
            line(r#"{"detail":[{"loc":["body","tags",0],"msg":"too long","type":"string_too_long","input":"hunter2"}]}"#).unwrap(),
            "body.tags.0: too long"
        );
        assert_eq!(
            line(r#"{"detail":{"error_code":"SECRET_NOT_SET"}}"#).unwrap(),
            "SECRET_NOT_SET"
        );
        assert_eq!(
            line(r#"{"error":"access_denied"}"#).unwrap(),
            "access_denied"
        );
        assert_eq!(
            line(r#"{"error":{"code":"INTERNAL","message":"no"}}"#).unwrap(),
            "INTERNAL: no"
        );
    }

    #[test]
    fn makes_nothing_of_what_is_no_error_object() {
        for body in [
            "",
            "<html>",
            "[]",
            "{}",
            r#"{"detail":[]}"#,
            r#"{"detail":[{"loc":["body","password"],"msg":null,"input":"hunter2"}]}"#,
            r#"{"detail":{"current_etag":"x"}}"#,
        ] {
            assert_eq!(line(body), None, "{body}");
        }
    }

    #[test]
    fn a_long_or_broken_text_stays_one_line() {
        let text = line(&serde_json::json!({ "detail": "a\nb ".repeat(500) }).to_string()).unwrap();
        assert!(
            !text.contains('\n') && text.chars().count() <= LONGEST_LINE + 1,
            "{text}"
        );
    }
}
