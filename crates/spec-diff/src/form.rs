//! The normal form of a schema: the keywords of JSON Schema 2020-12, each with a value of the right
//! kind, whatever version of OpenAPI wrote them.

use crate::json;
use crate::kinds::Kinds;
use crate::number::Number;
use crate::pattern::Patterns;
use crate::side::Side;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A place in a document that holds a schema, or a schema that the comparison made.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Node<'a> {
    Always,
    Never,
    /// As a document writes it.
    Written(&'a Value),
    /// As a document writes it, but for properties that an enclosing schema keeps from travelling.
    Veiled(&'a Veil<'a>),
    /// Made by the comparison.
    Made(&'a Form<'a>),
}

/// A part of a schema whose other parts say that some properties do not travel.
#[derive(Debug)]
pub(crate) struct Veil<'a> {
    pub(crate) node: &'a Value,
    pub(crate) hidden: BTreeSet<&'a str>,
}

/// A schema in normal form.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Normal<'a> {
    Always,
    Never,
    Form(&'a Form<'a>),
}

/// The keywords of a schema.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form<'a> {
    entries: BTreeMap<&'a str, Entry<'a>>,
    /// A reference that leads nowhere, or one that only a running validator could follow.
    pub(crate) unresolved: Option<&'a str>,
}

/// The value of a keyword.
#[derive(Clone, Debug)]
pub(crate) enum Entry<'a> {
    Types(Vec<&'a str>),
    Values(Vec<&'a Value>),
    Number(Number),
    Count(u64),
    Flag(bool),
    Text(&'a str),
    Names(Vec<&'a str>),
    Schema(Node<'a>),
    Schemas(Vec<Node<'a>>),
    NamedSchemas(BTreeMap<&'a str, Node<'a>>),
    NamedNames(BTreeMap<&'a str, Vec<&'a str>>),
    /// A keyword that says nothing about validity, or one of the wrong shape, which says nothing either.
    Other(&'a Value),
}

/// A schema on its side.
#[derive(Clone, Copy)]
pub(crate) struct Schema<'a> {
    pub(crate) side: &'a Side<'a>,
    pub(crate) node: Node<'a>,
}

/// A schema in normal form on its side: one of several that hold together.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    pub(crate) side: &'a Side<'a>,
    pub(crate) form: &'a Form<'a>,
}

impl<'a> Entry<'a> {
    /// The value as it stands in a schema, where `write` writes the schemas below it. None if one of them
    /// cannot be written.
    pub(crate) fn to_value(
        &self,
        write: &mut dyn FnMut(Node<'a>) -> Option<Value>,
    ) -> Option<Value> {
        Some(match self {
            Self::Types(names) | Self::Names(names) => json!(names),
            Self::Values(values) => json!(values),
            Self::Number(number) => number.to_value(),
            Self::Count(count) => json!(count),
            Self::Flag(flag) => json!(flag),
            Self::Text(text) => json!(text),
            Self::Schema(node) => write(*node)?,
            Self::Schemas(nodes) => nodes
                .iter()
                .map(|node| write(*node))
                .collect::<Option<_>>()?,
            Self::NamedSchemas(named) => {
                let members = named.iter();
                let members = members.map(|(name, node)| Some(((*name).to_owned(), write(*node)?)));
                Value::Object(members.collect::<Option<_>>()?)
            }
            Self::NamedNames(named) => json!(named),
            Self::Other(value) => (*value).clone(),
        })
    }
}

impl<'a> Schema<'a> {
    pub(crate) fn new(side: &'a Side<'a>, node: Node<'a>) -> Self {
        Self { side, node }
    }

    pub(crate) fn normal(self) -> Normal<'a> {
        self.side.normal(self.node)
    }

    pub(crate) fn form(self) -> Option<&'a Form<'a>> {
        match self.normal() {
            Normal::Form(form) => Some(form),
            _ => None,
        }
    }

    pub(crate) fn is_always(self) -> bool {
        matches!(self.normal(), Normal::Always)
    }
}

impl<'a> Part<'a> {
    pub(crate) fn schema(self) -> Schema<'a> {
        Schema::new(self.side, Node::Made(self.form))
    }

    /// A schema below this one, on the same side.
    pub(crate) fn at(self, node: Node<'a>) -> Schema<'a> {
        Schema::new(self.side, node)
    }

    pub(crate) fn is_same(self, other: Part<'a>) -> bool {
        std::ptr::eq(self.side, other.side) && std::ptr::eq(self.form, other.form)
    }
}

impl Normal<'_> {
    /// Tells normal forms apart: each form has one place.
    pub(crate) fn address(self) -> usize {
        match self {
            Self::Always => 0,
            Self::Never => 1,
            Self::Form(form) => std::ptr::from_ref(form) as usize,
        }
    }
}

impl<'a> Form<'a> {
    pub(crate) fn has(&self, keyword: &str) -> bool {
        self.entries.contains_key(keyword)
    }

    pub(crate) fn entry(&self, keyword: &str) -> Option<&Entry<'a>> {
        self.entries.get(keyword)
    }

    pub(crate) fn keywords(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.entries.keys().copied()
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'a str, &Entry<'a>)> + '_ {
        self.entries
            .iter()
            .map(|(keyword, entry)| (*keyword, entry))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.unresolved.is_none()
    }

    pub(crate) fn types(&self) -> Option<&[&'a str]> {
        match self.entries.get("type") {
            Some(Entry::Types(types)) => Some(types),
            _ => None,
        }
    }

    /// The kinds of value that `type` takes.
    pub(crate) fn kinds(&self) -> Kinds<'a> {
        self.types().map_or_else(Kinds::all, Kinds::of)
    }

    pub(crate) fn values(&self) -> Option<&[&'a Value]> {
        match self.entries.get("enum") {
            Some(Entry::Values(values)) => Some(values),
            _ => None,
        }
    }

    pub(crate) fn number(&self, keyword: &str) -> Option<Number> {
        match self.entries.get(keyword) {
            Some(Entry::Number(number)) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn count(&self, keyword: &str) -> Option<u64> {
        match self.entries.get(keyword) {
            Some(Entry::Count(count)) => Some(*count),
            _ => None,
        }
    }

    pub(crate) fn flag(&self, keyword: &str) -> bool {
        matches!(self.entries.get(keyword), Some(Entry::Flag(true)))
    }

    pub(crate) fn text(&self, keyword: &str) -> Option<&'a str> {
        match self.entries.get(keyword) {
            Some(Entry::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn names(&self, keyword: &str) -> &[&'a str] {
        match self.entries.get(keyword) {
            Some(Entry::Names(names)) => names,
            _ => &[],
        }
    }

    pub(crate) fn schema(&self, keyword: &str) -> Option<Node<'a>> {
        match self.entries.get(keyword) {
            Some(Entry::Schema(node)) => Some(*node),
            _ => None,
        }
    }

    pub(crate) fn schemas(&self, keyword: &str) -> &[Node<'a>] {
        match self.entries.get(keyword) {
            Some(Entry::Schemas(nodes)) => nodes,
            _ => &[],
        }
    }

    pub(crate) fn named(&self, keyword: &str) -> impl Iterator<Item = (&'a str, Node<'a>)> + '_ {
        let named = match self.entries.get(keyword) {
            Some(Entry::NamedSchemas(named)) => Some(named),
            _ => None,
        };
        named
            .into_iter()
            .flatten()
            .map(|(name, node)| (*name, *node))
    }

    pub(crate) fn named_schema(&self, keyword: &str, name: &str) -> Option<Node<'a>> {
        match self.entries.get(keyword) {
            Some(Entry::NamedSchemas(named)) => named.get(name).copied(),
            _ => None,
        }
    }

    pub(crate) fn named_names(&self) -> impl Iterator<Item = (&'a str, &[&'a str])> + '_ {
        let named = match self.entries.get("dependentRequired") {
            Some(Entry::NamedNames(named)) => Some(named),
            _ => None,
        };
        named
            .into_iter()
            .flatten()
            .map(|(name, names)| (*name, names.as_slice()))
    }

    /// What speaks of the member `name`: by its name, or by a pattern.
    pub(crate) fn for_name(&self, patterns: &Patterns, name: &str) -> Vec<Node<'a>> {
        let matching = self.named("patternProperties");
        let matching =
            matching.filter(|(pattern, _)| patterns.matches(pattern, name) == Some(true));
        let by_name = self.named_schema("properties", name).into_iter();
        by_name.chain(matching.map(|(_, node)| node)).collect()
    }

    /// Whether other schemas look at members and items of the same value.
    pub(crate) fn applies_others(&self) -> bool {
        const APPLYING: [&str; 6] = ["allOf", "anyOf", "oneOf", "if", "not", "dependentSchemas"];
        APPLYING.iter().any(|keyword| self.has(keyword))
    }

    /// The same with one keyword more.
    pub(crate) fn with(mut self, keyword: &'a str, entry: Entry<'a>) -> Self {
        self.entries.insert(keyword, entry);
        self
    }

    /// Only the keywords that are asked for; none if it has none of them.
    pub(crate) fn only(&self, keywords: &[&str]) -> Option<Self> {
        let kept = self
            .entries
            .iter()
            .filter(|(keyword, _)| keywords.contains(keyword));
        let entries: BTreeMap<_, _> = kept
            .map(|(keyword, entry)| (*keyword, entry.clone()))
            .collect();
        (!entries.is_empty()).then_some(Self {
            entries,
            unresolved: None,
        })
    }

    /// All but some keywords.
    pub(crate) fn without(&self, left_out: impl Fn(&str) -> bool) -> Self {
        let mut form = self.clone();
        form.entries.retain(|keyword, _| !left_out(keyword));
        form
    }
}

