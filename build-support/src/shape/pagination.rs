//! Operations that answer a list in pages are recognised by their parameters.

use crate::operation::key;
use crate::{Document, Error, operation};
use serde_json::{Map, Value, json};

/// The pairs of parameters that say which page and how large; true where the first counts pages.
const STYLES: &[(&str, &str, bool)] = &[
    ("page", "per_page", true),
    ("page", "page_size", true),
    ("offset", "limit", false),
];

/// How many items to ask for where the document sets neither a largest number nor a default.
const DEFAULT_SIZE: i64 = 50;

pub(super) fn recognise(document: &mut Document) -> Result<(), Error> {
    operation::for_each_mut(document.root_mut(), |_, method, operation, _| {
        if method != "get" || operation.contains_key(key::PAGINATION) {
            return Ok(());
        }
        if let Some((index, size, by_page)) = STYLES.iter().find(|(index, size, _)| {
            query(operation, index).is_some() && query(operation, size).is_some()
        }) {
            let schema = query(operation, size).map(|parameter| &parameter["schema"]);
            let keyword = |name: &str| schema.and_then(|schema| number(&schema[name]));
            let largest = keyword("maximum");
            let found = json!({
                "index": index, "size": size, "by_page": by_page, "bounded": largest.is_some(),
                "largest": largest.or_else(|| keyword("default")).unwrap_or(DEFAULT_SIZE),
            });
            operation.insert(key::PAGINATION.to_owned(), found);
        }
        Ok(())
    })
}

fn query<'a>(operation: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let parameters = operation.get("parameters")?.as_array()?;
    parameters
        .iter()
        .find(|parameter| parameter["in"] == "query" && parameter["name"] == name)
}

/// Pydantic writes some bounds of integers with a fraction: `200.0`.
#[allow(
    clippy::cast_possible_truncation,
    reason = "a page size beyond 2^53 would be cut, and is none"
)]
fn number(value: &Value) -> Option<i64> {
    value
        .as_i64()
        .or_else(|| value.as_f64().map(|number| number as i64))
        .filter(|number| *number > 0)
}
