//! Values that fit a schema: the same for the same seed, and plausible by the names of fields.

use serde_json::{Map, Number, Value, json};

/// How many steps lead from a schema to its innermost part at most: recursive schemas end here.
const DEPTH: usize = 32;

/// With fewer steps left than this, optional fields are left out and lists are empty.
const NEARLY_DONE: usize = DEPTH / 2;

/// How many items a list has that is not paged.
const LIST_LENGTH: u64 = 3;

/// Makes values for the schemas of one document.
pub(crate) struct Sampler<'a> {
    document: &'a Value,
    /// Which items a list gets, in place of the first few.
    pub(crate) window: Option<std::ops::Range<u64>>,
    /// Values that fields of these names have: what was asked for is what is answered.
    pub(crate) known: &'a [(&'a str, String)],
}

impl<'a> Sampler<'a> {
    pub(crate) fn new(document: &'a Value, known: &'a [(&'a str, String)]) -> Self {
        Self {
            document,
            window: None,
            known,
        }
    }

    /// A value for `schema`. Values with different seeds differ where the schema lets them.
    pub(crate) fn value(&self, schema: &Value, seed: u64) -> Value {
        self.sample(schema, "", seed, DEPTH, true)
    }

    /// `top` is true until the first list has been met: only that one is paged.
    fn sample(&self, schema: &Value, name: &str, seed: u64, depth: usize, top: bool) -> Value {
        let Some(depth) = depth.checked_sub(1) else {
            return Value::Null;
        };
        let again = |schema: &Value| self.sample(schema, name, seed, depth, top);
        if let Some(reference) = schema["$ref"].as_str() {
            let target = reference
                .strip_prefix('#')
                .and_then(|pointer| self.document.pointer(pointer));
            return target.map_or(Value::Null, again);
        }
        if let Some(value) = schema.get("const") {
            return value.clone();
        }
        if let Some(values) = schema["enum"]
            .as_array()
            .filter(|values| !values.is_empty())
        {
            return pick(values, seed).clone();
        }
        for keyword in ["anyOf", "oneOf"] {
            if let Some(branches) = schema[keyword].as_array() {
                return again(preferred(branches));
            }
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let parts = parts.iter().map(again);
            return parts.reduce(joined).unwrap_or(Value::Null);
        }
        match type_name(schema) {
            Some("string") => self.text(schema, name, seed),
            Some("integer") => Value::Number(whole(schema, seed)),
            Some("number") => json!(1.5),
            Some("boolean") => json!(seed.is_multiple_of(2)),
            Some("array") => self.list(schema, name, seed, depth, top),
            Some("object") => self.object(schema, seed, depth, top),
            _ => json!({}),
        }
    }

    fn list(&self, schema: &Value, name: &str, seed: u64, depth: usize, top: bool) -> Value {
        let range = match &self.window {
            Some(window) if top => window.clone(),
            _ if depth < NEARLY_DONE => seed..seed,
            _ => seed..seed + LIST_LENGTH,
        };
        let items =
            range.map(|seed| self.sample(&schema["items"], singular(name), seed, depth, false));
        Value::Array(items.collect())
    }

    fn object(&self, schema: &Value, seed: u64, depth: usize, top: bool) -> Value {
        let mut object = Map::new();
        let mut has_list = false;
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let required = schema["required"]
                .as_array()
                .is_some_and(|names| names.iter().any(|other| other == name));
            let is_list = top && is_list(property);
            // An envelope has several names for its list, and uses one.
            if is_list && has_list && !required {
                continue;
            }
            has_list |= is_list;
            if depth < NEARLY_DONE && !required {
                continue;
            }
            object.insert(name.clone(), self.sample(property, name, seed, depth, top));
        }
        Value::Object(object)
    }

    fn text(&self, schema: &Value, name: &str, seed: u64) -> Value {
        if let Some((_, value)) = self.known.iter().find(|(known, _)| *known == name) {
            return json!(value);
        }
        if let Some(default) = schema.get("default").filter(|default| default.is_string()) {
            return default.clone();
        }
        let day = seed % 28 + 1;
        let text = match name {
            "email" => format!("person{seed}@example.com"),
            "app_id" => format!("app-{seed}"),
            "imperal_id" | "user_id" | "developer_id" | "owner_id" | "author" => {
                format!("imp_u_{seed:016}")
            }
            "tenant_id" => "default".to_owned(),
            "version" => format!("1.0.{seed}"),
            "status" => "active".to_owned(),
            _ if name.ends_with("_at") || name == "timestamp" || name == "last_login" => {
                format!("2026-03-{day:02}T09:00:00Z")
            }
            _ if name.ends_with("_url") || name == "url" || name == "homepage" => {
                format!("https://example.com/{seed}")
            }
            _ if name.ends_with("name") => format!("Sample {seed}"),
            _ if name.is_empty() => format!("sample {seed}"),
            _ => format!("{} {seed}", name.replace('_', " ")),
        };
        let longest = schema["maxLength"]
            .as_u64()
            .and_then(|length| usize::try_from(length).ok());
        json!(
            text.chars()
                .take(longest.unwrap_or(usize::MAX))
                .collect::<String>()
        )
    }
}

fn pick(values: &[Value], seed: u64) -> &Value {
    let index = usize::try_from(seed % values.len() as u64).unwrap_or_default();
    &values[index]
}

/// The alternative that says most: an object before a list, anything before null.
fn preferred(branches: &[Value]) -> &Value {
    let of_type = |wanted: &str| {
        branches
            .iter()
            .find(|branch| type_name(branch) == Some(wanted))
    };
    of_type("object")
        .or_else(|| branches.iter().find(|branch| branch["type"] != "null"))
        .unwrap_or(&Value::Null)
}

fn type_name(schema: &Value) -> Option<&str> {
    match &schema["type"] {
        Value::String(name) => Some(name),
        Value::Array(names) => names
            .iter()
            .filter_map(Value::as_str)
            .find(|name| *name != "null"),
        _ if schema.get("properties").is_some() => Some("object"),
        _ => None,
    }
}

fn is_list(schema: &Value) -> bool {
    let branches = schema["anyOf"].as_array();
    type_name(schema) == Some("array")
        || branches.is_some_and(|branches| branches.iter().any(is_list))
}

fn whole(schema: &Value, seed: u64) -> Number {
    let bound = |keyword: &str| schema[keyword].as_f64();
    let least = bound("minimum")
        .or_else(|| bound("exclusiveMinimum").map(|bound| bound + 1.0))
        .unwrap_or(0.0);
    let most = bound("maximum").or_else(|| bound("exclusiveMaximum").map(|bound| bound - 1.0));
    #[allow(clippy::cast_precision_loss, reason = "seeds are small")]
    let value = least + (seed % 1000) as f64;
    #[allow(
        clippy::cast_possible_truncation,
        reason = "the bounds of a document are whole and small"
    )]
    Number::from(most.map_or(value, |most| value.min(most)) as i64)
}

fn joined(one: Value, other: Value) -> Value {
    match (one, other) {
        (Value::Object(mut one), Value::Object(other)) => {
            one.extend(other);
            Value::Object(one)
        }
        (_, other) => other,
    }
}

fn singular(name: &str) -> &str {
    name.strip_suffix('s').unwrap_or(name)
}
