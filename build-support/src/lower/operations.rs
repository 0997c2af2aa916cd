//! Operations: what the generator can express is lowered, what it cannot is left out and reported.

use super::{Lowering, forms, parameters, schema};
use crate::operation::{BodyKind, key};
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
    let Some(security) = satisfiable(declared, &lowering.unsupported) else {
        let what = "needs a credential of a kind that no session can send".to_owned();
        lowering.lose(&pointer::join(at, "security"), Rule::Operation, what);
        return None;
    };
    if operation.contains_key("security") || security != *declared {
        lowered.insert("security".to_owned(), security);
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
            if declared["required"] != true {
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
    let mut taken = Vec::new();
    for (index, parameter) in declared.into_iter().flatten().enumerate() {
        let at = format!("{at}/parameters/{index}");
        let place = parameter["in"].as_str().unwrap_or_default();
        let name = parameter["name"].as_str().unwrap_or_default();
        let is_cookie = place == "cookie" || parameter[key::COOKIE] == true;
        if place == "header"
            && !is_cookie
            && IGNORED.iter().any(|own| name.eq_ignore_ascii_case(own))
        {
            continue;
        }
        let required = place == "path" || parameter["required"] == true;
        // Every cookie is in one header; the session puts them there.
        let place = if is_cookie { "header" } else { place };
        let form = parameters::form(&lowering.components, parameter, place);
        let form = form.filter(|_| is_free(place, name, &taken));
        let Some(form) = form else {
            let what = format!(
                "the {} parameter \"{name}\", which has no form here",
                parameter["in"].as_str().unwrap_or_default()
            );
            if required {
                lowering.lose(&at, Rule::Operation, format!("needs {what}"));
                return None;
            }
            lowering.lose(&at, Rule::Keyword, what);
            continue;
        };
        if place == "header" {
            taken.push(name.to_ascii_lowercase());
        }
        if form == parameters::Form::Joined {
            let what = format!("the items of \"{name}\" are one text, which the caller joins");
            lowering.lose(&at, Rule::Keyword, what);
        }
        let joined = json!({ "type": "string" });
        let declared = if form == parameters::Form::Joined {
            &joined
        } else {
            &parameter["schema"]
        };
        let mut schema = schema::lower(lowering, declared, &pointer::join(&at, "schema"));
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
        for (mark, is_set) in [
            (key::COOKIE, is_cookie),
            (key::GREEDY, parameter[key::GREEDY] == true),
        ] {
            if is_set {
                kept[mark] = json!(true);
            }
        }
        lowered.push(kept);
    }
    Some(lowered)
}

/// Headers that a document cannot declare: they say what the body is, and who asks.
const IGNORED: &[&str] = &["accept", "content-type", "authorization"];

/// Whether a header of this name is left: a cookie stands for one until it is sent.
fn is_free(place: &str, name: &str, taken: &[String]) -> bool {
    let name = name.to_ascii_lowercase();
    let reserved = [
        "cookie",
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
    ];
    place != "header"
        || !(taken.contains(&name)
            || IGNORED.contains(&name.as_str())
            || reserved.contains(&name.as_str()))
}

fn body(lowering: &mut Lowering, declared: &Value, at: &str) -> Option<Value> {
    let content = declared["content"].as_object()?;
    // The plainest one that is offered; of several of a kind, the first.
    let plain = |media_type: &String| media_type.as_str() != "application/json";
    let chosen = content
        .iter()
        .min_by_key(|(media_type, _)| (BodyKind::of(media_type), plain(media_type)));
    let (media_type, media) = chosen?;
    for other in content.keys().filter(|other| *other != media_type) {
        lowering.lose(at, Rule::Keyword, format!("the body may be {other} too"));
    }
    let at = format!("{at}/content/{}/schema", pointer::escape(media_type));
    let kind = BodyKind::of(media_type);
    let schema = media.get("schema").unwrap_or(&Value::Bool(true));
    let schema = match kind {
        BodyKind::Raw => json!({ "type": "string", "format": "binary" }),
        BodyKind::Multipart if !forms::has_fields(&lowering.components, schema) => {
            lowering.lose(&at, Rule::Operation, "takes a form that has no fields");
            return None;
        }
        BodyKind::Json | BodyKind::Form | BodyKind::Multipart => {
            schema::lower(lowering, schema, &at)
        }
    };
    // The generator knows no body that may be missing: a pass behind it does.
    let schema = match (declared["required"] == true, kind) {
        (true, _) | (false, BodyKind::Raw) => schema,
        (false, _) => nullable(schema),
    };
    let mut lowered = json!({ "required": true, "content": { media_type: { "schema": schema } } });
    if let Some(description) = declared.get("description") {
        lowered["description"] = description.clone();
    }
    Some(lowered)
}

/// A schema that allows null beside what it allowed.
pub(crate) fn nullable(mut schema: Value) -> Value {
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

/// Schemes for which no session can put a credential anywhere.
pub(super) fn unsupported_schemes(root: &Value) -> Vec<String> {
    let schemes = root["components"]["securitySchemes"].as_object();
    let unsupported = schemes
        .into_iter()
        .flatten()
        .filter(|(_, scheme)| !is_supported(scheme));
    unsupported.map(|(name, _)| name.clone()).collect()
}

pub(super) fn is_supported(scheme: &Value) -> bool {
    match scheme["type"].as_str() {
        Some("apiKey") => matches!(scheme["in"].as_str(), Some("header" | "query" | "cookie")),
        Some("http") => scheme["scheme"].as_str().is_some_and(|name| {
            ["bearer", "basic"]
                .iter()
                .any(|known| name.eq_ignore_ascii_case(known))
        }),
        Some("oauth2" | "openIdConnect") => true,
        _ => false,
    }
}

/// The alternatives whose schemes are all supported; none if there were some and none is left.
pub(super) fn satisfiable(security: &Value, unsupported: &[String]) -> Option<Value> {
    let alternatives = security.as_array().map_or(&[][..], Vec::as_slice);
    let supported = |alternative: &&Value| {
        let names = alternative.as_object().into_iter().flatten();
        names
            .into_iter()
            .all(|(name, _)| !unsupported.contains(name))
    };
    let left: Vec<&Value> = alternatives.iter().filter(supported).collect();
    (!left.is_empty() || alternatives.is_empty()).then(|| json!(left))
}
