//! A small file that says how far a job has come. Whoever is killed while it is written leaves the old text or
//! the new one, never half of one.

use std::io::{self, ErrorKind, Write};
use std::path::Path;

/// The text at `path`; none if nothing has been kept there.
pub(crate) fn kept(path: &Path) -> io::Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(problem) if problem.kind() == ErrorKind::NotFound => Ok(None),
        // Taken for nothing, this would begin the whole job anew.
        Err(problem) => Err(problem),
    }
}

/// Puts `text` in place of what is at `path`.
pub(crate) fn keep(path: &Path, text: &str) -> io::Result<()> {
    // In the same folder: from another file system it could not be moved at one stroke.
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    // On the disk before it has its name: else a power cut could leave an empty file.
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
