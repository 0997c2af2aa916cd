//! Generates the driver of the contract tests: for each operation of both documents, a function that calls it
//! through the typed client. Extracts the Rust from the README and from three guides, so that `readme.rs` and
//! `guides.rs` run what they show.

#[path = "build/guide.rs"]
mod guide;

use imperal_build_support::{
    AnswerKind, Argument, ArgumentPlace, BodyKind, Callable, Document, Overlay, Pipeline,
    generate_items,
};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;
use std::path::{Path, PathBuf};

type Failure = Box<dyn std::error::Error>;

/// The Markdown whose Rust the tests run, by the name of the module's file.
const GUIDES: &[(&str, &str)] = &[
    ("readme", "../README.md"),
    ("events", "../docs/events.md"),
    ("pagination", "../docs/pagination.md"),
    ("sessions", "../docs/sessions.md"),
];

fn main() {
    if let Err(error) = run() {
        println!("cargo::error={error}");
    }
}

fn run() -> Result<(), Failure> {
    let out = std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR for build scripts")?;
    let out = Path::new(&out);
    for (name, service, client) in [
        ("auth-gateway", "gateway", "auth_gateway"),
        ("registry", "registry", "registry"),
    ] {
        let document = PathBuf::from(format!("../specs/{name}.json"));
        let overlay = PathBuf::from(format!("../specs/overlays/{name}.json"));
        for file in [&document, &overlay] {
            println!("cargo::rerun-if-changed={}", file.display());
        }
        let source = driver(&document, &overlay, service, client)?;
        std::fs::write(out.join(format!("{service}_calls.rs")), source)?;
    }
    for (name, markdown) in GUIDES {
        println!("cargo::rerun-if-changed={markdown}");
        let source = guide::modules(Path::new(markdown))?;
        std::fs::write(out.join(format!("{name}.rs")), source)?;
    }
    Ok(())
}

/// A list of calls, one for each operation.
fn driver(document: &Path, overlay: &Path, service: &str, client: &str) -> Result<String, Failure> {
    let pipeline = Pipeline::run(Document::load(document)?, &Overlay::load(overlay)?)?;
    let items = generate_items(&pipeline.lowered, client)?;
    let (service, client) = (format_ident!("{service}"), format_ident!("{client}"));
    let calls = items.callables.iter().map(|callable| {
        let root = pipeline.lowered.root();
        let failures = callable.operation.failures.iter().map(|component| {
            let name = format_ident!("{}", items.components[component]);
            quote!((#component, |error| read::<imperal::#client::types::#name>(error)))
        });
        let failures = quote!(&[#(#failures),*]);
        call(callable, root, &service, &client, &failures)
    });
    let list = format_ident!("{}", service.to_string().to_uppercase());
    let tokens = quote! {
        pub const #list: &[Call] = &[#(#calls),*];
    };
    Ok(prettyplease::unparse(&syn::parse2(tokens)?))
}

fn call(
    callable: &Callable,
    root: &Value,
    service: &syn::Ident,
    client: &syn::Ident,
    failures: &TokenStream,
) -> TokenStream {
    let operation = &callable.operation;
    let (id, function) = (&operation.id, format_ident!("{}", operation.id));
    let route = format!("{} {}", operation.method.to_uppercase(), operation.path);
    let (handle, method) = (&callable.handle, &callable.function);
    let arguments = callable.arguments.iter().map(|argument| {
        let (setter, kind, name) = (&argument.setter, &argument.value, &argument.name);
        let place = match argument.place {
            ArgumentPlace::Path => "path",
            ArgumentPlace::Query => "query",
            ArgumentPlace::Header => "header",
            ArgumentPlace::Cookie => "cookie",
            ArgumentPlace::Body => return body(callable, root, argument),
            _ => return quote!(compile_error!("the driver knows no such place");),
        };
        let value = quote!(given.take::<#kind>(#place, #name));
        give(setter, &value, argument.enforced)
    });
    let outcome = match operation.answer {
        AnswerKind::Json | AnswerKind::Empty | AnswerKind::Text => quote!(Outcome::of(&answer)),
        AnswerKind::Bytes | AnswerKind::Events => quote!(Outcome::stream(&answer)),
        _ => quote!(compile_error!("the driver knows no such answer")),
    };
    quote! {
        Call {
            id: #id,
            route: #route,
            send: |imperal, given| Box::pin(async move {
                #[allow(unused_imports)]
                use imperal::#client::types;
                let client = imperal.#service();
                let call = client.#handle().#method();
                #(#arguments)*
                let answer = call.send().await?;
                Ok(#outcome)
            }),
            set: |cloud, status, body| {
                cloud.#service().#function(|_, then| then.json(status, body));
            },
            failures: #failures,
        }
    }
}

/// Gives an argument, if there is a value for it. Without one that is enforced there is nothing to send.
fn give(setter: &syn::Ident, value: &TokenStream, enforced: bool) -> TokenStream {
    if enforced {
        quote! {
            let call = call.#setter(#value.expect("what has to be given is"));
        }
    } else {
        quote! {
            let call = match #value {
                Some(value) => call.#setter(value),
                None => call,
            };
        }
    }
}

fn body(callable: &Callable, root: &Value, argument: &Argument) -> TokenStream {
    match callable.operation.body.as_ref().map(|body| body.kind) {
        Some(BodyKind::Raw) => quote!(let call = call.body(imperal::Upload::new("content"));),
        Some(BodyKind::Multipart) => {
            let files = files(callable, root).into_iter();
            let files = files.map(|name| format_ident!("{}", name.replace('-', "_")));
            quote! {
                let call = call.body_map(|form| form #(.#files(imperal::Upload::new("content")))*);
            }
        }
        _ => {
            let kind = &argument.value;
            let value = quote!(given.take::<#kind>("body", ""));
            give(&argument.setter, &value, argument.enforced)
        }
    }
}

/// The names of the files in a form.
fn files(callable: &Callable, root: &Value) -> Vec<String> {
    let operation = &callable.operation;
    let described = &root["paths"][operation.path.as_str()][operation.method.as_str()];
    let schema = &described["requestBody"]["content"]["multipart/form-data"]["schema"];
    let reference = schema["$ref"].as_str().and_then(|it| it.strip_prefix('#'));
    let schema = reference.and_then(|it| root.pointer(it)).unwrap_or(schema);
    let properties = schema["properties"].as_object().into_iter().flatten();
    let files = properties.filter(|(_, property)| property["format"] == "binary");
    files.map(|(name, _)| name.clone()).collect()
}
