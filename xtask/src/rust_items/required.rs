//! The arguments that have to be given before a call can be sent. Generated builders keep account of them in
//! parameters of their types: nobody writes those, so a builder is one type here whatever it has been given.

use super::{Item, Kind, names::join};
use std::collections::{BTreeMap, BTreeSet};
use syn::punctuated::Punctuated;
use syn::visit_mut::VisitMut;
use syn::{GenericArgument, GenericParam, ImplItem, ItemImpl, PathArguments};

/// The module of builders.
const BUILDERS: &str = "builder";

/// What a parameter is once its argument is given.
const GIVEN: &str = "Given";

/// The methods that give what has to be given, by builder and name.
pub(super) struct Required(BTreeSet<(String, String)>);

/// Takes the parameters out of a source.
pub(super) fn take_out(items: &mut [syn::Item]) -> Required {
    let mut required = Required(BTreeSet::new());
    let builders = items.iter_mut().find_map(|item| match item {
        syn::Item::Mod(module) if module.ident == BUILDERS => module.content.as_mut(),
        _ => None,
    });
    let Some((_, builders)) = builders else {
        return required;
    };
    let mut names = BTreeSet::new();
    for item in &mut *builders {
        if let syn::Item::Struct(item) = item {
            let before = item.generics.params.len();
            keep(&mut item.generics.params, |parameter| !is_state(parameter));
            if item.generics.params.len() < before {
                names.insert(item.ident.to_string());
            }
        }
    }
    for item in builders {
        if let syn::Item::Impl(item) = item
            && let Some(builder) = last(&item.self_ty).filter(|name| names.contains(name))
        {
            required.read(&builder, item);
            without_parameters(item);
        }
    }
    let mut cutter = Cutter(&names);
    for item in items {
        cutter.visit_item_mut(item);
    }
    required
}

impl Required {
    fn read(&mut self, builder: &str, item: &ItemImpl) {
        for function in &item.items {
            if let ImplItem::Fn(function) = function
                && let syn::ReturnType::Type(_, output) = &function.sig.output
                && arguments(output).iter().any(|one| one == GIVEN)
                // It changes what `body` gives.
                && function.sig.ident != "body_map"
            {
                let method = function.sig.ident.to_string();
                self.0.insert((builder.to_owned(), method));
            }
        }
    }

    /// Says so of the items.
    pub(super) fn mark(&self, items: &mut BTreeMap<String, Item>) {
        for (builder, method) in &self.0 {
            let path = join(&join(BUILDERS, builder), method);
            if let Some(Item {
                kind: Kind::Function(function),
                ..
            }) = items.get_mut(&path)
            {
                function.required = true;
            }
        }
    }
}

/// Whether a parameter says if something has been given.
fn is_state(parameter: &GenericParam) -> bool {
    matches!(parameter, GenericParam::Type(parameter)
        if parameter.default.as_ref().is_some_and(|(_, kind)| last(kind).is_some_and(|name| name == GIVEN)))
}

/// What is implemented for a builder whatever it has been given names the parameters of its own.
fn without_parameters(item: &mut ItemImpl) {
    let own = arguments(&item.self_ty);
    keep(&mut item.generics.params, |parameter| {
        !matches!(parameter, GenericParam::Type(parameter)
            if own.iter().any(|name| parameter.ident == name))
    });
}

/// Leaves in a list only what is to be kept.
fn keep<T, P: Default>(list: &mut Punctuated<T, P>, is_kept: impl Fn(&T) -> bool) {
    let all = std::mem::take(list).into_iter();
    *list = all.filter(is_kept).collect();
}

/// Cuts the arguments for the parameters out of all types.
struct Cutter<'a>(&'a BTreeSet<String>);

impl VisitMut for Cutter<'_> {
    fn visit_impl_item_fn_mut(&mut self, function: &mut syn::ImplItemFn) {
        // Whichever of its states a builder is in, it returns itself.
        if let syn::ReturnType::Type(_, output) = &mut function.sig.output
            && !function.sig.inputs.is_empty()
            && !arguments(output).is_empty()
            && matches!(&**output, syn::Type::Path(path) if path.path.segments.len() == 1)
            && last(output).is_some_and(|name| self.0.contains(&name))
        {
            **output = syn::parse_quote!(Self);
        }
        syn::visit_mut::visit_impl_item_fn_mut(self, function);
    }

    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        syn::visit_mut::visit_path_mut(self, path);
        if let Some(last) = path.segments.last_mut()
            && self.0.contains(&last.ident.to_string())
            && let PathArguments::AngleBracketed(arguments) = &mut last.arguments
        {
            keep(&mut arguments.args, |argument| {
                !matches!(argument, GenericArgument::Type(_))
            });
        }
    }
}

/// The last parts of the types that a type has for arguments.
fn arguments(kind: &syn::Type) -> Vec<String> {
    let syn::Type::Path(path) = kind else {
        return Vec::new();
    };
    let Some(PathArguments::AngleBracketed(arguments)) =
        path.path.segments.last().map(|last| &last.arguments)
    else {
        return Vec::new();
    };
    let arguments = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(kind) => last(kind),
        _ => None,
    });
    arguments.collect()
}

/// The last part of a type's path.
fn last(kind: &syn::Type) -> Option<String> {
    let syn::Type::Path(path) = kind else {
        return None;
    };
    Some(path.path.segments.last()?.ident.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use crate::rust_items::{Kind, Surface};

    /// As the generator writes it.
    const CLIENT: &str = "
        pub mod handles {
            pub struct Keys<'a>(&'a ());
            impl<'a> Keys<'a> {
                pub fn delete(&self) -> super::builder::KeysDelete<'a, super::builder::arguments::MissingKeyId> {}
            }
        }
        pub mod builder {
            #[doc(hidden)] pub mod arguments { pub struct Given; pub struct MissingKeyId; }
            pub struct KeysDelete<'a, HasKeyId = arguments::Given> { __given: PhantomData<(HasKeyId,)> }
            impl<'a> KeysDelete<'a, arguments::MissingKeyId> { pub(super) fn new() -> Self {} }
            impl<'a, HasKeyId> KeysDelete<'a, HasKeyId> {
                pub fn key_id<V>(self, value: V) -> KeysDelete<'a, arguments::Given> {}
                pub fn reason<V>(self, value: V) -> Self {}
            }
            impl<'a> KeysDelete<'a> { fn build_request(self) {} }
            mod send { use super::*; impl<'a> KeysDelete<'a> { pub async fn send(self) {} } }
        }";

    #[test]
    fn a_builder_is_one_type_whatever_it_has_been_given() {
        let surface = Surface::read(CLIENT).unwrap();
        let functions = surface
            .items
            .iter()
            .filter_map(|(path, item)| match &item.kind {
                Kind::Function(function) => {
                    let output = function.output.clone().unwrap_or_default();
                    Some((path.as_str(), output, function.required))
                }
                _ => None,
            });
        let functions: Vec<_> = functions.collect();
        assert_eq!(
            functions,
            [
                ("builder::KeysDelete::key_id", "Self".to_owned(), true),
                ("builder::KeysDelete::reason", "Self".to_owned(), false),
                ("builder::KeysDelete::send", String::new(), false),
                (
                    "handles::Keys::delete",
                    "builder::KeysDelete<'a>".to_owned(),
                    false
                ),
            ]
        );
        let Kind::Struct(builder) = &surface.items["builder::KeysDelete"].kind else {
            panic!("a struct");
        };
        assert_eq!(builder.generics, ["'a"]);
        assert!(!surface.items.keys().any(|path| path.contains("Missing")));
    }
}
