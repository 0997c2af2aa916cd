//! Formats: which texts and numbers they take, examples, and which lie within which. A format that is
//! not listed is an annotation.

use crate::instance::Instance;
use crate::number::Number;
use fancy_regex::Regex;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;
use time::{Date, Month};

/// A format of texts.
struct TextFormat {
    name: &'static str,
    check: fn(&str) -> bool,
    samples: &'static [&'static str],
}

static TEXT_FORMATS: [TextFormat; 15] = [
    TextFormat {
        name: "uuid",
        check: |text| matches(&UUID, text),
        samples: &["3fa85f64-5717-4562-b3fc-2c963f66afa6"],
    },
    TextFormat {
        name: "date",
        check: is_date,
        samples: &["2020-01-31"],
    },
    TextFormat {
        name: "time",
        check: is_time,
        samples: &["10:00:00Z"],
    },
    TextFormat {
        name: "date-time",
        check: is_date_time,
        samples: &["2020-01-31T10:00:00Z"],
    },
    TextFormat {
        name: "duration",
        check: |text| matches(&DURATION, text),
        samples: &["P3D"],
    },
    TextFormat {
        name: "email",
        check: |text| matches(&EMAIL, text),
        samples: &["a@example.org"],
    },
    TextFormat {
        name: "hostname",
        check: is_hostname,
        samples: &["example.org", "a"],
    },
    TextFormat {
        name: "ipv4",
        check: |text| text.parse::<Ipv4Addr>().is_ok(),
        samples: &["192.0.2.1"],
    },
    TextFormat {
        name: "ipv6",
        check: |text| text.parse::<Ipv6Addr>().is_ok(),
        samples: &["2001:db8::1"],
    },
    TextFormat {
        name: "uri",
        check: |text| matches(&URI, text),
        samples: &["https://example.org/a", "urn:a:b"],
    },
    TextFormat {
        name: "url",
        check: |text| matches(&URI, text),
        samples: &["https://example.org/a"],
    },
    TextFormat {
        name: "uri-reference",
        check: |text| matches(&REFERENCE, text),
        samples: &["/a", "https://example.org/a"],
    },
    TextFormat {
        name: "byte",
        check: is_base64,
        samples: &["YWJj", ""],
    },
    TextFormat {
        name: "json-pointer",
        check: |text| matches(&POINTER, text),
        samples: &["/a", ""],
    },
    TextFormat {
        name: "regex",
        check: |text| Regex::new(text).is_ok(),
        samples: &["a+"],
    },
];

/// Every text of the first is one of the second.
const WITHIN: [(&str, &str); 11] = [
    ("uri", "uri-reference"),
    ("url", "uri"),
    ("uri", "url"),
    ("url", "uri-reference"),
    ("ipv4", "hostname"),
    ("uuid", "hostname"),
    ("date", "hostname"),
    ("uuid", "uri-reference"),
    ("ipv4", "uri-reference"),
    ("date", "uri-reference"),
    ("hostname", "uri-reference"),
];

static UUID: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"));
static LABEL: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$"));
static URI: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r#"^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`]*$"#));
static REFERENCE: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r#"^[^\s<>"{}|\\^`]*$"#));
static TIME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"^([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?([zZ]|[+-][0-9]{2}:[0-9]{2})$",
    )
});
static DURATION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"^P(?!$)([0-9]+W|([0-9]+Y)?([0-9]+M)?([0-9]+D)?(T(?=[0-9])([0-9]+H)?([0-9]+M)?([0-9]+S)?)?)$",
    )
});
static EMAIL: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"^[^\s@]+@[^\s@]+$"));
static POINTER: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"^(/([^~/]|~[01])*)*$"));
static BASE64: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"));
static BASE64URL: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"^[A-Za-z0-9_-]*=*$"));
static BASE16: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"^([0-9a-fA-F]{2})*$"));

fn pattern(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

fn matches(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    let pattern = pattern.as_ref();
    pattern.is_some_and(|pattern| pattern.is_match(text).unwrap_or(false))
}

fn is_date(text: &str) -> bool {
    read_date(text).is_some()
}

/// A day, written as year, month and day.
pub(crate) fn read_date(text: &str) -> Option<Date> {
    let digits = |part: &str, length: usize| {
        let plain = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| part.parse::<u16>().ok()).flatten()
    };
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let month = u8::try_from(digits(month, 2)?).ok()?;
    let day = u8::try_from(digits(day, 2)?).ok()?;
    let month = Month::try_from(month).ok()?;
    Date::from_calendar_date(i32::from(digits(year, 4)?), month, day).ok()
}

