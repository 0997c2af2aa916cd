//! What one call, or all calls of one client, do otherwise than the rest.

use crate::{Error, RetryPolicy, sensitive};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::time::Duration;

/// Options of a call. What is not set is taken from the client, and by default from the session.
///
/// Give them to a client for the calls that need them: clones of a client are cheap.
///
/// ```
/// use imperal_runtime::{CallOptions, RetryPolicy};
/// use std::time::Duration;
///
/// let options = CallOptions::new()
///     .total_timeout(Duration::from_secs(5))
///     .retries(RetryPolicy::none())
///     .header("x-acting-user", "imp_u_1")?;
/// # Ok::<(), imperal_runtime::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct CallOptions {
    pub(crate) retries: Option<RetryPolicy>,
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) total_timeout: Option<Duration>,
    pub(crate) stall_timeout: Option<Duration>,
    pub(crate) idempotent: Option<bool>,
    pub(crate) headers: HeaderMap,
}

impl CallOptions {
    /// Nothing set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how often, and after what waits, a request is sent again. By default it is as
    /// [`RetryPolicy::default`] has it.
    pub fn retries(mut self, policy: RetryPolicy) -> Self {
        self.retries = Some(policy);
        self
    }

    /// Sets how long one attempt may take, the answer included; of an answer that is handed on as it arrives, its
    /// beginning. The default is 30 seconds, and no limit for a request with a file, a stream or more than 1 MiB.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// Sets how long a call may take in all, with every attempt and wait. The default is 90 seconds, and no limit for
    /// a request with a file, a stream or more than 1 MiB.
    pub fn total_timeout(mut self, timeout: Duration) -> Self {
        self.total_timeout = Some(timeout);
        self
    }

    /// Sets how long the sending of a file, of a stream or of more than 1 MiB may stand still, the wait for the answer
    /// included: 60 seconds by default.
    pub fn stall_timeout(mut self, timeout: Duration) -> Self {
        self.stall_timeout = Some(timeout);
        self
    }

    /// Says whether sending the request twice has the effect of sending it once, where you know better
    /// than the document: because it carries a key that the service tells repetitions by, for instance.
    ///
    /// ```
    /// use imperal_runtime::CallOptions;
    ///
    /// let keyed = CallOptions::new().idempotent(true).header("idempotency-key", "order-7")?;
    /// # Ok::<(), imperal_runtime::Error>(())
    /// ```
    pub fn idempotent(mut self, idempotent: bool) -> Self {
        self.idempotent = Some(idempotent);
        self
    }

    /// Adds a header, in place of one of the same name that is there. Its value is not shown by `Debug`,
    /// and one that carries a credential (`Authorization`, `Cookie`, a key or token) goes over plain HTTP to
    /// loopback only, as the session's own credentials do.
    ///
    /// ```
    /// use imperal_runtime::CallOptions;
    ///
    /// let options = CallOptions::new().header("x-tenant-id", "acme")?;
    /// assert!(!format!("{options:?}").contains("acme"));
    /// assert!(CallOptions::new().header("x-tenant-id", "two\nlines").is_err());
    /// # Ok::<(), imperal_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If it is no name or no value of a header.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, Error> {
        let refused = || {
            Error::configuration(format!(
                "\"{}\" is no header with a value that can be sent",
                name.escape_default()
            ))
        };
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused())?;
        let mut value = HeaderValue::from_str(value).map_err(|_| refused())?;
        value.set_sensitive(true);
        self.headers.insert(name, value);
        Ok(self)
    }

    /// Whether one of the headers carries a credential.
    pub(crate) fn has_credential(&self) -> bool {
        self.headers.keys().any(sensitive::carries_credential)
    }

    /// These options, and those of `base` where these say nothing.
    pub(crate) fn or(&self, base: &Self) -> Self {
        let mut headers = base.headers.clone();
        for (name, value) in &self.headers {
            headers.insert(name, value.clone());
        }
        Self {
            retries: self.retries.or(base.retries),
            attempt_timeout: self.attempt_timeout.or(base.attempt_timeout),
            total_timeout: self.total_timeout.or(base.total_timeout),
            stall_timeout: self.stall_timeout.or(base.stall_timeout),
            idempotent: self.idempotent.or(base.idempotent),
            headers,
        }
    }
}
