//! Operations: what the generator can express is lowered, what it cannot is left out and reported.

use super::{Lowering, schema};
use crate::operation::key;
use crate::{Rule, pointer};
use serde_json::{Map, Value, json};

pub(super) fn lower(
    lowering: &mut Lowering,
    operation: &Map<String, Value>,
    at: &str,
) -> Option<Map<String, Value>> {
    let mut lowered = Map::new();
    for keep in [
        "tags",
        "summary",
        "description",
        "operationId",
        "deprecated",
        "security",
        key::FUNCTION,
        key::OPTIONAL_BODY,
        key::FIXED_QUERY,
        key::IDEMPOTENT,
        key::PAGINATION,
    ] {
        if let Some(value) = operation.get(keep) {
            lowered.insert(keep.to_owned(), value.clone());
        }
    }
    let declared = operation.get("security").unwrap_or(&lowering.security);
    if !can_be_satisfied(declared, &lowering.unsupported) {
        let what = "needs a credential of a kind that no session can send".to_owned();
        lowering.lose(&pointer::join(at, "security"), Rule::Operation, what);
        return None;
    }
    let parameters = parameters(lowering, operation, at)?;
    if !parameters.is_empty() {
        lowered.insert("parameters".to_owned(), Value::Array(parameters));
    }
    if let Some(declared) = operation.get("requestBody") {
        let has_content = declared["content"]
            .as_object()
            .is_some_and(|content| !content.is_empty());
        if has_content {
            let body = body(lowering, declared, &pointer::join(at, "requestBody"))?;
            lowered.insert("requestBody".to_owned(), body);
            let is_json = declared["content"].get("application/json").is_some();
            if declared["required"] != true && is_json {
                lowered.insert(key::OPTIONAL_BODY.to_owned(), json!(true));
            }
        }
    }
    let declared = operation.get("responses").unwrap_or(&Value::Null);
    let answers = answers(lowering, declared, &pointer::join(at, "responses"));
    lowered.insert("responses".to_owned(), Value::Object(answers));
    Some(lowered)
}

fn parameters(
    lowering: &mut Lowering,
    operation: &Map<String, Value>,
    at: &str,
) -> Option<Vec<Value>> {
    let declared = operation.get("parameters").and_then(Value::as_array);
    let mut lowered = Vec::new();
    for (index, parameter) in declared.into_iter().flatten().enumerate() {
        let at = format!("{at}/parameters/{index}");
        let place = parameter["in"].as_str().unwrap_or_default();
        let name = parameter["name"].as_str().unwrap_or_default();
        if place == "header"
            && ["accept", "content-type", "authorization"]
                .iter()
                .any(|own| name.eq_ignore_ascii_case(own))
        {
            continue;
        }
        let required = place == "path" || parameter["required"] == true;
        if !matches!(place, "path" | "query" | "header") || parameter.get("schema").is_none() {
            if required {
                lowering.lose(
                    &at,
                    Rule::Operation,
                    format!("needs the {place} parameter \"{name}\", which has no form here"),
                );
                return None;
            }
            lowering.lose(
                &at,
                Rule::Keyword,
                format!("the {place} parameter \"{name}\""),
            );
            continue;
        }
        let mut schema = schema::lower(
            lowering,
            &parameter["schema"],
            &pointer::join(&at, "schema"),
        );
        // A header or a part of a path is there or is not: neither can be null.
        if place != "query"
            && let Some(schema) = schema.as_object_mut()
        {
            schema.shift_remove("nullable");
        }
        let mut kept = json!({ "name": name, "in": place, "required": required, "schema": schema });
        if let Some(description) = parameter.get("description") {
            kept["description"] = description.clone();
        }
        lowered.push(kept);
    }
    Some(lowered)
}

fn body(lowering: &mut Lowering, declared: &Value, at: &str) -> Option<Value> {
    let content = declared["content"].as_object()?;
    let chosen = ["application/json", "application/x-www-form-urlencoded"]
        .iter()
        .find_map(|media_type| Some((*media_type, content.get(*media_type)?)));
    let Some((media_type, media)) = chosen else {
        let offered = content.keys().cloned().collect::<Vec<_>>().join(", ");
        lowering.lose(at, Rule::Operation, format!("takes a body of {offered}"));
        return None;
    };
    for other in content.keys().filter(|other| *other != media_type) {
        lowering.lose(at, Rule::Keyword, format!("the body may be {other} too"));
    }
    let at = format!("{at}/content/{}/schema", pointer::escape(media_type));
    let schema = schema::lower(
        lowering,
        media.get("schema").unwrap_or(&Value::Bool(true)),
        &at,
    );
    // The generator knows no body that may be missing: the pass behind it does, for JSON.
    let schema = match (declared["required"] == true, media_type) {
        (true, _) => schema,
        (false, "application/json") => nullable(schema),
        (false, _) => {
            lowering.lose(&at, Rule::Keyword, "a form that may be left out");
            schema
        }
    };
    let mut lowered = json!({ "required": true, "content": { media_type: { "schema": schema } } });
    if let Some(description) = declared.get("description") {
        lowered["description"] = description.clone();
    }
    Some(lowered)
}

/// A schema that allows null beside what it allowed.
fn nullable(mut schema: Value) -> Value {
    match schema.as_object_mut() {
        Some(object) if object.contains_key("$ref") => {
            json!({ "nullable": true, "allOf": [schema] })
        }
        Some(object) => {
            object.insert("nullable".to_owned(), json!(true));
            schema
        }
        None => schema,
    }
}

fn answers(lowering: &mut Lowering, declared: &Value, at: &str) -> Map<String, Value> {
    let mut lowered = Map::new();
    for (status, answer) in declared.as_object().into_iter().flatten() {
        let at = pointer::join(at, status);
        let mut kept =
            json!({ "description": answer["description"].as_str().unwrap_or("An answer") });
        let mut content = Map::new();
        for (media_type, media) in answer["content"].as_object().into_iter().flatten() {
            let at = format!("{at}/content/{}/schema", pointer::escape(media_type));
            let schema = schema::lower(
                lowering,
                media.get("schema").unwrap_or(&Value::Bool(true)),
                &at,
            );
            content.insert(media_type.clone(), json!({ "schema": schema }));
        }
        if !content.is_empty() {
            kept["content"] = Value::Object(content);
        }
        lowered.insert(status.clone(), kept);
    }
    lowered
}

/// Schemes that put a credential where no session does.
pub(super) fn unsupported_schemes(root: &Value) -> Vec<String> {
    let schemes = root["components"]["securitySchemes"].as_object();
    let supported = |scheme: &Value| match scheme["type"].as_str() {
        Some("apiKey") => matches!(scheme["in"].as_str(), Some("header" | "query")),
        Some("http") => scheme["scheme"]
            .as_str()
            .is_some_and(|name| name.eq_ignore_ascii_case("bearer")),
        Some("oauth2" | "openIdConnect") => true,
        _ => false,
    };
    let unsupported = schemes
        .into_iter()
        .flatten()
        .filter(|(_, scheme)| !supported(scheme));
    unsupported.map(|(name, _)| name.clone()).collect()
}

/// Whether there is an alternative whose schemes are all supported.
fn can_be_satisfied(security: &Value, unsupported: &[String]) -> bool {
    let alternatives = security.as_array().map_or(&[][..], Vec::as_slice);
    let supported = |alternative: &Value| {
        let names = alternative.as_object().into_iter().flatten();
        names
            .into_iter()
            .all(|(name, _)| !unsupported.contains(name))
    };
    alternatives.is_empty() || alternatives.iter().any(supported)
}
