//! Where references of a document lead.

use crate::{Document, Error, pointer};
use serde_json::Value;
use std::collections::BTreeSet;

/// Deeper nesting than this is refused: passes recurse.
const DEPTH_LIMIT: usize = 100;

/// Checks that every reference leads somewhere inside of the document, and how deep it nests.
pub(crate) fn check(document: &Document) -> Result<(), Error> {
    let mut walk = Walk {
        document,
        pointer: String::new(),
        sound: BTreeSet::new(),
    };
    walk.visit(document.root(), 0, false)
}

/// Each reference to a schema that is not there: where it stands, and what it names.
pub(crate) fn missing_schemas(root: &Value) -> Vec<(String, String)> {
    let mut missing = Vec::new();
    collect_missing(root, root, &mut String::new(), false, &mut missing);
    missing
}

/// Checks depth and references. It knows of each node whether its keys are names that the document
/// gives or keywords of the specification: only a keyword can hold data that the document quotes.
struct Walk<'a> {
    document: &'a Document,
    pointer: String,
    /// References that lead somewhere.
    sound: BTreeSet<&'a str>,
}

impl<'a> Walk<'a> {
    fn visit(&mut self, node: &'a Value, depth: usize, keys_are_names: bool) -> Result<(), Error> {
        if depth > DEPTH_LIMIT {
            let problem = format!("nested more than {DEPTH_LIMIT} levels deep");
            let remedy = "no real service needs that; look where it came from";
            return Err(self.document.error(&self.pointer, problem, remedy));
        }
        let length = self.pointer.len();
        match node {
            Value::Object(object) => {
                if !keys_are_names && let Some(Value::String(reference)) = object.get("$ref") {
                    self.check_reference(reference)?;
                }
                for (key, child) in object {
                    if !keys_are_names && QUOTING.contains(&key.as_str()) {
                        continue;
                    }
                    self.pointer.push('/');
                    self.pointer.push_str(&pointer::escape(key));
                    let names = !keys_are_names && NAMING.contains(&key.as_str());
                    self.visit(child, depth + 1, names)?;
                    self.pointer.truncate(length);
                }
            }
            Value::Array(array) => {
                for (index, child) in array.iter().enumerate() {
                    self.pointer.push('/');
                    self.pointer.push_str(&index.to_string());
                    self.visit(child, depth + 1, false)?;
                    self.pointer.truncate(length);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn check_reference(&mut self, reference: &'a str) -> Result<(), Error> {
        let error =
            |problem: String, remedy: &str| self.document.error(&self.pointer, problem, remedy);
        if !reference.starts_with('#') {
            let problem = format!("reference \"{reference}\" leads out of the document");
            return Err(error(problem, "bundle the document into one file first"));
        }
        let mut seen = BTreeSet::new();
        let mut next = reference;
        while !self.sound.contains(next) {
            if !seen.insert(next) {
                let problem = format!("reference \"{reference}\" leads to itself");
                return Err(error(
                    problem,
                    "a circle of references alone means nothing: break it",
                ));
            }
            let Some(node) = pointer::resolve(self.document.root(), next) else {
                let problem = format!("reference \"{next}\" leads nowhere");
                return Err(error(
                    problem,
                    "add what it names, or correct the reference",
                ));
            };
            match node.get("$ref").and_then(Value::as_str) {
                Some(further) => next = further,
                None => break,
            }
        }
        self.sound.extend(seen);
        Ok(())
    }
}

/// Keywords whose values are data of the document's, in which `$ref` is a key like any other.
const QUOTING: &[&str] = &["const", "default", "enum", "example", "examples"];

/// Keywords whose values are objects with names for keys.
const NAMING: &[&str] = &[
    "$defs",
    "callbacks",
    "content",
    "definitions",
    "dependentSchemas",
    "encoding",
    "headers",
    "links",
    "mapping",
    "parameters",
    "pathItems",
    "paths",
    "patternProperties",
    "properties",
    "requestBodies",
    "responses",
    "schemas",
    "securitySchemes",
    "variables",
    "webhooks",
];

fn collect_missing(
    root: &Value,
    node: &Value,
    at: &mut String,
    keys_are_names: bool,
    missing: &mut Vec<(String, String)>,
) {
    let children: Vec<(String, &Value, bool)> = match node {
        Value::Object(object) => {
            if !keys_are_names
                && let Some(reference) = object.get("$ref").and_then(Value::as_str)
                && reference.starts_with("#/components/schemas/")
                && pointer::resolve(root, reference).is_none()
            {
                missing.push((at.clone(), reference.to_owned()));
            }
            let children = object.iter();
            children
                .filter(|(key, _)| keys_are_names || !QUOTING.contains(&key.as_str()))
                .map(|(key, child)| {
                    let names = !keys_are_names && NAMING.contains(&key.as_str());
                    (pointer::escape(key), child, names)
                })
                .collect()
        }
        Value::Array(array) => {
            let children = array.iter().enumerate();
            children
                .map(|(index, child)| (index.to_string(), child, false))
                .collect()
        }
        _ => return,
    };
    let length = at.len();
    for (step, child, names) in children {
        at.push('/');
        at.push_str(&step);
        collect_missing(root, child, at, names, missing);
        at.truncate(length);
    }
}
