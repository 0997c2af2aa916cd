//! Whether a value is valid under a schema in normal form: the keywords of JSON Schema 2020-12.
//!
//! This is a second implementation beside a validator's, because it reads what no validator does:
//! values that travel as text, properties that do not travel, and `oneOf` as the list that most
//! documents mean by it. Every witness that it finds is shown to a validator before it is reported.

use crate::form::{Form, Node, Normal, Schema};
use crate::formats;
use crate::instance::{Instance, Members};
use crate::kinds;
use crate::side::Side;
use std::collections::BTreeSet;
use std::rc::Rc;

/// Deeper than this, whatever is left is taken for valid.
const MAX_DEPTH: usize = 60;

/// Evaluations that are remembered for one side.
const MOST_REMEMBERED: usize = 200_000;

/// How `oneOf` is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OneOf {
    /// Exactly one alternative holds, as JSON Schema says.
    Exactly,
    /// At least one holds, as most documents mean it.
    AtLeast,
}

/// Both readings, the strict one first.
pub(crate) const READINGS: [OneOf; 2] = [OneOf::Exactly, OneOf::AtLeast];

/// What a schema found a value to be.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evaluation {
    pub(crate) valid: bool,
    /// The members that it looked at, which `unevaluatedProperties` leaves alone.
    names: BTreeSet<Rc<str>>,
    /// The same of items.
    items: BTreeSet<usize>,
}

impl Evaluation {
    fn invalid() -> Self {
        Self::default()
    }

    fn valid() -> Self {
        Self {
            valid: true,
            ..Self::default()
        }
    }

    fn take(&mut self, other: Self) {
        self.names.extend(other.names);
        self.items.extend(other.items);
    }
}

/// Whether a value is valid under a schema.
pub(crate) fn is_valid(schema: Schema<'_>, instance: &Instance, one_of: OneOf) -> bool {
    evaluate(schema.side, schema.node, instance, one_of, 0).valid
}

/// Whether a value is valid under each of several schemas.
pub(crate) fn is_valid_for_all(schemas: &[Schema<'_>], instance: &Instance, one_of: OneOf) -> bool {
    schemas
        .iter()
        .all(|schema| is_valid(*schema, instance, one_of))
}

/// Whether a value is invalid, however `oneOf` is read.
pub(crate) fn is_refused(schema: Schema<'_>, instance: &Instance) -> bool {
    READINGS
        .into_iter()
        .all(|one_of| !is_valid(schema, instance, one_of))
}

/// Whether nothing narrows the texts of a form that takes texts.
pub(crate) fn takes_any_text(form: &Form<'_>) -> bool {
    const NARROWING: [&str; 11] = [
        "enum",
        "pattern",
        "format",
        "minLength",
        "maxLength",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "if",
        "contentEncoding",
    ];
    form.unresolved.is_none() && !NARROWING.iter().any(|keyword| form.has(keyword))
}

fn evaluate<'a>(
    side: &Side<'a>,
    node: Node<'a>,
    instance: &Instance,
    one_of: OneOf,
    depth: usize,
) -> Evaluation {
    let form = match side.normal(node) {
        Normal::Always => return Evaluation::valid(),
        Normal::Never => return Evaluation::invalid(),
        Normal::Form(_) if depth > MAX_DEPTH => return Evaluation::valid(),
        Normal::Form(form) => form,
    };
    let look = Look {
        side,
        form,
        one_of,
        depth,
    };
    // A witness is wrapped level by level: its inside is looked at once.
    let Some(address) = instance.address().filter(|_| depth > 0) else {
        return look.read(instance);
    };
    let key = (
        std::ptr::from_ref(form) as usize,
        address,
        one_of == OneOf::AtLeast,
    );
    if let Some((_, known)) = side.evaluations.borrow().get(&key) {
        return known.clone();
    }
    let found = look.read(instance);
    let mut known = side.evaluations.borrow_mut();
    if known.len() > MOST_REMEMBERED {
        known.clear();
    }
    known.insert(key, (instance.clone(), found.clone()));
    found
}

/// One form while it looks at one value.
struct Look<'a, 'l> {
    side: &'l Side<'a>,
    form: &'a Form<'a>,
    one_of: OneOf,
    depth: usize,
}