fn is_time(text: &str) -> bool {
    matches(&TIME, text)
}

fn is_date_time(text: &str) -> bool {
    let Some((date, rest)) = text.split_at_checked(10) else {
        return false;
    };
    let time = rest.strip_prefix(['t', 'T', ' ']);
    is_date(date) && time.is_some_and(is_time)
}

fn is_hostname(text: &str) -> bool {
    (1..=253).contains(&text.len()) && text.split('.').all(|label| matches(&LABEL, label))
}

fn is_base64(text: &str) -> bool {
    matches(&BASE64, text)
}

fn text_format(name: &str) -> Option<&'static TextFormat> {
    TEXT_FORMATS.iter().find(|format| format.name == name)
}

/// The least and the greatest number of a format of whole numbers.
pub(crate) fn range(name: &str) -> Option<(Number, Number)> {
    let (least, greatest): (i128, i128) = match name {
        "int8" => (i8::MIN.into(), i8::MAX.into()),
        "int16" => (i16::MIN.into(), i16::MAX.into()),
        "int32" => (i32::MIN.into(), i32::MAX.into()),
        "int64" => (i64::MIN.into(), i64::MAX.into()),
        "uint8" => (0, u8::MAX.into()),
        "uint16" => (0, u16::MAX.into()),
        "uint32" => (0, u32::MAX.into()),
        "uint64" => (0, u64::MAX.into()),
        _ => return None,
    };
    Some((Number::Whole(least), Number::Whole(greatest)))
}

pub(crate) fn is_known(name: &str) -> bool {
    is_of_texts(name) || range(name).is_some()
}

pub(crate) fn is_of_texts(name: &str) -> bool {
    text_format(name).is_some()
}

/// Whether the format of a number says how exactly it is kept.
pub(crate) fn is_precision(name: &str) -> bool {
    name == "float" || name == "double"
}

/// Texts of a format.
pub(crate) fn samples(name: &str) -> &'static [&'static str] {
    text_format(name).map_or(&[], |format| format.samples)
}

/// Whether a value is of the format. Formats speak of one kind of value; they take any other.
pub(crate) fn takes(name: &str, instance: &Instance) -> bool {
    match instance {
        Instance::Text(text) => takes_text(name, text),
        Instance::Number(number) => {
            range(name).is_none_or(|(least, greatest)| (least..=greatest).contains(number))
        }
        _ => true,
    }
}

/// The same for a text.
pub(crate) fn takes_text(name: &str, text: &str) -> bool {
    text_format(name).is_none_or(|format| (format.check)(text))
}

/// Whether every text of one format is of the other one.
pub(crate) fn within(one: &str, other: &str) -> bool {
    one == other || WITHIN.contains(&(one, other))
}

/// Whether a text is encoded as `contentEncoding` says; true for an encoding that is not known.
pub(crate) fn is_encoded(encoding: &str, text: &str) -> bool {
    match encoding {
        "base64" => is_base64(text),
        "base64url" => matches(&BASE64URL, text),
        "base16" => matches(&BASE16, text),
        _ => true,
    }
}

/// The formats that validators have to be taught.
pub(crate) fn of_texts() -> impl Iterator<Item = &'static str> {
    TEXT_FORMATS.iter().map(|format| format.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sample_is_of_its_format_and_of_those_that_it_lies_within() {
        for format in &TEXT_FORMATS {
            for sample in format.samples {
                assert!((format.check)(sample), "{} {sample}", format.name);
                for (one, other) in WITHIN {
                    if one == format.name {
                        assert!(takes(other, &Instance::text(sample)), "{sample} {other}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_nearly_of_a_format_is_not() {
        for (name, text) in [
            ("date", "2021-02-29"),
            ("date", "2021-2-03"),
            ("date-time", "2021-02-03"),
            ("time", "24:00:00Z"),
            ("duration", "P"),
            ("duration", "PT"),
            ("email", "a b@c"),
            ("hostname", "-a"),
            ("uri", "/a"),
            ("uuid", "3fa85f64"),
            ("byte", "YWJ"),
        ] {
            assert!(!takes(name, &Instance::text(text)), "{name} {text}");
        }
    }
}
