//! Values that the document forbids, in place of those of an answer.

use crate::contract::{Contract, followed};
use bytes::Bytes;
use http::StatusCode;
use imperal_build_support::pointer::escape;
use serde_json::{Value, json};

/// What the document says of the answers to a request.
pub(crate) struct Declared<'a> {
    pub(crate) contract: &'a Contract,
    /// The method and the path template of the request, if the document has them.
    pub(crate) route: Option<&'a str>,
}

impl Declared<'_> {
    /// The same body with a value at a JSON pointer that the document does not allow there: one of another kind if
    /// there is any. Where there is none, or no such place, this is what is said.
    pub(crate) fn spoil(
        &self,
        status: StatusCode,
        body: &[u8],
        pointer: &str,
    ) -> Result<Bytes, String> {
        let absent = || format!("a fault was to spoil {pointer}, which the answer does not have");
        let mut value: Value = serde_json::from_slice(body).map_err(|_| absent())?;
        let before = value.pointer(pointer).cloned().ok_or_else(absent)?;
        let schema = self.schema(status).ok_or_else(|| {
            format!(
                "a fault was to spoil {pointer} of an answer {status}, which no document describes"
            )
        })?;
        let schemas = self.contract.schemas();
        // Of a schema that cannot be used every value would be forbidden.
        schemas.validator(&schema)?;
        for other in others(&before) {
            if let Some(place) = value.pointer_mut(pointer) {
                *place = other;
            }
            if !schemas.problems(&schema, &value).is_empty() {
                return Ok(value.to_string().into());
            }
        }
        Err(format!(
            "a fault was to spoil {pointer}, where the document allows any value"
        ))
    }

    /// Where the schema of an answer with this status is.
    fn schema(&self, status: StatusCode) -> Option<String> {
        let operation = self.contract.operation(self.route?)?;
        let answers = self.contract.at(&operation.pointer)["responses"].as_object()?;
        let exact = status.as_str();
        let range = format!("{}XX", exact.get(..1)?);
        let keys = [exact, range.as_str(), "default"];
        let key = keys.into_iter().find(|key| answers.contains_key(*key))?;
        let at = format!("{}/responses/{key}", operation.pointer);
        let (at, answer) = followed(&self.contract.document, at)?;
        let mut media_types = answer["content"].as_object()?.iter();
        let is_json = |name: &str| name == "application/json" || name.ends_with("+json");
        let (name, _) =
            media_types.find(|(name, media)| is_json(name) && media.get("schema").is_some())?;
        Some(format!("{at}/content/{}/schema", escape(name)))
    }
}

/// Values to put in the place of another, those of other kinds first.
fn others(before: &Value) -> Vec<Value> {
    let mut others = vec![
        json!({ "spoilt": true }),
        json!(["spoilt"]),
        json!("spoilt"),
        json!(true),
        json!(-1.5),
        Value::Null,
    ];
    // A stable sort: what is as good stays in its order.
    others.sort_by_key(|other| std::mem::discriminant(other) == std::mem::discriminant(before));
    others
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_one_that_the_schema_forbids_of_another_kind_if_it_can_be() {
        let contract = Contract::new(json!({
            "openapi": "3.1.0", "info": { "title": "t", "version": "1" },
            "paths": { "/a": { "get": { "responses": {
                "200": { "content": { "application/json": { "schema": { "properties": {
                    "name": { "type": "string" },
                    "mixed": { "type": ["object", "array", "string", "boolean", "null"] },
                    "word": { "not": { "const": "spoilt" } },
                } } } } },
                "4XX": { "content": { "application/problem+json": { "schema": { "type": "object" } } } },
            } } } },
        }));
        let route = Some("GET /a");
        let declared = Declared {
            contract: &contract,
            route,
        };
        let body = br#"{"name": "a", "mixed": "a", "word": "a", "free": 5}"#;
        let spoilt = |status, pointer: &str| {
            let spoilt = declared.spoil(status, body, pointer)?;
            let value: Value = serde_json::from_slice(&spoilt).unwrap();
            Ok(value.pointer(pointer).unwrap().to_string())
        };
        let ok = StatusCode::OK;
        let another = |text: &str| Ok::<_, String>(text.to_owned());
        assert_eq!(spoilt(ok, "/name"), another("{\"spoilt\":true}"));
        assert_eq!(spoilt(ok, "/mixed"), another("-1.5"));
        assert_eq!(spoilt(ok, "/word"), another("\"spoilt\""));
        assert_eq!(spoilt(StatusCode::NOT_FOUND, ""), another("[\"spoilt\"]"));
        for (status, pointer, told) in [
            (ok, "/free", "allows any value"),
            (ok, "/none", "does not have"),
            (StatusCode::BAD_GATEWAY, "", "no document describes"),
        ] {
            let problem = spoilt(status, pointer).unwrap_err();
            assert!(problem.contains(told), "{pointer}: {problem}");
        }
    }
}
