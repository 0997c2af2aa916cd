//! What pydantic calls the member of a union.

use super::{Explainer, repr};
use crate::request::coerce::resolved;
use serde_json::Value;
use std::ptr;

const BOUNDS: [&str; 5] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
];

/// So many names within names are written at most: whoever reads the label has long stopped reading.
const DEEPEST: usize = 32;

/// So many names are written in one label at most.
const MOST: usize = 1000;

/// What stands for a name that would hold itself, and for one that is too much.
const AGAIN: &str = "...";

impl Explainer<'_> {
    pub(super) fn label(&self, schema: &Value) -> String {
        let mut naming = Naming {
            explainer: self,
            within: Vec::new(),
            left: MOST,
        };
        naming.label(schema)
    }
}

/// A label while it is written.
struct Naming<'a> {
    explainer: &'a Explainer<'a>,
    /// The schemas that are being named, the outermost first.
    within: Vec<*const Value>,
    left: usize,
}

impl Naming<'_> {
    fn label(&mut self, schema: &Value) -> String {
        let behind = resolved(self.explainer.root, schema);
        let own = ptr::from_ref(behind);
        if self.left == 0 || self.within.len() == DEEPEST || self.within.contains(&own) {
            return AGAIN.to_owned();
        }
        self.left -= 1;
        self.within.push(own);
        let reference = schema["$ref"].as_str();
        let component = reference.and_then(|reference| reference.rsplit('/').next());
        let label = self.name(behind, component);
        self.within.pop();
        label
    }

    fn labels<'s>(&mut self, schemas: impl IntoIterator<Item = &'s Value>, comma: &str) -> String {
        let names = schemas.into_iter().map(|schema| self.label(schema));
        names.collect::<Vec<_>>().join(comma)
    }

    /// What a schema is called that is no reference; `component` is how references call it.
    fn name(&mut self, schema: &Value, component: Option<&str>) -> String {
        if let Some(values) = schema["enum"].as_array() {
            return match component {
                Some(name) => format!("{}[{name}]", enum_kind(schema)),
                None => literal(values),
            };
        }
        if let Some(only) = schema.get("const") {
            return literal(std::slice::from_ref(only));
        }
        if schema.get("discriminator").is_some() {
            let field = schema["discriminator"]["propertyName"].as_str();
            let tags = self.explainer.tags(schema, field.unwrap_or_default());
            let members = tags.iter().map(|(_, member)| *member);
            return format!("tagged-union[{}]", self.labels(members, ","));
        }
        if let Some(branches) = schema["anyOf"].as_array() {
            return self.union_label(branches);
        }
        let has = |keywords: &[&str]| keywords.iter().any(|one| schema.get(*one).is_some());
        let constrained = |kind: &str, keywords: &[&str]| {
            let prefix = if has(keywords) { "constrained-" } else { "" };
            format!("{prefix}{kind}")
        };
        match schema["type"].as_str() {
            Some("integer") => constrained("int", &BOUNDS),
            Some("number") => constrained("float", &BOUNDS),
            Some("boolean") => "bool".to_owned(),
            Some("null") => "none".to_owned(),
            Some("string") => match text_label(schema) {
                Some(label) => label.to_owned(),
                None if has(&["contentMediaType"]) => {
                    constrained("bytes", &["minLength", "maxLength"])
                }
                None => constrained("str", &["minLength", "maxLength", "pattern"]),
            },
            Some("array") => self.list_label(schema),
            Some("object") if schema.get("properties").is_none() => {
                let keys = constrained_keys(has(&["propertyNames", "patternProperties"]));
                let patterns = schema["patternProperties"].as_object();
                let values = patterns.and_then(|patterns| patterns.values().next());
                match values.or_else(|| schema.get("additionalProperties")) {
                    Some(values) if values.is_object() => {
                        format!("dict[{keys},{}]", self.label(values))
                    }
                    _ => format!("dict[{keys},any]"),
                }
            }
            Some("object") => component
                .or_else(|| schema["title"].as_str())
                .unwrap_or("object")
                .to_owned(),
            _ => "any".to_owned(),
        }
    }

    fn union_label(&mut self, branches: &[Value]) -> String {
        let members = branches.iter().filter(|one| one["type"] != "null");
        let members: Vec<&Value> = members.collect();
        let names = self.labels(members.iter().copied(), ",");
        let inner = match members.as_slice() {
            [_] => names,
            _ => format!("union[{names}]"),
        };
        if members.len() < branches.len() {
            format!("nullable[{inner}]")
        } else {
            inner
        }
    }

    fn list_label(&mut self, schema: &Value) -> String {
        if let Some(places) = schema["prefixItems"].as_array() {
            return format!("tuple[{}]", self.labels(places, ", "));
        }
        let is_set = schema["uniqueItems"] == true;
        let kind = if is_set { "set" } else { "list" };
        format!("{kind}[{}]", self.label(&schema["items"]))
    }
}

const fn constrained_keys(are: bool) -> &'static str {
    if are { "constrained-str" } else { "str" }
}

fn literal(values: &[Value]) -> String {
    let values: Vec<String> = values.iter().map(repr).collect();
    format!("literal[{}]", values.join(","))
}

fn enum_kind(schema: &Value) -> &'static str {
    match schema["type"].as_str() {
        Some("string") => "str-enum",
        Some("integer") => "int-enum",
        Some("number") => "float-enum",
        _ => "enum",
    }
}

fn text_label(schema: &Value) -> Option<&'static str> {
    Some(match schema["format"].as_str()? {
        "uuid" => "uuid",
        "date" => "date",
        "date-time" => "datetime",
        "time" => "time",
        "duration" => "timedelta",
        "uri" => "function-wrap[wrap_val()]",
        "email" => "function-after[_validate(), str]",
        _ => return None,
    })
}
