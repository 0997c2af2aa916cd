//! One document, read in one role.

use crate::form::{Form, Normal, Veil};
use crate::instance::Instance;
use crate::json;
use crate::pattern::Patterns;
use crate::report::Version;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::HashMap;
use typed_arena::Arena;

/// Which way a value travels, seen from the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Direction {
    Request,
    Response,
}

/// How a value travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Travel {
    Json,
    /// As text: parameters, headers, forms, XML. A number is also the text it is written as.
    Text,
}

/// Where everything lives that a comparison makes: as long as the comparison, in one place, so that
/// what is known about a schema is known by where it lies.
pub(crate) struct Workshop<'a> {
    pub(crate) forms: Arena<Form<'a>>,
    pub(crate) veils: Arena<Veil<'a>>,
    pub(crate) sides: Arena<Side<'a>>,
    pub(crate) values: Arena<Value>,
    pub(crate) patterns: Patterns,
}

impl Workshop<'_> {
    pub(crate) fn new() -> Self {
        Self {
            forms: Arena::new(),
            veils: Arena::new(),
            sides: Arena::new(),
            values: Arena::new(),
            patterns: Patterns::default(),
        }
    }
}

/// One document in one role. Every schema is looked at together with its side.
pub(crate) struct Side<'a> {
    pub(crate) document: &'a Value,
    pub(crate) version: Version,
    /// Whether this document's party writes the value; the other one reads it.
    pub(crate) sender: bool,
    pub(crate) direction: Direction,
    pub(crate) travel: Travel,
    /// OpenAPI 3.0, where nothing that stands beside a reference counts.
    lone_references: bool,
    pub(crate) workshop: &'a Workshop<'a>,
    pub(crate) forms: RefCell<HashMap<usize, Normal<'a>>>,
    pub(crate) evaluations: RefCell<HashMap<EvaluationKey, Evaluated>>,
}

/// A form, an instance, and whether `oneOf` is read as a list.
pub(crate) type EvaluationKey = (usize, usize, bool);

/// What an instance was found to be. It is kept with its instance, whose place is taken as long.
pub(crate) type Evaluated = (Instance, crate::evaluate::Evaluation);

/// Keywords that do not take part in validation.
pub(crate) const ANNOTATIONS: [&str; 17] = [
    "title",
    "description",
    "default",
    "example",
    "examples",
    "deprecated",
    "$comment",
    "externalDocs",
    "xml",
    "$schema",
    "$id",
    "$anchor",
    "$defs",
    "definitions",
    "readOnly",
    "writeOnly",
    "discriminator",
];

impl<'a> Side<'a> {
    pub(crate) fn new(
        workshop: &'a Workshop<'a>,
        document: &'a Value,
        version: Version,
        direction: Direction,
        travel: Travel,
    ) -> &'a Self {
        let openapi = document.get("openapi").and_then(Value::as_str);
        workshop.sides.alloc(Self {
            document,
            version,
            sender: (direction == Direction::Request) == (version == Version::Old),
            direction,
            travel,
            lone_references: openapi.unwrap_or("3.0").starts_with("3.0"),
            workshop,
            forms: RefCell::default(),
            evaluations: RefCell::default(),
        })
    }

    pub(crate) fn is_text(&self) -> bool {
        self.travel == Travel::Text
    }

    /// Where a value goes that neither travels nor has to be there: read-only properties of requests,
    /// write-only ones of responses.
    pub(crate) fn hiding(&self) -> &'static str {
        match self.direction {
            Direction::Request => "readOnly",
            Direction::Response => "writeOnly",
        }
    }

    /// The keywords beside a reference that count.
    pub(crate) fn beside_reference(&self, node: &'a Value) -> Vec<(&'a str, &'a Value)> {
        if self.lone_references {
            return Vec::new();
        }
        let members = json::object(Some(node)).iter();
        members
            .map(|(keyword, value)| (keyword.as_str(), value))
            .filter(|(keyword, _)| {
                *keyword != "$ref" && !is_annotation(keyword) && !keyword.starts_with("x-")
            })
            .collect()
    }

    /// Follows references; one with keywords beside it stays.
    pub(crate) fn resolve(&self, node: &'a Value) -> &'a Value {
        let mut node = node;
        for _ in 0..json::MAX_REFERENCES {
            let Some(reference) = node.get("$ref").and_then(Value::as_str) else {
                return node;
            };
            if !self.beside_reference(node).is_empty() {
                return node;
            }
            match json::lookup(self.document, reference) {
                Some(target) => node = target,
                None => return node,
            }
        }
        node
    }

    /// Whether a property carries a mark (`readOnly`, `writeOnly`), itself or where it refers to.
    pub(crate) fn is_marked(&self, node: &'a Value, mark: &str) -> bool {
        let node = self.resolve(node);
        if json::is_true(node.get(mark)) {
            return true;
        }
        if let Some(reference) = node.get("$ref").and_then(Value::as_str) {
            let target = json::lookup(self.document, reference);
            return json::is_true(target.and_then(|target| target.get(mark)));
        }
        json::list(node.get("allOf"))
            .iter()
            .any(|part| json::is_true(self.resolve(part).get(mark)))
    }
}

pub(crate) fn is_annotation(keyword: &str) -> bool {
    ANNOTATIONS.contains(&keyword)
}
