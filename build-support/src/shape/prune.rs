//! Schemas that no operation reaches go: they would be types that nobody can meet.

use crate::{Document, pointer};
use serde_json::Value;
use std::collections::BTreeSet;

pub(super) fn remove_unreached_schemas(document: &mut Document) {
    prune(document.root_mut());
}

/// The same on a document that is no more than its JSON.
pub(crate) fn prune(root: &mut Value) {
    let mut reached = BTreeSet::new();
    let mut waiting = Vec::new();
    collect(&root["paths"], &mut waiting);
    while let Some(name) = waiting.pop() {
        if let Some(schema) = root.pointer(&pointer::join("/components/schemas", &name))
            && reached.insert(name)
        {
            collect(schema, &mut waiting);
        }
    }
    if let Some(schemas) = root
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut)
    {
        schemas.retain(|name, _| reached.contains(name));
    }
}

/// The components that `node` refers to.
fn collect(node: &Value, names: &mut Vec<String>) {
    match node {
        Value::Object(object) => {
            let reference = object.get("$ref").and_then(Value::as_str);
            names.extend(reference.and_then(pointer::component_name));
            object.values().for_each(|child| collect(child, names));
        }
        Value::Array(array) => array.iter().for_each(|child| collect(child, names)),
        _ => {}
    }
}
