//! Unions: typify's take the first alternative that can be read, and refuse what is none of them.
//! Ours take the one that keeps most, and have a variant for what the service adds later.

use super::edit;
use super::enums::OpenEnum;
use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use std::collections::BTreeMap;
use syn::{Fields, Item, ItemEnum, Type, Variant, parse_quote};

/// The texts that types stand for which have one value only.
pub(super) type FixedTexts = BTreeMap<String, String>;

pub(super) fn fixed_texts(enums: &[OpenEnum]) -> FixedTexts {
    let fixed = enums
        .iter()
        .filter_map(|one| Some((one.type_name().to_string(), one.only_value()?.to_owned())));
    fixed.collect()
}

/// The name of the variant for what the document does not name.
fn other(variants: &[String]) -> syn::Ident {
    let mut name = "Other".to_owned();
    while variants.contains(&name) {
        name.push('_');
    }
    format_ident!("{name}")
}

/// Edits every union among the types.
pub(super) fn apply(file: &mut syn::File, fixed: &FixedTexts) {
    let Some(types) = edit::module(file, "types") else {
        return;
    };
    let structs: BTreeMap<String, Fields> = types
        .iter()
        .filter_map(|item| match item {
            Item::Struct(item) => Some((item.ident.to_string(), item.fields.clone())),
            _ => None,
        })
        .collect();
    let mut added = Vec::new();
    let mut others = BTreeMap::new();
    for item in types.iter_mut() {
        let Item::Enum(item) = item else {
            continue;
        };
        if !is_untagged(item) {
            continue;
        }
        let names: Vec<String> = item
            .variants
            .iter()
            .map(|variant| variant.ident.to_string())
            .collect();
        let other = other(&names);
        added.push(deserialize(item, &other, &structs, fixed));
        item.attrs
            .iter_mut()
            .for_each(|attribute| edit::derive_without(attribute, &["Deserialize"]));
        item.variants.push(parse_quote! {
            /// What is none of the alternatives that the document names.
            #other(::serde_json::Value)
        });
        others.insert(item.ident.to_string(), other);
    }
    for item in types.iter_mut() {
        if let Item::Impl(item) = item
            && let Some(other) =
                edit::last_segment(&item.self_ty).and_then(|name| others.get(&name.to_string()))
        {
            match edit::trait_name(item).as_deref() {
                Some("Display") => {
                    syn::visit_mut::VisitMut::visit_item_impl_mut(&mut ShowOther(other), item);
                }
                Some("FromStr") => read_text(item, other),
                _ => {}
            }
        }
    }
    types.extend(added);
}

/// Adds the arm that writes what is none of the alternatives.
struct ShowOther<'a>(&'a syn::Ident);

