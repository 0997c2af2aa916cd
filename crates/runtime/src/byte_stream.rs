//! The body of an answer that is not JSON.

use crate::Error;
use bytes::Bytes;
use futures::stream::{BoxStream, Stream, StreamExt};
use std::pin::Pin;
use std::task::{Context, Poll};

/// A body that is handed on as it arrives.
///
/// ```
/// use futures::{StreamExt, stream};
/// use imperal_runtime::ByteStream;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let mut body = ByteStream::new(stream::iter([Ok("chunk".into())]));
/// assert_eq!(body.next().await.unwrap().unwrap(), "chunk");
/// # }
/// ```
pub struct ByteStream(BoxStream<'static, Result<Bytes, Error>>);

impl ByteStream {
    /// A body made of `chunks`.
    pub fn new(chunks: impl Stream<Item = Result<Bytes, Error>> + Send + 'static) -> Self {
        Self(chunks.boxed())
    }
}

impl Stream for ByteStream {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(context)
    }
}

impl std::fmt::Debug for ByteStream {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ByteStream")
    }
}
