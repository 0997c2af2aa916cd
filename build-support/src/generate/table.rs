//! The static table of operations that the session looks things up in.

use super::{Context, Generable};
use crate::AnswerKind;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

pub(super) fn items(context: &Context<'_>) -> TokenStream {
    let constants: Vec<_> = context.operations.iter().map(Generable::constant).collect();
    let statics = context
        .operations
        .iter()
        .zip(&constants)
        .map(|(generable, constant)| {
            let entry = entry(context, generable);
            let doc = super::docs::route(&generable.operation);
            quote! {
                #[doc = #doc]
                pub static #constant: Operation = #entry;
            }
        });
    quote! {
        /// What the session knows of each operation.
        pub mod operations {
            #[allow(unused_imports)]
            use ::imperal_runtime::{AnswerKind, Method, Operation, Placement, Requirement};

            #(#statics)*

            /// All of them, in the document's order.
            pub static ALL: &[&Operation] = &[#(&#constants),*];
        }
    }
}

fn entry(context: &Context<'_>, generable: &Generable) -> TokenStream {
    let root = context.document.root();
    let operation = &generable.operation;
    let (id, path, tag) = (&operation.id, &operation.path, &operation.tag);
    let method = format_ident!("{}", operation.method.to_uppercase());
    let mut entry = quote!(Operation::new(#id, Method::#method, #path).tag(#tag));
    if !operation.security.is_empty() {
        let alternatives = operation.security.iter().map(|alternative| {
            let requirements = alternative.iter().map(|scheme| {
                let placement = placement(&root["components"]["securitySchemes"][scheme.as_str()]);
                quote!(Requirement { scheme: #scheme, placement: #placement })
            });
            quote!(&[#(#requirements),*])
        });
        entry = quote!(#entry.security(&[#(#alternatives),*]));
    }
    if let Some(idempotent) = operation.idempotent {
        entry = quote!(#entry.idempotent(#idempotent));
    }
    if context.checked.contains(&operation.id) {
        let constant = generable.constant();
        entry = quote!(#entry.check(&super::checks::#constant));
    }
    if !operation.cookies.is_empty() {
        let names = &operation.cookies;
        entry = quote!(#entry.cookies(&[#(#names),*]));
    }
    if operation.greedy {
        entry = quote!(#entry.greedy());
    }
    if operation.secret_body {
        entry = quote!(#entry.secret_body());
    }
    match operation.answer {
        AnswerKind::Json => {}
        AnswerKind::Text => entry = quote!(#entry.answer(AnswerKind::Text)),
        AnswerKind::Bytes | AnswerKind::Events => entry = quote!(#entry.answer(AnswerKind::Bytes)),
        AnswerKind::Empty => entry = quote!(#entry.answer(AnswerKind::Empty)),
    }
    if !operation.fixed_query.is_empty() {
        let pairs = operation
            .fixed_query
            .iter()
            .map(|(name, value)| quote!((#name, #value)));
        entry = quote!(#entry.fixed_query(&[#(#pairs),*]));
    }
    entry
}

/// Schemes that are no API key are taken for bearer tokens: that is what OAuth 2 and OpenID Connect
/// come to in a request.
fn placement(scheme: &Value) -> TokenStream {
    let name = scheme["name"].as_str().unwrap_or_default();
    match (scheme["type"].as_str(), scheme["in"].as_str()) {
        (Some("apiKey"), Some("header")) => quote!(Placement::Header(#name)),
        (Some("apiKey"), Some("query")) => quote!(Placement::Query(#name)),
        (Some("apiKey"), Some("cookie")) => quote!(Placement::Cookie(#name)),
        (Some("http"), _)
            if scheme["scheme"]
                .as_str()
                .is_some_and(|name| name.eq_ignore_ascii_case("basic")) =>
        {
            quote!(Placement::Basic)
        }
        _ => quote!(Placement::Bearer),
    }
}
