//! The public items of a generated client: what code that uses it can name, and what of each item such
//! code depends on.
//!
//! Items go by their paths (`types::App::name`, `builder::AppsListApps::limit`), and what they are
//! made of is written with whole paths, so that two sources can be compared as texts and a program can
//! be made of one.

mod collect;
mod derives;
mod describe;
mod impls;
mod links;
mod names;
mod open_enum;
mod render;
mod required;
pub(crate) mod text;

use std::collections::{BTreeMap, BTreeSet};

/// The public items of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Surface {
    /// The items by their paths. An implementation goes by `impl Trait for Type`; a field that a method
    /// shares its name with by `Type::name (field)`.
    pub(crate) items: BTreeMap<String, Item>,
    /// The operations by the paths of their builders.
    pub(crate) operations: BTreeMap<String, Operation>,
}

/// One public item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    /// The item that it comes and goes with: a field's type, a builder's method.
    pub(crate) parent: Option<String>,
    pub(crate) kind: Kind,
}

/// What an item is, as far as other code depends on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Struct(Struct),
    Field(Field),
    Enum(Enum),
    Variant(Variant),
    Function(Function),
    Constant(Constant),
    Alias(String),
    Trait(String),
    Impl(Impl),
    /// What is re-exported, by its whole path.
    ReExport(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Struct {
    pub(crate) generics: Vec<String>,
    pub(crate) shape: Shape,
    /// Whether code elsewhere can write one as a literal, and so depends on there being no more fields.
    pub(crate) literal: bool,
}

/// How a struct or variant holds its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Named,
    Tuple,
    Unit,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) kind: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Enum {
    pub(crate) generics: Vec<String>,
    /// Whether code elsewhere may match on it without an arm for what is added later. A variant for what
    /// the document does not name makes no difference to the compiler.
    pub(crate) exhaustive: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variant {
    pub(crate) shape: Shape,
    /// Whether code elsewhere can write one as a literal.
    pub(crate) literal: bool,
}

/// A function or method. What its arguments are called makes no difference to a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) receiver: Option<String>,
    pub(crate) generics: Vec<String>,
    /// The bounds one by one, wherever they are written: whoever calls has to meet them all.
    pub(crate) bounds: BTreeSet<String>,
    pub(crate) arguments: Vec<String>,
    pub(crate) output: Option<String>,
    pub(crate) is_async: bool,
    /// Whether it gives a builder what there is nothing to send without.
    pub(crate) required: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Constant {
    pub(crate) kind: String,
    pub(crate) is_static: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Impl {
    /// The trait with its arguments, but for the lifetimes that any will do for.
    pub(crate) of: String,
    pub(crate) target: String,
    /// The generic parameters that the target names.
    pub(crate) generics: Vec<String>,
    pub(crate) associated: BTreeMap<String, String>,
    /// The feature without which there is none.
    pub(crate) feature: Option<String>,
}

/// The items that stand for one operation of the document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Operation {
    /// The handle's method: `handles::Apps::list_apps`.
    pub(crate) method: Option<String>,
    /// The entry in the table of operations: `operations::APPS_LIST_APPS`.
    pub(crate) constant: Option<String>,
    /// Method and path, without the names of what is put into the path: `GET /v1/apps/{}`.
    pub(crate) route: Option<String>,
}

impl Surface {
    /// The public items of a client's source.
    #[cfg(test)]
    pub(crate) fn read(source: &str) -> Result<Self, syn::Error> {
        Self::of(syn::parse_file(source)?)
    }

    /// The public items of a generated client.
    pub(crate) fn of(file: syn::File) -> Result<Self, syn::Error> {
        let mut file = file;
        open_enum::expand(&mut file.items)?;
        let required = required::take_out(&mut file.items);
        let names = names::Names::read(&file.items);
        let mut surface = Self {
            items: collect::items(&file.items, &names),
            operations: BTreeMap::new(),
        };
        impls::add(&mut surface.items, &file.items, &names);
        required.mark(&mut surface.items);
        links::tie(&mut surface, &file.items, &names);
        Ok(surface)
    }

    /// The item that `path` comes and goes with in the end: itself, if it stands alone.
    pub(crate) fn root<'a>(&'a self, path: &'a str) -> &'a str {
        let mut root = path;
        while let Some(parent) = self.items.get(root).and_then(|item| item.parent.as_deref()) {
            root = parent;
        }
        root
    }

    /// The fields of a struct or variant, in the order of their numbers or names.
    pub(crate) fn fields<'a>(&'a self, path: &'a str) -> Vec<&'a Field> {
        let mut fields: Vec<&Field> = self
            .children(path)
            .filter_map(|(_, item)| match &item.kind {
                Kind::Field(field) => Some(field),
                _ => None,
            })
            .collect();
        fields.sort_by_cached_key(|field| (field.name.parse::<usize>().ok(), field.name.clone()));
        fields
    }

    /// What is part of the item at `path`, by its own path.
    pub(crate) fn children(&self, path: &str) -> impl Iterator<Item = (&str, &Item)> {
        let prefix = format!("{path}::");
        self.items
            .range(prefix.clone()..)
            .take_while(move |(child, _)| child.starts_with(&prefix))
            .filter(move |(_, item)| item.parent.as_deref() == Some(path))
            .map(|(child, item)| (child.as_str(), item))
    }

    /// The same items where each path is another one that `renamed` has a new name for.
    pub(crate) fn renamed(&self, renamed: &BTreeMap<String, String>) -> Self {
        if renamed.is_empty() {
            return self.clone();
        }
        let name = |path: &String| text::renamed(path, renamed);
        let items = self.items.iter().map(|(path, item)| {
            let item = Item {
                parent: item.parent.as_ref().map(name),
                kind: item.kind.mapped(|text| text::renamed(text, renamed)),
            };
            (name(path), item)
        });
        let operations = self.operations.iter().map(|(builder, operation)| {
            let operation = Operation {
                method: operation.method.as_ref().map(name),
                constant: operation.constant.as_ref().map(name),
                route: operation.route.clone(),
            };
            (name(builder), operation)
        });
        Self {
            items: items.collect(),
            operations: operations.collect(),
        }
    }
}

impl Kind {
    /// What a person calls it.
    pub(crate) fn noun(&self) -> &'static str {
        match self {
            Self::Struct(_) => "struct",
            Self::Field(_) => "field",
            Self::Enum(_) => "enum",
            Self::Variant(_) => "variant",
            Self::Function(_) => "function",
            Self::Constant(_) => "constant",
            Self::Alias(_) => "alias",
            Self::Trait(_) => "trait",
            Self::Impl(_) => "implementation",
            Self::ReExport(_) => "re-export",
        }
    }

    /// Whether types are written with its name.
    pub(crate) fn is_type(&self) -> bool {
        matches!(self, Self::Struct(_) | Self::Enum(_) | Self::Alias(_))
    }

    /// The same with all texts of types changed.
    pub(crate) fn mapped(&self, change: impl Fn(&str) -> String) -> Self {
        let mut kind = self.clone();
        kind.each_text(&mut |text| *text = change(text));
        kind
    }

    /// All texts of types in one, to look for names in.
    pub(crate) fn texts(&self) -> String {
        let mut texts = String::new();
        self.clone().each_text(&mut |text| {
            texts.push_str(text);
            texts.push('\n');
        });
        texts
    }

    fn each_text(&mut self, visit: &mut impl FnMut(&mut String)) {
        match self {
            Self::Struct(_) | Self::Enum(_) | Self::Variant(_) => {}
            Self::Field(Field { kind, .. })
            | Self::Constant(Constant { kind, .. })
            | Self::Alias(kind)
            | Self::Trait(kind)
            | Self::ReExport(kind) => visit(kind),
            Self::Function(function) => {
                let places = function.receiver.iter_mut().chain(&mut function.arguments);
                places.chain(&mut function.output).for_each(&mut *visit);
                let bounds = std::mem::take(&mut function.bounds).into_iter();
                let visited = bounds.map(|mut bound| {
                    visit(&mut bound);
                    bound
                });
                function.bounds = visited.collect();
            }
            Self::Impl(found) => {
                visit(&mut found.of);
                visit(&mut found.target);
                found.associated.values_mut().for_each(visit);
            }
        }
    }
}
