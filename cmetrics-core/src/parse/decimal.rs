//! Reads decimal numbers as integers, without the rounding of floating point.

/// The number that `text` writes, times ten to the power of `places`, rounded to the nearest whole
/// number, and of two that are as near to the even one. `None` for text that is not a number (`NaN`
/// and infinities included), for a negative one, and for one that does not fit 64 bits.
pub(super) fn shifted(text: &[u8], places: u32) -> Option<u64> {
    Decimal::parse(text)?.times_power_of_ten(places).map(|(value, _)| value)
}

/// The whole number that `text` writes, be it as `1.0` or `1e+09`; `None` for any other text.
pub(super) fn whole(text: &[u8]) -> Option<u64> {
    let (value, is_exact) = Decimal::parse(text)?.times_power_of_ten(0)?;
    is_exact.then_some(value)
}

/// A number of the form `12.5e-3`: the digits before and after the point, and the exponent.
struct Decimal<'t> {
    before: &'t [u8],
    after: &'t [u8],
    exponent: i64,
}

impl<'t> Decimal<'t> {
    fn parse(text: &'t [u8]) -> Option<Self> {
        let text = text.strip_prefix(b"+").unwrap_or(text);
        let (before, rest) = digits(text);
        let (after, rest) = match rest.strip_prefix(b".") {
            Some(rest) => digits(rest),
            None => (<&[u8]>::default(), rest),
        };
        let exponent = match rest.split_first() {
            None => 0,
            Some((b'e' | b'E', exponent)) => exponent_of(exponent)?,
            Some(_) => return None,
        };
        (!before.is_empty() || !after.is_empty()).then_some(Self { before, after, exponent })
    }

    /// The number times a power of ten, rounded, and whether that is exact.
    fn times_power_of_ten(&self, places: u32) -> Option<(u64, bool)> {
        let digits = || self.before.iter().chain(self.after).map(|digit| u64::from(digit - b'0'));
        let leading = digits().take_while(|digit| *digit == 0).count();
        let significant = || digits().skip(leading);
        let before = signed(self.before.len())?.checked_sub(signed(leading)?)?;
        // How many of the significant digits are before the point of the result.
        let point = before.saturating_add(self.exponent).saturating_add(i64::from(places));
        if significant().next().is_none() {
            return Some((0, true));
        }
        let Ok(point) = usize::try_from(point) else {
            return Some((0, false));
        };
        if point > MOST_DIGITS {
            return None;
        }
        let append = |value: u64, digit: u64| value.checked_mul(10)?.checked_add(digit);
        let whole = significant().chain(std::iter::repeat(0)).take(point).try_fold(0, append)?;
        let mut rest = significant().skip(point);
        let first = rest.next().unwrap_or(0);
        let is_more = rest.any(|digit| digit != 0);
        let rounds_up = first > 5 || first == 5 && (is_more || whole % 2 == 1);
        Some((whole.checked_add(u64::from(rounds_up))?, first == 0 && !is_more))
    }
}

fn signed(length: usize) -> Option<i64> {
    i64::try_from(length).ok()
}

/// The digits of the largest number of 64 bits.
const MOST_DIGITS: usize = 20;

/// The digits that `text` begins with, and the rest of it.
fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    text.split_at_checked(length).unwrap_or((text, &[]))
}

/// The value of an exponent. One that is larger than any that matters is as good as that.
fn exponent_of(text: &[u8]) -> Option<i64> {
    let is_negative = text.first() == Some(&b'-');
    let unsigned = text.strip_prefix(b"-").or(text.strip_prefix(b"+")).unwrap_or(text);
    let (all, rest) = digits(unsigned);
    if all.is_empty() || !rest.is_empty() {
        return None;
    }
    let value = all.iter().fold(0_i64, |value, digit| {
        value.saturating_mul(10).saturating_add(i64::from(digit - b'0'))
    });
    Some(if is_negative { value.saturating_neg() } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nine(text: &str) -> Option<u64> {
        shifted(text.as_bytes(), 9)
    }

    #[test]
    fn digits_are_shifted_without_rounding_of_their_own() {
        // As a double, the first is 263.47538998800003 and the second 9007199254740993.
        assert_eq!(nine("263.475389988"), Some(263_475_389_988));
        assert_eq!(nine("9007199.254740993"), Some(9_007_199_254_740_993));
        assert_eq!(nine("18446744073.709551615"), Some(u64::MAX));
        assert_eq!(nine("1e-9"), Some(1));
        assert_eq!(nine("1.5E+01"), Some(15_000_000_000));
        assert_eq!(nine("+.5"), Some(500_000_000));
        assert_eq!(nine("0.00e99999999999999999999"), Some(0));
        assert_eq!(nine("00012."), Some(12_000_000_000));
    }

    #[test]
    fn what_is_cut_is_rounded_and_ties_go_to_the_even_number() {
        assert_eq!(nine("0.0000000005"), Some(0));
        assert_eq!(nine("0.0000000015"), Some(2));
        assert_eq!(nine("0.0000000025"), Some(2));
        assert_eq!(nine("0.00000000250000000000000000000000000001"), Some(3));
        assert_eq!(nine("0.00000000249999999999999999999999999999"), Some(2));
        assert_eq!(nine("1e-10"), Some(0));
        assert_eq!(nine("9e-10"), Some(1));
        assert_eq!(nine("9e-11"), Some(0));
        assert_eq!(nine("1e-99999999999999999999"), Some(0));
        assert_eq!(nine("18446744073.7095516155"), None);
        assert_eq!(nine("18446744073.7095516154"), Some(u64::MAX));
    }

    #[test]
    fn what_is_no_number_from_0_to_the_largest_of_64_bits_has_no_value() {
        for text in [
            "",
            "NaN",
            "+Inf",
            "Inf",
            "-1",
            "-0.5",
            ".",
            "e5",
            "1e",
            "1e+",
            "1.2.3",
            "1 ",
            " 1",
            "1x",
            "0x10",
            "1e5.0",
            "18446744074",
            "1e11",
            "1e99999999999999999999",
            "++1",
        ] {
            assert_eq!(nine(text), None, "{text}");
        }
    }

    #[test]
    fn a_whole_number_may_have_a_fraction_of_zeros_or_an_exponent() {
        for (text, value) in [
            ("1e+09", Some(1_000_000_000)),
            ("1.0", Some(1)),
            ("1.50e1", Some(15)),
            ("15e-1", None),
            ("0.5", None),
            ("1e-1", None),
            ("18446744073709551615.000", Some(u64::MAX)),
            ("18446744073709551616", None),
        ] {
            assert_eq!(whole(text.as_bytes()), value, "{text}");
        }
    }
}
