//! `send` of each builder, and the methods of those that page. They live in a child of the module of builders,
//! since the fields of builders are private to it.

use super::{Context, Generable, edit, events, pages};
use crate::AnswerKind;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

pub(super) fn add_to_builders(file: &mut syn::File, context: &Context<'_>) -> Result<(), String> {
    let sends = context.operations.iter().map(send);
    let pages = context
        .operations
        .iter()
        .filter_map(|generable| pages::methods(context, generable));
    let events = context.operations.iter().filter_map(events::method);
    let tokens = quote! {
        #[allow(unused_variables)]
        mod send {
            use super::*;

            #(#sends)*
            #(#pages)*
            #(#events)*
        }
    };
    let item: syn::Item =
        syn::parse2(tokens).map_err(|error| format!("`send` is no valid Rust: {error}"))?;
    edit::module(file, "builder")
        .ok_or("there is no module of builders")?
        .push(item);
    Ok(())
}

fn send(generable: &Generable) -> TokenStream {
    let builder = &generable.builder.name;
    let client = &generable.builder.client;
    let build_request = format_ident!("{}", edit::BUILD_REQUEST);
    let constant = generable.constant();
    let success = &generable.builder.success;
    let (success, call) = match generable.operation.answer {
        AnswerKind::Bytes | AnswerKind::Events => {
            (quote!(::imperal_runtime::ByteStream), quote!(call_stream))
        }
        AnswerKind::Text => (quote!(::std::string::String), quote!(call_text)),
        AnswerKind::Json => (quote!(#success), quote!(call)),
        AnswerKind::Empty => (quote!(#success), quote!(call_empty)),
    };
    let doc = format!(
        "Sends {}.\n\n# Errors\n\nIf an argument is missing or refused, no answer comes, or the \
         answer is a failure or cannot be read.",
        super::docs::route(&generable.operation)
    );
    quote! {
        impl<'a> #builder<'a> {
            #[doc = #doc]
            pub async fn send(
                self,
            ) -> ::std::result::Result<::imperal_runtime::Answer<#success>, ::imperal_runtime::Error> {
                let session = &self.#client.inner;
                let mut payload = ::imperal_runtime::private::Payload::default();
                let request = ::imperal_runtime::Secret::exposing(|| self.#build_request(&mut payload));
                session.#call(&super::super::operations::#constant, request, payload).await
            }
        }
    }
}
