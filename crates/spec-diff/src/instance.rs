//! Values that are tried: cheap to copy and to put into others.

use crate::number::Number;
use serde_json::Value;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A JSON value. Parts are shared, so that a value can be wrapped again and again, and what was found
/// out about a part is known by where it lies.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Instance {
    Null,
    Boolean(bool),
    Number(Number),
    Text(Rc<str>),
    List(Rc<Vec<Instance>>),
    Object(Rc<Members>),
}

pub(crate) type Members = BTreeMap<Rc<str>, Instance>;

impl Instance {
    pub(crate) fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn whole(number: i128) -> Self {
        Self::Number(Number::Whole(number))
    }

    pub(crate) fn list(items: Vec<Self>) -> Self {
        Self::List(Rc::new(items))
    }

    pub(crate) fn object(members: Members) -> Self {
        Self::Object(Rc::new(members))
    }

    /// A copy of a document's value.
    pub(crate) fn read(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(boolean) => Self::Boolean(*boolean),
            Value::Number(_) => Number::read(value).map_or(Self::Null, Self::Number),
            Value::String(text) => Self::text(text),
            Value::Array(items) => Self::list(items.iter().map(Self::read).collect()),
            Value::Object(members) => {
                let members = members.iter();
                let members =
                    members.map(|(name, member)| (name.as_str().into(), Self::read(member)));
                Self::object(members.collect())
            }
        }
    }

    pub(crate) fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Boolean(boolean) => Value::Bool(*boolean),
            Self::Number(number) => number.to_value(),
            Self::Text(text) => Value::String(text.to_string()),
            Self::List(items) => Value::Array(items.iter().map(Self::to_value).collect()),
            Self::Object(members) => {
                let members = members.iter();
                let members = members.map(|(name, member)| (name.to_string(), member.to_value()));
                Value::Object(members.collect())
            }
        }
    }

    /// Where a list or object lies: the same for every copy of it.
    pub(crate) fn address(&self) -> Option<usize> {
        match self {
            Self::List(items) if !items.is_empty() => Some(Rc::as_ptr(items) as usize),
            Self::Object(members) if !members.is_empty() => Some(Rc::as_ptr(members) as usize),
            _ => None,
        }
    }

    /// The same object with one member more, or with another value for it.
    pub(crate) fn with(members: &Members, name: &str, member: Self) -> Members {
        let mut members = members.clone();
        members.insert(name.into(), member);
        members
    }

    /// The other ways in which a scalar is read where values travel as text.
    pub(crate) fn readings(&self) -> Vec<Self> {
        match self {
            Self::Boolean(boolean) => vec![Self::text(if *boolean { "true" } else { "false" })],
            Self::Number(number) => vec![Self::text(&number.to_value().to_string())],
            Self::Text(text) => match text.as_ref() {
                "true" => vec![Self::Boolean(true)],
                "false" => vec![Self::Boolean(false)],
                text => written_number(text).map(Self::Number).into_iter().collect(),
            },
            _ => Vec::new(),
        }
    }
}

/// The number that a text denotes.
fn written_number(text: &str) -> Option<Number> {
    let digits = text.trim_start_matches(['+', '-']);
    if !digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    match text.parse::<i128>() {
        Ok(whole) => Some(Number::Whole(whole)),
        Err(_) => Number::of(text.parse().ok()?),
    }
}

/// Each value once, in the order of its first appearance.
pub(crate) fn unique(values: Vec<Instance>) -> Vec<Instance> {
    let mut seen = std::collections::HashSet::new();
    values
        .into_iter()
        .filter(|value| seen.insert(value.to_value().to_string()))
        .collect()
}
