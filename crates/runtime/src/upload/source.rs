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
                let message = format!(
                    "the file {} cannot be read: {error}; nothing was sent",
                    path.display()
                );
                Error::of_file(message, error)
            }),
            Self::Stream(content, size) => {
                let reader = content.reader();
                Ok(Opened {
                    content: match size {
                        Some(size) => exactly(*size, reader).boxed(),
                        None => reader.boxed(),
                    },
                    size: *size,
                })
            }
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

/// The same content, but an error where it has more than `size` bytes. What is sent ends with the last byte
/// that was announced, and nobody would look for more: so that byte waits for the end of the content.
fn exactly(size: u64, content: Reader) -> impl Stream<Item = io::Result<Bytes>> {
    let begun = Some((content, size));
    stream::try_unfold(begun, move |state| async move {
        let Some((mut content, left)) = state else {
            return Ok(None);
        };
        let Some(part) = next_part(&mut content).await? else {
            // Of what is missing the connection's own count tells.
            return Ok(None);
        };
        let rest = left.checked_sub(part.len() as u64);
        match rest {
            Some(0) if next_part(&mut content).await?.is_none() => Ok(Some((part, None))),
            Some(rest) if rest > 0 => Ok(Some((part, Some((content, rest))))),
            _ => Err(io::Error::other(format!(
                "the stream has more than the {size} bytes that were announced"
            ))),
        }
    })
}

async fn next_part(content: &mut Reader) -> io::Result<Option<Bytes>> {
    loop {
        match content.next().await.transpose()? {
            Some(part) if part.is_empty() => {}
            part => return Ok(part),
        }
    }
}

/// A stream that can be read once. Clones share it, so that a request whose connection was never made can
/// be sent again.
#[derive(Clone)]
pub(super) struct OneShot(Arc<Mutex<State>>);

struct State {
    content: BoxStream<'static, io::Result<Bytes>>,
    readers: u64,
    /// The reader that has begun: what it has read is gone for all others.
    taken_by: Option<u64>,
}

impl OneShot {
    pub(super) fn new(content: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(State {
            content: content.fuse().boxed(),
            readers: 0,
            taken_by: None,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_begun(&self) -> bool {
        self.state().taken_by.is_some()
    }

    /// Reads the content, unless another reader comes first.
    fn reader(&self) -> Reader {
        let mut state = self.state();
        state.readers += 1;
        Reader {
            number: state.readers,
            content: self.clone(),
            refused: false,
        }
    }
}

struct Reader {
    content: OneShot,
    number: u64,
    /// It came too late, and has said so: a stream ends with its error.
    refused: bool,
}

impl Stream for Reader {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut state = self.content.state();
        if *state.taken_by.get_or_insert(self.number) != self.number {
            drop(state);
            if std::mem::replace(&mut self.refused, true) {
                return Poll::Ready(None);
            }
            return Poll::Ready(Some(Err(io::Error::other(
                "the stream is being sent elsewhere: it can be sent once",
            ))));
        }
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
