//! Typed expectations: what a mocked service is told to answer to a request of an operation.
//!
//! progenitor has a generator of its own for them. It writes for the types that it knows, compares lists in
//! queries as one text, and answers failures with the client's error type; so ours reads the arguments of the
//! finished builders.

use super::callables::{Argument, ArgumentPlace, Callable};
use super::{docs, generate_items};
use crate::{AnswerKind, BodyKind, Document, Error};
use heck::ToPascalCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// Writes the expectations for a lowered document: a type `Expectations` with a method for each operation.
///
/// `client` is the path of the crate that [`generate`](crate::generate) wrote the client for. The source belongs
/// into a module of a crate that has `Expectation`, `ExpectationSet`, `Raw`, `Then` and `When` at its root.
///
/// # Errors
///
/// As for [`generate`](crate::generate), or if `client` is no path.
pub fn generate_expectations(document: &Document, client: &str) -> Result<String, Error> {
    let items = generate_items(document, client)?;
    let path: syn::Path = syn::parse_str(client).map_err(|error| {
        let problem = format!("\"{client}\" is no path of a crate: {error}");
        document.error("", problem, "write it like imperal::registry")
    })?;
    let methods = items.callables.iter().map(method);
    let conditions = items.callables.iter().map(conditions);
    let tokens = quote! {
        #[allow(unused_imports)]
        use #path::types;

        /// What the service is to answer: a method for each operation.
        #[derive(Clone, Copy, Debug)]
        pub struct Expectations<'a>(pub(crate) crate::ExpectationSet<'a>);

        impl<'a> Expectations<'a> {
            #(#methods)*
        }

        #(#conditions)*
    };
    let file: syn::File = syn::parse2(tokens).map_err(|error| {
        let problem = format!("an expectation is no valid Rust: {error}");
        let remedy = "this is a defect of the generator: please report it with the document";
        document.error("", problem, remedy)
    })?;
    Ok(prettyplease::unparse(&file))
}

fn method(callable: &Callable) -> TokenStream {
    let operation = &callable.operation;
    let (name, when) = (super::names::ident(&operation.id), when(callable));
    let route = format!("{} {}", operation.method.to_uppercase(), operation.path);
    let answer = match operation.answer {
        AnswerKind::Json | AnswerKind::Empty => {
            let answer = &callable.answer;
            quote!(#answer)
        }
        AnswerKind::Text | AnswerKind::Bytes | AnswerKind::Events => quote!(crate::Raw),
    };
    let summary = docs::plain(&operation.summary).replace('\n', " ");
    let summary = match summary.trim_end_matches('.') {
        "" => String::new(),
        summary => format!(" ({summary})"),
    };
    let doc = format!(
        "Says what {} answers{summary}, and to which requests.\n\n# Panics\n\nIf the document does not allow the answer.",
        docs::route(operation)
    );
    quote! {
        #[doc = #doc]
        pub fn #name<R>(
            self,
            set: impl FnOnce(#when, crate::Then<#answer>) -> R,
        ) -> crate::Expectation<'a> {
            self.0.expect(#route, |when, then| {
                set(#when(when), then);
            })
        }
    }
}

/// The type that says which requests of an operation are meant.
fn conditions(callable: &Callable) -> TokenStream {
    let operation = &callable.operation;
    let (method, when) = (super::names::ident(&operation.id), when(callable));
    let body = operation.body.as_ref().map(|body| body.kind);
    let arguments = callable.arguments.iter();
    let setters = arguments.filter_map(|argument| setter(argument, body));
    let doc = format!(
        "Which requests of [`Expectations::{method}`] are meant: all, until it is told more."
    );
    quote! {
        #[doc = #doc]
        #[derive(Debug)]
        pub struct #when(crate::When);

        impl #when {
            #(#setters)*

            /// Whatever else `httpmock` can look at.
            pub fn and(
                self,
                more: impl FnOnce(crate::httpmock::When) -> crate::httpmock::When,
            ) -> Self {
                Self(self.0.and(more))
            }
        }
    }
}

fn when(callable: &Callable) -> syn::Ident {
    format_ident!("{}When", callable.operation.id.to_pascal_case())
}

