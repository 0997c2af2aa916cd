//! The public items of our libraries, as lists that are committed: an item that is gone, or has another
//! signature, is seen in review.

use crate::rust_items::Surface;
use crate::workspace::{Workspace, read, write_all};
use crate::{Failure, Outcome, say};
use std::path::Path;
use syn::{Item, Meta};

/// The libraries that others depend on, with the folders of their sources.
const LIBRARIES: [(&str, &str); 4] = [
    ("imperal", "crates/imperal/src"),
    ("imperal-runtime", "crates/runtime/src"),
    ("imperal-mock", "crates/mock/src"),
    ("imperal-build-support", "build-support/src"),
];

const HEADER: &str = "# The public items, without what is generated. After a change that is meant: cargo xtask public-api --write\n";

/// Prints the lists, or writes them where they are committed.
pub(crate) fn run(workspace: &Workspace, write: bool) -> Outcome {
    let mut files = Vec::new();
    for (name, source) in LIBRARIES {
        let list = list(&workspace.root().join(source))?;
        if write {
            files.push((workspace.public_api(name), list.into_bytes()));
        } else {
            say(format_args!("{name}\n{}", list.trim_end()));
        }
    }
    for (path, _) in &files {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|problem| Failure::File {
                path: parent.to_owned(),
                problem,
            })?;
        }
    }
    write_all(&files)?;
    for (path, _) in &files {
        say(format_args!("wrote {}", path.display()));
    }
    Ok(())
}

/// What differs from the committed lists: one line each.
pub(crate) fn problems(workspace: &Workspace) -> Result<Vec<String>, Failure> {
    let mut problems = Vec::new();
    for (name, source) in LIBRARIES {
        let path = workspace.public_api(name);
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        let now = list(&workspace.root().join(source))?;
        if committed == now {
            continue;
        }
        let lacks = |text: &str, line: &str| !text.lines().any(|other| other == line);
        let gone = committed
            .lines()
            .filter(|line| lacks(&now, line))
            .map(|line| format!("- {line}"));
        let come = now
            .lines()
            .filter(|line| lacks(&committed, line))
            .map(|line| format!("+ {line}"));
        let lines: Vec<String> = gone.chain(come).take(20).collect();
        problems.push(format!(
            "the public items of {name} differ from {}: if that is meant, run `cargo xtask public-api --write`\n  {}",
            path.display(),
            lines.join("\n  ")
        ));
    }
    Ok(problems)
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
