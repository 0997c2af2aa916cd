//! Which of the arguments that have to be given are, as part of a builder's type: `send` is there once all
//! are, so that the compiler asks for those that are missing.

use super::{Context, Generable, edit};
use heck::ToPascalCase;
use quote::{format_ident, quote};
use std::collections::{BTreeMap, BTreeSet};
use syn::{Expr, ImplItem, ImplItemFn, Item, ItemImpl, ItemStruct, Stmt, Type, parse_quote};

/// The field that keeps the parameters in use. No argument begins with an underscore.
const KEPT: &str = "__given";

/// The arguments of a builder that have to be given.
pub(super) struct Required<'a> {
    name: &'a syn::Ident,
    arguments: Vec<syn::Ident>,
    /// All fields of the builder.
    fields: Vec<&'a syn::Ident>,
}

/// Gives the builders a parameter for each argument that has to be given. They default to all being there: what
/// is written of `Builder<'a>` is of one that can be sent.
pub(super) fn mark(file: &mut syn::File, context: &Context<'_>) -> Result<(), String> {
    let builders = edit::module(file, "builder").ok_or("there is no module of builders")?;
    let mut all: BTreeMap<String, Required<'_>> = context
        .operations
        .iter()
        .map(|generable| (generable.builder.name.to_string(), Required::of(generable)))
        .collect();
    let arguments: BTreeSet<String> = all
        .values()
        .flat_map(|required| required.arguments.iter().map(ToString::to_string))
        .collect();
    let mut marked = vec![states(&arguments)];
    for item in std::mem::take(builders) {
        match item {
            Item::Struct(mut item) => {
                if let Some(required) = all.get(&item.ident.to_string()) {
                    required.on_struct(&mut item)?;
                }
                marked.push(Item::Struct(item));
            }
            Item::Impl(item) if item.trait_.is_none() => {
                let name = edit::last_segment(&item.self_ty).map(ToString::to_string);
                match name.and_then(|name| all.remove(&name)) {
                    Some(required) => marked.extend(required.on_methods(item)?.map(Item::Impl)),
                    None => marked.push(Item::Impl(item)),
                }
            }
            other => marked.push(other),
        }
    }
    *builders = marked;
    match all.keys().next() {
        None => Ok(()),
        Some(builder) => Err(format!("the builder {builder} has no methods")),
    }
}

/// What the parameters stand for: the compiler names them where something is missing.
fn states(arguments: &BTreeSet<String>) -> Item {
    let mut names = BTreeSet::new();
    let missing = arguments.iter().filter_map(|argument| {
        let argument = format_ident!("{argument}");
        let name = missing(&argument);
        let doc = format!("`{argument}` has yet to be given.");
        names.insert(name.to_string()).then(|| {
            quote! {
                #[doc = #doc]
                #[derive(Clone, Copy, Debug)]
                pub struct #name;
            }
        })
    });
    parse_quote! {
        /// Whether an argument that has to be given is.
        #[doc(hidden)]
        pub mod arguments {
            /// It is given.
            #[derive(Clone, Copy, Debug)]
            pub struct Given;
            #(#missing)*
        }
    }
}

fn missing(argument: &syn::Ident) -> syn::Ident {
    format_ident!("Missing{}", argument.to_string().to_pascal_case())
}

impl<'a> Required<'a> {
    pub(super) fn of(generable: &'a Generable) -> Self {
        let builder = &generable.builder;
        let fields = builder.fields.iter().map(|field| &field.name);
        Self {
            name: &builder.name,
            arguments: builder.must_be_given(&generable.operation),
            fields: std::iter::once(&builder.client).chain(fields).collect(),
        }
    }

