//! When another attempt may do better, and how long to wait for it.
//!
//! It is kept apart from the sending, so that it can be tested without a server and without waiting.

use super::{Limits, text};
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use std::time::Duration;

/// When another attempt may do better.
#[derive(Clone, Copy, Debug)]
pub(super) enum Again {
    Never,
    Soon,
    /// After as long as the server asks for.
    After(Duration),
}

impl Limits {
    /// The pause after an attempt, if there shall be another.
    pub(super) fn pause(&self, attempt: u32, again: Again) -> Option<Duration> {
        if attempt >= self.attempts {
            return None;
        }
        match again {
            Again::Never => None,
            Again::Soon => {
                let factor = 2_u32.saturating_pow(attempt.saturating_sub(1));
                Some(
                    self.first_pause
                        .saturating_mul(factor)
                        .min(self.longest_pause),
                )
            }
            // To come earlier than asked would be rude, and would not help.
            Again::After(asked) => (asked <= self.longest_pause).then_some(asked),
        }
    }
}

/// How long the server asks to wait. A date is compared with the server's own clock, since the one here may
/// differ.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let asked = text(headers, RETRY_AFTER)?;
    if let Ok(seconds) = asked.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = httpdate::parse_http_date(&asked).ok()?;
    let now = httpdate::parse_http_date(&text(headers, DATE)?).ok()?;
    // A time that has passed asks for no pause.
    Some(then.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    #[test]
    fn pauses_grow_and_end() {
        let limits = Limits {
            attempts: 9,
            ..Limits::default()
        };
        let pause = |attempt| limits.pause(attempt, Again::Soon);
        assert_eq!(pause(1), Some(Duration::from_millis(500)));
        assert_eq!(pause(2), Some(Duration::from_secs(1)));
        assert_eq!(pause(3), Some(Duration::from_secs(2)));
        assert_eq!(pause(8), Some(Duration::from_secs(30)));
        assert_eq!(pause(9), None);
        assert_eq!(limits.pause(1, Again::Never), None);
    }

    #[test]
    fn the_server_may_ask_for_a_pause_up_to_a_limit() {
        let limits = Limits::default();
        for (asked, pause) in [(0, Some(0)), (30, Some(30)), (31, None)] {
            let again = Again::After(Duration::from_secs(asked));
            assert_eq!(limits.pause(1, again), pause.map(Duration::from_secs));
        }
    }

    #[test]
    fn a_pause_is_asked_for_in_seconds_or_until_a_date() {
        let now = "Tue, 24 Nov 2026 08:00:02 GMT";
        for (asked, seconds) in [
            ("7", Some(7)),
            ("Tue, 24 Nov 2026 08:00:09 GMT", Some(7)),
            ("Tue, 24 Nov 2026 08:00:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(DATE, HeaderValue::from_static(now));
            headers.insert(RETRY_AFTER, HeaderValue::from_static(asked));
            assert_eq!(
                retry_after(&headers),
                seconds.map(Duration::from_secs),
                "{asked}"
            );
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
