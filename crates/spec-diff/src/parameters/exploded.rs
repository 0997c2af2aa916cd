//! Objects of which each property is sent as a parameter of its own.

use super::collected::{Key, Parameter, Parameters, Part};
use super::serialization::types;
use super::{AREA, place};
use crate::comparison::Comparison;
use crate::finding::Finding;
use crate::json;
use crate::lifecycle;
use crate::members::{self, Object};
use crate::report::Wire;
use crate::side::{Direction, Travel};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What a property takes from its object.
const INHERITED: [&str; 2] = ["deprecated", "x-sunset"];

/// Takes objects apart. A parameter that is written out goes before a property of the same name.
pub(super) fn explode<'a>(
    comparison: &Comparison<'a>,
    document: &'a Value,
    written: Parameters<'a>,
) -> Parameters<'a> {
    let mut parameters = Parameters::new();
    let mut objects = Vec::new();
    for (key, parameter) in written {
        if let (Some(schema), Some(whole)) = (exploded_schema(document, &parameter), key.whole()) {
            objects.push((parameter, schema));
            let part = Part::Whole;
            parameters.insert(whole, Parameter { part, ..parameter });
        } else {
            parameters.insert(key, parameter);
        }
    }
    for (object, schema) in objects {
        let members = inherited(comparison, &object);
        let required: Vec<_> = json::texts(schema.get("required")).collect();
        for (name, property) in json::object(schema.get("properties")) {
            let key = Key::sent(object.location, name.as_str());
            parameters.entry(key).or_insert(Parameter {
                name,
                location: object.location,
                required: object.required && required.contains(&name.as_str()),
                schema: Some(property),
                part: Part::Property(object.name),
                members,
            });
        }
    }
    parameters
}

/// The schema of an object that is sent as its properties.
fn exploded_schema<'a>(document: &'a Value, parameter: &Parameter<'a>) -> Option<&'a Object> {
    let schema = members::resolved(document, parameter.schema)?;
    let is_exploded = matches!(parameter.location, "query" | "cookie")
        && parameter.style().is_exploded_form()
        && parameter.content().is_empty()
        && types(schema) == ["object"]
        && !json::object(schema.get("properties")).is_empty();
    is_exploded.then_some(schema)
}

fn inherited<'a>(comparison: &Comparison<'a>, object: &Parameter<'a>) -> &'a Object {
    let members = object.members.iter();
    let members = members.filter(|(name, _)| INHERITED.contains(&name.as_str()));
    let members = members.map(|(name, value)| (name.clone(), value.clone()));
    json::object(Some(comparison.keep(Value::Object(members.collect()))))
}

/// Takes out what is one parameter in one document and an exploded object in the other: what stands
/// on the wire is another text altogether.
pub(super) fn compare_forms<'a>(
    comparison: &mut Comparison<'a>,
    pointer: &str,
    old: &mut Parameters<'a>,
    new: &mut Parameters<'a>,
) {
    let keys: BTreeSet<Key<'a>> = old.keys().chain(new.keys()).cloned().collect();
    for key in keys {
        let Some(whole) = key.whole() else {
            continue;
        };
        let found = take(&key, &whole, old, new)
            .map(|parameter| (parameter, "as single parameters"))
            .or_else(|| {
                let parameter = take(&key, &whole, new, old)?;
                Some((parameter, "under its own name"))
            });
        if let Some((parameter, form)) = found {
            let pointer = place(pointer, parameter.location, parameter.name);
            let finding = Finding::new(
                "param-style-changed",
                Wire::Breaking,
                json::join(&pointer, "style"),
                format!("the object is now written {form}"),
            );
            comparison.emit(finding.sent("the text form of this value differs", json!({"a": 1})));
        }
    }
}

/// Takes a parameter out of one document, and the object of the same name, with its properties, out
/// of the other.
fn take<'a>(
    key: &Key<'a>,
    whole: &Key<'a>,
    alone: &mut Parameters<'a>,
    exploded: &mut Parameters<'a>,
) -> Option<Parameter<'a>> {
    let parameter = *alone.get(key)?;
    if parameter.part != Part::Alone || !exploded.contains_key(whole) {
        return None;
    }
    alone.remove(key);
    exploded.remove(whole);
    let part = Part::Property(parameter.name);
    exploded.retain(|_, other| other.part != part || other.location != parameter.location);
    Some(parameter)
}

/// Compares exploded objects apart from their properties, which are parameters of their own.
pub(super) fn compare_wholes<'a>(
    comparison: &mut Comparison<'a>,
    pointer: &str,
    old: &Parameter<'a>,
    new: &Parameter<'a>,
) {
    let before = json::object(
        old.schema
            .map(|schema| json::resolve(comparison.old, schema)),
    );
    let after = json::object(
        new.schema
            .map(|schema| json::resolve(comparison.new, schema)),
    );
    if !old.required && new.required && json::list(after.get("required")).is_empty() {
        comparison.emit(Finding::new(
            "param-became-required",
            Wire::Compatible,
            json::join(pointer, "required"),
            "no property of the object is required",
        ));
    }
    let today = comparison.today;
    lifecycle::compare(
        old.members,
        new.members,
        pointer,
        AREA,
        today,
        &mut |finding| {
            comparison.emit(finding);
        },
    );
    let apart = ["properties", "required"];
    let before = comparison.keep(Value::Object(members::without(before, &apart)));
    let after = comparison.keep(Value::Object(members::without(after, &apart)));
    comparison.schema(
        Some(before),
        Some(after),
        Direction::Request,
        Travel::Text,
        AREA,
        &json::join(pointer, "schema"),
    );
}
