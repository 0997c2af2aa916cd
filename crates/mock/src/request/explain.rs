//! Why a value does not fit a schema, in the words of pydantic.

mod label;
mod lists;
mod scalars;
mod seen;
mod unions;

use super::coerce::{has_type, resolved};
use super::field_error::FieldError;
use imperal_build_support::pointer;
use seen::{Meeting, Seen};
use serde_json::Value;
use std::ptr;

type Errors = Vec<FieldError>;

/// What pydantic finds wrong with `value`, which may be nothing where it does not fit the document.
pub(super) fn refused(root: &Value, schema: &Value, value: &Value, mut loc: Vec<Value>) -> Errors {
    let mut errors = Errors::new();
    Explainer::new(root, true).walk(schema, value, &mut loc, &mut errors);
    errors
}

/// What is wrong with `value`, which does not fit. What pydantic has no words for is said in those of `problems`.
pub(super) fn explain(
    root: &Value,
    schema: &Value,
    value: &Value,
    loc: Vec<Value>,
    problems: impl FnOnce() -> Vec<(String, String)>,
) -> Errors {
    let mut errors = refused(root, schema, value, loc.clone());
    let mut place = loc;
    if errors.is_empty() {
        // The service would take it, and the document does not.
        Explainer::new(root, false).walk(schema, value, &mut place, &mut errors);
    }
    if errors.is_empty() {
        errors.extend(problems().into_iter().map(|(at, problem)| {
            let mut loc = place.clone();
            let parts = at.split('/').skip(1).map(pointer::unescape);
            loc.extend(parts.map(|part| {
                part.parse::<u64>()
                    .map_or_else(|_| Value::from(part), Value::from)
            }));
            FieldError::new(
                "value_error",
                loc,
                format!("Value error, {problem}"),
                value.clone(),
            )
        }));
    }
    errors
}

/// Explains one value by the schemas of one document.
struct Explainer<'a> {
    root: &'a Value,
    /// Whether a text that reads as a number is one, and so on: pydantic takes it, a document does not.
    lax: bool,
    seen: Seen,
}

impl<'a> Explainer<'a> {
    fn new(root: &'a Value, lax: bool) -> Self {
        Self {
            root,
            lax,
            seen: Seen::default(),
        }
    }

    fn walk(&self, schema: &Value, value: &Value, loc: &mut Vec<Value>, errors: &mut Errors) {
        let behind = resolved(self.root, schema);
        let is_component = schema.get("$ref").is_some();
        // What no reference leads to may be there for this value alone.
        let is_elsewhere = is_component && !ptr::eq(schema, behind);
        let pair = is_elsewhere.then(|| (ptr::from_ref(behind), ptr::from_ref(value)));
        match self.seen.meet(pair, loc) {
            Meeting::First => {
                let before = errors.len();
                self.hold(behind, is_component, value, loc, errors);
                self.seen.part(pair, &errors[before..], loc);
            }
            Meeting::Settled => {}
            Meeting::Told(error) => errors.push(*error),
        }
    }

    /// Holds a value against a schema that is no reference.
    fn hold(
        &self,
        schema: &Value,
        is_component: bool,
        value: &Value,
        loc: &mut Vec<Value>,
        errors: &mut Errors,
    ) {
        if schema.get("discriminator").is_some() && schema.get("oneOf").is_some() {
            return self.tagged(schema, value, loc, errors);
        }
        if schema.get("anyOf").is_some() || schema.get("oneOf").is_some() {
            return self.union(schema, value, loc, errors);
        }
        if let Some(parts) = schema["allOf"].as_array() {
            for part in parts {
                self.walk(part, value, loc, errors);
            }
        }
        if let Some(values) = schema["enum"].as_array() {
            return self.literal(values, is_component, value, loc, errors);
        }
        if let Some(only) = schema.get("const") {
            let only = std::slice::from_ref(only);
            return self.literal(only, false, value, loc, errors);
        }
        if schema["type"].is_array() {
            return self.union(schema, value, loc, errors);
        }
        match schema["type"].as_str() {
            Some("integer") => self.integer(schema, value, loc, errors),
            Some("number") => self.number(schema, value, loc, errors),
            Some("boolean") => self.boolean(value, loc, errors),
            Some("string") => scalars::string(schema, value, loc, errors),
            Some("null") if !value.is_null() => errors.push(FieldError::new(
                "none_required",
                loc.clone(),
                "Input should be None",
                value.clone(),
            )),
            Some("array") => self.list(schema, value, loc, errors),
            Some("object") => self.object(schema, value, loc, errors),
            _ if schema.get("properties").is_some() => self.object(schema, value, loc, errors),
            _ => {}
        }
    }

