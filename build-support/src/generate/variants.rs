//! Unions whose alternatives are all objects of their own get a component for each: the generator
//! would look for a tag that tells them apart, find one where none is meant, and refuse the rest.

use super::names;
use crate::numbered::numbered;
use crate::{operation, pointer};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Moves the alternatives of such unions into components.
pub(super) fn name(root: &mut Value) {
    let mut taken = BTreeSet::new();
    if let Some(schemas) = root["components"]["schemas"].as_object() {
        taken.extend(schemas.keys().map(|name| names::type_name(name)));
    }
    let mut naming = Naming {
        taken,
        added: Map::new(),
    };
    if let Some(schemas) = root["components"]["schemas"].as_object_mut() {
        for (name, schema) in schemas.iter_mut() {
            naming.visit(schema, name);
        }
    }
    for operation in operation::iter_mut(root) {
        let id = operation["operationId"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        for part in operation.values_mut() {
            naming.visit(part, &id);
        }
    }
    if let Some(schemas) = root["components"]["schemas"].as_object_mut() {
        schemas.extend(naming.added);
    }
}

struct Naming {
    taken: BTreeSet<String>,
    added: Map<String, Value>,
}

impl Naming {
    fn visit(&mut self, node: &mut Value, context: &str) {
        match node {
            Value::Object(object) => {
                for (keyword, child) in object.iter_mut() {
                    match (keyword.as_str(), child) {
                        ("properties", Value::Object(properties)) => {
                            for (name, property) in properties {
                                self.visit(property, &format!("{context} {name}"));
                            }
                        }
                        ("default" | "enum", _) => {}
                        (_, child) => self.visit(child, context),
                    }
                }
                if let Some(branches) = object.get_mut("oneOf").and_then(Value::as_array_mut)
                    && branches.len() > 1
                    && branches
                        .iter()
                        .all(|branch| branch.get("properties").is_some())
                {
                    self.name_all(branches, context);
                }
            }
            Value::Array(array) => array
                .iter_mut()
                .for_each(|child| self.visit(child, context)),
            _ => {}
        }
    }

    fn name_all(&mut self, branches: &mut [Value], context: &str) {
        for (index, branch) in branches.iter_mut().enumerate() {
            let own = branch["title"]
                .as_str()
                .map_or_else(|| format!("Variant{index}"), str::to_owned);
            let base = names::type_name(&format!("{context} {own}"));
            let name = numbered(&base, "", |name| self.taken.insert(name.to_owned()));
            let reference = format!("#{}", pointer::join("/components/schemas", &name));
            let schema = std::mem::replace(branch, json!({ "$ref": reference }));
            self.added.insert(name, schema);
        }
    }
}
