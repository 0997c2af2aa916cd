//! Names of a document that come to one Rust name: they are changed before the generator sees them,
//! and what it writes on the wire is changed back behind it.

use super::{edit, names};
use crate::numbered::numbered;
use crate::{AnswerKind, operation};
use proc_macro2::{Group, Ident, Literal, TokenStream, TokenTree};
use quote::ToTokens;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use syn::visit_mut::VisitMut;
use syn::{Item, ItemMod};

/// What stands before this character is no part of the name on the wire.
const PREFIX: char = '\u{e000}';

/// What stands behind this one neither.
const SUFFIX: char = '\u{e001}';

/// Methods that every builder has: an argument cannot be called so too.
const TAKEN: &[&str] = &[
    "new",
    "send",
    "pages",
    "items",
    "paginate",
    "body_map",
    "client",
    "build_request",
    "payload",
];

/// Makes the names of fields and parameters distinct in the whole document.
pub(super) fn separate(root: &mut Value) {
    separate_fields(root);
    let Some(paths) = root["paths"].as_object_mut() else {
        return;
    };
    let mut moved = Map::new();
    for (path, item) in std::mem::take(paths) {
        for method in operation::METHODS {
            let Some(operation) = item.get(*method) else {
                continue;
            };
            let mut operation = operation.clone();
            let path = separate_parameters(&mut operation, &path);
            moved.entry(path).or_insert_with(|| json!({}))[*method] = operation;
        }
    }
    *paths = moved;
}

/// Gives a number to each property whose Rust name another one has already.
fn separate_fields(node: &mut Value) {
    match node {
        Value::Object(object) => {
            // Fields that have no name of their own are kept in one that has this.
            let rest = object
                .get("additionalProperties")
                .is_some_and(|rest| *rest != json!(false));
            let taken = rest.then(|| "extra".to_owned());
            for (keyword, child) in object.iter_mut() {
                if keyword == "properties"
                    && let Some(properties) = child.as_object_mut()
                {
                    properties.values_mut().for_each(separate_fields);
                    renamed_fields(properties, taken.iter().cloned().collect());
                } else {
                    separate_fields(child);
                }
            }
            require_renamed(object);
        }
        Value::Array(array) => array.iter_mut().for_each(separate_fields),
        _ => {}
    }
}

fn renamed_fields(properties: &mut Map<String, Value>, mut taken: BTreeSet<String>) {
    for (name, property) in std::mem::take(properties) {
        let mark = SUFFIX.to_string();
        let candidate = numbered(&name, &mark, |name| taken.insert(names::field(name)));
        properties.insert(candidate, property);
    }
}

/// What is required is required under its new name.
fn require_renamed(object: &mut Map<String, Value>) {
    let renamed: BTreeMap<String, String> = object
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(name, _)| (wire(name).to_owned(), name.clone()))
        .collect();
    for name in object
        .get_mut("required")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        if let Some(renamed) = name.as_str().and_then(|name| renamed.get(name)) {
            *name = json!(renamed);
        }
    }
}

/// Puts the place before the name of each parameter whose Rust name is taken, and returns the path
/// with the names of its parameters.
fn separate_parameters(operation: &mut Value, path: &str) -> String {
    let mut path = path.to_owned();
    let mut taken: BTreeSet<String> = TAKEN.iter().map(|name| (*name).to_owned()).collect();
    if operation.get("requestBody").is_some() {
        taken.insert("body".to_owned());
    }
    if operation.as_object().map(operation::answer_kind) == Some(AnswerKind::Events) {
        taken.insert("events".to_owned());
    }
    let parameters = operation
        .get_mut("parameters")
        .and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap_or_default().to_owned();
        let place = parameter["in"].as_str().unwrap_or_default();
        let mut candidate = name.clone();
        let mut prefix = place.to_owned();
        while !taken.insert(names::field(&candidate)) {
            candidate = format!("{prefix}{PREFIX}{name}");
            prefix.push_str(" parameter");
        }
        if place == "path" {
            path = path.replace(&format!("{{{name}}}"), &format!("{{{candidate}}}"));
        }
        parameter["name"] = json!(candidate);
    }
    path
}

/// The name on the wire.
fn wire(name: &str) -> &str {
    let name = name.rsplit(PREFIX).next().unwrap_or(name);
    name.split(SUFFIX).next().unwrap_or(name)
}

