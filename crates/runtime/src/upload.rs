//! Content that a request carries as it is: a file of a form, or a whole body.

use bytes::Bytes;

/// Content to send, with the name and media type that go with it.
///
/// Text, bytes and the like become one by `into()`, so that a generated method takes them directly.
///
/// ```
/// use imperal_runtime::Upload;
///
/// let upload = Upload::new("a,b\n1,2\n").file_name("table.csv").content_type("text/csv");
/// assert_eq!(upload.len(), 8);
/// ```
#[derive(Clone)]
pub struct Upload {
    content: Bytes,
    file_name: Option<String>,
    content_type: Option<String>,
}

impl Upload {
    /// Content without a name. Its media type is the one that the document gives, else
    /// `application/octet-stream`.
    pub fn new(content: impl Into<Bytes>) -> Self {
        Self {
            content: content.into(),
            file_name: None,
            content_type: None,
        }
    }

    /// Sets the name that the service is told. In a form, a file without one is called `file`.
    #[must_use]
    pub fn file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = Some(name.into());
        self
    }

    /// Sets the media type, such as `audio/ogg`.
    #[must_use]
    pub fn content_type(mut self, media_type: impl Into<String>) -> Self {
        self.content_type = Some(media_type.into());
        self
    }

    /// How many bytes it has.
    pub fn len(&self) -> usize {
        self.content.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.content.is_empty()
    }

    pub(crate) fn content(&self) -> Bytes {
        self.content.clone()
    }

    pub(crate) fn name(&self) -> &str {
        self.file_name.as_deref().unwrap_or("file")
    }

    /// The media type to send, where the document gives `declared`.
    pub(crate) fn media_type<'a>(&'a self, declared: &'a str) -> &'a str {
        let declared = if declared.contains('*') {
            "application/octet-stream"
        } else {
            declared
        };
        self.content_type.as_deref().unwrap_or(declared)
    }
}

/// The content may be private: only its size is shown.
impl std::fmt::Debug for Upload {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Upload")
            .field("bytes", &self.content.len())
            .field("file_name", &self.file_name)
            .field("content_type", &self.content_type)
            .finish()
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

impl From<String> for Upload {
    fn from(content: String) -> Self {
        Self::new(content)
    }
}

impl From<&str> for Upload {
    fn from(content: &str) -> Self {
        Self::new(content.to_owned())
    }
}
