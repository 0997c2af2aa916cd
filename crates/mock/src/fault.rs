//! What can go wrong, at a test's wish.

use std::time::{Duration, SystemTime};

/// Something that goes wrong with the next request, or the next few.
///
/// A fault either takes the place of the answer, and then nothing has been processed, or it spoils the true
/// answer on its way, and then everything has: a refresh token is used up although its successor is lost.
///
/// ```
/// use imperal_mock::{Cloud, Fault};
/// use std::time::Duration;
///
/// # #[cfg(feature = "client")]
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let cloud = Cloud::start().await;
/// let profile = "GET /v1/auth/me";
/// cloud.fail_next(Fault::status(503).retry_after(Duration::ZERO).on(profile));
/// cloud.fail_next(Fault::reset_after(20).on(profile));
///
/// // The client tries again by itself.
/// cloud.client().gateway().auth().me().send().await?;
/// # Ok(()) }
/// # #[cfg(not(feature = "client"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug)]
#[must_use = "a fault happens once it is given to `Cloud::fail_next`"]
pub struct Fault {
    pub(crate) what: What,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) route: Option<String>,
    pub(crate) times: u32,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    /// In place of the answer.
    Instead { status: u16, body: Option<String> },
    /// The answer, later.
    Delay(Duration),
    /// The answer, and a header that says something else.
    Headers,
    /// The answer, and another value at this JSON pointer.
    Violation(String),
    /// The answer, up to so many bytes of it, and then nothing more.
    Stall(usize),
    /// The same, and then the connection is reset.
    Reset(usize),
    /// The same, and then the connection is closed as if that were all.
    Close(usize),
    /// The answer, in chunks of which one is none.
    MalformedChunk,
    /// The answer, so many bytes at a time.
    Split(usize),
}

impl Fault {
    const fn new(what: What) -> Self {
        Self {
            what,
            headers: Vec::new(),
            route: None,
            times: 1,
        }
    }

    /// This status in place of the answer, with a `detail` as the service gives one.
    pub const fn status(status: u16) -> Self {
        Self::new(What::Instead { status, body: None })
    }

    /// Says so much of the body of [`status`](Self::status), and of which type it is: a page of a proxy,
    /// nothing at all, half of some JSON.
    pub fn body(mut self, content_type: &str, body: impl Into<String>) -> Self {
        if let What::Instead { body: own, .. } = &mut self.what {
            *own = Some(body.into());
        }
        self.header("content-type", content_type)
    }

    /// The answer, so much later.
    pub const fn delay(by: Duration) -> Self {
        Self::new(What::Delay(by))
    }

    /// The answer up to so many bytes, head included, and then nothing more: the connection stays open.
    pub const fn stall_after(bytes: usize) -> Self {
        Self::new(What::Stall(bytes))
    }

    /// The answer up to so many bytes, head included, and then the connection is reset.
    pub const fn reset_after(bytes: usize) -> Self {
        Self::new(What::Reset(bytes))
    }

    /// The answer up to so many bytes, head included, and then the connection is closed.
    pub const fn close_after(bytes: usize) -> Self {
        Self::new(What::Close(bytes))
    }

    /// The answer in chunks, one of which is malformed.
    pub const fn malformed_chunk() -> Self {
        Self::new(What::MalformedChunk)
    }

    /// The whole answer, so many bytes at a time: cut inside of characters and lines.
    pub const fn split_every(bytes: usize) -> Self {
        Self::new(What::Split(bytes))
    }

    /// The answer with a wrong `Content-Length`.
    pub fn content_length(bytes: u64) -> Self {
        Self::new(What::Headers).header("content-length", bytes.to_string())
    }

    /// The answer under another media type.
    pub fn content_type(media_type: &str) -> Self {
        Self::new(What::Headers).header("content-type", media_type)
    }

    /// The answer with a value of another kind at this JSON pointer, such as `/email`: what the document
    /// does not allow.
    pub fn violation(pointer: impl Into<String>) -> Self {
        Self::new(What::Violation(pointer.into()))
    }

    /// Adds a header, in place of one of that name.
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_ascii_lowercase(), value.into()));
        self
    }

    /// Asks for a wait in whole seconds: `Retry-After`.
    pub fn retry_after(self, wait: Duration) -> Self {
        self.header("retry-after", wait.as_secs().to_string())
    }

    /// Asks for a wait until then: `Retry-After` as a date.
    pub fn retry_at(self, time: SystemTime) -> Self {
        self.header("retry-after", httpdate::fmt_http_date(time))
    }

    /// Whether it stands in place of the answer, or leaves it as it is.
    pub(crate) const fn takes_its_place(&self) -> bool {
        matches!(self.what, What::Instead { .. } | What::Delay(_))
    }

    /// Only with requests of this method and path template, such as `GET /v1/keys/{key_id}`.
    pub fn on(mut self, route: impl Into<String>) -> Self {
        self.route = Some(route.into());
        self
    }

    /// With the next so many requests.
    pub const fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }
}
