//! Which parameters have a form on the wire that the generator can write.

use crate::pointer;
use serde_json::Value;

/// How a parameter is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As its type says: a list once for each item.
    Plain,
    /// As one text of all items.
    Joined,
}

/// How deep a schema is looked into.
const DEPTH: usize = 16;

/// The form of a parameter that is sent in `place`; none if it has none.
pub(super) fn form(components: &Value, parameter: &Value, place: &str) -> Option<Form> {
    let schema = parameter.get("schema")?;
    let name = parameter["name"].as_str()?;
    if holds(components, schema, "object", DEPTH) {
        return None;
    }
    let is_list = holds(components, schema, "array", DEPTH);
    match place {
        "path" if is_list => None,
        "path" => Some(Form::Plain),
        "header" if is_token(name) => Some(Form::Plain),
        "query" => {
            let style = parameter["style"].as_str().unwrap_or("form");
            let joined = style != "form" || parameter["explode"] == false;
            Some(if is_list && joined {
                Form::Joined
            } else {
                Form::Plain
            })
        }
        _ => None,
    }
}

/// Whether a value can be of the type `wanted`.
fn holds(components: &Value, schema: &Value, wanted: &str, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return false;
    };
    let target = schema["$ref"]
        .as_str()
        .and_then(pointer::component_name)
        .map(|name| &components[name.as_str()]);
    let parts = ["anyOf", "oneOf", "allOf"]
        .into_iter()
        .filter_map(|keyword| schema[keyword].as_array())
        .flatten();
    let own = match &schema["type"] {
        Value::String(name) => name == wanted,
        Value::Array(names) => names.iter().any(|name| name == wanted),
        _ => wanted == "object" && schema.get("properties").is_some(),
    };
    own || target
        .into_iter()
        .chain(parts)
        .any(|inner| holds(components, inner, wanted, depth))
}

/// Whether a text can be the name of a header (RFC 9110).
fn is_token(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !name.is_empty() && name.chars().all(allowed)
}
