//! A program that uses each public item of a client in every way that code elsewhere may. It compiles against
//! that client, and against another one only if nothing is different that such code could depend on. Compiling
//! it shows whether [`compare`](crate::rust_changes::compare) tells the truth.
//!
//! The program is a library's source. Its crate needs the client, and of the client's own dependencies
//! those that its items are written with: `imperal-runtime`, `serde`, `serde_json`, and whatever types the
//! document asks for.

use crate::rust_items::text::{self, bracketed};
use crate::rust_items::{Enum, Field, Function, Impl, Item, Kind, Shape, Struct, Surface, Variant};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The program for the client whose items are `old`, which lies at the path `client`. What uses an item
/// follows a comment with the item's path.
pub(crate) fn write(old: &Surface, client: &str) -> String {
    let mut program = String::from(
        "//! Uses each item of a client.\n#![allow(warnings, reason = \"generated, and nothing of it runs\")]\n\n",
    );
    let _ = writeln!(program, "{}", imports(old, client));
    let mut probe = Probe {
        surface: old,
        client,
        count: 0,
    };
    for (path, item) in &old.items {
        for use_of_it in probe.uses(path, item) {
            let _ = writeln!(program, "// {path}\n{use_of_it}");
        }
    }
    program
}

/// The first parts of all paths, so that they lead to the client. A re-export is reached by what it stands
/// for.
fn imports(surface: &Surface, client: &str) -> String {
    let own = surface
        .items
        .iter()
        .filter(|(_, item)| !matches!(item.kind, Kind::Impl(_) | Kind::ReExport(_)))
        .map(|(path, _)| path.split("::").next().unwrap_or(path));
    let own: BTreeSet<&str> = own.collect();
    let own: Vec<&str> = own.into_iter().collect();
    format!("use {client}::{{{}}};", own.join(", "))
}

struct Probe<'a> {
    surface: &'a Surface,
    client: &'a str,
    count: usize,
}

