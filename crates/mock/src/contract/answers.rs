//! Whether the document allows an answer.

use super::{Contract, Operation};
use crate::media_type::MediaRange;
use imperal_build_support::pointer;
use serde_json::Value;

impl Contract {
    /// What is wrong with an answer by what the document says; nothing if it may be given.
    pub(crate) fn answer_problems(
        &self,
        operation: &Operation,
        status: u16,
        media_type: Option<&str>,
        body: &[u8],
    ) -> Vec<String> {
        let (at, described) = match self.declared_answer(operation, status) {
            Ok(declared) => declared,
            Err(problem) => return vec![problem],
        };
        let Some(content) = described["content"].as_object().filter(|it| !it.is_empty()) else {
            // FastAPI writes `null` where the document says nothing of a body.
            let empty = body.is_empty() || (status != 204 && body == b"null");
            return (!empty)
                .then(|| format!("the answer {status} has no body by the document"))
                .into_iter()
                .collect();
        };
        let given = MediaRange::read(media_type.unwrap_or_default());
        let mut declared = content.keys();
        let declared =
            declared.find(|key| !given.is_empty() && MediaRange::read(key).covers(&given));
        let Some(declared) = declared else {
            let said = if given.is_empty() {
                "missing".to_owned()
            } else {
                given.to_string()
            };
            let known: Vec<&str> = content.keys().map(String::as_str).collect();
            return vec![format!(
                "its content type is {said}, and the document has {}",
                known.join(", ")
            )];
        };
        if !given.is_json() || content[declared].get("schema").is_none() {
            return Vec::new();
        }
        let value: Value = match serde_json::from_slice(body) {
            Ok(value) => value,
            Err(error) => return vec![format!("its body is no JSON: {error}")],
        };
        let schema = format!("{at}/content/{}/schema", pointer::escape(declared));
        let problems = self.schemas().problems(&schema, &value).into_iter();
        problems
            .map(|(place, problem)| match place.as_str() {
                "" => problem,
                place => format!("{place}: {problem}"),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_answer_is_held_against_status_media_type_and_schema() {
        let contract = Contract::new(json!({
            "openapi": "3.1.0", "info": { "title": "t", "version": "1" },
            "paths": { "/a": { "get": { "responses": {
                "200": { "content": { "application/json": { "schema": { "type": "integer" } } } },
                "204": {},
                "4XX": { "$ref": "#/components/responses/Failure" },
                "206": { "content": { "audio/*": {} } },
            } } } },
            "components": { "responses": { "Failure": {
                "content": { "application/problem+json": { "schema": { "required": ["detail"] } } }
            } } },
        }));
        let operation = contract.operation("GET /a").unwrap();
        let json_type = Some("application/json; charset=utf-8");
        let problem_type = Some("application/problem+json");
        let cases: &[(u16, Option<&str>, &str, &str)] = &[
            (200, json_type, "5", ""),
            (200, json_type, "\"five\"", "is not of type"),
            (200, json_type, "{", "no JSON"),
            (200, None, "5", "content type is missing"),
            (
                200,
                Some("text/plain"),
                "5",
                "the document has application/json",
            ),
            (204, None, "", ""),
            (204, None, "null", "no body by the document"),
            (206, Some("audio/ogg"), "…", ""),
            (206, Some("video/ogg"), "…", "content type is video/ogg"),
            (404, problem_type, "{\"detail\":1}", ""),
            (404, problem_type, "{}", "required"),
            (500, json_type, "{}", "no answer with the status 500"),
        ];
        for (status, media_type, body, expected) in cases {
            let problems =
                contract.answer_problems(operation, *status, *media_type, body.as_bytes());
            let problems = problems.join(", ");
            if expected.is_empty() {
                assert_eq!(problems, "", "{status} {body}");
            } else {
                assert!(problems.contains(expected), "{status} {body}: {problems}");
            }
        }
    }
}
