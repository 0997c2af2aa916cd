//! What one call, or all calls of one client, do otherwise than the rest.

use crate::{Error, RetryPolicy, sensitive};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::time::Duration;

/// Options of a call. What is not set is as the session has it.
///
/// Give them to a client for the calls that need them; clones are cheap.
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

    /// How often, and after what waits, a request is sent again.
    pub fn retries(mut self, policy: RetryPolicy) -> Self {
        self.retries = Some(policy);
        self
    }

    /// How long one attempt may take, the answer included; of a stream, its beginning.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// How long a call may take in all, with every attempt and wait.
    pub fn total_timeout(mut self, timeout: Duration) -> Self {
        self.total_timeout = Some(timeout);
        self
    }

    /// How long the sending of a file or a stream may stand still, the wait for the answer included: a
    /// minute if this is not set. In all it may take as long as it needs.
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

    /// Whether a header is one that credentials travel in.
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
