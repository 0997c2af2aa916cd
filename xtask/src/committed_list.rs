//! Lists that are made from the documents and committed, so that a change of one is seen in review.

use crate::replace::write_all;
use crate::{Outcome, say};
use std::path::PathBuf;

/// A list, and where it is committed.
pub(crate) struct CommittedList {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

impl CommittedList {
    /// What is committed; nothing if there is none yet.
    pub(crate) fn committed(&self) -> String {
        std::fs::read_to_string(&self.path).unwrap_or_default()
    }

    pub(crate) fn is_as_committed(&self) -> bool {
        self.committed() == self.text
    }
}

/// Prints lists, or writes them where they are committed.
pub(crate) fn show_or_write(lists: Vec<CommittedList>, write: bool) -> Outcome {
    if !write {
        for list in lists {
            say(list.text.trim_end());
        }
        return Ok(());
    }
    let files = lists
        .into_iter()
        .map(|list| (list.path, list.text.into_bytes()));
    let files: Vec<(PathBuf, Vec<u8>)> = files.collect();
    write_all(&files)?;
    for (path, _) in &files {
        say(format_args!("wrote {}", path.display()));
    }
    Ok(())
}
