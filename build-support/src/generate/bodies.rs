//! Bodies that are no JSON: progenitor is shown JSON in their place, and the types of forms are made
//! into what they are behind it.

use super::{edit, names};
use crate::lower::{forms, nullable};
use crate::numbered::numbered;
use crate::operation::{self, key};
use crate::{BodyKind, pointer};
use quote::{ToTokens, quote};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use syn::{Attribute, Item, ItemStruct, parse_quote};

/// The component that stands for content which is sent as it is.
pub(super) const UPLOAD: &str = "ClientUploadContent";

/// The JSON media type, under which progenitor takes a body.
const JSON: &str = "application/json";

/// Puts JSON in the place of every other body but a form in URL encoding. Returns the components that
/// stand for forms with parts.
pub(super) fn prepare(root: &mut Value) -> BTreeSet<String> {
    let components = root["components"]["schemas"].clone();
    let mut taken: BTreeSet<String> = components
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| names::type_name(name))
        .collect();
    let mut added = Map::new();
    for operation in operation::iter_mut(root) {
        let id = operation["operationId"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let content = operation
            .get("requestBody")
            .and_then(|body| body["content"].as_object());
        let Some((media_type, media)) = content.and_then(|content| content.iter().next()) else {
            continue;
        };
        let schema = match BodyKind::of(media_type) {
            BodyKind::Form => continue,
            BodyKind::Json => media["schema"].clone(),
            BodyKind::Raw => reference(UPLOAD),
            BodyKind::Multipart => {
                let base = names::type_name(&format!("{id} form"));
                let name = numbered(&base, "", |name| taken.insert(name.to_owned()));
                let form = forms::fields(&components, &media["schema"])
                    .cloned()
                    .unwrap_or_default();
                added.insert(name.clone(), with_files(form));
                reference(&name)
            }
        };
        let optional = operation.get(key::OPTIONAL_BODY) == Some(&json!(true));
        let schema = if optional { nullable(schema) } else { schema };
        operation["requestBody"]["content"] = json!({ JSON: { "schema": schema } });
    }
    let forms = added.keys().cloned().collect();
    added.insert(UPLOAD.to_owned(), json!({ "type": "string" }));
    if let Some(schemas) = root["components"]["schemas"].as_object_mut() {
        schemas.extend(added);
    }
    crate::shape::prune::prune(root);
    forms
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#{}", pointer::join("/components/schemas", name)) })
}

/// The form with its files, and with no fields but those that it names.
fn with_files(mut form: Value) -> Value {
    if let Some(form) = form.as_object_mut() {
        form.shift_remove("additionalProperties");
        form.shift_remove("nullable");
    }
    for field in form["properties"]
        .as_object_mut()
        .into_iter()
        .flat_map(Map::values_mut)
    {
        make_file(field);
        if let Some(items) = field.get_mut("items") {
            make_file(items);
        }
    }
    form
}

fn make_file(field: &mut Value) {
    if field["format"] == "binary"
        && let Some(object) = field.as_object_mut()
    {
        object.shift_remove("type");
        object.shift_remove("format");
        object.shift_remove("default");
        object.insert("allOf".to_owned(), json!([reference(UPLOAD)]));
    }
}

/// Makes forms of the types that stand for forms.
pub(super) fn write_forms(file: &mut syn::File, forms: &BTreeSet<String>) -> Result<(), String> {
    let types = edit::module(file, "types").ok_or("there is no module of types")?;
    let mut added = Vec::new();
    for item in types.iter_mut() {
        if let Item::Struct(item) = item
            && forms.contains(&item.ident.to_string())
        {
            added.push(parts(item));
            no_json(item);
        }
    }
    if added.len() != forms.len() {
        return Err(format!(
            "{} types were found for {} forms",
            added.len(),
            forms.len()
        ));
    }
    types.extend(added);
    Ok(())
}

/// How a form is taken apart.
fn parts(item: &ItemStruct) -> Item {
    let name = &item.ident;
    let writes = item.fields.iter().filter_map(|field| {
        let ident = field.ident.as_ref()?;
        let wire = edit::wire_name(field)?;
        let is_file = field
            .ty
            .to_token_stream()
            .to_string()
            .contains(":: imperal_runtime :: Upload");
        Some(if is_file {
            quote!(parts.files(#wire, &self.#ident);)
        } else {
            quote!(parts.field(#wire, &self.#ident);)
        })
    });
    parse_quote! {
        impl ::imperal_runtime::private::Form for #name {
            fn parts(&self) -> ::std::option::Option<::imperal_runtime::private::FormParts> {
                let mut parts = ::imperal_runtime::private::FormParts::default();
                #(#writes)*
                Some(parts)
            }
        }
    }
}

/// A form is never read or written as JSON: a file has no such form.
fn no_json(item: &mut ItemStruct) {
    let is_serde = |attribute: &Attribute| {
        attribute.path().is_ident("serde")
            || (attribute.path().is_ident("cfg_attr")
                && attribute
                    .meta
                    .to_token_stream()
                    .to_string()
                    .contains("JsonSchema"))
    };
    item.attrs.retain(|attribute| !is_serde(attribute));
    for attribute in &mut item.attrs {
        edit::derive_without(attribute, &["Serialize", "Deserialize"]);
    }
    for field in &mut item.fields {
        field.attrs.retain(|attribute| !is_serde(attribute));
    }
}
