//! The parameters of one operation, as they are told apart on the wire: a header by its name in any
//! case, a path parameter by its place, the properties of an exploded object one by one.

use super::exploded::explode;
use crate::comparison::Comparison;
use crate::json;
use crate::members::{self, Object};
use crate::operation::Operation;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Headers that OpenAPI describes elsewhere; parameters of these names are ignored.
const IGNORED_HEADERS: [&str; 3] = ["accept", "content-type", "authorization"];

pub(super) type Parameters<'a> = BTreeMap<Key<'a>, Parameter<'a>>;

/// What tells a parameter from the others of its operation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key<'a> {
    location: &'a str,
    name: Name<'a>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Name<'a> {
    /// As it stands on the wire.
    Sent(Cow<'a, str>),
    /// Of an object whose properties are sent instead.
    Whole(Cow<'a, str>),
    /// Of a path parameter, whose name does not travel: its place in the path.
    Place(usize),
}

/// A parameter, or one property of an exploded object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parameter<'a> {
    pub(super) name: &'a str,
    pub(super) location: &'a str,
    pub(super) required: bool,
    pub(super) schema: Option<&'a Value>,
    pub(super) part: Part<'a>,
    /// What else is said about it.
    pub(super) members: &'a Object,
}

/// How a parameter belongs to an object that is written as single parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Alone,
    /// A property of the object of this name.
    Property(&'a str),
    /// The object, whose properties are parameters of their own.
    Whole,
}

/// The parameters of an operation, those of its path among them. `names` are those in the path.
pub(super) fn collect<'a>(
    comparison: &Comparison<'a>,
    document: &'a Value,
    operation: Operation<'a>,
    names: &[&str],
) -> Parameters<'a> {
    let mut parameters = Parameters::new();
    for owner in [operation.item, operation.members] {
        let written = json::list(owner.get("parameters")).iter();
        for parameter in written.filter_map(|value| Parameter::read(document, value)) {
            if let Some(key) = parameter.key(names) {
                parameters.insert(key, parameter);
            }
        }
    }
    place_stray(&mut parameters, names.len());
    explode(comparison, document, parameters)
}

/// A path parameter whose name is misspelt gets the one place that is left for it.
fn place_stray(parameters: &mut Parameters<'_>, places: usize) {
    let free: Vec<_> = (0..places)
        .map(Key::at)
        .filter(|key| !parameters.contains_key(key))
        .collect();
    let stray: Vec<_> = parameters
        .keys()
        .filter(|key| key.is_stray())
        .cloned()
        .collect();
    if let ([free], [stray]) = (free.as_slice(), stray.as_slice())
        && let Some(parameter) = parameters.remove(stray)
    {
        parameters.insert(free.clone(), parameter);
    }
}

impl<'a> Key<'a> {
    pub(super) fn sent(location: &'a str, name: impl Into<Cow<'a, str>>) -> Self {
        Self {
            location,
            name: Name::Sent(name.into()),
        }
    }

    fn at(place: usize) -> Self {
        Self {
            location: "path",
            name: Name::Place(place),
        }
    }

    /// The key of the same parameter, were it an exploded object.
    pub(super) fn whole(&self) -> Option<Self> {
        match &self.name {
            Name::Sent(name) => Some(Self {
                location: self.location,
                name: Name::Whole(name.clone()),
            }),
            Name::Whole(_) | Name::Place(_) => None,
        }
    }

    fn is_stray(&self) -> bool {
        self.location == "path" && !matches!(self.name, Name::Place(_))
    }
}

impl<'a> Parameter<'a> {
    fn read(document: &'a Value, value: &'a Value) -> Option<Self> {
        let members = members::resolved(document, Some(value))?;
        Some(Self {
            name: members::text(members, "name")?,
            location: members::text(members, "in").unwrap_or_default(),
            required: members::is_required(members),
            schema: members::given(members, "schema"),
            part: Part::Alone,
            members,
        })
    }

    /// None for a header that is described elsewhere.
    fn key(&self, names: &[&str]) -> Option<Key<'a>> {
        match self.location {
            "header" => {
                let name = self.name.to_lowercase();
                let is_ignored = IGNORED_HEADERS.contains(&name.as_str());
                (!is_ignored).then(|| Key::sent(self.location, name))
            }
            "path" => {
                let place = names.iter().position(|name| *name == self.name);
                Some(place.map_or_else(|| Key::sent(self.location, self.name), Key::at))
            }
            _ => Some(Key::sent(self.location, self.name)),
        }
    }

    pub(super) fn is_whole(&self) -> bool {
        self.part == Part::Whole
    }

    /// The media types that it is written in, if it is.
    pub(super) fn content(&self) -> &'a Object {
        json::object(self.members.get("content"))
    }
}
