//! The body of an answer that is not JSON.

use crate::transfer::{Meter, TransferProgress};
use crate::{Error, TransportError};
use bytes::{Bytes, BytesMut};
use futures::stream::{self, BoxStream, Stream, StreamExt, TryStreamExt};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::AsyncWriteExt;

/// A body that is handed on as it arrives.
///
/// ```
/// use futures::{StreamExt, stream};
/// use imperal_runtime::ByteStream;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal_runtime::Error> {
/// let mut body = ByteStream::new(stream::iter([Ok("chunk".into())]));
/// assert_eq!(body.next().await.unwrap()?, "chunk");
///
/// # let folder = tempfile::tempdir().expect("a folder");
/// # let path = folder.path().join("icon.svg");
/// let body = ByteStream::new(stream::iter([Ok("<svg/>".into())]));
/// assert_eq!(body.save_to(&path).await?, 6);
/// # Ok(()) }
/// ```
pub struct ByteStream {
    chunks: BoxStream<'static, Result<Bytes, Error>>,
    meter: Meter,
}

/// How long nothing may come before saving is given up.
const STALL: Duration = Duration::from_secs(60);

impl ByteStream {
    /// A body made of `chunks`.
    pub fn new(chunks: impl Stream<Item = Result<Bytes, Error>> + Send + 'static) -> Self {
        Self {
            chunks: chunks.boxed(),
            meter: Meter::new(None, None),
        }
    }

    pub(crate) fn with_size(mut self, size: Option<u64>) -> Self {
        self.meter.moved.total = size;
        self
    }

    /// How many bytes it has, where the service says so.
    pub const fn size(&self) -> Option<u64> {
        self.meter.moved.total
    }

    /// Tells `report` how far it has come, with each part that is read.
    ///
    /// ```
    /// use futures::stream;
    /// use imperal_runtime::ByteStream;
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicU64, Ordering};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal_runtime::Error> {
    /// let come = Arc::new(AtomicU64::new(0));
    /// let shown = Arc::clone(&come);
    /// let body = ByteStream::new(stream::iter([Ok("one".into()), Ok("two".into())]));
    /// let body = body.on_progress(move |progress| shown.store(progress.bytes, Ordering::Relaxed));
    /// assert_eq!(body.bytes(1024).await?, "onetwo");
    /// assert_eq!(come.load(Ordering::Relaxed), 6);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn on_progress(
        mut self,
        report: impl Fn(TransferProgress) + Send + Sync + 'static,
    ) -> Self {
        self.meter.report = Some(Arc::new(report));
        self
    }

    /// The same body, ending with an error if nothing comes for so long. Without this it may fall silent for
    /// ever, as streams of events do.
    ///
    /// ```
    /// use futures::stream;
    /// use imperal_runtime::ByteStream;
    /// use std::time::Duration;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let silent = ByteStream::new(stream::pending()).idle_timeout(Duration::from_millis(1));
    /// assert!(silent.bytes(1024).await.unwrap_err().is_timeout());
    /// # }
    /// ```
    #[must_use]
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        let chunks = stream::try_unfold(self.chunks, move |mut chunks| async move {
            let Ok(next) = tokio::time::timeout(timeout, chunks.try_next()).await else {
                return Err(TransportError::Timeout.into());
            };
            Ok(next?.map(|chunk| (chunk, chunks)))
        });
        self.chunks = chunks.boxed();
        self
    }

    /// The whole body, in memory.
    ///
    /// ```
    /// use futures::stream;
    /// use imperal_runtime::ByteStream;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal_runtime::Error> {
    /// let body = || ByteStream::new(stream::iter([Ok("<svg/>".into())]));
    /// assert_eq!(body().bytes(6).await?, "<svg/>");
    /// assert!(body().bytes(5).await.unwrap_err().is_file());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// If it breaks off, or has more than `limit` bytes.
    pub async fn bytes(mut self, limit: usize) -> Result<Bytes, Error> {
        let mut whole = BytesMut::new();
        while let Some(chunk) = self.try_next().await? {
            if whole.len() + chunk.len() > limit {
                return Err(Error::file(format!(
                    "the body has more than {limit} bytes: allow more, or save it to a file"
                )));
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.freeze())
    }

    /// Writes the body to a file, and returns how many bytes it has. The file is there once all of it has
    /// come: until then what is at `path` stays as it is, and so it does if the body breaks off or nothing
    /// comes for a minute.
    ///
    /// ```
    /// use futures::stream;
    /// use imperal_runtime::{ByteStream, TransportError};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("icon.svg");
    /// let body = ByteStream::new(stream::iter([Ok("<svg/>".into())]));
    /// assert_eq!(body.save_to(&path).await?, 6);
    ///
    /// // One that breaks off leaves what is there.
    /// let broken = stream::iter([Ok("<sv".into()), Err(TransportError::Timeout.into())]);
    /// assert!(ByteStream::new(broken).save_to(&path).await.unwrap_err().is_timeout());
    /// assert_eq!(std::fs::read_to_string(&path)?, "<svg/>");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// If it breaks off, or the file cannot be written.
    pub async fn save_to(self, path: impl AsRef<Path>) -> Result<u64, Error> {
        let path = path.as_ref().to_path_buf();
        let failed = |error: std::io::Error| {
            let message = format!("the file {} cannot be written: {error}", path.display());
            Error::of_file(message, error)
        };
        let (file, temporary) = new_file(&path).map_err(failed)?.into_parts();
        let mut file = tokio::fs::File::from_std(file);
        let mut body = self.idle_timeout(STALL);
        let mut written = 0;
        while let Some(chunk) = body.try_next().await? {
            file.write_all(&chunk).await.map_err(failed)?;
            written += chunk.len() as u64;
        }
        // What could not be written shows here, and nowhere later.
        file.flush().await.map_err(failed)?;
        // A file that is there is there as a whole, even after a power cut.
        file.sync_all().await.map_err(failed)?;
        drop(file);
        let persisted = temporary.persist(&path);
        persisted.map_err(|error| failed(error.error))?;
        Ok(written)
    }
}

/// A file beside `path` that is removed unless it takes its place.
fn new_file(path: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
        _ => PathBuf::from("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".").suffix(".part");
    #[cfg(unix)]
    let readable = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    // As any other new file: what the user's mask allows.
    #[cfg(unix)]
    builder.permissions(readable);
    builder.tempfile_in(folder)
}

impl Stream for ByteStream {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let chunk = ready!(self.chunks.poll_next_unpin(context));
        if let Some(Ok(chunk)) = &chunk {
            self.meter.count(chunk);
        }
        Poll::Ready(chunk)
    }
}

impl std::fmt::Debug for ByteStream {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ByteStream")
            .field("size", &self.size())
            .finish_non_exhaustive()
    }
}
