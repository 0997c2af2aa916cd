//! Fields of a value that its schema does not declare.

use crate::contract::{self, Contract};
use crate::request::{FieldError, has_type};
use imperal_build_support::pointer;
use serde_json::Value;

/// Keywords that say, or may say, what becomes of a field without a declaration. What they forbid breaks the
/// schema, and is found where the value is held against it.
const SPEAKING: [&str; 4] = [
    "additionalProperties",
    "unevaluatedProperties",
    "dependentSchemas",
    "if",
];

/// So many schemas hold for a value at most, and in so many ways: with more nothing is said of its fields.
const LONGEST_READING: usize = 128;
const MOST_READINGS: usize = 256;

/// Schemas, by their JSON pointers, that hold for a value all at once: what they declare adds up.
type Reading = Vec<String>;

/// The fields of a value, at any depth, that the schema at a pointer does not declare.
pub(super) fn undeclared_fields(
    contract: &Contract,
    pointer: &str,
    value: &Value,
    loc: Vec<Value>,
) -> Vec<FieldError> {
    let mut search = Search {
        contract,
        loc,
        found: Vec::new(),
    };
    search.walk(&[vec![pointer.to_owned()]], value);
    search.found
}

struct Search<'a> {
    contract: &'a Contract,
    loc: Vec<Value>,
    found: Vec<FieldError>,
}

impl Search<'_> {
    /// Goes through a value that may be read in several ways: what one of them declares is declared.
    fn walk(&mut self, readings: &[Reading], value: &Value) {
        let is_leaf = !value.is_object() && !value.is_array();
        // Where no schema is, anything may be.
        if is_leaf || readings.iter().any(Vec::is_empty) {
            return;
        }
        let Some(readings) = self.all_expanded(readings, value) else {
            return;
        };
        match value {
            Value::Object(fields) => {
                for (name, field) in fields {
                    let inner = each(&readings, |reading| self.field(reading, name));
                    self.step(Value::from(name.as_str()), &inner, field);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    let inner = each(&readings, |reading| Some(self.item(reading, index)));
                    self.step(Value::from(index), &inner, item);
                }
            }
            _ => {}
        }
    }

    fn step(&mut self, name: Value, readings: &[Reading], value: &Value) {
        self.loc.push(name);
        if readings.is_empty() {
            let error = FieldError::undeclared(self.loc.clone(), value.clone());
            self.found.push(error);
        } else {
            self.walk(readings, value);
        }
        self.loc.pop();
    }

    /// Readings with all that their schemas refer to: one for each way to decide between alternatives. None if
    /// there are too many to tell what is declared.
    fn all_expanded(&self, readings: &[Reading], value: &Value) -> Option<Vec<Reading>> {
        let mut expanded = Vec::new();
        for reading in readings {
            let nothing = vec![Reading::new()];
            let own = reading.iter().try_fold(nothing, |readings, pointer| {
                self.added(&readings, pointer, value)
            });
            expanded.extend(own?);
        }
        (expanded.len() <= MOST_READINGS).then_some(expanded)
    }

    /// Each of the readings with one more schema.
    fn added(&self, readings: &[Reading], pointer: &str, value: &Value) -> Option<Vec<Reading>> {
        let mut all = Vec::new();
        for reading in readings {
            let mut reading = reading.clone();
            // What refers to itself adds nothing the second time.
            if reading.iter().any(|known| known == pointer) {
                all.push(reading);
                continue;
            }
            if reading.len() == LONGEST_READING {
                return None;
            }
            reading.push(pointer.to_owned());
            let mut decided = vec![reading];
            for choice in self.choices(pointer, value) {
                let mut several = Vec::new();
                for part in &choice {
                    several.extend(self.added(&decided, part, value)?);
                    if several.len() > MOST_READINGS {
                        return None;
                    }
                }
                decided = several;
            }
            all.extend(decided);
            if all.len() > MOST_READINGS {
                return None;
            }
        }
        Some(all)
    }

    /// The schemas that a schema is put together of: of each list, one holds.
    fn choices(&self, pointer: &str, value: &Value) -> Vec<Vec<String>> {
        let schema = self.contract.at(pointer);
        let target = schema["$ref"].as_str().and_then(contract::target);
        let parts = members(schema, pointer, "allOf");
        let mut choices: Vec<Vec<String>> = target
            .into_iter()
            .chain(parts)
            .map(|part| vec![part])
            .collect();
        for keyword in ["anyOf", "oneOf"] {
            let alternatives = members(schema, pointer, keyword);
            let fitting = self.fitting(&alternatives, value);
            if !fitting.is_empty() {
                choices.push(fitting);
            }
        }
        choices
    }

    /// The alternatives that a value fits. If it fits none, nobody knows which was meant: all that are of its
    /// kind.
    fn fitting(&self, alternatives: &[String], value: &Value) -> Vec<String> {
        let fitting = alternatives.iter().filter(|one| self.fits(one, value));
        let fitting: Vec<String> = fitting.cloned().collect();
        if !fitting.is_empty() {
            return fitting;
        }
        let similar = alternatives.iter();
        similar
            .filter(|one| self.is_of_kind(one, value))
            .cloned()
            .collect()
    }

    fn fits(&self, pointer: &str, value: &Value) -> bool {
        self.contract.schemas().fits(pointer, value)
    }

    fn is_of_kind(&self, pointer: &str, value: &Value) -> bool {
        let kind = if value.is_array() { "array" } else { "object" };
        let found = contract::followed(&self.contract.document, pointer.to_owned());
        found.is_none_or(|(_, schema)| schema.get("type").is_none() || has_type(schema, kind))
    }

    /// The schemas of a field; none if the reading does not declare it.
    fn field(&self, reading: &[String], name: &str) -> Option<Reading> {
        let mut schemas = Reading::new();
        let (mut is_closed, mut is_open) = (false, false);
        for pointer in reading {
            let schema = self.contract.at(pointer);
            let properties = schema["properties"].as_object();
            is_closed |= properties.is_some_and(|properties| !properties.is_empty());
            is_open |= SPEAKING.iter().any(|keyword| schema.get(keyword).is_some());
            let own = named(schema, pointer, name);
            if own.is_empty() && schema["additionalProperties"].is_object() {
                schemas.push(format!("{pointer}/additionalProperties"));
            }
            schemas.extend(own);
        }
        let is_declared = !schemas.is_empty() || is_open || !is_closed;
        is_declared.then_some(schemas)
    }

    /// The schemas of an item.
    fn item(&self, reading: &[String], index: usize) -> Reading {
        let own = |pointer: &String| {
            let schema = self.contract.at(pointer);
            let places = schema["prefixItems"].as_array().map_or(0, Vec::len);
            if index < places {
                return Some(format!("{pointer}/prefixItems/{index}"));
            }
            schema.get("items").map(|_| format!("{pointer}/items"))
        };
        reading.iter().filter_map(own).collect()
    }
}

