//! Pass 4, lower: OpenAPI 3.1 and JSON Schema 2020-12 down to the OpenAPI 3.0 that the generator
//! accepts.
//!
//! Total: whatever the document holds, the result is a 3.0 document, and every loss of meaning is in
//! the report. What was valid stays valid. Lowering a lowered document changes nothing.

mod alternatives;
mod circles;
mod combined;
pub(crate) mod forms;
mod keywords;
mod operations;
mod parameters;
mod schema;
#[cfg(test)]
mod tests;
mod values;

#[cfg(feature = "generate")]
pub(crate) use operations::nullable;

use crate::operation::METHODS;
use crate::{Document, Loss, Rule, pointer};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The version that the lowered document declares.
const VERSION: &str = "3.0.3";

/// Each round simplifies what the one before has left; real documents are done after two.
const MOST_ROUNDS: usize = 64;

/// What the lowering passes share.
pub(crate) struct Lowering {
    losses: Vec<Loss>,
    /// Titles of alternatives that name one schema each in the whole document: they become the
    /// names of the variants of an enum.
    variant_titles: BTreeMap<String, Value>,
    /// The schemas that references lead to.
    components: Value,
    /// Security schemes that no session can satisfy, such as mutual TLS or HTTP Digest.
    unsupported: Vec<String>,
    /// The document's own security, for operations that declare none.
    security: Value,
}

impl Lowering {
    fn lose(&mut self, pointer: &str, rule: Rule, what: impl Into<String>) {
        self.losses.push(Loss {
            pointer: pointer.to_owned(),
            rule,
            what: what.into(),
        });
    }
}

/// Lowers a shaped document and reports what it no longer says.
///
/// ```
/// use imperal_build_support::{Document, lower, shape};
///
/// let mut document = Document::from_json("tiny.json", br##"{
///     "openapi": "3.1.0", "info": {"title": "Tiny", "version": "1"},
///     "paths": {"/a": {"get": {"responses": {"200": {"description": "A", "content": {"application/json": {
///         "schema": {"$ref": "#/components/schemas/Name"}}}}}}}},
///     "components": {"schemas": {"Name": {"anyOf": [{"type": "string", "format": "uri"}, {"type": "null"}]}}}
/// }"##)?;
/// shape(&mut document)?;
/// let losses = lower(&mut document);
/// assert_eq!(document.root()["openapi"], "3.0.3");
/// assert_eq!(document.root()["components"]["schemas"]["Name"]["nullable"], true);
/// assert_eq!(losses[0].pointer, "/components/schemas/Name/anyOf/0/format");
/// # Ok::<(), imperal_build_support::Error>(())
/// ```
pub fn lower(document: &mut Document) -> Vec<Loss> {
    let mut losses = Vec::new();
    // One rule may make room for another: a branch that has become `null` is then lifted out.
    for _ in 0..MOST_ROUNDS {
        let mut lowering = Lowering {
            losses: Vec::new(),
            variant_titles: alternatives::distinct_titles(document.root()),
            components: document.root()["components"]["schemas"].clone(),
            unsupported: operations::unsupported_schemes(document.root()),
            security: document.root()["security"].clone(),
        };
        let lowered = round(&mut lowering, document.root());
        losses.append(&mut lowering.losses);
        let done = lowered == *document.root();
        *document.root_mut() = lowered;
        if done {
            break;
        }
    }
    losses
}

fn round(lowering: &mut Lowering, root: &Value) -> Value {
    let mut lowered = json!({
        "openapi": VERSION,
        "info": info(&root["info"]),
        "tags": root.get("tags").cloned().unwrap_or_else(|| json!([])),
        "paths": Value::Object(paths(lowering, &root["paths"])),
        "components": { "schemas": Value::Object(schemas(lowering, &root["components"]["schemas"])) },
    });
    circles::cut(lowering, &mut lowered["components"]["schemas"]);
    if let Some(servers) = root.get("servers") {
        lowered["servers"] = servers.clone();
    }
    if root.get("security").is_some() {
        // Where nothing is left every operation that relied on it has been left out.
        let left = operations::satisfiable(&root["security"], &lowering.unsupported);
        lowered["security"] = left.unwrap_or_else(|| json!([]));
    }
    if let Some(schemes) = root["components"]["securitySchemes"].as_object() {
        let supported = schemes
            .iter()
            .filter(|(_, scheme)| operations::is_supported(scheme));
        let supported: Map<String, Value> = supported
            .map(|(name, scheme)| (name.clone(), scheme.clone()))
            .collect();
        lowered["components"]["securitySchemes"] = Value::Object(supported);
    }
    lowered
}

/// The version goes into a header of every request, where only some characters are allowed.
fn info(info: &Value) -> Value {
    let version: String = info["version"]
        .as_str()
        .unwrap_or_default()
        .chars()
        .filter(char::is_ascii_graphic)
        .collect();
    json!({
        "title": info["title"],
        "version": if version.is_empty() { "0" } else { &version },
    })
}

fn paths(lowering: &mut Lowering, paths: &Value) -> Map<String, Value> {
    let mut lowered = Map::new();
    for (path, item) in paths.as_object().into_iter().flatten() {
        let at = pointer::join("/paths", path);
        let mut methods = Map::new();
        for method in METHODS {
            if let Some(operation) = item.get(*method).and_then(Value::as_object) {
                let at = pointer::join(&at, method);
                if let Some(operation) = operations::lower(lowering, operation, &at) {
                    methods.insert((*method).to_owned(), Value::Object(operation));
                }
            }
        }
        if !methods.is_empty() {
            lowered.insert(path.clone(), Value::Object(methods));
        }
    }
    lowered
}

fn schemas(lowering: &mut Lowering, schemas: &Value) -> Map<String, Value> {
    let mut lowered = Map::new();
    for (name, schema) in schemas.as_object().into_iter().flatten() {
        let at = pointer::join("/components/schemas", name);
        lowered.insert(name.clone(), schema::lower(lowering, schema, &at));
    }
    lowered
}
