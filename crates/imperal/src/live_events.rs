//! What happens on the platform, as it happens.

use futures::Stream;
use imperal_runtime::{Error, Event, EventStream};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// The live events of the account, as a stream that connects again for as long as that is of use: see
/// [`EventStream`]. An event of a kind that is not known here comes like any other.
///
/// ```
/// use futures::TryStreamExt;
/// use imperal::EventData;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let cloud = imperal_mock::Cloud::start().await;
/// let imperal = cloud.client();
/// cloud.push_event("panel_refresh", &serde_json::json!({ "data": { "panels": ["inbox"] } }));
///
/// // A service sends what follows the event that it is told of.
/// let mut events = imperal.events().resume_after("0");
/// while let Some(event) = events.try_next().await? {
///     if let EventData::Change(change) = event.data() {
///         println!("{}: {:?}", event.name(), change.panels());
///         break;
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "nothing is sent before it is polled"]
pub struct LiveEvents(EventStream);

impl LiveEvents {
    /// Goes on behind the event with this id, where the service still has what followed. To go on after a
    /// restart, keep the [`id`](LiveEvent::id) of each event once it is handled, and give the last one here.
    pub fn resume_after(self, id: impl Into<String>) -> Self {
        Self(self.0.resume_after(id))
    }

    /// Sets how long nothing may come, not even a comment, before the connection is taken to be dead: 60 s
    /// by default.
    pub fn idle_timeout(self, timeout: Duration) -> Self {
        Self(self.0.idle_timeout(timeout))
    }

    /// Sets the most bytes that one event may have, beyond which the stream ends with an error: 1 MiB by
    /// default.
    pub fn largest_event(self, bytes: usize) -> Self {
        Self(self.0.largest_event(bytes))
    }

    /// Sets the longest wait between two tries to connect, unless the service asks for a longer one: 30 s by
    /// default.
    pub fn longest_wait(self, wait: Duration) -> Self {
        Self(self.0.longest_wait(wait))
    }
}

/// The events of a call that was made by hand, for another tenant for instance.
///
/// ```
/// use futures::TryStreamExt;
/// use imperal::LiveEvents;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
/// # let cloud = imperal_mock::Cloud::start().await;
/// # let imperal = cloud.client();
/// # cloud.push_event("panel_refresh", &serde_json::json!({ "panels": ["inbox"] }));
/// let stream = imperal.gateway().events().event_stream().tenant_id("acme").events();
/// let mut events = LiveEvents::from(stream).resume_after("0");
/// let event = events.try_next().await?.expect("the stream goes on");
/// assert_eq!(event.name(), "panel_refresh");
/// # Ok(()) }
/// ```
impl From<EventStream> for LiveEvents {
    fn from(events: EventStream) -> Self {
        Self(events)
    }
}

impl Stream for LiveEvents {
    type Item = Result<LiveEvent, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = Pin::new(&mut self.0).poll_next(context);
        next.map(|event| event.map(|event| event.map(LiveEvent::from)))
    }
}

/// One event. For tests of code that takes events it is made of an [`Event`]:
///
/// ```
/// use imperal::{Event, EventData, LiveEvent};
///
/// let event = LiveEvent::from(Event::new("progress", "7", r#"{"percent": 40}"#));
/// assert_eq!((event.name(), event.id()), ("progress", "7"));
/// assert!(matches!(event.data(), EventData::Progress(progress) if progress.percent > 39.0));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LiveEvent {
    event: Event,
    data: EventData,
}

impl LiveEvent {
    /// What kind of event it is, such as `panel_refresh`; `message` where the service does not say.
    pub fn name(&self) -> &str {
        self.event.name()
    }

    /// Its id, to go on behind: see [`LiveEvents::resume_after`]. Empty if the service gives none.
    pub fn id(&self) -> &str {
        self.event.id()
    }

    /// What it says, as far as that is known here.
    pub const fn data(&self) -> &EventData {
        &self.data
    }

    /// The event as the service sent it.
    pub const fn raw(&self) -> &Event {
        &self.event
    }
}

