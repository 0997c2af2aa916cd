//! What the methods of builders say of the argument that they set.

use super::callables::{Argument, ArgumentPlace, Callable};
use super::{docs, edit};
use crate::Operation;
use crate::operation::key;
use heck::ToPascalCase;
use serde_json::Value;
use std::collections::BTreeMap;
use syn::{ImplItem, ImplItemFn, Item, parse_quote};

/// Writes the documentation of every setter.
pub(super) fn describe(
    file: &mut syn::File,
    root: &Value,
    callables: &[Callable],
) -> Result<(), String> {
    let mut texts: BTreeMap<(String, String), String> = BTreeMap::new();
    for callable in callables {
        let builder = callable.operation.id.to_pascal_case();
        for argument in &callable.arguments {
            let text = text(root, &callable.operation, argument);
            texts.insert((builder.clone(), argument.setter.to_string()), text);
        }
    }
    let builders = edit::module(file, "builder").ok_or("there is no module of builders")?;
    for item in builders {
        if let Item::Impl(item) = item
            && item.trait_.is_none()
            && let Some(builder) = edit::last_segment(&item.self_ty).map(ToString::to_string)
        {
            for function in &mut item.items {
                let ImplItem::Fn(function) = function else {
                    continue;
                };
                let name = function.sig.ident.to_string();
                if let Some(text) = texts.remove(&(builder.clone(), name.clone())) {
                    document(function, &text);
                } else if name == "new" {
                    document(function, "A call of which no argument is set.");
                } else if name == "body_map" {
                    document(function, "Changes what is set of the body so far.");
                }
            }
        }
    }
    match texts.keys().next() {
        None => Ok(()),
        Some((builder, setter)) => Err(format!("the builder {builder} has no setter {setter}")),
    }
}

fn document(function: &mut ImplItemFn, text: &str) {
    let is_other = |attribute: &syn::Attribute| !attribute.path().is_ident("doc");
    function.attrs.retain(is_other);
    function.attrs.insert(0, parse_quote!(#[doc = #text]));
}

/// What the document says of an argument, and where it goes.
fn text(root: &Value, operation: &Operation, argument: &Argument) -> String {
    let described = &root["paths"][operation.path.as_str()][operation.method.as_str()];
    let name = docs::code(&argument.name);
    let (what, described) = match argument.place {
        ArgumentPlace::Body => ("The body".to_owned(), &described["requestBody"]),
        ArgumentPlace::Path => (format!("The parameter {name} in the path"), described),
        ArgumentPlace::Query => (format!("The query parameter {name}"), described),
        ArgumentPlace::Header => (format!("The header {name}"), described),
        ArgumentPlace::Cookie => (format!("The cookie {name}"), described),
    };
    let parameters = described["parameters"].as_array();
    let described = parameters
        .into_iter()
        .flatten()
        .find(|parameter| parameter["name"] == argument.name.as_str())
        .unwrap_or(described);
    let schema = &described["schema"];
    let mut parts = vec![what];
    parts.extend(bounds(&schema[key::CONSTRAINTS]));
    let absent = match default(&schema["default"]) {
        _ if argument.required => " It has to be given.".to_owned(),
        Some(default) => format!(" The service takes {default} where it is not given."),
        None => String::new(),
    };
    let last = format!("{}.{absent}", parts.join(", "));
    let description = described["description"].as_str().unwrap_or_default();
    match docs::plain(description) {
        text if text.is_empty() => last,
        text => format!("{text}\n\n{last}"),
    }
}

/// A default that says something.
fn default(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Array(_) | Value::Object(_) => None,
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(docs::code(text)),
        other => Some(docs::code(&other.to_string())),
    }
}

/// The bounds on a value, in words.
fn bounds(constraints: &Value) -> impl Iterator<Item = String> {
    let range = |least: &str, most: &str, of: &str| {
        let number = |keyword: &str| constraints.get(keyword).filter(|value| value.is_number());
        match (number(least), number(most)) {
            (Some(least), Some(most)) => Some(format!("from {least} to {most}{of}")),
            (Some(least), None) => Some(format!("at least {least}{of}")),
            (None, Some(most)) => Some(format!("at most {most}{of}")),
            (None, None) => None,
        }
    };
    let exclusive = |keyword: &str, words: &str| {
        let bound = constraints.get(keyword).filter(|value| value.is_number());
        bound.map(|bound| format!("{words} {bound}"))
    };
    let pattern = constraints["pattern"].as_str();
    [
        range("minimum", "maximum", ""),
        exclusive("exclusiveMinimum", "above"),
        exclusive("exclusiveMaximum", "below"),
        range("minLength", "maxLength", " characters"),
        range("minItems", "maxItems", " items"),
        pattern.map(|pattern| format!("of the pattern {}", docs::code(pattern))),
    ]
    .into_iter()
    .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn bounds_are_told_in_words() {
        let told = |constraints: Value| bounds(&constraints).collect::<Vec<_>>().join("; ");
        assert_eq!(told(json!({ "minimum": 1, "maximum": 50 })), "from 1 to 50");
        assert_eq!(told(json!({ "maxLength": 5 })), "at most 5 characters");
        assert_eq!(
            told(json!({ "exclusiveMinimum": 0, "minItems": 2, "pattern": "^`a$" })),
            "above 0; at least 2 items; of the pattern `^a$`"
        );
        assert_eq!(told(Value::Null), "");
    }

    #[test]
    fn defaults_that_say_nothing_are_not_told() {
        assert_eq!(default(&json!(20)).as_deref(), Some("`20`"));
        assert_eq!(default(&json!("name")).as_deref(), Some("`name`"));
        for nothing in [json!(null), json!(""), json!([]), json!({})] {
            assert_eq!(default(&nothing), None);
        }
    }
}
