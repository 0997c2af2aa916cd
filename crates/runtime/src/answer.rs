//! What a successful call returns.

use crate::sensitive;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use std::ops::{Deref, DerefMut};

/// A successful answer: the typed value, with the status and headers it came with.
///
/// It dereferences to the value, so that fields can be read directly.
///
/// ```
/// use imperal_runtime::Answer;
///
/// let answer = Answer::new(vec![1, 2], http::StatusCode::OK, http::HeaderMap::new());
/// assert_eq!(answer.len(), 2);
/// assert_eq!(answer.into_inner(), [1, 2]);
/// ```
#[derive(Clone)]
pub struct Answer<T> {
    value: T,
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl<T> Answer<T> {
    /// An answer made of its parts, for tests of code that takes answers.
    pub const fn new(value: T, status: StatusCode, headers: HeaderMap) -> Self {
        Self {
            value,
            status,
            headers,
            body: Bytes::new(),
        }
    }

    /// An answer with the body that it was read from.
    pub(crate) const fn read(
        value: T,
        status: StatusCode,
        headers: HeaderMap,
        body: Bytes,
    ) -> Self {
        Self {
            value,
            status,
            headers,
            body,
        }
    }

    /// The value alone.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The HTTP status.
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The HTTP headers.
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body that the value was read from, as it came, with what the document does not name and what
    /// is secret: empty where there is none or it is a stream.
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// The same answer with its value changed by `change`.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Answer<U> {
        Answer {
            value: change(self.value),
            status: self.status,
            headers: self.headers,
            body: self.body,
        }
    }
}

/// The body may hold secrets that the value hides: only its size is shown. Nor are headers shown that carry
/// credentials.
impl<T: std::fmt::Debug> std::fmt::Debug for Answer<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut headers = self.headers.clone();
        sensitive::mark(&mut headers);
        formatter
            .debug_struct("Answer")
            .field("value", &self.value)
            .field("status", &self.status)
            .field("headers", &headers)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

impl<T> Deref for Answer<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Answer<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}
