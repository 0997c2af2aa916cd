//! The methods of types, and the traits that they implement.

use super::collect::{Items, function, is_hidden, is_public};
use super::names::{Names, join};
use super::render::{Renderer, parameters};
use super::{Constant, Impl, Item, Kind, derives, text};
use std::collections::BTreeMap;
use syn::{GenericArgument, ImplItem, ItemImpl, PathArguments};

/// The modules of traits that nobody can use but the generated code: it alone depends on their crates.
const INTERNAL: &[&str] = &["imperal_runtime::private::", "progenitor_client::"];

/// Adds them to the items of the same source.
pub(super) fn add(items: &mut Items, found: &[syn::Item], names: &Names) {
    add_of_module(items, "", found, names);
}

/// An implementation counts wherever it stands, also in a private module.
fn add_of_module(items: &mut Items, module: &str, found: &[syn::Item], names: &Names) {
    let renderer = Renderer::new(names, module);
    for item in found {
        match item {
            syn::Item::Mod(item) => {
                if let Some((_, found)) = &item.content {
                    let inner = join(module, &item.ident.to_string());
                    add_of_module(items, &inner, found, names);
                }
            }
            syn::Item::Struct(item) => {
                let derives = derives::read(&item.attrs);
                let own = (&item.ident, &item.generics);
                add_derives(items, derives, own, &renderer);
            }
            syn::Item::Enum(item) => {
                let derives = derives::read(&item.attrs);
                let own = (&item.ident, &item.generics);
                add_derives(items, derives, own, &renderer);
            }
            syn::Item::Impl(item) if !is_hidden(&item.attrs) => {
                let renderer = renderer.inside(&item.generics);
                match &item.trait_ {
                    Some((of, _)) => add_trait(items, item, of, &renderer),
                    None => add_methods(items, item, &renderer),
                }
            }
            _ => {}
        }
    }
}

fn add_derives(
    items: &mut Items,
    derives: Vec<derives::Derive>,
    (ident, generics): (&syn::Ident, &syn::Generics),
    renderer: &Renderer<'_>,
) {
    let base = renderer.path(&syn::Path::from(ident.clone()));
    let generics = parameters(generics);
    let target = format!("{base}{}", text::bracketed(&generics));
    for derive in derives {
        let found = Impl {
            of: renderer.derived(&derive.of),
            target: target.clone(),
            generics: generics.clone(),
            associated: BTreeMap::new(),
            feature: derive.feature,
        };
        insert(items, found);
    }
}

fn add_trait(items: &mut Items, item: &ItemImpl, of: &syn::Path, renderer: &Renderer<'_>) {
    let target = renderer.kind(&item.self_ty);
    let (named, free): (Vec<String>, Vec<String>) = parameters(&item.generics)
        .into_iter()
        .partition(|parameter| names(&target, parameter));
    let associated = item.items.iter().filter_map(|item| match item {
        ImplItem::Type(item) => Some((item.ident.to_string(), renderer.kind(&item.ty))),
        _ => None,
    });
    let found = Impl {
        of: renderer.path(&without(of, &free)),
        target,
        generics: named,
        associated: associated.collect(),
        feature: None,
    };
    insert(items, found);
}

/// Whether a type is written with a generic parameter.
fn names(target: &str, parameter: &str) -> bool {
    if parameter.starts_with('\'') {
        let mut rest = target.split(parameter).skip(1);
        return rest.any(|behind| !behind.starts_with(|c: char| c.is_alphanumeric() || c == '_'));
    }
    text::paths(target).iter().any(|path| path == parameter)
}

/// The trait without those of its lifetimes that may be any.
fn without(of: &syn::Path, free: &[String]) -> syn::Path {
    let mut of = of.clone();
    let Some(last) = of.segments.last_mut() else {
        return of;
    };
    if let PathArguments::AngleBracketed(arguments) = &mut last.arguments {
        let written = std::mem::take(&mut arguments.args);
        let is_free = |argument: &GenericArgument| match argument {
            GenericArgument::Lifetime(lifetime) => free.contains(&lifetime.to_string()),
            _ => false,
        };
        let kept = written.into_iter().filter(|argument| !is_free(argument));
        arguments.args = kept.collect();
        if arguments.args.is_empty() {
            last.arguments = PathArguments::None;
        }
    }
    of
}

