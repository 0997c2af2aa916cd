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
        parameters.retain(|parameter| {
            if parameter["in"] != "header" {
                return true;
            }
            let name = parameter["name"]
                .as_str()
                .unwrap_or_default()
                .to_ascii_lowercase();
            let scheme = schemes.iter().find(|(header, _)| *header == name);
            match scheme {
                Some((_, scheme)) => required.insert(scheme.clone(), json!([])),
                None if name == "authorization" => {
                    found_bearer = true;
                    required.insert("bearer".to_owned(), json!([]))
                }
                None => return true,
            };
            false
        });
        if !required.is_empty() && !operation.contains_key("security") {
            operation.insert("security".to_owned(), json!([required]));
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
