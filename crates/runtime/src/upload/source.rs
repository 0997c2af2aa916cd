//! Where content comes from.

use crate::Error;
use bytes::Bytes;
use futures::stream::{self, BoxStream, Stream, StreamExt};
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use tokio::io::AsyncReadExt;
use tokio_util::io::ReaderStream;

/// How much is read and handed on at a time.
const PART: usize = 64 * 1024;

#[derive(Clone)]
pub(super) enum Source {
    Bytes(Bytes),
    File(PathBuf),
    /// And how many bytes it has, if that is said.
    Stream(OneShot, Option<u64>),
}

/// Content that is ready to be sent.
pub(super) struct Opened {
    pub(super) content: BoxStream<'static, io::Result<Bytes>>,
    pub(super) size: Option<u64>,
}

impl Source {
    pub(super) async fn open(&self) -> Result<Opened, Error> {
        match self {
            Self::Bytes(bytes) => {
                let size = Some(bytes.len() as u64);
                let parts = stream::unfold(bytes.clone(), |mut rest| async move {
                    let part = rest.split_to(rest.len().min(PART));
                    (!part.is_empty()).then_some((Ok(part), rest))
                });
                Ok(Opened {
                    content: parts.boxed(),
                    size,
                })
            }
            Self::File(path) => open_file(path).await.map_err(|error| {
                Error::file(format!(
                    "the file {} cannot be read: {error}; nothing was sent",
                    path.display()
                ))
            }),
            Self::Stream(content, size) => Ok(Opened {
                content: content.clone().boxed(),
                size: *size,
            }),
        }
    }
}

async fn open_file(path: &Path) -> io::Result<Opened> {
    let file = tokio::fs::File::open(path).await?;
    let about = file.metadata().await?;
    if about.is_dir() {
        return Err(io::Error::new(
            io::ErrorKind::IsADirectory,
            "it is a folder",
        ));
    }
    // What is no plain file, such as a pipe, has no size; what grows meanwhile is sent as it was.
    let size = about.is_file().then_some(about.len());
    let content = file.take(size.unwrap_or(u64::MAX));
    Ok(Opened {
        content: ReaderStream::with_capacity(content, PART).boxed(),
        size,
    })
}

/// A stream that can be read once. Clones share it, so that a request whose connection was never made can
/// be sent again.
#[derive(Clone)]
pub(super) struct OneShot(Arc<Mutex<State>>);

struct State {
    content: BoxStream<'static, io::Result<Bytes>>,
    begun: bool,
}

impl OneShot {
    pub(super) fn new(content: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(State {
            content: content.fuse().boxed(),
            begun: false,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_begun(&self) -> bool {
        self.state().begun
    }
}

impl Stream for OneShot {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut state = self.state();
        state.begun = true;
        state.content.poll_next_unpin(context)
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(formatter, "{} bytes", bytes.len()),
            Self::File(path) => write!(formatter, "the file {}", path.display()),
            Self::Stream(_, Some(size)) => write!(formatter, "a stream of {size} bytes"),
            Self::Stream(_, None) => formatter.write_str("a stream"),
        }
    }
}
