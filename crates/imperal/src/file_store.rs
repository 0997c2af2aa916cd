//! The credentials file that Imperal's own tools share.

use crate::{lock_wait, token_json};
use fs4::FileExt;
use futures::future::{BoxFuture, FutureExt};
use imperal_runtime::{Error, LockedTokens, StoredTokens, TokenStore};
use serde_json::{Map, Value};
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Keeps the tokens in a file: the one that the platform's Python tools use, in their format, so that a
/// login made by either is used by both.
///
/// The file is replaced as a whole and can be read by its owner only. Processes that use this store
/// refresh one at a time, by a lock on a file beside it; the Python tools take no lock and are got along
/// with. Fields of the file that are not known here are kept.
///
/// A file that holds something else is an error, and left as it is. If it held the tokens of a login that
/// this process uses, the login goes on: what another program has put there is kept beside it, as
/// `….unreadable-1`, before the next pair is stored.
///
/// ```
/// use imperal::{Credentials, FileStore};
/// use imperal_mock::{Cloud, EMAIL, PASSWORD};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let cloud = Cloud::start().await;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("credentials.json");
/// let store = FileStore::at(&path);
/// let login = Credentials::password(EMAIL, PASSWORD);
/// let imperal = cloud.client_builder().token_store(store.clone()).credentials(login).build()?;
/// imperal.login().await?;
/// assert!(path.is_file());
///
/// // From now on no password is needed.
/// let imperal = cloud.client_builder().token_store(store).build()?;
/// imperal.gateway().auth().me().send().await?;
///
/// imperal.logout().await?;
/// assert!(!path.exists());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct FileStore {
    path: PathBuf,
    /// Whether there have been tokens in the file: then it is ours to replace, whatever another program has put there.
    has_held_tokens: Arc<AtomicBool>,
}

impl FileStore {
    /// The file at `path`. It is made when there is something to keep, and so are its folder and, beside it, a file for
    /// the lock.
    ///
    /// ```
    /// use imperal::FileStore;
    ///
    /// let store = FileStore::at("/var/lib/my-service/credentials.json"); // nothing is read or written yet
    /// assert!(store.path().ends_with("my-service/credentials.json"));
    /// ```
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            has_held_tokens: Arc::default(),
        }
    }

    /// The file of the platform's tools: `.imperal/credentials.json` in the home folder.
    ///
    /// ```
    /// use imperal::FileStore;
    ///
    /// match FileStore::default_path() {
    ///     Ok(store) => println!("the login is kept in {}", store.path().display()),
    ///     Err(error) => eprintln!("{error}"),
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// If there is no home folder.
    pub fn default_path() -> Result<Self, Error> {
        let home = std::env::home_dir().filter(|home| !home.as_os_str().is_empty());
        let home = home.ok_or_else(|| {
            Error::configuration("there is no home folder to find .imperal/credentials.json in: set HOME, or give the file's path")
        })?;
        Ok(Self::in_home(&home))
    }

    /// The file of the platform's tools in this home folder.
    pub(crate) fn in_home(home: &Path) -> Self {
        Self::at(home.join(".imperal").join("credentials.json"))
    }

    /// The file's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A message about the file, which ends with what helps.
    fn describe(&self, problem: &str, remedy: &str) -> String {
        let path = self.path.display();
        format!("the credentials file {path} {problem}; {remedy}")
    }

    /// The error of a file that holds something else.
    fn foreign(&self, problem: &str) -> Error {
        Error::configuration(self.describe(
            problem,
            "it was left as it is: move it away and log in again",
        ))
    }

    /// The error of a file that the system does not let us use. That may pass.
    fn unusable(&self, action: &str, problem: &std::io::Error) -> Error {
        Error::token_store(self.describe(
            &format!("cannot be {action} ({problem})"),
            "check the permissions of the file and its folder, and the space on the disk",
        ))
    }

    /// The object in the file; none if there is no file.
    fn read(&self) -> Result<Option<Map<String, Value>>, Error> {
        let bytes = match std::fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(problem) if problem.kind() == ErrorKind::NotFound => return Ok(None),
            Err(problem) => return Err(self.unusable("read", &problem)),
        };
        // serde's own message repeats what is there.
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(object)) => Ok(Some(object)),
            _ => Err(self.foreign("holds something else than the tokens of a login")),
        }
    }

    /// The tokens in the file; none if there is no file.
    fn tokens(&self) -> Result<Option<StoredTokens>, Error> {
        let Some(object) = self.read()? else {
            return Ok(None);
        };
        let tokens = token_json::read(&object)
            .ok_or_else(|| self.foreign("holds no \"access_token\" and no \"refresh_token\""))?;
        self.has_held_tokens.store(true, Ordering::Relaxed);
        Ok(Some(tokens))
    }

    /// Puts tokens into the file, as a whole or not at all.
    fn write(&self, tokens: &StoredTokens) -> Result<(), Error> {
        // The fields of other tools are kept. A file that holds something else is not ours to replace, unless it has
        // held tokens: then another tool has broken it.
        let (mut object, beside) = match self.read() {
            Ok(object) => (object.unwrap_or_default(), None),
            Err(error) if error.is_retryable() || !self.has_held_tokens.load(Ordering::Relaxed) => {
                return Err(error);
            }
            Err(_) => {
                let beside = self
                    .keep_beside()
                    .map_err(|problem| self.unusable("kept under another name", &problem))?;
                (Map::new(), Some(beside))
            }
        };
        token_json::write(&mut object, tokens);
        let text = zeroize::Zeroizing::new(Value::Object(object).to_string());
        let folder = self.folder()?;
        let replace = || -> std::io::Result<()> {
            let mut file = tempfile::Builder::new()
                .prefix(".credentials.")
                .suffix(".tmp")
                .tempfile_in(folder)?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(&self.path).map_err(|error| error.error)?;
            Ok(())
        };
        if let Err(problem) = replace() {
            // The file is as it was, so that its second name is of no use.
            drop(beside.map(std::fs::remove_file));
            return Err(self.unusable("written", &problem));
        }
        self.has_held_tokens.store(true, Ordering::Relaxed);
        #[cfg(unix)]
        if let Ok(folder) = File::open(folder) {
            // Without this a power cut could bring the old file back. Not every file system can do it.
            drop(folder.sync_all());
        }
        if let Some(beside) = beside {
            tracing::warn!(
                "the credentials file held something else than the tokens of a login: it was replaced, and kept as {}",
                beside.display()
            );
        }
        Ok(())
    }

    /// Gives the file a second name, under which it stays when it is replaced.
    fn keep_beside(&self) -> std::io::Result<PathBuf> {
        let mut number = 1_u32;
        loop {
            let path = self.beside(&format!(".unreadable-{number}"));
            match std::fs::hard_link(&self.path, &path) {
                Err(problem) if problem.kind() == ErrorKind::AlreadyExists => number += 1,
                outcome => return outcome.map(|()| path),
            }
        }
    }

    /// The path of a file beside this one.
    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(suffix);
        self.path.with_file_name(name)
    }

    /// Removes the file, if it is there.
    fn remove(&self) -> Result<(), Error> {
        match std::fs::remove_file(&self.path) {
            Err(problem) if problem.kind() != ErrorKind::NotFound => {
                Err(self.unusable("removed", &problem))
            }
            _ => Ok(()),
        }
    }

    /// The file's folder, made for its owner only if it is not there.
    fn folder(&self) -> Result<&Path, Error> {
        let folder = self
            .path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(folder)
            .map_err(|problem| self.unusable("written", &problem))?;
        Ok(folder)
    }

    fn open_lock(&self) -> Result<File, Error> {
        self.folder()?;
        let mut options = File::options();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options
            .open(self.beside(".lock"))
            .map_err(|problem| self.unusable("locked", &problem))
    }
}

