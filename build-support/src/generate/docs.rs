//! Documentation from a document's texts: shown as they are, run never.

use super::Context;
use super::progenitor::OWN_TYPES;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use serde_json::Value;
use std::fmt::Write;

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

/// The text with its lines and paragraphs, and without anything that could start a block of code,
/// wherever in a list or quotation it stands: such a block would be compiled and run.
pub(super) fn plain(text: &str) -> String {
    let lines = text.split(['\n', '\r']).map(|line| {
        let words: Vec<String> = line.split_whitespace().map(plain_word).collect();
        words.join(" ")
    });
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// Without fences, HTML, and characters that cannot be seen: compilers refuse those that turn the
/// direction of text.
fn plain_word(word: &str) -> String {
    let seen = |c: &char| {
        !c.is_control()
            && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let mut word: String = word.chars().filter(seen).collect();
    for doubled in ["``", "~~"] {
        while word.contains(doubled) {
            word = word.replace(doubled, &doubled[..1]);
        }
    }
    word.replace('<', "&lt;")
}

/// The same on one line, for use inside of a code span.
pub(super) fn code(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown = line
        .chars()
        .filter(|c| !matches!(c, '`' | '~') && !c.is_control());
    format!("`{}`", shown.collect::<String>())
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
        "Sends {}. {}",
        route(operation),
        credential(&operation.security)
    );
    let sections = [
        summary,
        plain(&operation.description),
        sent,
        failures(context, operation),
        "# Examples".to_owned(),
        example(context, generable),
    ];
    let sections: Vec<String> = sections
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect();
    sections.join("\n\n")
}

/// Method and path of an operation.
pub(super) fn route(operation: &crate::Operation) -> String {
    code(&format!(
        "{} {}",
        operation.method.to_uppercase(),
        operation.path
    ))
}

/// What a failure may say, and how to read it.
fn failures(context: &Context<'_>, operation: &crate::Operation) -> String {
    let types = operation
        .failures
        .iter()
        .filter_map(|component| context.components.get(component));
    let links: Vec<String> = types
        .map(|name| format!("[`{name}`](super::types::{name})"))
        .collect();
    if links.is_empty() {
        return String::new();
    }
    format!(
        "A failure may have the body {}, which [`Error::body_as`](::imperal_runtime::Error::body_as) reads.",
        links.join(" or ")
    )
}

fn credential(alternatives: &[Vec<String>]) -> String {
    let named = |alternative: &Vec<String>| {
        alternative
            .iter()
            .map(|scheme| code(scheme))
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
        let kind = super::edit::last_segment(&argument.kind);
        let value = match kind.map(ToString::to_string).as_deref() {
            Some("String") => "\"…\"".to_owned(),
            Some("i64") => "1".to_owned(),
            Some("bool") => "true".to_owned(),
            _ => {
                let variable = match argument.name.to_string() {
                    name if name == "client" => "client_".to_owned(),
                    name => name,
                };
                let kind = outside(&argument.kind, crate_name);
                let _ = write!(given, ", {variable}: {kind}");
                variable
            }
        };
        calls.push(format!("{}({value})", argument.name));
    }
    if let Some(body) = &generable.builder.body {
        let _ = write!(given, ", body: {}", outside(body, crate_name));
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

/// A type of the module of builders as it is written outside of the crate.
fn outside(kind: &syn::Type, crate_name: &str) -> String {
    let mut text = String::new();
    for word in kind.to_token_stream().to_string().split(' ') {
        match word {
            "types" if !text.ends_with("::") => text.extend([crate_name, "::types"]),
            // It stands for the module of types until the place of each type of ours is known.
            OWN_TYPES if text.ends_with("::") => {
                text.truncate(text.len() - "::".len());
                text.extend([crate_name, "::types"]);
            }
            "," => text.push_str(", "),
            word => text.push_str(word),
        }
    }
    text
}

/// What a reader of the generated crate needs of the runtime.
pub(super) fn reexports() -> TokenStream {
    quote! {
        #[doc(no_inline)]
        pub use ::imperal_runtime::{Answer, Session};
    }
}

#[cfg(test)]
mod tests {
    use super::outside;

    #[test]
    fn a_type_of_the_client_is_named_by_the_path_of_its_crate() {
        for (kind, expected) in [
            ("types::App", "the_client::types::App"),
            (
                "::std::vec::Vec<types::App>",
                "::std::vec::Vec<the_client::types::App>",
            ),
            ("::client_types::Color", "the_client::types::Color"),
            (
                "::serde_json::Map<::std::string::String, ::serde_json::Value>",
                "::serde_json::Map<::std::string::String, ::serde_json::Value>",
            ),
        ] {
            let kind: syn::Type = syn::parse_str(kind).unwrap();
            assert_eq!(outside(&kind, "the_client"), expected);
        }
    }
}
