//! Promises about the future: `deprecated`, `x-sunset`, `x-stability-level`.
//!
//! They are part of the contract: one that is lowered, withdrawn or no longer readable breaks it.
//! What has announced its end may go once the day has passed, or at any time where no day was given.

use crate::finding::Finding;
use crate::formats;
use crate::json;
use crate::members::{Object, given};
use crate::report::Wire;
use serde_json::Value;
use time::Date;

const DEPRECATED: &str = "deprecated";
const SUNSET: &str = "x-sunset";
const STABILITY: &str = "x-stability-level";

/// The stability levels, from the one that promises least.
const LEVELS: [&str; 4] = ["draft", "alpha", "beta", "stable"];

/// The place of `beta`, the first level that promises compatibility.
const FIRST_PROMISE: usize = 2;

/// Whether an element may go, and why.
pub(crate) fn removal(element: &Object, today: Date) -> (Wire, String) {
    if !json::is_true(element.get(DEPRECATED)) {
        let reason = "it was not deprecated before".to_owned();
        return (Wire::Breaking, reason);
    }
    let Some(sunset) = element.get(SUNSET) else {
        let reason = "it was deprecated, and no day was promised".to_owned();
        return (Wire::Compatible, reason);
    };
    match day(sunset) {
        None => {
            let sunset = json::show(Some(sunset));
            let reason = format!("its x-sunset {sunset} is no date, so that its end is not known");
            (Wire::Breaking, reason)
        }
        Some(end) if end > today => (Wire::Breaking, format!("its sunset {end} is still to come")),
        Some(end) => (Wire::Compatible, format!("its sunset {end} has passed")),
    }
}

/// Whether the document promises compatibility for an operation at all. A level that cannot be read
/// is taken for a promise.
pub(crate) fn promised(operation: &Object) -> bool {
    level(given(operation, STABILITY)).is_none_or(|level| level >= FIRST_PROMISE)
}

/// The marks of an element that both documents have.
pub(crate) fn compare(
    old: &Object,
    new: &Object,
    pointer: &str,
    area: &str,
    today: Date,
    emit: &mut dyn FnMut(Finding),
) {
    let findings = [
        stability(old, new, pointer, area),
        sunset(old, new, pointer, area, today),
        deprecation(old, new, pointer, area),
    ];
    findings.into_iter().flatten().for_each(emit);
}

fn stability(old: &Object, new: &Object, pointer: &str, area: &str) -> Option<Finding> {
    let (before, after) = (given(old, STABILITY), given(new, STABILITY));
    if before == after {
        return None;
    }
    let (event, wire) = match (level(before), level(after)) {
        (Some(before), Some(after)) if after < before => ("lowered", Wire::Breaking),
        (Some(_), Some(_)) => ("raised", Wire::None),
        _ => ("unreadable", Wire::Breaking),
    };
    let mut message = format!("stability {} -> {}", json::show(before), json::show(after));
    if event == "unreadable" {
        message = format!("{message}: not one of {}", LEVELS.join(", "));
    }
    let rule = format!("{area}-stability-{event}");
    Some(Finding::new(
        rule,
        wire,
        json::join(pointer, STABILITY),
        message,
    ))
}

fn sunset(old: &Object, new: &Object, pointer: &str, area: &str, today: Date) -> Option<Finding> {
    let (before, after) = (given(old, SUNSET), given(new, SUNSET));
    if before == after {
        return None;
    }
    let was_deprecated = json::is_true(old.get(DEPRECATED));
    let is_deprecated = json::is_true(new.get(DEPRECATED));
    let days = (before.and_then(day), after.and_then(day));
    let (event, wire) = match days {
        (_, None) if is_deprecated && after.is_some() => ("unreadable", Wire::Breaking),
        // The end was announced together with its day, or both were taken back.
        _ if was_deprecated != is_deprecated => return None,
        _ if is_deprecated && after.is_none() => ("withdrawn", Wire::Breaking),
        (Some(before), Some(after)) if is_deprecated && after < before => {
            let wire = if after <= today {
                Wire::Breaking
            } else {
                Wire::Unknown
            };
            ("moved-earlier", wire)
        }
        _ => ("changed", Wire::None),
    };
    let message = format!("sunset {} -> {}", json::show(before), json::show(after));
    let rule = format!("{area}-sunset-{event}");
    let finding = Finding::new(rule, wire, json::join(pointer, SUNSET), message);
    Some(finding.because("the document does not say whether clients can be ready by then"))
}

