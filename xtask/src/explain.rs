//! `explain`: where an item of a client comes from.

mod example;
#[cfg(test)]
mod tests;

use crate::plain_text::one_line;
use crate::route;
use crate::rust_items::text::{last, paths};
use crate::rust_items::{Kind, Surface};
use crate::workspace::{SERVICES, Service, Workspace};
use crate::{Failure, Outcome, say};
use imperal_build_support::{Document, Loss, Operation, Pipeline, generate_items, operations};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The type that a string of the format `password` becomes.
const SECRET: &str = "imperal_runtime::Secret";

/// A service with everything that its items come from.
struct Known {
    service: Service,
    published: Document,
    pipeline: Pipeline,
    operations: Vec<Operation>,
    surface: Surface,
    /// The source of the client.
    file: syn::File,
    /// The names of types, by the components that they are made from.
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
        for name in known.types() {
            if known.is_type_called(name, what) {
                found.push(known.type_named(workspace, name)?);
            }
            names.push(name.to_owned());
        }
    }
    if found.is_empty() {
        return Err(Failure::Other(unknown(what, &names)));
    }
    say(found.join("\n").trim_end());
    Ok(())
}

/// The message for a name that nothing has, with names that are like it.
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
            || route::of(operation) == what
            || self.published_id(operation) == Some(what)
    }

    /// The `operationId` in the published document.
    fn published_id(&self, operation: &Operation) -> Option<&str> {
        self.published.root()["paths"][&operation.path][&operation.method]["operationId"].as_str()
    }

    fn operation(&self, workspace: &Workspace, operation: &Operation) -> Result<String, Failure> {
        let route = route::of(operation);
        let pointer = route::place(&route);
        let mut text = format!(
            "{}: {} ({})\n",
            operation.id,
            one_line(&route),
            self.service.name
        );
        let _ = writeln!(text, "  {}", one_line(&operation.summary));
        self.origin(workspace, &pointer, &mut text)?;
        if let Some(id) = self.published_id(operation) {
            let _ = writeln!(
                text,
                "  shape: named after operationId {} and tag {}",
                one_line(id),
                one_line(&operation.tag)
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
            if let Some(example) = example::of_operation(&self.file, &operation.function, builder) {
                let _ = writeln!(text, "  example:\n{example}");
            }
        }
        Ok(text)
    }

    /// The names of all types.
    fn types(&self) -> impl Iterator<Item = &str> {
        let items = self.surface.items.iter();
        items.filter_map(|(path, item)| {
            let name = path.strip_prefix("types::")?;
            (item.kind.is_type() && !name.contains("::")).then_some(name)
        })
    }

    fn is_type_called(&self, name: &str, what: &str) -> bool {
        what.strip_prefix("types::").unwrap_or(what) == name
            || self.component_of(name) == Some(what)
    }

    /// The component that a type is made from; none, if its schema has no name in the document.
    fn component_of(&self, name: &str) -> Option<&str> {
        let mut components = self.components.iter();
        let found = components.find(|(_, of)| of.as_str() == name);
        found.map(|(component, _)| component.as_str())
    }

    fn type_named(&self, workspace: &Workspace, name: &str) -> Result<String, Failure> {
        let service = self.service.name;
        let path = format!("types::{name}");
        let mut text;
        if let Some(component) = self.component_of(name) {
            text = format!("{path}: schema {component} ({service})\n");
            self.part(workspace, &route::component_place(component), &mut text)?;
        } else {
            text = format!("{path}: a schema within another ({service})\n");
            let user = self.user_of(&path);
            if let Some((user, pointer)) = user {
                let _ = writeln!(text, "  named after its place, and used by {user}");
                self.part(workspace, &pointer, &mut text)?;
            }
        }
        text.push_str("  Rust:\n");
        self.items(&path, &mut text);
        if let Some(example) = example::of_type(&self.surface, name) {
            let _ = writeln!(text, "  example:\n{example}");
        }
        Ok(text)
    }

    /// The first item that is written with a type and comes from a part of the document that has a name; and
    /// where that part is.
    fn user_of(&self, path: &str) -> Option<(&str, String)> {
        let items = self.surface.items.iter();
        let users =
            items.filter(|(_, item)| paths(&item.kind.texts()).iter().any(|one| one == path));
        let mut places = users.filter_map(|(user, _)| {
            let root = self.surface.root(user);
            let component = root
                .strip_prefix("types::")
                .and_then(|name| self.component_of(name));
            let place = component.map(route::component_place);
            Some((
                user.as_str(),
                place.or_else(|| self.place_of_operation(root))?,
            ))
        });
        places.next()
    }

    /// Where the document describes the operation that an item stands for.
    fn place_of_operation(&self, item: &str) -> Option<String> {
        let mut operations = self.surface.operations.iter();
        let (_, entry) = operations.find(|(builder, entry)| {
            let others = [&entry.method, &entry.constant];
            *builder == item || others.into_iter().flatten().any(|other| other == item)
        })?;
        let mut operations = self.operations.iter().map(route::of);
        let route = operations.find(|route| Some(route::without_names(route)) == entry.route)?;
        Some(route::place(&route))
    }

    /// Where a part of the document comes from, and what becomes of it.
    fn part(&self, workspace: &Workspace, pointer: &str, text: &mut String) -> Result<(), Failure> {
        self.origin(workspace, pointer, text)?;
        self.lowered(pointer, text);
        Ok(())
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
        } else if self.pipeline.overlaid.root().pointer(pointer).is_some() {
            let _ = writeln!(
                text,
                "  document: not in specs/{name}.json; added by the overlay"
            );
        } else {
            let _ = writeln!(
                text,
                "  document: not in specs/{name}.json; shape: made for all operations"
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
        let below = format!("{pointer}/");
        let is_within = |loss: &&Loss| loss.pointer == pointer || loss.pointer.starts_with(&below);
        for loss in self.pipeline.losses.iter().filter(is_within) {
            let loss = format!("{} ({}, {:?})", loss.what, loss.pointer, loss.rule);
            let _ = writeln!(text, "  lower: not in the types: {}", one_line(&loss));
        }
    }

    /// An item with its parts.
    fn items(&self, path: &str, text: &mut String) {
        let own = self.surface.items.get_key_value(path);
        let own = own.map(|(path, item)| (path.as_str(), item));
        for (path, item) in own.into_iter().chain(self.surface.children(path)) {
            if matches!(item.kind, Kind::Impl(_)) {
                continue;
            }
            let _ = writeln!(text, "    {}", item.describe(path));
            if item.kind.texts().contains(SECRET) {
                let _ = writeln!(
                    text,
                    "      generate: {} has the format `password`, so it is a Secret, which nothing prints",
                    last(path)
                );
            }
        }
    }
}
