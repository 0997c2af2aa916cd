//! Types and bounds as texts that are the same wherever they were written: with whole paths.

use super::names::Names;
use quote::ToTokens;
use std::collections::BTreeSet;
use syn::visit_mut::VisitMut;
use syn::{GenericParam, Generics, PathArguments, TraitItem, WherePredicate};

/// The path of no module: nothing is known there but what is known everywhere.
const NOWHERE: &str = "::";

/// Writes what stands in one module, within the scope of some generic parameters.
pub(super) struct Renderer<'a> {
    names: &'a Names,
    module: &'a str,
    parameters: BTreeSet<String>,
}

impl<'a> Renderer<'a> {
    pub(super) fn new(names: &'a Names, module: &'a str) -> Self {
        Self {
            names,
            module,
            parameters: BTreeSet::new(),
        }
    }

    /// The same, inside an item that has these generic parameters as well.
    pub(super) fn inside(&self, generics: &Generics) -> Self {
        let mut parameters = self.parameters.clone();
        parameters.extend(
            generics
                .params
                .iter()
                .filter_map(|parameter| match parameter {
                    GenericParam::Type(parameter) => Some(parameter.ident.to_string()),
                    GenericParam::Const(parameter) => Some(parameter.ident.to_string()),
                    GenericParam::Lifetime(_) => None,
                }),
        );
        Self {
            names: self.names,
            module: self.module,
            parameters,
        }
    }

    pub(super) fn kind(&self, kind: &syn::Type) -> String {
        let mut kind = kind.clone();
        Whole(self).visit_type_mut(&mut kind);
        text(&kind)
    }

    pub(super) fn output(&self, output: &syn::ReturnType) -> Option<String> {
        match output {
            syn::ReturnType::Default => None,
            syn::ReturnType::Type(_, kind) => Some(self.kind(kind)),
        }
    }

    pub(super) fn path(&self, path: &syn::Path) -> String {
        let mut path = path.clone();
        Whole(self).visit_path_mut(&mut path);
        text(&path)
    }

    /// The trait that is derived under a path. What is derived has names of its own: a type called
    /// `Default` is in nobody's way.
    pub(super) fn derived(&self, path: &syn::Path) -> String {
        let outside = Self {
            names: self.names,
            module: NOWHERE,
            parameters: BTreeSet::new(),
        };
        outside.path(path)
    }

    /// A trait as others depend on it, with whole paths. The documentation of its items makes no difference, nor
    /// does what a method does by default; that there is a default does, and `{}` stands for it.
    pub(super) fn item(&self, item: &syn::ItemTrait) -> String {
        let mut item = item.clone();
        item.attrs.clear();
        for part in &mut item.items {
            match part {
                TraitItem::Const(part) => part.attrs.clear(),
                TraitItem::Fn(part) => {
                    part.attrs.clear();
                    if let Some(default) = &mut part.default {
                        default.stmts.clear();
                    }
                }
                TraitItem::Type(part) => part.attrs.clear(),
                _ => {}
            }
        }
        Whole(self).visit_item_trait_mut(&mut item);
        text(&item)
    }

    /// All bounds on generic parameters, each by itself.
    pub(super) fn bounds(&self, generics: &Generics) -> BTreeSet<String> {
        let mut bounds = BTreeSet::new();
        for parameter in &generics.params {
            match parameter {
                GenericParam::Type(parameter) => {
                    for bound in &parameter.bounds {
                        bounds.insert(format!("{}: {}", parameter.ident, self.bound(bound)));
                    }
                }
                GenericParam::Lifetime(parameter) => {
                    for bound in &parameter.bounds {
                        bounds.insert(format!("{}: {bound}", parameter.lifetime));
                    }
                }
                GenericParam::Const(_) => {}
            }
        }
        let clause = generics.where_clause.iter();
        for predicate in clause.flat_map(|clause| &clause.predicates) {
            match predicate {
                WherePredicate::Type(predicate) => {
                    let lifetimes = predicate.lifetimes.as_ref().map(text);
                    let lifetimes = lifetimes.map_or_else(String::new, |text| format!("{text} "));
                    let bounded = self.kind(&predicate.bounded_ty);
                    for bound in &predicate.bounds {
                        bounds.insert(format!("{lifetimes}{bounded}: {}", self.bound(bound)));
                    }
                }
                other => {
                    bounds.insert(text(other));
                }
            }
        }
        bounds
    }

    fn bound(&self, bound: &syn::TypeParamBound) -> String {
        let mut bound = bound.clone();
        Whole(self).visit_type_param_bound_mut(&mut bound);
        text(&bound)
    }