/// Changes the names back in all texts of the generated code.
pub(super) fn restore(file: &mut syn::File) {
    struct Restore;
    impl VisitMut for Restore {
        fn visit_lit_str_mut(&mut self, literal: &mut syn::LitStr) {
            let text = literal.value();
            if text.contains([PREFIX, SUFFIX]) {
                *literal = syn::LitStr::new(wire(&text), literal.span());
            }
        }

        /// Attributes are no more than tokens yet.
        fn visit_attribute_mut(&mut self, attribute: &mut syn::Attribute) {
            if let syn::Meta::List(list) = &mut attribute.meta {
                list.tokens = restored(std::mem::take(&mut list.tokens));
            }
            syn::visit_mut::visit_attribute_mut(self, attribute);
        }

        fn visit_macro_mut(&mut self, call: &mut syn::Macro) {
            call.tokens = restored(std::mem::take(&mut call.tokens));
        }
    }
    Restore.visit_file_mut(file);
}

/// Where the document has a field `extra` and allows others, the others move, not the field: its name is
/// the caller's, theirs is the generator's.
pub(super) fn give_back_extra(file: &mut syn::File) {
    let Some(types) = edit::module(file, "types") else {
        return;
    };
    let clashing: BTreeSet<String> = types
        .iter()
        .filter_map(|item| match item {
            Item::Struct(item) => {
                let has = |name: &str| {
                    item.fields
                        .iter()
                        .any(|field| field.ident.as_ref().is_some_and(|own| own == name))
                };
                (has("extra") && has("extra_2")).then(|| item.ident.to_string())
            }
            _ => None,
        })
        .collect();
    if clashing.is_empty() {
        return;
    }
    swap_extra(types, &clashing);
}

fn swap_extra(items: &mut [Item], clashing: &BTreeSet<String>) {
    for item in items {
        let name = match item {
            Item::Struct(item) => Some(item.ident.to_string()),
            Item::Impl(item) => edit::last_segment(&item.self_ty).map(ToString::to_string),
            Item::Mod(ItemMod {
                content: Some((_, items)),
                ..
            }) => {
                swap_extra(items, clashing);
                None
            }
            _ => None,
        };
        if name.is_some_and(|name| clashing.contains(&name))
            && let Ok(renamed) = syn::parse2(swapped(item.to_token_stream()))
        {
            *item = renamed;
        }
    }
}

fn swapped(tokens: TokenStream) -> TokenStream {
    mapped(tokens, &|token| match token {
        TokenTree::Ident(ident) if ident == "extra" => {
            Ident::new("extra_fields", ident.span()).into()
        }
        TokenTree::Ident(ident) if ident == "extra_2" => Ident::new("extra", ident.span()).into(),
        other => other,
    })
}

fn restored(tokens: TokenStream) -> TokenStream {
    mapped(tokens, &|token| match token {
        // The generator may have written the characters as they are, or escaped them.
        TokenTree::Literal(literal) if literal.to_string().contains([PREFIX, SUFFIX, '\\']) => {
            match syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                Ok(text) => Literal::string(wire(&text.value())).into(),
                Err(_) => literal.into(),
            }
        }
        other => other,
    })
}

/// Changes every token, also those inside of groups.
fn mapped(tokens: TokenStream, change: &impl Fn(TokenTree) -> TokenTree) -> TokenStream {
    let map = |token| match token {
        TokenTree::Group(group) => {
            Group::new(group.delimiter(), mapped(group.stream(), change)).into()
        }
        other => change(other),
    };
    tokens.into_iter().map(map).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_with_one_rust_name_get_numbers_and_keep_their_names_on_the_wire() {
        let mut root = json!({
            "paths": {},
            "components": { "schemas": { "A": {
                "properties": { "a_b": {}, "a-b": {}, "c": {} }, "required": ["a-b", "c"],
            } } },
        });
        separate(&mut root);
        let names: Vec<&str> = root["components"]["schemas"]["A"]["properties"]
            .as_object()
            .unwrap()
            .keys()
            .map(|name| wire(name))
            .collect();
        assert_eq!(names, ["a_b", "a-b", "c"]);
        let required = &root["components"]["schemas"]["A"]["required"];
        assert_eq!(names::field(required[0].as_str().unwrap()), "a_b_2");
    }

    #[test]
    fn a_parameter_named_like_the_body_gets_its_place_before_its_name() {
        let mut root = json!({
            "paths": { "/a/{body}": { "put": { "requestBody": {}, "parameters": [{ "name": "body", "in": "path" }] } } },
            "components": { "schemas": {} },
        });
        separate(&mut root);
        let (path, item) = root["paths"].as_object().unwrap().iter().next().unwrap();
        let name = item["put"]["parameters"][0]["name"].as_str().unwrap();
        assert_eq!(names::field(name), "path_body");
        assert_eq!(*path, format!("/a/{{{name}}}"));
    }
}
