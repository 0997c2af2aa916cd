//! Documentation from a document's texts: shown as they are, run never.

use super::Context;
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;

/// Makes every description safe to stand in a documentation comment: indented or fenced text would
/// be compiled and run as an example.
pub(super) fn neutralise(node: &mut Value) {
    match node {
        Value::Object(object) => {
            for (keyword, child) in object {
                match child {
                    Value::String(text) if keyword == "description" || keyword == "summary" => {
                        *text = plain(text);
                    }
                    _ => neutralise(child),
                }
            }
        }
        Value::Array(array) => array.iter_mut().for_each(neutralise),
        _ => {}
    }
}

/// The text without anything that would start a block of code.
pub(super) fn plain(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let line = line.trim();
        if line.starts_with("```") || line.starts_with("~~~") {
            ""
        } else {
            line
        }
    });
    let joined = lines.collect::<Vec<_>>().join("\n");
    joined.trim().to_owned()
}

/// What a caller of an operation reads: what it does, how it is sent, what it needs, an example.
pub(super) fn operation(context: &Context<'_>, generable: &super::Generable) -> String {
    let operation = &generable.operation;
    let summary = plain(&operation.summary).replace('\n', " ");
    let summary = match summary.trim_end_matches('.') {
        "" => String::new(),
        summary => format!("{summary}."),
    };
    let sent = format!(
        "Sends `{} {}`. {}",
        operation.method.to_uppercase(),
        operation.path,
        credential(&operation.security)
    );
    let sections = [
        summary,
        plain(&operation.description),
        sent,
        "# Examples".to_owned(),
        example(context, generable),
    ];
    let sections: Vec<String> = sections
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect();
    sections.join("\n\n")
}

fn credential(alternatives: &[Vec<String>]) -> String {
    let named = |alternative: &Vec<String>| {
        alternative
            .iter()
            .map(|scheme| format!("`{scheme}`"))
            .collect::<Vec<_>>()
            .join(" with ")
    };
    let needed: Vec<String> = alternatives
        .iter()
        .filter(|one| !one.is_empty())
        .map(named)
        .collect();
    let optional = alternatives.iter().any(Vec::is_empty);
    match (needed.is_empty(), optional) {
        (true, _) => "Needs no credential.".to_owned(),
        (false, true) => format!("Takes the credential {}, or none.", needed.join(" or ")),
        (false, false) => format!("Needs the credential {}.", needed.join(" or ")),
    }
}

/// A call that compiles, with what has to be given.
fn example(context: &Context<'_>, generable: &super::Generable) -> String {
    let crate_name = context.crate_name;
    let handle = super::handles::accessor(&generable.operation.tag);
    let mut given = String::new();
    let mut calls = vec![format!("{handle}()"), format!("{}()", generable.function())];
    for argument in &generable.builder.required {
        let value = match argument.type_name.as_str() {
            "String" => "\"…\"",
            "i64" => "1",
            "bool" => "true",
            _ => continue,
        };
        calls.push(format!("{}({value})", argument.name));
    }
    if let Some(body) = &generable.builder.body {
        given = format!(", body: {crate_name}::types::{body}");
        calls.push("body(body)".to_owned());
    }
    calls.push("send()".to_owned());
    let calls = calls.join("\n    .");
    format!(
        "```no_run\n\
         # async fn example(client: {crate_name}::Client{given}) -> Result<(), imperal_runtime::Error> {{\n\
         let answer = client\n    .{calls}\n    .await?;\n\
         # Ok(()) }}\n```"
    )
}

/// What a reader of the generated crate needs of the runtime.
pub(super) fn reexports() -> TokenStream {
    quote! {
        #[doc(no_inline)]
        pub use ::imperal_runtime::{Answer, Session};
    }
}
