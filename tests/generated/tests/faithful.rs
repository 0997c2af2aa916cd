//! Generated types against the schemas that they come from: whatever is valid is read, and written
//! back as something that is valid and the same.

use imperal_build_support::{Document, Instances, Overlay, Pipeline};
use imperal_generated_tests::{ROUND_TRIPS, RoundTrip};
use serde_json::{Value, json};
use std::path::Path;

/// How many values of each component are tried.
const VALUES: u64 = 200;

/// Components without a type: forms, which are no JSON, and what only a parameter without a form has.
const WITHOUT_TYPE: &[&str] = &[
    "Body_fields_bodies_fields_post",
    "Body_guarded_bodies_guarded_post",
    "Body_multipart_or_json_bodies_multipart_or_json_post",
    "Body_old_upload_bodies_old_upload_post",
    "Body_optional_upload_bodies_optional_upload_post",
    "Body_speech_to_text_v1_voice_stt_post",
    "Body_upload_bodies_upload_post",
    "Body_upload_upload_post",
    "Filter",
];

/// Its one field may be one that it does not name, which is read over: then it has too few.
const TOO_FEW_FIELDS: &str = "Counted";

struct Judged<'a> {
    root: &'a Value,
    schema: &'a Value,
    validator: jsonschema::Validator,
}

impl<'a> Judged<'a> {
    fn new(root: &'a Value, component: &str) -> Self {
        let escaped = component.replace('~', "~0").replace('/', "~1");
        let pointer = format!("/components/schemas/{escaped}");
        let mut whole = root.clone();
        whole["$ref"] = json!(format!("#{}", percent_encoded(&pointer)));
        let options = jsonschema::options().with_draft(jsonschema::Draft::Draft202012);
        Self {
            root,
            schema: root.pointer(&pointer).unwrap(),
            validator: options.build(&whole).unwrap(),
        }
    }

    /// The values that are valid, of those that the generator makes.
    fn values(&self) -> impl Iterator<Item = Value> {
        let made = (0..VALUES).filter_map(|seed| Instances::new(self.root, seed).make(self.schema));
        made.filter(|value| self.validator.is_valid(value))
    }
}

/// A reference is a URI, which is plain ASCII.
fn percent_encoded(pointer: &str) -> String {
    let encoded = pointer.bytes().map(|byte| {
        if byte.is_ascii() {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    });
    encoded.collect()
}

/// What is wrong with what a type makes of a value.
fn problem(schema: &Judged<'_>, before: &Value, round_trip: RoundTrip) -> Option<String> {
    let after = match round_trip(before) {
        Ok(after) => after,
        Err(error) => return Some(format!("is not read: {error}")),
    };
    if !schema.validator.is_valid(&after) {
        return Some(format!("is written as {after}, which is not valid"));
    }
    let mut changes = Vec::new();
    compare(
        schema.root,
        &[schema.schema],
        before,
        &after,
        "",
        &mut changes,
    );
    changes
        .first()
        .map(|change| format!("is written as {after}: {change}"))
}

/// Every schema that may describe the same value: behind references, in all parts and alternatives.
fn unfolded<'a>(root: &'a Value, schemas: &[&'a Value]) -> Vec<&'a Value> {
    let mut found: Vec<&Value> = Vec::new();
    let mut waiting: Vec<&Value> = schemas.to_vec();
    while let Some(schema) = waiting.pop() {
        if found.iter().any(|known| std::ptr::eq(*known, schema)) {
            continue;
        }
        found.push(schema);
        let target = schema["$ref"]
            .as_str()
            .and_then(|reference| root.pointer(reference.strip_prefix('#')?));
        waiting.extend(target);
        for keyword in ["allOf", "anyOf", "oneOf"] {
            waiting.extend(schema[keyword].as_array().into_iter().flatten());
        }
    }
    found
}

/// Notes what differs, beyond a default that became absent or was written out, and fields that no
/// schema names.
fn compare(
    root: &Value,
    schemas: &[&Value],
    before: &Value,
    after: &Value,
    at: &str,
    changes: &mut Vec<String>,
) {
    let schemas = unfolded(root, schemas);
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let names = before
                .keys()
                .chain(after.keys().filter(|name| !before.contains_key(*name)));
            for name in names {
                let fields = schemas
                    .iter()
                    .filter_map(|schema| schema["properties"].get(name));
                let fields: Vec<&Value> = fields.collect();
                let defaults: Vec<&Value> = unfolded(root, &fields)
                    .into_iter()
                    .filter_map(|schema| schema.get("default"))
                    .collect();
                let at = format!("{at}/{name}");
                match (before.get(name), after.get(name)) {
                    (Some(before), Some(after)) => {
                        let rest = schemas
                            .iter()
                            .filter_map(|schema| schema.get("additionalProperties"));
                        let inner: Vec<&Value> = if fields.is_empty() {
                            rest.collect()
                        } else {
                            fields
                        };
                        compare(root, &inner, before, after, &at, changes);
                    }
                    // No field by that name: it may go.
                    (Some(_), None) if fields.is_empty() && has_names(&schemas) => {}
                    (Some(value), None) | (None, Some(value)) => {
                        let is_default = defaults.iter().any(|default| same(default, value));
                        let means_nothing = defaults.is_empty()
                            && (value.is_null() || *value == json!([]) || *value == json!({}));
                        if !is_default && !means_nothing {
                            changes.push(format!("{at}: {value} on one side only"));
                        }
                    }
                    (None, None) => {}
                }
            }
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            let items: Vec<&Value> = schemas
                .iter()
                .filter_map(|schema| schema.get("items"))
                .collect();
            for (index, (before, after)) in before.iter().zip(after).enumerate() {
                let place = schemas
                    .iter()
                    .filter_map(|schema| schema["prefixItems"].get(index));
                let inner: Vec<&Value> = place.chain(items.iter().copied()).collect();
                compare(
                    root,
                    &inner,
                    before,
                    after,
                    &format!("{at}/{index}"),
                    changes,
                );
            }
        }
        _ if same(before, after) => {}
        _ => changes.push(format!("{at}: {before} became {after}")),
    }
}

