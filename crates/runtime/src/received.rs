//! What came back of a call that failed, as far as it is kept.

use crate::{Clock, Detail, Error, Secret, SystemClock, sensitive};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, StatusCode, header};
use std::time::{Duration, SystemTime};

/// An answer that is no success, or none that can be read.
#[derive(Clone)]
pub(crate) struct Received {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// What the body says of the failure, where it repeats secrets of the request: without them.
    hidden: Option<Box<Detail>>,
}

impl Received {
    pub(crate) fn new(status: StatusCode, mut headers: HeaderMap, mut body: Bytes) -> Self {
        body.truncate(Error::BODY_LIMIT);
        sensitive::mark(&mut headers);
        Self {
            status,
            headers,
            body,
            hidden: None,
        }
    }

    pub(crate) fn request_id(&self) -> Option<&str> {
        self.headers.get("x-request-id")?.to_str().ok()
    }

    /// What the service says went wrong.
    pub(crate) fn detail(&self) -> Option<Detail> {
        match &self.hidden {
            Some(detail) => Some((**detail).clone()),
            None => Detail::from_body(&self.body),
        }
    }

    /// The same answer, whose account of the failure does not repeat `secrets`; none if it repeats none of them.
    pub(crate) fn hiding(&self, secrets: &[Secret]) -> Option<Self> {
        let said = self.detail()?;
        let hidden = said.clone().without(secrets);
        (hidden != said).then(|| Self {
            hidden: Some(Box::new(hidden)),
            ..self.clone()
        })
    }

    pub(crate) fn describe(&self) -> String {
        let mut text = self.status.to_string();
        if let Some(line) = self.detail().and_then(|detail| detail.line()) {
            text.push_str(": ");
            text.push_str(&line);
        }
        if let Some(id) = self.request_id() {
            text.push_str(" (request id ");
            text.push_str(id);
            text.push(')');
        }
        text
    }

    /// The wait that the service asks for. `now` is what a date is measured against; by default when the service
    /// says that it answered.
    pub(crate) fn retry_after(&self, now: Option<SystemTime>) -> Option<Duration> {
        let text = self.text(&header::RETRY_AFTER)?.trim();
        if let Ok(seconds) = text.parse::<u64>() {
            // The largest numbers could not be added to any time, nor to another wait.
            return Some(Duration::from_secs(seconds.min(u64::from(u32::MAX))));
        }
        let date = httpdate::parse_http_date(text).ok()?;
        let answered = || httpdate::parse_http_date(self.text(&header::DATE)?).ok();
        let now = now.or_else(answered).unwrap_or_else(|| SystemClock.now());
        Some(date.duration_since(now).unwrap_or_default())
    }

    fn text(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl std::fmt::Debug for Received {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} and {} bytes", self.status, self.body.len())
    }
}
