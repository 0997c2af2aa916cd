//! Values that fit a schema, for tests and for the mocked cloud: the same ones for the same seed.

mod merged;
mod numbers;
mod plausible;
#[cfg(test)]
mod tests;
mod texts;

pub use plausible::Plausible;

use serde_json::{Map, Value, json};

/// How many schemas lead from the outermost to the innermost part of a value at most.
const DEPTH: usize = 12;

/// With fewer levels left than this, optional parts are left out: recursive schemas end here.
const NEARLY_DONE: usize = 6;

/// How many parts and characters a value has at most: a document may ask for more than a machine holds.
const LARGEST: usize = 100_000;

/// How often something is tried that chance may spoil, such as finding an item that is not yet there.
const TRIES: usize = 20;

/// Makes values that fit the schemas of one document.
///
/// It knows the keywords of JSON Schema 2020-12 that pydantic writes. A schema that contradicts itself
/// has no value, and neither has one that asks for more than 100,000 parts and characters. One that uses `not`,
/// `if` or `dependentSchemas` may get a value that does not fit: whoever needs certainty checks each.
///
/// ```
/// use imperal_build_support::Instances;
/// use serde_json::json;
///
/// let root = json!({});
/// let schema = json!({"type": "object", "required": ["age"], "properties": {"age": {"type": "integer", "minimum": 0}}});
/// let value = Instances::new(&root, 7).make(&schema).unwrap();
/// assert!(value["age"].as_u64().is_some());
/// assert_eq!(Instances::new(&root, 7).make(&schema), Some(value));
/// ```
#[derive(Debug)]
pub struct Instances<'a> {
    root: &'a Value,
    random: fastrand::Rng,
    /// How many more parts and characters the value may get that is being made.
    left: usize,
    /// How values come to look like those of a service, if they shall.
    plausible: Option<plausible::State<'a>>,
}

impl<'a> Instances<'a> {
    /// Makes values for schemas whose references lead into `root`. Each seed has values of its own.
    pub fn new(root: &'a Value, seed: u64) -> Self {
        Self {
            root,
            random: fastrand::Rng::with_seed(seed),
            left: 0,
            plausible: None,
        }
    }

    /// The next value for `schema`; none if nothing fits it, or nothing of a size that a machine holds.
    pub fn make(&mut self, schema: &Value) -> Option<Value> {
        self.left = LARGEST;
        self.value(schema, DEPTH)
    }

