//! The committed list of what the generated types do not say: nothing more is lost unseen.

use crate::workspace::{SERVICES, Workspace, write_all};
use crate::{Failure, Outcome, say};
use imperal_build_support::generate;

const HEADER: &str = "# What the clients do not say of the documents. After a fetch: cargo xtask losses --write\n\
                      service\trule\tpointer\twhat\n";

pub(crate) fn run(workspace: &Workspace, write: bool) -> Outcome {
    let list = list(workspace)?;
    if write {
        write_all(&[(workspace.losses(), list.into_bytes())])?;
        say(format_args!("wrote {}", workspace.losses().display()));
    } else {
        say(list.trim_end());
    }
    Ok(())
}

/// The list as it should be committed.
pub(crate) fn list(workspace: &Workspace) -> Result<String, Failure> {
    let mut text = HEADER.to_owned();
    for service in SERVICES {
        let pipeline = workspace.pipeline(service)?;
        let generated = generate(&pipeline.lowered, &service.crate_name())?;
        for loss in pipeline.losses.iter().chain(&generated.losses) {
            let rule = format!("{:?}", loss.rule);
            let what = loss.what.replace(['\t', '\n', '\r'], " ");
            text.push_str(&[service.name, &rule, &loss.pointer, &what].join("\t"));
            text.push('\n');
        }
    }
    Ok(text)
}
