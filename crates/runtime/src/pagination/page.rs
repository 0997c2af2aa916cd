//! One page of a list.

use super::ResumeToken;
use http::HeaderMap;
use serde::Serialize;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;

/// One page of a list, with what the service said of it.
///
/// ```
/// use futures::TryStreamExt;
/// use imperal_runtime::{Fetched, Pagination, Paginator};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal_runtime::Error> {
/// static NUMBERS: Pagination = Pagination::by_page("numbers", 1).size(3).largest(10);
/// let paginator = Paginator::new(&NUMBERS, |_| async { Ok(Fetched::new(vec![1, 2]).total(Some(2))) });
/// let page = paginator.pages().try_next().await?.expect("there is a page");
/// assert_eq!((page.len(), page.total()), (2, Some(2)));
/// let resume_later = serde_json::to_string(page.resume_token()).expect("a token is plain JSON");
/// for number in page {
///     println!("{number}");
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) total: Option<u64>,
    pub(super) headers: HeaderMap,
    /// Where this page is, so that it can be found again.
    pub(super) here: ResumeToken,
    pub(super) behind: ResumeToken,
}

impl<T> Page<T> {
    /// The items.
    pub fn items(&self) -> &[T] {
        &self.items
    }

    /// The items alone.
    pub fn into_items(self) -> Vec<T> {
        self.items
    }

    /// How many items there are in all, where the service says so. It may count while the list changes.
    pub const fn total(&self) -> Option<u64> {
        self.total
    }

    /// The HTTP headers of the answer.
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Where to go on behind this page: keep it once the items of this page are done with, and give it
    /// to [`Paginator::resume_from`](super::Paginator::resume_from). After the last page it says that
    /// nothing is left.
    pub const fn resume_token(&self) -> &ResumeToken {
        &self.behind
    }
}

/// A page is its items, when it is read.
impl<T> std::ops::Deref for Page<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<T> IntoIterator for Page<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Page<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

/// What was fetched of a list: the items, and what the answer says of those that follow.
///
/// ```
/// use imperal_runtime::Fetched;
///
/// let page = Fetched::new(vec!["a", "b"]).next_cursor(Some("behind b".to_owned()));
/// ```
#[derive(Clone, Debug)]
pub struct Fetched<T> {
    pub(crate) items: Vec<T>,
    pub(crate) fingerprint: Option<u64>,
    pub(crate) more: Option<bool>,
    pub(crate) next: Option<String>,
    pub(crate) total: Option<u64>,
    pub(crate) headers: HeaderMap,
}

impl<T> Fetched<T> {
    /// Items, of whose followers nothing is said.
    pub fn new(items: Vec<T>) -> Self {
        Self {
            items,
            fingerprint: None,
            more: None,
            next: None,
            total: None,
            headers: HeaderMap::new(),
        }
    }

    /// Whether more follow, where the answer says so.
    #[must_use]
    pub const fn more(mut self, more: Option<bool>) -> Self {
        self.more = more;
        self
    }

    /// The cursor of the page behind this one; none behind the last.
    #[must_use]
    pub fn next_cursor(mut self, next: Option<String>) -> Self {
        self.next = next;
        self
    }

    /// How many items there are in all, where the answer says so.
    #[must_use]
    pub const fn total(mut self, total: Option<u64>) -> Self {
        self.total = total;
        self
    }

    /// The HTTP headers of the answer.
    #[must_use]
    pub fn headers(mut self, headers: HeaderMap) -> Self {
        self.headers = headers;
        self
    }

    /// Lets it be noticed if the service answers this page again in place of the next.
    #[must_use]
    pub fn recognisable(mut self) -> Self
    where
        T: Serialize,
    {
        self.fingerprint = Some(fingerprint(&self.items));
        self
    }
}

/// A number that is another one for another value.
pub(super) fn fingerprint(value: &(impl Serialize + ?Sized)) -> u64 {
    struct Hashed(DefaultHasher);
    impl Write for Hashed {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.write(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut hashed = Hashed(DefaultHasher::new());
    if serde_json::to_writer(&mut hashed, value).is_err() {
        // What cannot be written cannot have been read.
        0.hash(&mut hashed.0);
    }
    hashed.0.finish()
}
