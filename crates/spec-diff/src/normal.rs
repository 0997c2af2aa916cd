//! From what a document writes to the normal form.

use crate::form::{Entry, Form, Node, Normal, Veil, written, written_by_name};
use crate::json;
use crate::number::Number;
use crate::side::{Side, is_annotation};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// How deep `allOf` is searched for properties that do not travel.
const HIDING_DEPTH: usize = 8;

/// The normal form of a schema, some of whose properties do not travel because of what surrounds it.
pub(crate) fn normalise<'a>(
    side: &Side<'a>,
    node: &'a Value,
    hidden_above: &BTreeSet<&'a str>,
) -> Normal<'a> {
    let members = match node {
        Value::Bool(false) => return Normal::Never,
        Value::Object(members) => members,
        _ => return Normal::Always,
    };
    if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
        return referring(side, node, reference);
    }
    let mut form = Form::default();
    let dynamic = members.get("$dynamicRef").or(members.get("$recursiveRef"));
    form.unresolved = dynamic.map(|reference| reference.as_str().unwrap_or_default());
    for (keyword, value) in members {
        let keyword = keyword.as_str();
        let apart = [
            "nullable",
            "const",
            "dependencies",
            "additionalItems",
            "$dynamicRef",
            "$recursiveRef",
        ];
        if !is_annotation(keyword) && !keyword.starts_with("x-") && !apart.contains(&keyword) {
            form = put(form, keyword, value);
        }
    }
    form = older_words(form, members);
    let mut hidden = hidden_above.clone();
    collect_hidden(side, node, 0, &mut hidden);
    if !hidden.is_empty() {
        form = hide(side, form, &hidden);
    }
    if form.is_empty() {
        Normal::Always
    } else {
        Normal::Form(side.workshop.forms.alloc(form))
    }
}

fn unresolved<'a>(side: &Side<'a>, reference: &'a str) -> Normal<'a> {
    let mut form = Form::default();
    form.unresolved = Some(reference);
    Normal::Form(side.workshop.forms.alloc(form))
}

/// A reference with keywords beside it: both hold.
fn referring<'a>(side: &Side<'a>, node: &'a Value, reference: &'a str) -> Normal<'a> {
    let Some(target) = json::lookup(side.document, reference) else {
        return unresolved(side, reference);
    };
    let beside: Map<String, Value> = side
        .beside_reference(node)
        .into_iter()
        .map(|(keyword, value)| (keyword.to_owned(), value.clone()))
        .collect();
    let beside = side.workshop.values.alloc(Value::Object(beside));
    let parts = vec![Node::Written(target), Node::Written(beside)];
    let form = Form::default().with("allOf", Entry::Schemas(parts));
    Normal::Form(side.workshop.forms.alloc(form))
}

/// Adds a keyword, read as what it has to be. Lists of schemas that are empty say nothing.
fn put<'a>(form: Form<'a>, keyword: &'a str, value: &'a Value) -> Form<'a> {
    let entry = match keyword {
        "type" => match value {
            Value::String(word) => Entry::Types(vec![word]),
            Value::Array(_) => Entry::Types(json::texts(Some(value)).collect()),
            _ => return form,
        },
        "enum" => match value.as_array() {
            Some(values) => Entry::Values(values.iter().collect()),
            None => return form,
        },
        "minimum" | "maximum" | "multipleOf" => match Number::read(value) {
            Some(Number::Whole(0)) if keyword == "multipleOf" => return form,
            Some(number) => Entry::Number(number),
            None => Entry::Other(value),
        },
        "exclusiveMinimum" | "exclusiveMaximum" => match Number::read(value) {
            Some(number) => Entry::Number(number),
            // The older form says with a boolean how `minimum` is meant.
            None => return form,
        },
        "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties"
        | "minContains" | "maxContains" => match Number::read(value) {
            Some(Number::Whole(count)) if count >= 0 => {
                Entry::Count(u64::try_from(count).unwrap_or(u64::MAX))
            }
            _ => Entry::Other(value),
        },
        "uniqueItems" => value.as_bool().map_or(Entry::Other(value), Entry::Flag),
        "pattern" | "format" | "contentEncoding" | "contentMediaType" => {
            value.as_str().map_or(Entry::Other(value), Entry::Text)
        }
        "required" => match value {
            Value::Array(_) => Entry::Names(json::texts(Some(value)).collect()),
            _ => return form,
        },
        "items" if value.is_array() => {
            Entry::Other(value) // Renamed with the older words.
        }
        "items"
        | "additionalProperties"
        | "contains"
        | "propertyNames"
        | "not"
        | "if"
        | "then"
        | "else"
        | "unevaluatedProperties"
        | "unevaluatedItems" => Entry::Schema(Node::Written(value)),
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => match value.as_array() {
            Some(nodes) if !nodes.is_empty() => Entry::Schemas(written(nodes)),
            _ => return form,
        },
        "properties" | "patternProperties" | "dependentSchemas" => {
            Entry::NamedSchemas(written_by_name(value))
        }
        "dependentRequired" => {
            let members = json::object(Some(value)).iter();
            let named =
                members.map(|(name, names)| (name.as_str(), json::texts(Some(names)).collect()));
            Entry::NamedNames(named.collect())
        }
        _ => Entry::Other(value),
    };
    form.with(keyword, entry)
}