/// Adds an implementation if code elsewhere can count on it: if it is for a type that such code can name, or of a
/// trait that is written with one.
fn insert(items: &mut Items, found: Impl) {
    if INTERNAL.iter().any(|module| found.of.starts_with(*module)) {
        return;
    }
    let named = [text::base(&found.target).to_owned()];
    let mut named = named.into_iter().chain(text::paths(&found.of));
    let Some(parent) = named.find(|path| {
        let item = items.get(path);
        item.is_some_and(|item| item.kind.is_type())
    }) else {
        return;
    };
    let target = if parent == text::base(&found.target) {
        &parent
    } else {
        &found.target
    };
    let path = format!(
        "impl {} for {}",
        text::short(&found.of),
        text::short(target)
    );
    let item = Item {
        parent: Some(parent),
        kind: Kind::Impl(found),
    };
    items.insert(path, item);
}

fn add_methods(items: &mut Items, item: &ItemImpl, renderer: &Renderer<'_>) {
    let target = renderer.kind(&item.self_ty);
    let parent = text::base(&target);
    let owner = items.get(parent);
    if owner.is_none_or(|item| !item.kind.is_type()) {
        return;
    }
    for item in &item.items {
        let (name, kind) = match item {
            ImplItem::Fn(item) if is_public(&item.vis) && !is_hidden(&item.attrs) => {
                let kind = Kind::Function(function(&item.sig, renderer));
                (&item.sig.ident, kind)
            }
            ImplItem::Const(item) if is_public(&item.vis) && !is_hidden(&item.attrs) => {
                let kind = renderer.kind(&item.ty);
                let is_static = false;
                (&item.ident, Kind::Constant(Constant { kind, is_static }))
            }
            _ => continue,
        };
        let path = join(parent, &name.to_string());
        let method = Item {
            parent: Some(parent.to_owned()),
            kind,
        };
        match items.remove(&path) {
            // A field may share its name with a method, which is there whatever the document says.
            Some(field) if matches!(field.kind, Kind::Field(_)) => {
                items.insert(format!("{path} (field)"), field);
                items.insert(path, method);
            }
            // `Type<A>` and `Type<B>` may each have a method of this name.
            Some(before) => {
                items.insert(path, before);
                items.insert(join(&text::short(&target), &name.to_string()), method);
            }
            None => {
                items.insert(path, method);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use crate::rust_items::Surface;

    #[test]
    fn methods_of_one_name_are_told_apart_by_their_types() {
        let source = "pub struct A; pub struct B; pub struct Then<T>(T); \
             impl Then<A> { pub fn success(self, value: &A) {} } \
             impl Then<B> { pub fn success(self) {} }";
        let surface = Surface::read(source).unwrap();
        let found = surface.items.keys();
        let found: Vec<_> = found.filter(|path| path.ends_with("success")).collect();
        assert_eq!(found, ["Then::success", "Then<B>::success"]);
    }

    #[test]
    fn implementations_go_by_trait_and_type_and_belong_to_a_type_of_ours() {
        let source = "pub mod types { \
             #[derive(Clone, Debug)] #[cfg_attr(feature = \"schemars\", derive(::schemars::JsonSchema))] \
             pub struct A(pub ::std::string::String); \
             impl ::std::convert::From<A> for ::std::string::String {} \
             impl ::imperal_runtime::private::Form for A {} \
             impl<'de> ::serde::Deserialize<'de> for A {} \
             struct Hidden; impl ::std::clone::Clone for Hidden {} }";
        let surface = Surface::read(source).unwrap();
        let found = surface.items.iter().filter_map(|(path, item)| {
            let path = path.strip_prefix("impl ")?;
            Some((path, item.parent.as_deref()?))
        });
        let found: Vec<_> = found.collect();
        assert_eq!(
            found,
            [
                ("Clone for types::A", "types::A"),
                ("Debug for types::A", "types::A"),
                ("From<types::A> for String", "types::A"),
                ("schemars::JsonSchema for types::A", "types::A"),
                ("serde::Deserialize for types::A", "types::A"),
            ]
        );
    }
}
