//! Lists that come in pages.

use crate::Error;
use futures::stream::{self, BoxStream, Stream, StreamExt, TryStreamExt};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// How a paginated operation is told which page to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pagination {
    /// By the number of the page, from 1, and the number of items on each.
    Page,
    /// By the number of items to skip, and the most to answer.
    Offset,
}

/// Which page to fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The number of the page from 1, or the number of items to skip.
    pub index: i64,
    /// How many items to ask for.
    pub size: i64,
}

/// The pages of a list, as a stream: nothing is sent before it is polled, and it ends with the
/// first page that is not full, or with an error.
///
/// ```
/// use futures::TryStreamExt;
/// use imperal_runtime::{Pagination, paginate};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal_runtime::Error> {
/// let numbers: Vec<i64> = (0..7).collect();
/// let pages = paginate(Pagination::Offset, 3, move |position| {
///     let page = numbers.iter().skip(position.index as usize).take(position.size as usize);
///     let page = page.copied().collect::<Vec<_>>();
///     async move { Ok(page) }
/// });
/// assert_eq!(pages.items().try_collect::<Vec<_>>().await?, [0, 1, 2, 3, 4, 5, 6]);
/// # Ok(()) }
/// ```
pub struct Pages<T>(BoxStream<'static, Result<Vec<T>, Error>>);

/// The items of a list, as a stream over all its pages.
pub type Items<T> = BoxStream<'static, Result<T, Error>>;

/// The pages that `fetch` gets, `size` items each. A `size` below 1 counts as 1.
pub fn paginate<T, F, A>(pagination: Pagination, size: i64, fetch: F) -> Pages<T>
where
    T: Send + 'static,
    F: FnMut(Position) -> A + Send + 'static,
    A: Future<Output = Result<Vec<T>, Error>> + Send + 'static,
{
    let size = size.max(1);
    let first = match pagination {
        Pagination::Page => 1,
        Pagination::Offset => 0,
    };
    let pages = stream::try_unfold(Some((first, fetch)), move |next| async move {
        let Some((index, mut fetch)) = next else {
            return Ok(None);
        };
        let page = fetch(Position { index, size }).await?;
        let full = i64::try_from(page.len()).is_ok_and(|length| length >= size);
        let following = match pagination {
            Pagination::Page => index + 1,
            Pagination::Offset => index + size,
        };
        Ok(Some((page, full.then_some((following, fetch)))))
    });
    Pages(pages.boxed())
}

impl<T: Send + 'static> Pages<T> {
    /// The items of all pages, one after the other.
    pub fn items(self) -> Items<T> {
        self.0
            .map_ok(|page| stream::iter(page).map(Ok))
            .try_flatten()
            .boxed()
    }
}

impl<T> Stream for Pages<T> {
    type Item = Result<Vec<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(context)
    }
}

impl<T> std::fmt::Debug for Pages<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Pages")
    }
}
