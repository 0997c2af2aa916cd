//! `losses`: the committed list of what the generated types do not say, so that nothing more is lost unseen.

use crate::committed_list::{self, CommittedList, row};
use crate::plain_text::one_line;
use crate::workspace::{Service, Workspace};
use crate::{Outcome, say};
use imperal_build_support::{Loss, Rule, by_rule, generate_items};

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
            text.push_str(&row([service.name, &rule, &loss.pointer, &loss.what]));
        }
    }
    let path = workspace.losses();
    CommittedList { path, text }
}

/// Says what the generated types do not: counted by rule, and each operation that is left out.
pub(crate) fn report(losses: &[Loss]) {
    for (rule, count) in by_rule(losses) {
        say(format_args!(
            "  loss: {count} x {rule:?}: {}",
            rule.explanation()
        ));
    }
    for loss in losses.iter().filter(|loss| loss.rule == Rule::Operation) {
        let left_out = format!("{}: {}", loss.pointer, loss.what);
        say(format_args!("  left out: {}", one_line(&left_out)));
    }
}