/// What older drafts and OpenAPI 3.0 say in other words.
fn older_words<'a>(form: Form<'a>, members: &'a Map<String, Value>) -> Form<'a> {
    let mut form = form;
    if json::is_true(members.get("nullable"))
        && let Some(types) = form.types()
        && !types.contains(&"null")
    {
        let mut types = types.to_vec();
        types.push("null");
        form = form.with("type", Entry::Types(types));
    }
    if let Some(constant) = members.get("const") {
        let listed = form.values().map(<[&Value]>::to_vec);
        let values = listed.unwrap_or_else(|| vec![constant]);
        let same = |value: &&Value| crate::equality::same_value(value, constant);
        let values = values.into_iter().filter(same).collect();
        form = form.with("enum", Entry::Values(values));
    }
    for (exclusive, limit) in [
        ("exclusiveMinimum", "minimum"),
        ("exclusiveMaximum", "maximum"),
    ] {
        if json::is_true(members.get(exclusive))
            && let Some(number) = form.number(limit)
        {
            form = form
                .without(|keyword| keyword == limit)
                .with(exclusive, Entry::Number(number));
        }
    }
    if let Some(Value::Array(items)) = members.get("items") {
        let rest = members.get("additionalItems");
        form = form
            .without(|keyword| keyword == "items")
            .with("prefixItems", Entry::Schemas(written(items)))
            .with(
                "items",
                Entry::Schema(rest.map_or(Node::Always, Node::Written)),
            );
    }
    if let Some(dependencies) = members.get("dependencies") {
        form = with_dependencies(form, dependencies);
    }
    form
}

fn with_dependencies<'a>(form: Form<'a>, dependencies: &'a Value) -> Form<'a> {
    let mut names: BTreeMap<&str, Vec<&str>> = form
        .named_names()
        .map(|(name, names)| (name, names.to_vec()))
        .collect();
    let mut schemas: BTreeMap<&str, Node<'a>> = form.named("dependentSchemas").collect();
    for (name, dependency) in json::object(Some(dependencies)) {
        if dependency.is_array() {
            names.insert(name, json::texts(Some(dependency)).collect());
        } else {
            schemas.insert(name, Node::Written(dependency));
        }
    }
    let mut form = form;
    if !names.is_empty() {
        form = form.with("dependentRequired", Entry::NamedNames(names));
    }
    if !schemas.is_empty() {
        form = form.with("dependentSchemas", Entry::NamedSchemas(schemas));
    }
    form
}

/// The properties that do not travel this way.
fn collect_hidden<'a>(
    side: &Side<'a>,
    node: &'a Value,
    depth: usize,
    hidden: &mut BTreeSet<&'a str>,
) {
    let node = side.resolve(node);
    if depth > HIDING_DEPTH {
        return;
    }
    for (name, property) in json::object(node.get("properties")) {
        if side.is_marked(property, side.hiding()) {
            hidden.insert(name);
        }
    }
    for part in json::list(node.get("allOf")) {
        collect_hidden(side, part, depth + 1, hidden);
    }
}

/// A property that does not travel: the sender has no value for it, the reader takes any.
fn hide<'a>(side: &Side<'a>, form: Form<'a>, hidden: &BTreeSet<&'a str>) -> Form<'a> {
    let silent = if side.sender {
        Node::Never
    } else {
        Node::Always
    };
    let mut form = form;
    if form.has("properties") {
        let properties = form.named("properties");
        let properties = properties.map(|(name, node)| {
            let node = if hidden.contains(name) { silent } else { node };
            (name, node)
        });
        let properties = properties.collect();
        form = form.with("properties", Entry::NamedSchemas(properties));
    }
    if form.has("required") {
        let required = form.names("required").iter().copied();
        let required = required.filter(|name| !hidden.contains(name)).collect();
        form = form.with("required", Entry::Names(required));
    }
    if form.has("allOf") {
        let parts = form.schemas("allOf").iter();
        let parts = parts.map(|part| veil(side, *part, hidden)).collect();
        form = form.with("allOf", Entry::Schemas(parts));
    }
    form
}

fn veil<'a>(side: &Side<'a>, part: Node<'a>, hidden: &BTreeSet<&'a str>) -> Node<'a> {
    let Node::Written(value) = part else {
        return part;
    };
    let value = side.resolve(value);
    if !value.is_object() || value.get("$ref").is_some() {
        return part;
    }
    Node::Veiled(side.workshop.veils.alloc(Veil {
        node: value,
        hidden: hidden.clone(),
    }))
}
