//! Lists that are generated and committed, so that a change of one is seen in review.

use crate::replace::write_all_and_say;
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
    write_all_and_say(&files)
}

/// A line of a list. What a document calls things may hold what would end a column or a line.
pub(crate) fn row<const COLUMNS: usize>(columns: [&str; COLUMNS]) -> String {
    let columns = columns.map(|column| column.replace(['\t', '\n', '\r'], " "));
    format!("{}\n", columns.join("\t"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_of_a_document_ends_a_column_or_a_line() {
        assert_eq!(
            row(["registry", "/a\tb", "c\r\nd"]),
            "registry\t/a b\tc  d\n"
        );
    }
}
