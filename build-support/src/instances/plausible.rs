//! Values that look like those of a service: nothing is left out, and a field holds what its name says.

use super::Instances;
use crate::pointer;
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::ops::Range;

/// How many items a list has that nobody asked for in particular.
const USUAL_ITEMS: u64 = 3;

/// What fields hold that have a certain name.
///
/// The number is that of the thing that the field belongs to: the items of a list are numbered, and the same
/// number means the same thing wherever it appears.
pub trait Plausible {
    /// A value for a field of this name and schema, if there is one. It has to fit the schema.
    fn suggest(&self, name: &str, schema: &Map<String, Value>, number: u64) -> Option<Value>;

    /// The same for a field of an object whose schema has this title, and of which its name alone does not say what
    /// it holds: `id`.
    fn suggest_in(
        &self,
        title: &str,
        name: &str,
        schema: &Map<String, Value>,
        number: u64,
    ) -> Option<Value> {
        let _ = title;
        self.suggest(name, schema, number)
    }
}

pub(super) struct State<'a> {
    names: &'a dyn Plausible,
    seed: u64,
    number: u64,
    name: String,
    /// The title of the object that the field belongs to.
    title: String,
    /// Which items the outermost list has.
    window: Option<Range<u64>>,
}

/// What was before a part was begun.
pub(super) struct Before {
    number: u64,
    name: String,
    title: String,
    random: fastrand::Rng,
}

impl<'a> Instances<'a> {
    /// Makes values as a service would have them: every field that a schema names is there, of alternatives the
    /// one that says most, and `names` says what fields hold. A value is that of thing number `number`, and the
    /// same field of the same thing is always the same.
    ///
    /// ```
    /// use imperal_build_support::{Instances, Plausible};
    /// use serde_json::{Map, Value, json};
    ///
    /// struct Names;
    /// impl Plausible for Names {
    ///     fn suggest(&self, name: &str, _: &Map<String, Value>, number: u64) -> Option<Value> {
    ///         (name == "app_id").then(|| json!(format!("app-{number}")))
    ///     }
    /// }
    ///
    /// let root = json!({});
    /// let app = json!({"type": "object", "properties": {"app_id": {"type": "string"}}});
    /// let list = json!({"type": "array", "items": app});
    /// let apps = Instances::plausible(&root, 1, &Names, 1).window(4..6).make(&list);
    /// assert_eq!(apps, Some(json!([{"app_id": "app-4"}, {"app_id": "app-5"}])));
    /// ```
    pub fn plausible(root: &'a Value, seed: u64, names: &'a dyn Plausible, number: u64) -> Self {
        Self {
            root,
            random: fastrand::Rng::with_seed(mixed(seed, number, "")),
            left: 0,
            plausible: Some(State {
                names,
                seed,
                number,
                name: String::new(),
                title: String::new(),
                window: None,
            }),
        }
    }

    /// Gives the outermost list the items with these numbers.
    #[must_use]
    pub fn window(mut self, items: Range<u64>) -> Self {
        if let Some(state) = &mut self.plausible {
            state.window = Some(items);
        }
        self
    }

    pub(super) fn suggested(&self, schema: &Map<String, Value>) -> Option<Value> {
        let state = self.plausible.as_ref()?;
        let names = state.names;
        let suggested = names.suggest_in(&state.title, &state.name, schema, state.number);
        suggested.or_else(|| {
            let default = schema.get("default");
            default.filter(|default| !default.is_null()).cloned()
        })
    }

    /// The numbers of the items of the list that comes next, if they are numbered.
    pub(super) fn numbers_of_items(&mut self) -> Option<Range<u64>> {
        let state = self.plausible.as_mut()?;
        let usual = state.number..state.number + USUAL_ITEMS;
        Some(state.window.take().unwrap_or(usual))
    }

    pub(super) fn leaves_out(&mut self, property: &Value, object: &Map<String, Value>) -> bool {
        if self.plausible.is_none() {
            return self.one_in(3);
        }
        // An envelope has several names for its list, and uses one.
        is_list(self.root, property) && object.values().any(Value::is_array)
    }

    /// Begins the field of this name in an object of this schema.
    pub(super) fn begin_field(
        &mut self,
        name: &str,
        object: &Map<String, Value>,
    ) -> Option<Before> {
        let number = self.plausible.as_ref()?.number;
        let title = object.get("title").and_then(Value::as_str);
        self.begin(name.to_owned(), title.unwrap_or_default(), number)
    }

    /// The items of a list are named as one of what the list is named for.
    pub(super) fn begin_item(&mut self, number: u64) -> Option<Before> {
        let name = &self.plausible.as_ref()?.name;
        let name = name.strip_suffix('s').unwrap_or(name).to_owned();
        self.begin(name, "", number)
    }

    fn begin(&mut self, name: String, title: &str, number: u64) -> Option<Before> {
        let state = self.plausible.as_mut()?;
        let random = fastrand::Rng::with_seed(mixed(state.seed, number, &name));
        Some(Before {
            number: std::mem::replace(&mut state.number, number),
            name: std::mem::replace(&mut state.name, name),
            title: std::mem::replace(&mut state.title, title.to_owned()),
            random: std::mem::replace(&mut self.random, random),
        })
    }

    /// Goes on where the field or item was begun.
    pub(super) fn end(&mut self, before: Option<Before>) {
        if let (Some(before), Some(state)) = (before, &mut self.plausible) {
            (state.number, state.name) = (before.number, before.name);
            state.title = before.title;
            self.random = before.random;
        }
    }
}

/// The alternative that says most: an object before a list, anything before null.
pub(super) fn telling(root: &Value, branches: &[Value]) -> usize {
    let of_type = |wanted: &str| {
        branches
            .iter()
            .position(|branch| has_type(resolved(root, branch), wanted))
    };
    of_type("object")
        .or_else(|| of_type("array"))
        .or_else(|| branches.iter().position(|branch| !has_type(branch, "null")))
        .unwrap_or_default()
}

fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let reference = schema["$ref"].as_str();
    reference
        .and_then(|reference| pointer::resolve(root, reference))
        .unwrap_or(schema)
}

fn has_type(schema: &Value, wanted: &str) -> bool {
    match &schema["type"] {
        Value::String(name) => name == wanted,
        Value::Array(names) => names.iter().any(|name| name == wanted),
        _ => wanted == "object" && schema.get("properties").is_some(),
    }
}

fn is_list(root: &Value, schema: &Value) -> bool {
    let (mut left, mut seen) = (vec![schema], HashSet::new());
    while let Some(next) = left.pop() {
        let schema = resolved(root, next);
        if has_type(schema, "array") {
            return true;
        }
        // An alternative may lead back to where it came from.
        if seen.insert(std::ptr::from_ref(schema)) {
            left.extend(schema["anyOf"].as_array().into_iter().flatten());
        }
    }
    false
}

/// A seed for the field `name` of thing `number`: FNV-1a, which is the same on every machine.
fn mixed(seed: u64, number: u64, name: &str) -> u64 {
    let bytes = seed.to_le_bytes().into_iter().chain(number.to_le_bytes());
    bytes
        .chain(name.bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
}

impl std::fmt::Debug for State<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Plausible")
            .field("number", &self.number)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