impl Probe<'_> {
    /// Functions, each of which uses the item in one way.
    fn uses(&mut self, path: &str, item: &Item) -> Vec<String> {
        match &item.kind {
            Kind::Struct(found) => self.structure(path, found),
            Kind::Field(field) => self.field(item, field).into_iter().collect(),
            Kind::Enum(found) => vec![self.enumeration(path, found)],
            Kind::Variant(found) => self.variant(path, item, found),
            Kind::Function(function) => vec![self.call(path, function)],
            Kind::Constant(constant) => {
                let by = if constant.is_static { "&" } else { "" };
                let kind = &constant.kind;
                vec![format!(
                    "fn {}() {{ let _: {by}{kind} = {by}{path}; }}",
                    self.name()
                )]
            }
            Kind::Alias(kind) => vec![format!(
                "fn {}(value: {path}) -> {kind} {{ value }}",
                self.name()
            )],
            Kind::Trait(_) => vec![format!("fn {}<T: {path}>() {{}}", self.name())],
            Kind::Impl(found) => self.implementation(found).into_iter().collect(),
            Kind::ReExport(_) => {
                let (client, number) = (self.client, self.number());
                vec![format!("use {client}::{path} as Probe{number};")]
            }
        }
    }

    /// Names a struct, and writes one as a literal and a pattern where that can be done.
    fn structure(&mut self, path: &str, found: &Struct) -> Vec<String> {
        let (generics, kind) = (bracketed(&found.generics), of(path, &found.generics));
        let mut uses = vec![format!("fn {}{generics}(_: {kind}) {{}}", self.name())];
        if found.literal {
            let form = form(found.shape, &self.surface.fields(path));
            uses.push(format!(
                "fn {}{generics}(value: {kind}) -> {kind} {{ let {path}{form} = value; {path}{form} }}",
                self.name()
            ));
        }
        uses
    }

    /// Matches on an enum, to the end where that can be done.
    fn enumeration(&mut self, path: &str, found: &Enum) -> String {
        let (generics, kind) = (bracketed(&found.generics), of(path, &found.generics));
        let variants = self.surface.children(path);
        let variants = variants.filter(|(_, item)| matches!(item.kind, Kind::Variant(_)));
        let mut arms: Vec<String> = variants
            .map(|(variant, _)| format!("{variant} {{ .. }} => {{}}"))
            .collect();
        if !found.exhaustive {
            arms.push("_ => {}".to_owned());
        }
        format!(
            "fn {}{generics}(value: {kind}) {{ match value {{ {} }} }}",
            self.name(),
            arms.join(", ")
        )
    }

    /// Writes a variant as a literal and a pattern, where that can be done.
    fn variant(&mut self, path: &str, item: &Item, found: &Variant) -> Vec<String> {
        if !found.literal {
            return Vec::new();
        }
        let fields = self.surface.fields(path);
        let form = form(found.shape, &fields);
        let (generics, kind) = self.owner(item);
        let arguments = numbered(fields.iter().map(|field| field.kind.as_str()));
        vec![
            format!(
                "fn {}{generics}({arguments}) -> {kind} {{ {path}{form} }}",
                self.name()
            ),
            format!(
                "fn {}{generics}(value: {kind}) {{ if let {path}{form} = value {{}} }}",
                self.name()
            ),
        ]
    }

    /// Takes the value of a field, as the type that it has.
    fn field(&mut self, item: &Item, field: &Field) -> Option<String> {
        let (name, kind) = (&field.name, &field.kind);
        let parent = item.parent.as_deref()?;
        let owner = self.surface.items.get(parent)?;
        if matches!(owner.kind, Kind::Variant(_)) {
            let (generics, owner) = self.owner(owner);
            return Some(format!(
                "fn {}{generics}(value: {owner}) -> Option<{kind}> {{ match value {{ \
                 {parent} {{ {name}: found, .. }} => Some(found), _ => None }} }}",
                self.name()
            ));
        }
        let (generics, owner) = self.owner(item);
        Some(format!(
            "fn {}{generics}(value: {owner}) -> {kind} {{ value.{name} }}",
            self.name()
        ))
    }

    /// Calls a function with exactly what it asks for. What begins an operation goes on to give the builder what
    /// there is nothing to send without.
    fn call(&mut self, path: &str, function: &Function) -> String {
        let owner = path.rsplit_once("::").map_or("", |(owner, _)| owner);
        let owner_item = self.surface.items.get(owner);
        let is_method = owner_item.is_some_and(|owner| owner.kind.is_type());
        let parameters = owner_item.map(|owner| generics_of(&owner.kind));
        let parameters = parameters.unwrap_or_default();
        let own = of(owner, parameters);
        let of_self = BTreeMap::from([("Self".to_owned(), own.clone())]);
        let written = |kind: &String| text::renamed(kind, &of_self);

        let mut all: Vec<String> = parameters
            .iter()
            .chain(&function.generics)
            .cloned()
            .collect();
        let arguments = function.receiver.iter().chain(&function.arguments);
        let mut arguments: Vec<String> = arguments.map(written).collect();
        let given: Vec<String> = (0..arguments.len())
            .map(|index| format!("a{index}"))
            .collect();
        let mut bounds: Vec<String> = function.bounds.iter().map(written).collect();
        let mut setters = String::new();
        for (setter, function) in self.required_setters(path) {
            // Each has parameters of its own, which may be called the same.
            let number = arguments.len();
            let parameters = function.generics.iter();
            let own = parameters.map(|name| (name.clone(), format!("{name}{number}")));
            let own: BTreeMap<String, String> = own.collect();
            let written = |kind: &String| text::renamed(kind, &own);
            all.extend(own.values().cloned());
            arguments.extend(function.arguments.iter().map(written));
            bounds.extend(function.bounds.iter().map(written));
            let _ = write!(setters, ".{setter}(a{number})");
        }
        let clause = if bounds.is_empty() {
            String::new()
        } else {
            format!(" where {}", bounds.join(", "))
        };
        let output = function.output.as_ref().map(written);
        let output = output.map_or_else(String::new, |kind| format!(" -> {kind}"));
        let callee = if is_method {
            format!("<{own}>::{}", text::last(path))
        } else {
            path.to_owned()
        };
        let kinds: Vec<&str> = function
            .generics
            .iter()
            .filter(|parameter| !parameter.starts_with('\''))
            .map(|parameter| parameter.trim_start_matches("const "))
            .map(|parameter| parameter.split(':').next().unwrap_or(parameter))
            .collect();
        let kinds = if kinds.is_empty() {
            String::new()
        } else {
            format!("::<{}>", kinds.join(", "))
        };
        let (before, behind) = if function.is_async {
            ("async ", ".await")
        } else {
            ("", "")
        };
        format!(
            "{before}fn {}{}({}){output}{clause} {{ {callee}{kinds}({}){setters}{behind} }}",
            self.name(),
            bracketed(&all),
            numbered(arguments.iter().map(String::as_str)),
            given.join(", ")
        )
    }

    /// What an operation cannot be sent without, if this is the method that begins one.
    fn required_setters(&self, path: &str) -> Vec<(&str, &Function)> {
        let mut operations = self.surface.operations.iter();
        let operation = operations.find(|(_, it)| it.method.as_deref() == Some(path));
        let setters = operation.map(|(builder, _)| self.surface.children(builder));
        let setters = setters.into_iter().flatten();
        setters
            .filter_map(|(path, item)| match &item.kind {
                Kind::Function(function) if function.required => Some((text::last(path), function)),
                _ => None,
            })
            .collect()
    }

    /// Asks for a trait, with the types that come with it.
    fn implementation(&mut self, found: &Impl) -> Option<String> {
        if found.feature.is_some() {
            // The program asks for no feature.
            return None;
        }
        let mut bound = if found.of == "serde::Deserialize" {
            // It is so for every lifetime.
            "serde::de::DeserializeOwned".to_owned()
        } else {
            found.of.clone()
        };
        if !found.associated.is_empty() {
            let associated = found.associated.iter();
            let associated = associated.map(|(name, kind)| format!("{name} = {kind}"));
            let associated = associated.collect::<Vec<_>>().join(", ");
            bound = match bound.strip_suffix('>') {
                Some(begun) => format!("{begun}, {associated}>"),
                None => format!("{bound}<{associated}>"),
            };
        }
        Some(format!(
            "fn {}{}() {{ fn has<T: {}>() {{}} has::<{}>() }}",
            self.name(),
            bracketed(&found.generics),
            for_any_lifetime(&bound),
            found.target
        ))
    }

    /// The generic parameters of the type that an item is part of, and the type.
    fn owner(&self, item: &Item) -> (String, String) {
        let parent = item.parent.as_deref().unwrap_or_default();
        let owner = self.surface.items.get(parent);
        let generics = owner.map(|owner| generics_of(&owner.kind));
        let generics = generics.unwrap_or_default();
        (bracketed(generics), of(parent, generics))
    }

    fn name(&mut self) -> String {
        format!("probe_{}", self.number())
    }

    fn number(&mut self) -> usize {
        self.count += 1;
        self.count
    }
}

