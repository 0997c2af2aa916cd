//! Media types: which of them a range holds, and which an `Accept` takes.

use http::{HeaderMap, header};

/// A media type or a range of them, without parameters: `text/html`, `text/*`, `*/*`.
#[derive(Debug)]
pub(crate) struct MediaRange {
    kind: String,
    subtype: String,
}

impl MediaRange {
    /// Reads `text/html; charset=utf-8`. What is no media type is a range that holds none.
    pub(crate) fn read(text: &str) -> Self {
        let bare = text.split(';').next().unwrap_or_default();
        let bare = bare.trim().to_ascii_lowercase();
        // Some clients write the one for the other.
        let bare = if bare == "*" { "*/*" } else { bare.as_str() };
        let (kind, subtype) = bare.split_once('/').unwrap_or((bare, ""));
        Self {
            kind: kind.to_owned(),
            subtype: subtype.to_owned(),
        }
    }

    /// Whether it holds all that the other one holds.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let holds = |own: &str, other: &str| own == "*" || own == other;
        holds(&self.kind, &other.kind) && holds(&self.subtype, &other.subtype)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.kind.is_empty() && self.subtype.is_empty()
    }

    pub(crate) fn is_json(&self) -> bool {
        self.is_plain_json() || self.subtype.ends_with("+json")
    }

    pub(crate) fn is_plain_json(&self) -> bool {
        self.kind == "application" && self.subtype == "json"
    }

    pub(crate) fn is_event_stream(&self) -> bool {
        self.kind == "text" && self.subtype == "event-stream"
    }

    /// Whether it holds texts alone.
    pub(crate) fn is_text(&self) -> bool {
        self.kind == "text"
    }

    /// Whether it holds more than one media type.
    pub(crate) fn is_open(&self) -> bool {
        self.kind == "*" || self.subtype == "*"
    }

    /// How closely it says what is meant.
    pub(crate) fn closeness(&self) -> usize {
        let parts = [&self.kind, &self.subtype];
        parts.iter().filter(|part| **part != "*").count()
    }
}

#[cfg(feature = "client")]
impl std::fmt::Display for MediaRange {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.kind, self.subtype)
    }
}

/// What a request takes for an answer.
pub(crate) struct Accept(Vec<Wish>);

struct Wish {
    range: MediaRange,
    /// Unless its quality is nought.
    is_welcome: bool,
}

impl Accept {
    /// None where the request does not say, and so takes anything.
    pub(crate) fn read(headers: &HeaderMap) -> Option<Self> {
        let lines = headers.get_all(header::ACCEPT).iter();
        let lines: Vec<_> = lines
            .map(|line| String::from_utf8_lossy(line.as_bytes()))
            .collect();
        let list = lines.join(",");
        let wishes = unquoted_parts(&list, ',').filter(|wish| !wish.trim().is_empty());
        let wishes: Vec<Wish> = wishes.map(Wish::read).collect();
        (!wishes.is_empty()).then_some(Self(wishes))
    }

    /// Whether an answer is welcome that is one of this range.
    pub(crate) fn takes(&self, answer: &MediaRange) -> bool {
        let mut wishes = self.0.iter();
        if wishes.any(|wish| wish.is_welcome && answer.covers(&wish.range)) {
            return true;
        }
        let wider = self.0.iter().filter(|wish| wish.range.covers(answer));
        // `*/*` takes nothing back of what is said of `text/html`.
        let closest = wider.max_by_key(|wish| (wish.range.closeness(), wish.is_welcome));
        closest.is_some_and(|wish| wish.is_welcome)
    }
}

impl Wish {
    fn read(text: &str) -> Self {
        let parameters = unquoted_parts(text, ';').skip(1);
        let mut named = parameters.filter_map(|parameter| parameter.split_once('='));
        let quality = named.find(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
        Self {
            range: MediaRange::read(text),
            is_welcome: quality.is_none_or(|(_, quality)| !is_nought(quality.trim())),
        }
    }
}

/// Whether a quality is `0`, `0.0` and so on.
fn is_nought(quality: &str) -> bool {
    quality.starts_with('0') && quality.chars().all(|c| matches!(c, '0' | '.'))
}

/// The parts of a text between separators that do not stand in quotes.
fn unquoted_parts(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    text.split(move |c: char| {
        is_quoted ^= c == '"';
        c == separator && !is_quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn a_range_covers_what_it_holds_whatever_the_parameters() {
        for (range, media_type, expected) in [
            ("application/json", "application/json", true),
            ("application/json", "Application/JSON; charset=utf-8", true),
            ("application/json; v=1", "application/json", true),
            ("application/*", "application/json", true),
            ("*/*", "image/png", true),
            ("*/*", "image/*", true),
            ("application/json", "application/merge-patch+json", false),
            ("application/json", "application/*", false),
            ("application/*", "text/plain", false),
            ("application/json", "json", false),
            ("application/json", "", false),
        ] {
            let covers = MediaRange::read(range).covers(&MediaRange::read(media_type));
            assert_eq!(covers, expected, "{range:?} and {media_type:?}");
        }
    }

    fn takes(accept: &[&str], answer: &str) -> bool {
        let mut headers = HeaderMap::new();
        for line in accept {
            headers.append(header::ACCEPT, HeaderValue::from_str(line).unwrap());
        }
        Accept::read(&headers).is_none_or(|accept| accept.takes(&MediaRange::read(answer)))
    }

    #[test]
    fn the_closest_wish_decides() {
        const JSON: &str = "application/json";
        const CASES: &[(&[&str], &str, bool)] = &[
            (&[], JSON, true),
            (&[""], JSON, true),
            (&["*/*"], JSON, true),
            (&["*"], JSON, true),
            (&["application/*"], JSON, true),
            (&["application/json; charset=utf-8"], JSON, true),
            (&["text/html, APPLICATION/JSON;q=0.1"], JSON, true),
            (&["text/html", "application/json"], JSON, true),
            (&["text/html, */*; q=.2"], JSON, true),
            (&["text/html"], JSON, false),
            (&["text/*, image/png"], JSON, false),
            (&["json"], JSON, false),
            (&["application/json;q=0"], JSON, false),
            (&["application/json; Q=0.000, */*"], JSON, false),
            (&["*/*;q=0"], JSON, false),
            (&["*/*;q=0, application/json"], JSON, true),
            (&["application/*;q=0, */*;q=0.5"], JSON, false),
            (&["application/json;v=1;q=0, application/json"], JSON, true),
            (&["text/html;note=\"a,application/json\""], JSON, false),
            (&["text/html;note=\";q=0\""], "text/html", true),
            (&["image/png"], "image/*", true),
            (&["image/png;q=0, image/*"], "image/*", true),
            (&["image/*;q=0, */*"], "image/*", false),
            (&["text/html"], "*/*", true),
            (&["*/*;q=0"], "*/*", false),
        ];
        for (accept, answer, expected) in CASES {
            assert_eq!(takes(accept, answer), *expected, "{accept:?} and {answer}");
        }
    }
}
