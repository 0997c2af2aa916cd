//! `operations`: the committed list of operations, so that none is lost or renamed unseen.

use crate::committed_list::{self, CommittedList, row};
use crate::workspace::{Service, Workspace};
use crate::{Failure, Outcome};
use imperal_build_support::{Document, Pipeline, operations, shape};
use std::collections::BTreeMap;

const HEADER: &str = "# Every operation of the documents. After a fetch: cargo xtask operations --write\n\
                      service\tmethod\tpath\toperationId\tname\n";

pub(crate) fn run(workspace: &Workspace, write: bool) -> Outcome {
    let pipelines = workspace.pipelines()?;
    committed_list::show_or_write(vec![list(workspace, &pipelines)?], write)
}

/// The list as it should be committed.
pub(crate) fn list(
    workspace: &Workspace,
    pipelines: &[(Service, Pipeline)],
) -> Result<CommittedList, Failure> {
    let mut text = HEADER.to_owned();
    for (service, pipeline) in pipelines {
        let published = Document::load(&workspace.document(*service))?;
        let mut shaped = pipeline.overlaid.clone();
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
                text.push_str(&row([service.name, &method, path, id, name]));
            }
        }
    }
    let path = workspace.operations();
    Ok(CommittedList { path, text })
}
