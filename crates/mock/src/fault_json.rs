//! Faults as JSON, for who sets them from outside.

use crate::fault::{Fault, What};
use crate::json_fields::Fields;
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

/// Reads `{"fault": {"kind": …}, "route": …, "times": …, "share": …}`.
pub(crate) fn read(value: &Value) -> Result<Fault, String> {
    let fields = Fields::new("fault.", &value["fault"]);
    let around = Fields::new("", value);
    let mut read = of_kind(&fields)?;
    if let Some(seconds) = fields.number_if_given("retry_after")? {
        read = read.retry_after(Duration::from_secs(seconds));
    }
    if let Some(date) = fields.text_if_given("retry_at")? {
        let time = httpdate::parse_http_date(date).ok();
        read = read.retry_at(time.ok_or(
            "fault.retry_at has to be a date of HTTP, such as \"Thu, 01 Jan 1970 00:00:00 GMT\"",
        )?);
    }
    for (name, value) in fields.pairs_if_given("headers")? {
        read = read.header(name, value);
    }
    if let Some(route) = around.text_if_given("route")? {
        read = read.on(route);
    }
    if let Some(times) = around.number_if_given("times")? {
        let times = u32::try_from(times).ok().filter(|times| *times > 0);
        let times = times.ok_or_else(|| format!("times has to be between 1 and {}", u32::MAX))?;
        read = read.times(times);
    }
    if let Some(share) = around.share_if_given("share")? {
        read = read.share(share);
    }
    read.check()?;
    Ok(read)
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
    let status = status.filter(|status| (200..600).contains(status));
    let read = Fault::status(status.ok_or("fault.status has to be between 200 and 599")?);
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

/// A fault as it is read.
pub(crate) fn write(fault: &Fault) -> Value {
    let mut written = Map::new();
    let kind = write_kind(fault, &mut written);
    write_headers(fault, kind, &mut written);
    json!({
        "fault": written, "route": fault.route, "times": fault.left(), "share": fault.share,
    })
}

/// Writes what a fault does, and returns its kind.
fn write_kind(fault: &Fault, written: &mut Map<String, Value>) -> &'static str {
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
                headers.find(|(name, _)| name == wanted)
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
    kind
}

/// Writes the headers that a fault sets, unless they are what it does.
fn write_headers(fault: &Fault, kind: &str, written: &mut Map<String, Value>) {
    let has_body = written.contains_key("body");
    let mut others = Map::new();
    for (name, value) in &fault.headers {
        let seconds = value.parse::<u64>();
        match (name.as_str(), seconds) {
            // It has been said: this is what the fault is.
            ("content-length", _) if kind == "content_length" => {}
            ("content-type", _) if kind == "content_type" => {}
            ("content-type", _) if has_body => {
                written.insert("content_type".to_owned(), json!(value));
            }
            ("retry-after", Ok(seconds)) => {
                written.insert("retry_after".to_owned(), json!(seconds));
            }
            ("retry-after", Err(_)) if httpdate::parse_http_date(value).is_ok() => {
                written.insert("retry_at".to_owned(), json!(value));
            }
            _ => {
                others.insert(name.clone(), json!(value));
            }
        }
    }
    if !others.is_empty() {
        written.insert("headers".to_owned(), Value::Object(others));
    }
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