fn deprecation(old: &Object, new: &Object, pointer: &str, area: &str) -> Option<Finding> {
    let before = json::is_true(old.get(DEPRECATED));
    let after = json::is_true(new.get(DEPRECATED));
    if before == after {
        return None;
    }
    let event = if after { "deprecated" } else { "reactivated" };
    let rule = format!("{area}-{event}");
    let pointer = json::join(pointer, DEPRECATED);
    let message = format!("deprecated {before} -> {after}");
    Some(Finding::new(rule, Wire::None, pointer, message))
}

/// The place among [`LEVELS`]: what carries no mark is stable.
fn level(mark: Option<&Value>) -> Option<usize> {
    let Some(mark) = mark else {
        return Some(LEVELS.len() - 1);
    };
    LEVELS
        .iter()
        .position(|level| mark.as_str() == Some(*level))
}

/// The day of an RFC 3339 date, with or without a time after it.
fn day(value: &Value) -> Option<Date> {
    let text = value.as_str()?;
    let date = text.get(..10)?;
    if !matches!(text.as_bytes().get(10), None | Some(b'T' | b't' | b' ')) {
        return None;
    }
    formats::read_date(date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use time::Month;

    fn today() -> Date {
        Date::from_calendar_date(2024, Month::June, 15).unwrap()
    }

    fn object(value: &Value) -> Object {
        value.as_object().unwrap().clone()
    }

    fn found(old: &Value, new: &Value) -> Vec<(String, Wire)> {
        let mut found = Vec::new();
        compare(
            &object(old),
            &object(new),
            "",
            "operation",
            today(),
            &mut |finding| {
                found.push((finding.rule, finding.wire));
            },
        );
        found
    }

    fn one(rule: &str, wire: Wire) -> Vec<(String, Wire)> {
        vec![(rule.to_owned(), wire)]
    }

    #[test]
    fn days_are_dates_with_or_without_a_time() {
        let day = |text: &str| day(&json!(text));
        assert_eq!(day("2024-06-15"), Some(today()));
        assert_eq!(day("2024-06-15T00:00:00Z"), Some(today()));
        for text in [
            "2024-02-30",
            "2024-06-155",
            "2024-6-15",
            "+024-06-15",
            "soon",
            "2024-06-1é",
        ] {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn what_was_deprecated_may_go_once_its_day_has_passed() {
        let wire = |element: Value| removal(&object(&element), today()).0;
        assert_eq!(wire(json!({})), Wire::Breaking);
        assert_eq!(wire(json!({"deprecated": true})), Wire::Compatible);
        let on = |sunset: &str| wire(json!({"deprecated": true, "x-sunset": sunset}));
        assert_eq!(on("2024-06-15"), Wire::Compatible);
        assert_eq!(on("2024-06-16"), Wire::Breaking);
        assert_eq!(on("some day"), Wire::Breaking);
    }

    #[test]
    fn promises_may_be_raised_but_not_lowered() {
        let beta = json!({"x-stability-level": "beta"});
        let odd = json!({"x-stability-level": "beta?"});
        assert_eq!(
            found(&json!({}), &beta),
            one("operation-stability-lowered", Wire::Breaking)
        );
        assert_eq!(
            found(&beta, &json!({})),
            one("operation-stability-raised", Wire::None)
        );
        assert_eq!(
            found(&odd, &beta),
            one("operation-stability-unreadable", Wire::Breaking)
        );
        assert!(promised(&object(&beta)) && promised(&object(&odd)));
        assert!(!promised(&object(&json!({"x-stability-level": "alpha"}))));
    }

    #[test]
    fn a_sunset_may_move_away_but_not_closer() {
        let on = |sunset: &str| json!({"deprecated": true, "x-sunset": sunset});
        let none = json!({"deprecated": true});
        let (near, far) = (on("2024-07-01"), on("2025-01-01"));
        let earlier = "operation-sunset-moved-earlier";
        assert_eq!(
            found(&near, &far),
            one("operation-sunset-changed", Wire::None)
        );
        assert_eq!(found(&far, &near), one(earlier, Wire::Unknown));
        assert_eq!(found(&far, &on("2024-06-01")), one(earlier, Wire::Breaking));
        assert_eq!(
            found(&far, &none),
            one("operation-sunset-withdrawn", Wire::Breaking)
        );
        assert_eq!(
            found(&far, &on("soon")),
            one("operation-sunset-unreadable", Wire::Breaking)
        );
        assert_eq!(
            found(&json!({}), &near),
            one("operation-deprecated", Wire::None)
        );
    }
}
