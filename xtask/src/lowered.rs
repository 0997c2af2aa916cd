//! `lower`: a document as the generator sees it, or what that no longer says.

use crate::plain_text::one_line;
use crate::workspace::overlay_at;
use crate::{Failure, Outcome, say};
use imperal_build_support::{Document, Loss, Pipeline};
use std::path::PathBuf;

/// Which document to lower, and what to print of it.
#[derive(Debug, clap::Args)]
pub(crate) struct Order {
    /// The document
    pub(crate) document: PathBuf,
    /// An overlay to apply to the document
    #[arg(long)]
    pub(crate) overlay: Option<PathBuf>,
    /// Prints what the lowered document no longer says instead
    #[arg(long)]
    pub(crate) report: bool,
}

pub(crate) fn run(order: &Order) -> Outcome {
    let document = Document::load(&order.document)?;
    let overlay = overlay_at(order.overlay.as_deref())?;
    let pipeline = Pipeline::run(document, &overlay)?;
    for warning in &pipeline.warnings {
        eprintln!("{}", one_line(warning));
    }
    if order.report {
        for loss in &pipeline.losses {
            say(line(loss));
        }
        return Ok(());
    }
    let text = serde_json::to_string_pretty(pipeline.lowered.root());
    say(text.map_err(|error| Failure::Other(error.to_string()))?);
    Ok(())
}

/// A loss, on one line whatever the document calls its parts.
fn line(loss: &Loss) -> String {
    one_line(&format!("{}: {:?}: {}", loss.pointer, loss.rule, loss.what))
}

#[cfg(test)]
mod tests {
    use super::*;
    use imperal_build_support::Overlay;
    use serde_json::json;

    #[test]
    fn a_loss_is_one_line_whatever_a_property_is_called() {
        let schema = json!({
            "type": "object",
            "properties": {"a\u{1b}[2J\n": {"type": "string", "format": "date-time"}},
        });
        let root = json!({
            "openapi": "3.1.0",
            "info": {"title": "T", "version": "1"},
            "paths": {"/a": {"get": {
                "operationId": "a_get",
                "tags": ["things"],
                "responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}}}},
            }}},
        });
        let document = Document::from_json("test.json", root.to_string().as_bytes()).unwrap();
        let pipeline = Pipeline::run(document, &Overlay::empty()).unwrap();
        let lines: Vec<String> = pipeline.losses.iter().map(line).collect();
        let hostile = |line: &String| line.contains(char::is_control);
        assert!(!lines.iter().any(hostile), "{lines:?}");
        assert!(
            lines.iter().any(|line| line.contains("a\\u{1b}[2J\\u{a}")),
            "{lines:?}"
        );
    }
}
