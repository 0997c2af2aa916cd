//! Raise: OpenAPI 3.0 up to the 3.1 of the same meaning, which a validator of JSON Schema 2020-12
//! can read.
//!
//! No pass of the generator's, which reads 3.0 anyway: the mock judges by what comes of it. Total:
//! what is malformed stays as it is. Only what the specification calls a schema is touched, so that
//! examples, defaults and extensions keep what looks like one.

mod schema;

use crate::Document;
use crate::operation::METHODS;
use serde_json::Value;

/// Raises one kind of object of a document.
type Raise = fn(&mut Value);

/// The version that the raised document declares.
const VERSION: &str = "3.1.0";

/// Raises a document of OpenAPI 3.0 to 3.1.0; one of 3.1 stays as it is.
///
/// Everything stays where it was, but for what 3.0 ignores: what stands beside a reference goes. One
/// rule of 3.0 cannot be said in 3.1: that a property which is required and `readOnly` is required of
/// answers alone, and one that is `writeOnly` of requests alone. It is required of both.
///
/// ```
/// use imperal_build_support::{Document, raise};
///
/// let mut document = Document::from_json("tiny.json", br#"{
///     "openapi": "3.0.3", "info": {"title": "Tiny", "version": "1"}, "paths": {},
///     "components": {"schemas": {"Age": {"type": "integer", "minimum": 0, "exclusiveMinimum": true}}}
/// }"#)?;
/// raise(&mut document);
/// assert_eq!(document.root()["openapi"], "3.1.0");
/// let age = &document.root()["components"]["schemas"]["Age"];
/// assert_eq!(age.to_string(), r#"{"type":"integer","exclusiveMinimum":0}"#);
/// # Ok::<(), imperal_build_support::Error>(())
/// ```
pub fn raise(document: &mut Document) {
    let root = document.root_mut();
    let version = root["openapi"].as_str();
    if !version.is_some_and(|version| version.starts_with("3.0.")) {
        return;
    }
    root["openapi"] = Value::from(VERSION);
    each_named(root.get_mut("paths"), path_item);
    each_named(root.get_mut("webhooks"), path_item);
    if let Some(components) = root.get_mut("components") {
        raise_components(components);
    }
}

fn raise_components(components: &mut Value) {
    let kinds: [(&str, Raise); 7] = [
        ("schemas", schema::raise),
        ("parameters", parameter),
        ("headers", parameter),
        ("requestBodies", request_body),
        ("responses", response),
        ("callbacks", callback),
        ("pathItems", path_item),
    ];
    for (kind, raise) in kinds {
        each_named(components.get_mut(kind), raise);
    }
}

/// One that refers to another may have operations beside the reference, in 3.0 as in 3.1.
fn path_item(item: &mut Value) {
    each_listed(item.get_mut("parameters"), parameter);
    for method in METHODS {
        if let Some(found) = item.get_mut(*method) {
            operation(found);
        }
    }
}

fn operation(operation: &mut Value) {
    each_listed(operation.get_mut("parameters"), parameter);
    if let Some(body) = operation.get_mut("requestBody") {
        request_body(body);
    }
    each_but_extensions(operation.get_mut("responses"), response);
    each_named(operation.get_mut("callbacks"), callback);
}

/// A parameter or a header: both have a schema, or content of one media type.
fn parameter(parameter: &mut Value) {
    if isolate_reference(parameter) {
        return;
    }
    if let Some(found) = parameter.get_mut("schema") {
        schema::raise(found);
    }
    each_named(parameter.get_mut("content"), media_type);
}

fn request_body(body: &mut Value) {
    if !isolate_reference(body) {
        each_named(body.get_mut("content"), media_type);
    }
}

fn response(response: &mut Value) {
    if !isolate_reference(response) {
        each_named(response.get_mut("headers"), parameter);
        each_named(response.get_mut("content"), media_type);
    }
}

fn callback(callback: &mut Value) {
    if !isolate_reference(callback) {
        each_but_extensions(Some(callback), path_item);
    }
}

fn media_type(media_type: &mut Value) {
    if let Some(found) = media_type.get_mut("schema") {
        schema::raise(found);
    }
    each_named(media_type.get_mut("encoding"), encoding);
}

fn encoding(encoding: &mut Value) {
    each_named(encoding.get_mut("headers"), parameter);
}

/// Takes away what stands beside a reference, if the node is one: 3.0 ignores it, 3.1 does not.
fn isolate_reference(node: &mut Value) -> bool {
    let Some(object) = node.as_object_mut() else {
        return false;
    };
    let is_reference = object.get("$ref").is_some_and(Value::is_string);
    if is_reference {
        object.retain(|keyword, _| keyword == "$ref");
    }
    is_reference
}

/// Goes through an object whose keys are names, `x-` at the beginning of one or not.
fn each_named(named: Option<&mut Value>, raise: Raise) {
    if let Some(named) = named.and_then(Value::as_object_mut) {
        named.values_mut().for_each(raise);
    }
}

/// Goes through an object that may have extensions beside what it names.
fn each_but_extensions(object: Option<&mut Value>, raise: Raise) {
    let object = object.and_then(Value::as_object_mut);
    for (key, value) in object.into_iter().flatten() {
        if !key.starts_with("x-") {
            raise(value);
        }
    }
}