impl syn::visit_mut::VisitMut for ShowOther<'_> {
    fn visit_expr_match_mut(&mut self, expression: &mut syn::ExprMatch) {
        let other = self.0;
        expression
            .arms
            .push(parse_quote!(Self::#other(x) => ::std::fmt::Display::fmt(x, f),));
    }
}

/// A text is the alternative that a text is, else the one that the number or switch is which it writes.
fn read_text(item: &mut syn::ItemImpl, other: &syn::Ident) {
    for function in &mut item.items {
        if let syn::ImplItem::Fn(function) = function
            && function.sig.ident == "from_str"
        {
            function.block = parse_quote!({
                let read = |value: ::serde_json::Value| {
                    <Self as ::serde::Deserialize>::deserialize(value)
                        .map_err(|_| self::error::ConversionError::from("invalid value"))
                };
                match read(::serde_json::Value::String(value.to_owned()))? {
                    Self::#other(text) => ::serde_json::from_str(value).map_or(Ok(Self::#other(text)), read),
                    known => Ok(known),
                }
            });
        }
    }
}

fn is_untagged(item: &ItemEnum) -> bool {
    item.attrs.iter().any(|attribute| {
        attribute.path().is_ident("serde")
            && attribute
                .meta
                .to_token_stream()
                .to_string()
                .contains("untagged")
    })
}

fn deserialize(
    item: &ItemEnum,
    other: &syn::Ident,
    structs: &BTreeMap<String, Fields>,
    fixed: &FixedTexts,
) -> Item {
    let name = &item.ident;
    let alternatives = item.variants.iter().map(|variant| {
        let read = read(variant);
        let fixed = fixed_fields(&variant.fields, structs, fixed);
        let fixed = fixed.iter().map(|(field, text)| quote!((#field, #text)));
        let is_object = is_object(&variant.fields, structs);
        quote!(::imperal_runtime::private::Alternative {
            is_object: #is_object,
            fixed: &[#(#fixed),*],
            read: #read,
        })
    });
    parse_quote! {
        impl<'de> ::serde::Deserialize<'de> for #name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                let value = <::serde_json::Value as ::serde::Deserialize>::deserialize(deserializer)?;
                let alternatives = [#(#alternatives),*];
                let found = ::imperal_runtime::private::best_fit(&value, &alternatives);
                Ok(found.unwrap_or(Self::#other(value)))
            }
        }
    }
}

/// Whether a variant is an object with named fields, or holds one.
fn is_object(fields: &Fields, structs: &BTreeMap<String, Fields>) -> bool {
    match fields {
        Fields::Named(_) => true,
        Fields::Unnamed(unnamed) if unnamed.unnamed.len() == 1 => {
            let kind = &unnamed.unnamed[0].ty;
            let may_be_null = edit::last_segment(kind).is_some_and(|name| name == "Option");
            let name = innermost(kind).filter(|_| !may_be_null);
            let inner = name.and_then(|name| structs.get(&name.to_string()));
            matches!(inner, Some(Fields::Named(_)))
        }
        _ => false,
    }
}

/// A function that reads one variant.
fn read(variant: &Variant) -> TokenStream {
    let name = &variant.ident;
    if let Fields::Unnamed(fields) = &variant.fields
        && fields.unnamed.len() == 1
    {
        let kind = &fields.unnamed[0].ty;
        return quote!(|value| <#kind as ::serde::Deserialize>::deserialize(value).map(Self::#name));
    }
    let (pattern, value) = match &variant.fields {
        Fields::Named(fields) => {
            let names: Vec<_> = fields.named.iter().map(|field| &field.ident).collect();
            (quote!({ #(#names),* }), quote!({ #(#names),* }))
        }
        Fields::Unnamed(fields) => {
            let names: Vec<_> = (0..fields.unnamed.len())
                .map(|index| format_ident!("part{index}"))
                .collect();
            (quote!(( #(#names),* )), quote!(( #(#names),* )))
        }
        Fields::Unit => (quote!(), quote!()),
    };
    quote! {
        |value| {
            // A variant with fields has no type of its own to be read as.
            #[derive(::serde::Deserialize)]
            #[serde(untagged)]
            enum Only {
                #variant
            }
            let Only::#name #pattern = <Only as ::serde::Deserialize>::deserialize(value)?;
            Ok(Self::#name #value)
        }
    }
}

/// The fields that can have one text only, by their names on the wire; an empty name for the value
/// itself.
fn fixed_fields(
    fields: &Fields,
    structs: &BTreeMap<String, Fields>,
    fixed: &FixedTexts,
) -> Vec<(String, String)> {
    let text = |kind: &Type| fixed.get(&innermost(kind)?.to_string()).cloned();
    match fields {
        Fields::Named(named) => {
            let named = named.named.iter();
            named
                .filter_map(|field| Some((edit::wire_name(field)?, text(&field.ty)?)))
                .collect()
        }
        Fields::Unnamed(unnamed) if unnamed.unnamed.len() == 1 => {
            let kind = &unnamed.unnamed[0].ty;
            if let Some(text) = text(kind) {
                return vec![(String::new(), text)];
            }
            let inner = innermost(kind).and_then(|name| structs.get(&name.to_string()));
            inner
                .filter(|fields| matches!(fields, Fields::Named(_)))
                .map(|fields| fixed_fields(fields, structs, fixed))
                .unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// The name of a type, or of the one that it may hold or boxes.
fn innermost(kind: &Type) -> Option<&syn::Ident> {
    let name = edit::last_segment(kind)?;
    if name != "Option" && name != "Box" && name != "Patch" {
        return Some(name);
    }
    let Type::Path(path) = kind else { return None };
    let syn::PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments
    else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        syn::GenericArgument::Type(kind) => innermost(kind),
        _ => None,
    })
}
