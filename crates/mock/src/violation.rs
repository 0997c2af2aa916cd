//! Values that the document forbids, in place of those of an answer.

use crate::contract::Contract;
use crate::media_type::MediaRange;
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
        let untold = |problem: String| format!("a fault was to spoil {pointer}, but {problem}");
        for other in others(&before) {
            if let Some(place) = value.pointer_mut(pointer) {
                *place = other;
            }
            let is_allowed = self.contract.schemas().allows(&schema, &value);
            if !is_allowed.map_err(untold)? {
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
        let declared = self.contract.declared_answer(operation, status.as_u16());
        let (at, answer) = declared.ok()?;
        let mut media_types = answer["content"].as_object()?.iter();
        let (name, _) = media_types.find(|(name, media)| {
            MediaRange::read(name).is_json() && media.get("schema").is_some()
        })?;
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

    /// What becomes of an answer to `GET /a`, in a document with these answers to it and with these schemas.
    fn spoilt(
        answers: &Value,
        schemas: &Value,
        body: &Value,
        pointer: &str,
    ) -> Result<Bytes, String> {
        let contract = Contract::new(json!({
            "openapi": "3.1.0", "info": { "title": "t", "version": "1" },
            "paths": { "/a": { "get": { "responses": answers } } }, "components": { "schemas": schemas },
        }));
        let declared = Declared {
            contract: &contract,
            route: Some("GET /a"),
        };
        declared.spoil(StatusCode::OK, body.to_string().as_bytes(), pointer)
    }

    #[test]
    fn json_is_known_by_its_media_type_however_it_is_written() {
        for media_type in ["application/json; charset=utf-8", "Application/JSON"] {
            let schema = json!({ "type": "integer" });
            let answers = json!({ "200": { "content": { media_type: { "schema": schema } } } });
            let spoilt = spoilt(&answers, &json!({}), &json!(5), "");
            assert_eq!(
                spoilt.as_deref(),
                Ok(&b"{\"spoilt\":true}"[..]),
                "{media_type}"
            );
        }
    }

    #[test]
    fn where_there_is_no_room_to_judge_a_value_nothing_is_taken_for_forbidden() {
        // A long row of schemas, in a document with many others, for a value that nests deep.
        let own = |index: usize| json!({ "$ref": format!("#/components/schemas/S{index}") });
        let schema = |index: usize| {
            if index < 70 {
                own(index + 1)
            } else {
                json!({})
            }
        };
        let schemas = (0..3000).map(|index| (format!("S{index}"), schema(index)));
        let answers = json!({ "200": { "content": { "application/json": { "schema": own(0) } } } });
        let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
        let body = json!({ "value": 5, "deep": deep });
        let problem = spoilt(&answers, &Value::Object(schemas.collect()), &body, "/value");
        let problem = problem.unwrap_err();
        assert!(
            problem.contains("may lie inside of each other"),
            "{problem}"
        );
    }

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
