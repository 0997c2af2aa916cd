//! Faults as JSON, for who sets them from outside.

use crate::fault::{Fault, What};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Reads `{"fault": {"kind": …}, "route": …, "times": …}`.
pub(crate) fn read(value: &Value) -> Result<Fault, String> {
    let fault = &value["fault"];
    let kind = fault["kind"].as_str().ok_or("fault.kind is missing")?;
    let number = |name: &str| {
        let number = fault[name].as_u64();
        number.ok_or_else(|| format!("fault.{name} has to be a whole number"))
    };
    let bytes = || {
        let bytes = number("bytes")?;
        usize::try_from(bytes).map_err(|_| "fault.bytes is too large".to_owned())
    };
    let text = |name: &str| {
        let text = fault[name].as_str();
        text.ok_or_else(|| format!("fault.{name} has to be a text"))
    };
    let mut read = match kind {
        "status" => {
            let status = number("status")?;
            let status = u16::try_from(status)
                .ok()
                .filter(|it| (100..600).contains(it));
            let read = Fault::status(status.ok_or("fault.status has to be between 100 and 599")?);
            match (fault["content_type"].as_str(), fault["body"].as_str()) {
                (None, None) => read,
                (kind, body) => read.body(kind.unwrap_or("text/plain"), body.unwrap_or_default()),
            }
        }
        "delay" => Fault::delay(Duration::from_millis(number("milliseconds")?)),
        "stall" => Fault::stall_after(bytes()?),
        "reset" => Fault::reset_after(bytes()?),
        "close" => Fault::close_after(bytes()?),
        "malformed_chunk" => Fault::malformed_chunk(),
        "split" => Fault::split_every(bytes()?),
        "content_length" => Fault::content_length(number("bytes")?),
        "content_type" => Fault::content_type(text("media_type")?),
        "violation" => Fault::violation(text("pointer")?),
        other => return Err(format!("there is no fault \"{other}\"")),
    };
    if let Some(seconds) = fault["retry_after"].as_u64() {
        read = read.retry_after(Duration::from_secs(seconds));
    }
    if let Some(route) = value["route"].as_str() {
        read = read.on(route);
    }
    let times = value["times"].as_u64().unwrap_or(1);
    Ok(read.times(u32::try_from(times).unwrap_or(u32::MAX)))
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