fn generics_of(kind: &Kind) -> &[String] {
    match kind {
        Kind::Struct(found) => &found.generics,
        Kind::Enum(found) => &found.generics,
        _ => &[],
    }
}

/// A type with its generic arguments, which are called as its parameters are.
fn of(path: &str, generics: &[String]) -> String {
    format!("{path}{}", bracketed(generics))
}

/// Arguments of these types.
fn numbered<'a>(kinds: impl Iterator<Item = &'a str>) -> String {
    let arguments = kinds.enumerate();
    let arguments = arguments.map(|(index, kind)| format!("a{index}: {kind}"));
    arguments.collect::<Vec<_>>().join(", ")
}

/// What follows the path of a literal or pattern that names all fields, with a variable for each.
fn form(shape: Shape, fields: &[&Field]) -> String {
    let fields = fields.iter().enumerate();
    match shape {
        Shape::Unit => String::new(),
        Shape::Tuple => {
            let fields = fields.map(|(index, _)| format!("a{index}"));
            format!("({})", fields.collect::<Vec<_>>().join(", "))
        }
        Shape::Named => {
            let fields = fields.map(|(index, field)| format!("{}: a{index}", field.name));
            format!(" {{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
    }
}

/// A bound with a name for the lifetimes that have none.
fn for_any_lifetime(bound: &str) -> String {
    let mut named = String::new();
    let mut rest = bound;
    while let Some((before, behind)) = rest.split_once('&') {
        let lifetime = if behind.starts_with('\'') {
            ""
        } else {
            "'any "
        };
        let _ = write!(named, "{before}&{lifetime}");
        rest = behind;
    }
    named.push_str(rest);
    if named.contains("'any") {
        format!("for<'any> {named}")
    } else {
        named
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    /// The uses of one item.
    fn uses(source: &str, path: &str) -> Vec<String> {
        let surface = Surface::read(source).unwrap();
        let program = write(&surface, "client");
        syn::parse_file(&program).unwrap();
        let comment = format!("// {path}");
        let lines: Vec<&str> = program.lines().collect();
        let pairs = lines.windows(2).filter(|pair| pair[0] == comment);
        pairs
            .map(|pair| {
                // What a function is called makes no difference.
                let (before, behind) = pair[1].split_once("probe_").unwrap();
                let number = |c: char| c.is_ascii_digit();
                format!("{before}_{}", behind.trim_start_matches(number))
            })
            .collect()
    }

    #[test]
    fn a_struct_is_written_taken_apart_and_read() {
        let source = "pub mod types { pub struct A { pub b: ::std::string::String, pub c: i64 } }";
        assert_eq!(
            uses(source, "types::A"),
            [
                "fn _(_: types::A) {}",
                "fn _(value: types::A) -> types::A { let types::A { b: a0, c: a1 } = value; types::A { b: a0, c: a1 } }"
            ]
        );
        assert_eq!(
            uses(source, "types::A::b"),
            ["fn _(value: types::A) -> std::string::String { value.b }"]
        );
    }

    #[test]
    fn an_enum_is_matched_to_its_end_where_that_can_be() {
        let closed = "pub enum A { B(i64), C }";
        assert_eq!(
            uses(closed, "A"),
            ["fn _(value: A) { match value { A::B { .. } => {}, A::C { .. } => {} } }"]
        );
        assert_eq!(
            uses(closed, "A::B"),
            [
                "fn _(a0: i64) -> A { A::B(a0) }",
                "fn _(value: A) { if let A::B(a0) = value {} }"
            ]
        );
        let open = "#[non_exhaustive] pub enum A { C }";
        assert_eq!(
            uses(open, "A"),
            ["fn _(value: A) { match value { A::C { .. } => {}, _ => {} } }"]
        );
    }

    #[test]
    fn a_method_is_called_with_what_it_asks_for_and_no_more() {
        let source = "pub struct A<'a>(&'a i64); impl<'a> A<'a> { \
             pub fn limit<V>(mut self, value: V) -> Self where V: std::convert::TryInto<i64> {} \
             pub async fn send(self) -> i64 {} }";
        assert_eq!(
            uses(source, "A::limit"),
            [
                "fn _<'a, V>(a0: A<'a>, a1: V) -> A<'a> where V: std::convert::TryInto<i64> { <A<'a>>::limit::<V>(a0, a1) }"
            ]
        );
        assert_eq!(
            uses(source, "A::send"),
            ["async fn _<'a>(a0: A<'a>) -> i64 { <A<'a>>::send(a0).await }"]
        );
    }

    #[test]
    fn a_trait_is_asked_for_with_what_it_gives() {
        let source = "#[derive(::serde::Deserialize)] pub struct A; \
             impl ::std::ops::Deref for A { type Target = i64; } \
             impl ::std::convert::TryFrom<&str> for A { type Error = (); }";
        for (path, expected) in [
            (
                "impl serde::Deserialize for A",
                "fn _() { fn has<T: serde::de::DeserializeOwned>() {} has::<A>() }",
            ),
            (
                "impl Deref for A",
                "fn _() { fn has<T: std::ops::Deref<Target = i64>>() {} has::<A>() }",
            ),
            (
                "impl TryFrom<&str> for A",
                "fn _() { fn has<T: for<'any> std::convert::TryFrom<&'any str, Error = ()>>() {} has::<A>() }",
            ),
        ] {
            assert_eq!(uses(source, path), [expected]);
        }
    }
}
