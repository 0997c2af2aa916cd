//! A field that can have one value only need not be given: its builder begins with that value. Nor need
//! the fields that the document does not name: there are none to begin with.

use super::edit;
use super::enums::OpenEnum;
use quote::quote;
use std::collections::BTreeMap;
use syn::{Fields, Item, Type, parse_quote};

/// Edits the builders of all types.
pub(super) fn fill_in(file: &mut syn::File, enums: &[OpenEnum]) {
    let Some(types) = edit::module(file, "types") else {
        return;
    };
    let constants: BTreeMap<String, &OpenEnum> = enums
        .iter()
        .filter(|one| one.only_value().is_some())
        .map(|one| (one.type_name().to_string(), one))
        .collect();
    let mut beginnings: BTreeMap<String, BTreeMap<String, syn::Expr>> = BTreeMap::new();
    for item in types.iter() {
        if let Item::Struct(item) = item
            && let Fields::Named(fields) = &item.fields
        {
            let fields = fields.named.iter().filter_map(|field| {
                let begins = if edit::is_flattened(field) {
                    Some(parse_quote!(Ok(::std::default::Default::default())))
                } else {
                    beginning(&field.ty, &constants)
                };
                Some((field.ident.as_ref()?.to_string(), begins?))
            });
            beginnings.insert(item.ident.to_string(), fields.collect());
        }
    }
    for item in edit::module_in(types, "builder").into_iter().flatten() {
        if let Item::Impl(item) = item
            && edit::trait_name(item).as_deref() == Some("Default")
            && let Some(fields) =
                edit::last_segment(&item.self_ty).and_then(|name| beginnings.get(&name.to_string()))
        {
            syn::visit_mut::VisitMut::visit_item_impl_mut(&mut Begin(fields), item);
        }
    }
}

/// What a field of this type begins with, if it is not left to the caller.
fn beginning(kind: &Type, constants: &BTreeMap<String, &OpenEnum>) -> Option<syn::Expr> {
    let name = edit::last_segment(kind)?;
    let find = |name: &syn::Ident| constants.get(&name.to_string());
    if name == "Option" {
        let inner = edit::type_argument(kind)?;
        let constant = find(edit::last_segment(&inner)?)?;
        let (inner, value) = (constant.type_name(), constant.only_value()?);
        return constant
            .filled_in
            .then(|| parse_quote!(Ok(Some(super::#inner::from(#value)))));
    }
    let value = find(name)?.only_value()?;
    syn::parse2(quote!(Ok(super::#name::from(#value)))).ok()
}

struct Begin<'a>(&'a BTreeMap<String, syn::Expr>);

impl syn::visit_mut::VisitMut for Begin<'_> {
    fn visit_field_value_mut(&mut self, field: &mut syn::FieldValue) {
        if let syn::Member::Named(name) = &field.member
            && let Some(value) = self.0.get(&name.to_string())
        {
            field.expr = value.clone();
        }
    }
}