impl<'a> Side<'a> {
    /// Keeps a form for as long as the comparison.
    pub(crate) fn made(&self, form: Form<'a>) -> Node<'a> {
        Node::Made(self.workshop.forms.alloc(form))
    }

    pub(crate) fn normal(&self, node: Node<'a>) -> Normal<'a> {
        let nothing = BTreeSet::new();
        let (address, value, hidden) = match node {
            Node::Always => return Normal::Always,
            Node::Never => return Normal::Never,
            Node::Made(form) if form.is_empty() => return Normal::Always,
            Node::Made(form) => return Normal::Form(form),
            Node::Written(value) => {
                let value = self.resolve(value);
                (std::ptr::from_ref(value) as usize, value, &nothing)
            }
            Node::Veiled(veil) => (std::ptr::from_ref(veil) as usize, veil.node, &veil.hidden),
        };
        if let Some(known) = self.forms.borrow().get(&address) {
            return *known;
        }
        let normal = crate::normal::normalise(self, value, hidden);
        self.forms.borrow_mut().insert(address, normal);
        normal
    }
}

/// The nodes of a list of schemas.
pub(crate) fn written(values: &[Value]) -> Vec<Node<'_>> {
    values.iter().map(Node::Written).collect()
}

/// The nodes of an object of schemas.
pub(crate) fn written_by_name(value: &Value) -> BTreeMap<&str, Node<'_>> {
    let members = json::object(Some(value)).iter();
    members
        .map(|(name, member)| (name.as_str(), Node::Written(member)))
        .collect()
}
