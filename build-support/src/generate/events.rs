//! `events` of the builders whose operations answer server-sent events.

use super::Generable;
use super::required::Required;
use crate::AnswerKind;
use proc_macro2::TokenStream;
use quote::quote;

pub(super) fn method(generable: &Generable) -> Option<TokenStream> {
    let operation = &generable.operation;
    if operation.answer != AnswerKind::Events {
        return None;
    }
    let builder = &generable.builder;
    let (name, client, constant) = (&builder.name, &builder.client, generable.constant());
    let fields: Vec<_> = builder.fields.iter().map(|field| &field.name).collect();
    let call = Required::of(generable).literal();
    Some(quote! {
        impl<'a> #name<'a> {
            /// The events of the answer: for as long as somebody listens, where the request may be sent again.
            pub fn events(self) -> ::imperal_runtime::EventStream {
                let __owner = self.#client.clone();
                let __session = __owner.session().clone();
                let Self { #client: _, #(#fields,)* .. } = self;
                ::imperal_runtime::EventStream::new(
                    &__session,
                    &super::super::operations::#constant,
                    move |__options| {
                        let __owner = __owner.with_options(&__options);
                        #(let #fields = #fields.clone();)*
                        async move {
                            let #client = &__owner;
                            #call.send().await
                        }
                    },
                )
            }
        }
    })
}