    fn value(&mut self, schema: &Value, depth: usize) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        self.left = self.left.checked_sub(1)?;
        let schema = merged::flat(self.root, schema)?;
        for keyword in ["anyOf", "oneOf"] {
            if let Some(branches) = schema.get(keyword).and_then(Value::as_array) {
                return self.branch(&schema, keyword, branches, depth);
            }
        }
        if let Some(value) = schema.get("const") {
            return Some(value.clone());
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            return self.random.choice(values).cloned();
        }
        if let Some(value) = self.suggested(&schema) {
            return Some(value);
        }
        if let Some(default) = schema.get("default")
            && (self.plausible.is_none() && self.one_in(8))
        {
            return Some(default.clone());
        }
        match self.type_of(&schema, depth) {
            "null" => Some(Value::Null),
            "boolean" => Some(json!(self.random.bool())),
            "integer" => numbers::integer(&schema, &mut self.random),
            "number" => numbers::number(&schema, &mut self.random),
            "string" => self.text(&schema),
            "array" => self.array(&schema, depth),
            _ => self.object(&schema, depth),
        }
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.random.usize(0..count) == 0
    }

    /// One of the alternatives, narrowed by what stands beside them.
    fn branch(
        &mut self,
        schema: &Map<String, Value>,
        keyword: &str,
        branches: &[Value],
        depth: usize,
    ) -> Option<Value> {
        let mut rest = schema.clone();
        rest.shift_remove(keyword);
        rest.shift_remove("discriminator");
        let first = match self.plausible {
            Some(_) => plausible::telling(self.root, branches),
            None => self.random.usize(0..branches.len().max(1)),
        };
        // The one that was drawn may have no value: then the next has its turn.
        (0..branches.len()).find_map(|step| {
            let mut branch = &branches[(first + step) % branches.len()];
            if depth < NEARLY_DONE {
                branch = branches
                    .iter()
                    .find(|branch| is_small(branch))
                    .unwrap_or(branch);
            }
            let parts = json!({ "allOf": [branch, rest] });
            self.value(&parts, depth)
        })
    }

    fn type_of(&mut self, schema: &Map<String, Value>, depth: usize) -> &'static str {
        const ALL: &[&str] = &[
            "null", "boolean", "integer", "number", "string", "array", "object",
        ];
        let known = |name: &str| ALL.iter().find(|one| **one == name).copied();
        match schema.get("type") {
            Some(Value::String(name)) => return known(name).unwrap_or("object"),
            Some(Value::Array(names)) => {
                let names: Vec<&str> = names
                    .iter()
                    .filter_map(|name| known(name.as_str()?))
                    .collect();
                // A service that may answer null says more with the other type.
                let telling = names.iter().copied().find(|name| *name != "null");
                return match telling {
                    Some(name) if self.plausible.is_some() => name,
                    _ => self.random.choice(names).unwrap_or("object"),
                };
            }
            _ => {}
        }
        let has = |keywords: &[&str]| keywords.iter().any(|keyword| schema.contains_key(*keyword));
        if has(&[
            "properties",
            "required",
            "additionalProperties",
            "patternProperties",
            "minProperties",
        ]) {
            "object"
        } else if has(&["items", "prefixItems", "contains", "minItems"]) {
            "array"
        } else if has(&["pattern", "format", "minLength", "maxLength"]) {
            "string"
        } else if has(&[
            "minimum",
            "maximum",
            "multipleOf",
            "exclusiveMinimum",
            "exclusiveMaximum",
        ]) {
            "number"
        } else if depth < NEARLY_DONE {
            "string"
        } else {
            // The last two hold more of their kind: rarely, or it never ends.
            let most = if self.one_in(4) {
                ALL.len()
            } else {
                ALL.len() - 2
            };
            ALL[self.random.usize(0..most)]
        }
    }

    fn text(&mut self, schema: &Map<String, Value>) -> Option<Value> {
        let value = texts::text(schema, self.left, &mut self.random)?;
        let length = value.as_str().map_or(0, |text| text.chars().count());
        self.left = self.left.saturating_sub(length);
        Some(value)
    }

    fn array(&mut self, schema: &Map<String, Value>, depth: usize) -> Option<Value> {
        let least = numbers::count(schema, "minItems").unwrap_or(0);
        if least > self.left {
            return None;
        }
        let numbering = self.numbers_of_items();
        let usual = match &numbering {
            Some(numbers) => usize::try_from(numbers.end - numbers.start).unwrap_or_default(),
            None => self.random.usize(0..4),
        };
        let wanted = if depth < NEARLY_DONE {
            least
        } else {
            least.max(usual)
        };
        let places = schema
            .get("prefixItems")
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        let closed = if schema.get("items") == Some(&json!(false)) {
            places.len()
        } else {
            usize::MAX
        };
        let most = numbers::count(schema, "maxItems").unwrap_or(usize::MAX);
        let most = most.min(closed);
        let wanted = wanted.max(places.len()).min(most);
        let anything = json!(true);
        let mut items: Vec<Value> = Vec::new();
        if let Some(contained) = schema.get("contains") {
            items.push(self.value(contained, depth)?);
        }
        let unique = schema.get("uniqueItems") == Some(&json!(true));
        while items.len() < wanted {
            let item = places
                .get(items.len())
                .or_else(|| schema.get("items"))
                .unwrap_or(&anything);
            let before = numbering
                .as_ref()
                .and_then(|numbers| self.begin_item(numbers.start + items.len() as u64));
            let fresh = (0..TRIES).find_map(|_| {
                let value = self.value(item, depth)?;
                (!unique || !items.contains(&value)).then_some(value)
            });
            self.end(before);
            let Some(value) = fresh else {
                break;
            };
            items.push(value);
        }
        (least..=most)
            .contains(&items.len())
            .then_some(Value::Array(items))
    }

    fn object(&mut self, schema: &Map<String, Value>, depth: usize) -> Option<Value> {
        let least = numbers::count(schema, "minProperties").unwrap_or(0);
        if least > self.left {
            return None;
        }
        let mut object = Map::new();
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let named = schema.get("properties").and_then(Value::as_object);
        for (name, property) in named.into_iter().flatten() {
            let needed = required.contains(&name.as_str());
            if !needed && (depth < NEARLY_DONE || self.leaves_out(property, &object)) {
                continue;
            }
            let before = self.begin_field(name, schema);
            let value = self.value(property, depth);
            self.end(before);
            match value {
                Some(value) => {
                    object.insert(name.clone(), value);
                }
                None if needed => return None,
                None => {}
            }
        }
        let anything = json!(true);
        for name in required {
            if !object.contains_key(name) {
                let schema = schema.get("additionalProperties").unwrap_or(&anything);
                object.insert(name.to_owned(), self.value(schema, depth)?);
            }
        }
        self.add_unnamed(schema, &mut object, depth);
        (object.len() >= least).then_some(Value::Object(object))
    }

    /// Fields that the schema does not name but allows.
    fn add_unnamed(
        &mut self,
        schema: &Map<String, Value>,
        object: &mut Map<String, Value>,
        depth: usize,
    ) {
        let anything = json!(true);
        let (values, usual) = match schema.get("additionalProperties") {
            Some(Value::Bool(false)) => return,
            Some(values) => (values, self.random.usize(0..3)),
            None if schema.get("unevaluatedProperties") == Some(&json!(false)) => return,
            None => (&anything, usize::from(self.one_in(4))),
        };
        let usual = if depth < NEARLY_DONE || self.plausible.is_some() {
            0
        } else {
            object.len() + usual
        };
        let wanted = usual
            .max(numbers::count(schema, "minProperties").unwrap_or(0))
            .min(numbers::count(schema, "maxProperties").unwrap_or(usize::MAX));
        let any_name = json!({ "type": "string", "pattern": "^[a-z]{1,6}$" });
        let names = schema.get("propertyNames").unwrap_or(&any_name).clone();
        let mut failures = 0;
        while object.len() < wanted && failures < TRIES {
            let before = object.len();
            let text = json!({ "allOf": [names, { "type": "string" }] });
            let name = self.value(&text, depth.max(2));
            let known = |name: &str| {
                schema
                    .get("properties")
                    .is_some_and(|named| named.get(name).is_some())
            };
            if let Some(Value::String(name)) = name
                && !known(&name)
                && let Some(value) = self.value(values, depth)
            {
                object.insert(name, value);
            }
            failures = if object.len() == before {
                failures + 1
            } else {
                0
            };
        }
    }
}

/// Whether a schema is plainly one without parts.
fn is_small(schema: &Value) -> bool {
    matches!(
        schema["type"].as_str(),
        Some("null" | "boolean" | "integer" | "number" | "string")
    )
}
