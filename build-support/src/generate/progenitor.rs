//! Runs progenitor, which panics on much that it cannot do.

use super::enums::{self, OpenEnum};
use super::patches::{self, Patches};
use crate::numbered::numbered;
use crate::operation::{self, key};
use crate::{Document, Error, Loss, Rule, pointer};
use proc_macro2::TokenStream;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TypeImpl};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The component that stands for every secret text; it is replaced by a type of the runtime.
const SECRET: &str = "ClientSecretText";

/// What progenitor wrote.
pub(super) struct Written {
    pub(super) tokens: TokenStream,
    /// Operations that could not be generated.
    pub(super) losses: Vec<Loss>,
    pub(super) prepared: Prepared,
}

/// What was done to the document so that progenitor reads it, for the passes that put it right.
pub(super) struct Prepared {
    root: Value,
    /// Types that are ours to write.
    pub(super) enums: Vec<OpenEnum>,
    /// Fields with three states, by component.
    pub(super) patches: Patches,
    /// The Rust name of each component of the document that has a type.
    pub(super) components: BTreeMap<String, String>,
    /// The types that are sent as forms with parts.
    pub(super) forms: BTreeSet<String>,
}

/// The path of a type of ours, until the module that it stands in is known.
pub(super) const OWN_TYPES: &str = "client_types";

/// Runs it on the whole document, or on those of its operations that can be generated.
pub(super) fn generate(document: &Document) -> Result<Written, Error> {
    let mut prepared = prepare(document.root());
    let settings = settings(&prepared.enums);
    let attempt = |root: &Value| attempt(root, &settings);
    let mut losses = Vec::new();
    let tokens = match attempt(&prepared.root) {
        Ok(tokens) => tokens,
        Err(whole) => {
            // Something in it cannot be generated: find out which operations, and go on without them.
            let root = prepared.root.clone();
            losses = leave_out(&mut prepared.root, |path, method| {
                attempt(&only(&root, path, method)).err()
            });
            crate::shape::prune::prune(&mut prepared.root);
            attempt(&prepared.root).map_err(|_| {
                let remedy = "replace the schema it names in the overlay";
                document.error(
                    "/components/schemas",
                    format!("cannot be generated: {whole}"),
                    remedy,
                )
            })?
        }
    };
    let left = prepared.root["components"]["schemas"].clone();
    prepared
        .components
        .retain(|_, type_name| left.get(type_name.as_str()).is_some());
    // A form whose operation was left out has no type.
    prepared
        .forms
        .retain(|name| left.get(name.as_str()).is_some());
    prepared.patches = patches::find(&prepared.root);
    Ok(Written {
        tokens,
        losses,
        prepared,
    })
}

