//! `check`: what has to hold before a commit.

use crate::workspace::{SERVICES, Service, Workspace, read, write_all};
use crate::{Failure, Outcome, lock, losses, operations, public_api, say};
use imperal_build_support::{Loss, Pipeline, by_rule, generate};
use std::path::Path;

pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let lock = lock::load(workspace)?;
    let mut problems = Vec::new();
    for service in SERVICES {
        say(format_args!("{}", service.name));
        let stored = lock::sha256(&read(&workspace.document(service))?);
        match lock.get(service.name) {
            Some(entry) if entry.sha256_stored == stored => {
                say(format_args!("  document: as in specs.lock ({}, {})", entry.origin, entry.date));
            }
            _ => problems.push(format!(
                "specs/{}.json differs from specs.lock: fetch it again, or run `cargo xtask lock` if it was edited on purpose",
                service.name
            )),
        }
        let pipeline = workspace.pipeline(service)?;
        for warning in &pipeline.warnings {
            say(format_args!("  overlay: {warning}"));
        }
        let (source, left_out) = source(&pipeline, service)?;
        if source != self::source(&pipeline, service)?.0 {
            problems.push(format!(
                "{}: generating twice gave two results",
                service.name
            ));
        }
        say(format_args!(
            "  client: {} lines, the same when generated twice",
            source.lines().count()
        ));
        report(pipeline.losses.iter().chain(&left_out).cloned().collect());
    }
    match std::fs::read_to_string(workspace.operations()) {
        Ok(committed) if committed == operations::list(workspace)? => {
            say("operations: as committed");
        }
        _ => problems.push(
            "tests/operations.tsv differs from the documents: look at the difference, then run \
             `cargo xtask operations --write`"
                .to_owned(),
        ),
    }
    match std::fs::read_to_string(workspace.losses()) {
        Ok(committed) if committed == losses::list(workspace)? => say("losses: as committed"),
        _ => problems.push(
            "tests/losses.tsv differs from what the clients leave out: look at the difference (`cargo xtask \
             losses`), then run `cargo xtask losses --write`"
                .to_owned(),
        ),
    }
    problems.extend(readme_problems(workspace)?);
    let differences = public_api::problems(workspace)?;
    if differences.is_empty() {
        say("public items: as committed");
    }
    problems.extend(differences);
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Failure::Other(problems.join("\nerror: ")))
    }
}

/// Numbers of operations in the README that are no longer so. Its code is compiled by the tests.
fn readme_problems(workspace: &Workspace) -> Result<Vec<String>, Failure> {
    let readme = String::from_utf8_lossy(&read(&workspace.readme())?).into_owned();
    let mut problems = Vec::new();
    for (service, title) in SERVICES.into_iter().zip(["Auth Gateway", "Registry"]) {
        let pipeline = workspace.pipeline(service)?;
        let (_, left_out) = source(&pipeline, service)?;
        let count = imperal_build_support::operations(&pipeline.lowered)?.len();
        let row = if left_out.is_empty() {
            format!("| {title} | all {count} operations |")
        } else {
            format!(
                "| {title} | {} of {count} operations |",
                count - left_out.len()
            )
        };
        if !readme.lines().any(|line| line == row) {
            problems.push(format!(
                "README.md has no line \"{row}\": bring its table in step"
            ));
        }
    }
    Ok(problems)
}

/// Says what the generated types do not: counted by rule, and each operation that is left out.
pub(crate) fn report(losses: Vec<Loss>) {
    for (rule, count) in by_rule(&losses) {
        say(format_args!(
            "  loss: {count} x {rule:?}: {}",
            rule.explanation()
        ));
    }
    for loss in losses
        .into_iter()
        .filter(|loss| loss.rule == imperal_build_support::Rule::Operation)
    {
        say(format_args!("  left out: {}: {}", loss.pointer, loss.what));
    }
}

fn source(pipeline: &Pipeline, service: Service) -> Result<(String, Vec<Loss>), Failure> {
    let generated = generate(&pipeline.lowered, &service.crate_name())?;
    Ok((generated.source, generated.losses))
}

/// Writes the sources of our clients to `out`.
pub(crate) fn write_sources(workspace: &Workspace, out: &Path) -> Outcome {
    std::fs::create_dir_all(out).map_err(|problem| Failure::File {
        path: out.to_owned(),
        problem,
    })?;
    let mut files = Vec::new();
    for service in SERVICES {
        let (source, _) = source(&workspace.pipeline(service)?, service)?;
        files.push((
            out.join(format!("{}.rs", service.crate_name())),
            source.into_bytes(),
        ));
    }
    write_all(&files)?;
    for (path, _) in &files {
        say(format_args!("wrote {}", path.display()));
    }
    Ok(())
}