    /// The type of the builder that nothing has been given yet, seen from beside the module of builders.
    pub(super) fn begun(&self) -> Type {
        let name = self.name;
        let missing = self.arguments.iter().map(missing);
        parse_quote!(super::builder::#name<'a #(, super::builder::arguments::#missing)*>)
    }

    /// A literal of the builder, from variables that are called as its fields are.
    pub(super) fn literal(&self) -> Expr {
        let (name, fields, kept) = (self.name, &self.fields, self.kept());
        parse_quote!(#name { #(#fields,)* #kept })
    }

    /// What keeps the parameters in use, in a literal.
    fn kept(&self) -> Option<syn::FieldValue> {
        let kept = format_ident!("{KEPT}");
        let is_needed = !self.arguments.is_empty();
        is_needed.then(|| parse_quote!(#kept: ::std::marker::PhantomData))
    }

    /// The parameters, by the names of their arguments: none that anything else could have.
    fn parameters(&self) -> Vec<syn::Ident> {
        let mut taken = BTreeSet::new();
        let names = self.arguments.iter().map(|argument| {
            let name = format!("Has{}", argument.to_string().to_pascal_case());
            crate::numbered::numbered(&name, "", |name| taken.insert(name.to_owned()))
        });
        names.map(|name| format_ident!("{name}")).collect()
    }

    fn on_struct(&self, item: &mut ItemStruct) -> Result<(), String> {
        if self.arguments.is_empty() {
            return Ok(());
        }
        let parameters = self.parameters();
        for (parameter, argument) in parameters.iter().zip(&self.arguments) {
            let generics = &mut item.generics.params;
            generics.push(parse_quote!(#parameter = arguments::Given));
            let doc = format!("\n`{parameter}` is whether `{argument}` has been given.");
            item.attrs.push(parse_quote!(#[doc = #doc]));
        }
        let syn::Fields::Named(fields) = &mut item.fields else {
            return Err(format!("the builder {} has no named fields", self.name));
        };
        let kept = format_ident!("{KEPT}");
        let field: syn::FieldsNamed =
            parse_quote!({ #kept: ::std::marker::PhantomData<(#(#parameters,)*)> });
        fields.named.extend(field.named);
        Ok(())
    }

    /// Tells apart what there is at the beginning, always and in the end.
    fn on_methods(&self, item: ItemImpl) -> Result<impl Iterator<Item = ItemImpl>, String> {
        let name = self.name;
        let parameters = self.parameters();
        let missing = self.arguments.iter().map(missing);
        let mut first: ItemImpl = parse_quote!(impl<'a> #name<'a #(, arguments::#missing)*> {});
        let mut always: ItemImpl =
            parse_quote!(impl<'a #(, #parameters)*> #name<'a #(, #parameters)*> {});
        let mut last: ItemImpl = parse_quote!(impl<'a> #name<'a> {});
        for item in item.items {
            let ImplItem::Fn(mut function) = item else {
                last.items.push(item);
                continue;
            };
            let own = function.sig.ident.to_string();
            if own == "new" {
                // The handles begin: only they know what has not been given.
                function.vis = parse_quote!(pub(super));
                self.keep(&mut function)?;
                first.items.push(ImplItem::Fn(function));
            } else if own == edit::BUILD_REQUEST {
                open_pattern(&mut function);
                last.items.push(ImplItem::Fn(function));
            } else {
                let gives =
                    |name: &syn::Ident| *name == own || (*name == "body" && own == "body_map");
                if let Some(place) = self.arguments.iter().position(gives) {
                    self.give(&mut function, place)?;
                }
                always.items.push(ImplItem::Fn(function));
            }
        }
        let parts = [first, always, last];
        Ok(parts.into_iter().filter(|part| !part.items.is_empty()))
    }

    /// Adds to the literal that a function ends with what keeps the parameters.
    fn keep(&self, function: &mut ImplItemFn) -> Result<(), String> {
        let Some(Stmt::Expr(Expr::Struct(literal), None)) = function.block.stmts.last_mut() else {
            return Err(format!(
                "the builder {} is not begun as expected",
                self.name
            ));
        };
        literal.fields.extend(self.kept());
        Ok(())
    }

    /// Lets a method return the builder that has the argument at `place`.
    fn give(&self, function: &mut ImplItemFn, place: usize) -> Result<(), String> {
        let (name, fields) = (self.name, &self.fields);
        let mut given: Vec<Type> = self
            .parameters()
            .iter()
            .map(|parameter| parse_quote!(#parameter))
            .collect();
        given[place] = parse_quote!(arguments::Given);
        function.sig.output = parse_quote!(-> #name<'a #(, #given)*>);
        let statements = &mut function.block.stmts;
        match statements.pop() {
            Some(Stmt::Expr(Expr::Path(returned), None)) if returned.path.is_ident("self") => {}
            _ => return Err(format!("{name} has a method that does not return it")),
        }
        statements.push(parse_quote!(let Self { #(#fields,)* .. } = self;));
        statements.push(Stmt::Expr(self.literal(), None));
        Ok(())
    }
}

/// Lets `let Self { … } = self` of a function pass over what keeps the parameters.
fn open_pattern(function: &mut ImplItemFn) {
    for statement in &mut function.block.stmts {
        if let Stmt::Local(local) = statement
            && let syn::Pat::Struct(pattern) = &mut local.pat
        {
            pattern.rest = Some(syn::PatRest {
                attrs: Vec::new(),
                dot2_token: syn::Token![..](proc_macro2::Span::call_site()),
            });
        }
    }
}
