//! The generated clients of two documents, and what is different between them.

use super::{Scope, Side, joined};
use crate::route;
use crate::rust_changes::{self, RustChange};
use crate::rust_items::{Surface, text};
use crate::rust_uses;
use imperal_build_support::{Operation, Pipeline, generate_items, operations};
use std::collections::BTreeMap;

/// What is different.
#[derive(Default)]
pub(super) struct Clients {
    pub(super) changes: Vec<ClientChange>,
    /// The methods and paths of operations by their builders, the old document's first.
    pub(super) routes: BTreeMap<String, String>,
    /// The components by the names of their types.
    pub(super) components: BTreeMap<String, String>,
    pub(super) behaviours: Vec<Behaviour>,
}

/// One different item, and where this workspace uses it.
pub(super) struct ClientChange {
    pub(super) change: RustChange,
    pub(super) used_at: Vec<String>,
}

/// Something that an operation does in another way, which no schema says.
pub(super) struct Behaviour {
    pub(super) operation: String,
    pub(super) rule: &'static str,
    pub(super) message: String,
}

/// One client.
struct Client {
    surface: Surface,
    operations: Vec<Operation>,
    components: BTreeMap<String, String>,
}

/// Generates both clients and compares them. The error says why there is none.
pub(super) fn compare(old: &Side, new: &Side, scope: Scope<'_>) -> Result<Clients, String> {
    if old.has_the_client_of(new) {
        return Ok(Clients::default());
    }
    let (old, new) = std::thread::scope(|threads| {
        let old = threads.spawn(|| Client::of(old, scope.crate_name));
        let new = Client::of(new, scope.crate_name);
        (joined(old), new)
    });
    let (old, new) = (old?, new?);
    let changes = rust_changes::compare(&old.surface, &new.surface);
    let uses = rust_uses::find(scope.root, &changes);
    let changes = changes.into_iter().zip(uses);
    let mut routes = BTreeMap::new();
    let mut components = BTreeMap::new();
    for client in [&new, &old] {
        routes.extend(client.routes());
        let types = client.components.iter();
        components.extend(types.map(|(component, name)| (name.clone(), component.clone())));
    }
    Ok(Clients {
        changes: changes
            .map(|(change, used_at)| ClientChange { change, used_at })
            .collect(),
        routes,
        components,
        behaviours: behaviours(&old.operations, &new.operations),
    })
}

impl Client {
    fn of(side: &Side, crate_name: &str) -> Result<Self, String> {
        let document = side.document()?;
        let told = |error: &dyn std::fmt::Display| format!("{}: {error}", document.name());
        let pipeline =
            Pipeline::run(document.clone(), &side.overlay).map_err(|error| told(&error))?;
        let generated =
            generate_items(&pipeline.lowered, crate_name).map_err(|error| told(&error))?;
        Ok(Self {
            surface: Surface::of(generated.file).map_err(|error| told(&error))?,
            operations: operations(&pipeline.lowered).map_err(|error| told(&error))?,
            components: generated.components,
        })
    }

    /// The routes of operations by the names of their builders.
    fn routes(&self) -> impl Iterator<Item = (String, String)> + '_ {
        let operations = self.surface.operations.iter();
        operations.filter_map(|(builder, operation)| {
            Some((text::last(builder).to_owned(), operation.route.clone()?))
        })
    }
}

/// Something that an operation does and no schema says: the rule for a change of it, what a person calls it, and
/// what an operation does.
type Aspect = (&'static str, &'static str, fn(&Operation) -> String);

const ASPECTS: [Aspect; 2] = [
    ("pagination-changed", "pagination", pagination),
    ("idempotency-changed", "may be sent twice", idempotency),
];

/// What operations that both documents have do in another way.
fn behaviours(old: &[Operation], new: &[Operation]) -> Vec<Behaviour> {
    let by_route = |operation: &Operation| route::without_names(&route::of(operation));
    let old: BTreeMap<String, &Operation> = old
        .iter()
        .map(|operation| (by_route(operation), operation))
        .collect();
    let mut behaviours = Vec::new();
    for after in new {
        let Some(before) = old.get(&by_route(after)) else {
            continue;
        };
        for (rule, what, told) in ASPECTS {
            let (was, is) = (told(before), told(after));
            if was != is {
                behaviours.push(Behaviour {
                    operation: route::of(after),
                    rule,
                    message: format!("{what}: {was} -> {is}"),
                });
            }
        }
    }
    behaviours
}

fn pagination(operation: &Operation) -> String {
    let pagination = operation.pagination.as_ref();
    pagination.map_or_else(|| "none".to_owned(), ToString::to_string)
}

fn idempotency(operation: &Operation) -> String {
    let text = match operation.idempotent {
        Some(true) => "yes",
        Some(false) => "no",
        None => "as its method says",
    };
    text.to_owned()
}
