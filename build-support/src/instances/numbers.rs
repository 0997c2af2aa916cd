//! Numbers within bounds, the bounds themselves among them.

use serde_json::{Map, Number, Value, json};

/// How many a keyword such as `minItems` asks for: a whole number from 0.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is no count is taken to the nearest"
)]
pub(super) fn count(schema: &Map<String, Value>, keyword: &str) -> Option<usize> {
    let count = schema.get(keyword)?.as_f64()?;
    Some(count as usize)
}

/// Integers are drawn from what 64 bits hold: more is no JSON that services write.
pub(super) fn integer(schema: &Map<String, Value>, random: &mut fastrand::Rng) -> Option<Value> {
    let bound = |keyword: &str, inward: fn(f64) -> f64, step: i128| {
        Some(exact(schema.get(keyword)?, inward)?.saturating_add(step))
    };
    let least = bound("minimum", f64::ceil, 0)
        .into_iter()
        .chain(bound("exclusiveMinimum", f64::floor, 1))
        .max();
    let most = bound("maximum", f64::floor, 0)
        .into_iter()
        .chain(bound("exclusiveMaximum", f64::ceil, -1))
        .min();
    let (smallest, largest) = (i128::from(i64::MIN), i128::from(i64::MAX));
    let unsigned = least.is_some_and(|least| least >= 0) && most.is_some_and(|most| most > largest);
    let largest = if unsigned {
        i128::from(u64::MAX)
    } else {
        largest
    };
    let least = least.unwrap_or(smallest).max(smallest);
    let most = most.unwrap_or(largest).min(largest);
    if least > most {
        return None;
    }
    let near = |value: i128| value.clamp(least, most);
    let drawn = match random.u8(0..6) {
        0 => least,
        1 => most,
        2 => near(0),
        3 => random.i128(least..=most),
        _ => near(i128::from(random.i16(-1000..1000))),
    };
    let step = schema
        .get("multipleOf")
        .and_then(|step| exact(step, f64::floor))
        .filter(|step| *step > 0)
        .unwrap_or(1);
    let drawn = drawn - drawn.rem_euclid(step);
    let drawn = if drawn < least { drawn + step } else { drawn };
    (drawn <= most).then_some(Value::Number(Number::from_i128(drawn)?))
}

/// Bounds of integers may be written with a point, and may be larger than what a float tells apart. One
/// between two integers is taken to that which `nearest` says.
#[allow(clippy::cast_possible_truncation, reason = "it saturates")]
fn exact(value: &Value, nearest: fn(f64) -> f64) -> Option<i128> {
    let whole = value
        .as_i64()
        .map(i128::from)
        .or_else(|| value.as_u64().map(i128::from));
    whole.or_else(|| value.as_f64().map(|value| nearest(value) as i128))
}

pub(super) fn number(schema: &Map<String, Value>, random: &mut fastrand::Rng) -> Option<Value> {
    let bound = |keyword: &str| schema.get(keyword).and_then(Value::as_f64);
    let (above, below) = (bound("exclusiveMinimum"), bound("exclusiveMaximum"));
    let least = bound("minimum").into_iter().chain(above);
    let least = least.reduce(f64::max).unwrap_or(f64::MIN / 2.0);
    let most = bound("maximum").into_iter().chain(below);
    let most = most.reduce(f64::min).unwrap_or(f64::MAX / 2.0);
    if least > most {
        return None;
    }
    let inside = |value: f64| {
        above.is_none_or(|above| value > above) && below.is_none_or(|below| value < below)
    };
    if let Some(step) = bound("multipleOf").filter(|step| *step > 0.0) {
        let (mut fewest, mut largest) = ((least / step).ceil(), (most / step).floor());
        // A bound that leaves itself out may be a multiple.
        if !inside(fewest * step) {
            fewest += 1.0;
        }
        if !inside(largest * step) {
            largest -= 1.0;
        }
        if fewest > largest {
            return None;
        }
        let count = f64::from(random.u16(0..1000)).clamp(fewest, largest);
        return Number::from_f64(count * step).map(Value::Number);
    }
    let drawn = match random.u8(0..6) {
        0 => least,
        1 => most,
        2 => (f64::from(random.i16(-1000..1000)) / 8.0).clamp(least, most),
        3 => f64::from(random.i8(-100..100)).clamp(least, most),
        _ => least + (most - least) * random.f64(),
    };
    let drawn = if inside(drawn) {
        drawn
    } else {
        least + (most - least) / 2.0
    };
    if !inside(drawn) {
        return None;
    }
    if drawn.fract() == 0.0 && drawn.abs() < 1e9 && random.bool() {
        // The same number, written as services write it.
        #[allow(clippy::cast_possible_truncation, reason = "it is whole and small")]
        return Some(json!(drawn as i64));
    }
    Number::from_f64(drawn).map(Value::Number)
}
