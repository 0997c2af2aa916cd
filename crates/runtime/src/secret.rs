//! A string that must not be seen.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::sync::Arc;

/// A password, token or key: wiped from memory when the last clone is dropped, never shown by `Debug`, without `Display`.
///
/// Fields that a document marks with `format: password` have this type in the generated clients.
/// Serialising it writes it out, as the body of a request needs: do not serialise a value that holds
/// one into a log.
///
/// ```
/// use imperal_runtime::Secret;
///
/// let password = Secret::from("correct horse");
/// assert_eq!(format!("{password:?}"), "[secret]");
/// assert_eq!(password.expose(), "correct horse");
/// ```
#[derive(Clone)]
pub struct Secret(Arc<SecretString>);

impl Secret {
    /// The secret itself. Keep the borrow short, and out of logs.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether the secret is the empty string.
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("[secret]")
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
        serializer.serialize_str(self.expose())
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
