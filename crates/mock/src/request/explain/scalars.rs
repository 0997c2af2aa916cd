//! Numbers, texts, truth values and fixed values.

use super::{Errors, Explainer, repr};
use crate::request::field_error::FieldError;
use crate::request::{coerce, texts};
use serde_json::{Value, json};
use std::cmp::Ordering;

/// How a kind of number is refused.
struct Words {
    of_type: (&'static str, &'static str),
    of_text: (&'static str, &'static str),
    read: fn(&str) -> Option<f64>,
}

const INTEGER: Words = Words {
    of_type: ("int_type", "Input should be a valid integer"),
    of_text: (
        "int_parsing",
        "Input should be a valid integer, unable to parse string as an integer",
    ),
    read: |text| coerce::integer(text)?.as_f64(),
};

const NUMBER: Words = Words {
    of_type: ("float_type", "Input should be a valid number"),
    of_text: (
        "float_parsing",
        "Input should be a valid number, unable to parse string as a number",
    ),
    // Infinity is a number here, and so is what is none.
    read: |text| text.trim().replace('_', "").parse().ok(),
};

impl Explainer<'_> {
    pub(super) fn integer(
        &self,
        schema: &Value,
        value: &Value,
        loc: &[Value],
        errors: &mut Errors,
    ) {
        if let Value::Number(number) = value
            && number.as_f64().is_some_and(|number| number.fract() != 0.0)
        {
            let message = "Input should be a valid integer, got a number with a fractional part";
            let error = FieldError::new("int_from_float", loc.to_vec(), message, value.clone());
            return errors.push(error);
        }
        self.numeric(&INTEGER, schema, value, loc, errors);
    }

    pub(super) fn number(&self, schema: &Value, value: &Value, loc: &[Value], errors: &mut Errors) {
        self.numeric(&NUMBER, schema, value, loc, errors);
    }

    fn numeric(
        &self,
        words: &Words,
        schema: &Value,
        value: &Value,
        loc: &[Value],
        errors: &mut Errors,
    ) {
        let read = match value {
            Value::Number(number) => number.as_f64().ok_or(words.of_type),
            Value::Bool(value) if self.lax => Ok(f64::from(u8::from(*value))),
            Value::String(text) => match (words.read)(text) {
                Some(number) if self.lax => Ok(number),
                Some(_) => Err(words.of_type),
                None => Err(words.of_text),
            },
            _ => Err(words.of_type),
        };
        match read {
            Ok(number) => errors.extend(bound(schema, number, value, loc)),
            Err((kind, message)) => {
                errors.push(FieldError::new(kind, loc.to_vec(), message, value.clone()));
            }
        }
    }

    pub(super) fn boolean(&self, value: &Value, loc: &[Value], errors: &mut Errors) {
        let unclear = match value {
            Value::Bool(_) => return,
            Value::String(text) => match coerce::boolean(text) {
                Some(_) if self.lax => return,
                read => read.is_none(),
            },
            Value::Number(number) => match number.as_f64() {
                Some(0.0 | 1.0) if self.lax => return,
                // Larger ones are no number that a truth value could have been.
                Some(it) => it.fract() == 0.0 && it.abs() < 9e18 && !(0.0..=1.0).contains(&it),
                None => false,
            },
            _ => false,
        };
        let (kind, message) = if unclear {
            (
                "bool_parsing",
                "Input should be a valid boolean, unable to interpret input",
            )
        } else {
            ("bool_type", "Input should be a valid boolean")
        };
        errors.push(FieldError::new(kind, loc.to_vec(), message, value.clone()));
    }

    pub(super) fn literal(
        &self,
        values: &[Value],
        is_component: bool,
        value: &Value,
        loc: &[Value],
        errors: &mut Errors,
    ) {
        let equal = |own: &Value| match (own, value) {
            (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
            (Value::Number(own), Value::Bool(value)) if self.lax => {
                own.as_f64() == Some(f64::from(u8::from(*value)))
            }
            // An enumeration of numbers reads texts, a literal does not.
            (Value::Number(own), Value::String(text)) if self.lax && is_component => {
                coerce::integer(text).as_ref() == Some(own)
            }
            (own, value) => own == value,
        };
        if values.iter().any(equal) {
            return;
        }
        let written: Vec<String> = values.iter().map(repr).collect();
        let expected = match written.as_slice() {
            [several @ .., last] if !several.is_empty() => {
                format!("{} or {last}", several.join(", "))
            }
            one => one.concat(),
        };
        let kind = if is_component {
            "enum"
        } else {
            "literal_error"
        };
        let message = format!("Input should be {expected}");
        let error = FieldError::new(kind, loc.to_vec(), message, value.clone());
        errors.push(error.context(json!({ "expected": expected })));
    }
}