    fn object(&self, schema: &Value, value: &Value, loc: &mut Vec<Value>, errors: &mut Errors) {
        let fields = schema["properties"].as_object();
        let Value::Object(object) = value else {
            errors.push(if fields.is_some() {
                no_object(value, loc)
            } else {
                let message = "Input should be a valid dictionary";
                FieldError::new("dict_type", loc.clone(), message, value.clone())
            });
            return;
        };
        let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
        for (name, property) in fields.into_iter().flatten() {
            loc.push(Value::from(name.as_str()));
            match object.get(name) {
                Some(field) => self.walk(property, field, loc, errors),
                None if required.iter().any(|one| one == name) => {
                    errors.push(FieldError::missing(loc.clone(), value.clone()));
                }
                None => {}
            }
            loc.pop();
        }
        let before = errors.len();
        let others = object
            .iter()
            .filter(|(name, _)| fields.is_none_or(|fields| !fields.contains_key(*name)));
        for (name, field) in others {
            loc.push(Value::from(name.as_str()));
            self.other_field(schema, name, field, loc, errors);
            loc.pop();
        }
        if fields.is_none() && errors.len() == before {
            let counted = lists::Counted {
                name: "Dictionary",
                keywords: "Properties",
                count: object.len(),
            };
            counted.check(schema, value, loc, errors);
        }
    }

    /// A field that the schema does not name.
    fn other_field(
        &self,
        schema: &Value,
        name: &str,
        field: &Value,
        loc: &mut Vec<Value>,
        errors: &mut Errors,
    ) {
        let patterns = schema["patternProperties"].as_object();
        let pattern = patterns.and_then(|patterns| patterns.iter().next());
        if schema.get("propertyNames").is_some() || pattern.is_some() {
            let mut names = resolved(self.root, &schema["propertyNames"]).clone();
            if !names.is_object() {
                names = serde_json::json!({});
            }
            if names.get("enum").is_none() {
                names["type"] = Value::from("string");
            }
            if let Some((pattern, _)) = pattern {
                names["pattern"] = Value::from(pattern.as_str());
            }
            loc.push(Value::from("[key]"));
            // The name is a value for this long alone: nobody may take another for it.
            let keys = Self::new(self.root, self.lax);
            keys.walk(&names, &Value::from(name), loc, errors);
            loc.pop();
        }
        match (schema.get("additionalProperties"), pattern) {
            (Some(Value::Bool(false)), None) => {
                errors.push(FieldError::undeclared(loc.clone(), field.clone()));
            }
            (Some(values @ Value::Object(_)), None) | (_, Some((_, values))) => {
                self.walk(values, field, loc, errors);
            }
            _ => {}
        }
    }
}

fn no_object(value: &Value, loc: &[Value]) -> FieldError {
    let message = "Input should be a valid dictionary or object to extract fields from";
    FieldError::new(
        "model_attributes_type",
        loc.to_vec(),
        message,
        value.clone(),
    )
}

/// A value as Python writes it.
fn repr(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::String(text) => {
            let quote = if text.contains('\'') && !text.contains('"') {
                '"'
            } else {
                '\''
            };
            let mut written = String::from(quote);
            for c in text.chars() {
                match c {
                    '\\' => written.push_str("\\\\"),
                    '\n' => written.push_str("\\n"),
                    '\r' => written.push_str("\\r"),
                    '\t' => written.push_str("\\t"),
                    c if c == quote => written.extend(['\\', c]),
                    c => written.push(c),
                }
            }
            written.push(quote);
            written
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(repr).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| {
                format!("{}: {}", repr(&Value::from(name.as_str())), repr(value))
            });
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        Value::Number(number) => number.to_string(),
    }
}

fn is_nullable(schema: &Value) -> bool {
    has_type(schema, "null")
}
