//! Faults as JSON, for who sets them from outside.

use crate::fault::{Fault, What};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// What `fault.kind` may be.
const KINDS: [&str; 10] = [
    "status",
    "delay",
    "stall",
    "reset",
    "close",
    "malformed_chunk",
    "split",
    "content_length",
    "content_type",
    "violation",
];

/// Reads `{"fault": {"kind": …}, "route": …, "times": …}`.
pub(crate) fn read(value: &Value) -> Result<Fault, String> {
    let fields = Fields {
        prefix: "fault.",
        object: &value["fault"],
    };
    let around = Fields {
        prefix: "",
        object: value,
    };
    let mut read = of_kind(&fields)?;
    if let Some(seconds) = fields.number_if_given("retry_after")? {
        read = read.retry_after(Duration::from_secs(seconds));
    }
    if let Some(route) = around.text_if_given("route")? {
        read = read.on(route);
    }
    let times = around.number_if_given("times")?.unwrap_or(1);
    match u32::try_from(times) {
        Ok(times) if times > 0 => Ok(read.times(times)),
        _ => Err(format!("times has to be between 1 and {}", u32::MAX)),
    }
}

fn of_kind(fields: &Fields<'_>) -> Result<Fault, String> {
    let kinds = KINDS.join(", ");
    let kind = fields.text_if_given("kind")?;
    let kind = kind.ok_or_else(|| format!("fault.kind is missing: give one of {kinds}"))?;
    Ok(match kind {
        "status" => status(fields)?,
        "delay" => Fault::delay(Duration::from_millis(fields.number("milliseconds")?)),
        "stall" => Fault::stall_after(fields.bytes()?),
        "reset" => Fault::reset_after(fields.bytes()?),
        "close" => Fault::close_after(fields.bytes()?),
        "malformed_chunk" => Fault::malformed_chunk(),
        "split" => Fault::split_every(fields.bytes()?),
        "content_length" => Fault::content_length(fields.number("bytes")?),
        "content_type" => Fault::content_type(fields.text("media_type")?),
        "violation" => Fault::violation(fields.text("pointer")?),
        other => {
            return Err(format!(
                "there is no fault \"{other}\": give one of {kinds}"
            ));
        }
    })
}

fn status(fields: &Fields<'_>) -> Result<Fault, String> {
    let status = u16::try_from(fields.number("status")?).ok();
    let status = status.filter(|status| (100..600).contains(status));
    let read = Fault::status(status.ok_or("fault.status has to be between 100 and 599")?);
    let content_type = fields.text_if_given("content_type")?;
    let body = fields.text_if_given("body")?;
    if content_type.is_none() && body.is_none() {
        return Ok(read);
    }
    Ok(read.body(
        content_type.unwrap_or("text/plain"),
        body.unwrap_or_default(),
    ))
}

/// The fields of an object. What is null is not given.
struct Fields<'a> {
    /// Where the object is, as messages put it before a name.
    prefix: &'static str,
    object: &'a Value,
}

impl<'a> Fields<'a> {
    fn given(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    fn number_if_given(&self, name: &str) -> Result<Option<u64>, String> {
        let given = self.given(name);
        let number = given.map(|value| value.as_u64().ok_or_else(|| self.no_number(name)));
        number.transpose()
    }

    fn number(&self, name: &str) -> Result<u64, String> {
        let number = self.number_if_given(name)?;
        number.ok_or_else(|| self.no_number(name))
    }

    fn text_if_given(&self, name: &str) -> Result<Option<&'a str>, String> {
        let given = self.given(name);
        let text = given.map(|value| value.as_str().ok_or_else(|| self.no_text(name)));
        text.transpose()
    }

    fn text(&self, name: &str) -> Result<&'a str, String> {
        let text = self.text_if_given(name)?;
        text.ok_or_else(|| self.no_text(name))
    }

    fn bytes(&self) -> Result<usize, String> {
        let bytes = self.number("bytes")?;
        usize::try_from(bytes).map_err(|_| format!("{}bytes is too large", self.prefix))
    }

    fn no_number(&self, name: &str) -> String {
        format!("{}{name} has to be a whole number, 0 or more", self.prefix)
    }

    fn no_text(&self, name: &str) -> String {
        format!("{}{name} has to be a text", self.prefix)
    }
}

pub(crate) fn write(fault: &Fault) -> Value {
    let mut written = Map::new();
    let mut set = |name: &str, value: Value| written.insert(name.to_owned(), value);
    let kind = match &fault.what {
        What::Instead { status, body } => {
            set("status", json!(status));
            if let Some(body) = body {
                set("body", json!(body));
            }
            "status"
        }
        What::Delay(by) => {
            set(
                "milliseconds",
                json!(u64::try_from(by.as_millis()).unwrap_or(u64::MAX)),
            );
            "delay"
        }
        What::Headers => {
            let named = |wanted: &str| {
                let mut headers = fault.headers.iter();
                headers.find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            };
            if let Some((_, length)) = named("content-length") {
                set("bytes", json!(length.parse::<u64>().unwrap_or_default()));
                "content_length"
            } else {
                let media_type = named("content-type").map(|(_, value)| value);
                set("media_type", json!(media_type));
                "content_type"
            }
        }
        What::Violation(pointer) => {
            set("pointer", json!(pointer));
            "violation"
        }
        What::Stall(bytes) => {
            set("bytes", json!(bytes));
            "stall"
        }
        What::Reset(bytes) => {
            set("bytes", json!(bytes));
            "reset"
        }
        What::Close(bytes) => {
            set("bytes", json!(bytes));
            "close"
        }
        What::MalformedChunk => "malformed_chunk",
        What::Split(bytes) => {
            set("bytes", json!(bytes));
            "split"
        }
    };
    set("kind", json!(kind));
    for (name, value) in &fault.headers {
        // A number where one is read.
        let value = value
            .parse::<u64>()
            .map_or_else(|_| json!(value), |number| json!(number));
        set(&name.replace('-', "_"), value);
    }
    json!({ "fault": written, "route": fault.route, "times": fault.times })
}

/// A fault in a few words.
pub(crate) fn words(fault: &Fault) -> String {
    match &fault.what {
        What::Instead { status, .. } => format!("status {status}"),
        What::Delay(by) => format!("later by {} ms", by.as_millis()),
        What::Headers => "other headers".to_owned(),
        What::Violation(pointer) => format!("another value at {pointer}"),
        What::Stall(bytes) => format!("silent after {bytes} bytes"),
        What::Reset(bytes) => format!("reset after {bytes} bytes"),
        What::Close(bytes) => format!("closed after {bytes} bytes"),
        What::MalformedChunk => "malformed chunk".to_owned(),
        What::Split(bytes) => format!("in pieces of {bytes} bytes"),
    }
}
