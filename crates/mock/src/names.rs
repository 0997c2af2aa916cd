//! What fields hold, by their names.

use imperal_build_support::Plausible;
use serde_json::{Map, Value, json};

/// Whole numbers without bounds lie below this.
const USUAL: u64 = 1000;

/// What fields are called, and the values that were asked for by name.
pub(crate) struct Names<'a> {
    /// What was asked for is what is answered.
    pub(crate) known: &'a [(&'a str, String)],
}

impl Plausible for Names<'_> {
    fn suggest(&self, name: &str, schema: &Map<String, Value>, number: u64) -> Option<Value> {
        let known = self.known.iter().find(|(own, _)| *own == name);
        let known = known.map(|(_, value)| value.as_str());
        match type_of(schema) {
            Some("string") => {
                let asked = known.filter(|text| fits(schema, text));
                let text = asked
                    .map(str::to_owned)
                    .or_else(|| text(name, schema, number));
                text.map(Value::from)
            }
            Some("integer") => {
                let asked = known.and_then(|text| text.parse::<i64>().ok());
                asked.map(Value::from).or_else(|| whole(schema, number))
            }
            Some("number") if bound(schema, "multipleOf").is_none() => {
                let least = bound(schema, "minimum").or_else(|| bound(schema, "exclusiveMinimum"));
                let most = bound(schema, "maximum").or_else(|| bound(schema, "exclusiveMaximum"));
                let value = match (least, most) {
                    (Some(least), Some(most)) => f64::midpoint(least, most),
                    (Some(least), None) => least + 1.5,
                    (None, Some(most)) => most - 1.5,
                    (None, None) => 1.5,
                };
                Some(json!(value))
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

fn whole(schema: &Map<String, Value>, number: u64) -> Option<Value> {
    if schema.contains_key("multipleOf") {
        return None;
    }
    let least = bound(schema, "minimum");
    let least = least.or_else(|| Some(bound(schema, "exclusiveMinimum")? + 1.0));
    let most = bound(schema, "maximum");
    let most = most.or_else(|| Some(bound(schema, "exclusiveMaximum")? - 1.0));
    #[allow(clippy::cast_precision_loss, reason = "the number is small")]
    let value = least.unwrap_or(0.0) + (number % USUAL) as f64;
    let value = most.map_or(value, |most| value.min(most));
    #[allow(
        clippy::cast_possible_truncation,
        reason = "the bounds of a document are whole"
    )]
    Some(json!(value as i64))
}

fn text(name: &str, schema: &Map<String, Value>, number: u64) -> Option<String> {
    let format = schema
        .get("format")
        .or_else(|| schema.get("contentEncoding"));
    let format = format.and_then(Value::as_str);
    let default = schema.get("default").and_then(Value::as_str);
    if let Some(default) = default {
        return Some(default.to_owned());
    }
    let moment = || format!("2026-03-{:02}T09:00:00Z", number % 28 + 1);
    let text = match (format, name) {
        (Some("date-time"), _) => moment(),
        (Some("email"), _) | (None, "email") => format!("person{number}@example.com"),
        (Some("uri"), _) => format!("https://example.com/{number}"),
        (Some("binary" | "password") | None, _) => plain(name, number, moment),
        // Others are made by their format.
        (Some(_), _) => return None,
    };
    let longest = schema.get("maxLength").and_then(Value::as_u64);
    let longest = longest.and_then(|length| usize::try_from(length).ok());
    let text: String = text.chars().take(longest.unwrap_or(usize::MAX)).collect();
    fits(schema, &text).then_some(text)
}

fn plain(name: &str, number: u64, moment: impl Fn() -> String) -> String {
    match name {
        "app_id" => format!("app-{number}"),
        "imperal_id" | "user_id" | "developer_id" | "owner_id" | "author" => {
            format!("imp_u_{number:016}")
        }
        "tenant_id" => crate::TENANT.to_owned(),
        "version" => format!("1.0.{number}"),
        "status" => "active".to_owned(),
        _ if name.ends_with("_at") || name == "timestamp" || name == "last_login" => moment(),
        _ if name.ends_with("_url") || name == "url" || name == "homepage" => {
            format!("https://example.com/{number}")
        }
        _ if name.ends_with("name") => format!("Sample {number}"),
        _ if name.is_empty() => format!("sample {number}"),
        _ => format!("{} {number}", name.replace('_', " ")),
    }
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
