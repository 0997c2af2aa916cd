//! What belongs to the document as a whole, and to its paths apart from their operations.

use crate::annotations;
use crate::comparison::Comparison;
use crate::finding::Finding;
use crate::json;
use crate::members;
use crate::report::Wire;
use crate::servers;

/// Members of the document, and the rule for each.
const DOCUMENT: [(&str, &str); 4] = [
    ("tags", "document-tags-changed"),
    ("externalDocs", "document-externaldocs-changed"),
    ("openapi", "document-openapi-changed"),
    ("jsonSchemaDialect", "document-jsonschemadialect-changed"),
];

/// Members of a path, and the rule for each.
const PATH: [(&str, &str); 2] = [
    ("summary", "annotation-changed"),
    ("description", "annotation-changed"),
];

pub(crate) fn compare(comparison: &mut Comparison<'_>) {
    let old = json::object(Some(comparison.old));
    let new = json::object(Some(comparison.new));
    let (old_info, new_info) = (json::object(old.get("info")), json::object(new.get("info")));
    for name in members::names(old_info, new_info) {
        let rule = (name, "info-changed");
        annotations::compare(comparison, "/info", old_info, new_info, &[rule]);
    }
    annotations::compare(comparison, "", old, new, &DOCUMENT);
    servers::compare(comparison, "", old, new);
    if members::differs(old, new, "security") {
        comparison.emit(Finding::new(
            "security-default-changed",
            Wire::None,
            "/security",
            "security of the document changed (judged at the operations that inherit it)",
        ));
    }
    annotations::compare_extensions(comparison, "", old, new);
    compare_paths(comparison);
}

fn compare_paths(comparison: &mut Comparison<'_>) {
    let before = json::object(comparison.old.get("paths"));
    let after = json::object(comparison.new.get("paths"));
    for path in members::names(before, after) {
        let old = members::resolved(comparison.old, before.get(path));
        let new = members::resolved(comparison.new, after.get(path));
        if let (Some(old), Some(new)) = (old, new) {
            let pointer = json::join("/paths", path);
            annotations::compare(comparison, &pointer, old, new, &PATH);
            servers::compare(comparison, &pointer, old, new);
            annotations::compare_extensions(comparison, &pointer, old, new);
        }
    }
}
