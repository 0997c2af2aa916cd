//! Internal routes go: they are blocked from outside, and no promise to callers.

use crate::{Document, operation::METHODS};
use serde_json::Value;

pub(super) fn remove_internal_routes(document: &mut Document) {
    let Some(paths) = document.root_mut()["paths"].as_object_mut() else {
        return;
    };
    paths.retain(|path, item| {
        if path.split('/').any(|segment| segment == "internal") {
            return false;
        }
        let Some(item) = item.as_object_mut() else {
            return true;
        };
        item.retain(|method, operation| {
            !METHODS.contains(&method.as_str()) || !has_internal_tag(operation)
        });
        METHODS.iter().any(|method| item.contains_key(*method))
    });
}

fn has_internal_tag(operation: &Value) -> bool {
    let tags = operation["tags"].as_array().into_iter().flatten();
    tags.filter_map(Value::as_str)
        .any(|tag| tag.ends_with("-internal"))
}
