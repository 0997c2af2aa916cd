//! The bounds of a document on what is sent, as static tables that the session checks requests with.

use super::Generable;
use crate::operation::key;
use crate::pointer;
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The tables, and which operations have one.
pub(super) struct Tables {
    pub(super) items: TokenStream,
    pub(super) operations: BTreeSet<String>,
}

/// The checks of all operations that have bounds on what is sent.
pub(super) fn tables(root: &Value, operations: &[Generable]) -> Tables {
    let mut checks = Checks::new(root);
    let mut with_check = BTreeSet::new();
    for generable in operations {
        let constant = generable.constant();
        if let Some(check) = checks.request(generable) {
            let table = quote!(pub(super) static #constant: RequestCheck = #check;);
            checks.statics.push(table);
            with_check.insert(generable.operation.id.clone());
        }
    }
    let statics = checks.statics;
    let items = quote! {
        mod checks {
            #[allow(unused_imports)]
            use ::imperal_runtime::{
                AlternativeCheck, Check, CountCheck, NumberCheck, ParameterPlace, Pattern,
                RequestCheck, TextCheck, ValueKind,
            };

            #(#statics)*
        }
    };
    Tables {
        items,
        operations: with_check,
    }
}

/// Each check is a static of its own: they refer to each other, and hold compiled patterns, which
/// nothing but a static may.
struct Checks<'a> {
    root: &'a Value,
    /// Components with bounds in them or behind them.
    bounded: BTreeSet<String>,
    /// The tables of components that have been begun.
    begun: BTreeMap<String, syn::Ident>,
    statics: Vec<TokenStream>,
    count: usize,
    /// How many references lead to the schema at hand.
    depth: usize,
}

/// What lies behind more references than this is left to the service.
const MOST_REFERENCES: usize = 64;

impl<'a> Checks<'a> {
    fn new(root: &'a Value) -> Self {
        let bounded = bounded_components(&root["components"]["schemas"]);
        Self {
            root,
            bounded,
            begun: BTreeMap::new(),
            statics: Vec::new(),
            count: 0,
            depth: 0,
        }
    }

