//! A normal form as a schema that any validator of JSON Schema 2020-12 reads.

use crate::evaluate::OneOf;
use crate::form::{Entry, Form, Node, Normal, Schema};
use crate::formats;
use crate::side::Side;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// Writes a schema, with every component that it refers to. None where no validator can tell: what
/// travels as text, encoded contents, references that lead nowhere, and more schemas than `budget`.
pub(crate) fn export(schema: Schema<'_>, one_of: OneOf, budget: &mut usize) -> Option<Value> {
    if schema.side.is_text() {
        return None;
    }
    let mut export = Export {
        side: schema.side,
        one_of,
        budget,
        names: HashMap::new(),
        definitions: Map::new(),
    };
    let root = export.node(schema.node)?;
    let definitions = export.definitions;
    Some(json!({"allOf": [root], "$defs": definitions}))
}

struct Export<'a, 'b> {
    side: &'a Side<'a>,
    one_of: OneOf,
    budget: &'b mut usize,
    /// The names of the components, by where they lie.
    names: HashMap<usize, String>,
    definitions: Map<String, Value>,
}

impl<'a> Export<'a, '_> {
    fn node(&mut self, node: Node<'a>) -> Option<Value> {
        if let Node::Written(value) = node {
            let resolved = self.side.resolve(value);
            if !std::ptr::eq(resolved, value) {
                return self.component(resolved);
            }
        }
        match self.side.normal(node) {
            Normal::Always => Some(Value::Bool(true)),
            Normal::Never => Some(Value::Bool(false)),
            Normal::Form(form) => self.form(form),
        }
    }

    fn component(&mut self, value: &'a Value) -> Option<Value> {
        let address = std::ptr::from_ref(value) as usize;
        if !self.names.contains_key(&address) {
            let name = format!("c{}", self.names.len());
            self.names.insert(address, name.clone());
            let written = self.node(Node::Written(value))?;
            self.definitions.insert(name, written);
        }
        let name = self.names.get(&address)?;
        Some(json!({"$ref": format!("#/$defs/{name}")}))
    }

    fn form(&mut self, form: &'a Form<'a>) -> Option<Value> {
        *self.budget = self.budget.checked_sub(1)?;
        if form.unresolved.is_some() {
            return None;
        }
        let mut written = Map::new();
        for (keyword, entry) in form.entries() {
            if keyword.starts_with("content") {
                return None;
            }
            match (keyword, entry) {
                ("oneOf", Entry::Schemas(nodes)) if self.one_of == OneOf::AtLeast => {
                    let nodes = self.nodes(nodes)?;
                    written.insert("allOf".to_owned(), json!([{"anyOf": nodes}]));
                }
                ("allOf", Entry::Schemas(nodes)) => {
                    let nodes = self.nodes(nodes)?;
                    let all = written.entry("allOf").or_insert_with(|| json!([]));
                    if let Value::Array(all) = all {
                        all.extend(nodes);
                    }
                }
                ("format", Entry::Text(format)) => {
                    written.insert(keyword.to_owned(), json!(format));
                    if let Some((least, greatest)) = formats::range(format) {
                        // Validators know formats of texts only.
                        let range =
                            json!({"minimum": least.to_value(), "maximum": greatest.to_value()});
                        let range = json!({"if": {"type": "number"}, "then": range});
                        let all = written.entry("allOf").or_insert_with(|| json!([]));
                        if let Value::Array(all) = all {
                            all.push(range);
                        }
                    }
                }
                // What says nothing about validity, or has the wrong shape, would only confuse.
                (_, Entry::Other(_)) => {}
                _ => {
                    let value = entry.to_value(&mut |node| self.node(node))?;
                    written.insert(keyword.to_owned(), value);
                }
            }
        }
        Some(Value::Object(written))
    }

    fn nodes(&mut self, nodes: &[Node<'a>]) -> Option<Vec<Value>> {
        nodes.iter().map(|node| self.node(*node)).collect()
    }
}
