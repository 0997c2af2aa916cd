//! Pass 5 and 6, generate and print: the lowered document becomes Rust.
//!
//! progenitor writes types, builders and the sending of a request; named passes edit what it wrote,
//! and our own items are added: handles by tag, `send` through the session, pages, the table of
//! operations.

mod bodies;
mod build_request;
mod builders;
mod callables;
mod checks;
mod client;
mod constants;
mod distinct;
mod docs;
mod edit;
mod enums;
mod events;
mod expectations;
mod growth;
mod handles;
mod items;
mod pages;
mod patches;
mod progenitor;
mod requests;
mod required;
mod send;
mod setters;
mod table;
mod unions;
mod variants;

pub use callables::{Argument, ArgumentPlace, Callable};
pub use expectations::generate_expectations;

use crate::{Document, Error, Loss, operations};
use quote::format_ident;
use std::collections::{BTreeMap, BTreeSet};

/// The source of a client, and what of the document is not in it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Generated {
    /// Rust, formatted: the same bytes for the same document.
    pub source: String,
    /// Operations that could not be generated.
    pub losses: Vec<Loss>,
    /// The name of the type, in the module `types`, of each component of the document that has one.
    pub components: BTreeMap<String, String>,
}

/// The items of a client before they are printed, for tools that look at them.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Items {
    /// The module.
    pub file: syn::File,
    /// What a caller writes for each operation.
    pub callables: Vec<Callable>,
    /// Operations that could not be generated.
    pub losses: Vec<Loss>,
    /// The name of the type, in the module `types`, of each component of the document that has one.
    pub components: BTreeMap<String, String>,
}

/// Writes the client for a lowered document, as the source of a module. `crate_name` is the path by which
/// code outside of it names that module, as the examples in its documentation do.
///
/// The source needs `imperal-runtime`, `progenitor-client`, `reqwest`, `serde` and `serde_json`, and
/// `schemars` where the crate has a feature of that name.
///
/// ```
/// use imperal_build_support::{Document, Overlay, Pipeline, generate};
///
/// let document = Document::from_json("tiny.json", br#"{
///     "openapi": "3.1.0", "info": {"title": "Tiny", "version": "1"},
///     "paths": {"/v1/apps": {"get": {"tags": ["store"], "operationId": "list_apps", "responses": {}}}}
/// }"#)?;
/// let pipeline = Pipeline::run(document, &Overlay::empty())?;
/// let client = generate(&pipeline.lowered, "my_crate::store")?;
/// assert!(client.source.contains("pub fn list_apps(&self)"));
/// assert!(client.losses.is_empty());
/// # Ok::<(), imperal_build_support::Error>(())
/// ```
///
/// # Errors
///
/// If the generator refuses the document as a whole, or writes something that the passes do not
/// know.
pub fn generate(document: &Document, crate_name: &str) -> Result<Generated, Error> {
    let items = generate_items(document, crate_name)?;
    Ok(Generated {
        source: prettyplease::unparse(&items.file),
        losses: items.losses,
        components: items.components,
    })
}

