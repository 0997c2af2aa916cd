//! The items that a source defines and makes public, but for implementations.

use super::names::{Names, join};
use super::render::{Renderer, parameters};
use super::{Constant, Enum, Field, Function, Item, Kind, Shape, Struct, Variant};
use std::collections::BTreeMap;
use syn::{Attribute, FnArg, Meta, ReceiverKind, Visibility};

/// The items of a source by their paths.
pub(super) type Items = BTreeMap<String, Item>;

pub(super) fn items(found: &[syn::Item], names: &Names) -> Items {
    let mut items = Items::new();
    module(&mut items, "", found, names);
    items
}

fn module(items: &mut Items, path: &str, found: &[syn::Item], names: &Names) {
    let renderer = Renderer::new(names, path);
    for item in found {
        match item {
            syn::Item::Mod(item) => {
                if let Some((_, found)) = &item.content
                    && !is_hidden(&item.attrs)
                {
                    module(items, &join(path, &item.ident.to_string()), found, names);
                }
            }
            syn::Item::Use(item) if is_public(&item.vis) && !is_hidden(&item.attrs) => {
                reexports(items, path, &item.tree, names);
            }
            _ => {
                if let Some((name, defined)) = definition(item, &renderer)
                    && let Some(path) = names.outside(path, &name)
                {
                    add(items, &path, defined);
                }
            }
        }
    }
}

/// An item with what is part of it.
struct Definition {
    kind: Kind,
    parts: Vec<(String, Definition)>,
}

impl From<Kind> for Definition {
    fn from(kind: Kind) -> Self {
        Self {
            kind,
            parts: Vec::new(),
        }
    }
}

fn add(items: &mut Items, path: &str, definition: Definition) {
    for (name, part) in definition.parts {
        let inner = join(path, &name);
        add(items, &inner, part);
        if let Some(item) = items.get_mut(&inner) {
            item.parent = Some(path.to_owned());
        }
    }
    let item = Item {
        parent: None,
        kind: definition.kind,
    };
    items.insert(path.to_owned(), item);
}

/// What an item defines, if it is public in its module.
fn definition(item: &syn::Item, renderer: &Renderer<'_>) -> Option<(String, Definition)> {
    let (attributes, visibility, ident) = match item {
        syn::Item::Const(item) => (&item.attrs, &item.vis, &item.ident),
        syn::Item::Enum(item) => (&item.attrs, &item.vis, &item.ident),
        syn::Item::Fn(item) => (&item.attrs, &item.vis, &item.sig.ident),
        syn::Item::Static(item) => (&item.attrs, &item.vis, &item.ident),
        syn::Item::Struct(item) => (&item.attrs, &item.vis, &item.ident),
        syn::Item::Trait(item) => (&item.attrs, &item.vis, &item.ident),
        syn::Item::Type(item) => (&item.attrs, &item.vis, &item.ident),
        _ => return None,
    };
    if !is_public(visibility) || is_hidden(attributes) {
        return None;
    }
    let constant = |kind: &syn::Type, is_static: bool| {
        let kind = renderer.kind(kind);
        Definition::from(Kind::Constant(Constant { kind, is_static }))
    };
    let definition: Definition = match item {
        syn::Item::Const(item) => constant(&item.ty, false),
        syn::Item::Static(item) => constant(&item.ty, true),
        syn::Item::Fn(item) => Kind::Function(function(&item.sig, renderer)).into(),
        syn::Item::Type(item) => Kind::Alias(renderer.inside(&item.generics).kind(&item.ty)).into(),
        syn::Item::Trait(item) => Kind::Trait(renderer.inside(&item.generics).item(item)).into(),
        syn::Item::Struct(item) => structure(item, &renderer.inside(&item.generics)),
        syn::Item::Enum(item) => enumeration(item, &renderer.inside(&item.generics)),
        _ => return None,
    };
    Some((ident.to_string(), definition))
}

fn structure(item: &syn::ItemStruct, renderer: &Renderer<'_>) -> Definition {
    let all_public = item.fields.iter().all(|field| is_public(&field.vis));
    let kind = Kind::Struct(Struct {
        generics: parameters(&item.generics),
        shape: shape(&item.fields),
        literal: all_public && !is_non_exhaustive(&item.attrs),
    });
    let parts = fields(&item.fields, |field| is_public(&field.vis), renderer);
    Definition { kind, parts }
}

