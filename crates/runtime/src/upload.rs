//! Content that a request carries as it is: a file of a form, or a whole body.

mod source;

use crate::Error;
use crate::transfer::{Activity, Meter, Report, TransferProgress};
use bytes::Bytes;
use futures::stream::{Stream, TryStreamExt};
use source::{OneShot, Opened, Source};
use std::path::PathBuf;
use std::sync::Arc;

/// Content to send, with the name and media type that go with it: from memory, from a file, or from a
/// stream. What is not in memory is sent as it is read.
///
/// Text, bytes and the like become one by `into()`, so that a generated method takes them directly.
///
/// ```
/// use imperal_runtime::Upload;
///
/// let table = Upload::new("a,b\n1,2\n").file_name("table.csv");
/// assert_eq!((table.size(), table.media_type()), (Some(8), Some("text/csv")));
///
/// let recording = Upload::from_path("/tmp/recording.ogg");
/// assert_eq!(recording.name(), Some("recording.ogg"));
/// ```
#[derive(Clone)]
pub struct Upload {
    source: Source,
    file_name: Option<String>,
    content_type: Option<String>,
    report: Option<Report>,
}

/// Content in memory that is larger than this takes its time like a file.
const LARGE: usize = 1024 * 1024;

impl Upload {
    /// Content without a name.
    pub fn new(content: impl Into<Bytes>) -> Self {
        Self::from_source(Source::Bytes(content.into()))
    }

    /// The content of a file, and its name. The file is opened when the request is sent, and again if it
    /// is sent again.
    pub fn from_path(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let upload = Self::from_source(Source::File(path));
        Self {
            file_name: name,
            ..upload
        }
    }

    /// Content that is there once, as it comes. A request with it is not sent again after its content has
    /// begun to be sent; so the access token is renewed first if it is about to expire. Clones are the same
    /// content: one of them can be sent.
    ///
    /// ```
    /// use futures::stream;
    /// use imperal_runtime::Upload;
    ///
    /// let rows = stream::iter([Ok("a,b\n".into()), Ok("1,2\n".into())]);
    /// let table = Upload::from_stream(rows).stream_size(8).file_name("table.csv");
    /// assert_eq!((table.size(), table.media_type()), (Some(8), Some("text/csv")));
    /// ```
    pub fn from_stream<S>(content: S) -> Self
    where
        S: Stream<Item = std::io::Result<Bytes>> + Send + 'static,
    {
        Self::from_source(Source::Stream(OneShot::new(content), None))
    }

    fn from_source(source: Source) -> Self {
        Self {
            source,
            file_name: None,
            content_type: None,
            report: None,
        }
    }

    /// Says how many bytes a stream has, so that the service is told before they come. One with fewer, or
    /// more, fails the call. Changes nothing for other content, whose size is its own.
    #[must_use]
    pub fn stream_size(mut self, bytes: u64) -> Self {
        if let Source::Stream(_, size) = &mut self.source {
            *size = Some(bytes);
        }
        self
    }

