//! Replaces files together: all of them, or none.

use crate::{Failure, Outcome, say};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{Error, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use tempfile::{Builder, NamedTempFile};

/// A file that waits beside its place, whole and on the disk.
struct Staged {
    place: PathBuf,
    new: NamedTempFile,
    /// A copy of what is in the place now, likewise beside it; none, where there is nothing.
    old: Option<NamedTempFile>,
}

/// Replaces files together, in folders that are made where there are none.
///
/// Everything is written beside its place first, a copy of the old as well, so that what can fail has failed
/// before the first file is moved. Should a move fail all the same, those before it are taken back.
pub(crate) fn write_all(files: &[(PathBuf, Vec<u8>)]) -> Result<(), Failure> {
    let staged = files.iter().map(|(place, bytes)| {
        let staged = Staged::beside(place, bytes);
        staged.map_err(Failure::at(place))
    });
    replace(staged.collect::<Result<_, _>>()?)
}

/// Replaces files together, and says which.
pub(crate) fn write_all_and_say(files: &[(PathBuf, Vec<u8>)]) -> Outcome {
    write_all(files)?;
    for (path, _) in files {
        say(format_args!("wrote {}", path.display()));
    }
    Ok(())
}

impl Staged {
    fn beside(place: &Path, bytes: &[u8]) -> Result<Self, Error> {
        let folder = match place.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        std::fs::create_dir_all(folder)?;
        let old = match std::fs::read(place) {
            Ok(bytes) => Some(written(folder, &bytes)?),
            Err(problem) if problem.kind() == ErrorKind::NotFound => None,
            Err(problem) => return Err(problem),
        };
        Ok(Self {
            place: place.to_owned(),
            new: written(folder, bytes)?,
            old,
        })
    }
}

/// A file under a name that nobody else uses, which is removed when it is dropped. Others may read it, as they
/// may read the file whose place it takes.
fn written(folder: &Path, bytes: &[u8]) -> Result<NamedTempFile, Error> {
    let mut file = Builder::new()
        .prefix(".")
        .suffix(".tmp")
        .make_in(folder, |path| File::create_new(path))?;
    file.write_all(bytes)?;
    // What is moved before it is on the disk may be empty after a loss of power.
    file.as_file().sync_all()?;
    Ok(file)
}

/// Moves each file to its place.
fn replace(staged: Vec<Staged>) -> Result<(), Failure> {
    let mut replaced = Vec::new();
    for Staged { place, new, old } in staged {
        if let Err(error) = new.persist(&place) {
            let mut problem = format!("{}: {}", place.display(), error.error);
            take_back(replaced, &mut problem);
            return Err(Failure::Other(problem));
        }
        replaced.push((place, old));
    }
    Ok(())
}

/// Puts back what was there. What cannot be put back is kept, and `problem` says where: it is nowhere else.
fn take_back(replaced: Vec<(PathBuf, Option<NamedTempFile>)>, problem: &mut String) {
    for (place, old) in replaced {
        let Some(old) = old else {
            if let Err(error) = std::fs::remove_file(&place) {
                let _ = write!(
                    problem,
                    "; {} is new and could not be removed again: {error}",
                    place.display()
                );
            }
            continue;
        };
        if let Err(error) = old.persist(&place) {
            let _ = write!(
                problem,
                "; {} is replaced, and the old one could not be put back: {}",
                place.display(),
                error.error
            );
            if let Ok((_, path)) = error.file.keep() {
                let _ = write!(problem, " (it is in {})", path.display());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    fn text(path: &Path) -> String {
        std::fs::read_to_string(path).unwrap()
    }

    #[test]
    fn files_are_replaced_or_made_with_their_folders_and_nothing_is_left_beside() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("a.json"), "old").unwrap();
        let files = ["a.json", "a.toml", "b/c.json"].map(|name| (at(name), b"new".to_vec()));
        write_all(&files).unwrap();
        for (path, _) in &files {
            assert_eq!(text(path), "new");
        }
        assert_eq!(names(folder.path()), ["a.json", "a.toml", "b"]);
        assert_eq!(names(&at("b")), ["c.json"]);
    }

    #[test]
    fn a_file_that_cannot_be_written_leaves_the_others_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("a.json"), "old").unwrap();
        std::fs::create_dir(at("c.json")).unwrap();
        let files = ["a.json", "b.json", "c.json"].map(|name| (at(name), b"new".to_vec()));
        let error = write_all(&files).unwrap_err().to_string();
        assert!(error.contains("c.json"), "{error}");
        assert_eq!(text(&at("a.json")), "old");
        assert_eq!(names(folder.path()), ["a.json", "c.json"]);
    }

    #[test]
    fn two_who_write_the_same_file_do_not_meet_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("a.json");
        let first = Staged::beside(&place, b"first").unwrap();
        let second = Staged::beside(&place, b"second").unwrap();
        replace(vec![first]).unwrap();
        replace(vec![second]).unwrap();
        assert_eq!(text(&place), "second");
        assert_eq!(names(folder.path()), ["a.json"]);
    }

    /// Three staged files, of which the last cannot be moved.
    fn staged(folder: &Path) -> Vec<Staged> {
        std::fs::write(folder.join("a.json"), "old").unwrap();
        let names = ["a.json", "b.json", "c.json"].iter();
        let staged = names.map(|name| Staged::beside(&folder.join(name), b"new").unwrap());
        let staged: Vec<Staged> = staged.collect();
        std::fs::remove_file(staged[2].new.path()).unwrap();
        staged
    }

    #[test]
    fn a_move_that_fails_takes_the_others_back() {
        let folder = tempfile::tempdir().unwrap();
        let error = replace(staged(folder.path())).unwrap_err().to_string();
        assert!(error.contains("c.json"), "{error}");
        assert_eq!(text(&folder.path().join("a.json")), "old");
        assert_eq!(names(folder.path()), ["a.json"]);
    }

    #[test]
    fn what_cannot_be_taken_back_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let staged = staged(folder.path());
        let old = staged[0].old.as_ref().unwrap();
        std::fs::remove_file(old.path()).unwrap();
        let error = replace(staged).unwrap_err().to_string();
        assert!(error.contains("c.json"), "{error}");
        assert!(error.contains("could not be put back"), "{error}");
    }
}
