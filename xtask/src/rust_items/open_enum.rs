//! What the runtime's macro for open enums makes of one, without the bodies of its functions.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, Item, LitStr, Token, braced};

/// Puts in the place of each call of the macro what it expands to.
pub(super) fn expand(items: &mut Vec<Item>) -> syn::Result<()> {
    let mut expanded = Vec::with_capacity(items.len());
    for mut item in std::mem::take(items) {
        if let Item::Mod(module) = &mut item
            && let Some((_, items)) = &mut module.content
        {
            expand(items)?;
        }
        match item {
            Item::Macro(call) if is_open_enum(&call.mac.path) => {
                let read: OpenEnum = syn::parse2(call.mac.tokens)?;
                let file: syn::File = syn::parse2(read.expanded())?;
                expanded.extend(file.items);
            }
            other => expanded.push(other),
        }
    }
    *items = expanded;
    Ok(())
}

fn is_open_enum(path: &syn::Path) -> bool {
    path.segments
        .last()
        .is_some_and(|last| last.ident == "open_enum")
}

/// What stands between the macro's braces.
struct OpenEnum {
    name: Ident,
    /// The variant for what the document does not name.
    other: Ident,
    variants: Vec<Ident>,
}

impl Parse for OpenEnum {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        input.call(Attribute::parse_outer)?;
        input.parse::<Token![pub]>()?;
        input.parse::<Token![enum]>()?;
        let name = input.parse()?;
        input.parse::<Token![,]>()?;
        let other = input.parse()?;
        let inner;
        braced!(inner in input);
        let variants = Punctuated::<Known, Token![,]>::parse_terminated(&inner)?;
        Ok(Self {
            name,
            other,
            variants: variants.into_iter().map(|known| known.0).collect(),
        })
    }
}

/// `Variant = "text"`.
struct Known(Ident);

impl Parse for Known {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        input.call(Attribute::parse_outer)?;
        let name = input.parse()?;
        input.parse::<Token![=]>()?;
        input.parse::<LitStr>()?;
        Ok(Self(name))
    }
}

impl OpenEnum {
    fn expanded(&self) -> TokenStream {
        let Self {
            name,
            other,
            variants,
        } = self;
        quote! {
            #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
            #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
            #[non_exhaustive]
            pub enum #name {
                #(#variants,)*
                #other(::std::string::String),
            }

            impl #name {
                pub const KNOWN: &'static [&'static str] = &[];
                pub fn as_str(&self) -> &str {}
            }

            impl ::std::convert::From<&str> for #name {}
            impl ::std::convert::From<::std::string::String> for #name {}
            impl ::std::str::FromStr for #name {
                type Err = ::std::convert::Infallible;
            }
            impl ::std::fmt::Display for #name {}
            impl ::serde::Serialize for #name {}
            impl<'de> ::serde::Deserialize<'de> for #name {}
        }
    }
}
