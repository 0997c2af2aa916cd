//! What can go wrong, at a test's wish.

use http::{HeaderName, HeaderValue};
use std::time::{Duration, SystemTime};

/// Something that goes wrong with the next request, or the next few.
///
/// A fault either takes the place of the answer, and then nothing has been processed, or it spoils the true
/// answer on its way, and then everything has: a refresh token is used up although its successor is lost.
///
/// What cuts an answer off behind so many bytes cuts a stream of events off behind what there is of it when it is
/// asked for, if that is less.
///
/// It happens to the next request, whatever its route, unless [`on`](Self::on) and [`times`](Self::times) say
/// otherwise.
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
    /// How many requests it meets, if that was said.
    pub(crate) times: Option<u32>,
    /// Which part of the requests it meets; without one, every request.
    pub(crate) share: Option<f64>,
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
            times: None,
            share: None,
        }
    }

    /// This status, from 200 to 999, in place of the answer, with a `detail` as the service gives one.
    ///
    /// ```
    /// use imperal_mock::{Cloud, Fault};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), reqwest::Error> {
    /// let cloud = Cloud::start().await;
    /// cloud.fail_next(Fault::status(503));
    /// let health = format!("{}/healthz", cloud.gateway_url());
    /// let answer = reqwest::get(&health).await?;
    /// assert_eq!(answer.status(), 503);
    /// assert_eq!(answer.text().await?, r#"{"detail":"Service Unavailable"}"#);
    /// assert_eq!(reqwest::get(&health).await?.status(), 200);
    /// # Ok(()) }
    /// ```
    pub const fn status(status: u16) -> Self {
        Self::new(What::Instead { status, body: None })
    }

    /// Gives [`status`](Self::status) this body under this media type: a page of a proxy, nothing at all, half of
    /// some JSON. Of any other fault it changes the media type alone.
    ///
    /// ```
    /// use imperal_mock::{Cloud, Fault};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), reqwest::Error> {
    /// let cloud = Cloud::start().await;
    /// cloud.fail_next(Fault::status(502).body("text/html", "<h1>Bad Gateway</h1>"));
    /// let answer = reqwest::get(format!("{}/healthz", cloud.gateway_url())).await?;
    /// assert_eq!(answer.headers()["content-type"], "text/html");
    /// assert_eq!(answer.text().await?, "<h1>Bad Gateway</h1>");
    /// # Ok(()) }
    /// ```
    pub fn body(mut self, content_type: &str, body: impl Into<String>) -> Self {
        if let What::Instead { body: own, .. } = &mut self.what {
            *own = Some(body.into());
        }
        self.header("content-type", content_type)
    }

    /// The answer, so much later. The request is processed at once.
    pub const fn delay(by: Duration) -> Self {
        Self::new(What::Delay(by))
    }

    /// The answer up to so many bytes, head included, and then nothing more: the connection stays open.
    pub const fn stall_after(bytes: usize) -> Self {
        Self::new(What::Stall(bytes))
    }

    /// The answer up to so many bytes, head included, and then the connection is reset.
    ///
    /// ```
    /// use imperal_mock::{Cloud, Fault};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start().await;
    /// cloud.fail_next(Fault::reset_after(20)); // inside of the head
    /// assert!(reqwest::get(format!("{}/healthz", cloud.gateway_url())).await.is_err());
    /// # }
    /// ```
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

    /// The answer with another value at this JSON pointer, such as `/email`: one that the document does not allow
    /// there, of another kind if there is any. If the document allows every value there, the answer has no such
    /// place, or it is no JSON, a 500 says so.
    ///
    /// ```
    /// use imperal_mock::{Cloud, Fault};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let cloud = Cloud::start().await;
    /// cloud.fail_next(Fault::violation("/keys"));
    /// let keys = format!("{}/v1/auth/.well-known/jwks.json", cloud.gateway_url());
    /// let answer: serde_json::Value = serde_json::from_str(&reqwest::get(keys).await?.text().await?)?;
    /// assert!(answer["keys"].is_object());
    /// # Ok(()) }
    /// ```
    pub fn violation(pointer: impl Into<String>) -> Self {
        Self::new(What::Violation(pointer.into()))
    }

    /// Sets a header of the answer, in place of one of that name. One that lies about the length of the answer,
    /// such as `Content-Length`, goes out as it is given.
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        let name = name.to_ascii_lowercase();
        self.headers.retain(|(own, _)| *own != name);
        self.headers.push((name, value.into()));
        self
    }

    /// Asks for a wait in whole seconds: `Retry-After`. What is less than a second is left out.
    ///
    /// ```
    /// use imperal_mock::{Cloud, Fault};
    /// use std::time::Duration;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), reqwest::Error> {
    /// let cloud = Cloud::start().await;
    /// cloud.fail_next(Fault::status(429).retry_after(Duration::from_secs(7)));
    /// let answer = reqwest::get(format!("{}/healthz", cloud.gateway_url())).await?;
    /// assert_eq!(answer.headers()["retry-after"], "7");
    /// # Ok(()) }
    /// ```
    pub fn retry_after(self, wait: Duration) -> Self {
        self.header("retry-after", wait.as_secs().to_string())
    }

    /// Asks for a wait until then: `Retry-After` as a date.
    pub fn retry_at(self, time: SystemTime) -> Self {
        self.header("retry-after", httpdate::fmt_http_date(time))
    }

    /// What of it cannot be sent, if there is something.
    pub(crate) fn check(&self) -> Result<(), String> {
        if let What::Instead { status, .. } = self.what
            && !(200..1000).contains(&status)
        {
            return Err(format!(
                "{status} is no status of an answer: those are from 200 to 999"
            ));
        }
        if let Some(share) = self.share.filter(|share| !(0.0..=1.0).contains(share)) {
            return Err(format!(
                "a share of requests is from 0 to 1, and not {share}"
            ));
        }
        for (name, value) in &self.headers {
            if HeaderName::try_from(name.as_str()).is_err()
                || HeaderValue::try_from(value.as_str()).is_err()
            {
                return Err(format!(
                    "no answer can have the header {name:?} with the value {value:?}"
                ));
            }
        }
        Ok(())
    }

    /// Lets it happen only to requests of this method and path template, such as `GET /v1/keys/{key_id}`.
    pub fn on(mut self, route: impl Into<String>) -> Self {
        self.route = Some(route.into());
        self
    }

    /// Lets it happen to the next so many requests: one where this is not set, and none with 0.
    pub const fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Lets it happen to about this share of the requests, from 0 to 1, and not to just the next: to as many as
    /// [`times`](Self::times) says, or until it is [cleared](crate::Cloud::clear_faults). Which of them it meets
    /// depends on the [seed](crate::CloudBuilder::seed) of the cloud and on their order, and on nothing else.
    ///
    /// ```
    /// use imperal_mock::{Cloud, Fault};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), reqwest::Error> {
    /// let cloud = Cloud::builder().seed(7).start().await;
    /// cloud.fail_next(Fault::status(503).on("GET /healthz").share(0.3));
    /// let mut failures = 0;
    /// for _ in 0..100 {
    ///     let health = reqwest::get(format!("{}/healthz", cloud.gateway_url())).await?;
    ///     failures += u32::from(health.status() == 503);
    /// }
    /// assert!((20..40).contains(&failures));
    /// # Ok(()) }
    /// ```
    pub const fn share(mut self, share: f64) -> Self {
        self.share = Some(share);
        self
    }

    /// How many requests it is still to meet; none if there is no end to them.
    pub(crate) const fn left(&self) -> Option<u32> {
        match (self.times, self.share) {
            (None, Some(_)) => None,
            (None, None) => Some(1),
            (times, _) => times,
        }
    }
}
