//! What fields hold, by their names.

mod chance;
mod texts;

use chance::Chance;
use imperal_build_support::Plausible;
use serde_json::{Map, Value, json};

/// Whole numbers without bounds lie below this.
const USUAL: u64 = 1000;

/// How many items a list has that is not paged.
const UNPAGED: u64 = 3;

/// What fields are called, and the values that were asked for by name.
pub(crate) struct Names<'a> {
    /// What all values are made from.
    pub(crate) seed: u64,
    /// What was asked for is what is answered.
    pub(crate) known: &'a [(&'a str, String)],
}

impl Plausible for Names<'_> {
    fn suggest(&self, name: &str, schema: &Map<String, Value>, number: u64) -> Option<Value> {
        self.suggest_in("", name, schema, number)
    }

    fn suggest_in(
        &self,
        title: &str,
        name: &str,
        schema: &Map<String, Value>,
        number: u64,
    ) -> Option<Value> {
        let chance = Chance::new(self.seed, number, name);
        let known = self.known.iter().find(|(own, _)| *own == name);
        let known = known.map(|(_, value)| value.as_str());
        match type_of(schema) {
            Some("string") => {
                let asked = known.filter(|text| fits(schema, text));
                if let Some(asked) = asked {
                    return Some(asked.into());
                }
                let default = schema.get("default").and_then(Value::as_str);
                if let Some(default) = default {
                    return Some(default.into());
                }
                let text = texts::text(title, name, schema, number, &chance);
                text.filter(|text| fits(schema, text)).map(Value::from)
            }
            Some("integer") => {
                let asked = known.and_then(|text| text.parse::<i64>().ok());
                let offset = match name {
                    // Two things do not have the same.
                    _ if name == "id" || name.ends_with("_id") => number % USUAL,
                    "total" if title.ends_with("List") => UNPAGED,
                    _ => chance.below(USUAL),
                };
                asked.map(Value::from).or_else(|| whole(schema, offset))
            }
            Some("number") if bound(schema, "multipleOf").is_none() => {
                Some(json!(fraction(schema, &chance)))
            }
            // Any value at all: the one that says least.
            None if !schema
                .keys()
                .any(|keyword| SAYS_SOMETHING.contains(&keyword.as_str())) =>
            {
                Some(json!({}))
            }
            _ => None,
        }
    }
}

/// The type of a field; of one that may be null, the other.
fn type_of(schema: &Map<String, Value>) -> Option<&str> {
    match schema.get("type")? {
        Value::Array(names) => {
            let mut names = names.iter().filter_map(Value::as_str);
            names.find(|name| *name != "null")
        }
        name => name.as_str(),
    }
}

/// Keywords that narrow a value of no type that is known here.
const SAYS_SOMETHING: [&str; 9] = [
    "type",
    "properties",
    "required",
    "items",
    "pattern",
    "format",
    "minimum",
    "default",
    "not",
];

fn bound(schema: &Map<String, Value>, keyword: &str) -> Option<f64> {
    schema.get(keyword)?.as_f64()
}

/// A number inside of the bounds of a schema.
fn fraction(schema: &Map<String, Value>, chance: &Chance) -> f64 {
    let least = bound(schema, "minimum").or_else(|| bound(schema, "exclusiveMinimum"));
    let most = bound(schema, "maximum").or_else(|| bound(schema, "exclusiveMaximum"));
    match (least, most) {
        (Some(least), Some(most)) => f64::midpoint(least, most),
        (Some(least), None) => least + small(chance),
        (None, Some(most)) => most - small(chance),
        (None, None) => small(chance),
    }
}

/// A small number with a fraction, and not a whole one.
fn small(chance: &Chance) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "the number is small")]
    let halves = (1 + 2 * chance.below(10)) as f64;
    halves / 2.0
}

/// The least that may be, and so many more.
fn whole(schema: &Map<String, Value>, offset: u64) -> Option<Value> {
    if schema.contains_key("multipleOf") {
        return None;
    }
    let least = bound(schema, "minimum");
    let least = least.or_else(|| Some(bound(schema, "exclusiveMinimum")? + 1.0));
    let most = bound(schema, "maximum");
    let most = most.or_else(|| Some(bound(schema, "exclusiveMaximum")? - 1.0));
    #[allow(clippy::cast_precision_loss, reason = "the number is small")]
    let value = least.unwrap_or(0.0) + offset as f64;
    let value = most.map_or(value, |most| value.min(most));
    #[allow(
        clippy::cast_possible_truncation,
        reason = "the bounds of a document are whole"
    )]
    Some(json!(value as i64))
}

fn fits(schema: &Map<String, Value>, text: &str) -> bool {
    let length = text.chars().count() as u64;
    let bound = |keyword: &str| schema.get(keyword).and_then(Value::as_u64);
    let pattern = schema.get("pattern").and_then(Value::as_str);
    let matches = |pattern: &str| {
        regex::Regex::new(pattern).is_ok_and(|expression| expression.is_match(text))
    };
    bound("minLength").is_none_or(|least| length >= least)
        && bound("maxLength").is_none_or(|most| length <= most)
        && pattern.is_none_or(matches)
}
