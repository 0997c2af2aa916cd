//! Schemas that no operation reaches go: they would be types that nobody can meet.

use crate::{Document, pointer};
use serde_json::Value;
use std::collections::BTreeSet;

pub(super) fn remove_unreached_schemas(document: &mut Document) {
    let mut reached = BTreeSet::new();
    collect(document.root(), &document.root()["paths"], &mut reached);
    if let Some(schemas) = document.root_mut()["components"]["schemas"].as_object_mut() {
        schemas.retain(|name, _| reached.contains(name));
    }
}

fn collect(root: &Value, node: &Value, reached: &mut BTreeSet<String>) {
    match node {
        Value::Object(object) => {
            if let Some(name) = object
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(pointer::component_name)
                && reached.insert(name.clone())
            {
                collect(root, &root["components"]["schemas"][name.as_str()], reached);
            }
            object
                .values()
                .for_each(|child| collect(root, child, reached));
        }
        Value::Array(array) => array.iter().for_each(|child| collect(root, child, reached)),
        _ => {}
    }
}
