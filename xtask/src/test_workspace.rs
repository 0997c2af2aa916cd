//! Workspaces for tests to work in, apart from the real one.

use crate::lock::{self, Entry, Lock};
use crate::workspace::{SERVICES, Workspace};
use tempfile::TempDir;

/// A workspace in a folder of its own, which holds `stored` as the document of both services; the lock says
/// that it came from `origin`.
pub(crate) fn workspace(stored: &str, origin: &str) -> (TempDir, Workspace) {
    let root = tempfile::tempdir().unwrap();
    let workspace = Workspace::at(root.path());
    let overlays = workspace.specs().join("overlays");
    std::fs::create_dir_all(&overlays).unwrap();
    let mut lock = Lock::new();
    for service in SERVICES {
        let overlay = r#"{"overlay": "1.0.0", "actions": []}"#;
        std::fs::write(overlays.join(format!("{}.json", service.name)), overlay).unwrap();
        std::fs::write(workspace.document(service), stored).unwrap();
        let entry = Entry {
            origin: origin.to_owned(),
            etag: None,
            last_modified: None,
            sha256_served: lock::sha256(stored.as_bytes()),
            sha256_stored: lock::sha256(stored.as_bytes()),
            version: "0".to_owned(),
            date: "2020-01-01".to_owned(),
        };
        lock.insert(service.name.to_owned(), entry);
    }
    std::fs::write(workspace.lock(), lock::to_bytes(&lock).unwrap()).unwrap();
    (root, workspace)
}