/// Takes away the operations that `problem` finds something wrong with.
fn leave_out(root: &mut Value, problem: impl Fn(&str, &str) -> Option<String>) -> Vec<Loss> {
    let mut losses = Vec::new();
    let mut removed = Vec::new();
    for (path, method, operation) in operation::iter(root) {
        if let Some(problem) = problem(path, method) {
            let at = pointer::join(&pointer::join("/paths", path), method);
            removed.push((path.to_owned(), method));
            losses.push(Loss {
                pointer: format!("{at} ({problem})"),
                rule: Rule::Operation,
                what: operation["operationId"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned(),
            });
        }
    }
    for (path, method) in removed {
        if let Some(item) = root["paths"][path.as_str()].as_object_mut() {
            item.shift_remove(method);
        }
    }
    losses
}

/// What the generator must not see: failures, which the session handles whole, and text that would
/// be run as a documentation test.
fn prepare(root: &Value) -> Prepared {
    let mut prepared = root.clone();
    let names: Vec<String> = root["components"]["schemas"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.clone())
        .collect();
    let mut has_secrets = false;
    replace_secrets(&mut prepared["paths"], &mut has_secrets);
    replace_secrets(&mut prepared["components"]["schemas"], &mut has_secrets);
    if has_secrets {
        prepared["components"]["schemas"][SECRET] = json!({ "type": "string" });
    }
    let forms = super::bodies::prepare(&mut prepared);
    remove_bounds(&mut prepared);
    super::variants::name(&mut prepared);
    let renamed = separate_names(&mut prepared);
    super::distinct::separate(&mut prepared);
    super::docs::neutralise(&mut prepared);
    for operation in operation::iter_mut(&mut prepared) {
        if let Some(answers) = operation["responses"].as_object_mut() {
            let failure = answers.get("4XX").cloned();
            answers.retain(|status, _| status.starts_with('2'));
            // Their types stay: an error's body can be read as one.
            operation.insert(key::FAILURE.to_owned(), failure.unwrap_or_default());
        }
    }
    let enums = enums::take_out(&mut prepared);
    let forms = forms
        .into_iter()
        .map(|name| renamed.get(&name).cloned().unwrap_or(name))
        .collect();
    let components = names.into_iter().map(|name| {
        let type_name = renamed.get(&name).unwrap_or(&name).clone();
        (name, type_name)
    });
    Prepared {
        components: components.collect(),
        root: prepared,
        enums,
        patches: Patches::default(),
        forms,
    }
}

/// Bounds are in the check of a request, and no part of a type. Outside of forms bytes are text.
fn remove_bounds(node: &mut Value) {
    match node {
        Value::Object(object) => {
            object.shift_remove(key::CONSTRAINTS);
            if object.get("format") == Some(&json!("binary")) {
                object.shift_remove("format");
            }
            object.values_mut().for_each(remove_bounds);
        }
        Value::Array(array) => array.iter_mut().for_each(remove_bounds),
        _ => {}
    }
}

/// Gives each component the name of its Rust type, distinct from all others. Returns the new names by
/// the old ones.
fn separate_names(root: &mut Value) -> BTreeMap<String, String> {
    let Some(schemas) = root["components"]["schemas"].as_object_mut() else {
        return BTreeMap::new();
    };
    let mut taken = BTreeSet::new();
    let mut renamed = BTreeMap::new();
    for name in schemas.keys() {
        let type_name = super::names::type_name(name);
        let candidate = numbered(&type_name, "", |name| taken.insert(name.to_owned()));
        if candidate != *name {
            renamed.insert(name.clone(), candidate);
        }
    }
    // All at once: one may take the name that another one had.
    let named = std::mem::take(schemas).into_iter();
    let named = named.map(|(name, schema)| (renamed.get(&name).cloned().unwrap_or(name), schema));
    schemas.extend(named);
    let reference = |name: &str| format!("#{}", pointer::join("/components/schemas", name));
    let references = renamed
        .iter()
        .map(|(old, new)| (reference(old), reference(new)));
    rename_references(root, &references.collect());
    renamed
}

fn rename_references(node: &mut Value, renamed: &BTreeMap<String, String>) {
    match node {
        Value::Object(object) => {
            for (keyword, child) in object {
                match child {
                    Value::String(target) if keyword == "$ref" => {
                        if let Some(new) = renamed.get(target) {
                            target.clone_from(new);
                        }
                    }
                    _ => rename_references(child, renamed),
                }
            }
        }
        Value::Array(array) => array
            .iter_mut()
            .for_each(|child| rename_references(child, renamed)),
        _ => {}
    }
}

fn replace_secrets(node: &mut Value, found: &mut bool) {
    match node {
        Value::Object(object) => {
            if object.get("type") == Some(&json!("string"))
                && object.get("format") == Some(&json!("password"))
            {
                *found = true;
                object.shift_remove("type");
                object.shift_remove("format");
                let reference = json!({ "$ref": format!("#/components/schemas/{SECRET}") });
                object.insert("allOf".to_owned(), json!([reference]));
            }
            object
                .values_mut()
                .for_each(|child| replace_secrets(child, found));
        }
        Value::Array(array) => array
            .iter_mut()
            .for_each(|child| replace_secrets(child, found)),
        _ => {}
    }
}

/// The document with one operation only.
fn only(root: &Value, path: &str, method: &str) -> Value {
    let mut part = root.clone();
    let mut item = Map::new();
    item.insert(method.to_owned(), root["paths"][path][method].clone());
    let mut paths = Map::new();
    paths.insert(path.to_owned(), Value::Object(item));
    part["paths"] = Value::Object(paths);
    crate::shape::prune::prune(&mut part);
    part
}

fn attempt(root: &Value, settings: &GenerationSettings) -> Result<TokenStream, String> {
    let document: openapiv3::OpenAPI =
        serde_json::from_value(root.clone()).map_err(|error| error.to_string())?;
    crate::quietly(|| Generator::new(settings).generate_tokens(&document))?
        .map_err(|error| error.to_string())
}

fn settings(enums: &[OpenEnum]) -> GenerationSettings {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Builder)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote::quote!(::imperal_runtime::Session))
        .with_replacement(SECRET, "::imperal_runtime::Secret", [].into_iter());
    let upload = super::bodies::UPLOAD;
    settings.with_replacement(upload, "::imperal_runtime::Upload", [].into_iter());
    for open_enum in enums {
        let path = format!("::{OWN_TYPES}::{}", open_enum.type_name());
        let can = [TypeImpl::Display, TypeImpl::FromStr];
        settings.with_replacement(&open_enum.component, path, can.into_iter());
    }
    settings
}
