//! The Rust in a file of Markdown, as modules whose functions tests can call.

use super::Failure;
use quote::{format_ident, quote};
use std::path::Path;
use syn::{Item, parse_quote};

/// A module for each block of Rust, named after the last function in it, which uses those before it. The constant
/// `RUN` lists the modules in their order. Blocks marked `no_run` become no modules, since the documentation tests
/// compile them; `COMPILED` lists them, so that a test notices each block that nothing runs.
pub(crate) fn modules(markdown: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(markdown)?;
    let (mut modules, mut run, mut compiled) = (Vec::new(), Vec::new(), Vec::new());
    for block in blocks(&text) {
        let at_block = |problem: &str| format!("{}:{}: {problem}", markdown.display(), block.line);
        let (name, items) =
            public_items(&block.code).map_err(|error| at_block(&error.to_string()))?;
        match block.info {
            "rust" => {
                let module = format_ident!("{name}");
                modules.push(quote!(pub mod #module { #(#items)* }));
                run.push(name);
            }
            "rust,no_run" => compiled.push(name),
            other => {
                let problem = format!("{other:?} is neither \"rust\" nor \"rust,no_run\"");
                return Err(at_block(&problem).into());
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

/// A fenced block of code.
struct Block<'a> {
    /// What the opening fence says of it, such as `rust,no_run`.
    info: &'a str,
    /// The line of the opening fence.
    line: usize,
    code: String,
}

/// The blocks whose language is Rust.
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

/// The name of the last function of a block, and its items, with functions and structs made public for the tests.
fn public_items(code: &str) -> Result<(String, Vec<Item>), Failure> {
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
