//! What each generated type makes of a value.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Reads a value as a generated type, and writes it again.
pub type RoundTrip = fn(&Value) -> Result<Value, serde_json::Error>;

/// The types of one document.
#[derive(Debug)]
pub struct RoundTrips {
    /// The document's path, from this package.
    pub document: &'static str,
    /// Its overlay's, if it has one.
    pub overlay: Option<&'static str>,
    /// The document's components that have a type.
    pub components: &'static [(&'static str, RoundTrip)],
}

/// All of them.
pub static ROUND_TRIPS: &[RoundTrips] = include!(concat!(env!("OUT_DIR"), "/round_trips.rs"));

fn read_and_write<T: Serialize + DeserializeOwned>(
    value: &Value,
) -> Result<Value, serde_json::Error> {
    let read = T::deserialize(value)?;
    // As the body of a request is written.
    imperal_runtime::Secret::exposing(|| serde_json::to_value(read))
}
