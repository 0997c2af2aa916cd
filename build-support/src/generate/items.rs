//! Finds the list inside an answer, whatever envelope it came in.

use super::edit::{last_segment, type_argument};
use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use std::collections::BTreeMap;
use syn::{Fields, Item, ItemMod, Type};

/// The generated types, as far as lists are looked for in them.
pub(super) struct Types(BTreeMap<String, Shape>);

enum Shape {
    Fields(Vec<(syn::Ident, Type)>),
    Wrapper(Box<Type>),
    Alternatives(Vec<(syn::Ident, Shape)>),
    /// One in which no list is looked for.
    Other,
}

/// The type of a list's items, and an expression that makes a `Vec` of them from `value`.
pub(super) struct List {
    pub(super) item: Type,
    pub(super) expression: TokenStream,
}

/// What the list in an envelope is called where nothing else tells it from other lists.
const USUAL: &[&str] = &["items", "results", "data", "entries"];

/// Types may hold each other; lists lie near the top.
const DEPTH: usize = 4;

impl Shape {
    fn is_any(&self) -> bool {
        matches!(self, Self::Wrapper(kind) if kind.to_token_stream().to_string() == ":: serde_json :: Value")
    }
}

impl Types {
    pub(super) fn read(file: &syn::File) -> Self {
        let items = file.items.iter().find_map(|item| match item {
            Item::Mod(ItemMod {
                ident,
                content: Some((_, items)),
                ..
            }) if ident == "types" => Some(items),
            _ => None,
        });
        let shapes = items.into_iter().flatten().filter_map(|item| match item {
            Item::Struct(item) => Some((item.ident.to_string(), fields_shape(&item.fields))),
            Item::Enum(item) => {
                let variants = item
                    .variants
                    .iter()
                    .map(|variant| (variant.ident.clone(), fields_shape(&variant.fields)));
                let shape = Shape::Alternatives(variants.collect());
                Some((item.ident.to_string(), shape))
            }
            _ => None,
        });
        Self(shapes.collect())
    }

    /// The list in a value of type `kind`, which `value` names; the one in `field`, if that is given. What
    /// holds none for a reason that the document does not give is `None`, which the expression returns.
    pub(super) fn list_in(
        &self,
        kind: &Type,
        value: &TokenStream,
        field: Option<&str>,
    ) -> Option<List> {
        let field = field.map(|name| super::names::ident(&super::names::snake(name)));
        self.search(kind, value, field.as_ref(), DEPTH)
    }

