//! The committed list of operations: none is lost or renamed unseen.

use crate::workspace::{SERVICES, Workspace, write_all};
use crate::{Failure, Outcome, say};
use imperal_build_support::{Document, operations, shape};
use std::collections::BTreeMap;

const HEADER: &str = "# Every operation of the documents. After a fetch: cargo xtask operations --write\n\
                      service\tmethod\tpath\toperationId\tname\n";

pub(crate) fn run(workspace: &Workspace, write: bool) -> Outcome {
    let list = list(workspace)?;
    if write {
        write_all(&[(workspace.operations(), list.into_bytes())])?;
        say(format_args!("wrote {}", workspace.operations().display()));
    } else {
        say(list.trim_end());
    }
    Ok(())
}

/// The list as it should be committed.
pub(crate) fn list(workspace: &Workspace) -> Result<String, Failure> {
    let mut text = HEADER.to_owned();
    for service in SERVICES {
        let published = Document::load(&workspace.document(service))?;
        let mut shaped = workspace.pipeline(service)?.overlaid;
        shape(&mut shaped)?;
        let names: BTreeMap<(String, String), String> = operations(&shaped)?
            .into_iter()
            .map(|operation| ((operation.path, operation.method), operation.id))
            .collect();
        for (path, item) in published.root()["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let Some(id) = operation["operationId"].as_str() else {
                    continue;
                };
                // Internal operations, which no client has, have no name.
                let name = names
                    .get(&(path.clone(), method.clone()))
                    .map_or("-", String::as_str);
                let method = method.to_uppercase();
                text.push_str(&[service.name, &method, path, id, name].join("\t"));
                text.push('\n');
            }
        }
    }
    Ok(text)
}
