//! One event.

use crate::Error;
use crate::error::Kind;
use serde::de::DeserializeOwned;

/// One event, as the service sent it.
///
/// ```
/// use imperal_runtime::Event;
///
/// let event = Event::new("progress", "7", r#"{"percent": 40}"#);
/// let data: serde_json::Value = event.json()?;
/// assert_eq!(data["percent"], 40);
/// # Ok::<(), imperal_runtime::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    name: String,
    id: String,
    data: String,
}

impl Event {
    /// An event made of its parts, for tests of code that takes events.
    pub fn new(name: impl Into<String>, id: impl Into<String>, data: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            id: id.into(),
            data: data.into(),
        }
    }

    /// An event as the parser has it. No `From`: the parser is no part of what this crate promises.
    pub(super) fn parsed(event: sse_parse::Event) -> Self {
        Self {
            name: event.event,
            id: event.id,
            data: event.data,
        }
    }

    /// What kind of event it is: `message` where the service does not say.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id that the service gave last, with this event or one before; empty if there was none.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The data, as text.
    pub fn data(&self) -> &str {
        &self.data
    }

    /// The data, read as JSON.
    ///
    /// # Errors
    ///
    /// If it is not of that form. The error does not repeat it.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_str(&self.data).map_err(|problem| {
            Error::from_kind(Kind::UnreadableEvent(format!(
                "the data of the event \"{}\" {}",
                self.name.escape_debug(),
                crate::call::describe(&problem)
            )))
        })
    }
}
