//! The number of a row, and its text.

use std::fmt;

/// The most that a whole number of a row can be: what every reader of 64-bit integers takes.
const MOST: u64 = i64::MAX.unsigned_abs();

/// The number of a row. Its text is a JSON number, and what an exposition has for it.
///
/// ```
/// use cmetrics_core::names::Number;
///
/// let text = |number: Option<Number>| number.unwrap().to_string();
/// assert_eq!(text(Number::whole(1_500_000_000)), "1500000000");
/// assert_eq!(text(Number::decimal(1_500_000_000, 9)), "1.5");
/// assert_eq!(text(Number::real(0.1)), "0.1");
/// assert_eq!(text(Number::real(8192.0)), "8192");
/// assert_eq!(Number::real(f64::NAN), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number(Form);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    Whole(u64),
    /// So many units, of which 10 to the power of the digits make one.
    Decimal(u64, u32),
    Real(f64),
}

impl Number {
    /// A whole number; `None` above 2^63 − 1.
    pub fn whole(value: impl TryInto<u64>) -> Option<Self> {
        let value = value.try_into().ok().filter(|value| *value <= MOST)?;
        Some(Self(Form::Whole(value)))
    }

    /// A whole number of units, of which 10 to the power of `digits` make one: nanoseconds as
    /// seconds with 9. `None` where there are more than 2^63 − 1 units.
    pub fn decimal(units: impl TryInto<u64>, digits: u32) -> Option<Self> {
        let Self(Form::Whole(units)) = Self::whole(units)? else { return None };
        let has_fraction = digits > 0 && 10_u64.checked_pow(digits).is_some();
        Some(Self(if has_fraction { Form::Decimal(units, digits) } else { Form::Whole(units) }))
    }

    /// A floating-point number; `None` for one that is not finite.
    pub fn real(value: f64) -> Option<Self> {
        value.is_finite().then_some(Self(Form::Real(value)))
    }

    /// The nearest whole number; `None` for one below 0 or above 2^63 − 1.
    pub(super) fn rounded(value: f64) -> Option<Self> {
        #[expect(clippy::cast_precision_loss, reason = "a bound")]
        let is_in_range = (0.0..MOST as f64).contains(&value.round());
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is in the range"
        )]
        is_in_range.then(|| Self(Form::Whole(value.round() as u64)))
    }

    /// The value as a whole number, if it is one by its kind or by its digits.
    pub fn as_whole(self) -> Option<u64> {
        /// Up to here every whole number is one of 64 bits of floating point.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        match self.0 {
            Form::Whole(value) => Some(value),
            Form::Decimal(..) => None,
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "whole and in the range"
            )]
            Form::Real(value) => {
                ((0.0..EXACT).contains(&value) && value.fract() == 0.0).then_some(value as u64)
            }
        }
    }

    /// The nearest floating-point number.
    #[expect(clippy::cast_precision_loss, reason = "the nearest")]
    pub fn as_f64(self) -> f64 {
        match self.0 {
            Form::Whole(value) => value as f64,
            // The text of a decimal is one of a number.
            Form::Decimal(..) => self.to_string().parse().unwrap_or_default(),
            Form::Real(value) => value,
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Outside of these, digits alone are longer than with an exponent.
        const SHORT: std::ops::Range<f64> = 1e-5..1e16;
        match self.0 {
            Form::Whole(value) => write!(f, "{value}"),
            Form::Decimal(units, digits) => {
                let one = 10_u64.checked_pow(digits).unwrap_or(1);
                write!(f, "{}", units / one)?;
                let (mut rest, mut places) = (units % one, digits as usize);
                if rest == 0 {
                    return Ok(());
                }
                while rest.is_multiple_of(10) {
                    (rest, places) = (rest / 10, places - 1);
                }
                write!(f, ".{rest:0places$}")
            }
            Form::Real(value) if value == 0.0 || SHORT.contains(&value.abs()) => {
                write!(f, "{value}")
            }
            Form::Real(value) => write!(f, "{value:e}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_exact_and_has_no_zeros_at_its_end() {
        for (units, digits, text) in [
            (0_u64, 9, "0"),
            (1, 9, "0.000000001"),
            (1_000_000_000, 9, "1"),
            (123_456_789_012_345_678, 9, "123456789.012345678"),
            (9_223_372_036_854_775_807, 9, "9223372036.854775807"),
            (1_020_300, 6, "1.0203"),
            (42, 0, "42"),
        ] {
            assert_eq!(Number::decimal(units, digits).unwrap().to_string(), text);
        }
        assert_eq!(Number::decimal(u64::MAX, 9), None);
    }

    #[test]
    fn a_real_number_reads_back_from_its_shortest_text() {
        for value in [0.0, 1.0 / 3.0, 1e-7, 1e15, 1e16, 1e300, 123_456.75, f64::MIN_POSITIVE] {
            let text = Number::real(value).unwrap().to_string();
            assert_eq!(text.parse::<f64>().unwrap().to_bits(), value.to_bits(), "{text}");
            assert_eq!(serde_json::from_str::<f64>(&text).unwrap().to_bits(), value.to_bits());
            assert!(text.len() <= 24, "{text}");
        }
        assert_eq!(Number::real(f64::INFINITY), None);
    }

    #[test]
    fn a_number_above_63_bits_is_none() {
        assert_eq!(Number::whole(MOST).unwrap().to_string(), "9223372036854775807");
        assert_eq!((Number::whole(MOST + 1), Number::whole(u128::MAX)), (None, None));
        assert_eq!(Number::rounded(0.5), Number::whole(1_u64));
        assert_eq!((Number::rounded(-1.0), Number::rounded(f64::NAN)), (None, None));
        assert_eq!(Number::rounded(9.3e18), None);
    }

    #[test]
    fn a_whole_number_is_told_from_others() {
        assert_eq!(Number::real(3.0).and_then(Number::as_whole), Some(3));
        assert_eq!(Number::real(3.5).and_then(Number::as_whole), None);
        assert_eq!(Number::decimal(3_u64, 9).and_then(Number::as_whole), None);
    }
}
