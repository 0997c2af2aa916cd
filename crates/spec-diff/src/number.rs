//! Numbers of JSON, compared by what they mean.

use serde_json::Value;
use std::cmp::Ordering;

/// A finite number: `1.0` is the whole number 1.
///
/// Whole numbers are exact beyond 64 bits, because the bounds of 64-bit integers are compared with
/// their neighbours.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Number {
    Whole(i128),
    Fraction(f64),
}

/// The greatest magnitude up to which a float is taken for the whole number that it is.
const WHOLE_LIMIT: f64 = 1e37;

impl Number {
    pub(crate) fn read(value: &Value) -> Option<Self> {
        let number = value.as_number()?;
        let whole = number.as_i64().map(i128::from);
        let whole = whole.or_else(|| number.as_u64().map(i128::from));
        match whole {
            Some(whole) => Some(Self::Whole(whole)),
            None => Self::of(number.as_f64()?),
        }
    }

    /// A float as a number; none if it is not finite.
    pub(crate) fn of(float: f64) -> Option<Self> {
        if !float.is_finite() {
            return None;
        }
        #[allow(
            clippy::cast_possible_truncation,
            reason = "whole and within the limit"
        )]
        let number = if float.fract() == 0.0 && float.abs() <= WHOLE_LIMIT {
            Self::Whole(float as i128)
        } else {
            Self::Fraction(float)
        };
        Some(number)
    }

    #[allow(clippy::cast_precision_loss, reason = "for arithmetic on fractions")]
    pub(crate) fn to_f64(self) -> f64 {
        match self {
            Self::Whole(whole) => whole as f64,
            Self::Fraction(fraction) => fraction,
        }
    }

    /// Whether a schema's `integer` takes it.
    pub(crate) fn is_whole(self) -> bool {
        match self {
            Self::Whole(_) => true,
            Self::Fraction(fraction) => fraction.fract() == 0.0,
        }
    }

    pub(crate) fn plus(self, other: f64) -> Self {
        match (self, Self::of(other)) {
            (Self::Whole(whole), Some(Self::Whole(other))) => {
                Self::Whole(whole.saturating_add(other))
            }
            _ => Self::of(self.to_f64() + other).unwrap_or(self),
        }
    }

    pub(crate) fn times(self, other: i32) -> Self {
        match self {
            Self::Whole(whole) => Self::Whole(whole.saturating_mul(i128::from(other))),
            Self::Fraction(fraction) => Self::of(fraction * f64::from(other)).unwrap_or(self),
        }
    }

    /// Whether it is a multiple of `step`, as closely as floats tell.
    pub(crate) fn is_multiple_of(self, step: Self) -> bool {
        if let (Self::Whole(whole), Self::Whole(step)) = (self, step) {
            return step == 0 || whole % step == 0;
        }
        let quotient = self.to_f64() / step.to_f64();
        (quotient - quotient.round()).abs() < 1e-9
    }

    pub(crate) fn to_value(self) -> Value {
        match self {
            Self::Whole(whole) => match (i64::try_from(whole), u64::try_from(whole)) {
                (Ok(whole), _) => Value::from(whole),
                (_, Ok(whole)) => Value::from(whole),
                _ => Value::from(self.to_f64()),
            },
            Self::Fraction(fraction) => Value::from(fraction),
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (*self, *other) {
            (Self::Whole(one), Self::Whole(other)) => one.cmp(&other),
            // A fraction below the limit lies between two whole numbers, which are compared exactly.
            (Self::Whole(whole), Self::Fraction(fraction)) if fraction.abs() < WHOLE_LIMIT => {
                #[allow(clippy::cast_possible_truncation, reason = "within the limit")]
                let floor = fraction.floor() as i128;
                whole.cmp(&floor).then(Ordering::Less)
            }
            (Self::Fraction(_), Self::Whole(_)) => other.cmp(self).reverse(),
            _ => self.to_f64().total_cmp(&other.to_f64()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        Number::read(&serde_json::from_str(text).unwrap()).unwrap()
    }

    #[test]
    fn numbers_compare_by_what_they_mean() {
        assert_eq!(number("1.0"), number("1"));
        assert_eq!(number("1e3"), number("1000"));
        assert!(number("1") < number("1.5") && number("1.5") < number("2"));
        assert!(number("-2") < number("-1.5") && number("-1.5") < number("-1"));
        let greatest = number("9223372036854775807");
        assert!(greatest < greatest.plus(1.0));
        assert!(greatest < number("1e300"));
    }

    #[test]
    fn multiples_are_exact_for_whole_numbers_and_close_for_fractions() {
        assert!(number("9007199254740993").is_multiple_of(number("3")));
        assert!(!number("9007199254740994").is_multiple_of(number("3")));
        assert!(number("0.3").is_multiple_of(number("0.1")));
        assert!(!number("0.35").is_multiple_of(number("0.1")));
    }
}