/// What lies deeper by each reading, and nothing twice.
fn each(readings: &[Reading], inner: impl Fn(&Reading) -> Option<Reading>) -> Vec<Reading> {
    let mut found: Vec<Reading> = Vec::new();
    for reading in readings.iter().filter_map(inner) {
        if !found.contains(&reading) {
            found.push(reading);
        }
    }
    found
}

/// Where the schemas of a list are.
fn members(schema: &Value, pointer: &str, keyword: &str) -> Vec<String> {
    let count = schema[keyword].as_array().map_or(0, Vec::len);
    let indices = 0..count;
    indices
        .map(|index| format!("{pointer}/{keyword}/{index}"))
        .collect()
}

/// Where a schema declares a field, by its name or by a pattern.
fn named(schema: &Value, at: &str, name: &str) -> Vec<String> {
    let property = schema["properties"].get(name);
    let property = property.map(|_| pointer::join(&format!("{at}/properties"), name));
    let patterns = schema["patternProperties"]
        .as_object()
        .into_iter()
        .flatten();
    let patterns = patterns
        .filter(|(pattern, _)| matches(pattern, name))
        .map(|(pattern, _)| pointer::join(&format!("{at}/patternProperties"), pattern));
    property.into_iter().chain(patterns).collect()
}

fn matches(pattern: &str, name: &str) -> bool {
    // A pattern that cannot be read here might cover any name.
    let expression = regex::Regex::new(pattern).ok();
    expression.is_none_or(|expression| expression.is_match(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The places of what a schema does not declare, with a few more schemas beside it.
    fn places(schema: &Value, value: &Value) -> Vec<String> {
        let contract = Contract::new(json!({ "components": { "schemas": {
            "Tested": schema,
            "Pet": { "type": "object", "properties": { "name": { "type": "string" } }, "required": ["name"] },
            "Tree": { "properties": { "children": { "items": { "$ref": "#/components/schemas/Tree" } } } },
            "Loop": { "properties": { "a": {} }, "allOf": [{ "$ref": "#/components/schemas/Loop" }] },
            "odd name": { "properties": { "a/b": { "properties": { "c": {} } } } },
        } } }));
        let found = undeclared_fields(&contract, "/components/schemas/Tested", value, Vec::new());
        found.iter().map(FieldError::place).collect()
    }

    fn check(cases: &[(Value, Value, &[&str])]) {
        for (schema, value, expected) in cases {
            assert_eq!(places(schema, value), *expected, "{schema} and {value}");
        }
    }

    fn pet() -> Value {
        json!({ "$ref": "#/components/schemas/Pet" })
    }

    #[test]
    fn properties_close_a_schema_that_says_nothing_else() {
        check(&[
            (
                json!({ "properties": { "a": {} } }),
                json!({ "a": 1, "b": 2, "c": 3 }),
                &["b", "c"],
            ),
            (json!({ "type": "object" }), json!({ "b": 2 }), &[]),
            (
                json!({ "type": "object", "properties": {} }),
                json!({ "b": 2 }),
                &[],
            ),
            (json!(true), json!({ "b": 2 }), &[]),
            (
                json!({ "properties": { "a": {} } }),
                json!([{ "b": 2 }]),
                &[],
            ),
            (
                json!({ "properties": { "a": {} }, "additionalProperties": true }),
                json!({ "b": 2 }),
                &[],
            ),
            // What this forbids breaks the schema, and is told by whoever validates.
            (
                json!({ "properties": { "a": {} }, "additionalProperties": false }),
                json!({ "b": 2 }),
                &[],
            ),
            (
                json!({ "properties": { "a": {} }, "unevaluatedProperties": {} }),
                json!({ "b": 2 }),
                &[],
            ),
            (
                json!({ "properties": { "a": {} }, "if": {}, "then": { "properties": { "b": {} } } }),
                json!({ "b": 2 }),
                &[],
            ),
        ]);
    }

    #[test]
    fn patterns_and_schemas_of_other_fields_declare() {
        let patterned = json!({ "properties": { "a": {} }, "patternProperties": { "^x-": pet() } });
        let mapped = json!({ "properties": { "a": {} }, "additionalProperties": pet() });
        check(&[
            (
                patterned.clone(),
                json!({ "a": 1, "x-b": 2, "y": 3 }),
                &["y"],
            ),
            (
                patterned,
                json!({ "x-b": { "name": "Rex", "age": 2 } }),
                &["x-b.age"],
            ),
            (
                mapped,
                json!({ "a": { "age": 1 }, "b": { "age": 2 } }),
                &["b.age"],
            ),
            (
                json!({ "patternProperties": { "^x-": {} } }),
                json!({ "y": 3 }),
                &[],
            ),
            // No expression of the mock's: it might cover any name.
            (
                json!({ "properties": { "a": {} }, "patternProperties": { "^(?!y)": {} } }),
                json!({ "y": 3 }),
                &[],
            ),
        ]);
    }

    #[test]
    fn fields_are_found_at_any_depth() {
        let list = json!({ "properties": { "pets": { "type": "array", "items": pet() } } });
        let pair = json!({ "prefixItems": [pet(), {}], "items": pet() });
        let tree = json!({ "$ref": "#/components/schemas/Tree" });
        let odd = json!({ "$ref": "#/components/schemas/odd%20name" });
        let aged = json!({ "name": "Rex", "age": 2 });
        check(&[
            (
                json!({ "properties": { "pet": pet() } }),
                json!({ "pet": aged }),
                &["pet.age"],
            ),
            (
                list,
                json!({ "pets": [{ "name": "Tom" }, aged] }),
                &["pets.1.age"],
            ),
            (pair, json!([aged, aged, aged]), &["0.age", "2.age"]),
            (
                tree,
                json!({ "children": [{ "children": [{ "age": 2 }] }] }),
                &["children.0.children.0.age"],
            ),
            (odd, json!({ "a/b": { "c": 1, "d": 2 } }), &["a/b.d"]),
            (
                json!({ "$ref": "#/components/schemas/Loop" }),
                json!({ "a": 1, "b": 2 }),
                &["b"],
            ),
        ]);
    }

    #[test]
    fn what_holds_at_once_adds_up() {
        let both = json!({ "allOf": [pet(), { "properties": { "age": {} } }] });
        let beside = json!({ "$ref": "#/components/schemas/Pet", "properties": { "age": {} } });
        let bare = json!({ "allOf": [pet(), { "required": ["name"] }] });
        let open = json!({ "allOf": [pet(), { "additionalProperties": true }] });
        let nested = json!({ "allOf": [
            { "properties": { "pet": pet() } },
            { "properties": { "pet": { "properties": { "age": {} } } } },
        ] });
        check(&[
            (
                both,
                json!({ "name": "Rex", "age": 2, "tail": 1 }),
                &["tail"],
            ),
            (
                beside,
                json!({ "name": "Rex", "age": 2, "tail": 1 }),
                &["tail"],
            ),
            (bare, json!({ "name": "Rex", "tail": 1 }), &["tail"]),
            (open, json!({ "name": "Rex", "tail": 1 }), &[]),
            (
                nested,
                json!({ "pet": { "name": "Rex", "age": 2, "tail": 1 } }),
                &["pet.tail"],
            ),
        ]);
    }

    #[test]
    fn an_alternative_declares_what_it_names_if_the_value_fits_it() {
        let kinds = json!({ "oneOf": [
            { "properties": { "kind": { "const": "cat" }, "meow": {} }, "required": ["kind"] },
            { "properties": { "kind": { "const": "dog" }, "bark": {} }, "required": ["kind"] },
        ] });
        let loose =
            json!({ "anyOf": [{ "properties": { "a": {} } }, { "properties": { "b": {} } }] });
        let either = json!({
            "properties": { "a": {}, "b": {} },
            "anyOf": [{ "required": ["a"] }, { "required": ["b"] }],
        });
        let deeper = json!({ "anyOf": [
            { "properties": { "n": { "type": "object" } } },
            { "properties": { "n": { "properties": { "a": {} } } } },
        ] });
        let shared = json!({ "allOf": [
            { "anyOf": [{ "properties": { "a": {} } }, { "type": "string" }] },
            { "properties": { "b": {} } },
        ] });
        check(&[
            (kinds.clone(), json!({ "kind": "cat", "meow": 1 }), &[]),
            (
                kinds.clone(),
                json!({ "kind": "cat", "bark": 1 }),
                &["bark"],
            ),
            // It fits neither, so that either may have been meant.
            (
                kinds,
                json!({ "kind": "cow", "bark": 1, "moo": 1 }),
                &["moo"],
            ),
            (loose, json!({ "a": 1, "b": 2, "c": 3 }), &["c"]),
            (either, json!({ "a": 1, "c": 3 }), &["c"]),
            (deeper, json!({ "n": { "z": 1 } }), &[]),
            (shared, json!({ "a": 1, "b": 2, "c": 3 }), &["c"]),
            (
                json!({ "anyOf": [pet(), { "type": "object" }] }),
                json!({ "name": "Rex", "z": 1 }),
                &[],
            ),
        ]);
    }

    #[test]
    fn null_and_other_kinds_declare_nothing() {
        let nullable = json!({ "anyOf": [pet(), { "type": "null" }] });
        let several = json!({ "anyOf": [pet(), { "type": ["string", "null"] }] });
        let lists =
            json!({ "anyOf": [{ "type": "array", "items": pet() }, pet(), { "type": "null" }] });
        check(&[
            (nullable.clone(), json!({ "name": "Rex", "z": 1 }), &["z"]),
            // It breaks the schema by its name as well.
            (nullable.clone(), json!({ "name": 1, "z": 1 }), &["z"]),
            (several, json!({ "name": 1, "z": 1 }), &["z"]),
            (nullable, json!(null), &[]),
            (lists, json!([{ "name": "Rex", "z": 1 }]), &["0.z"]),
        ]);
    }
}
