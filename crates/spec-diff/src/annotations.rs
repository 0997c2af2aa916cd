//! What a document says to people and tools: it is listed, and changes nothing on the wire.

use crate::comparison::Comparison;
use crate::finding::Finding;
use crate::json;
use crate::members::{self, Object};
use crate::report::Wire;

/// Extensions that are read elsewhere.
const LIFECYCLE: [&str; 2] = ["x-sunset", "x-stability-level"];

/// Compares members, each under a rule.
pub(crate) fn compare(
    comparison: &mut Comparison<'_>,
    pointer: &str,
    old: &Object,
    new: &Object,
    rules: &[(&str, &str)],
) {
    for (name, rule) in rules {
        if members::differs(old, new, name) {
            let (before, after) = (json::show(old.get(*name)), json::show(new.get(*name)));
            comparison.emit(Finding::new(
                *rule,
                Wire::None,
                json::join(pointer, name),
                format!("{name} {before} -> {after}"),
            ));
        }
    }
}

/// Compares the description of an element.
pub(crate) fn compare_description(
    comparison: &mut Comparison<'_>,
    pointer: &str,
    area: &str,
    old: &Object,
    new: &Object,
) {
    const NAME: &str = "description";
    if members::differs(old, new, NAME) {
        comparison.emit(Finding::new(
            format!("{area}-annotation-changed"),
            Wire::None,
            json::join(pointer, NAME),
            format!("{NAME} changed"),
        ));
    }
}

/// Compares what the authors of a document have added to OpenAPI.
pub(crate) fn compare_extensions(
    comparison: &mut Comparison<'_>,
    pointer: &str,
    old: &Object,
    new: &Object,
) {
    let names = members::names(old, new).into_iter();
    for name in names.filter(|name| name.starts_with("x-") && !LIFECYCLE.contains(name)) {
        if members::differs(old, new, name) {
            comparison.emit(Finding::new(
                "extension-changed",
                Wire::None,
                json::join(pointer, name),
                format!("{name} changed"),
            ));
        }
    }
}
