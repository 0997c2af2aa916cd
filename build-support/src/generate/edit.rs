//! Named passes over what progenitor wrote. Each returns how much it edited, and one that finds
//! nothing to edit is an error: the code that it was written for has changed.

use super::builders::{self, Builder};
use super::{build_request, requests};
use crate::Operation;
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use std::collections::BTreeMap;
use syn::{
    Attribute, ImplItem, ImplItemFn, Item, ItemImpl, ItemMod, Type, Visibility, parse_quote,
};

/// The name of what is left of progenitor's own `send`.
pub(super) const BUILD_REQUEST: &str = "build_request";

pub(super) fn run(
    file: &mut syn::File,
    operations: &[Operation],
) -> Result<BTreeMap<String, Builder>, String> {
    must_edit("hide_reexports", hide_reexports(file))?;
    must_edit("remove_own_methods", remove_own_methods(file))?;
    must_edit("encode_paths", encode_paths(file))?;
    must_edit("describe_client", describe_client(file))?;
    if let Some(types) = module(file, "types") {
        shorten_type_docs(types);
        derive_json_schema(types);
    }
    let items = module(file, "builder").ok_or("there is no module of builders")?;
    if !operations.is_empty() {
        must_edit("hide_send", hide_send(items))?;
    }
    for operation in operations {
        requests::edit(items, operation)?;
    }
    builders::describe(items, operations);
    let read = builders::read(items, operations)?;
    if !operations.is_empty() {
        let edits = build_request::only(items);
        if edits != operations.len() {
            return Err(format!(
                "the pass build_request edited {edits} of {} operations",
                operations.len()
            ));
        }
    }
    Ok(read)
}

pub(super) fn must_edit(pass: &str, edits: usize) -> Result<(), String> {
    if edits == 0 {
        Err(format!("the pass {pass} found nothing to edit"))
    } else {
        Ok(())
    }
}

pub(super) fn module<'a>(file: &'a mut syn::File, name: &str) -> Option<&'a mut Vec<Item>> {
    module_in(&mut file.items, name)
}

/// The items of the module `name` among `items`.
pub(super) fn module_in<'a>(items: &'a mut [Item], name: &str) -> Option<&'a mut Vec<Item>> {
    items.iter_mut().find_map(|item| match item {
        Item::Mod(ItemMod {
            ident,
            content: Some((_, items)),
            ..
        }) if ident == name => Some(items),
        _ => None,
    })
}

/// progenitor's error and answer are not what callers get.
fn hide_reexports(file: &mut syn::File) -> usize {
    let mut edits = 0;
    for item in &mut file.items {
        if let Item::Use(item) = item
            && matches!(item.vis, Visibility::Public(_))
        {
            item.vis = Visibility::Inherited;
            edits += 1;
        }
    }
    edits
}

/// progenitor's function leaves a backslash in a path, which URLs take for a slash.
fn encode_paths(file: &mut syn::File) -> usize {
    let mut edits = 0;
    for item in &mut file.items {
        if let Item::Use(item) = item
            && let syn::UseTree::Path(path) = &mut item.tree
            && let syn::UseTree::Group(group) = &mut *path.tree
        {
            let is_own = |tree: &syn::UseTree| matches!(tree, syn::UseTree::Name(name) if name.ident == "encode_path");
            let (own, others): (Vec<_>, Vec<_>) = group.items.iter().cloned().partition(is_own);
            edits += own.len();
            group.items = others.into_iter().collect();
        }
    }
    file.items.push(parse_quote!(
        use ::imperal_runtime::private::encode_path;
    ));
    edits
}

/// The constructors that know no session, the methods without a tag's handle, the prelude of both.
fn remove_own_methods(file: &mut syn::File) -> usize {
    let before = file.items.len();
    file.items.retain(|item| match item {
        Item::Impl(ItemImpl { trait_: None, .. }) => false,
        Item::Mod(item) => item.ident != "prelude",
        _ => true,
    });
    before - file.items.len()
}