/// Makes the items of the client that [`generate`] prints. Printing them, and reading them again, takes as
/// long as making them.
///
/// ```
/// use imperal_build_support::{Document, Overlay, Pipeline, generate_items};
///
/// let document = Document::from_json("tiny.json", br#"{
///     "openapi": "3.1.0", "info": {"title": "Tiny", "version": "1"},
///     "paths": {"/v1/apps": {"get": {"tags": ["store"], "operationId": "list_apps", "responses": {}}}}
/// }"#)?;
/// let pipeline = Pipeline::run(document, &Overlay::empty())?;
/// let items = generate_items(&pipeline.lowered, "my_crate::store")?;
/// let [operation] = items.callables.as_slice() else {
///     panic!("there is one operation");
/// };
/// assert!(operation.handle == "store" && operation.function == "list_apps");
/// # Ok::<(), imperal_build_support::Error>(())
/// ```
///
/// # Errors
///
/// As for [`generate`].
pub fn generate_items(document: &Document, crate_name: &str) -> Result<Items, Error> {
    let progenitor::Written {
        tokens,
        losses,
        prepared,
    } = progenitor::generate(document)?;
    let enums = &prepared.enums;
    let internal = |problem: String| {
        document.error(
            "",
            problem,
            "this is a defect of the generator: please report it with the document",
        )
    };
    let mut file: syn::File = syn::parse2(tokens)
        .map_err(|error| internal(format!("the generator wrote no valid Rust: {error}")))?;

    let left_out: Vec<&str> = losses.iter().map(|loss| loss.what.as_str()).collect();
    let mut operations = operations(document)?;
    operations.retain(|operation| !left_out.contains(&operation.id.as_str()));

    let builders = edit::run(&mut file, &operations).map_err(internal)?;
    patches::apply(&mut file, &prepared.patches).map_err(internal)?;
    distinct::restore(&mut file);
    distinct::give_back_extra(&mut file);
    edit::add_types(&mut file, enums.iter().map(enums::OpenEnum::item)).map_err(internal)?;
    constants::fill_in(&mut file, enums);
    unions::apply(&mut file, &unions::fixed_texts(enums));
    let mut context = Context {
        crate_name,
        document,
        operations: Vec::new(),
        components: &prepared.components,
        types: items::Types::read(&file),
        checked: BTreeSet::new(),
    };
    for operation in operations {
        let Some(builder) = builders.get(&operation.id) else {
            return Err(internal(format!(
                "there is no builder for the operation {}",
                operation.id
            )));
        };
        let builder = builder.clone();
        context.operations.push(Generable { operation, builder });
    }

    bodies::write_forms(&mut file, &prepared.forms).map_err(internal)?;
    let checks = checks::tables(document.root(), &context.operations);
    context.checked = checks.operations;
    let mut added = vec![
        checks.items,
        client::items(&context),
        handles::items(&context),
        table::items(&context),
    ];
    added.push(docs::reexports());
    for tokens in added {
        let items: syn::File = syn::parse2(tokens)
            .map_err(|error| internal(format!("an added item is no valid Rust: {error}")))?;
        file.items.extend(items.items);
    }
    send::add_to_builders(&mut file, &context).map_err(internal)?;
    edit::place_own_types(&mut file);
    growth::allow(&mut file).map_err(internal)?;
    let callables = callables::read(&mut file, &context).map_err(internal)?;
    setters::describe(&mut file, document.root(), &callables).map_err(internal)?;
    required::mark(&mut file, &context).map_err(internal)?;
    Ok(Items {
        file,
        callables,
        losses,
        components: prepared.components,
    })
}

/// What the parts of the generator share.
struct Context<'a> {
    crate_name: &'a str,
    document: &'a Document,
    operations: Vec<Generable>,
    /// The types of components, by the components' names.
    components: &'a BTreeMap<String, String>,
    types: items::Types,
    /// The operations that have a check of what is sent.
    checked: BTreeSet<String>,
}

/// An operation and the builder that progenitor wrote for it.
struct Generable {
    operation: crate::Operation,
    builder: builders::Builder,
}

impl Context<'_> {
    /// The operations by the Rust name of their tag's handle.
    fn by_handle(&self) -> BTreeMap<String, Vec<&Generable>> {
        let mut handles: BTreeMap<String, Vec<&Generable>> = BTreeMap::new();
        for generable in &self.operations {
            handles
                .entry(names::pascal(&generable.operation.tag))
                .or_default()
                .push(generable);
        }
        handles
    }
}

impl Generable {
    fn function(&self) -> syn::Ident {
        names::ident(&self.operation.function)
    }

    fn constant(&self) -> syn::Ident {
        format_ident!("{}", self.operation.id.to_uppercase())
    }
}

/// Rust names from a document's names.
mod names {
    use heck::{ToPascalCase, ToSnakeCase};

    pub(super) fn snake(text: &str) -> String {
        plain(text).to_snake_case()
    }

    pub(super) fn pascal(text: &str) -> String {
        let name = plain(text).to_pascal_case();
        if name.starts_with(|c: char| c.is_ascii_alphabetic()) && name != "Self" {
            name
        } else {
            format!("Tag{name}")
        }
    }

    /// The name of a component's type: one that typify, which does the same to it, leaves as it is.
    pub(super) fn type_name(text: &str) -> String {
        let name = plain(text).to_pascal_case().to_pascal_case();
        match name.chars().next() {
            None => "Unnamed".to_owned(),
            Some(first) if first.is_ascii_digit() => format!("X{name}"),
            Some(_) if name == "Self" => "SelfType".to_owned(),
            Some(_) => name,
        }
    }

    /// The name of a field or argument, as typify and progenitor write it, without regard for letters
    /// beyond ASCII: names that they take for one are one here.
    pub(super) fn field(text: &str) -> String {
        let name = plain(&text.replace('\'', "")).to_snake_case();
        match name.chars().next() {
            None => "x".to_owned(),
            Some(first) if first.is_ascii_digit() => format!("x{name}"),
            Some(_) => name,
        }
    }

    /// An identifier, with an underscore behind it where the name is a keyword.
    pub(super) fn ident(name: &str) -> syn::Ident {
        let name = if name.starts_with(|c: char| c.is_ascii_digit()) || name.is_empty() {
            format!("n{name}")
        } else {
            name.to_owned()
        };
        syn::parse_str(&name).unwrap_or_else(|_| quote::format_ident!("{name}_"))
    }

    fn plain(text: &str) -> String {
        text.chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' })
            .collect()
    }
}
