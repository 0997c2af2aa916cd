//! What a caller of the client writes for each operation: the arguments of its builder, and their types.

use super::{Context, edit, names};
use crate::{AnswerKind, Operation};
use serde_json::Value;
use std::collections::BTreeMap;
use syn::visit_mut::VisitMut;
use syn::{ImplItem, ImplItemFn, Item, parse_quote};

/// An operation as its caller sees it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Callable {
    /// The operation.
    pub operation: Operation,
    /// The method of the client that returns the handle of its tag.
    pub handle: syn::Ident,
    /// The method of that handle.
    pub function: syn::Ident,
    /// What its builder takes.
    pub arguments: Vec<Argument>,
    /// The type of its answer. The client's own types begin with `types::`.
    pub answer: syn::Type,
}

/// One argument of an operation.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Argument {
    /// The method of the builder that sets it.
    pub setter: syn::Ident,
    /// Where in a request it goes.
    pub place: ArgumentPlace,
    /// Its name in a request; empty for the body.
    pub name: String,
    /// Its type. The client's own types begin with `types::`.
    pub value: syn::Type,
    /// Whether it has to be given.
    pub required: bool,
    /// Whether the compiler asks for it: `send` is there once it is given.
    pub enforced: bool,
}

/// Where in a request an argument goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArgumentPlace {
    /// Into the path.
    Path,
    /// Into the query.
    Query,
    /// Into a header.
    Header,
    /// Into a cookie.
    Cookie,
    /// It is the body.
    Body,
}

/// Reads them from the finished module: the passes have changed types and names.
pub(super) fn read(file: &mut syn::File, context: &Context<'_>) -> Result<Vec<Callable>, String> {
    let builders = edit::module(file, "builder").ok_or("there is no module of builders")?;
    let setters = Setters::read(builders);
    let callables = context.operations.iter().map(|generable| {
        let operation = &generable.operation;
        let builder = generable.builder.name.to_string();
        let fields = generable.builder.fields.iter();
        let enforced = generable.builder.must_be_given(operation);
        let arguments = fields.map(|field| {
            let value = setters
                .value(&builder, &field.name)
                .ok_or_else(|| format!("the builder {builder} has no setter {}", field.name))?;
            let wire = if field.name == "body" && operation.body.is_some() {
                None
            } else {
                parameter(context.document.root(), operation, &field.name.to_string())
            };
            let (place, name, required) =
                wire.unwrap_or((ArgumentPlace::Body, String::new(), !operation.optional_body));
            Ok(Argument {
                enforced: enforced.contains(&field.name),
                setter: field.name.clone(),
                place,
                name,
                value,
                required,
            })
        });
        let answer = match operation.answer {
            AnswerKind::Bytes | AnswerKind::Events => parse_quote!(::imperal_runtime::ByteStream),
            AnswerKind::Text => parse_quote!(::std::string::String),
            AnswerKind::Json | AnswerKind::Empty => own(&generable.builder.success),
        };
        Ok(Callable {
            handle: super::handles::accessor(&operation.tag),
            function: generable.function(),
            operation: operation.clone(),
            arguments: arguments.collect::<Result<_, String>>()?,
            answer,
        })
    });
    callables.collect()
}

/// The functions of all builders, by builder and name.
struct Setters<'a>(BTreeMap<(String, String), &'a ImplItemFn>);

impl<'a> Setters<'a> {
    fn read(builders: &'a [Item]) -> Self {
        let mut setters = BTreeMap::new();
        for item in builders {
            if let Item::Impl(item) = item
                && item.trait_.is_none()
                && let Some(builder) = edit::last_segment(&item.self_ty)
            {
                for function in &item.items {
                    if let ImplItem::Fn(function) = function {
                        let name = function.sig.ident.to_string();
                        setters.insert((builder.to_string(), name), function);
                    }
                }
            }
        }
        Self(setters)
    }

    /// `T` of a setter's `V: TryInto<T>`.
    fn value(&self, builder: &str, name: &syn::Ident) -> Option<syn::Type> {
        let function = self.0.get(&(builder.to_owned(), name.to_string()))?;
        edit::try_into_type(function).map(|kind| own(&kind))
    }
}

/// Place, name and necessity of the parameter that an argument is for.
fn parameter(
    root: &Value,
    operation: &Operation,
    argument: &str,
) -> Option<(ArgumentPlace, String, bool)> {
    let described = &root["paths"][operation.path.as_str()][operation.method.as_str()];
    let mut parameters = described["parameters"].as_array()?.iter();
    parameters.find_map(|parameter| {
        let name = parameter["name"].as_str()?;
        let field = names::ident(&names::field(name));
        if field != argument {
            return None;
        }
        let place = match parameter["in"].as_str()? {
            "path" => ArgumentPlace::Path,
            "query" => ArgumentPlace::Query,
            _ if operation.cookies.iter().any(|cookie| cookie == name) => ArgumentPlace::Cookie,
            _ => ArgumentPlace::Header,
        };
        Some((place, name.to_owned(), parameter["required"] == true))
    })
}

/// The type with the paths that lead to the client's own types cut to `types::…`.
fn own(kind: &syn::Type) -> syn::Type {
    struct Cutter;
    impl VisitMut for Cutter {
        fn visit_path_mut(&mut self, path: &mut syn::Path) {
            syn::visit_mut::visit_path_mut(self, path);
            let mut segments = path.segments.iter();
            if let Some(last) = path.segments.last()
                && segments.any(|segment| segment.ident == "types")
            {
                *path = parse_quote!(types::#last);
            }
        }
    }
    let mut kind = kind.clone();
    Cutter.visit_type_mut(&mut kind);
    kind
}
