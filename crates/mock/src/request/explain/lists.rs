//! Lists, sets and tuples, and how many they hold.

use super::{Errors, Explainer};
use crate::request::field_error::FieldError;
use serde_json::{Value, json};

/// What is counted: what it is called, and the ending of its keywords.
pub(super) struct Counted {
    pub(super) name: &'static str,
    pub(super) keywords: &'static str,
    pub(super) count: usize,
}

impl Explainer<'_> {
    pub(super) fn list(
        &self,
        schema: &Value,
        value: &Value,
        loc: &mut Vec<Value>,
        errors: &mut Errors,
    ) {
        let places = schema["prefixItems"].as_array();
        let is_set = schema["uniqueItems"] == true;
        let (kind, name, words) = match places {
            Some(_) => ("tuple_type", "Tuple", "Input should be a valid tuple"),
            None if is_set => ("set_type", "Set", "Input should be a valid set"),
            None => ("list_type", "List", "Input should be a valid list"),
        };
        let Value::Array(items) = value else {
            return errors.push(FieldError::new(kind, loc.clone(), words, value.clone()));
        };
        let mut counted = Counted {
            name,
            keywords: "Items",
            count: items.len(),
        };
        let most = schema["maxItems"].as_u64();
        if !is_set && most.is_some_and(|most| items.len() as u64 > most) {
            return counted.check(schema, value, loc, errors);
        }
        let before = errors.len();
        let anything = Value::Bool(true);
        for (index, item) in items.iter().enumerate() {
            let own = places.and_then(|places| places.get(index));
            let schema = own.or_else(|| schema.get("items")).unwrap_or(&anything);
            loc.push(Value::from(index));
            self.walk(schema, item, loc, errors);
            loc.pop();
        }
        for index in items.len()..places.map_or(0, Vec::len) {
            loc.push(Value::from(index));
            errors.push(FieldError::missing(loc.clone(), value.clone()));
            loc.pop();
        }
        if errors.len() == before && places.is_none() {
            if is_set {
                counted.count = distinct(items);
            }
            counted.check(schema, value, loc, errors);
        }
    }
}

impl Counted {
    /// Holds the count against the bounds of a schema.
    pub(super) fn check(&self, schema: &Value, value: &Value, loc: &[Value], errors: &mut Errors) {
        let Self { name, count, .. } = self;
        let bound = |which: &str| schema[format!("{which}{}", self.keywords)].as_u64();
        let items = |count: u64| if count == 1 { "item" } else { "items" };
        let count = *count as u64;
        let (kind, message, context) = if let Some(most) = bound("max").filter(|most| count > *most)
        {
            // What is counted while it is read is not counted to its end.
            let whole = matches!(*name, "List" | "Tuple");
            let actual = whole.then_some(count);
            let words = actual.map_or_else(|| "more".to_owned(), |count| count.to_string());
            (
                "too_long",
                format!(
                    "{name} should have at most {most} {} after validation, not {words}",
                    items(most)
                ),
                json!({ "field_type": name, "max_length": most, "actual_length": actual }),
            )
        } else if let Some(least) = bound("min").filter(|least| count < *least) {
            (
                "too_short",
                format!(
                    "{name} should have at least {least} {} after validation, not {count}",
                    items(least)
                ),
                json!({ "field_type": name, "min_length": least, "actual_length": count }),
            )
        } else {
            return;
        };
        let error = FieldError::new(kind, loc.to_vec(), message, value.clone());
        errors.push(error.context(context));
    }
}

fn distinct(items: &[Value]) -> usize {
    let mut seen: Vec<&Value> = Vec::new();
    for item in items {
        if !seen.contains(&item) {
            seen.push(item);
        }
    }
    seen.len()
}