fn has_names(schemas: &[&Value]) -> bool {
    schemas.iter().any(|schema| {
        schema["properties"]
            .as_object()
            .is_some_and(|names| !names.is_empty())
    })
}

/// JSON knows one kind of number.
fn same(one: &Value, other: &Value) -> bool {
    one == other || (one.is_number() && one.as_f64() == other.as_f64())
}

#[test]
fn what_is_valid_is_read_and_written_back() {
    let mut problems = Vec::new();
    let (mut components, mut values) = (0, 0);
    for round_trips in ROUND_TRIPS {
        let document = Document::load(Path::new(round_trips.document)).unwrap();
        let overlay = round_trips.overlay.map_or_else(Overlay::empty, |path| {
            Overlay::load(Path::new(path)).unwrap()
        });
        let pipeline = Pipeline::run(document, &overlay).unwrap();
        let mut shaped = pipeline.overlaid.clone();
        imperal_build_support::shape(&mut shaped).unwrap();
        let lowered = pipeline.lowered.root()["components"]["schemas"]
            .as_object()
            .unwrap();
        for name in lowered.keys() {
            let has_type = round_trips
                .components
                .iter()
                .any(|(component, _)| component == name);
            if !has_type && !WITHOUT_TYPE.contains(&name.as_str()) {
                problems.push(format!("{} {name}: no type", round_trips.document));
            }
        }
        for (component, round_trip) in round_trips.components {
            // Definitions inside of components have become components when the document was shaped.
            let original = &pipeline.overlaid.root()["components"]["schemas"];
            let shown = if original.get(component).is_some() {
                &pipeline.overlaid
            } else {
                &shaped
            };
            let schema = Judged::new(shown.root(), component);
            let mut tried = 0;
            let named = |value: &Value| {
                value
                    .as_object()
                    .unwrap()
                    .keys()
                    .any(|name| schema.schema["properties"].get(name).is_some())
            };
            for value in schema.values() {
                tried += 1;
                if *component == TOO_FEW_FIELDS && !named(&value) {
                    continue;
                }
                if let Some(problem) = problem(&schema, &value, *round_trip) {
                    problems.push(format!(
                        "{} {component}: {value} {problem}",
                        round_trips.document
                    ));
                    break;
                }
            }
            if tried == 0 {
                problems.push(format!("{} {component}: no value", round_trips.document));
            }
            components += 1;
            values += tried;
        }
    }
    println!("{values} values of {components} components");
    assert!(
        problems.is_empty(),
        "{}\n{} problems",
        problems.join("\n"),
        problems.len()
    );
}
