//! Header parameters that carry a credential become security requirements, so that no generated
//! method takes a credential and the session knows what to attach.

use crate::{Document, Error, operation};
use serde_json::{Map, Value, json};

pub(super) fn headers_to_requirements(document: &mut Document) -> Result<(), Error> {
    let schemes = header_schemes(document.root());
    let mut found_bearer = false;
    operation::for_each_mut(document.root_mut(), |_, _, operation, _| {
        let Some(parameters) = operation
            .get_mut("parameters")
            .and_then(Value::as_array_mut)
        else {
            return Ok(());
        };
        let mut required = Map::new();
        let mut optional: Vec<Value> = Vec::new();
        parameters.retain(|parameter| {
            if parameter["in"] != "header" {
                return true;
            }
            let name = parameter["name"]
                .as_str()
                .unwrap_or_default()
                .to_ascii_lowercase();
            let scheme = match schemes.iter().find(|(header, _)| *header == name) {
                Some((_, scheme)) => scheme.clone(),
                None if name == "authorization" => {
                    found_bearer = true;
                    "bearer".to_owned()
                }
                None => return true,
            };
            if parameter["required"] == true {
                required.insert(scheme, json!([]));
            } else {
                optional.push(json!({ scheme: [] }));
            }
            false
        });
        let found = !required.is_empty() || !optional.is_empty();
        if found && !operation.contains_key("security") {
            let alternatives = if required.is_empty() {
                // Each may be given, or none.
                std::iter::once(json!({})).chain(optional).collect()
            } else {
                vec![Value::Object(required)]
            };
            operation.insert("security".to_owned(), Value::Array(alternatives));
        }
        Ok(())
    })?;
    if found_bearer {
        document.root_mut()["components"]["securitySchemes"]["bearer"] =
            json!({ "type": "http", "scheme": "bearer" });
    }
    Ok(())
}

/// The header, in lower case, that each security scheme puts its credential in.
fn header_schemes(root: &Value) -> Vec<(String, String)> {
    let schemes = root["components"]["securitySchemes"].as_object();
    schemes
        .into_iter()
        .flatten()
        .filter_map(|(name, scheme)| {
            let header = match (scheme["type"].as_str()?, scheme["in"].as_str()) {
                ("apiKey", Some("header")) => scheme["name"].as_str()?.to_ascii_lowercase(),
                ("http", _) if scheme["scheme"].as_str()?.eq_ignore_ascii_case("bearer") => {
                    "authorization".to_owned()
                }
                _ => return None,
            };
            Some((header, name.clone()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn security(parameters: &Value) -> Value {
        let root = json!({
            "openapi": "3.1.0", "info": { "title": "t", "version": "1" },
            "paths": { "/a": { "get": { "parameters": parameters } } },
            "components": { "securitySchemes": { "key": { "type": "apiKey", "in": "header", "name": "X-Key" } } },
        });
        let mut document = Document::from_json("test.json", root.to_string().as_bytes()).unwrap();
        headers_to_requirements(&mut document).unwrap();
        document.root()["paths"]["/a"]["get"]["security"].clone()
    }

    #[test]
    fn a_required_header_is_a_requirement_and_an_optional_one_an_alternative() {
        let header = |name: &str, required: bool| json!({ "name": name, "in": "header", "required": required });
        let bearer = json!({ "bearer": [] });
        assert_eq!(
            security(&json!([header("authorization", true)])),
            json!([bearer])
        );
        assert_eq!(
            security(&json!([header("x-key", true)])),
            json!([{ "key": [] }])
        );
        assert_eq!(
            security(&json!([header("Authorization", false)])),
            json!([{}, bearer])
        );
        assert_eq!(
            security(&json!([
                header("authorization", false),
                header("X-KEY", false)
            ])),
            json!([{}, bearer, { "key": [] }])
        );
        assert_eq!(security(&json!([header("x-other", true)])), Value::Null);
    }
}
