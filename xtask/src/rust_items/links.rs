//! Which items stand for one operation, and which for one type of the document.

use super::names::{Names, join};
use super::render::Renderer;
use super::{Item, Kind, Operation, Surface, text};
use crate::route;
use std::collections::BTreeMap;
use syn::visit::Visit;
use syn::{Expr, ExprLit, ImplItem, Lit};

/// Finds the operations among the items, and ties what was made of one part of the document together.
pub(super) fn tie(surface: &mut Surface, found: &[syn::Item], names: &Names) {
    let mut source = Source {
        names,
        entries: BTreeMap::new(),
        routes: BTreeMap::new(),
    };
    source.read("", found);
    surface.operations = operations(&surface.items, &source);
    for (builder, operation) in surface.operations.clone() {
        // An operation stands for itself, not for its handle.
        if let Some(method) = &operation.method {
            set_parent(surface, method, None);
            set_parent(surface, &builder, Some(method));
        }
        if let Some(constant) = &operation.constant {
            let parent = operation.method.as_ref().unwrap_or(&builder);
            set_parent(surface, constant, Some(parent));
        }
    }
    for (path, parent) in accessors_and_builders(&surface.items) {
        set_parent(surface, &path, Some(&parent));
    }
}

fn set_parent(surface: &mut Surface, path: &str, parent: Option<&String>) {
    if let Some(item) = surface.items.get_mut(path) {
        item.parent = parent.cloned();
    }
}

fn operations(items: &BTreeMap<String, Item>, source: &Source<'_>) -> BTreeMap<String, Operation> {
    let mut operations = BTreeMap::new();
    for (builder, constant) in &source.entries {
        let operation = Operation {
            method: None,
            constant: items.contains_key(constant).then(|| constant.clone()),
            route: source.routes.get(constant).cloned(),
        };
        if items.contains_key(builder) {
            operations.insert(builder.clone(), operation);
        }
    }
    for (path, item) in items {
        if path.starts_with("handles::")
            && let Some(builder) = returned(item)
            && let Some(operation) = operations.get_mut(builder)
        {
            operation.method = Some(path.clone());
        }
    }
    operations
}

/// The methods of the client that return a handle, with the handle; the builders of types, with the type.
fn accessors_and_builders(items: &BTreeMap<String, Item>) -> Vec<(String, String)> {
    let mut tied = Vec::new();
    for (path, item) in items {
        if path.starts_with("Client::")
            && let Some(handle) = returned(item)
            && handle.starts_with("handles::")
        {
            tied.push((path.clone(), handle.to_owned()));
        }
        if item.parent.is_none()
            && let Some(name) = path.strip_prefix("types::builder::")
        {
            let own = join("types", name);
            if items.contains_key(&own) {
                tied.push((path.clone(), own));
            }
        }
    }
    tied
}

/// The path of the type that a function returns.
fn returned(item: &Item) -> Option<&str> {
    match &item.kind {
        Kind::Function(function) => function.output.as_deref().map(text::base),
        _ => None,
    }
}

/// What the bodies of a source say about its operations.
struct Source<'a> {
    names: &'a Names,
    /// The entry in the table that each builder sends with.
    entries: BTreeMap<String, String>,
    routes: BTreeMap<String, String>,
}

impl Source<'_> {
    fn read(&mut self, module: &str, found: &[syn::Item]) {
        for item in found {
            match item {
                syn::Item::Mod(item) => {
                    if let Some((_, found)) = &item.content {
                        self.read(&join(module, &item.ident.to_string()), found);
                    }
                }
                syn::Item::Static(item) => {
                    let mut route = Route(None);
                    route.visit_expr(&item.expr);
                    if let Some(route) = route.0 {
                        let path = join(module, &item.ident.to_string());
                        self.routes.insert(path, route);
                    }
                }
                syn::Item::Impl(item) if item.trait_.is_none() => {
                    let renderer = Renderer::new(self.names, module);
                    let target = renderer.kind(&item.self_ty);
                    for item in &item.items {
                        if let ImplItem::Fn(function) = item
                            && function.sig.ident == "send"
                        {
                            let mut entry = Entry(None);
                            entry.visit_block(&function.block);
                            if let Some(path) = entry.0 {
                                let path = self.names.resolve(module, false, &path);
                                self.entries.insert(text::base(&target).to_owned(), path);
                            }
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

/// The path `…::operations::NAME` in a body.
struct Entry(Option<Vec<String>>);

impl<'a> Visit<'a> for Entry {
    fn visit_path(&mut self, path: &'a syn::Path) {
        let parts = path.segments.iter();
        let parts: Vec<String> = parts.map(|part| part.ident.to_string()).collect();
        if let [.., module, _] = parts.as_slice()
            && module == "operations"
        {
            self.0 = Some(parts);
        }
    }
}

/// Method and path in `Operation::new(id, Method::GET, path)`. What the path calls its parameters is
/// left out: it can change while the operation stays what it is.
struct Route(Option<String>);

impl<'a> Visit<'a> for Route {
    fn visit_expr_call(&mut self, call: &'a syn::ExprCall) {
        if call.args.len() == 3
            && let Expr::Path(method) = &call.args[1]
            && let Some(method) = method.path.segments.last()
            && let Expr::Lit(ExprLit {
                lit: Lit::Str(path),
                ..
            }) = &call.args[2]
        {
            let route = format!("{} {}", method.ident, path.value());
            self.0 = Some(route::without_names(&route));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn an_operation_is_its_method_its_builder_and_its_entry() {
        let source = r#"
            pub struct Client;
            impl Client { pub fn apps(&self) -> handles::Apps<'_> {} }
            pub mod types { pub struct App; pub mod builder { pub struct App; } }
            pub mod builder {
                pub struct AppsGetApp<'a> { client: &'a super::Client }
                impl<'a> AppsGetApp<'a> { pub fn app_id<V>(self, value: V) -> Self {} }
                mod send {
                    use super::*;
                    impl<'a> AppsGetApp<'a> {
                        pub async fn send(self) { call(&super::super::operations::APPS_GET_APP).await }
                    }
                }
            }
            pub mod handles {
                pub struct Apps<'a> { pub(super) client: &'a super::Client }
                impl<'a> Apps<'a> { pub fn get_app(&self) -> super::builder::AppsGetApp<'a> {} }
            }
            pub mod operations {
                use ::imperal_runtime::{Method, Operation};
                pub static APPS_GET_APP: Operation =
                    Operation::new("apps_get_app", Method::GET, "/v1/apps/{app_id}/x").greedy();
            }
        "#;
        let surface = Surface::read(source).unwrap();
        let operation = &surface.operations["builder::AppsGetApp"];
        assert_eq!(operation.route.as_deref(), Some("GET /v1/apps/{}/x"));
        for (path, root) in [
            ("builder::AppsGetApp::app_id", "handles::Apps::get_app"),
            ("builder::AppsGetApp::send", "handles::Apps::get_app"),
            ("operations::APPS_GET_APP", "handles::Apps::get_app"),
            ("Client::apps", "handles::Apps"),
            ("types::builder::App", "types::App"),
        ] {
            assert!(surface.items.contains_key(path), "{path}");
            assert_eq!(surface.root(path), root, "{path}");
        }
    }
}
