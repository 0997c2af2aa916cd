//! How the value of a parameter is written as text.

use super::collected::Parameter;
use crate::comparison::Comparison;
use crate::finding::Finding;
use crate::json;
use crate::members::{self, Object};
use crate::report::Wire;
use serde_json::{Value, json};

/// The styles of path parameters, each of which writes even a scalar in its own way.
const PATH_STYLES: [&str; 3] = ["label", "matrix", "simple"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Style<'a> {
    name: &'a str,
    explode: bool,
}

/// The kinds of value besides scalars that a parameter may hold.
#[derive(Clone, Copy)]
struct Shapes {
    lists: bool,
    objects: bool,
}

impl Style<'_> {
    /// Whether a list or an object is sent as one parameter for each of its members.
    pub(super) fn is_exploded_form(self) -> bool {
        self.name == "form" && self.explode
    }
}

impl<'a> Parameter<'a> {
    pub(super) fn style(&self) -> Style<'a> {
        let name = members::text(self.members, "style").filter(|name| !name.is_empty());
        let name = name.unwrap_or(match self.location {
            "path" | "header" => "simple",
            _ => "form",
        });
        let explode = self.members.get("explode").and_then(Value::as_bool);
        Style {
            name,
            explode: explode.unwrap_or(name == "form"),
        }
    }

    fn shapes(&self, document: &'a Value) -> Shapes {
        let schema = members::resolved(document, self.schema);
        let Some(schema) = schema else {
            return Shapes::both(false);
        };
        if schema.contains_key("type") {
            let types = types(schema);
            return Shapes {
                lists: types.contains(&"array"),
                objects: types.contains(&"object"),
            };
        }
        Shapes::both(!schema.contains_key("enum") && !schema.contains_key("pattern"))
    }
}

impl Shapes {
    fn both(are_possible: bool) -> Self {
        Self {
            lists: are_possible,
            objects: are_possible,
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            lists: self.lists && other.lists,
            objects: self.objects && other.objects,
        }
    }
}

/// The words of a schema's `type`.
pub(super) fn types(schema: &Object) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(word)) => vec![word],
        words => json::texts(words).collect(),
    }
}

pub(super) fn compare<'a>(
    comparison: &mut Comparison<'a>,
    pointer: &str,
    old: &Parameter<'a>,
    new: &Parameter<'a>,
) {
    if !old.content().is_empty() || !new.content().is_empty() {
        return;
    }
    compare_styles(comparison, pointer, old, new);
    let name = "allowReserved";
    if json::is_true(old.members.get(name)) != json::is_true(new.members.get(name)) {
        let finding = Finding::new(
            "param-allow-reserved-changed",
            Wire::Unknown,
            json::join(pointer, name),
            format!("{name} changed"),
        );
        comparison.emit(finding.because(
            "the document does not say whether the server reads reserved characters either way",
        ));
    }
}

fn compare_styles<'a>(
    comparison: &mut Comparison<'a>,
    pointer: &str,
    old: &Parameter<'a>,
    new: &Parameter<'a>,
) {
    let (before, after) = (old.style(), new.style());
    if before == after {
        return;
    }
    let shapes = old.shapes(comparison.old).and(new.shapes(comparison.new));
    let differs_in_name = before.name != after.name;
    let is_path = PATH_STYLES.contains(&before.name) || PATH_STYLES.contains(&after.name);
    let matters = shapes.lists || shapes.objects || differs_in_name && is_path;
    let member = if differs_in_name { "style" } else { "explode" };
    let wire = Wire::breaking_if(matters);
    let instance = if shapes.lists {
        json!([1, 2])
    } else if shapes.objects {
        json!({"a": 1})
    } else {
        json!("a")
    };
    let finding = Finding::new(
        format!("param-{member}-changed"),
        wire,
        json::join(pointer, member),
        format!(
            "written as {}, explode: {} -> {}, explode: {}",
            before.name, before.explode, after.name, after.explode
        ),
    );
    comparison.emit(finding.sent("the text form of this value differs", instance));
}