    /// Puts the whole path in the place of `path`; its last part keeps its arguments.
    fn make_whole(&self, path: &mut syn::Path) {
        let is_global = path.leading_colon.is_some();
        let written = path.segments.iter();
        let written: Vec<String> = written.map(|part| part.ident.to_string()).collect();
        let Some(first) = written.first() else {
            return;
        };
        if !is_global && (first == "Self" || self.parameters.contains(first)) {
            return;
        }
        let arguments = path.segments.last().map(|part| part.arguments.clone());
        let whole = self.names.resolve(self.module, is_global, &written);
        let parts = whole.split("::").filter(|part| !part.is_empty());
        path.leading_colon = None;
        path.segments = parts
            .map(|part| syn::PathSegment {
                ident: ident(part),
                arguments: PathArguments::None,
            })
            .collect();
        if let (Some(last), Some(arguments)) = (path.segments.last_mut(), arguments) {
            last.arguments = arguments;
        }
    }
}

/// The names of generic parameters, in their order.
pub(super) fn parameters(generics: &Generics) -> Vec<String> {
    let parameters = generics.params.iter();
    parameters
        .map(|parameter| match parameter {
            GenericParam::Lifetime(parameter) => parameter.lifetime.to_string(),
            GenericParam::Type(parameter) => parameter.ident.to_string(),
            GenericParam::Const(parameter) => {
                format!("const {}: {}", parameter.ident, text(&parameter.ty))
            }
        })
        .collect()
}

/// Makes all paths whole.
struct Whole<'a>(&'a Renderer<'a>);

impl VisitMut for Whole<'_> {
    fn visit_type_path_mut(&mut self, node: &mut syn::TypePath) {
        let Some(of) = &mut node.qself else {
            self.visit_path_mut(&mut node.path);
            return;
        };
        self.visit_type_mut(&mut of.ty);
        for part in &mut node.path.segments {
            self.visit_path_segment_mut(part);
        }
        // Of `<T as Trait>::Error` only the trait is a path that leads somewhere.
        let parts = node.path.segments.iter().cloned();
        let mut of_trait = syn::Path {
            leading_colon: node.path.leading_colon,
            segments: parts.clone().take(of.position).collect(),
        };
        self.0.make_whole(&mut of_trait);
        let behind = parts.skip(of.position);
        of.position = of_trait.segments.len();
        of_trait.segments.extend(behind);
        node.path = of_trait;
    }

    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        syn::visit_mut::visit_path_mut(self, path);
        self.0.make_whole(path);
    }
}

fn ident(name: &str) -> syn::Ident {
    let span = proc_macro2::Span::call_site();
    match name.strip_prefix("r#") {
        Some(name) => syn::Ident::new_raw(name, span),
        None => syn::Ident::new(name, span),
    }
}

/// Tokens as a text with few spaces.
fn text(tokens: &impl ToTokens) -> String {
    let mut text = tokens.to_token_stream().to_string();
    for (spaced, tight) in [
        (" :: ", "::"),
        (":: ", "::"),
        (" <", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" ,", ","),
        (" ;", ";"),
        ("& ", "&"),
        (" :", ":"),
        (" (", "("),
    ] {
        text = text.replace(spaced, tight);
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    fn rendered(module: &str, kind: &str) -> String {
        let source = "use outer::Page; \
                      pub mod types { pub struct App; pub mod builder { pub struct App; } } \
                      pub mod builder { use super::types; mod send { use super::*; } }";
        let file = syn::parse_file(source).unwrap();
        let names = Names::read(&file.items);
        Renderer::new(&names, module).kind(&syn::parse_str(kind).unwrap())
    }

    #[test]
    fn a_trait_is_what_others_depend_on() {
        let rendered = |source: &str| {
            let names = Names::read(&[]);
            Renderer::new(&names, "").item(&syn::parse_str(source).unwrap())
        };
        let plain = "pub trait T { type A; const B: u8; fn c(&self); fn d(&self) {} }";
        let told = "/// Words.\npub trait T { /** Words. */ type A; #[doc = \"w\"] const B: u8; \
                    /// Words.\nfn c(&self); #[must_use] fn d(&self) { self.c(); } }";
        assert_eq!(rendered(told), rendered(plain));
        let without_default = "pub trait T { type A; const B: u8; fn c(&self); fn d(&self); }";
        assert_ne!(rendered(without_default), rendered(plain));
    }

    #[test]
    fn one_type_is_one_text_wherever_it_is_written() {
        for (module, kind, text) in [
            ("types", "App", "types::App"),
            ("types", "builder::App", "types::builder::App"),
            ("types::builder", "super::App", "types::App"),
            ("types::builder", "App", "types::builder::App"),
            ("builder::send", "types::App", "types::App"),
            ("builder::send", "super::super::types::App", "types::App"),
            ("", "Page<types::App>", "outer::Page<types::App>"),
            ("types", "Page", "Page"),
            ("types", "Option<i64>", "std::option::Option<i64>"),
            (
                "",
                "::core::option::Option<i64>",
                "std::option::Option<i64>",
            ),
            (
                "types",
                "<Vec<App> as TryInto<App>>::Error",
                "<std::vec::Vec<types::App> as std::convert::TryInto<types::App>>::Error",
            ),
        ] {
            assert_eq!(rendered(module, kind), text, "{kind} in {module:?}");
        }
    }
}
