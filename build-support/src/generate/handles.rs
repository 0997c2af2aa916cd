//! One handle for each tag: `client.marketplace().list_apps()`.

use super::required::Required;
use super::{Context, docs, names};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// Names that the client has for itself.
const TAKEN: &[&str] = &[
    "api_version",
    "baseurl",
    "client",
    "clone",
    "exec",
    "inner",
    "new",
    "post",
    "pre",
    "session",
    "with_options",
];

/// The method of the client that returns a tag's handle.
pub(super) fn accessor(tag: &str) -> syn::Ident {
    let name = names::snake(tag);
    if TAKEN.contains(&name.as_str()) {
        format_ident!("{name}_")
    } else {
        names::ident(&name)
    }
}

pub(super) fn accessors(context: &Context<'_>) -> TokenStream {
    let methods = context.by_handle().into_values().map(|operations| {
        let tag = &operations[0].operation.tag;
        let (method, handle) = (accessor(tag), format_ident!("{}", names::pascal(tag)));
        let doc = description(context, tag);
        quote! {
            #[doc = #doc]
            pub fn #method(&self) -> handles::#handle<'_> {
                handles::#handle { client: self }
            }
        }
    });
    quote!(#(#methods)*)
}

pub(super) fn items(context: &Context<'_>) -> TokenStream {
    let handles = context.by_handle().into_values().map(|operations| {
        let tag = &operations[0].operation.tag;
        let handle = format_ident!("{}", names::pascal(tag));
        let doc = description(context, tag);
        let methods = operations.iter().map(|generable| {
            let (function, builder) = (generable.function(), &generable.builder.name);
            let begun = Required::of(generable).begun();
            let doc = docs::operation(context, generable);
            let deprecated = generable
                .operation
                .deprecated
                .then(|| quote!(#[deprecated]));
            quote! {
                #[doc = #doc]
                #deprecated
                pub fn #function(&self) -> #begun {
                    super::builder::#builder::new(self.client)
                }
            }
        });
        quote! {
            #[doc = #doc]
            #[derive(Clone, Copy, Debug)]
            pub struct #handle<'a> {
                pub(super) client: &'a super::Client,
            }

            impl<'a> #handle<'a> {
                #(#methods)*
            }
        }
    });
    quote! {
        /// The operations, by tag.
        pub mod handles {
            #(#handles)*
        }
    }
}

fn description(context: &Context<'_>, tag: &str) -> String {
    let tags = context.document.root()["tags"].as_array();
    let declared = tags
        .into_iter()
        .flatten()
        .find(|declared| declared["name"] == tag);
    let text = declared
        .and_then(|declared| declared["description"].as_str())
        .unwrap_or_default();
    let text = docs::plain(text);
    if text.is_empty() {
        format!("The operations tagged {}.", docs::code(tag))
    } else {
        text
    }
}
