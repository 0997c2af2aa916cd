//! `explain`: where an item of a client comes from.

use crate::route;
use crate::rust_items::{Kind, Surface};
use crate::workspace::{SERVICES, Service, Workspace};
use crate::{Failure, Outcome, say};
use imperal_build_support::{Document, Loss, Operation, Pipeline, generate_items, operations};
use std::collections::BTreeMap;
use std::fmt::Write;

/// A service with everything that its items come from.
struct Known {
    service: Service,
    published: Document,
    pipeline: Pipeline,
    operations: Vec<Operation>,
    surface: Surface,
    file: syn::File,
    components: BTreeMap<String, String>,
}

/// Explains an operation (by its name, its `operationId`, or as `GET /v1/apps`) or a type (by its name in
/// Rust or in the document).
pub(crate) fn run(workspace: &Workspace, what: &str) -> Outcome {
    let mut found = Vec::new();
    let mut names = Vec::new();
    for service in SERVICES {
        let known = Known::of(workspace, service)?;
        for operation in &known.operations {
            if known.is_called(operation, what) {
                found.push(known.operation(workspace, operation)?);
            }
            names.push(operation.id.clone());
        }
        for (component, name) in &known.components {
            if name == what || component == what {
                found.push(known.component(workspace, component, name)?);
            }
            names.push(name.clone());
        }
    }
    if found.is_empty() {
        return Err(Failure::Other(unknown(what, &names)));
    }
    say(found.join("\n").trim_end());
    Ok(())
}

/// The message for a name that nothing has, with those that are like it.
fn unknown(what: &str, names: &[String]) -> String {
    let wanted = what.to_lowercase();
    let mut like: Vec<&str> = names.iter().map(String::as_str).collect();
    like.retain(|name| name.to_lowercase().contains(&wanted));
    like.sort_unstable();
    like.dedup();
    let hint = if like.is_empty() {
        "`cargo xtask operations` lists all operations".to_owned()
    } else {
        format!(
            "there are {}",
            like.into_iter().take(12).collect::<Vec<_>>().join(", ")
        )
    };
    format!("no operation and no type is called {what}: {hint}")
}

impl Known {
    fn of(workspace: &Workspace, service: Service) -> Result<Self, Failure> {
        let published = Document::load(&workspace.document(service))?;
        let pipeline = workspace.pipeline(service)?;
        let items = generate_items(&pipeline.lowered, &service.crate_name())?;
        let surface = Surface::of(items.file.clone())
            .map_err(|error| Failure::Other(format!("{}: {error}", service.name)))?;
        Ok(Self {
            service,
            published,
            operations: operations(&pipeline.lowered)?,
            pipeline,
            surface,
            file: items.file,
            components: items.components,
        })
    }

    fn is_called(&self, operation: &Operation, what: &str) -> bool {
        operation.id == what
            || operation.function == what
            || route_of(operation) == what
            || self.published_id(operation) == Some(what)
    }

    fn published_id(&self, operation: &Operation) -> Option<&str> {
        self.published.root()["paths"][&operation.path][&operation.method]["operationId"].as_str()
    }

    fn operation(&self, workspace: &Workspace, operation: &Operation) -> Result<String, Failure> {
        let route = route_of(operation);
        let pointer = route::place(&route);
        let mut text = format!("{}: {route} ({})\n", operation.id, self.service.name);
        let _ = writeln!(text, "  {}", operation.summary);
        self.origin(workspace, &pointer, &mut text)?;
        if let Some(id) = self.published_id(operation) {
            let _ = writeln!(
                text,
                "  shape: named after operationId {id} and tag {}",
                operation.tag
            );
        }
        let alternatives = operation.security.iter().map(|all| match all.as_slice() {
            [] => "none".to_owned(),
            all => all.join(" and "),
        });
        let credentials: Vec<String> = alternatives.collect();
        if !credentials.is_empty() {
            let _ = writeln!(text, "  shape: credential: {}", credentials.join(", or "));
        }
        if let Some(pagination) = &operation.pagination {
            let _ = writeln!(text, "  shape: paged {pagination}");
        }
        self.lowered(&pointer, &mut text);
        let route = route::without_names(&route);
        let entry = self
            .surface
            .operations
            .iter()
            .find(|(_, entry)| entry.route.as_ref() == Some(&route));
        if let Some((builder, entry)) = entry {
            text.push_str("  Rust:\n");
            let method = entry.method.as_deref().unwrap_or_default();
            for path in [method, builder.as_str()] {
                self.items(path, &mut text);
            }
            if let Some(example) = self.example(&operation.function, builder) {
                let _ = writeln!(text, "  example:\n{example}");
            }
        }
        Ok(text)
    }

    fn component(
        &self,
        workspace: &Workspace,
        component: &str,
        name: &str,
    ) -> Result<String, Failure> {
        let pointer = route::component_place(component);
        let mut text = format!(
            "types::{name}: schema {component} ({})\n",
            self.service.name
        );
        self.origin(workspace, &pointer, &mut text)?;
        self.lowered(&pointer, &mut text);
        text.push_str("  Rust:\n");
        self.items(&format!("types::{name}"), &mut text);
        Ok(text)
    }

