//! What progenitor wrote for each operation, as far as the passes behind the edits have to know it.

use super::edit::{BUILD_REQUEST, last_segment, optional, try_into_type, type_argument};
use crate::Operation;
use heck::ToPascalCase;
use quote::ToTokens;
use std::collections::BTreeMap;
use syn::{Fields, ImplItem, Item, Type, parse_quote};

/// What progenitor wrote for one operation.
#[derive(Clone)]
pub(super) struct Builder {
    pub(super) name: syn::Ident,
    /// The field that holds the client, and then one for each argument.
    pub(super) client: syn::Ident,
    pub(super) fields: Vec<Field>,
    /// The arguments that have to be given, but for the body.
    pub(super) required: Vec<Argument>,
    /// What the body is made from, where one has to be given.
    pub(super) body: Option<Type>,
    pub(super) success: Type,
}

#[derive(Clone)]
pub(super) struct Field {
    pub(super) name: syn::Ident,
    /// The whole type that is sent, as its tokens read.
    pub(super) type_name: String,
}

#[derive(Clone)]
pub(super) struct Argument {
    pub(super) name: syn::Ident,
    pub(super) kind: Type,
}

impl Builder {
    /// The arguments without which there is nothing to send. Which page is asked for, and how large it is, a paginator
    /// can say too.
    pub(super) fn must_be_given(&self, operation: &Operation) -> Vec<syn::Ident> {
        let of_page = |name: &syn::Ident| {
            let pagination = operation.pagination.iter();
            let mut names = pagination.flat_map(|it| it.size.iter().chain([&it.position]));
            names.any(|page| super::names::ident(&super::names::field(page)) == *name)
        };
        let required = self.required.iter().map(|argument| &argument.name);
        let required = required.filter(|name| !of_page(name)).cloned();
        let body = self.body.iter().map(|_| quote::format_ident!("body"));
        required.chain(body).collect()
    }
}

/// The links of progenitor's own documentation lead to methods that are gone.
pub(super) fn describe(items: &mut [Item], operations: &[Operation]) {
    let described: BTreeMap<String, String> = operations
        .iter()
        .map(|operation| {
            let handle = super::names::pascal(&operation.tag);
            let function = super::names::ident(&operation.function);
            let link = format!("super::handles::{handle}::{function}");
            (
                operation.id.to_pascal_case(),
                format!("The arguments of [`{handle}::{function}`]({link})."),
            )
        })
        .collect();
    for item in items {
        if let Item::Struct(item) = item
            && let Some(doc) = described.get(&item.ident.to_string())
        {
            item.attrs
                .retain(|attribute| !attribute.path().is_ident("doc"));
            item.attrs.insert(0, parse_quote!(#[doc = #doc]));
            item.attrs
                .push(parse_quote!(#[must_use = "nothing is sent before `send`"]));
        }
    }
}

/// Reads the builder of each operation.
pub(super) fn read(
    items: &[Item],
    operations: &[Operation],
) -> Result<BTreeMap<String, Builder>, String> {
    let mut builders = BTreeMap::new();
    for operation in operations {
        let name = operation.id.to_pascal_case();
        let builder = read_one(items, &name)
            .ok_or_else(|| format!("the builder {name} is not as expected"))?;
        builders.insert(operation.id.clone(), builder);
    }
    Ok(builders)
}

fn read_one(items: &[Item], name: &str) -> Option<Builder> {
    let found = items.iter().find_map(|item| match item {
        Item::Struct(item) if item.ident == name => Some(item),
        _ => None,
    })?;
    let Fields::Named(named) = &found.fields else {
        return None;
    };
    let mut fields = named.named.iter();
    let client = fields.next()?.ident.clone()?;
    let fields: Vec<Field> = fields
        .filter_map(|field| {
            Some(Field {
                name: field.ident.clone()?,
                type_name: type_argument(&field.ty)?.to_token_stream().to_string(),
            })
        })
        .collect();
    let implementation = items.iter().find_map(|item| match item {
        Item::Impl(item) if item.trait_.is_none() && last_segment(&item.self_ty)? == name => {
            Some(item)
        }
        _ => None,
    })?;
    let function = |wanted: &str| {
        implementation.items.iter().find_map(|item| match item {
            ImplItem::Fn(function) if function.sig.ident == wanted => Some(function),
            _ => None,
        })
    };
    let syn::ReturnType::Type(_, returned) = &function(BUILD_REQUEST)?.sig.output else {
        return None;
    };
    let success = type_argument(&type_argument(returned)?)?;
    let is_given = named.named.iter().any(is_given_body);
    let body = function("body")
        .filter(|_| is_given)
        .and_then(try_into_type);
    let arguments = named.named.iter().skip(1).filter_map(|field| {
        let (name, kind) = (field.ident.clone()?, type_argument(&field.ty)?);
        (name != "body" && optional(&kind).is_none()).then_some(Argument { name, kind })
    });
    let required = arguments.collect();
    Some(Builder {
        name: found.ident.clone(),
        client,
        fields,
        required,
        body,
        success,
    })
}

/// Whether a field holds a body, or a parameter of that name, that cannot be left out.
fn is_given_body(field: &syn::Field) -> bool {
    let is_body = field.ident.as_ref().is_some_and(|name| name == "body");
    is_body && type_argument(&field.ty).is_some_and(|kind| optional(&kind).is_none())
}
