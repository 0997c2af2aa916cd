//! Enumerations of texts become open enums of ours: typify's refuse a value that is new.

use super::{docs, names};
use crate::numbered::numbered;
use crate::{operation, pointer};
use heck::ToPascalCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// An enumeration of the document.
pub(super) struct OpenEnum {
    /// The component that holds it, and stands for it until the type takes its place.
    pub(super) component: String,
    description: String,
    values: Vec<String>,
    /// Whether the field is sent with its only value where the caller gives none.
    pub(super) filled_in: bool,
}

/// Moves every enumeration of texts into a component of its own, and returns them.
pub(super) fn take_out(root: &mut Value) -> Vec<OpenEnum> {
    let mut found = Vec::new();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    if let Some(schemas) = root["components"]["schemas"].as_object() {
        taken.extend(schemas.keys().map(|name| names::pascal(name)));
    }
    let mut added = Map::new();
    let mut filled_in = BTreeSet::new();
    let mut hoist = |schema: &mut Map<String, Value>, context: &str| {
        let base = names::pascal(context);
        let component = numbered(&base, "", |name| taken.insert(names::pascal(name)));
        let values = schema.shift_remove("enum").unwrap_or_default();
        schema.shift_remove("type");
        if schema
            .shift_remove("default")
            .is_some_and(|default| values == json!([default]))
        {
            filled_in.insert(component.clone());
        }
        let reference = format!("#{}", pointer::join("/components/schemas", &component));
        schema.insert("allOf".to_owned(), json!([{ "$ref": reference }]));
        added.insert(component, json!({ "type": "string", "enum": values }));
    };
    if let Some(schemas) = root["components"]["schemas"].as_object_mut() {
        for (name, schema) in schemas.iter_mut() {
            // A component that is an enumeration already is left in its place, unless it may be null.
            let in_place =
                schema["nullable"] != true && schema.as_object().is_some_and(is_enumeration);
            if !in_place {
                visit(schema, name, &mut hoist);
            }
        }
    }
    for operation in operation::iter_mut(root) {
        let id = operation["operationId"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        for parameter in operation
            .get_mut("parameters")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            let context = format!("{id} {}", parameter["name"].as_str().unwrap_or_default());
            visit(&mut parameter["schema"], &context, &mut hoist);
        }
        for part in ["requestBody", "responses"] {
            if let Some(part) = operation.get_mut(part) {
                visit(part, &id, &mut hoist);
            }
        }
    }
    if let Some(schemas) = root["components"]["schemas"].as_object_mut() {
        schemas.extend(added);
        for (name, schema) in schemas.iter() {
            let schema = schema.as_object().filter(|schema| is_enumeration(schema));
            if let Some(schema) = schema {
                let values = schema["enum"].as_array().into_iter().flatten();
                found.push(OpenEnum {
                    component: name.clone(),
                    description: docs::plain(
                        schema
                            .get("description")
                            .and_then(Value::as_str)
                            .unwrap_or_default(),
                    ),
                    values: values
                        .filter_map(|value| value.as_str().map(str::to_owned))
                        .collect(),
                    filled_in: filled_in.contains(name),
                });
            }
        }
    }
    found
}

fn is_enumeration(schema: &Map<String, Value>) -> bool {
    schema.get("type") == Some(&json!("string"))
        && schema
            .get("enum")
            .and_then(Value::as_array)
            .is_some_and(|values| !values.is_empty())
}

/// Calls `hoist` for each enumeration in `node`, with words to name it by.
fn visit(node: &mut Value, context: &str, hoist: &mut impl FnMut(&mut Map<String, Value>, &str)) {
    match node {
        Value::Object(object) => {
            if is_enumeration(object) {
                hoist(object, context);
                return;
            }
            for (keyword, child) in object.iter_mut() {
                if keyword == "properties" {
                    for (name, property) in child.as_object_mut().into_iter().flatten() {
                        visit(property, &format!("{context} {name}"), hoist);
                    }
                } else if keyword == "oneOf" {
                    // The union itself is called after the context.
                    for branch in child.as_array_mut().into_iter().flatten() {
                        let title = branch["title"].as_str().unwrap_or("text");
                        visit(branch, &format!("{context} {title}"), hoist);
                    }
                } else if !matches!(keyword.as_str(), "default" | "enum") {
                    visit(child, context, hoist);
                }
            }
        }
        Value::Array(array) => {
            for child in array {
                visit(child, context, hoist);
            }
        }
        _ => {}
    }
}

impl OpenEnum {
    /// The name of the Rust type.
    pub(super) fn type_name(&self) -> syn::Ident {
        format_ident!("{}", names::pascal(&self.component))
    }

    /// The value, where there is one only.
    pub(super) fn only_value(&self) -> Option<&str> {
        match self.values.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }

    /// The type itself.
    pub(super) fn item(&self) -> TokenStream {
        let name = self.type_name();
        let doc = if self.description.is_empty() {
            let doc = match self.only_value() {
                Some(_) => "A text that is fixed; a service may add others.",
                None => "One of several texts; a service may add to them.",
            };
            doc.to_owned()
        } else {
            self.description.clone()
        };
        let mut taken = BTreeSet::new();
        let variants: Vec<TokenStream> = self
            .values
            .iter()
            .map(|value| {
                let variant = unique(&mut taken, &variant_name(value));
                let doc = if value.is_empty() {
                    "The empty text.".to_owned()
                } else {
                    docs::code(value)
                };
                quote!(#[doc = #doc] #variant = #value)
            })
            .collect();
        let other = unique(&mut taken, "Other");
        quote! {
            ::imperal_runtime::open_enum! {
                #[doc = #doc]
                pub enum #name, #other {
                    #(#variants),*
                }
            }
        }
    }
}

fn variant_name(value: &str) -> String {
    let spelled = value
        .replace('+', " plus ")
        .replace('-', " ")
        .replace('/', " slash ");
    let plain: String = spelled
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' })
        .collect();
    let name = plain.to_pascal_case();
    match name.chars().next() {
        None => "Empty".to_owned(),
        Some(first) if first.is_ascii_digit() || name == "Self" => format!("Value{name}"),
        Some(_) => name,
    }
}

fn unique(taken: &mut BTreeSet<String>, name: &str) -> syn::Ident {
    let name = numbered(name, "", |name| taken.insert(name.to_owned()));
    format_ident!("{name}")
}

#[cfg(test)]
mod tests {
    use super::variant_name;

    #[test]
    fn any_text_has_a_name() {
        for (value, name) in [
            ("red", "Red"),
            ("dark blue", "DarkBlue"),
            ("", "Empty"),
            ("self", "ValueSelf"),
            ("a+b", "APlusB"),
            ("type", "Type"),
            ("3d", "Value3d"),
            ("\u{2603}", "Empty"),
            ("tag", "Tag"),
        ] {
            assert_eq!(variant_name(value), name, "{value}");
        }
    }
}
