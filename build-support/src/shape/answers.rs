//! An operation has one success, `2XX`, and one kind of failure, `4XX` and `5XX`.
//!
//! The services answer with statuses that they do not declare (201 or 204 beside a declared 200), and
//! the generator can tell neither two success types nor two error types of one operation apart.

use crate::{BodyKind, Document, Error, operation};
use serde_json::{Map, Value, json};

pub(super) fn one_success_and_one_failure(document: &mut Document) -> Result<(), Error> {
    operation::for_each_mut(document.root_mut(), |_, _, operation, _| {
        let declared = match operation.remove("responses") {
            Some(Value::Object(declared)) => declared,
            _ => Map::new(),
        };
        let mut answers = Map::new();
        answers.insert("2XX".to_owned(), success(&declared));
        if let Some(failure) = failure(&declared) {
            answers.insert("4XX".to_owned(), failure.clone());
            answers.insert("5XX".to_owned(), failure);
        }
        operation.insert("responses".to_owned(), Value::Object(answers));
        Ok(())
    })
}

fn with_statuses<'a>(
    declared: &'a Map<String, Value>,
    first_digits: &'a str,
) -> impl Iterator<Item = &'a Value> {
    declared
        .iter()
        .filter(move |(status, _)| status.starts_with(|digit| first_digits.contains(digit)))
        .map(|(_, answer)| answer)
}

fn success(declared: &Map<String, Value>) -> Value {
    // `default` beside a success is what the service answers when it fails.
    let mut candidates: Vec<&Value> = with_statuses(declared, "2").collect();
    if candidates.is_empty() {
        candidates.extend(declared.get("default"));
    }
    let may_be_empty = candidates.iter().any(|answer| {
        answer["content"]
            .as_object()
            .is_none_or(serde_json::Map::is_empty)
    });
    let description = candidates
        .iter()
        .find_map(|answer| answer["description"].as_str())
        .unwrap_or("Success");
    let mut schemas: Vec<&Value> = Vec::new();
    let mut other = None;
    for answer in &candidates {
        for (media_type, content) in answer["content"].as_object().into_iter().flatten() {
            let schema = content.get("schema").unwrap_or(&Value::Bool(true));
            if !is_json(media_type) {
                other = other.or(Some(media_type));
            } else if !schemas.contains(&schema) {
                schemas.push(schema);
            }
        }
    }
    let content = match (schemas.as_slice(), other) {
        ([], None) => return json!({ "description": description }),
        ([], Some(media_type)) => json!({ media_type: { "schema": { "type": "string" } } }),
        ([one], _) if !may_be_empty => json!({ "application/json": { "schema": one } }),
        (several, _) => {
            // An empty answer is read as null.
            let null = json!({ "type": "null" });
            let empty = may_be_empty.then_some(&null);
            let several: Vec<&Value> = several.iter().copied().chain(empty).collect();
            json!({ "application/json": { "schema": { "anyOf": several } } })
        }
    };
    json!({ "description": description, "content": content })
}

/// One failure for all statuses, with a body of each form that the document declares for one.
fn failure(declared: &Map<String, Value>) -> Option<Value> {
    let general = declared.get("4XX").or_else(|| declared.get("default"));
    let answers: Vec<&Value> = general
        .into_iter()
        .chain(with_statuses(declared, "45"))
        .collect();
    let first = *answers.first()?;
    let mut schemas: Vec<&Value> = Vec::new();
    for answer in answers {
        for (media_type, content) in answer["content"].as_object().into_iter().flatten() {
            if let Some(schema) = content.get("schema").filter(|_| is_json(media_type))
                && !schemas.contains(&schema)
            {
                schemas.push(schema);
            }
        }
    }
    let schema = match schemas.as_slice() {
        [] => return Some(first.clone()),
        [one] => (*one).clone(),
        several => json!({ "anyOf": several }),
    };
    let description = first["description"].as_str().unwrap_or("Failure");
    Some(
        json!({ "description": description, "content": { "application/json": { "schema": schema } } }),
    )
}

fn is_json(media_type: &str) -> bool {
    BodyKind::of(media_type) == BodyKind::Json
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shaped(responses: &Value) -> Value {
        let root = json!({
            "openapi": "3.1.0", "info": { "title": "t", "version": "1" },
            "paths": { "/a": { "get": { "responses": responses } } },
        });
        let mut document = Document::from_json("test.json", root.to_string().as_bytes()).unwrap();
        one_success_and_one_failure(&mut document).unwrap();
        document.root()["paths"]["/a"]["get"]["responses"].clone()
    }

    #[test]
    fn equal_successes_become_one() {
        let ok = json!({ "description": "Done", "content": { "application/json": { "schema": { "type": "string" } } } });
        let answers = shaped(&json!({ "200": ok, "201": ok, "204": { "description": "Nothing" } }));
        assert_eq!(
            answers["2XX"]["content"]["application/json"]["schema"],
            json!({ "anyOf": [{ "type": "string" }, { "type": "null" }] })
        );
        let answers = shaped(&json!({ "200": ok, "201": ok }));
        assert_eq!(answers, json!({ "2XX": ok }));
    }

    #[test]
    fn default_is_the_failure_where_a_success_is_declared() {
        let ok = json!({ "description": "Done", "content": { "application/json": { "schema": { "type": "string" } } } });
        let error = json!({ "description": "Error", "content": { "application/json": { "schema": { "type": "object" } } } });
        let answers = shaped(&json!({ "200": ok, "default": error }));
        assert_eq!(answers, json!({ "2XX": ok, "4XX": error, "5XX": error }));
        assert_eq!(shaped(&json!({ "default": ok }))["2XX"], ok);
    }

    #[test]
    fn different_successes_become_alternatives() {
        let answers = shaped(&json!({
            "200": { "content": { "application/json": { "schema": { "type": "string" } } } },
            "202": { "content": { "application/problem+json": { "schema": { "type": "integer" } } } },
        }));
        assert_eq!(
            answers["2XX"]["content"]["application/json"]["schema"],
            json!({ "anyOf": [{ "type": "string" }, { "type": "integer" }] })
        );
    }

    #[test]
    fn the_declared_failure_for_all_wins() {
        let answers =
            shaped(&json!({ "422": { "description": "one" }, "4XX": { "description": "all" } }));
        assert_eq!(answers["5XX"]["description"], "all");
        assert!(answers.get("422").is_none());
    }

    #[test]
    fn failures_of_different_forms_become_alternatives() {
        let body = |name: &str| json!({ "content": { "application/json": { "schema": { "title": name } } } });
        let answers = shaped(
            &json!({ "404": body("A"), "409": body("B"), "422": body("A"), "503": { "description": "" } }),
        );
        let schema = &answers["4XX"]["content"]["application/json"]["schema"];
        assert_eq!(
            *schema,
            json!({ "anyOf": [{ "title": "A" }, { "title": "B" }] })
        );
    }

    #[test]
    fn a_missing_answer_is_an_empty_success() {
        assert_eq!(
            shaped(&json!({})),
            json!({ "2XX": { "description": "Success" } })
        );
    }
}