/// A number that may be written as a text, so that none of its digits is lost.
pub(super) fn decimal(schema: &Value, value: &Value, loc: &[Value]) -> Option<FieldError> {
    let refused = |kind, message: &str| {
        let error = FieldError::new(kind, loc.to_vec(), message, value.clone());
        Some(error)
    };
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => match text.trim().replace('_', "").parse::<f64>() {
            Ok(number) if !number.is_finite() => {
                return refused("finite_number", "Input should be a finite number");
            }
            Ok(number) => Some(number),
            Err(_) => return refused("decimal_parsing", "Input should be a valid decimal"),
        },
        _ => None,
    };
    let Some(number) = number else {
        let message = "Decimal input should be an integer, float, string or Decimal object";
        return refused("decimal_type", message);
    };
    let mut error = bound(schema, number, value, loc)?;
    // Of a decimal, a whole bound is written as a whole number.
    if let Some(Value::Object(context)) = &mut error.context {
        for bound in context.values_mut() {
            *bound = whole(bound);
        }
    }
    Some(error)
}

/// A whole number without its fraction of nought.
fn whole(number: &Value) -> Value {
    match number.as_f64() {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "a whole bound of a document"
        )]
        Some(value) if value.fract() == 0.0 => Value::from(value as i64),
        _ => number.clone(),
    }
}

pub(super) fn string(schema: &Value, value: &Value, loc: &[Value], errors: &mut Errors) {
    let found = match value {
        Value::String(text) => texts::problem(schema, text),
        _ => Some(texts::not_a_text(schema)),
    };
    if let Some((kind, message, context)) = found {
        let mut error = FieldError::new(kind, loc.to_vec(), message, value.clone());
        error.context = context;
        errors.push(error);
    }
}

/// A keyword, the type of the error, its words, its name in the context, and when it is broken.
type Rule = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    fn(f64, f64) -> bool,
);

/// What is no number is below nothing, so that it breaks every bound.
fn below(one: f64, other: f64) -> bool {
    one.partial_cmp(&other) == Some(Ordering::Less)
}

fn at_most(one: f64, other: f64) -> bool {
    matches!(
        one.partial_cmp(&other),
        Some(Ordering::Less | Ordering::Equal)
    )
}

/// In the order in which they are looked at.
const RULES: [Rule; 5] = [
    (
        "multipleOf",
        "multiple_of",
        "a multiple of",
        "multiple_of",
        |it, step| {
            let rest = (it % step).abs();
            let close = it.abs() / 1e9;
            below(close, rest) && below(close, (rest - step.abs()).abs())
        },
    ),
    (
        "maximum",
        "less_than_equal",
        "less than or equal to",
        "le",
        |it, most| !at_most(it, most),
    ),
    (
        "exclusiveMaximum",
        "less_than",
        "less than",
        "lt",
        |it, most| !below(it, most),
    ),
    (
        "minimum",
        "greater_than_equal",
        "greater than or equal to",
        "ge",
        |it, least| !at_most(least, it),
    ),
    (
        "exclusiveMinimum",
        "greater_than",
        "greater than",
        "gt",
        |it, least| !below(least, it),
    ),
];

/// The first bound that a number breaks.
fn bound(schema: &Value, given: f64, input: &Value, loc: &[Value]) -> Option<FieldError> {
    RULES
        .iter()
        .find_map(|(keyword, kind, words, name, broken)| {
            let bound = schema[*keyword].as_f64()?;
            if !broken(given, bound) {
                return None;
            }
            let shown = Value::from(bound);
            let shown = if schema["type"] == "integer" {
                whole(&shown)
            } else {
                shown
            };
            let message = format!("Input should be {words} {bound}");
            let error = FieldError::new(kind, loc.to_vec(), message, input.clone());
            Some(error.context(json!({ *name: shown })))
        })
}
