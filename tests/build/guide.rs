//! The Rust that a file of Markdown shows, as modules that tests can call.

use super::Failure;
use quote::{format_ident, quote};
use std::path::Path;
use syn::{Item, parse_quote};

/// A module for each block of Rust, with the name of the last function in it: those before it serve it. `RUN` lists
/// them in their order. Blocks that ask not to be run are left to the documentation tests, and `COMPILED` lists
/// them, so that none is left out unnoticed.
pub(crate) fn modules(markdown: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(markdown)?;
    let (mut modules, mut run, mut compiled) = (Vec::new(), Vec::new(), Vec::new());
    for block in blocks(&text) {
        let refuse = |why: &str| format!("{}:{}: {why}", markdown.display(), block.line);
        let (name, items) = opened(&block.code).map_err(|error| refuse(&error.to_string()))?;
        match block.info {
            "rust" => {
                let module = format_ident!("{name}");
                modules.push(quote!(pub mod #module { #(#items)* }));
                run.push(name);
            }
            "rust,no_run" => compiled.push(name),
            other => {
                let why = format!("{other:?} is neither \"rust\" nor \"rust,no_run\"");
                return Err(refuse(&why).into());
            }
        }
    }
    let tokens = quote! {
        pub const RUN: &[&str] = &[#(#run),*];
        pub const COMPILED: &[&str] = &[#(#compiled),*];
        #(#modules)*
    };
    Ok(prettyplease::unparse(&syn::parse2(tokens)?))
}

/// A block in fences.
struct Block<'a> {
    /// What stands behind the fence that opens it.
    info: &'a str,
    /// The line of that fence.
    line: usize,
    code: String,
}

/// Those whose language is Rust.
fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut found = Vec::new();
    let mut open: Option<Block<'_>> = None;
    for (index, line) in text.lines().enumerate() {
        match (line.trim_start().strip_prefix("```"), open.take()) {
            (Some(info), None) => {
                open = Some(Block {
                    info: info.trim(),
                    line: index + 1,
                    code: String::new(),
                });
            }
            (Some(_), Some(block)) => found.push(block),
            (None, Some(mut block)) => {
                block.code.push_str(line);
                block.code.push('\n');
                open = Some(block);
            }
            (None, None) => {}
        }
    }
    found.extend(open);
    found.retain(|block| block.info.starts_with("rust"));
    found
}

/// The items of a block, with the functions open to whoever calls them, and the types that these may ask for; and the
/// name of the last function.
fn opened(code: &str) -> Result<(String, Vec<Item>), Failure> {
    let mut items = syn::parse_file(code)?.items;
    let mut name = None;
    for item in &mut items {
        match item {
            Item::Fn(function) => {
                function.vis = parse_quote!(pub);
                name = Some(function.sig.ident.to_string());
            }
            Item::Struct(structure) => structure.vis = parse_quote!(pub),
            _ => {}
        }
    }
    let name = name.ok_or("the block has no function that a test could call")?;
    Ok((name, items))
}
