//! A difference on its way into the report.

use crate::report::{Version, Wire, Witness};
use serde_json::Value;

/// What one place of the comparison has to say.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) rule: String,
    pub(crate) wire: Wire,
    pub(crate) pointer: String,
    pub(crate) message: String,
    pub(crate) witness: Option<Witness>,
    pub(crate) reason: Option<String>,
}

impl Finding {
    pub(crate) fn new(
        rule: impl Into<String>,
        wire: Wire,
        pointer: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            rule: rule.into(),
            wire,
            pointer: pointer.into(),
            message: message.into(),
            witness: None,
            reason: None,
        }
    }

    /// With what shows the break: valid under the old document, refused under the new one.
    pub(crate) fn sent(self, reading: &str, instance: Value) -> Self {
        self.shown(reading, instance, Version::Old, Version::New)
    }

    /// With what shows the break: valid under the new document, unknown to the old one.
    pub(crate) fn received(self, reading: &str, instance: Value) -> Self {
        self.shown(reading, instance, Version::New, Version::Old)
    }

    fn shown(
        mut self,
        reading: &str,
        instance: Value,
        valid_under: Version,
        invalid_under: Version,
    ) -> Self {
        if self.wire == Wire::Breaking {
            self.witness = Some(Witness {
                instance,
                valid_under,
                invalid_under,
                reading: Some(reading.to_owned()),
            });
        }
        self
    }

    /// With why it is not decided; kept only where it is not.
    pub(crate) fn because(mut self, reason: impl Into<String>) -> Self {
        if self.wire == Wire::Unknown {
            self.reason = Some(reason.into());
        }
        self
    }
}