fn enumeration(item: &syn::ItemEnum, renderer: &Renderer<'_>) -> Definition {
    let kind = Kind::Enum(Enum {
        generics: parameters(&item.generics),
        exhaustive: !is_non_exhaustive(&item.attrs),
    });
    let variants = item.variants.iter().map(|variant| {
        let kind = Kind::Variant(Variant {
            shape: shape(&variant.fields),
            literal: !is_non_exhaustive(&variant.attrs),
        });
        // The fields of a variant are as public as the enum is.
        let parts = fields(&variant.fields, |_| true, renderer);
        (variant.ident.to_string(), Definition { kind, parts })
    });
    Definition {
        kind,
        parts: variants.collect(),
    }
}

fn fields(
    fields: &syn::Fields,
    is_public: impl Fn(&syn::Field) -> bool,
    renderer: &Renderer<'_>,
) -> Vec<(String, Definition)> {
    let fields = fields.iter().enumerate();
    fields
        .filter(|(_, field)| is_public(field) && !is_hidden(&field.attrs))
        .map(|(index, field)| {
            let ident = field.ident.as_ref();
            let name = ident.map_or_else(|| index.to_string(), ToString::to_string);
            let kind = Kind::Field(Field {
                name: name.clone(),
                kind: renderer.kind(&field.ty),
            });
            (name, kind.into())
        })
        .collect()
}

/// A function as its callers see it.
pub(super) fn function(signature: &syn::Signature, renderer: &Renderer<'_>) -> Function {
    let renderer = renderer.inside(&signature.generics);
    let mut receiver = None;
    let mut arguments = Vec::new();
    for input in &signature.inputs {
        match input {
            FnArg::Typed(argument) => arguments.push(renderer.kind(&argument.ty)),
            FnArg::Receiver(own) => {
                receiver = Some(match &own.kind {
                    ReceiverKind::Reference(_, lifetime, mutable) => {
                        let lifetime = lifetime.as_ref().map(|lifetime| format!("{lifetime} "));
                        let mutable = mutable.map_or("", |_| "mut ");
                        format!("&{}{mutable}Self", lifetime.unwrap_or_default())
                    }
                    ReceiverKind::Typed(_, kind) => renderer.kind(kind),
                    _ => "Self".to_owned(),
                });
            }
        }
    }
    Function {
        receiver,
        generics: parameters(&signature.generics),
        bounds: renderer.bounds(&signature.generics),
        arguments,
        output: renderer.output(&signature.output),
        is_async: signature.asyncness.is_some(),
        required: false,
    }
}

/// What a public `use` gives a path to that lies elsewhere.
fn reexports(items: &mut Items, module: &str, tree: &syn::UseTree, names: &Names) {
    match tree {
        syn::UseTree::Path(path) => reexports(items, module, &path.tree, names),
        syn::UseTree::Group(group) => {
            for tree in &group.items {
                reexports(items, module, tree, names);
            }
        }
        // Only the names that a glob brings from our own modules are known, and their items are listed
        // under their public paths already.
        syn::UseTree::Glob(_) => {}
        syn::UseTree::Name(syn::UseName { ident })
        | syn::UseTree::Rename(syn::UseRename { rename: ident, .. }) => {
            let name = ident.to_string();
            if let Some(path) = names.outside(module, &name) {
                let target = names.resolve(module, false, &[name]);
                // An item of a private module is itself at this path.
                if target != path {
                    let item = Item {
                        parent: None,
                        kind: Kind::ReExport(target),
                    };
                    items.insert(path, item);
                }
            }
        }
    }
}

fn shape(fields: &syn::Fields) -> Shape {
    match fields {
        syn::Fields::Named(_) => Shape::Named,
        syn::Fields::Unnamed(_) => Shape::Tuple,
        syn::Fields::Unit => Shape::Unit,
    }
}

pub(super) fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// Whether the documentation leaves it out: nobody may count on it.
pub(super) fn is_hidden(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        matches!(&attribute.meta, Meta::List(list)
            if list.path.is_ident("doc") && list.tokens.to_string() == "hidden")
    })
}

fn is_non_exhaustive(attributes: &[Attribute]) -> bool {
    let mut attributes = attributes.iter();
    attributes.any(|attribute| attribute.path().is_ident("non_exhaustive"))
}
