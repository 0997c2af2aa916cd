//! Generated types against the schemas that they come from: whatever is valid is read, and written
//! back as something that is valid and the same.

use imperal_build_support::{Document, Instances, Overlay, Pipeline};
use imperal_generated_tests::{ROUND_TRIPS, RoundTrip};
use imperal_tests::differences;
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
    let changes = differences(schema.root, schema.schema, before, &after);
    changes
        .first()
        .map(|change| format!("is written as {after}: {change}"))
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