impl<'a> Look<'a, '_> {
    fn below(&self, node: Node<'a>, instance: &Instance) -> Evaluation {
        evaluate(self.side, node, instance, self.one_of, self.depth + 1)
    }

    fn read(&self, instance: &Instance) -> Evaluation {
        if !self.side.is_text() {
            return self.check(instance);
        }
        let types = self.form.types();
        if types.is_some_and(|types| types.contains(&"string"))
            && takes_any_text(self.form)
            && *instance != Instance::Null
        {
            return Evaluation::valid();
        }
        let found = self.check(instance);
        if found.valid {
            return found;
        }
        let readings = instance.readings().into_iter();
        let mut others = readings.map(|reading| self.check(&reading));
        others.find(|other| other.valid).unwrap_or(found)
    }

    fn check(&self, instance: &Instance) -> Evaluation {
        let mut found = Evaluation::valid();
        if !self.takes_kind(instance) || !self.takes_scalar(instance) {
            return Evaluation::invalid();
        }
        let parts = match instance {
            Instance::Object(members) => self.takes_members(members, &mut found),
            Instance::List(items) => self.takes_items(items, &mut found),
            _ => true,
        };
        if !parts
            || !self.applies(instance, &mut found)
            || !self.leaves_nothing(instance, &mut found)
        {
            return Evaluation::invalid();
        }
        found
    }

    fn takes_kind(&self, instance: &Instance) -> bool {
        let types = self.form.types();
        let kind = types.is_none_or(|types| types.iter().any(|word| kinds::takes(word, instance)));
        let listed = self.form.values();
        kind && listed.is_none_or(|values| {
            values
                .iter()
                .any(|value| Instance::read(value) == *instance)
        })
    }

    fn takes_scalar(&self, instance: &Instance) -> bool {
        let form = self.form;
        let of_kind = match instance {
            Instance::Number(number) => {
                form.number("minimum").is_none_or(|least| *number >= least)
                    && form.number("maximum").is_none_or(|most| *number <= most)
                    && form
                        .number("exclusiveMinimum")
                        .is_none_or(|below| *number > below)
                    && form
                        .number("exclusiveMaximum")
                        .is_none_or(|above| *number < above)
                    && form
                        .number("multipleOf")
                        .is_none_or(|step| number.is_multiple_of(step))
            }
            Instance::Text(text) => {
                let length = text.chars().count() as u64;
                form.count("minLength").is_none_or(|least| length >= least)
                    && form.count("maxLength").is_none_or(|most| length <= most)
                    && self.matches_pattern(text)
                    && form
                        .text("contentEncoding")
                        .is_none_or(|encoding| formats::is_encoded(encoding, text))
            }
            _ => true,
        };
        of_kind
            && form
                .text("format")
                .is_none_or(|format| formats::takes(format, instance))
    }

    /// A pattern that cannot be read: nothing is claimed about what is sent, nothing is refused.
    fn matches_pattern(&self, text: &str) -> bool {
        let patterns = &self.side.workshop.patterns;
        self.form.text("pattern").is_none_or(|pattern| {
            let matches = patterns.matches(pattern, text);
            matches.unwrap_or(!self.side.sender)
        })
    }

    fn takes_members(&self, members: &Members, found: &mut Evaluation) -> bool {
        let form = self.form;
        let count = members.len() as u64;
        if form
            .names("required")
            .iter()
            .any(|name| !members.contains_key(*name))
            || form
                .count("minProperties")
                .is_some_and(|least| count < least)
            || form.count("maxProperties").is_some_and(|most| count > most)
        {
            return false;
        }
        for (name, member) in members {
            if !self.takes_member(name, member, found) {
                return false;
            }
        }
        form.named_names().all(|(name, needed)| {
            !members.contains_key(name) || needed.iter().all(|name| members.contains_key(*name))
        })
    }

    fn takes_member(&self, name: &Rc<str>, member: &Instance, found: &mut Evaluation) -> bool {
        let form = self.form;
        let mut nodes = form.for_name(&self.side.workshop.patterns, name);
        if nodes.is_empty() {
            nodes.extend(form.schema("additionalProperties"));
        }
        if !nodes.iter().all(|node| self.below(*node, member).valid) {
            return false;
        }
        if !nodes.is_empty() {
            found.names.insert(Rc::clone(name));
        }
        let name = Instance::Text(Rc::clone(name));
        form.schema("propertyNames")
            .is_none_or(|node| self.below(node, &name).valid)
    }

    fn takes_items(&self, items: &[Instance], found: &mut Evaluation) -> bool {
        let form = self.form;
        let count = items.len() as u64;
        let repeats = || (1..items.len()).any(|index| items[..index].contains(&items[index]));
        if form.count("minItems").is_some_and(|least| count < least)
            || form.count("maxItems").is_some_and(|most| count > most)
            || form.flag("uniqueItems") && repeats()
        {
            return false;
        }
        let first = form.schemas("prefixItems");
        for (index, item) in items.iter().enumerate() {
            if let Some(node) = first.get(index).copied().or(form.schema("items")) {
                found.items.insert(index);
                if !self.below(node, item).valid {
                    return false;
                }
            }
        }
        let Some(node) = form.schema("contains") else {
            return true;
        };
        let hits = (0..items.len()).filter(|index| self.below(node, &items[*index]).valid);
        let hits: Vec<usize> = hits.collect();
        let number = hits.len() as u64;
        found.items.extend(hits);
        number >= form.count("minContains").unwrap_or(1)
            && form.count("maxContains").is_none_or(|most| number <= most)
    }

    /// The keywords that apply other schemas to the same value.
    fn applies(&self, instance: &Instance, found: &mut Evaluation) -> bool {
        let form = self.form;
        for node in form.schemas("allOf") {
            let part = self.below(*node, instance);
            if !part.valid {
                return false;
            }
            found.take(part);
        }
        for keyword in ["anyOf", "oneOf"] {
            let nodes = form.schemas(keyword);
            let parts = nodes.iter().map(|node| self.below(*node, instance));
            let holding: Vec<_> = parts.filter(|part| part.valid).collect();
            let too_many = keyword == "oneOf" && self.one_of == OneOf::Exactly && holding.len() > 1;
            if !nodes.is_empty() && (holding.is_empty() || too_many) {
                return false;
            }
            for part in holding {
                found.take(part);
            }
        }
        if let Some(node) = form.schema("not")
            && self.below(node, instance).valid
        {
            return false;
        }
        self.applies_conditions(instance, found)
    }

    fn applies_conditions(&self, instance: &Instance, found: &mut Evaluation) -> bool {
        let form = self.form;
        let mut nodes = Vec::new();
        if let Some(condition) = form.schema("if") {
            let condition = self.below(condition, instance);
            let branch = if condition.valid { "then" } else { "else" };
            if condition.valid {
                found.take(condition);
            }
            nodes.extend(form.schema(branch));
        }
        if let Instance::Object(members) = instance {
            let dependent = form.named("dependentSchemas");
            let dependent = dependent.filter(|(name, _)| members.contains_key(*name));
            nodes.extend(dependent.map(|(_, node)| node));
        }
        for node in nodes {
            let part = self.below(node, instance);
            if !part.valid {
                return false;
            }
            found.take(part);
        }
        true
    }

    /// What no other keyword looked at.
    fn leaves_nothing(&self, instance: &Instance, found: &mut Evaluation) -> bool {
        match instance {
            Instance::Object(members) => {
                let Some(node) = self.form.schema("unevaluatedProperties") else {
                    return true;
                };
                let mut left = members
                    .iter()
                    .filter(|(name, _)| !found.names.contains(*name));
                let fits = left.all(|(_, member)| self.below(node, member).valid);
                found.names = members.keys().cloned().collect();
                fits
            }
            Instance::List(items) => {
                let Some(node) = self.form.schema("unevaluatedItems") else {
                    return true;
                };
                let mut left = (0..items.len()).filter(|index| !found.items.contains(index));
                let fits = left.all(|index| self.below(node, &items[index]).valid);
                found.items = (0..items.len()).collect();
                fits
            }
            _ => true,
        }
    }
}
