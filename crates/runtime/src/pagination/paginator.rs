//! A list as a stream of its pages or of its items.

use super::read_ahead::ReadAhead;
use super::{Fetched, Next, Page, Pagination, Place, Position, ResumeToken, Trail};
use crate::Error;
use crate::private::Listed;
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream, Stream, StreamExt};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// An operation that answers a list in pages, with its arguments: the generated builders are, and so is a
/// [`Paginator`]. No other type can be, so that more can be asked of a list later.
///
/// Code that takes any such list takes this:
///
/// ```
/// use futures::TryStreamExt;
/// use imperal_runtime::{Error, Paginate};
///
/// async fn count(list: impl Paginate) -> Result<usize, Error> {
///     list.items().try_fold(0, |count, _| async move { Ok(count + 1) }).await
/// }
/// ```
pub trait Paginate: Listed + Sized {
    /// What the list holds.
    type Item: Send + 'static;

    /// The list, with something to be said first: how large its pages are, where to begin.
    fn paginate(self) -> Paginator<Self::Item>;

    /// The pages of the list, fetched as they are asked for.
    fn pages(self) -> Pages<Self::Item> {
        self.paginate().pages()
    }

    /// The items of all pages, one after the other, fetched as they are asked for.
    fn items(self) -> Items<Self::Item> {
        self.paginate().items()
    }
}

impl<T> Listed for Paginator<T> {}

impl<T: Send + 'static> Paginate for Paginator<T> {
    type Item = T;

    fn paginate(self) -> Paginator<T> {
        self
    }
}

type Fetch<T> = Box<dyn FnMut(Position) -> BoxFuture<'static, Result<Fetched<T>, Error>> + Send>;

/// A list before it is fetched.
///
/// ```
/// use futures::TryStreamExt;
/// use imperal_runtime::{Fetched, Pagination, Paginator};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal_runtime::Error> {
/// static NUMBERS: Pagination = Pagination::by_offset("numbers").size(3).largest(10);
/// let numbers = || {
///     let all: Vec<i64> = (0..7).collect();
///     Paginator::new(&NUMBERS, move |position| {
///         let skipped = all.iter().copied().skip(position.index() as usize);
///         let page = skipped.take(position.size().unwrap_or(1) as usize).collect();
///         async { Ok(Fetched::new(page)) }
///     })
/// };
/// assert_eq!(numbers().items().try_collect::<Vec<_>>().await?, [0, 1, 2, 3, 4, 5, 6]);
///
/// let first = numbers().page_size(2).pages().try_next().await?.expect("there is a page");
/// let others = numbers().resume_from(first.resume_token().clone()).items();
/// assert_eq!(others.try_collect::<Vec<_>>().await?, [2, 3, 4, 5, 6]);
/// # Ok(()) }
/// ```
#[must_use = "nothing is fetched before `pages` or `items` is polled"]
pub struct Paginator<T> {
    pagination: &'static Pagination,
    start: Option<Place>,
    size: Option<i64>,
    ahead: usize,
    resume: Option<ResumeToken>,
    fetch: Fetch<T>,
}

impl<T: Send + 'static> Paginator<T> {
    /// The list whose pages `fetch` gets.
    pub fn new<F, A>(pagination: &'static Pagination, mut fetch: F) -> Self
    where
        F: FnMut(Position) -> A + Send + 'static,
        A: Future<Output = Result<Fetched<T>, Error>> + Send + 'static,
    {
        Self {
            pagination,
            start: None,
            size: None,
            ahead: 0,
            resume: None,
            fetch: Box::new(move |position| Box::pin(fetch(position))),
        }
    }

    /// Begins with this page, or behind so many items, where it is given.
    pub fn start_at(mut self, index: Option<i64>) -> Self {
        self.start = index.map(Place::Index).or(self.start);
        self
    }

    /// Begins at this cursor, where it is given.
    pub fn start_at_cursor(mut self, cursor: Option<String>) -> Self {
        let cursor = cursor.map(|cursor| Place::Cursor(Some(cursor)));
        self.start = cursor.or(self.start);
        self
    }

    /// Asks for so many items at a time; by default for as many as [`Pagination::size`] says. More than the
    /// service gives is an error, which is the first item of the stream.
    pub fn page_size(mut self, items: impl Into<Option<i64>>) -> Self {
        self.size = items.into();
        self
    }

    /// Fetches up to so many pages while those before are worked on; none by default.
    pub fn read_ahead(mut self, pages: usize) -> Self {
        self.ahead = pages;
        self
    }

    /// Goes on where an earlier stream over the same list has stopped.
    pub fn resume_from(mut self, token: ResumeToken) -> Self {
        self.resume = Some(token);
        self
    }

    /// The pages, fetched as they are asked for.
    pub fn pages(self) -> Pages<T> {
        let ahead = self.ahead;
        let begun = self.begin();
        let pages = match begun {
            Ok(Some(walk)) => stream::try_unfold(walk, Walk::step).boxed(),
            Ok(None) => stream::empty().boxed(),
            Err(error) => stream::once(async { Err(error) }).boxed(),
        };
        Pages(if ahead == 0 {
            pages
        } else {
            ReadAhead::new(pages, ahead).boxed()
        })
    }

    /// The items of all pages, one after the other, fetched as they are asked for.
    pub fn items(self) -> Items<T> {
        Items {
            pages: self.pages(),
            page: None,
        }
    }

    fn begin(self) -> Result<Option<Walk<T>>, Error> {
        let (position, skip) = match self.resume {
            Some(_) if self.start.is_some() => {
                return Err(Error::invalid_request(
                    "a resume token and an argument both say where the list begins: give one of them; nothing was sent",
                ));
            }
            Some(token) => match token.position(self.pagination, self.size)? {
                Some(place) => place,
                None => return Ok(None),
            },
            None => {
                let place = self.start.unwrap_or_else(|| self.pagination.first());
                let size = self.pagination.checked_size(self.size)?;
                (Position { place, size }, 0)
            }
        };
        Ok(Some(Walk {
            pagination: self.pagination,
            position: Some(position),
            skip,
            trail: Trail::default(),
            lost: None,
            fetch: self.fetch,
        }))
    }
}

