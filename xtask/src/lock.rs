//! `specs/specs.lock`: where each document came from, and its hashes.
//!
//! Without it, nobody could say whether a document in `specs/` is what the service published, and every
//! fetch would have to bring everything again.

use crate::download::Validators;
use crate::replace::write_all;
use crate::workspace::{SERVICES, Workspace, read};
use crate::{Failure, Outcome, say};
use imperal_build_support::Document;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The origin of a document that nobody has fetched yet.
pub(crate) const WRITTEN: &str = "written from field tables";

/// What is added to the origin of a fetched document that was edited since.
const EDITED: &str = ", edited by hand";

const HEADER: &str =
    "# Where each document came from. Written by `cargo xtask fetch` and `cargo xtask lock`.\n\n";

/// All entries, by the name of the service.
pub(crate) type Lock = BTreeMap<String, Entry>;

/// One document.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Entry {
    /// A URL or file, or [`WRITTEN`].
    pub(crate) origin: String,
    /// The ETag it was served with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) etag: Option<String>,
    /// The time of its last change, as the server wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_modified: Option<String>,
    /// The hash of the bytes as they were served.
    pub(crate) sha256_served: String,
    /// The hash of the bytes in `specs/`.
    pub(crate) sha256_stored: String,
    /// The document's own version.
    pub(crate) version: String,
    /// The day it was brought here, as year, month and day.
    pub(crate) date: String,
}

impl Entry {
    /// What the server can tell by whether the document has changed since.
    pub(crate) fn validators(&self) -> Validators {
        Validators {
            etag: self.etag.clone(),
            last_modified: self.last_modified.clone(),
        }
    }
}

pub(crate) fn load(workspace: &Workspace) -> Result<Lock, Failure> {
    let path = workspace.lock();
    let text = String::from_utf8_lossy(&read(&path)?).into_owned();
    toml::from_str(&text).map_err(|error| {
        Failure::Other(format!(
            "{}: {}; put it right, or delete it and run `cargo xtask lock`, which writes it anew",
            path.display(),
            error.message()
        ))
    })
}

/// The lock, or an empty one where there is none yet.
pub(crate) fn load_or_empty(workspace: &Workspace) -> Result<Lock, Failure> {
    if workspace.lock().exists() {
        load(workspace)
    } else {
        Ok(Lock::new())
    }
}

pub(crate) fn to_bytes(lock: &Lock) -> Result<Vec<u8>, Failure> {
    let text = toml::to_string(lock).map_err(|error| Failure::Other(error.to_string()))?;
    Ok(format!("{HEADER}{text}").into_bytes())
}

/// Brings the lock in step with documents that were edited by hand.
pub(crate) fn rewrite(workspace: &Workspace) -> Outcome {
    let mut lock = load_or_empty(workspace)?;
    for service in SERVICES {
        let path = workspace.document(service);
        let bytes = read(&path)?;
        let document = Document::from_json(&path.display().to_string(), &bytes)?;
        let stored = sha256(&bytes);
        if lock
            .get(service.name)
            .is_some_and(|entry| entry.sha256_stored == stored)
        {
            continue;
        }
        let origin = match lock.get(service.name) {
            Some(entry) if entry.origin != WRITTEN && !entry.origin.ends_with(EDITED) => {
                format!("{}{EDITED}", entry.origin)
            }
            Some(entry) => entry.origin.clone(),
            None => WRITTEN.to_owned(),
        };
        // The hash of what was served stays what it was; a document that nobody served is its own source.
        let served = match lock.get(service.name) {
            Some(entry) if entry.origin != WRITTEN => entry.sha256_served.clone(),
            _ => stored.clone(),
        };
        let entry = Entry {
            origin,
            // The server's validators say nothing about what an edit has made of the document.
            etag: None,
            last_modified: None,
            sha256_served: served,
            sha256_stored: stored,
            version: document.version().to_owned(),
            date: today(),
        };
        lock.insert(service.name.to_owned(), entry);
    }
    write_all(&[(workspace.lock(), to_bytes(&lock)?)])?;
    say(format_args!("wrote {}", workspace.lock().display()));
    Ok(())
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// The day as it is in UTC.
pub(crate) fn today() -> String {
    day().to_string()
}

/// The same as a date, to compare others with.
pub(crate) fn day() -> time::Date {
    time::OffsetDateTime::now_utc().date()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLDER: &str = r#"
        [registry]
        origin = "https://example.com/registry.json"
        etag = "\"one\""
        sha256_served = "a"
        sha256_stored = "b"
        version = "1"
        date = "2026-11-24"
    "#;

    #[test]
    fn a_lock_of_an_older_version_is_read() {
        let lock: Lock = toml::from_str(OLDER).unwrap();
        assert_eq!(lock["registry"].etag.as_deref(), Some("\"one\""));
        assert_eq!(lock["registry"].last_modified, None);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut lock: Lock = toml::from_str(OLDER).unwrap();
        for entry in lock.values_mut() {
            entry.last_modified = Some("Tue, 24 Nov 2026 08:00:00 GMT".to_owned());
        }
        let text = String::from_utf8(to_bytes(&lock).unwrap()).unwrap();
        assert!(text.starts_with(HEADER), "{text}");
        assert_eq!(toml::from_str::<Lock>(&text).unwrap(), lock);
    }
}
