//! Lists that come in pages.

use crate::Error;
use futures::stream::{self, BoxStream, Stream, StreamExt, TryStreamExt};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// How a list is paged: how its operation is told which page to answer, and where it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pagination {
    /// What the position counts.
    pub style: PageStyle,
    /// Where to begin, the first page or item where it is not said.
    pub start: Option<i64>,
    /// How many items to ask for at a time.
    pub size: i64,
    /// Which page is the last.
    pub end: PageEnd,
}

/// What the position of a page counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageStyle {
    /// Pages, from 1.
    Page,
    /// Items to skip.
    Offset,
}

/// Which page is the last of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageEnd {
    /// The first that has fewer items than were asked for.
    Short,
    /// The first that has none: the service may answer fewer items than it is asked for.
    Empty,
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
/// last page, or with an error.
///
/// ```
/// use futures::TryStreamExt;
/// use imperal_runtime::{PageEnd, PageStyle, Pagination, paginate};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal_runtime::Error> {
/// let numbers: Vec<i64> = (0..7).collect();
/// let by_three = Pagination { style: PageStyle::Offset, start: None, size: 3, end: PageEnd::Short };
/// let pages = paginate(by_three, move |position| {
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

/// The pages that `fetch` gets. A size below 1 is an error, the first item of the stream.
pub fn paginate<T, F, A>(pagination: Pagination, fetch: F) -> Pages<T>
where
    T: Send + 'static,
    F: FnMut(Position) -> A + Send + 'static,
    A: Future<Output = Result<Vec<T>, Error>> + Send + 'static,
{
    let Pagination {
        style,
        start,
        size,
        end,
    } = pagination;
    if size < 1 {
        let error = Error::invalid_request(format!(
            "a page of {size} items is asked for: ask for at least 1"
        ));
        return Pages(stream::once(async { Err(error) }).boxed());
    }
    let first = start.unwrap_or(match style {
        PageStyle::Page => 1,
        PageStyle::Offset => 0,
    });
    let pages = stream::try_unfold(Some((first, fetch)), move |next| async move {
        let Some((index, mut fetch)) = next else {
            return Ok(None);
        };
        let page = fetch(Position { index, size }).await?;
        let count = i64::try_from(page.len()).unwrap_or(i64::MAX);
        let last = match end {
            PageEnd::Short => count < size,
            PageEnd::Empty => count == 0,
        };
        let following = match style {
            PageStyle::Page => index.saturating_add(1),
            PageStyle::Offset => index.saturating_add(count),
        };
        Ok(Some((page, (!last).then_some((following, fetch)))))
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    /// The items that come, and the positions that were asked for, of a list of `total` numbers of
    /// which the service answers at most `cap` at a time.
    async fn collect(pagination: Pagination, total: i64, cap: i64) -> (Vec<i64>, Vec<i64>) {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        let pages = paginate(pagination, move |position| {
            log.lock().unwrap().push(position.index);
            let skip = match pagination.style {
                PageStyle::Page => (position.index - 1) * position.size,
                PageStyle::Offset => position.index,
            };
            let page: Vec<i64> = (skip..total.min(skip + position.size.min(cap))).collect();
            async move { Ok(page) }
        });
        let items = pages.items().try_collect().await.unwrap();
        let asked = asked.lock().unwrap().clone();
        (items, asked)
    }

    #[tokio::test]
    async fn every_item_comes_once_with_the_fewest_requests() {
        for total in 0..12 {
            for size in 1..6 {
                for style in [PageStyle::Page, PageStyle::Offset] {
                    let pagination = Pagination {
                        style,
                        start: None,
                        size,
                        end: PageEnd::Short,
                    };
                    let (items, asked) = collect(pagination, total, size).await;
                    assert_eq!(items, (0..total).collect::<Vec<_>>(), "{pagination:?}");
                    assert_eq!(
                        i64::try_from(asked.len()).unwrap(),
                        total / size + 1,
                        "{pagination:?}"
                    );
                }
            }
        }
    }

    #[tokio::test]
    async fn a_service_that_answers_fewer_than_asked_loses_nothing() {
        let pagination = Pagination {
            style: PageStyle::Offset,
            start: None,
            size: 50,
            end: PageEnd::Empty,
        };
        let (items, asked) = collect(pagination, 45, 20).await;
        assert_eq!((items.len(), asked), (45, vec![0, 20, 40, 45]));
    }

    #[tokio::test]
    async fn it_begins_where_it_is_told_to() {
        let pagination = Pagination {
            style: PageStyle::Page,
            start: Some(3),
            size: 2,
            end: PageEnd::Short,
        };
        assert_eq!(collect(pagination, 7, 2).await, (vec![4, 5, 6], vec![3, 4]));
    }

    #[tokio::test]
    async fn a_page_of_nothing_is_refused() {
        let pagination = Pagination {
            style: PageStyle::Page,
            start: None,
            size: 0,
            end: PageEnd::Short,
        };
        let pages = paginate(pagination, |_| async { Ok(vec![1]) });
        assert!(
            pages
                .items()
                .try_collect::<Vec<_>>()
                .await
                .unwrap_err()
                .is_invalid_request()
        );
    }
}
