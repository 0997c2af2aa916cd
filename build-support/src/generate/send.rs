//! `send`, `pages` and `items` of each builder. They live in a child of the module of builders,
//! since the fields of builders are private to it.

use super::{Context, Generable, edit};
use crate::AnswerKind;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

pub(super) fn add_to_builders(file: &mut syn::File, context: &Context<'_>) -> Result<(), String> {
    let sends = context.operations.iter().map(send);
    let pages = context
        .operations
        .iter()
        .filter_map(|generable| pages(context, generable));
    let tokens = quote! {
        #[allow(unused_variables)]
        mod send {
            use super::*;

            #(#sends)*
            #(#pages)*
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
        AnswerKind::Bytes => (quote!(::imperal_runtime::ByteStream), quote!(call_stream)),
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
                let request = self.#build_request(&mut payload);
                session.#call(&super::super::operations::#constant, request, payload).await
            }
        }
    }
}

fn pages(context: &Context<'_>, generable: &Generable) -> Option<TokenStream> {
    let pagination = generable.operation.pagination.as_ref()?;
    let builder = &generable.builder;
    let argument = |name: &str| {
        let ident = super::names::ident(&heck::ToSnakeCase::to_snake_case(name));
        let field = builder.fields.iter().find(|field| field.name == ident)?;
        field
            .type_name
            .ends_with("Option < i64 >")
            .then_some(&field.name)
    };
    let (index, size) = (argument(&pagination.index)?, argument(&pagination.size)?);
    let clashes = |name: &str| builder.fields.iter().any(|field| field.name == name);
    if clashes("items") || clashes("pages") {
        return None;
    }
    let list = context.types.list_in(&builder.success, &quote!(answer))?;
    let (item, expression) = (&list.item, &list.expression);
    let others: Vec<_> = builder
        .fields
        .iter()
        .map(|field| &field.name)
        .filter(|name| *name != index && *name != size)
        .collect();
    let (name, client) = (&builder.name, &builder.client);
    let style = if pagination.by_page {
        quote!(Page)
    } else {
        quote!(Offset)
    };
    // Without a documented bound the service may answer fewer items than it is asked for.
    let end = if pagination.bounded {
        quote!(Short)
    } else {
        quote!(Empty)
    };
    let largest = pagination.largest;
    let doc = format!(
        "The pages of the list, fetched as they are asked for: `{size}` items each, {largest} where it is \
         not set, beginning with `{index}`."
    );
    Some(quote! {
        impl<'a> #name<'a> {
            #[doc = #doc]
            pub fn pages(self) -> ::imperal_runtime::Pages<#item> {
                let owner = self.#client.clone();
                let Self { #client: _, #(#others,)* #index, #size } = self;
                let pagination = ::imperal_runtime::Pagination {
                    style: ::imperal_runtime::PageStyle::#style,
                    start: #index.clone().unwrap_or_default(),
                    size: #size.clone().unwrap_or_default().unwrap_or(#largest),
                    end: ::imperal_runtime::PageEnd::#end,
                };
                ::imperal_runtime::paginate(pagination, move |position| {
                    let owner = owner.clone();
                    #(let #others = #others.clone();)*
                    let (#index, #size) = (#index.clone(), #size.clone());
                    async move {
                        let request = #name {
                            #client: &owner,
                            #(#others,)*
                            #index: #index.and(Ok(Some(position.index))),
                            #size: #size.and(Ok(Some(position.size))),
                        };
                        let answer = request.send().await?;
                        let (status, headers) = (answer.status(), answer.headers().clone());
                        let answer = answer.into_inner();
                        Ok(#expression)
                    }
                })
            }

            /// The items of all pages, one after the other, fetched as they are asked for.
            pub fn items(self) -> ::imperal_runtime::Items<#item> {
                self.pages().items()
            }
        }
    })
}