    fn search(
        &self,
        kind: &Type,
        value: &TokenStream,
        wanted: Option<&syn::Ident>,
        depth: usize,
    ) -> Option<List> {
        let depth = depth.checked_sub(1)?;
        let name = last_segment(kind)?.to_string();
        match name.as_str() {
            "Vec" => {
                let item = type_argument(kind)?;
                return Some(List {
                    item: self.outside_types(&item),
                    expression: quote!(#value),
                });
            }
            "Option" => {
                let inner = self.search(&type_argument(kind)?, &quote!(inner), wanted, depth)?;
                let expression = inner.expression;
                return Some(List {
                    item: inner.item,
                    expression: quote!(match #value {
                        ::std::option::Option::Some(inner) => #expression,
                        ::std::option::Option::None => ::std::vec::Vec::new(),
                    }),
                });
            }
            _ => {}
        }
        match self.0.get(&name)? {
            Shape::Other => None,
            Shape::Wrapper(inner) => self.search(inner, &quote!(#value.0), wanted, depth),
            Shape::Alternatives(variants) => {
                let name = format_ident!("{name}");
                // In a variant for what the document does not name nobody can know of a list.
                let known = variants.iter().filter(|(_, shape)| !shape.is_any());
                let found = known
                    .clone()
                    .map(|(variant, shape)| {
                        Some((variant, shape, self.search_variant(shape, wanted, depth)?))
                    })
                    .collect::<Option<Vec<_>>>()?;
                let item = same_item(found.iter().map(|(_, _, list)| list))?;
                let arms = found.iter().map(|(variant, shape, list)| {
                    let expression = &list.expression;
                    let pattern = if let Shape::Fields(fields) = shape {
                        let fields = fields.iter().map(|(field, _)| field);
                        quote!({ #(#fields),* })
                    } else {
                        quote!((inner))
                    };
                    quote!(super::super::types::#name::#variant #pattern => #expression)
                });
                let unknown = (known.count() < variants.len())
                    .then(|| quote!(_ => return ::std::option::Option::None));
                Some(List {
                    item,
                    expression: quote!(match #value { #(#arms,)* #unknown }),
                })
            }
            Shape::Fields(fields) => {
                let list =
                    self.search_fields(fields, |field| quote!(envelope.#field), wanted, depth)?;
                let expression = list.expression;
                Some(List {
                    item: list.item,
                    expression: quote!({ let envelope = #value; #expression }),
                })
            }
        }
    }

    /// The same type, named from a module beside `types`: inside, types name each other bare.
    fn outside_types(&self, kind: &Type) -> Type {
        struct Renamer<'a>(&'a Types);
        impl syn::visit_mut::VisitMut for Renamer<'_> {
            fn visit_path_mut(&mut self, path: &mut syn::Path) {
                syn::visit_mut::visit_path_mut(self, path);
                let first = &path.segments[0].ident;
                if path.leading_colon.is_some() {
                    return;
                }
                let bare = path.segments.len() == 1 && self.0.0.contains_key(&first.to_string());
                if bare {
                    *path = syn::parse_quote!(super::super::types::#path);
                } else if first == "types" {
                    *path = syn::parse_quote!(super::super::#path);
                }
            }
        }
        let mut kind = kind.clone();
        syn::visit_mut::VisitMut::visit_type_mut(&mut Renamer(self), &mut kind);
        kind
    }

    fn search_variant(
        &self,
        shape: &Shape,
        wanted: Option<&syn::Ident>,
        depth: usize,
    ) -> Option<List> {
        match shape {
            Shape::Wrapper(inner) => self.search(inner, &quote!(inner), wanted, depth),
            Shape::Fields(fields) => {
                self.search_fields(fields, |field| quote!(#field), wanted, depth)
            }
            Shape::Alternatives(_) | Shape::Other => None,
        }
    }

    /// The list in the wanted field; else those in all fields together, if they hold the same: an envelope
    /// fills one of them; else the one in a field that is called as lists are.
    fn search_fields(
        &self,
        fields: &[(syn::Ident, Type)],
        access: impl Fn(&syn::Ident) -> TokenStream,
        wanted: Option<&syn::Ident>,
        depth: usize,
    ) -> Option<List> {
        let named = |name: &syn::Ident| fields.iter().any(|(field, _)| field == name);
        let wanted = wanted.filter(|name| named(name));
        let mut found: Vec<(&syn::Ident, List)> = fields
            .iter()
            .filter(|(field, _)| wanted.is_none_or(|wanted| field == wanted))
            .filter(|(_, kind)| {
                last_segment(kind).is_some_and(|name| name == "Vec" || name == "Option")
            })
            .filter_map(|(field, kind)| {
                Some((field, self.search(kind, &access(field), None, depth)?))
            })
            .collect();
        if same_item(found.iter().map(|(_, list)| list)).is_none() {
            let usual = USUAL.iter().find_map(|name| {
                let place = found.iter().position(|(field, _)| field == name)?;
                Some(found.swap_remove(place))
            });
            return usual.map(|(_, list)| list);
        }
        let item = found.first()?.1.item.clone();
        let expressions = found.iter().map(|(_, list)| &list.expression);
        Some(List {
            item,
            expression: quote!({
                let mut found = ::std::vec::Vec::new();
                #(found.extend(#expressions);)*
                found
            }),
        })
    }
}

/// The item type that all lists have; none if there is no list, or they differ.
fn same_item<'a>(mut lists: impl Iterator<Item = &'a List>) -> Option<Type> {
    let first = lists.next()?.item.clone();
    let text = first.to_token_stream().to_string();
    lists
        .all(|list| list.item.to_token_stream().to_string() == text)
        .then_some(first)
}

fn fields_shape(fields: &Fields) -> Shape {
    match fields {
        Fields::Named(named) => {
            let fields = named.named.iter();
            let fields = fields.filter_map(|field| Some((field.ident.clone()?, field.ty.clone())));
            Shape::Fields(fields.collect())
        }
        Fields::Unnamed(unnamed) if unnamed.unnamed.len() == 1 => {
            Shape::Wrapper(Box::new(unnamed.unnamed[0].ty.clone()))
        }
        _ => Shape::Other,
    }
}