    fn request(&mut self, generable: &Generable) -> Option<TokenStream> {
        let operation = &generable.operation;
        let operation = &self.root["paths"][operation.path.as_str()][operation.method.as_str()];
        let mut parameters = Vec::new();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str()?;
            let place = match parameter["in"].as_str()? {
                "path" => quote!(Path),
                "query" => quote!(Query),
                _ => quote!(Header),
            };
            if let Some(check) = self.table(&parameter["schema"]) {
                parameters.push(quote!((ParameterPlace::#place, #name, &#check)));
            }
        }
        let content = operation["requestBody"]["content"].as_object();
        let body = content.and_then(|content| content.values().next());
        let body = body.and_then(|media| self.table(&media["schema"]));
        if parameters.is_empty() && body.is_none() {
            return None;
        }
        let body = body.map_or_else(|| quote!(None), |body| quote!(Some(&#body)));
        Some(quote!(RequestCheck { parameters: &[#(#parameters),*], body: #body }))
    }

    /// The name of the table of a schema, if it has bounds.
    fn table(&mut self, schema: &Value) -> Option<syn::Ident> {
        let Some(name) = single_reference(schema) else {
            if !is_bounded(schema, &self.bounded) {
                return None;
            }
            let constant = self.next_name();
            self.write(&constant, schema);
            return Some(constant);
        };
        if !self.bounded.contains(&name) {
            return None;
        }
        if let Some(constant) = self.begun.get(&name) {
            return Some(constant.clone());
        }
        let root = self.root;
        let schema = &root["components"]["schemas"][name.as_str()];
        if self.depth == MOST_REFERENCES {
            return None;
        }
        self.depth += 1;
        let constant = if single_reference(schema).is_some() {
            self.table(schema)
        } else {
            let constant = self.next_name();
            self.begun.insert(name, constant.clone());
            self.write(&constant, schema);
            Some(constant)
        };
        self.depth -= 1;
        constant
    }

    fn next_name(&mut self) -> syn::Ident {
        self.count += 1;
        format_ident!("CHECK_{}", self.count)
    }

    fn write(&mut self, constant: &syn::Ident, schema: &Value) {
        let none = Map::new();
        let bounds = schema[key::CONSTRAINTS].as_object().unwrap_or(&none);
        let mut parts = own_bounds(bounds);
        let mut fields = Vec::new();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            if let Some(check) = self.table(property) {
                fields.push(quote!((#name, &#check)));
            }
        }
        if !fields.is_empty() {
            parts.push(quote!(fields: &[#(#fields),*]));
        }
        for (keyword, field) in [("items", "items"), ("additionalProperties", "values")] {
            if let Some(check) = schema.get(keyword).and_then(|inner| self.table(inner)) {
                let field = format_ident!("{field}");
                parts.push(quote!(#field: Some(&#check)));
            }
        }
        if let Some(branches) = schema["oneOf"].as_array()
            && branches
                .iter()
                .any(|branch| is_bounded(branch, &self.bounded))
        {
            let branches = branches.iter().map(|branch| self.alternative(branch));
            let branches: Vec<_> = branches.collect();
            parts.push(quote!(alternatives: &[#(#branches),*]));
        }
        let table = quote!(static #constant: Check = Check { #(#parts,)* ..Check::NONE };);
        self.statics.push(table);
    }
}

impl Checks<'_> {
    /// One of several forms: how it is told from the others, and its bounds.
    fn alternative(&mut self, branch: &Value) -> TokenStream {
        let check = option(self.table(branch).map(|check| quote!(&#check)));
        let schema = resolved(self.root, branch);
        let kind = option(kind(schema).map(|kind| quote!(ValueKind::#kind)));
        let properties = schema["properties"].as_object();
        let required = schema["required"].as_array().into_iter().flatten();
        let required = required.filter_map(Value::as_str);
        let own_texts = texts(schema).unwrap_or_default();
        let tags = properties
            .into_iter()
            .flatten()
            .filter_map(|(name, property)| {
                let texts = texts(resolved(self.root, property))?;
                Some(quote!((#name, &[#(#texts),*])))
            });
        quote!(AlternativeCheck {
            kind: #kind, texts: &[#(#own_texts),*], required: &[#(#required),*], tags: &[#(#tags),*],
            check: #check,
        })
    }
}

/// The texts that a schema counts.
fn texts(schema: &Value) -> Option<Vec<&str>> {
    let values = schema["enum"].as_array()?;
    values.iter().map(Value::as_str).collect()
}

/// The schema that another is a name of, through as many names as may be.
fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let mut schema = schema;
    for _ in 0..MOST_REFERENCES {
        let Some(name) = single_reference(schema) else {
            break;
        };
        schema = &root["components"]["schemas"][name.as_str()];
    }
    schema
}

/// The kind of value that a schema describes, if it is one.
fn kind(schema: &Value) -> Option<syn::Ident> {
    let kind = match schema["type"].as_str()? {
        "string" => "Text",
        "integer" | "number" => "Number",
        "boolean" => "Truth",
        "array" => "List",
        "object" => "Object",
        _ => return None,
    };
    Some(format_ident!("{kind}"))
}

/// What the bounds of one schema say, as fields of its table.
fn own_bounds(bounds: &Map<String, Value>) -> Vec<TokenStream> {
    let count = |keyword: &str| bounds.get(keyword).and_then(Value::as_f64).map(whole);
    let number = |keyword: &str| {
        option(
            bounds
                .get(keyword)
                .and_then(Value::as_f64)
                .map(Literal::f64_suffixed),
        )
    };
    let has = |keywords: &[&str]| keywords.iter().any(|keyword| bounds.contains_key(*keyword));
    let counts = |least: &str, most: &str| {
        let (least, most) = (option(count(least)), option(count(most)));
        quote!(CountCheck { least: #least, most: #most })
    };
    let mut parts = Vec::new();
    if has(&["minLength", "maxLength", "pattern"]) {
        let length = counts("minLength", "maxLength");
        let pattern = bounds.get("pattern").and_then(Value::as_str);
        let pattern = option(pattern.map(|pattern| quote!(Pattern::new(#pattern))));
        parts.push(quote!(text: Some(TextCheck { length: #length, pattern: #pattern })));
    }
    if has(&[
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
    ]) {
        let (minimum, maximum) = (number("minimum"), number("maximum"));
        let (above, below) = (number("exclusiveMinimum"), number("exclusiveMaximum"));
        let multiple_of = number("multipleOf");
        parts.push(quote!(number: Some(NumberCheck {
            minimum: #minimum, maximum: #maximum, above: #above, below: #below, multiple_of: #multiple_of,
        })));
    }
    if has(&["minItems", "maxItems"]) {
        let list = counts("minItems", "maxItems");
        parts.push(quote!(list: Some(#list)));
    }
    if bounds.get("uniqueItems") == Some(&Value::Bool(true)) {
        parts.push(quote!(unique: true));
    }
    if has(&["minProperties", "maxProperties"]) {
        let object = counts("minProperties", "maxProperties");
        parts.push(quote!(object: Some(#object)));
    }
    parts
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "lowering has let only whole numbers from 0 through"
)]
fn whole(count: f64) -> Literal {
    Literal::usize_suffixed(count as usize)
}

fn option<T: quote::ToTokens>(value: Option<T>) -> TokenStream {
    value.map_or_else(|| quote!(None), |value| quote!(Some(#value)))
}

/// The component that a schema is another name of.
fn single_reference(schema: &Value) -> Option<String> {
    let reference =
        schema["$ref"]
            .as_str()
            .or_else(|| match schema["allOf"].as_array()?.as_slice() {
                [one] => one["$ref"].as_str(),
                _ => None,
            })?;
    pointer::component_name(reference)
}

/// The components that have bounds in them, or refer to one that is bounded.
fn bounded_components(schemas: &Value) -> BTreeSet<String> {
    let mut referred_by: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut bounded = BTreeSet::new();
    let mut waiting = Vec::new();
    for (name, schema) in schemas.as_object().into_iter().flatten() {
        if is_bounded(schema, &BTreeSet::new()) {
            waiting.push(name.as_str());
        }
        let mut targets = Vec::new();
        collect_references(schema, &mut targets);
        for target in targets {
            referred_by.entry(target).or_default().push(name);
        }
    }
    while let Some(name) = waiting.pop() {
        if bounded.insert(name.to_owned()) {
            waiting.extend(referred_by.get(name).into_iter().flatten());
        }
    }
    bounded
}

/// The components that a schema refers to where [`is_bounded`] looks.
fn collect_references(schema: &Value, names: &mut Vec<String>) {
    if let Some(name) = single_reference(schema) {
        names.push(name);
        return;
    }
    let properties = schema["properties"].as_object().into_iter().flatten();
    let inner = ["items", "additionalProperties"].map(|keyword| schema.get(keyword));
    let all = properties.map(|(_, property)| property);
    let alternatives = schema["oneOf"].as_array().into_iter().flatten();
    all.chain(inner.into_iter().flatten())
        .chain(alternatives)
        .for_each(|inner| collect_references(inner, names));
}

/// Whether a schema has bounds in it, or refers to one of `names`.
fn is_bounded(schema: &Value, names: &BTreeSet<String>) -> bool {
    if let Some(name) = single_reference(schema) {
        return names.contains(&name);
    }
    let within = |keyword: &str| {
        schema
            .get(keyword)
            .is_some_and(|inner| is_bounded(inner, names))
    };
    let properties = schema["properties"].as_object();
    let alternatives = schema["oneOf"].as_array();
    schema.get(key::CONSTRAINTS).is_some()
        || alternatives
            .is_some_and(|branches| branches.iter().any(|branch| is_bounded(branch, names)))
        || within("items")
        || within("additionalProperties")
        || properties.is_some_and(|properties| {
            properties
                .values()
                .any(|property| is_bounded(property, names))
        })
}
