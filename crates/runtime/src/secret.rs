//! A string that must not be seen.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::cell::Cell;
use std::sync::Arc;

/// A password, token or key: wiped from memory when the last clone is dropped, never shown by `Debug`, without
/// `Display`.
///
/// Fields that a document marks with `format: password` have this type in the generated clients.
/// Serialised it is as hidden as in `Debug`, so that a value that holds one can be written into a log. The
/// body of a request has it all the same, and so has what is written inside of [`exposing`](Self::exposing).
///
/// ```
/// use imperal_runtime::Secret;
///
/// let password = Secret::from("correct horse");
/// assert_eq!(format!("{password:?}"), "[secret]");
/// assert_eq!(serde_json::to_string(&password).unwrap(), r#""[secret]""#);
/// assert_eq!(password.expose(), "correct horse");
/// ```
#[derive(Clone)]
pub struct Secret(Arc<SecretString>);

/// What is shown in place of a secret.
pub(crate) const HIDDEN: &str = "[secret]";

thread_local! {
    /// Whether this thread is inside of [`Secret::exposing`].
    static EXPOSED: Cell<bool> = const { Cell::new(false) };
}

/// Puts back what was, also if what is between panics.
struct Restore(bool);

impl Drop for Restore {
    fn drop(&mut self) {
        EXPOSED.set(self.0);
    }
}

impl Secret {
    /// The secret itself. Keep the borrow short, and out of logs.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Serialises secrets as they are for as long as `write` runs, on this thread: to keep an answer that
    /// holds one, for instance.
    ///
    /// ```
    /// use imperal_runtime::Secret;
    ///
    /// let key = Secret::from("a key");
    /// let kept = Secret::exposing(|| serde_json::to_string(&key))?;
    /// assert_eq!(serde_json::from_str::<Secret>(&kept)?.expose(), "a key");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn exposing<T>(write: impl FnOnce() -> T) -> T {
        let _restore = Restore(EXPOSED.replace(true));
        write()
    }

    /// Whether the secret is the empty string.
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(HIDDEN)
    }
}

impl Default for Secret {
    fn default() -> Self {
        Self::from(String::new())
    }
}

impl From<String> for Secret {
    fn from(secret: String) -> Self {
        Self(Arc::new(SecretString::from(secret)))
    }
}

impl From<&str> for Secret {
    fn from(secret: &str) -> Self {
        Self(Arc::new(SecretString::from(secret)))
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(if EXPOSED.get() { self.expose() } else { HIDDEN })
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for Secret {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "password" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(secret: &Secret) -> String {
        serde_json::to_string(secret).unwrap()
    }

    #[test]
    fn serialised_it_shows_inside_of_exposing_alone() {
        let secret = Secret::from("hunter2");
        let (hidden, open) = (r#""[secret]""#, r#""hunter2""#);
        assert_eq!(written(&secret), hidden);
        Secret::exposing(|| {
            assert_eq!(Secret::exposing(|| written(&secret)), open);
            assert_eq!(written(&secret), open, "the outer one still runs");
            let elsewhere = std::thread::scope(|scope| {
                let written = scope.spawn(|| written(&secret));
                written.join().unwrap()
            });
            assert_eq!(elsewhere, hidden);
        });
        assert_eq!(written(&secret), hidden);
    }

    #[test]
    fn a_panic_inside_of_exposing_hides_it_again() {
        let panicked = std::panic::catch_unwind(|| Secret::exposing(|| panic!("by the test")));
        assert!(panicked.is_err());
        assert_eq!(written(&Secret::from("hunter2")), r#""[secret]""#);
    }
}