fn each_listed(list: Option<&mut Value>, raise: Raise) {
    if let Some(list) = list.and_then(Value::as_array_mut) {
        list.iter_mut().for_each(raise);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The document raised, once and again.
    fn raised(root: &Value) -> Value {
        let mut document = Document::from_json("test.json", root.to_string().as_bytes()).unwrap();
        raise(&mut document);
        let once = document.root().clone();
        raise(&mut document);
        assert_eq!(*document.root(), once);
        document.check().unwrap();
        once
    }

    /// A document with `schema` in every place for a schema, and `data` in every place for data.
    fn everywhere(version: &str, schema: &Value, data: &Value) -> Value {
        let examples = json!({ "one": { "value": data } });
        let header = json!({ "schema": schema, "example": data, "x-header": data });
        let media = json!({ "application/json": {
            "schema": schema, "example": data, "examples": examples, "x-media": data,
            "encoding": { "a": { "headers": { "x-a": header }, "x-encoding": data } },
        } });
        let parameters = json!([
            { "name": "a", "in": "query", "schema": schema, "example": data, "examples": examples },
            { "name": "b", "in": "query", "content": media, "x-parameter": data },
        ]);
        let body = json!({ "content": media, "x-body": data });
        let links =
            json!({ "next": { "operationId": "a", "parameters": data, "requestBody": data } });
        let response = json!({
            "description": "a", "content": media, "links": links, "x-response": data,
            "headers": { "x-a": header, "B": { "content": media } },
        });
        let called = json!({
            "parameters": parameters, "requestBody": body, "x-operation": data,
            "responses": { "200": response, "default": response, "x-responses": data },
        });
        let callback = json!({ "{$request.body#/url}": { "post": called }, "x-callback": data });
        let mut operation = called.clone();
        operation["callbacks"] = json!({ "x-done": callback });
        let mut item = json!({ "parameters": parameters, "x-item": data });
        for method in METHODS {
            item[*method] = operation.clone();
        }
        json!({
            "openapi": version, "info": { "title": "t", "version": "1", "x-info": data },
            "paths": { "/a": item }, "webhooks": { "x-a": item }, "x-root": data,
            "components": {
                "schemas": { "A": schema, "x-a": schema, "example": schema },
                "parameters": { "x-a": parameters[0], "B": parameters[1] },
                "headers": { "x-a": header },
                "requestBodies": { "x-a": body },
                "responses": { "x-a": response, "default": response },
                "callbacks": { "x-a": callback },
                "pathItems": { "x-a": item },
                "examples": examples,
                "links": links,
                "x-components": data,
            },
        })
    }

    #[test]
    fn every_schema_is_reached_and_no_data_touched() {
        let old = json!({ "type": "string", "nullable": true });
        let new = json!({ "type": ["string", "null"] });
        for version in ["3.0.0", "3.0.4"] {
            let raised = raised(&everywhere(version, &old, &old));
            assert_eq!(raised, everywhere(VERSION, &new, &old));
        }
    }

    #[test]
    fn a_document_of_3_1_stays_as_it_is() {
        let old = json!({ "type": "string", "nullable": true, "example": "a" });
        for version in ["3.1.0", "3.1.1"] {
            let root = everywhere(version, &old, &old);
            assert_eq!(raised(&root), root);
        }
    }

    #[test]
    fn what_stands_beside_a_reference_goes_but_for_that_of_a_path() {
        let root = |beside: &[(&str, Value)]| {
            let referring = |reference: &str| {
                let mut node = json!({ "$ref": reference });
                for (keyword, value) in beside {
                    node[*keyword] = value.clone();
                }
                node
            };
            let version = if beside.is_empty() { VERSION } else { "3.0.3" };
            let operation = json!({
                "parameters": [referring("#/components/parameters/A")],
                "requestBody": referring("#/components/requestBodies/A"),
                "responses": { "200": referring("#/components/responses/A") },
                "callbacks": { "done": referring("#/components/callbacks/A") },
            });
            json!({
                "openapi": version, "info": { "title": "t", "version": "1" },
                "paths": { "/a": { "$ref": "#/components/pathItems/A", "post": operation } },
                "components": {
                    "schemas": { "A": {}, "B": referring("#/components/schemas/A") },
                    "parameters": { "A": { "name": "a", "in": "query" } },
                    "headers": { "A": {}, "B": referring("#/components/headers/A") },
                    "requestBodies": { "A": { "content": {} } },
                    "responses": { "A": { "description": "a" } },
                    "callbacks": { "A": {} },
                    "pathItems": { "A": {} },
                },
            })
        };
        let beside = [
            ("description", json!("b")),
            ("schema", json!({ "nullable": true })),
        ];
        assert_eq!(raised(&root(&beside)), root(&[]));
    }

    #[test]
    fn what_is_malformed_stays_as_it_is() {
        let odd = [
            json!(null),
            json!(true),
            json!(5),
            json!("a"),
            json!([[], 5]),
            json!({}),
        ];
        for value in odd {
            let root = |version: &str| {
                json!({
                    "openapi": version, "info": { "title": "t", "version": "1" },
                    "paths": { "/a": { "get": {
                        "parameters": [value, { "schema": value, "content": { "a": value } }],
                        "requestBody": { "content": { "a": { "schema": value, "encoding": { "a": value } } } },
                        "responses": { "200": value, "default": { "headers": value, "content": value } },
                        "callbacks": { "a": value },
                    } } },
                    "webhooks": value,
                    "components": { "schemas": { "A": value }, "pathItems": { "A": { "parameters": value } } },
                })
            };
            assert_eq!(raised(&root("3.0.3")), root(VERSION));
        }
    }
}