fn describe_client(file: &mut syn::File) -> usize {
    let mut edits = 0;
    for item in &mut file.items {
        if let Item::Struct(item) = item
            && item.ident == "Client"
        {
            item.attrs
                .retain(|attribute| !attribute.path().is_ident("doc"));
            item.attrs.insert(
                0,
                parse_quote!(#[doc = "A client of the service. Cheap to clone."]),
            );
            edits += 1;
        }
    }
    edits
}

/// typify repeats the schema of each type in its documentation, which is most of the source.
fn shorten_type_docs(items: &mut [Item]) {
    for item in items {
        let attributes = match item {
            Item::Struct(item) => &mut item.attrs,
            Item::Enum(item) => &mut item.attrs,
            Item::Mod(ItemMod {
                content: Some((_, items)),
                ..
            }) => {
                shorten_type_docs(items);
                continue;
            }
            _ => continue,
        };
        for attribute in attributes {
            if let Some(text) = doc_text(attribute)
                && let Some((kept, _)) = text.split_once("<details>")
            {
                let kept = kept.trim();
                *attribute = parse_quote!(#[doc = #kept]);
            }
        }
    }
}

fn doc_text(attribute: &Attribute) -> Option<String> {
    let syn::Meta::NameValue(meta) = &attribute.meta else {
        return None;
    };
    let syn::Expr::Lit(syn::ExprLit {
        lit: syn::Lit::Str(text),
        ..
    }) = &meta.value
    else {
        return None;
    };
    meta.path.is_ident("doc").then(|| text.value())
}

fn derive_json_schema(items: &mut [Item]) {
    for item in items {
        let attributes = match item {
            Item::Struct(item) => &mut item.attrs,
            Item::Enum(item) => &mut item.attrs,
            _ => continue,
        };
        let is_data = attributes.iter().any(|attribute| {
            attribute.path().is_ident("derive")
                && attribute
                    .meta
                    .to_token_stream()
                    .to_string()
                    .contains("Serialize")
        });
        if is_data {
            attributes.push(
                parse_quote!(#[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]),
            );
        }
    }
}

fn hide_send(items: &mut [Item]) -> usize {
    let mut edits = 0;
    for function in functions(items) {
        if function.sig.ident == "send" {
            function.sig.ident = quote::format_ident!("{BUILD_REQUEST}");
            function.vis = Visibility::Inherited;
            function
                .attrs
                .retain(|attribute| !attribute.path().is_ident("doc"));
            edits += 1;
        }
    }
    edits
}

pub(super) fn functions(items: &mut [Item]) -> impl Iterator<Item = &mut ImplItemFn> {
    items
        .iter_mut()
        .filter_map(|item| match item {
            Item::Impl(item) if item.trait_.is_none() => Some(&mut item.items),
            _ => None,
        })
        .flatten()
        .filter_map(|item| match item {
            ImplItem::Fn(function) => Some(function),
            _ => None,
        })
}

/// `T` of the method's `V: TryInto<T>`.
pub(super) fn try_into_type(function: &ImplItemFn) -> Option<Type> {
    let clause = function.sig.generics.where_clause.as_ref()?;
    clause.predicates.iter().find_map(|predicate| {
        let syn::WherePredicate::Type(predicate) = predicate else {
            return None;
        };
        predicate.bounds.iter().find_map(|bound| match bound {
            syn::TypeParamBound::Trait(bound) => argument_of(bound.path.segments.last()?).cloned(),
            _ => None,
        })
    })
}

/// `T` of a path type that ends in `<T, …>`.
pub(super) fn type_argument(kind: &Type) -> Option<Type> {
    let Type::Path(path) = kind else {
        return None;
    };
    argument_of(path.path.segments.last()?).cloned()
}

/// `T` of an `Option<T>`.
pub(super) fn optional(kind: &Type) -> Option<&Type> {
    let Type::Path(path) = kind else {
        return None;
    };
    let last = path.path.segments.last()?;
    (last.ident == "Option").then(|| argument_of(last))?
}

fn argument_of(segment: &syn::PathSegment) -> Option<&Type> {
    let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        syn::GenericArgument::Type(kind) => Some(kind),
        _ => None,
    })
}

pub(super) fn last_segment(kind: &Type) -> Option<&syn::Ident> {
    let Type::Path(path) = kind else {
        return None;
    };
    Some(&path.path.segments.last()?.ident)
}

/// The name of the trait that is implemented.
pub(super) fn trait_name(item: &ItemImpl) -> Option<String> {
    let (path, ..) = item.trait_.as_ref()?;
    Some(path.segments.last()?.ident.to_string())
}

/// Takes names out of a derive.
pub(super) fn derive_without(attribute: &mut Attribute, names: &[&str]) {
    use syn::punctuated::Punctuated;
    if attribute.path().is_ident("derive")
        && let Ok(paths) =
            attribute.parse_args_with(Punctuated::<syn::Path, syn::Token![,]>::parse_terminated)
    {
        let goes = |path: &syn::Path| {
            path.segments
                .last()
                .is_some_and(|last| names.iter().any(|name| last.ident == name))
        };
        let kept = paths.iter().filter(|path| !goes(path));
        *attribute = parse_quote!(#[derive(#(#kept),*)]);
    }
}

/// The name of a field on the wire.
pub(super) fn wire_name(field: &syn::Field) -> Option<String> {
    let mut attributes = field
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"));
    let renamed = attributes.find_map(renamed_from);
    renamed.or_else(|| Some(field.ident.as_ref()?.to_string()))
}

/// Whether a field holds those that have no name of their own.
pub(super) fn is_flattened(field: &syn::Field) -> bool {
    let mut attributes = field.attrs.iter();
    attributes.any(|attribute| {
        attribute
            .meta
            .to_token_stream()
            .to_string()
            .contains("serde (flatten)")
    })
}

/// The text of `rename = "…"` in an attribute.
pub(super) fn renamed_from(attribute: &Attribute) -> Option<String> {
    let syn::Meta::List(list) = &attribute.meta else {
        return None;
    };
    let mut tokens = list.tokens.clone().into_iter();
    tokens.find(|token| matches!(token, TokenTree::Ident(ident) if ident == "rename"))?;
    // The sign of equality stands between.
    let literal = TokenStream::from(tokens.nth(1)?);
    Some(syn::parse2::<syn::LitStr>(literal).ok()?.value())
}

/// Adds types of ours to those that typify wrote.
pub(super) fn add_types(
    file: &mut syn::File,
    items: impl Iterator<Item = proc_macro2::TokenStream>,
) -> Result<(), String> {
    let types = module(file, "types").ok_or("there is no module of types")?;
    for item in items {
        let item = syn::parse2(item)
            .map_err(|error| format!("a type of ours is no valid Rust: {error}"))?;
        types.push(item);
    }
    Ok(())
}

/// Turns the paths that stand for types of ours into ones that lead there from where they are.
pub(super) fn place_own_types(file: &mut syn::File) {
    struct Placer(usize);
    impl syn::visit_mut::VisitMut for Placer {
        fn visit_item_mod_mut(&mut self, module: &mut ItemMod) {
            self.0 += 1;
            syn::visit_mut::visit_item_mod_mut(self, module);
            self.0 -= 1;
        }

        fn visit_path_mut(&mut self, path: &mut syn::Path) {
            syn::visit_mut::visit_path_mut(self, path);
            let is_own = path.leading_colon.is_some()
                && path.segments[0].ident == super::progenitor::OWN_TYPES;
            if is_own && let Some(last) = path.segments.last().cloned() {
                let up =
                    (0..self.0).map(|_| syn::Ident::new("super", proc_macro2::Span::call_site()));
                *path = parse_quote!(#(#up::)*types::#last);
            }
        }
    }
    syn::visit_mut::VisitMut::visit_file_mut(&mut Placer(0), file);
}
