//! `generate --document`: a complete crate for any document.

use crate::generate::Order;
use crate::plain_text::{is_control, one_line};
use crate::replace::write_all;
use crate::workspace::{Workspace, overlay_at};
use crate::{Failure, Outcome, losses, say};
use imperal_build_support::{Document, Pipeline, generate};
use serde_json::Value;
use std::fmt::Write;
use std::path::Path;

pub(crate) fn run(workspace: &Workspace, document: &Path, order: &Order) -> Outcome {
    let document = Document::load(document)?;
    let name = match &order.name {
        Some(name) => checked_name(name)?,
        None => name_from_title(document.title()),
    };
    let overlay = overlay_at(order.overlay.as_deref())?;
    let pipeline = Pipeline::run(document, &overlay)?;
    for warning in &pipeline.warnings {
        say(format_args!("overlay: {}", one_line(warning)));
    }
    let generated = generate(&pipeline.lowered, &name.replace('-', "_"))?;
    losses::report(&[pipeline.losses, generated.losses].concat());

    let document = &pipeline.lowered;
    let manifest = manifest(workspace, &name, document, order.runtime.as_deref())?;
    let files = [
        ("Cargo.toml", manifest),
        ("README.md", readme(&name, document)),
        ("src/lib.rs", library(&name, document)),
        ("src/generated.rs", generated.source),
    ];
    write_all(&files.map(|(path, text)| (order.out.join(path), text.into_bytes())))?;
    say(format_args!(
        "wrote the crate {name} to {}",
        order.out.display()
    ));
    Ok(())
}

fn checked_name(name: &str) -> Result<String, Failure> {
    let fine = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_')
        // Code has to name the crate, which it cannot if the name is a keyword.
        && syn::parse_str::<syn::Ident>(&name.replace('-', "_")).is_ok();
    if fine {
        Ok(name.to_owned())
    } else {
        Err(Failure::Other(format!(
            "\"{name}\" is no name for a crate: use lower-case letters, digits, - and _, the first a letter, and no keyword \
             of Rust"
        )))
    }
}

fn name_from_title(title: &str) -> String {
    let plain: String = title
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let name = plain
        .split('-')
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-");
    checked_name(&name)
        .unwrap_or_else(|_| format!("client-{name}").trim_end_matches('-').to_owned())
}

/// The document's title on one line that is safe in a comment: the compiler refuses characters there that turn the
/// direction of text.
fn title(document: &Document) -> String {
    let line: String = document
        .title()
        .chars()
        .filter(|c| !is_control(*c))
        .take(100)
        .collect();
    line.replace(['`', '[', ']', '<', '>'], "")
}

fn manifest(
    workspace: &Workspace,
    name: &str,
    document: &Document,
    runtime: Option<&str>,
) -> Result<String, Failure> {
    // Rust escapes texts in other ways than a manifest does.
    let description = toml::Value::from(format!("Client of {}", title(document)));
    let mut text = format!(
        "[package]\nname = {name:?}\ndescription = {description}\nversion = \"0.1.0\"\nedition = \"2024\"\nrust-version = \"1.88\"\n\n\
         [features]\n# Derives `schemars::JsonSchema` on every generated type.\n\
         schemars = [\"dep:schemars\", \"imperal-runtime/schemars\"]\n\n[dependencies]\n"
    );
    text.push_str(&dependencies(workspace, runtime)?);
    let _ = writeln!(text, "schemars = {{ version = \"1\", optional = true }}");
    // A crate of its own wherever it is written, even inside another workspace.
    text.push_str("\n[workspace]\n");
    Ok(text)
}

/// What a generated client depends on, as lines of a manifest.
pub(crate) fn dependencies(
    workspace: &Workspace,
    runtime: Option<&str>,
) -> Result<String, Failure> {
    let versions = workspace.dependencies()?;
    let needed = |name: &str| {
        let value = versions
            .get(name)
            .ok_or_else(|| Failure::Other(format!("the workspace has no {name}")))?;
        Ok::<_, Failure>(format!("{name} = {}\n", inline(value)))
    };
    let runtime = match runtime {
        Some(version)
            if version.starts_with(|c: char| c.is_ascii_digit() || c == '=' || c == '^') =>
        {
            format!("{{ version = {version:?} }}")
        }
        Some(path) => absolute(Path::new(path))?,
        None => absolute(&workspace.runtime())?,
    };
    let mut text = format!("imperal-runtime = {runtime}\n");
    for name in ["progenitor-client", "reqwest", "serde", "serde_json"] {
        text.push_str(&needed(name)?);
    }
    Ok(text)
}

