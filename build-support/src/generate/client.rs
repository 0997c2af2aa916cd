//! The client itself, made of a session.

use super::Context;
use proc_macro2::TokenStream;
use quote::quote;

pub(super) fn items(context: &Context<'_>) -> TokenStream {
    let title = super::docs::plain(context.document.title()).replace('\n', " ");
    let doc = format!("A client of {title}. It has one handle for each tag of the document.");
    let accessors = super::handles::accessors(context);
    quote! {
        impl Client {
            /// A client that sends through `session`.
            pub fn new(session: ::imperal_runtime::Session) -> Self {
                Self { baseurl: session.base_url().to_owned(), client: session.http(), inner: session }
            }

            /// The same client with `options` for every call; what they do not set is as before.
            pub fn with_options(&self, options: &::imperal_runtime::CallOptions) -> Self {
                Self::new(self.inner.with_options(options))
            }

            /// What the client sends through.
            pub fn session(&self) -> &::imperal_runtime::Session {
                &self.inner
            }
        }

        #[doc = #doc]
        impl Client {
            #accessors
        }

        impl ClientHooks<::imperal_runtime::Session> for Client {}
    }
}
