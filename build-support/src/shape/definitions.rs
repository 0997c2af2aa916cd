//! Schemas that are referred to where they lie, such as `$defs` inside of a component, become
//! components: the generator knows no other place to look for a type.

use crate::numbered::numbered;
use crate::{Document, pointer};
use heck::ToPascalCase;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn to_components(document: &mut Document) {
    let original = document.root().clone();
    let names = original["components"]["schemas"].as_object();
    let mut moving = Moving {
        original: &original,
        taken: names
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect(),
        moved: BTreeMap::new(),
        added: Vec::new(),
    };
    let root = document.root_mut();
    for part in ["paths", "components"] {
        if let Some(part) = root.get_mut(part) {
            moving.visit(part);
        }
    }
    // What has been moved may refer to more of its kind.
    let mut done: Vec<(String, Value)> = Vec::new();
    while let Some((name, mut schema)) = moving.added.pop() {
        moving.visit(&mut schema);
        done.push((name, schema));
    }
    if done.is_empty() {
        return;
    }
    done.sort_by(|(one, _), (other, _)| one.cmp(other));
    let schemas = &mut root["components"]["schemas"];
    if !schemas.is_object() {
        *schemas = Value::Object(Map::new());
    }
    for (name, schema) in done {
        schemas[name] = schema;
    }
}

struct Moving<'a> {
    original: &'a Value,
    taken: BTreeSet<String>,
    /// The references to the new components, by the old ones.
    moved: BTreeMap<String, String>,
    added: Vec<(String, Value)>,
}

impl Moving<'_> {
    fn visit(&mut self, node: &mut Value) {
        match node {
            Value::Object(object) => {
                if let Some(Value::String(reference)) = object.get_mut("$ref") {
                    self.redirect(reference);
                }
                object.values_mut().for_each(|child| self.visit(child));
            }
            Value::Array(array) => array.iter_mut().for_each(|child| self.visit(child)),
            _ => {}
        }
    }

    fn redirect(&mut self, reference: &mut String) {
        let component = |name: &str| format!("#{}", pointer::join("/components/schemas", name));
        if let Some(name) = pointer::component_name(reference) {
            // One way to write it: escapes of characters that need none go.
            *reference = component(&name);
        } else if let Some(known) = self.moved.get(reference) {
            reference.clone_from(known);
        } else if let Some(target) = pointer::resolve(self.original, reference) {
            let base = name_of(self.original, reference);
            let name = numbered(&base, "", |name| self.taken.insert(name.to_owned()));
            let new = component(&name);
            self.moved.insert(reference.clone(), new.clone());
            self.added.push((name, target.clone()));
            *reference = new;
        }
    }
}

/// A name for what a reference leads to: its title, else the last step that is a name.
fn name_of(root: &Value, reference: &str) -> String {
    let title = pointer::resolve(root, reference).and_then(|target| target["title"].as_str());
    let steps = reference
        .rsplit('/')
        .find(|step| step.starts_with(|c: char| c.is_ascii_alphabetic()));
    let name = title.or(steps).unwrap_or_default().to_pascal_case();
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    if plain.is_empty() {
        "Definition".to_owned()
    } else {
        plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_lies_inside_of_a_component_becomes_one() {
        let root = json!({
            "openapi": "3.1.0", "info": { "title": "t", "version": "1" }, "paths": {},
            "components": { "schemas": {
                "Inner": {},
                "A": {
                    "$defs": { "Inner": { "items": { "$ref": "#/components/schemas/A/$defs/Inner" } } },
                    "properties": { "one": { "$ref": "#/components/schemas/A/$defs/Inner" }, "b": { "$ref": "#/components/schemas/B%20b" } },
                },
                "B b": {},
            } },
        });
        let mut document = Document::from_json("test.json", root.to_string().as_bytes()).unwrap();
        to_components(&mut document);
        let schemas = &document.root()["components"]["schemas"];
        assert_eq!(
            schemas["A"]["properties"]["one"]["$ref"],
            "#/components/schemas/Inner2"
        );
        assert_eq!(
            schemas["A"]["properties"]["b"]["$ref"],
            "#/components/schemas/B b"
        );
        assert_eq!(
            schemas["Inner2"]["items"]["$ref"],
            "#/components/schemas/Inner2"
        );
        document.check().unwrap();
    }
}
