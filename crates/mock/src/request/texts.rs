//! Why a text does not fit a schema, in the words of pydantic.

use serde_json::{Value, json};
use strum::EnumMessage;

type Problem = (&'static str, String, Option<Value>);

fn plain(kind: &'static str, message: &str) -> Problem {
    (kind, message.to_owned(), None)
}

fn with_error(kind: &'static str, message: &str, error: &str) -> Problem {
    (
        kind,
        format!("{message}, {error}"),
        Some(json!({ "error": error })),
    )
}

/// What is no text at all.
pub(super) fn not_a_text(schema: &Value) -> Problem {
    match schema["format"].as_str() {
        Some("uuid") => plain(
            "uuid_type",
            "UUID input should be a string, bytes or UUID object",
        ),
        Some("date") => plain("date_type", "Input should be a valid date"),
        Some("date-time") => plain("datetime_type", "Input should be a valid datetime"),
        Some("time") => plain("time_type", "Input should be a valid time"),
        Some("duration") => plain("time_delta_type", "Input should be a valid timedelta"),
        Some("uri") => plain("url_type", "URL input should be a string or URL"),
        Some("ipv4") => plain("ip_v4_address", "Input is not a valid IPv4 address"),
        Some("ipv6") => plain("ip_v6_address", "Input is not a valid IPv6 address"),
        _ if is_binary(schema) => plain("bytes_type", "Input should be a valid bytes"),
        _ => plain("string_type", "Input should be a valid string"),
    }
}

fn is_binary(schema: &Value) -> bool {
    schema["contentMediaType"] == "application/octet-stream" || schema["format"] == "binary"
}

/// The first thing that is wrong with a text.
pub(super) fn problem(schema: &Value, text: &str) -> Option<Problem> {
    let binary = is_binary(schema);
    let length = if binary {
        text.len()
    } else {
        text.chars().count()
    };
    of_format(schema, text).or_else(|| {
        if schema["format"] == "uri" {
            return None;
        }
        of_length(schema, length as u64, binary).or_else(|| of_pattern(schema, text))
    })
}

fn of_length(schema: &Value, length: u64, binary: bool) -> Option<Problem> {
    let (what, unit) = if binary {
        ("Data", "byte")
    } else {
        ("String", "character")
    };
    let plural = |count: u64| if count == 1 { "" } else { "s" };
    if let Some(least) = schema["minLength"].as_u64()
        && length < least
    {
        let kind = if binary {
            "bytes_too_short"
        } else {
            "string_too_short"
        };
        let message = format!(
            "{what} should have at least {least} {unit}{}",
            plural(least)
        );
        return Some((kind, message, Some(json!({ "min_length": least }))));
    }
    let most = schema["maxLength"].as_u64().filter(|most| length > *most)?;
    let kind = if binary {
        "bytes_too_long"
    } else {
        "string_too_long"
    };
    let message = format!("{what} should have at most {most} {unit}{}", plural(most));
    Some((kind, message, Some(json!({ "max_length": most }))))
}

fn of_pattern(schema: &Value, text: &str) -> Option<Problem> {
    let pattern = schema["pattern"].as_str()?;
    let expression = regex::Regex::new(pattern).ok()?;
    let message = format!("String should match pattern '{pattern}'");
    (!expression.is_match(text)).then(|| {
        let context = json!({ "pattern": pattern });
        ("string_pattern_mismatch", message, Some(context))
    })
}

fn of_format(schema: &Value, text: &str) -> Option<Problem> {
    match schema["format"].as_str()? {
        "uuid" => {
            let error = uuid_problem(text)?;
            Some(with_error(
                "uuid_parsing",
                "Input should be a valid UUID",
                &error,
            ))
        }
        "date" => of_date(text),
        "date-time" => {
            let error = moment_problem(text)?;
            let message = "Input should be a valid datetime or date";
            Some(with_error("datetime_from_date_parsing", message, error))
        }
        "time" => {
            let error = speedate::Time::parse_str(text).err()?;
            let error = error.get_documentation().unwrap_or_default();
            Some(with_error(
                "time_parsing",
                "Input should be in a valid time format",
                error,
            ))
        }
        "duration" => {
            let error = speedate::Duration::parse_str(text).err()?;
            let error = error.get_documentation().unwrap_or_default();
            Some(with_error(
                "time_delta_parsing",
                "Input should be a valid timedelta",
                error,
            ))
        }
        "uri" => of_uri(schema, text),
        "ipv4" => text
            .parse::<std::net::Ipv4Addr>()
            .is_err()
            .then(|| plain("ip_v4_address", "Input is not a valid IPv4 address")),
        "ipv6" => text
            .parse::<std::net::Ipv6Addr>()
            .is_err()
            .then(|| plain("ip_v6_address", "Input is not a valid IPv6 address")),
        "email" => {
            let reason = email_problem(text)?;
            let message = format!("value is not a valid email address: {reason}");
            Some(("value_error", message, Some(json!({ "reason": reason }))))
        }
        _ => None,
    }
}

/// Texts that are no moment, and why. A plain number and a date are moments.
fn moment_problem(text: &str) -> Option<&'static str> {
    let error = speedate::DateTime::parse_str(text).err()?;
    if text.parse::<i64>().is_ok() || speedate::Date::parse_str(text).is_ok() {
        return None;
    }
    // Behind a date that is good, whatever follows is too much.
    let date = text.get(..10).map(speedate::Date::parse_str);
    if let Some(Ok(_)) = date {
        return speedate::ParseError::ExtraCharacters.get_documentation();
    }
    error.get_documentation()
}

