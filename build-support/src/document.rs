//! Pass 1, load: from bytes that may be anything to a document that the other passes can trust.
//!
//! Without it every pass would have to ask whether a reference leads somewhere, and a hostile
//! document could make one read a file or run for ever.

use crate::{Error, pointer};
use serde_json::Value;
use std::path::Path;

/// An OpenAPI 3.0 or 3.1 document whose references all lead somewhere inside it.
///
/// ```
/// use imperal_build_support::Document;
///
/// let document = Document::from_json(
///     "tiny.json",
///     br#"{"openapi": "3.1.0", "info": {"title": "Tiny", "version": "1"}, "paths": {}}"#,
/// )?;
/// assert_eq!(document.title(), "Tiny");
/// # Ok::<(), imperal_build_support::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Document {
    name: String,
    root: Value,
}

/// A document larger than this is refused unread.
pub const SIZE_LIMIT: u64 = 32 * 1024 * 1024;

/// Deeper nesting than this is refused: passes recurse.
const DEPTH_LIMIT: usize = 100;

impl Document {
    /// Reads a document from a file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or is no sound document; see [`Self::from_json`].
    pub fn load(path: &Path) -> Result<Self, Error> {
        let name = path.display().to_string();
        Self::from_json(&name, &read(path)?)
    }

    /// Reads a document that `name` names in messages.
    ///
    /// # Errors
    ///
    /// If it is not JSON, not OpenAPI 3.0 or 3.1, too large or too deep, or has a reference that
    /// leads out of it, nowhere, or in a circle of references alone.
    pub fn from_json(name: &str, json: &[u8]) -> Result<Self, Error> {
        let root = parse(name, json)?;
        let document = Self {
            name: name.to_owned(),
            root,
        };
        document.check()?;
        Ok(document)
    }

    /// The name for messages, the file's path as a rule.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole document.
    pub fn root(&self) -> &Value {
        &self.root
    }

    pub(crate) fn root_mut(&mut self) -> &mut Value {
        &mut self.root
    }

    /// The title of the service.
    pub fn title(&self) -> &str {
        self.root["info"]["title"].as_str().unwrap_or_default()
    }

    /// The version of the document.
    pub fn version(&self) -> &str {
        self.root["info"]["version"].as_str().unwrap_or_default()
    }

    pub(crate) fn error(&self, pointer: &str, problem: impl Into<String>, remedy: &str) -> Error {
        Error::new(&self.name, pointer, problem, remedy)
    }

    /// Lets every reference to a schema that is missing mean any value, and returns where it stood
    /// and what it named.
    pub(crate) fn open_missing_schemas(&mut self) -> Vec<(String, String)> {
        let mut missing = Vec::new();
        collect_missing_schemas(&self.root, &self.root, &mut String::new(), &mut missing);
        for (pointer, _) in &missing {
            if let Some(node) = self.root.pointer_mut(pointer) {
                *node = Value::Object(serde_json::Map::new());
            }
        }
        missing
    }