/// What an event says. More kinds may be added.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum EventData {
    /// Something was changed.
    Change(Box<Change>),
    /// Something that takes its time has come so far.
    Progress(Progress),
    /// JSON of a form that is not known here.
    Json(Value),
    /// Text that is no JSON.
    Text(String),
}

/// A change, as whoever made it has published it. What it does not say is none.
///
/// ```
/// use imperal::{Event, EventData, LiveEvent};
///
/// let text = r#"{"scope": "app", "action": "updated", "id": "mail", "data": {"panels": ["inbox"]}}"#;
/// let event = LiveEvent::from(Event::new("panel_refresh", "7", text));
/// let EventData::Change(change) = event.data() else {
///     panic!("it is a change");
/// };
/// assert_eq!((change.action.as_deref(), change.id.as_deref()), (Some("updated"), Some("mail")));
/// assert_eq!(change.panels(), ["inbox"]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Change {
    /// The tenant in which it happened.
    #[serde(default)]
    pub tenant_id: Option<String>,
    /// What was changed, such as an application.
    #[serde(default)]
    pub scope: Option<String>,
    /// What was done to it.
    #[serde(default)]
    pub action: Option<String>,
    /// Which one it was done to.
    #[serde(default)]
    pub id: Option<String>,
    /// Who did it, such as `system`.
    #[serde(default)]
    pub actor: Option<String>,
    /// Whom it concerns.
    #[serde(default)]
    pub user_id: Option<String>,
    /// What the publisher adds.
    #[serde(default)]
    pub data: Value,
    /// What else it says.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Change {
    /// The panels that have to be drawn anew, where it names some.
    pub fn panels(&self) -> Vec<&str> {
        let panels = self.data.get("panels").or_else(|| self.extra.get("panels"));
        let panels = panels.and_then(Value::as_array).into_iter().flatten();
        panels.filter_map(Value::as_str).collect()
    }
}

/// How far something has come.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Progress {
    /// From 0 to 100.
    pub percent: f64,
    /// What is being done.
    #[serde(default)]
    pub message: Option<String>,
}

impl From<Event> for LiveEvent {
    fn from(event: Event) -> Self {
        let data = match event.json::<Value>() {
            Ok(value) => read(event.name(), value),
            Err(_) => EventData::Text(event.data().to_owned()),
        };
        Self { event, data }
    }
}

fn read(name: &str, value: Value) -> EventData {
    let has = |field: &str| value.get(field).is_some();
    if name == "panel_refresh" || (has("scope") && has("action")) {
        if let Ok(change) = Change::deserialize(&value) {
            return EventData::Change(Box::new(change));
        }
    } else if let Ok(progress) = Progress::deserialize(&value) {
        return EventData::Progress(progress);
    }
    EventData::Json(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn data(name: &str, text: &str) -> EventData {
        LiveEvent::from(Event::new(name, "", text)).data
    }

    #[test]
    fn what_is_known_has_a_type_and_what_is_not_is_kept() {
        let published = r#"{"tenant_id": "t", "scope": "app", "action": "updated", "id": "a", "actor": "system",
            "user_id": null, "data": {"panels": ["inbox", 7]}, "new": true}"#;
        let EventData::Change(change) = data("panel_refresh", published) else {
            panic!("it is a change");
        };
        assert_eq!(change.panels(), ["inbox"]);
        assert_eq!(
            (change.action.as_deref(), &change.extra["new"]),
            (Some("updated"), &json!(true))
        );
        let EventData::Change(change) = data("panel_refresh", r#"{"panels": ["a"]}"#) else {
            panic!("it is a change");
        };
        assert_eq!(change.panels(), ["a"]);
        assert!(matches!(
            data("x", r#"{"scope": "app", "action": "made"}"#),
            EventData::Change(_)
        ));
        let progress = data("x", r#"{"percent": 40.5, "message": "half"}"#);
        assert!(matches!(progress, EventData::Progress(progress) if progress.percent > 40.4));
        assert_eq!(data("x", r#"{"a": 1}"#), EventData::Json(json!({ "a": 1 })));
        assert_eq!(data("panel_refresh", "[1]"), EventData::Json(json!([1])));
        assert_eq!(data("x", "half {"), EventData::Text("half {".to_owned()));
    }
}
