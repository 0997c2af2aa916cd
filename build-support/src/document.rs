//! Pass 1, load: from bytes that may be anything to a document that the other passes can trust.
//!
//! Without it every pass would have to ask whether a reference leads somewhere, and a hostile
//! document could make one read a file or run for ever.

use crate::{Error, pointer, references};
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

/// A document of more bytes than this is refused unread.
pub const SIZE_LIMIT: u64 = 32 * 1024 * 1024;

/// More schemas than this are refused: passes follow references from one to the next.
const SCHEMA_LIMIT: usize = 10_000;

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

    /// The whole document, without what this knows of it.
    pub fn into_root(self) -> Value {
        self.root
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
        let missing = references::missing_schemas(&self.root);
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
        self.check_form(served)?;
        references::check(self)
    }

    /// Checks that what the passes take for objects, lists and texts are such.
    fn check_form(&self, served: &str) -> Result<(), Error> {
        let expect = |fine: bool, at: &str, what: &str| {
            if fine {
                Ok(())
            } else {
                Err(self.error(at, format!("this is no {what}"), served))
            }
        };
        let Some(paths) = self.root.get("paths").and_then(Value::as_object) else {
            return Err(self.error("/paths", "\"paths\" is missing or no object", served));
        };
        if let Some(components) = self.root.get("components") {
            expect(components.is_object(), "/components", "object")?;
            for (kind, named) in components.as_object().into_iter().flatten() {
                let at = pointer::join("/components", kind);
                expect(named.is_object() || kind.starts_with("x-"), &at, "object")?;
            }
            let count = components["schemas"]
                .as_object()
                .map_or(0, serde_json::Map::len);
            expect(
                count <= SCHEMA_LIMIT,
                "/components/schemas",
                "number of schemas that a service needs",
            )?;
        }
        for keyword in ["tags", "servers", "security"] {
            let fine = self.root.get(keyword).is_none_or(Value::is_array);
            expect(fine, &pointer::join("", keyword), "list")?;
        }
        for (path, item) in paths {
            let at = pointer::join("/paths", path);
            if !path.starts_with('/') {
                return Err(self.error(&at, "a path does not start with \"/\"", served));
            }
            expect(item.is_object(), &at, "object")?;
            expect(
                item.get("parameters").is_none_or(Value::is_array),
                &at,
                "path with a list of parameters",
            )?;
            for method in crate::operation::METHODS {
                let Some(operation) = item.get(*method) else {
                    continue;
                };
                let at = pointer::join(&at, method);
                expect(operation.is_object(), &at, "operation")?;
                for keyword in ["tags", "parameters", "security"] {
                    let fine = operation.get(keyword).is_none_or(Value::is_array);
                    expect(fine, &pointer::join(&at, keyword), "list")?;
                }
                for keyword in ["responses", "requestBody"] {
                    let fine = operation.get(keyword).is_none_or(Value::is_object);
                    expect(fine, &pointer::join(&at, keyword), "object")?;
                }
            }
        }
        Ok(())
    }
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
            (br#"{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{"/a":{"get":1}}}"#, "/paths/~1a/get", "no operation"),
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
    fn what_the_passes_index_is_what_they_take_it_for() {
        for (at, value) in [
            ("/components", json!("x")),
            ("/components/securitySchemes", json!([])),
            ("/tags", json!(5)),
            ("/paths/~1a", json!([])),
            ("/paths/~1a/get", json!(5)),
            ("/paths/~1a/get/parameters", json!({})),
            ("/paths/~1a/get/responses", json!([])),
        ] {
            let mut root = json!({
                "openapi": "3.1.0", "info": { "title": "t", "version": "1" }, "tags": [],
                "paths": { "/a": { "get": { "parameters": [], "responses": {} } } },
                "components": { "securitySchemes": {} },
            });
            *root.pointer_mut(at).unwrap() = value;
            assert_eq!(load(&root).unwrap_err().pointer(), at);
        }
    }

    #[test]
    fn a_response_called_default_is_no_data() {
        let root = json!({
            "openapi": "3.1.0", "info": { "title": "t", "version": "1" },
            "paths": { "/a": { "get": { "responses": { "default": { "$ref": "#/paths/~1a/get/responses/default" } } } } },
        });
        assert!(load(&root).unwrap_err().to_string().contains("itself"));
    }

    #[test]
    fn a_long_chain_of_references_is_followed_once() {
        let mut schemas = serde_json::Map::new();
        for number in 0..5000 {
            let next = format!("#/components/schemas/S{}", number + 1);
            schemas.insert(format!("S{number}"), json!({ "$ref": next }));
        }
        schemas.insert("S5000".to_owned(), json!({ "type": "string" }));
        let media =
            json!({ "application/json": { "schema": { "$ref": "#/components/schemas/S0" } } });
        let root = json!({
            "openapi": "3.1.0", "info": { "title": "t", "version": "1" },
            "paths": { "/a": { "get": { "responses": { "200": { "description": "a", "content": media } } } } },
            "components": { "schemas": schemas },
        });
        let mut document = load(&root).unwrap();
        crate::shape(&mut document).unwrap();
        crate::lower(&mut document);
        crate::operations(&document).unwrap();
    }

    #[test]
    fn a_reference_in_an_example_is_data() {
        let mut root = with_schema(&json!({ "default": { "$ref": "https://example.com" } }));
        root["components"]["schemas"] = json!({ "A": root["components"]["schemas"]["A"] });
        load(&root).unwrap();
    }

    #[test]
    fn more_schemas_than_any_service_has_are_refused() {
        let mut root = with_schema(&json!({}));
        let schemas = (0..=SCHEMA_LIMIT).map(|number| (format!("S{number}"), json!({})));
        root["components"]["schemas"] = Value::Object(schemas.collect());
        let error = load(&root).unwrap_err();
        assert_eq!(error.pointer(), "/components/schemas");
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
