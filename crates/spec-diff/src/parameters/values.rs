//! What may be sent as the value of a parameter.

use super::collected::Parameter;
use super::serialization::types;
use super::{AREA, defaults};
use crate::comparison::Comparison;
use crate::finding::Finding;
use crate::json;
use crate::members::{self, Object};
use crate::report::Wire;
use crate::side::{Direction, Travel};
use serde_json::{Value, json};

/// Keywords that a single value of a list does not fall under.
const OF_LISTS: [&str; 3] = ["items", "minItems", "maxItems"];

pub(super) fn compare<'a>(
    comparison: &mut Comparison<'a>,
    pointer: &str,
    old: &Parameter<'a>,
    new: &Parameter<'a>,
) {
    let (before, after) = (old.content(), new.content());
    match (before.is_empty(), after.is_empty()) {
        (true, true) => {
            defaults::compare(comparison, pointer, old, new);
            compare_schemas(comparison, pointer, old, new);
        }
        (false, false) => compare_content(comparison, pointer, before, after),
        (_, to_style) => {
            if old.schema.is_some() || new.schema.is_some() {
                let form = if to_style {
                    "by style"
                } else {
                    "in a media type"
                };
                let message = format!("the value is now written {form}");
                let finding =
                    Finding::new("param-encoding-changed", Wire::Breaking, pointer, message);
                comparison.emit(finding.sent("the text form of this value differs", json!("a")));
            }
        }
    }
}

/// Compares parameters that are written in a media type.
fn compare_content<'a>(
    comparison: &mut Comparison<'a>,
    pointer: &str,
    old: &'a Object,
    new: &'a Object,
) {
    for media_type in members::names(old, new) {
        let pointer = json::join(&format!("{pointer}/content"), media_type);
        match (old.get(media_type), new.get(media_type)) {
            (Some(old), Some(new)) => {
                comparison.schema(
                    old.get("schema"),
                    new.get("schema"),
                    Direction::Request,
                    Travel::Json,
                    AREA,
                    &json::join(&pointer, "schema"),
                );
            }
            (None, _) => comparison.emit(Finding::new(
                "param-media-type-added",
                Wire::Compatible,
                pointer,
                format!("media type {media_type} added"),
            )),
            (_, None) => comparison.emit(Finding::new(
                "param-media-type-removed",
                Wire::Breaking,
                pointer,
                format!("media type {media_type} is no longer read"),
            )),
        }
    }
}

fn compare_schemas<'a>(
    comparison: &mut Comparison<'a>,
    pointer: &str,
    old: &Parameter<'a>,
    new: &Parameter<'a>,
) {
    let pointer = json::join(pointer, "schema");
    if let Some((sent, read)) = as_list_of_one(comparison, old, new)
        && comparison.text_is_contained(sent, read)
    {
        comparison.emit(Finding::new(
            "param-became-array",
            Wire::Compatible,
            json::join(&pointer, "type"),
            "one value, as it is written, is also a list of one",
        ));
        return;
    }
    comparison.schema(
        old.schema,
        new.schema,
        Direction::Request,
        Travel::Text,
        AREA,
        &pointer,
    );
}

/// What is sent as one value, and what the new document takes as one value or as the one item of a
/// list: in an exploded form both are written alike.
fn as_list_of_one<'a>(
    comparison: &Comparison<'a>,
    old: &Parameter<'a>,
    new: &Parameter<'a>,
) -> Option<(&'a Value, &'a Value)> {
    let sent = json::resolve(comparison.old, old.schema?);
    let read = members::resolved(comparison.new, new.schema)?;
    let sent_types = types(sent.as_object()?);
    let (lists, others): (Vec<_>, Vec<_>) =
        types(read).into_iter().partition(|word| *word == "array");
    let was_single = !sent_types.is_empty() && !sent_types.contains(&"array");
    let is_list = new.style().is_exploded_form() && !lists.is_empty() && takes_one_item(read);
    if !was_single || !is_list {
        return None;
    }
    let item = read.get("items").cloned().unwrap_or_else(|| json!({}));
    let mut alternatives = vec![item];
    if !others.is_empty() {
        let mut single = members::without(read, &OF_LISTS);
        single.insert("type".to_owned(), json!(others));
        alternatives.push(Value::Object(single));
    }
    Some((sent, comparison.keep(json!({"anyOf": alternatives}))))
}

fn takes_one_item(schema: &Object) -> bool {
    let count = |keyword: &str| schema.get(keyword).and_then(Value::as_f64);
    count("minItems").is_none_or(|least| least <= 1.0)
        && count("maxItems").is_none_or(|most| most >= 1.0)
}