fn setter(argument: &Argument, body: Option<BodyKind>) -> Option<TokenStream> {
    let (name, wire) = (&argument.setter, &argument.name);
    let kind = super::edit::optional(&argument.value).unwrap_or(&argument.value);
    let place = match argument.place {
        ArgumentPlace::Body if body == Some(BodyKind::Json) => return Some(body_setter(kind)),
        ArgumentPlace::Body => return None,
        ArgumentPlace::Path => "path",
        ArgumentPlace::Query => "query",
        ArgumentPlace::Header => "header",
        ArgumentPlace::Cookie => "cookie",
    };
    let is_text = quote!(#kind).to_string().ends_with("string :: String");
    let function = format_ident!("{place}");
    let doc = format!("Only those with this {} in the {place}", docs::code(wire));
    if argument.required {
        let kind = if is_text { quote!(&str) } else { quote!(#kind) };
        let doc = format!("{doc}.");
        return Some(quote! {
            #[doc = #doc]
            pub fn #name(self, value: #kind) -> Self {
                Self(self.0.#function(#wire, Some(value)))
            }
        });
    }
    let doc = format!("{doc}; with `None`, those without it.");
    Some(if is_text {
        quote! {
            #[doc = #doc]
            pub fn #name<'v>(self, value: impl Into<Option<&'v str>>) -> Self {
                Self(self.0.#function(#wire, value.into()))
            }
        }
    } else {
        quote! {
            #[doc = #doc]
            pub fn #name(self, value: impl Into<Option<#kind>>) -> Self {
                Self(self.0.#function(#wire, value.into()))
            }
        }
    })
}

fn body_setter(kind: &syn::Type) -> TokenStream {
    quote! {
        /// Only those with just this body.
        pub fn body(self, value: &#kind) -> Self {
            Self(self.0.body(value))
        }

        /// Only those whose body has at least these fields.
        pub fn body_with(self, fields: &::serde_json::Value) -> Self {
            Self(self.0.body_with(fields))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::generate_expectations;
    use crate::{Document, Overlay, Pipeline};
    use serde_json::json;

    #[test]
    fn arguments_have_the_types_of_the_client() {
        let sort = json!({ "enum": ["new", "old"] });
        let document = json!({
            "openapi": "3.1.0", "info": { "title": "t", "version": "1" },
            "paths": { "/a/{id}": {
                "post": {
                    "operationId": "write", "summary": "Write a thing.", "tags": ["things"],
                    "parameters": [
                        { "name": "id", "in": "path", "required": true, "schema": { "type": "string" } },
                        { "name": "tag", "in": "query", "schema": { "type": "array", "items": { "type": "string" } } },
                        { "name": "most", "in": "query", "required": true, "schema": { "type": "integer" } },
                        { "name": "sort", "in": "query", "schema": sort },
                        { "name": "theme", "in": "cookie", "schema": { "type": "string" } },
                    ],
                    "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } } },
                    "responses": { "201": { "description": "Made", "content": { "application/json": {
                        "schema": { "$ref": "#/components/schemas/Thing" } } } } }
                },
                "get": { "operationId": "read", "tags": ["things"],
                    "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }],
                    "responses": { "200": { "description": "Bytes", "content": { "image/png": {} } } } }
            } },
            "components": { "schemas": { "Thing": { "type": "object", "properties": { "a": { "type": "string" } } } } },
        });
        let document = Document::from_json("t.json", document.to_string().as_bytes()).unwrap();
        let pipeline = Pipeline::run(document, &Overlay::empty()).unwrap();
        let source = generate_expectations(&pipeline.lowered, "the::client").unwrap();
        let source = source.split_whitespace().collect::<Vec<_>>().join(" ");
        for expected in [
            "use the::client::types;",
            "Says what `POST /a/{id}` answers (Write a thing), and to which requests.",
            "Says what `GET /a/{id}` answers, and to which requests.",
            "set: impl FnOnce(ThingsWriteWhen, crate::Then<types::Thing>) -> R",
            "set: impl FnOnce(ThingsReadWhen, crate::Then<crate::Raw>) -> R",
            r#".expect( "POST /a/{id}","#,
            "pub fn id(self, value: &str) -> Self",
            "pub fn tag( self, value: impl Into<Option<::std::vec::Vec<::std::string::String>>>, ) -> Self",
            "pub fn most(self, value: i64) -> Self",
            "pub fn sort(self, value: impl Into<Option<types::",
            r#"Self(self.0.cookie("theme", value.into()))"#,
            "pub fn body(self, value: &types::Thing) -> Self",
        ] {
            assert!(source.contains(expected), "{expected}\n{source}");
        }
        assert!(generate_expectations(&pipeline.lowered, "no path").is_err());
    }
}