    /// Checks what the other passes rely on; run again when a pass has let outside text in.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let served = "check that this is the OpenAPI document that the service publishes";
        let text = |pointer: &str| {
            self.root
                .pointer(pointer)
                .and_then(Value::as_str)
                .ok_or_else(|| {
                    self.error(
                        pointer,
                        format!("\"{pointer}\" is missing or no text"),
                        served,
                    )
                })
        };
        let version = text("/openapi")?;
        if !version.starts_with("3.0.") && !version.starts_with("3.1.") {
            let problem = format!("OpenAPI version \"{version}\" is not supported");
            return Err(self.error("/openapi", problem, "use a document of OpenAPI 3.0 or 3.1"));
        }
        text("/info/title")?;
        text("/info/version")?;
        let Some(paths) = self.root.get("paths").and_then(Value::as_object) else {
            return Err(self.error("/paths", "\"paths\" is missing or no object", served));
        };
        for (path, item) in paths {
            let pointer = pointer::join("/paths", path);
            if !path.starts_with('/') {
                return Err(self.error(&pointer, "a path does not start with \"/\"", served));
            }
            let Some(item) = item.as_object() else {
                return Err(self.error(&pointer, "a path is no object", served));
            };
            for method in crate::operation::METHODS {
                if item
                    .get(*method)
                    .is_some_and(|operation| !operation.is_object())
                {
                    let pointer = pointer::join(&pointer, method);
                    return Err(self.error(&pointer, "an operation is no object", served));
                }
            }
        }
        self.check_node(&self.root, &mut String::new(), 0)
    }

    fn check_node(&self, node: &Value, pointer: &mut String, depth: usize) -> Result<(), Error> {
        if depth > DEPTH_LIMIT {
            let problem = format!("nested more than {DEPTH_LIMIT} levels deep");
            return Err(self.error(
                pointer,
                problem,
                "no real service needs that; look where it came from",
            ));
        }
        let length = pointer.len();
        match node {
            Value::Object(object) => {
                if let Some(Value::String(reference)) = object.get("$ref")
                    && !is_payload(pointer)
                {
                    self.check_reference(reference, pointer)?;
                }
                for (key, child) in object {
                    pointer.push('/');
                    pointer.push_str(&pointer::escape(key));
                    self.check_node(child, pointer, depth + 1)?;
                    pointer.truncate(length);
                }
            }
            Value::Array(array) => {
                for (index, child) in array.iter().enumerate() {
                    pointer.push('/');
                    pointer.push_str(&index.to_string());
                    self.check_node(child, pointer, depth + 1)?;
                    pointer.truncate(length);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn check_reference(&self, reference: &str, at: &str) -> Result<(), Error> {
        if !reference.starts_with('#') {
            let problem = format!("reference \"{reference}\" leads out of the document");
            return Err(self.error(at, problem, "bundle the document into one file first"));
        }
        let mut seen = vec![reference];
        let mut next = reference;
        loop {
            let Some(node) = pointer::resolve(&self.root, next) else {
                let problem = format!("reference \"{next}\" leads nowhere");
                return Err(self.error(at, problem, "add what it names, or correct the reference"));
            };
            match node.get("$ref").and_then(Value::as_str) {
                Some(further) if seen.contains(&further) => {
                    let problem = format!("reference \"{reference}\" leads to itself");
                    return Err(self.error(
                        at,
                        problem,
                        "a circle of references alone means nothing: break it",
                    ));
                }
                Some(further) => {
                    seen.push(further);
                    next = further;
                }
                None => return Ok(()),
            }
        }
    }
}

fn collect_missing_schemas(
    root: &Value,
    node: &Value,
    at: &mut String,
    missing: &mut Vec<(String, String)>,
) {
    let children: Vec<(String, &Value)> = match node {
        Value::Object(object) => {
            if let Some(reference) = object.get("$ref").and_then(Value::as_str)
                && reference.starts_with("#/components/schemas/")
                && !is_payload(at)
                && pointer::resolve(root, reference).is_none()
            {
                missing.push((at.clone(), reference.to_owned()));
            }
            object
                .iter()
                .map(|(key, child)| (pointer::escape(key), child))
                .collect()
        }
        Value::Array(array) => array
            .iter()
            .enumerate()
            .map(|(index, child)| (index.to_string(), child))
            .collect(),
        _ => return,
    };
    let length = at.len();
    for (step, child) in children {
        at.push('/');
        at.push_str(&step);
        collect_missing_schemas(root, child, at, missing);
        at.truncate(length);
    }
}

/// Whether a node is data that the document quotes, in which `$ref` is a key like any other.
fn is_payload(pointer: &str) -> bool {
    let steps: Vec<&str> = pointer.split('/').collect();
    steps.windows(2).any(|pair| {
        let named = matches!(
            pair[0],
            "properties" | "patternProperties" | "schemas" | "$defs"
        );
        !named
            && matches!(
                pair[1],
                "example" | "examples" | "default" | "const" | "enum"
            )
    })
}

/// Reads a file of at most [`SIZE_LIMIT`] bytes.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let name = path.display().to_string();
    let unreadable = |problem: std::io::Error| {
        Error::new(
            &name,
            "",
            format!("cannot be read: {problem}"),
            "check the path and its permissions",
        )
    };
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > SIZE_LIMIT {
        let problem = format!("is {size} bytes long, more than the {SIZE_LIMIT} allowed");
        return Err(Error::new(&name, "", problem, "look where it came from"));
    }
    std::fs::read(path).map_err(unreadable)
}

/// Parses JSON, saying what to look for when it is something else.
pub(crate) fn parse(name: &str, json: &[u8]) -> Result<Value, Error> {
    if json.len() as u64 > SIZE_LIMIT {
        let problem = format!(
            "is {} bytes long, more than the {SIZE_LIMIT} allowed",
            json.len()
        );
        return Err(Error::new(name, "", problem, "look where it came from"));
    }
    serde_json::from_slice(json).map_err(|error| {
        let remedy = if json.trim_ascii_start().starts_with(b"<") {
            "this is HTML or XML: check the address it was fetched from"
        } else if error.is_eof() {
            "the file is cut off: fetch it again"
        } else {
            "correct the file, or fetch it again"
        };
        Error::new(name, "", format!("is not JSON: {error}"), remedy)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn load(root: &Value) -> Result<Document, Error> {
        Document::from_json("test.json", root.to_string().as_bytes())
    }

    fn with_schema(schema: &Value) -> Value {
        json!({
            "openapi": "3.1.0", "info": { "title": "t", "version": "1" }, "paths": {},
            "components": { "schemas": { "A": schema, "B": { "$ref": "#/components/schemas/C" }, "C": { "$ref": "#/components/schemas/B" } } },
        })
    }

    #[test]
    fn a_bad_document_gets_one_message_with_place_and_remedy() {
        let cases: &[(&[u8], &str, &str)] = &[
            (b"", "", "cut off"),
            (b"<!DOCTYPE html>", "", "HTML"),
            (b"{\"openapi\": \"3.1.0\"", "", "cut off"),
            (b"[]", "/openapi", "missing"),
            (br#"{"openapi":"3.1.0","info":{"title":"t","version":"1"}}"#, "/paths", "missing"),
            (br#"{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{"a":{}}}"#, "/paths/a", "start"),
            (br#"{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{"/a":{"get":1}}}"#, "/paths/~1a/get", "no object"),
        ];
        for (json, pointer, word) in cases {
            let error = Document::from_json("test.json", json).unwrap_err();
            assert_eq!(error.pointer(), *pointer, "{error}");
            assert!(error.to_string().contains(word), "{error}");
            assert!(error.to_string().starts_with("test.json: "), "{error}");
        }
    }

    #[test]
    fn references_must_lead_somewhere_inside() {
        for (reference, word) in [
            ("https://example.com/a.json", "leads out"),
            ("../secrets.json#/a", "leads out"),
            ("#/components/schemas/Missing", "nowhere"),
            ("#/components/schemas/B", "itself"),
        ] {
            let error = load(&with_schema(&json!({ "$ref": reference }))).unwrap_err();
            assert!(error.to_string().contains(word), "{error}");
        }
    }

    #[test]
    fn recursion_through_a_property_is_fine() {
        let root = json!({
            "openapi": "3.1.0", "info": { "title": "t", "version": "1" }, "paths": {},
            "components": { "schemas": { "Tree": { "properties": { "children": { "items": { "$ref": "#/components/schemas/Tree" } } } } } },
        });
        load(&root).unwrap();
    }

    #[test]
    fn a_reference_in_an_example_is_data() {
        let mut root = with_schema(&json!({ "default": { "$ref": "https://example.com" } }));
        root["components"]["schemas"] = json!({ "A": root["components"]["schemas"]["A"] });
        load(&root).unwrap();
    }

    #[test]
    fn deep_nesting_is_refused() {
        let mut schema = json!({});
        for _ in 0..110 {
            schema = json!({ "not": schema });
        }
        let mut root = with_schema(&schema);
        root["components"]["schemas"] = json!({ "A": schema });
        let error = Document::from_json("test.json", root.to_string().as_bytes()).unwrap_err();
        assert!(
            error.to_string().contains("deep") || error.to_string().contains("recursion"),
            "{error}"
        );
    }
}
