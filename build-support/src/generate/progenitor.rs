//! Runs progenitor, which panics on much that it cannot do.

use super::enums::{self, OpenEnum};
use super::patches::{self, Patches};
use crate::operation::{self, key};
use crate::{Document, Error, Loss, Rule, pointer};
use proc_macro2::TokenStream;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TypeImpl};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The component that stands for every secret text; it is replaced by a type of the runtime.
const SECRET: &str = "ClientSecretText";

/// Methods that every builder has: an argument cannot be called so too.
const TAKEN: &[&str] = &["new", "send", "pages", "items"];

/// What progenitor wrote.
pub(super) struct Written {
    pub(super) tokens: TokenStream,
    /// Operations that could not be generated.
    pub(super) losses: Vec<Loss>,
    /// Types that are ours to write.
    pub(super) enums: Vec<OpenEnum>,
    /// Fields of partial updates, by component.
    pub(super) patches: Patches,
}

/// The path of a type of ours, until the module that it stands in is known.
pub(super) const OWN_TYPES: &str = "client_types";

/// Runs it on the whole document, or on those of its operations that can be generated.
pub(super) fn generate(document: &Document) -> Result<Written, Error> {
    let mut prepared = prepare(document.root());
    let enums = enums::take_out(&mut prepared);
    let settings = settings(&enums);
    let attempt = |root: &Value| attempt(root, &settings);
    let mut losses = leave_out(&mut prepared, clash);
    let whole = match attempt(&prepared) {
        Ok(tokens) => {
            return Ok(Written {
                tokens,
                losses,
                enums,
                patches: patches::find(&prepared),
            });
        }
        Err(problem) => problem,
    };
    // Something in it cannot be generated: find out which operations, and go on without them.
    let root = prepared.clone();
    losses.extend(leave_out(&mut prepared, |path, method, _| {
        attempt(&only(&root, path, method)).err()
    }));
    crate::shape::prune::prune(&mut prepared);
    match attempt(&prepared) {
        Ok(tokens) => Ok(Written {
            tokens,
            losses,
            enums,
            patches: patches::find(&prepared),
        }),
        Err(_) => Err(document.error(
            "/components/schemas",
            format!("cannot be generated: {whole}"),
            "replace the schema it names in the overlay",
        )),
    }
}

/// Takes away the operations that `problem` finds something wrong with.
fn leave_out(
    root: &mut Value,
    problem: impl Fn(&str, &str, &Map<String, Value>) -> Option<String>,
) -> Vec<Loss> {
    let mut losses = Vec::new();
    let mut removed = Vec::new();
    for (path, method, operation) in operation::iter(root) {
        if let Some(problem) = problem(path, method, operation) {
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

/// An argument whose method would have the name of one that every builder has.
fn clash(_: &str, _: &str, operation: &Map<String, Value>) -> Option<String> {
    let parameters = operation.get("parameters")?.as_array()?;
    let mut names = parameters
        .iter()
        .filter_map(|parameter| parameter["name"].as_str());
    let name = names.find(|name| TAKEN.contains(&super::names::snake(name).as_str()))?;
    Some(format!(
        "the parameter \"{name}\" has the name of a method of every builder"
    ))
}

/// What the generator must not see: failures, which the session handles whole, and text that would
/// be run as a documentation test.
fn prepare(root: &Value) -> Value {
    let mut prepared = root.clone();
    let mut has_secrets = false;
    replace_secrets(&mut prepared["paths"], &mut has_secrets);
    replace_secrets(&mut prepared["components"]["schemas"], &mut has_secrets);
    if has_secrets {
        prepared["components"]["schemas"][SECRET] = json!({ "type": "string" });
    }
    remove_bounds(&mut prepared);
    separate_names(&mut prepared);
    super::docs::neutralise(&mut prepared);
    if let Some(paths) = prepared["paths"].as_object_mut() {
        for operation in paths
            .values_mut()
            .filter_map(Value::as_object_mut)
            .flat_map(Map::values_mut)
        {
            if let Some(answers) = operation["responses"].as_object_mut() {
                answers.retain(|status, _| status.starts_with('2'));
            }
        }
    }
    prepared
}

/// Bounds are in the check of a request, and no part of a type.
fn remove_bounds(node: &mut Value) {
    match node {
        Value::Object(object) => {
            object.shift_remove(key::CONSTRAINTS);
            object.values_mut().for_each(remove_bounds);
        }
        Value::Array(array) => array.iter_mut().for_each(remove_bounds),
        _ => {}
    }
}

/// Components whose names come to one Rust name get different ones.
fn separate_names(root: &mut Value) {
    let Some(schemas) = root["components"]["schemas"].as_object_mut() else {
        return;
    };
    let mut taken = BTreeSet::new();
    let mut renamed = Vec::new();
    for name in schemas.keys() {
        let mut candidate = name.clone();
        let mut number = 2;
        while !taken.insert(super::names::pascal(&candidate)) {
            candidate = format!("{name}_{number}");
            number += 1;
        }
        if candidate != *name {
            renamed.push((name.clone(), candidate));
        }
    }
    for (old, new) in &renamed {
        if let Some(schema) = schemas.shift_remove(old) {
            schemas.insert(new.clone(), schema);
        }
    }
    let reference = |name: &str| format!("#{}", pointer::join("/components/schemas", name));
    for (old, new) in renamed {
        rename_references(root, &reference(&old), &reference(&new));
    }
}

fn rename_references(node: &mut Value, old: &str, new: &str) {
    match node {
        Value::Object(object) => {
            for (keyword, child) in object {
                if keyword == "$ref" && child == old {
                    *child = json!(new);
                } else {
                    rename_references(child, old, new);
                }
            }
        }
        Value::Array(array) => array
            .iter_mut()
            .for_each(|child| rename_references(child, old, new)),
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
    for open_enum in enums {
        let path = format!("::{OWN_TYPES}::{}", open_enum.type_name());
        let can = [TypeImpl::Display, TypeImpl::FromStr];
        settings.with_replacement(&open_enum.component, path, can.into_iter());
    }
    settings
}