/// The way through a list: where the next page is.
struct Walk<T> {
    pagination: &'static Pagination,
    position: Option<Position>,
    /// How many items of the next page have been taken before.
    skip: usize,
    trail: Trail,
    /// Why no way leads on behind the page that was handed out last.
    lost: Option<Error>,
    fetch: Fetch<T>,
}

impl<T> Walk<T> {
    async fn step(mut self) -> Result<Option<(Page<T>, Self)>, Error> {
        let Some(position) = self.position.take() else {
            return self.lost.take().map_or(Ok(None), Err);
        };
        let fetched = (self.fetch)(position.clone()).await?;
        let following = self
            .pagination
            .following(&position, &fetched, &mut self.trail)?;
        let behind = match following {
            Next::At(place) => {
                let size = position.size;
                let next = self.position.insert(Position { place, size });
                ResumeToken::at(self.pagination, next)
            }
            Next::End => ResumeToken::end(self.pagination),
            // Whoever goes on from here asks for the page again, and is told the same.
            Next::Lost(error) => {
                self.lost = Some(error);
                ResumeToken::at(self.pagination, &position).after(fetched.items.len())
            }
        };
        let mut items = fetched.items;
        let skip = std::mem::take(&mut self.skip);
        items.drain(..skip.min(items.len()));
        let page = Page {
            items,
            total: fetched.total,
            headers: fetched.headers,
            here: ResumeToken::at(self.pagination, &position).after(skip),
            behind,
        };
        Ok(Some((page, self)))
    }
}

/// The pages of a list, as a stream: nothing is sent before it is polled, and it ends behind the last page
/// or an error. A `next()` that is dropped loses nothing.
///
/// Where items appear or vanish while a list is read, its other items move between pages that are found by
/// number: one may then be missed, or come twice. Lists with cursors do not suffer from that.
///
/// There is an example at [`Page`].
#[must_use = "nothing is fetched before it is polled"]
pub struct Pages<T>(BoxStream<'static, Result<Page<T>, Error>>);

impl<T: Send + 'static> Pages<T> {
    /// The items of all pages, one after the other.
    pub fn items(self) -> Items<T> {
        Items {
            pages: self,
            page: None,
        }
    }
}

impl<T> Stream for Pages<T> {
    type Item = Result<Page<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(context)
    }
}

impl<T> std::fmt::Debug for Pages<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Pages")
    }
}

/// The items of a list, as a stream over all its pages: see [`Pages`].
///
/// ```
/// use futures::TryStreamExt;
/// use imperal_runtime::{Fetched, Pagination, Paginator};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal_runtime::Error> {
/// static NUMBERS: Pagination = Pagination::by_page("numbers", 1).size(3).largest(10);
/// let mut numbers = Paginator::new(&NUMBERS, |_| async { Ok(Fetched::new(vec![7, 8])) }).items();
/// while let Some(number) = numbers.try_next().await? {
///     // Kept after each item: a job that is stopped goes on behind it.
///     let place = numbers.resume_token().expect("there is one once an item has come");
///     println!("{number}, then {place:?}");
/// }
/// assert!(numbers.resume_token().is_some_and(|place| place.is_at_end()));
/// # Ok(()) }
/// ```
#[must_use = "nothing is fetched before it is polled"]
pub struct Items<T> {
    pages: Pages<T>,
    page: Option<Opened<T>>,
}

/// A page that items are taken from.
struct Opened<T> {
    here: ResumeToken,
    behind: ResumeToken,
    taken: usize,
    left: std::vec::IntoIter<T>,
}

impl<T> Items<T> {
    /// Where to go on behind the item that came last; none before the first page.
    pub fn resume_token(&self) -> Option<ResumeToken> {
        let page = self.page.as_ref()?;
        Some(if page.left.len() == 0 {
            page.behind.clone()
        } else {
            page.here.after(page.taken)
        })
    }
}

/// Items are moved out of pages, never pinned in them.
impl<T> Unpin for Items<T> {}

impl<T> Stream for Items<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(page) = &mut self.page
                && let Some(item) = page.left.next()
            {
                page.taken += 1;
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(self.pages.poll_next_unpin(context)) {
                Some(Ok(page)) => {
                    self.page = Some(Opened {
                        here: page.here,
                        behind: page.behind,
                        taken: 0,
                        left: page.items.into_iter(),
                    });
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<T> std::fmt::Debug for Items<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Items")
    }
}

impl<T> std::fmt::Debug for Paginator<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Paginator")
            .field("operation", &self.pagination.operation)
            .field("page_size", &self.size)
            .finish_non_exhaustive()
    }
}
