//! Types that may grow: a service adds fields and alternatives all the time, and code that uses the
//! client compiles all the same.

use syn::{Attribute, Fields, Item, parse_quote};

/// Marks the structs with named fields and the enums of the module `types`. Values are made with the
/// builders, which take a new field for one that is not given.
pub(super) fn allow(file: &mut syn::File) -> Result<(), String> {
    let types = file.items.iter_mut().find_map(|item| match item {
        Item::Mod(module) if module.ident == "types" => module.content.as_mut(),
        _ => None,
    });
    let (_, items) = types.ok_or("there is no module `types`")?;
    for item in items {
        match item {
            Item::Struct(item) if matches!(item.fields, Fields::Named(_)) => mark(&mut item.attrs),
            Item::Enum(item) => mark(&mut item.attrs),
            _ => {}
        }
    }
    Ok(())
}

fn mark(attributes: &mut Vec<Attribute>) {
    let marked = |attribute: &Attribute| attribute.path().is_ident("non_exhaustive");
    if !attributes.iter().any(marked) {
        attributes.push(parse_quote!(#[non_exhaustive]));
    }
}
