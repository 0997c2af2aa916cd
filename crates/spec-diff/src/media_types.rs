//! Media types as sets of representations: ranges, structured suffixes, and whether what they hold
//! travels as text. Their parameters (`charset`, `q`) do not count.

use crate::members::Object;

/// A media type without its parameters.
#[derive(PartialEq, Eq)]
struct MediaType {
    main: String,
    sub: String,
}

impl MediaType {
    fn read(name: &str) -> Self {
        let name = name.split(';').next().unwrap_or_default();
        let name = name.trim().to_ascii_lowercase();
        let (main, sub) = name.split_once('/').unwrap_or((name.as_str(), ""));
        Self {
            main: main.to_owned(),
            sub: sub.to_owned(),
        }
    }

    /// What a subtype is built on, as JSON in `problem+json`.
    fn suffix(&self) -> Option<&str> {
        self.sub.rsplit_once('+').map(|(_, suffix)| suffix)
    }

    /// Whether every representation of this type is one of the other.
    fn is_within(&self, other: &Self) -> bool {
        other.main == "*" || self.main == other.main && (other.sub == "*" || self.sub == other.sub)
    }

    /// The same where a reader of the other type also takes what is built on it (RFC 6839).
    fn is_built_within(&self, other: &Self) -> bool {
        let is_built_on = self.main == other.main && self.suffix() == Some(other.sub.as_str());
        self.is_within(other) || is_built_on
    }
}

/// The entry that takes whatever is sent as `sent`.
pub(crate) fn taking<'a>(sent: &str, content: &'a Object) -> Option<&'a str> {
    find(sent, content, MediaType::is_within)
}

/// The entry that serves one who asks for `wanted`.
pub(crate) fn serving<'a>(wanted: &str, content: &'a Object) -> Option<&'a str> {
    find(wanted, content, |wanted, offered| {
        offered.is_built_within(wanted)
    })
}

/// The entry of the same name, else of the same type, else one that fits.
fn find<'a>(
    name: &str,
    content: &'a Object,
    fits: impl Fn(&MediaType, &MediaType) -> bool,
) -> Option<&'a str> {
    let names = || content.keys().map(String::as_str);
    let media_type = MediaType::read(name);
    names()
        .find(|other| *other == name)
        .or_else(|| names().find(|other| MediaType::read(other) == media_type))
        .or_else(|| names().find(|other| fits(&media_type, &MediaType::read(other))))
}

/// Whether values travel as text, where 1 and "1" are written alike. What may be JSON, by its name
/// or as a range, and what is one string of bytes is not read so.
pub(crate) fn is_text(name: &str) -> bool {
    const OTHER: [&str; 6] = ["json", "*", "x-ndjson", "jsonl", "json-seq", "octet-stream"];
    let media_type = MediaType::read(name);
    media_type.main != "*"
        && media_type.suffix() != Some("json")
        && !OTHER.contains(&media_type.sub.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn content(names: &[&str]) -> Object {
        let names = names.iter();
        names
            .map(|name| ((*name).to_owned(), Value::Null))
            .collect()
    }

    #[test]
    fn what_is_sent_must_be_taken_as_it_is_or_by_a_range() {
        let json = content(&["application/json"]);
        assert_eq!(taking("application/json", &json), Some("application/json"));
        assert_eq!(
            taking("Application/JSON; charset=utf-8", &json),
            Some("application/json")
        );
        assert_eq!(taking("application/hal+json", &json), None);
        assert_eq!(taking("application/*", &json), None);
        assert_eq!(
            taking("text/csv", &content(&["image/*", "text/*"])),
            Some("text/*")
        );
        assert_eq!(taking("text/csv", &content(&["*/*"])), Some("*/*"));
    }

    #[test]
    fn one_who_asks_is_served_with_anything_within_what_was_asked_for() {
        let hal = content(&["application/hal+json"]);
        assert_eq!(
            serving("application/json", &hal),
            Some("application/hal+json")
        );
        assert_eq!(serving("application/*", &hal), Some("application/hal+json"));
        assert_eq!(serving("text/json", &hal), None);
        assert_eq!(serving("application/json", &content(&["*/*"])), None);
    }

    #[test]
    fn an_equal_name_goes_before_an_equal_type() {
        let both = content(&["text/csv", "text/csv; header=present"]);
        let named = "text/csv; header=present";
        assert_eq!(taking(named, &both), Some(named));
    }

    #[test]
    fn what_may_be_json_or_is_binary_does_not_travel_as_text() {
        let json = [
            "application/json",
            "application/problem+json; charset=utf-8",
            "*/*",
        ];
        let other = [
            "application/*",
            "application/octet-stream",
            "application/x-ndjson",
        ];
        for name in json.into_iter().chain(other) {
            assert!(!is_text(name), "{name}");
        }
        for name in [
            "text/plain",
            "multipart/form-data",
            "application/xml",
            "json",
            "",
        ] {
            assert!(is_text(name), "{name}");
        }
    }
}
