//! The committed list of what the generated types do not say: nothing more is lost unseen.

use crate::Outcome;
use crate::committed_list::{self, CommittedList};
use crate::workspace::{Service, Workspace};
use imperal_build_support::{Loss, generate_items};

const HEADER: &str = "# What the clients do not say of the documents. After a fetch: cargo xtask losses --write\n\
                      service\trule\tpointer\twhat\n";

pub(crate) fn run(workspace: &Workspace, write: bool) -> Outcome {
    let mut losses = Vec::new();
    for (service, pipeline) in workspace.pipelines()? {
        let items = generate_items(&pipeline.lowered, &service.crate_name())?;
        losses.push((service, [pipeline.losses, items.losses].concat()));
    }
    committed_list::show_or_write(vec![list(workspace, &losses)], write)
}

/// The list as it should be committed.
pub(crate) fn list(workspace: &Workspace, losses: &[(Service, Vec<Loss>)]) -> CommittedList {
    let mut text = HEADER.to_owned();
    for (service, losses) in losses {
        for loss in losses {
            let rule = format!("{:?}", loss.rule);
            let what = loss.what.replace(['\t', '\n', '\r'], " ");
            text.push_str(&[service.name, &rule, &loss.pointer, &what].join("\t"));
            text.push('\n');
        }
    }
    let path = workspace.losses();
    CommittedList { path, text }
}
