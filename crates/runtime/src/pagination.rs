//! Lists that come in pages: how a list is paged, and which page follows which.

mod page;
mod paginator;
mod read_ahead;
mod resume;

pub use page::{Fetched, Page};
pub use paginator::{Items, Pages, Paginate, Paginator};
pub use resume::ResumeToken;

use crate::Error;
use crate::error::Kind;
use std::collections::BTreeSet;

/// How the list of one operation is paged: how the operation is told which page to answer, and where the
/// list ends. Generated code holds one for each operation that pages.
///
/// ```
/// use imperal_runtime::Pagination;
///
/// static BY_OFFSET: Pagination = Pagination::by_offset("list_users").size(50).largest(200);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pagination {
    pub(crate) operation: &'static str,
    scheme: Scheme,
    size: Option<i64>,
    largest: Option<i64>,
    more: Option<&'static str>,
    next: Option<&'static str>,
    total: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    /// Pages are numbered, from this number on.
    Page { first: i64 },
    /// Items are skipped.
    Offset,
    /// Each answer says how the next page is asked for.
    Cursor,
}

/// Which page to fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    pub(crate) place: Place,
    pub(crate) size: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Index(i64),
    Cursor(Option<String>),
}

impl Position {
    /// The number of the page, or how many items to skip; 0 where the list is paged by cursor.
    pub const fn index(&self) -> i64 {
        match self.place {
            Place::Index(index) => index,
            Place::Cursor(_) => 0,
        }
    }

    /// The cursor that the page before gave; none for the first page.
    pub fn cursor(&self) -> Option<&str> {
        match &self.place {
            Place::Cursor(cursor) => cursor.as_deref(),
            Place::Index(_) => None,
        }
    }

    /// How many items to ask for; none where that cannot be said.
    pub const fn size(&self) -> Option<i64> {
        self.size
    }
}

impl Pagination {
    const fn new(operation: &'static str, scheme: Scheme) -> Self {
        Self {
            operation,
            scheme,
            size: None,
            largest: None,
            more: None,
            next: None,
            total: None,
        }
    }

    /// Pages are numbered, from `first` on.
    pub const fn by_page(operation: &'static str, first: i64) -> Self {
        Self::new(operation, Scheme::Page { first })
    }

    /// The operation is told how many items to skip.
    pub const fn by_offset(operation: &'static str) -> Self {
        Self::new(operation, Scheme::Offset)
    }

    /// Each answer holds a cursor, found at the JSON pointer `next`, for the page behind it; the last one
    /// holds none.
    ///
    /// ```
    /// use futures::TryStreamExt;
    /// use imperal_runtime::{Fetched, Pagination, Paginator};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal_runtime::Error> {
    /// static NUMBERS: Pagination = Pagination::by_cursor("numbers", "/next");
    /// let numbers = Paginator::new(&NUMBERS, |position| {
    ///     let page = match position.cursor() {
    ///         None => Fetched::new(vec![1, 2]).next_cursor(Some("behind 2".to_owned())),
    ///         Some(_) => Fetched::new(vec![3]),
    ///     };
    ///     async move { Ok(page) }
    /// });
    /// assert_eq!(numbers.items().try_collect::<Vec<_>>().await?, [1, 2, 3]);
    /// # Ok(()) }
    /// ```
    pub const fn by_cursor(operation: &'static str, next: &'static str) -> Self {
        let mut pagination = Self::new(operation, Scheme::Cursor);
        pagination.next = Some(next);
        pagination
    }

    /// How many items to ask for where the caller does not say.
    #[must_use]
    pub const fn size(mut self, size: i64) -> Self {
        self.size = Some(size);
        self
    }

    /// The largest page that can be asked for. Where it is not known the service may answer fewer items
    /// than it is asked for, and the list ends with an empty page, not with a short one.
    #[must_use]
    pub const fn largest(mut self, largest: i64) -> Self {
        self.largest = Some(largest);
        self
    }

    /// The JSON pointer to the field of an answer that says whether more follow.
    #[must_use]
    pub const fn more(mut self, pointer: &'static str) -> Self {
        self.more = Some(pointer);
        self
    }

