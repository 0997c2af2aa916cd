//! `check`: what has to hold before a commit.

#[cfg(test)]
mod tests;

use crate::generate::source;
use crate::lock::Lock;
use crate::plain_text::one_line;
use crate::workspace::{Service, Workspace, read};
use crate::{Failure, Outcome, lock, losses, operations, public_api, say};
use imperal_build_support::{Document, Loss, Pipeline};

pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let problems = problems(workspace)?;
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Failure::Other(problems.join("\nerror: ")))
    }
}

/// What does not hold: a line each, with what to do about it.
fn problems(workspace: &Workspace) -> Result<Vec<String>, Failure> {
    let lock = lock::load(workspace)?;
    let readme = String::from_utf8_lossy(&read(&workspace.readme())?).into_owned();
    let pipelines = workspace.pipelines()?;
    let mut problems = Vec::new();
    let mut all_losses = Vec::new();
    for (service, pipeline) in &pipelines {
        say(format_args!("{}", service.name));
        problems.extend(document_problem(workspace, *service, &lock)?);
        for warning in &pipeline.warnings {
            say(format_args!("  overlay: {}", one_line(warning)));
        }
        let (client, left_out) = source(pipeline, *service)?;
        let lines = client.lines().count();
        let again = workspace.pipeline(*service)?;
        if is_same(pipeline, &again) && client == source(&again, *service)?.0 {
            say(format_args!(
                "  client: {lines} lines, the same when generated twice"
            ));
        } else {
            problems.push(format!(
                "{}: generating twice gave two results",
                service.name
            ));
        }
        let count = imperal_build_support::operations(&pipeline.lowered)?.len();
        problems.extend(readme_problem(&readme, *service, count, left_out.len()));
        let lost = [pipeline.losses.clone(), left_out].concat();
        losses::report(&lost);
        all_losses.push((*service, lost));
    }
    problems.extend(list_problems(workspace, &pipelines, &all_losses)?);
    Ok(problems)
}

/// Whether two runs of the passes came to the same, to the letter: the order of members is part of what is
/// generated, too.
fn is_same(first: &Pipeline, second: &Pipeline) -> bool {
    let text = |document: &Document| document.root().to_string();
    text(&first.overlaid) == text(&second.overlaid)
        && text(&first.lowered) == text(&second.lowered)
        && first.warnings == second.warnings
        && first.losses == second.losses
}

/// What is wrong with a document that is not the one that the lock speaks of.
fn document_problem(
    workspace: &Workspace,
    service: Service,
    lock: &Lock,
) -> Result<Option<String>, Failure> {
    let stored = lock::sha256(&read(&workspace.document(service))?);
    let entry = lock.get(service.name);
    if let Some(entry) = entry.filter(|entry| entry.sha256_stored == stored) {
        say(format_args!(
            "  document: as in specs.lock ({}, {})",
            entry.origin, entry.date
        ));
        return Ok(None);
    }
    Ok(Some(format!(
        "specs/{}.json differs from specs.lock: fetch it again, or run `cargo xtask lock` if it was edited on purpose",
        service.name
    )))
}

/// What is wrong with committed lists that differ from what is there.
fn list_problems(
    workspace: &Workspace,
    pipelines: &[(Service, Pipeline)],
    losses: &[(Service, Vec<Loss>)],
) -> Result<Vec<String>, Failure> {
    let mut problems = Vec::new();
    if operations::list(workspace, pipelines)?.is_as_committed() {
        say("operations: as committed");
    } else {
        problems.push(
            "tests/operations.tsv differs from the documents: look at the difference, then run \
             `cargo xtask operations --write`"
                .to_owned(),
        );
    }
    if losses::list(workspace, losses).is_as_committed() {
        say("losses: as committed");
    } else {
        problems.push(
            "tests/losses.tsv differs from what the clients leave out: look at the difference (`cargo xtask \
             losses`), then run `cargo xtask losses --write`"
                .to_owned(),
        );
    }
    let differences = public_api::problems(workspace)?;
    if differences.is_empty() {
        say("public items: as committed");
    }
    problems.extend(differences);
    Ok(problems)
}

/// What is wrong with the README where its number of operations is no longer true. Its code is run by the
/// tests.
fn readme_problem(readme: &str, service: Service, count: usize, left_out: usize) -> Option<String> {
    let title = service.title;
    let row = if left_out == 0 {
        format!("| {title} | all {count} operations |")
    } else {
        format!("| {title} | {} of {count} operations |", count - left_out)
    };
    let is_there = readme.lines().any(|line| line == row);
    (!is_there).then(|| format!("README.md has no line \"{row}\": bring its table in step"))
}
