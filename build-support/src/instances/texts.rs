//! Texts of a length, a format or a pattern.

use super::{TRIES, numbers};
use regex_syntax::hir::{Class, Hir, HirKind};
use serde_json::{Map, Value, json};

/// What texts are made of: letters, what needs escaping somewhere, and more than one byte.
const ALPHABET: &[char] = &[
    'a', 'b', 'z', 'A', 'Z', '0', '9', ' ', '_', '-', '.', '/', '"', '\\', '%', '+', '&', 'é', '☃',
    '😀',
];

/// A text for `schema`; none if nothing fits it, or nothing of `largest` characters.
pub(super) fn text(
    schema: &Map<String, Value>,
    largest: usize,
    random: &mut fastrand::Rng,
) -> Option<Value> {
    let least = numbers::count(schema, "minLength").unwrap_or(0);
    let most = numbers::count(schema, "maxLength").unwrap_or(usize::MAX);
    if least > most.min(largest) {
        return None;
    }
    let fits = |text: &String| (least..=most).contains(&text.chars().count());
    if let Some(pattern) = schema.get("pattern").and_then(Value::as_str) {
        let Ok(pattern) = regex_syntax::parse(pattern) else {
            // Look-around has no generator: the document's own examples have to do.
            let examples = schema.get("examples").and_then(Value::as_array)?;
            return random.choice(examples).cloned();
        };
        if pattern.properties().minimum_len() > Some(largest) {
            return None;
        }
        let matching = |random: &mut fastrand::Rng| {
            let mut text = String::new();
            write_match(&pattern, largest, &mut text, random)?;
            if pattern.properties().look_set_suffix().is_empty() {
                // It need not match to the end.
                text.extend((0..random.u8(0..4)).map(|_| random.lowercase()));
            }
            Some(text)
        };
        let text = std::iter::repeat_with(|| matching(random))
            .take(TRIES)
            .flatten()
            .find(fits)?;
        return Some(json!(text));
    }
    let format = schema
        .get("format")
        .or_else(|| schema.get("contentEncoding"));
    if let Some(format) = format.and_then(Value::as_str)
        && let Some(text) = of_format(format, random).filter(fits)
    {
        return Some(json!(text));
    }
    let length = random.usize(least..=most.min(least + 8));
    let text: String = (0..length)
        .filter_map(|_| random.choice(ALPHABET))
        .collect();
    Some(json!(text))
}

fn of_format(format: &str, random: &mut fastrand::Rng) -> Option<String> {
    let day = format!(
        "{}-{:02}-{:02}",
        random.u16(1970..2100),
        random.u8(1..=12),
        random.u8(1..=28)
    );
    let hour = format!(
        "{:02}:{:02}:{:02}",
        random.u8(0..24),
        random.u8(0..60),
        random.u8(0..60)
    );
    let zone = *random.choice(&["Z", "+02:00", "-11:30"])?;
    let number = random.u64(..);
    Some(match format {
        "date-time" => format!(
            "{day}T{hour}{}{zone}",
            random.choice(&["", ".5", ".123456"])?
        ),
        "date" => day,
        "time" => format!("{hour}{zone}"),
        "duration" => format!("P{}DT{}H", random.u8(..), random.u8(0..24)),
        "uuid" | "uuid1" | "uuid3" | "uuid4" | "uuid5" => {
            let node = random.u64(..) >> 16;
            format!(
                "{:08x}-{:04x}-4{:03x}-a{:03x}-{node:012x}",
                random.u32(..),
                random.u16(..),
                random.u16(..4096),
                random.u16(..4096)
            )
        }
        "email" => format!("person{number}@example.com"),
        "uri" | "url" => format!("https://example.com/{number}?a=b"),
        "hostname" => format!("host{number}.example.com"),
        "ipv4" => std::net::Ipv4Addr::from(random.u32(..)).to_string(),
        "ipv6" => std::net::Ipv6Addr::from(random.u128(..)).to_string(),
        "json-string" => format!("{{\"a\":{number}}}"),
        "byte" | "base64" | "base64url" => "aGVsbG8=".to_owned(),
        _ => return None,
    })
}

/// Writes a text that `pattern` matches; none if it gets longer than `largest`, in bytes.
fn write_match(
    pattern: &Hir,
    largest: usize,
    text: &mut String,
    random: &mut fastrand::Rng,
) -> Option<()> {
    if text.len() > largest {
        return None;
    }
    match pattern.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(Class::Unicode(class)) => {
            // Services take `\d` for the digits of ASCII, so those come first.
            let ranges = class.ranges();
            let plain = ranges.iter().filter(|range| range.start().is_ascii());
            let range = random.choice(plain.collect::<Vec<_>>());
            if let Some(range) = range.or_else(|| ranges.first()) {
                let last = range.end().min(range.start().max('~'));
                text.push(random.char(range.start()..=last));
            }
        }
        HirKind::Class(Class::Bytes(class)) => {
            if let Some(range) = random.choice(class.ranges()) {
                text.push(char::from(range.start()));
            }
        }
        HirKind::Repetition(repetition) => {
            let most = repetition
                .max
                .unwrap_or(u32::MAX)
                .min(repetition.min.saturating_add(4));
            for _ in 0..random.u32(repetition.min..=most) {
                write_match(&repetition.sub, largest, text, random)?;
            }
        }
        HirKind::Capture(capture) => write_match(&capture.sub, largest, text, random)?,
        HirKind::Concat(parts) => {
            for part in parts {
                write_match(part, largest, text, random)?;
            }
        }
        HirKind::Alternation(parts) => {
            if let Some(part) = random.choice(parts) {
                write_match(part, largest, text, random)?;
            }
        }
    }
    Some(())
}