/// Runs `work`, which blocks on files, on a thread that no requests wait for.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Error::token_store("the runtime is shutting down")),
    }
}

impl TokenStore for FileStore {
    fn load(&self) -> BoxFuture<'_, Result<Option<StoredTokens>, Error>> {
        let store = self.clone();
        blocking(move || store.tokens()).boxed()
    }

    fn lock(&self) -> BoxFuture<'_, Result<Box<dyn LockedTokens>, Error>> {
        async {
            let store = self.clone();
            let lock = blocking(move || store.open_lock()).await?;
            let mut waited = Duration::ZERO;
            loop {
                match FileExt::try_lock(&lock) {
                    Ok(()) => break,
                    Err(fs4::TryLockError::WouldBlock) if waited < lock_wait::TIMEOUT => {
                        tokio::time::sleep(lock_wait::POLL).await;
                        waited += lock_wait::POLL;
                    }
                    Err(fs4::TryLockError::WouldBlock) => {
                        return Err(Error::token_store(self.describe(
                            "is locked by another process that does not let go",
                            "look for one that hangs",
                        )));
                    }
                    Err(fs4::TryLockError::Error(problem)) => {
                        return Err(self.unusable("locked", &problem));
                    }
                }
            }
            Ok(Box::new(LockedFile {
                store: self.clone(),
                _lock: lock,
            }) as Box<dyn LockedTokens>)
        }
        .boxed()
    }
}

/// The file while its lock is held. The system lets the lock go with the file handle, also when the
/// process is killed.
struct LockedFile {
    store: FileStore,
    _lock: File,
}

impl LockedTokens for LockedFile {
    fn load(&mut self) -> BoxFuture<'_, Result<Option<StoredTokens>, Error>> {
        self.store.load()
    }

    fn save<'a>(&'a mut self, tokens: &'a StoredTokens) -> BoxFuture<'a, Result<(), Error>> {
        let (store, tokens) = (self.store.clone(), tokens.clone());
        blocking(move || store.write(&tokens)).boxed()
    }

    fn clear(&mut self) -> BoxFuture<'_, Result<(), Error>> {
        let store = self.store.clone();
        blocking(move || store.remove()).boxed()
    }
}
