//! Runs progenitor, which panics on much that it cannot do.

use crate::{Document, Error, Loss, Rule, operation, pointer};
use proc_macro2::TokenStream;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle};
use serde_json::{Map, Value, json};
use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, PoisonError};

/// The component that stands for every secret text; it is replaced by a type of the runtime.
const SECRET: &str = "ClientSecretText";

/// The tokens of the whole document, or of those of its operations that can be generated.
pub(super) fn generate(document: &Document) -> Result<(TokenStream, Vec<Loss>), Error> {
    let prepared = prepare(document.root());
    let whole = match attempt(&prepared) {
        Ok(tokens) => return Ok((tokens, Vec::new())),
        Err(problem) => problem,
    };
    // Something in it cannot be generated: find out which operations, and go on without them.
    let mut rest = prepared.clone();
    let mut losses = Vec::new();
    for (path, method, operation) in operation::iter(&prepared) {
        if let Err(problem) = attempt(&only(&prepared, path, method)) {
            let at = pointer::join(&pointer::join("/paths", path), method);
            if let Some(item) = rest["paths"][path].as_object_mut() {
                item.shift_remove(method);
            }
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
    match attempt(&rest) {
        Ok(tokens) => Ok((tokens, losses)),
        Err(_) => Err(document.error(
            "/components/schemas",
            format!("cannot be generated: {whole}"),
            "replace the schema it names in the overlay",
        )),
    }
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
    part
}

fn attempt(root: &Value) -> Result<TokenStream, String> {
    let document: openapiv3::OpenAPI =
        serde_json::from_value(root.clone()).map_err(|error| error.to_string())?;
    quietly(|| {
        Generator::new(&settings())
            .generate_tokens(&document)
            .map_err(|error| error.to_string())
    })
}

fn settings() -> GenerationSettings {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Builder)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote::quote!(::imperal_runtime::Session))
        .with_replacement(SECRET, "::imperal_runtime::Secret", [].into_iter());
    settings
}

/// Runs `work`, turning a panic into an error and keeping it off the terminal.
fn quietly<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    // The hook is the process's: two at a time would leave it silenced for good.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let outcome = std::panic::catch_unwind(AssertUnwindSafe(work));
    std::panic::set_hook(hook);
    outcome.unwrap_or_else(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
        Err(text.unwrap_or("the generator gave up").to_owned())
    })
}