    /// The part of the published document, and what the overlay makes of it.
    fn origin(
        &self,
        workspace: &Workspace,
        pointer: &str,
        text: &mut String,
    ) -> Result<(), Failure> {
        let name = self.service.name;
        if self.published.root().pointer(pointer).is_some() {
            let _ = writeln!(text, "  document: specs/{name}.json#{pointer}");
        } else {
            let _ = writeln!(
                text,
                "  document: not in specs/{name}.json; added by the overlay"
            );
        }
        let overlay = workspace.overlay(self.service)?;
        let targets = overlay.changing(&self.published, pointer)?;
        for target in targets {
            let _ = writeln!(text, "  overlay: specs/overlays/{name}.json, {target}");
        }
        Ok(())
    }

    /// What becomes of a part on the way down to the document that the generator reads.
    fn lowered(&self, pointer: &str, text: &mut String) {
        let overlaid = self.pipeline.overlaid.root().pointer(pointer);
        if self.pipeline.lowered.root().pointer(pointer) != overlaid {
            text.push_str("  lower: written in the words of OpenAPI 3.0\n");
        }
        let below = |loss: &&Loss| {
            loss.pointer == pointer || loss.pointer.starts_with(&format!("{pointer}/"))
        };
        for loss in self.pipeline.losses.iter().filter(below) {
            let _ = writeln!(
                text,
                "  lower: not in the types: {} ({}, {:?})",
                loss.what, loss.pointer, loss.rule
            );
        }
    }

    /// An item with its parts.
    fn items(&self, path: &str, text: &mut String) {
        if let Some(item) = self.surface.items.get(path) {
            let _ = writeln!(text, "    {}", item.describe(path));
        }
        for (child, item) in self.surface.children(path) {
            if !matches!(item.kind, Kind::Impl(_)) {
                let _ = writeln!(text, "    {}", item.describe(child));
            }
        }
    }

    /// The example in the documentation of the handle's method.
    fn example(&self, function: &str, builder: &str) -> Option<String> {
        let handles = self.file.items.iter().find_map(|item| match item {
            syn::Item::Mod(module) if module.ident == "handles" => module.content.as_ref(),
            _ => None,
        });
        let builder = builder.rsplit("::").next()?;
        let methods = handles?.1.iter().filter_map(|item| match item {
            syn::Item::Impl(item) => Some(&item.items),
            _ => None,
        });
        let method = methods.flatten().find_map(|item| match item {
            syn::ImplItem::Fn(method) if method.sig.ident == function => {
                let output = quote::quote!(#method).to_string();
                output.contains(&format!("{builder} ")).then_some(method)
            }
            _ => None,
        });
        let documentation = method?.attrs.iter().filter_map(|attribute| {
            let syn::Meta::NameValue(pair) = &attribute.meta else {
                return None;
            };
            match &pair.value {
                syn::Expr::Lit(syn::ExprLit {
                    lit: syn::Lit::Str(text),
                    ..
                }) => Some(text.value()),
                _ => None,
            }
        });
        let documentation: Vec<String> = documentation.collect();
        let documentation = documentation.join("\n");
        let block = documentation.split("```").nth(1)?;
        let lines = block
            .lines()
            .skip(1)
            .filter(|line| !line.trim_start().starts_with("# "));
        Some(
            lines
                .map(|line| format!("    {line}"))
                .collect::<Vec<_>>()
                .join("\n"),
        )
    }
}

fn route_of(operation: &Operation) -> String {
    format!("{} {}", operation.method.to_uppercase(), operation.path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_and_types_are_explained_from_the_document_to_rust() {
        let workspace = Workspace::here();
        let known = Known::of(&workspace, SERVICES[1]).unwrap();
        let operation = known
            .operations
            .iter()
            .find(|one| known.is_called(one, "GET /v1/apps"))
            .unwrap();
        let text = known.operation(&workspace, operation).unwrap();
        for part in [
            "apps_list_apps: GET /v1/apps (registry)",
            "document: specs/registry.json#/paths/~1v1~1apps/get",
            "credential: registryKey",
            "fn handles::Apps::list_apps",
            "fn builder::AppsListApps::owner_id",
            ".list_apps()",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
        let (component, name) = known
            .components
            .iter()
            .find(|(_, name)| *name == "AppCreate")
            .unwrap();
        let text = known.component(&workspace, component, name).unwrap();
        assert!(text.contains("field types::AppCreate::"), "{text}");
    }

    #[test]
    fn a_name_that_nothing_has_is_told_with_those_that_are_like_it() {
        let names = ["apps_list_apps".to_owned(), "App".to_owned()];
        assert!(unknown("list", &names).contains("there are apps_list_apps"));
        assert!(unknown("nothing", &names).contains("cargo xtask operations"));
    }
}
