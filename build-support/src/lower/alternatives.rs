//! `anyOf` and `oneOf`: null becomes `nullable`, one alternative stands for itself, several become
//! an enum whose variants are named after titles.

use super::{Lowering, schema};
use crate::operation::key;
use crate::{Rule, pointer};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub(super) fn lower(
    lowering: &mut Lowering,
    source: &Map<String, Value>,
    lowered: &mut Map<String, Value>,
    at: &str,
) {
    for keyword in ["anyOf", "oneOf"] {
        let Some(branches) = source.get(keyword).and_then(Value::as_array) else {
            continue;
        };
        let at = pointer::join(at, keyword);
        let own = ["properties", "items", "additionalProperties", "oneOf"];
        if own.iter().any(|own| lowered.contains_key(*own)) {
            let what = "alternatives beside a form of the schema's own";
            lowering.lose(&at, Rule::Alternatives, what);
            continue;
        }
        let mut others: Vec<Value> = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            if !is_null(branch) {
                let branch = variant(lowering, branch, &format!("{at}/{index}"));
                if !others.contains(&branch) {
                    others.push(branch);
                }
            }
        }
        if branches.iter().any(is_null) {
            lowered.insert("nullable".to_owned(), json!(true));
        }
        match others.as_slice() {
            [] => {
                lowered.shift_remove("nullable");
                lowered.insert("enum".to_owned(), json!([null]));
            }
            several if several.iter().any(is_anything) => {
                if several.len() > 1 {
                    let what = "an alternative that anything fits";
                    lowering.lose(&at, Rule::Alternatives, what);
                }
                lowered.retain(|keyword, _| keyword == "description");
            }
            [one] => move_up(one.clone(), lowered),
            _ => {
                lowered.retain(|keyword, _| keyword == "description" || keyword == "nullable");
                lowered.insert("oneOf".to_owned(), Value::Array(others));
            }
        }
    }
}

/// The only alternative beside null takes the place of the whole, except a reference, which stands
/// alone.
fn move_up(branch: Value, lowered: &mut Map<String, Value>) {
    let Value::Object(branch) = branch else {
        return;
    };
    if branch.contains_key("$ref") {
        lowered.insert("allOf".to_owned(), json!([branch]));
        return;
    }
    for (keyword, value) in branch {
        if keyword != "title" && (keyword != "description" || !lowered.contains_key("description"))
        {
            lowered.insert(keyword, value);
        }
    }
}

fn variant(lowering: &mut Lowering, branch: &Value, at: &str) -> Value {
    let mut lowered = schema::lower(lowering, branch, at);
    let title = branch
        .get("title")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if lowering.variant_titles.get(title) == Some(branch)
        && let Some(lowered) = lowered.as_object_mut()
    {
        lowered.insert("title".to_owned(), json!(title));
    }
    lowered
}

/// The part of a schema with several types that concerns one of them.
pub(super) fn of_type(schema: &Map<String, Value>, name: &Value) -> Value {
    let concerns: &[&str] = match name.as_str() {
        Some("object") => &["properties", "required", "additionalProperties"],
        Some("array") => &["items", "prefixItems"],
        Some("string") => &["format"],
        _ => &[],
    };
    let mut part = Map::new();
    part.insert("type".to_owned(), name.clone());
    for keyword in concerns {
        if let Some(value) = schema.get(*keyword) {
            part.insert((*keyword).to_owned(), value.clone());
        }
    }
    Value::Object(part)
}

fn is_null(branch: &Value) -> bool {
    branch["type"] == "null"
        || branch.get("const") == Some(&Value::Null)
        || branch["enum"] == json!([null])
}

/// Whether a lowered schema allows anything.
pub(super) fn is_anything(lowered: &Value) -> bool {
    lowered.as_object().is_some_and(|lowered| {
        lowered.keys().all(|keyword| {
            matches!(
                keyword.as_str(),
                "description" | "nullable" | "title" | key::CONSTRAINTS
            )
        })
    })
}

/// Titles of alternatives that stand for one schema only. FastAPI repeats titles, and the generator
/// takes two schemas with one title for one type.
pub(super) fn distinct_titles(root: &Value) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    collect(root, &mut found);
    let components = root["components"]["schemas"].as_object();
    found
        .into_iter()
        .filter(|(title, _)| components.is_none_or(|components| !components.contains_key(title)))
        .filter_map(|(title, schema)| Some((title, schema?)))
        .collect()
}

/// `None` marks a title that stands for several.
fn collect(node: &Value, found: &mut BTreeMap<String, Option<Value>>) {
    match node {
        Value::Object(object) => {
            for keyword in ["anyOf", "oneOf"] {
                for branch in object
                    .get(keyword)
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                {
                    if let Some(title) = branch.get("title").and_then(Value::as_str) {
                        found
                            .entry(title.to_owned())
                            .and_modify(|known| {
                                if known.as_ref() != Some(branch) {
                                    *known = None;
                                }
                            })
                            .or_insert_with(|| Some(branch.clone()));
                    }
                }
            }
            object.values().for_each(|child| collect(child, found));
        }
        Value::Array(array) => array.iter().for_each(|child| collect(child, found)),
        _ => {}
    }
}