/// A date may be written as a moment, if it is midnight.
fn of_date(text: &str) -> Option<Problem> {
    speedate::Date::parse_str(text).err()?;
    if let Some(error) = moment_problem(text) {
        let message = "Input should be a valid date or datetime";
        return Some(with_error("date_from_datetime_parsing", message, error));
    }
    let midnight = match (text.parse::<i64>(), speedate::DateTime::parse_str(text)) {
        (Ok(seconds), _) => seconds % 86_400 == 0,
        (_, Ok(moment)) => {
            let time = moment.time;
            (time.hour, time.minute, time.second, time.microsecond) == (0, 0, 0, 0)
        }
        _ => true,
    };
    let message = "Datetimes provided to dates should have zero time - e.g. be exact dates";
    (!midnight).then(|| plain("date_from_datetime_inexact", message))
}

fn of_uri(schema: &Value, text: &str) -> Option<Problem> {
    let most = schema["maxLength"].as_u64();
    if let Some(most) = most.filter(|most| text.chars().count() as u64 > *most) {
        let message = format!("URL should have at most {most} characters");
        return Some(("url_too_long", message, Some(json!({ "max_length": most }))));
    }
    let error = match url::Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => return None,
        Ok(_) => {
            let expected = "'http' or 'https'";
            let message = format!("URL scheme should be {expected}");
            let context = json!({ "expected_schemes": expected });
            return Some(("url_scheme", message, Some(context)));
        }
        Err(_) if text.is_empty() => "input is empty".to_owned(),
        Err(error) => error.to_string(),
    };
    Some(with_error(
        "url_parsing",
        "Input should be a valid URL",
        &error,
    ))
}

/// What is wrong with a UUID, by the order in which its reader looks.
fn uuid_problem(text: &str) -> Option<String> {
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    let braced = text
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'));
    let (bare, skipped, prefixed) = match (text.strip_prefix("urn:uuid:"), braced) {
        (Some(rest), _) => (rest, 9, true),
        (None, Some(rest)) => (rest, 1, true),
        (None, None) => (text, 0, false),
    };
    let mut odd = bare.char_indices();
    if let Some((at, c)) = odd.find(|(_, c)| !c.is_ascii_hexdigit() && *c != '-') {
        return Some(format!(
            "invalid character: found `{c}` at {}",
            at + skipped
        ));
    }
    if !prefixed && !bare.contains('-') {
        return (bare.len() != 32).then(|| format!("invalid length: found {}", bare.len()));
    }
    let groups: Vec<&str> = bare.split('-').collect();
    if groups.len() != GROUPS.len() {
        return Some(format!(
            "invalid group count: expected 5, found {}",
            groups.len()
        ));
    }
    let sizes = groups.iter().zip(GROUPS).enumerate();
    sizes
        .into_iter()
        .find(|(_, (group, size))| group.len() != *size)
        .map(|(index, (group, size))| {
            format!(
                "invalid group length in group {index}: expected {size}, found {}",
                group.len()
            )
        })
}

/// The commonest mistakes in an email address.
fn email_problem(text: &str) -> Option<&'static str> {
    let Some((name, host)) = text.trim().rsplit_once('@') else {
        return Some("An email address must have an @-sign.");
    };
    if name.is_empty() {
        return Some("There must be something before the @-sign.");
    }
    if host.is_empty() {
        return Some("There must be something after the @-sign.");
    }
    if !host.contains('.') {
        return Some("The part after the @-sign is not valid. It should have a period.");
    }
    if name.contains("..") || host.contains("..") {
        return Some("An email address cannot have two periods in a row.");
    }
    if name.starts_with('.') {
        return Some("An email address cannot start with a period.");
    }
    if host.ends_with('.') {
        return Some("An email address cannot end with a period.");
    }
    name.contains(' ')
        .then_some("The email address contains invalid characters before the @-sign: SPACE.")
}
