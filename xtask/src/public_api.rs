//! The public items of our libraries, as lists that are committed: an item that is gone, or has another
//! signature, is seen in review.

use crate::committed_list::{self, CommittedList};
use crate::rust_items::Surface;
use crate::workspace::{Workspace, read};
use crate::{Failure, Outcome};
use std::path::Path;
use syn::{Item, Meta};

/// The libraries that others depend on, with the folders of their sources.
const LIBRARIES: [(&str, &str); 5] = [
    ("imperal", "crates/imperal/src"),
    ("imperal-runtime", "crates/runtime/src"),
    ("imperal-mock", "crates/mock/src"),
    ("imperal-build-support", "build-support/src"),
    ("imperal-spec-diff", "crates/spec-diff/src"),
];

const HEADER: &str = "# The public items, without what is generated. After a change that is meant: cargo xtask public-api --write\n";

/// Prints the lists, or writes them where they are committed.
pub(crate) fn run(workspace: &Workspace, write: bool) -> Outcome {
    let lists = lists(workspace)?.into_iter();
    committed_list::show_or_write(lists.map(|(_, list)| list).collect(), write)
}

/// The list of each library.
fn lists(workspace: &Workspace) -> Result<Vec<(&'static str, CommittedList)>, Failure> {
    let lists = LIBRARIES.into_iter().map(|(name, source)| {
        let path = workspace.public_api(name);
        let text = list(&workspace.root().join(source))?;
        Ok((name, CommittedList { path, text }))
    });
    lists.collect()
}

/// What differs from the committed lists: one line each.
pub(crate) fn problems(workspace: &Workspace) -> Result<Vec<String>, Failure> {
    let lists = lists(workspace)?.into_iter();
    let differing = lists.filter(|(_, list)| !list.is_as_committed());
    Ok(differing.map(|(name, list)| problem(name, &list)).collect())
}

fn problem(name: &str, list: &CommittedList) -> String {
    let (committed, now) = (list.committed(), &list.text);
    let lacks = |text: &str, line: &str| !text.lines().any(|other| other == line);
    let gone = committed.lines().filter(|line| lacks(now, line));
    let come = now.lines().filter(|line| lacks(&committed, line));
    let gone = gone.map(|line| format!("- {line}"));
    let lines: Vec<String> = gone
        .chain(come.map(|line| format!("+ {line}")))
        .take(20)
        .collect();
    format!(
        "the public items of {name} differ from {}: if that is meant, run `cargo xtask public-api --write`\n  {}",
        list.path.display(),
        lines.join("\n  ")
    )
}

fn list(source: &Path) -> Result<String, Failure> {
    let mut file = parse(&source.join("lib.rs"))?;
    file.items = with_modules(file.items, source)?;
    let surface = Surface::of(file)
        .map_err(|error| Failure::Other(format!("{}: {error}", source.display())))?;
    let mut list = HEADER.to_owned();
    for (path, item) in &surface.items {
        let described = item.describe(path);
        list.push_str(&described.split_whitespace().collect::<Vec<_>>().join(" "));
        list.push('\n');
    }
    Ok(list)
}

/// The items with the contents of modules that have files of their own.
fn with_modules(items: Vec<Item>, folder: &Path) -> Result<Vec<Item>, Failure> {
    let mut found = Vec::new();
    for item in items {
        match item {
            Item::Mod(mut module) if !is_for_tests(&module.attrs) => {
                let name = module.ident.to_string();
                let inner = match module.content.take() {
                    Some((_, inner)) => inner,
                    None => parse(&folder.join(format!("{name}.rs")))?.items,
                };
                let inner = with_modules(inner, &folder.join(&name))?;
                module.content = Some((syn::token::Brace::default(), inner));
                found.push(Item::Mod(module));
            }
            Item::Mod(_) => {}
            item => found.push(item),
        }
    }
    Ok(found)
}

fn parse(path: &Path) -> Result<syn::File, Failure> {
    let text = String::from_utf8_lossy(&read(path)?).into_owned();
    syn::parse_file(&text).map_err(|error| Failure::Other(format!("{}: {error}", path.display())))
}

fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => list.tokens.to_string() == "test",
        _ => false,
    })
}