    /// Sets the name that the service is told. In a form, a file without one is called `file`.
    #[must_use]
    pub fn file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = Some(name.into());
        self
    }

    /// Sets the media type, such as `audio/ogg`. Where it is not set it is the one that the document gives,
    /// else the one that the ending of the name stands for, else `application/octet-stream`.
    ///
    /// ```
    /// use imperal_runtime::Upload;
    ///
    /// let voice = Upload::from_path("/tmp/message.bin").content_type("audio/ogg");
    /// assert_eq!(voice.media_type(), Some("audio/ogg"));
    /// ```
    #[must_use]
    pub fn content_type(mut self, media_type: impl Into<String>) -> Self {
        self.content_type = Some(media_type.into());
        self
    }

    /// Tells `report` how far it has come, with each part that is handed to the network.
    ///
    /// ```
    /// use imperal_runtime::Upload;
    ///
    /// let recording = Upload::from_path("recording.ogg")
    ///     .on_progress(|sent| println!("{} of {:?} bytes", sent.bytes, sent.total));
    /// ```
    #[must_use]
    pub fn on_progress(
        mut self,
        report: impl Fn(TransferProgress) + Send + Sync + 'static,
    ) -> Self {
        self.report = Some(Arc::new(report));
        self
    }

    /// The name that the service is told, if there is one.
    pub fn name(&self) -> Option<&str> {
        self.file_name.as_deref()
    }

    /// How many bytes it has, where that is known before it is sent: not of a file.
    pub fn size(&self) -> Option<u64> {
        match &self.source {
            Source::Bytes(bytes) => Some(bytes.len() as u64),
            Source::File(_) => None,
            Source::Stream(_, size) => *size,
        }
    }

    /// The media type, as far as it says one itself.
    pub fn media_type(&self) -> Option<&str> {
        let name = self.file_name.as_deref();
        let guessed = || mime_guess::from_path(name?).first_raw();
        self.content_type.as_deref().or_else(guessed)
    }

    /// The media type to send, where the document gives `declared`.
    pub(crate) fn media_type_or<'a>(&'a self, declared: &'a str) -> &'a str {
        // `image/*` says too little, and this says nothing.
        let is_open = declared.contains('*') || declared == "application/octet-stream";
        match &self.content_type {
            Some(own) => own,
            None if !is_open => declared,
            None => self.media_type().unwrap_or("application/octet-stream"),
        }
    }

    /// Whether sending it may take its time.
    pub(crate) fn is_transfer(&self) -> bool {
        match &self.source {
            Source::Bytes(bytes) => bytes.len() > LARGE,
            Source::File(_) | Source::Stream(..) => true,
        }
    }

    /// Whether it is there once.
    pub(crate) const fn is_one_shot(&self) -> bool {
        matches!(self.source, Source::Stream(..))
    }

    /// Whether it was there once, and has been sent at least in part.
    pub(crate) fn is_spent(&self) -> bool {
        matches!(&self.source, Source::Stream(content, _) if content.is_begun())
    }

    /// The content as a body, and its size.
    pub(crate) async fn open(
        &self,
        activity: &Activity,
    ) -> Result<(reqwest::Body, Option<u64>), Error> {
        if let (Source::Bytes(bytes), None, false) =
            (&self.source, &self.report, self.is_transfer())
        {
            return Ok((bytes.clone().into(), Some(bytes.len() as u64)));
        }
        let Opened { content, size } = self.source.open().await?;
        let activity = activity.clone();
        let mut meter = Meter::new(size, self.report.clone());
        let content = content.inspect_ok(move |part| {
            activity.touch();
            meter.count(part);
        });
        Ok((reqwest::Body::wrap_stream(content), size))
    }
}

/// The content may be private: only its size is shown.
impl std::fmt::Debug for Upload {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Upload")
            .field("source", &self.source)
            .field("file_name", &self.file_name)
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}

impl From<Bytes> for Upload {
    fn from(content: Bytes) -> Self {
        Self::new(content)
    }
}

impl From<Vec<u8>> for Upload {
    fn from(content: Vec<u8>) -> Self {
        Self::new(content)
    }
}

impl From<&[u8]> for Upload {
    fn from(content: &[u8]) -> Self {
        Self::new(Bytes::copy_from_slice(content))
    }
}

/// The text itself, never the file of that name.
impl From<String> for Upload {
    fn from(content: String) -> Self {
        Self::new(content)
    }
}

/// The text itself, never the file of that name.
impl From<&str> for Upload {
    fn from(content: &str) -> Self {
        Self::new(content.to_owned())
    }
}

/// The content of a file: see [`Upload::from_path`].
impl From<PathBuf> for Upload {
    fn from(path: PathBuf) -> Self {
        Self::from_path(path)
    }
}

/// The content of a file: see [`Upload::from_path`].
impl From<&std::path::Path> for Upload {
    fn from(path: &std::path::Path) -> Self {
        Self::from_path(path)
    }
}
