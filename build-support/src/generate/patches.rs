//! Fields of the body of a PATCH that may be null: leaving one out and clearing it are different
//! things, which an `Option` cannot say. So it is with a field that may be null and has a default.

use super::{edit, names};
use crate::operation::key;
use crate::{operation, pointer};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use syn::visit_mut::VisitMut;
use syn::{Attribute, FnArg, Item, Type, parse_quote};

/// The fields of partial updates, by component.
pub(super) type Patches = BTreeMap<String, BTreeSet<String>>;

/// The fields of components that have three states, by their names in the document: those that may be
/// null and may be left out of what is sent with a PATCH, and those that may be
/// null and mean something else when they are left out.
pub(super) fn find(root: &Value) -> Patches {
    let schemas = &root["components"]["schemas"];
    let mut sent = BTreeSet::new();
    for (_, method, operation) in operation::iter(root) {
        if method == "patch" {
            let content = operation
                .get("requestBody")
                .map(|body| &body["content"]["application/json"]);
            let schema = content.map(|media| &media["schema"]);
            // A body that may be missing is a reference in a wrapping.
            let reference = schema.and_then(|schema| {
                schema["$ref"]
                    .as_str()
                    .or(schema["allOf"][0]["$ref"].as_str())
            });
            let name = reference.and_then(pointer::component_name);
            sent.extend(name);
        }
    }
    let mut found = BTreeMap::new();
    for (name, schema) in schemas.as_object().into_iter().flatten() {
        let is_update = sent.contains(name);
        let required = schema["required"].as_array();
        let is_required =
            |field: &String| required.is_some_and(|names| names.iter().any(|name| name == field));
        let properties = schema["properties"].as_object().into_iter().flatten();
        let updated = properties
            .filter(|(field, property)| {
                is_update && property["nullable"] == true && !is_required(field)
            })
            .map(|(field, _)| field.clone());
        let with_default = schema[key::THREE_STATES].as_array().into_iter().flatten();
        let with_default = with_default.filter_map(|field| field.as_str().map(str::to_owned));
        let fields: BTreeSet<String> = updated.chain(with_default).collect();
        if !fields.is_empty() {
            found.insert(name.clone(), fields);
        }
    }
    found
}

/// Gives those fields their type, in the structs and in their builders.
pub(super) fn apply(file: &mut syn::File, found: &Patches) -> Result<(), String> {
    let Some(types) = edit::module(file, "types") else {
        return Ok(());
    };
    for (component, fields) in found {
        let name = names::pascal(component);
        let mut edits = edit_items(types, &name, fields);
        if let Some(builders) = edit::module_in(types, "builder") {
            edits += edit_items(builders, &name, fields);
        }
        // The struct, its builder, and the builder's method, for each field.
        if edits != fields.len() * 3 {
            return Err(format!(
                "{edits} edits were made for the {} fields of {name}",
                fields.len()
            ));
        }
    }
    Ok(())
}

fn edit_items(items: &mut [Item], name: &str, fields: &BTreeSet<String>) -> usize {
    let mut edits = 0;
    for item in items {
        match item {
            Item::Struct(item) if item.ident == name => {
                for field in &mut item.fields {
                    // The fields of a builder have their Rust names only.
                    let ident = field.ident.as_ref().map(ToString::to_string);
                    let wire = edit::wire_name(field);
                    if wire.is_some_and(|name| fields.contains(&name))
                        || ident.is_some_and(|ident| is_called(fields, &ident))
                    {
                        ToPatch.visit_type_mut(&mut field.ty);
                        field.attrs.iter_mut().for_each(skip_absent);
                        edits += 1;
                    }
                }
            }
            Item::Impl(item)
                if item.trait_.is_none()
                    && edit::last_segment(&item.self_ty).is_some_and(|own| own == name) =>
            {
                for function in &mut item.items {
                    if let syn::ImplItem::Fn(function) = function
                        && function
                            .sig
                            .inputs
                            .iter()
                            .any(|input| matches!(input, FnArg::Receiver(_)))
                        && is_called(fields, &function.sig.ident.to_string())
                    {
                        ToPatch.visit_generics_mut(&mut function.sig.generics);
                        edits += 1;
                    }
                }
            }
            _ => {}
        }
    }
    edits
}

/// Whether a Rust name is that of one of those fields of the document, as typify names them.
fn is_called(fields: &BTreeSet<String>, ident: &str) -> bool {
    fields
        .iter()
        .any(|field| names::ident(&names::field(field)) == ident)
}

fn skip_absent(attribute: &mut Attribute) {
    if attribute.path().is_ident("serde") {
        let rename = edit::renamed_from(attribute);
        let rename = rename.map(|name| quote::quote!(rename = #name,));
        *attribute = parse_quote!(#[serde(#rename default, skip_serializing_if = "::imperal_runtime::Patch::is_absent")]);
    }
}

/// Turns `Option<T>` into `Patch<T>`, the outermost one only.
struct ToPatch;

impl VisitMut for ToPatch {
    fn visit_type_mut(&mut self, kind: &mut Type) {
        if edit::last_segment(kind).is_some_and(|name| name == "Option")
            && let Some(inner) = edit::type_argument(kind)
        {
            *kind = parse_quote!(::imperal_runtime::Patch<#inner>);
        } else {
            syn::visit_mut::visit_type_mut(self, kind);
        }
    }
}
