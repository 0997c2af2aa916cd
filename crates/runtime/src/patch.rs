//! Fields of a partial update.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A field of a partial update: leave it as it is, clear it, or set it.
///
/// Fields of the body of a PATCH that may be null have this type in the generated clients, since
/// leaving a field out and sending `null` mean different things there.
///
/// ```
/// use imperal_runtime::Patch;
/// use serde::Serialize;
///
/// #[derive(Default, Serialize)]
/// struct Change {
///     #[serde(skip_serializing_if = "Patch::is_absent")]
///     title: Patch<String>,
///     #[serde(skip_serializing_if = "Patch::is_absent")]
///     owner: Patch<String>,
///     #[serde(skip_serializing_if = "Patch::is_absent")]
///     note: Patch<String>,
/// }
///
/// let change = Change { title: "new".into(), owner: Patch::Null, ..Change::default() };
/// assert_eq!(serde_json::to_string(&change)?, r#"{"title":"new","owner":null}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Patch<T> {
    /// Not sent: the field stays as it is.
    #[default]
    Absent,
    /// Sent as `null`: the field is cleared.
    Null,
    /// Sent with this value.
    Value(T),
}

impl<T> Patch<T> {
    /// Whether the field is not sent.
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// The value, if one is sent.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }
}

impl<T> From<T> for Patch<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

impl From<&str> for Patch<String> {
    fn from(value: &str) -> Self {
        Self::Value(value.to_owned())
    }
}

/// `None` leaves the field as it is.
///
/// ```
/// use imperal_runtime::Patch;
///
/// assert_eq!(Patch::<u32>::from(None), Patch::Absent);
/// assert_eq!(Patch::<u32>::from(Some(7)), Patch::Value(7));
/// ```
impl<T> From<Option<T>> for Patch<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Value)
    }
}

impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent | Self::Null => serializer.serialize_none(),
            Self::Value(value) => serializer.serialize_some(value),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Option::deserialize(deserializer)?;
        Ok(value.map_or(Self::Null, Self::Value))
    }
}

#[cfg(feature = "schemars")]
impl<T: schemars::JsonSchema> schemars::JsonSchema for Patch<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        <Option<T>>::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        <Option<T>>::json_schema(generator)
    }
}
