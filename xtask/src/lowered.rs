//! `lower`: a document as the generator sees it, or what that no longer says.

use crate::plain_text::one_line;
use crate::{Failure, Outcome, say};
use imperal_build_support::{Document, Overlay, Pipeline};
use std::path::Path;

pub(crate) fn run(document: &Path, overlay: Option<&Path>, report: bool) -> Outcome {
    let document = Document::load(document)?;
    let overlay = match overlay {
        Some(path) => Overlay::load(path)?,
        None => Overlay::empty(),
    };
    let pipeline = Pipeline::run(document, &overlay)?;
    for warning in &pipeline.warnings {
        eprintln!("{}", one_line(warning));
    }
    if report {
        for loss in &pipeline.losses {
            say(format_args!(
                "{}: {:?}: {}",
                loss.pointer, loss.rule, loss.what
            ));
        }
        return Ok(());
    }
    let text = serde_json::to_string_pretty(pipeline.lowered.root());
    say(text.map_err(|error| Failure::Other(error.to_string()))?);
    Ok(())
}