/// A dependency as it stands in the workspace table, on one line.
fn inline(value: &toml::Value) -> String {
    match value {
        toml::Value::Table(table) => {
            let pairs: Vec<String> = table
                .iter()
                .map(|(key, value)| format!("{key} = {value}"))
                .collect();
            format!("{{ {} }}", pairs.join(", "))
        }
        other => other.to_string(),
    }
}

/// A dependency on the package at `path`.
fn absolute(path: &Path) -> Result<String, Failure> {
    let path = path.canonicalize().map_err(Failure::at(path))?;
    let path = toml::Value::from(path.to_string_lossy().into_owned());
    Ok(format!("{{ path = {path} }}"))
}

fn library(name: &str, document: &Document) -> String {
    let module = name.replace('-', "_");
    format!(
        "//! Client of {title}, generated from its OpenAPI document.\n\
         //!\n\
         //! ```no_run\n\
         //! use {module}::{{Client, Session}};\n\
         //!\n\
         //! # fn example() -> Result<(), imperal_runtime::Error> {{\n\
         //! let client = Client::new(Session::builder().base_url(\"https://api.example.com\").build()?);\n\
         //! # Ok(()) }}\n\
         //! ```\n\n\
         #![forbid(unsafe_code)]\n\n\
         #[allow(clippy::all, clippy::pedantic, dead_code, missing_docs, reason = \"generated\")]\n\
         #[allow(rustdoc::bare_urls, rustdoc::broken_intra_doc_links, rustdoc::invalid_html_tags, reason = \"the document's texts\")]\n\
         mod generated;\n\n\
         pub use generated::{{Answer, Client, Session, builder, handles, operations, types}};\n",
        title = title(document)
    )
}

fn readme(name: &str, document: &Document) -> String {
    let mut text = format!(
        "# {name}\n\nClient of {}, generated from its OpenAPI document.\n\n",
        title(document)
    );
    let schemes = document.root()["components"]["securitySchemes"].as_object();
    let Some(schemes) = schemes.filter(|schemes| !schemes.is_empty()) else {
        text.push_str("The document names no credentials.\n");
        return text;
    };
    text.push_str("## Credentials\n\nGive the session a provider for each scheme that you use:\n\n| Scheme | Kind | Set by |\n|---|---|---|\n");
    for (scheme, declared) in schemes {
        let kind = declared["type"].as_str().unwrap_or_default();
        let place = declared["in"]
            .as_str()
            .or(declared["scheme"].as_str())
            .unwrap_or_default();
        let scheme = Value::from(scheme.clone());
        let _ = writeln!(
            text,
            "| `{scheme}` | {kind} {place} | `Session::builder().credential({scheme}, provider)` |"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_comes_from_the_title_or_is_checked() {
        assert_eq!(name_from_title("My  API (v2)"), "my-api-v2");
        assert_eq!(name_from_title("2 Fast"), "client-2-fast");
        assert_eq!(name_from_title("\u{2603}"), "client");
        assert_eq!(name_from_title("Match"), "client-match");
        assert!(checked_name("a_b-1").is_ok());
        for bad in ["", "A", "1a", "a b", "../a", "type"] {
            assert!(checked_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn any_title_can_stand_in_a_manifest_and_in_a_comment() {
        let root = serde_json::json!({
            "openapi": "3.1.0", "info": { "title": "A \"b\" \\ \u{200b}\u{202e}\u{301}\n", "version": "1" },
            "paths": {},
        });
        let document = Document::from_json("test.json", root.to_string().as_bytes()).unwrap();
        let text = manifest(&Workspace::here(), "a", &document, None).unwrap();
        let read: toml::Table = toml::from_str(&text).unwrap();
        let description = read["package"]["description"].as_str().unwrap();
        assert_eq!(description, "Client of A \"b\" \\ \u{200b}\u{301}");
        assert!(!library("a", &document).contains('\u{202e}'));
    }
}