    /// The JSON pointer to the field of an answer that says how many items there are in all.
    #[must_use]
    pub const fn total(mut self, pointer: &'static str) -> Self {
        self.total = Some(pointer);
        self
    }

    pub(crate) const fn pointers(&self) -> [Option<&'static str>; 3] {
        [self.more, self.next, self.total]
    }

    /// The beginning of the list.
    pub(crate) const fn first(&self) -> Place {
        match self.scheme {
            Scheme::Page { first } => Place::Index(first),
            Scheme::Offset => Place::Index(0),
            Scheme::Cursor => Place::Cursor(None),
        }
    }

    /// Whether a page is another one where pages have another size.
    pub(crate) const fn depends_on_size(&self) -> bool {
        matches!(self.scheme, Scheme::Page { .. })
    }

    /// The size to ask for, if it is one.
    pub(crate) fn checked_size(&self, asked: Option<i64>) -> Result<Option<i64>, Error> {
        let size = asked.or(self.size);
        match (size, self.largest) {
            (Some(size), _) if size < 1 => Err(Error::invalid_request(format!(
                "a page of {size} items is asked for: ask for at least 1; nothing was sent"
            ))),
            (Some(size), Some(largest)) if size > largest => Err(Error::invalid_request(format!(
                "a page of {size} items is asked for: the service gives at most {largest}; nothing was sent"
            ))),
            _ => Ok(size),
        }
    }
}

/// What has to be remembered of the pages so far, so that the next one is another.
#[derive(Default)]
pub(crate) struct Trail {
    fingerprint: Option<u64>,
    cursors: BTreeSet<u64>,
}

/// What follows behind a page.
pub(crate) enum Next {
    At(Place),
    End,
    /// More is said to follow, and no way leads there. The page itself is a good one.
    Lost(Error),
}

impl Pagination {
    /// What follows behind `page`, which was found at `at`.
    pub(crate) fn following<T>(
        &self,
        at: &Position,
        page: &Fetched<T>,
        trail: &mut Trail,
    ) -> Result<Next, Error> {
        let before = std::mem::replace(&mut trail.fingerprint, page.fingerprint);
        let count = i64::try_from(page.items.len()).unwrap_or(i64::MAX);
        let Place::Index(index) = at.place else {
            let next = page.next.as_ref().filter(|next| !next.is_empty());
            let Some(next) = next.filter(|_| page.more != Some(false)) else {
                if page.more == Some(true) {
                    let problem = "more are said to follow, and no cursor leads there";
                    return Ok(Next::Lost(self.repeated(problem)));
                }
                return Ok(Next::End);
            };
            if at.cursor() == Some(next) || !trail.cursors.insert(page::fingerprint(next)) {
                let problem = "a page says that the next one is one that has been";
                return Ok(Next::Lost(self.repeated(problem)));
            }
            return Ok(Next::At(Place::Cursor(Some(next.clone()))));
        };
        // An empty page after an empty one is the same again only if more are said to follow.
        let same = page.fingerprint.is_some() && before == page.fingerprint;
        if same && (count > 0 || page.more == Some(true)) {
            return Err(self.repeated(
                "a page is the same as the one before: the service does not heed which is asked for",
            ));
        }
        let last = match (page.more, at.size, self.largest) {
            (Some(more), ..) => !more,
            (None, Some(size), Some(_)) => count < size,
            (None, ..) => count == 0,
        };
        if last {
            return Ok(Next::End);
        }
        let following = match self.scheme {
            Scheme::Page { .. } => index.saturating_add(1),
            _ if count == 0 => {
                return Err(self.repeated("a page is empty although more are said to follow"));
            }
            _ => index.saturating_add(count),
        };
        Ok(Next::At(Place::Index(following)))
    }

    fn repeated(&self, problem: &str) -> Error {
        Error::from_kind(Kind::RepeatedPage(format!(
            "{problem}; the list was left there, so as not to go round for ever"
        )))
        .in_operation(self.operation)
    }
}
