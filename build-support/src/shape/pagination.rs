//! Operations that answer a list in pages are recognised by their parameters and by the fields of the
//! answer. An overlay may say the rest, or that an operation does not page.

use crate::operation::{PageStyle, Pagination, key};
use crate::{Document, Error, operation, pointer};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The parameters that say which page, what they count, and the ones that say how large it is.
const STYLES: &[(&str, &str, &[&str])] = &[
    ("page", "page", &["per_page", "page_size", "size", "limit"]),
    ("offset", "offset", &["limit"]),
    ("skip", "offset", &["limit"]),
    ("cursor", "cursor", SIZES),
    ("page_token", "cursor", SIZES),
];

const SIZES: &[&str] = &["limit", "per_page", "page_size", "size"];

/// The fields of an answer that say how the next page is asked for.
const NEXT: &[&str] = &[
    "next_cursor",
    "next_page_token",
    "next_page",
    "next",
    "cursor",
];
/// Those that say whether more follow.
const MORE: &[&str] = &["has_more", "has_next", "hasMore", "hasNext"];
/// Those that say how many items there are in all.
const TOTAL: &[&str] = &["total", "total_count", "totalCount"];

pub(super) fn recognise(document: &mut Document) -> Result<(), Error> {
    let name = document.name().to_owned();
    let original = document.root().clone();
    operation::for_each_mut(document.root_mut(), |_, method, operation, at| {
        let told = operation.shift_remove(key::PAGINATION);
        if told == Some(json!(false)) || (told.is_none() && method != "get") {
            return Ok(());
        }
        let mut found = found(&original, operation, told.as_ref());
        let Some(Value::Object(told)) = told else {
            if let Some(found) = found {
                operation.insert(key::PAGINATION.to_owned(), Value::Object(found));
            }
            return Ok(());
        };
        let found = found.get_or_insert_default();
        found.extend(told);
        let refuse = |problem: String| {
            let remedy = "correct what the overlay says of the pages of this operation";
            Err(Error::new(
                name.clone(),
                pointer::join(at, key::PAGINATION),
                problem,
                remedy,
            ))
        };
        let pages: Pagination = match serde_json::from_value(Value::Object(found.clone())) {
            Ok(pages) => pages,
            Err(error) => return refuse(error.to_string()),
        };
        if pages.style == PageStyle::Cursor && pages.next.is_none() {
            return refuse(
                "it is not said where the cursor of the next page is: `next`".to_owned(),
            );
        }
        for name in std::iter::once(&pages.position).chain(&pages.size) {
            if query(operation, name).is_none() {
                return refuse(format!("there is no query parameter {name}"));
            }
        }
        operation.insert(key::PAGINATION.to_owned(), Value::Object(found.clone()));
        Ok(())
    })
}

/// What the document says of the pages of an operation. What the overlay has `told` goes before.
fn found(
    root: &Value,
    operation: &Map<String, Value>,
    told: Option<&Value>,
) -> Option<Map<String, Value>> {
    let fields = answer_fields(root, operation);
    let field = |names: &[&str]| {
        let name = names.iter().find(|name| fields.contains(**name))?;
        Some(format!("/{name}"))
    };
    let said = |keyword: &str| told.and_then(|told| told[keyword].as_str());
    let (position, style, size) = STYLES.iter().find_map(|(position, style, sizes)| {
        if said("position").is_some_and(|said| said != *position) {
            return None;
        }
        query(operation, position)?;
        let size = sizes.iter().find(|size| query(operation, size).is_some());
        // A cursor leads on by itself; a number without a size might be anything.
        let leads_on = *style == "cursor" && (field(NEXT).is_some() || said("next").is_some());
        (leads_on || (*style != "cursor" && size.is_some())).then_some((*position, *style, size))
    })?;
    let mut found = Map::new();
    found.insert("style".to_owned(), json!(style));
    found.insert("position".to_owned(), json!(position));
    if style == "page" {
        let schema = query(operation, position).map(|parameter| &parameter["schema"]);
        let bound = |keyword: &str| schema.and_then(|schema| bound(schema, keyword));
        let first = bound("default").or_else(|| bound("minimum")).unwrap_or(1);
        found.insert("first".to_owned(), json!(first));
    }
    if let Some(size) = said("size").or(size.copied()) {
        found.insert("size".to_owned(), json!(size));
        let schema = query(operation, size).map(|parameter| &parameter["schema"]);
        for (keyword, name) in [("maximum", "largest"), ("default", "default")] {
            let number = schema.and_then(|schema| bound(schema, keyword));
            if let Some(number) = number.filter(|number| *number > 0) {
                found.insert(name.to_owned(), json!(number));
            }
        }
    }
    let next = if style == "cursor" { field(NEXT) } else { None };
    for (name, field) in [
        ("next", next),
        ("more", field(MORE)),
        ("total", field(TOTAL)),
    ] {
        if let Some(field) = field {
            found.insert(name.to_owned(), json!(field));
        }
    }
    Some(found)
}

fn query<'a>(operation: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let parameters = operation.get("parameters")?.as_array()?;
    parameters
        .iter()
        .find(|parameter| parameter["in"] == "query" && parameter["name"] == name)
}

/// A whole number that a schema, or one of its alternatives, has for `keyword`.
fn bound(schema: &Value, keyword: &str) -> Option<i64> {
    let alternatives = schema["anyOf"].as_array().into_iter().flatten();
    std::iter::once(schema)
        .chain(alternatives)
        .find_map(|schema| number(&schema[keyword]))
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
}

/// The names of the fields that the successful answer may have.
fn answer_fields(root: &Value, operation: &Map<String, Value>) -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    let answers = operation.get("responses").and_then(Value::as_object);
    for (status, answer) in answers.into_iter().flatten() {
        if status.starts_with('2') {
            let schema = &answer["content"]["application/json"]["schema"];
            collect_fields(root, schema, 8, &mut fields);
        }
    }
    fields
}

fn collect_fields(root: &Value, schema: &Value, depth: usize, fields: &mut BTreeSet<String>) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    if let Some(target) = schema["$ref"]
        .as_str()
        .and_then(|reference| pointer::resolve(root, reference))
    {
        collect_fields(root, target, depth, fields);
    }
    let properties = schema["properties"].as_object();
    fields.extend(
        properties
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone()),
    );
    for keyword in ["anyOf", "oneOf", "allOf"] {
        for branch in schema[keyword].as_array().into_iter().flatten() {
            collect_fields(root, branch, depth, fields);
        }
    }
}
