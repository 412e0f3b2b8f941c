//! Decimal numbers as they are written, read digit by digit and never as floating point: the digits
//! say more than a float of them.

use std::cmp::Ordering;

use super::lanes::{digits_value, leading_digits};

/// The number that `text` writes, times ten to the power of `places`, rounded to the nearest whole
/// number, and of two that are as near to the even one. `None` for text that is not a number (`NaN`
/// and infinities included), for one with a minus, and for one that does not fit 64 bits.
pub(super) fn shifted(text: &[u8], places: u8) -> Option<u64> {
    unsigned(text)?.shifted(places)
}

/// The whole number that `text` writes, be it as `1.0` or `1e+09`; `None` for any other text.
pub(super) fn whole(text: &[u8]) -> Option<u64> {
    if let Some(digits) = digits(text) {
        return Some(digits);
    }
    let decimal = unsigned(text)?;
    decimal.shifted(0).filter(|_| decimal.is_whole())
}

/// The whole number that `text` writes by digits alone, as many as always fit.
#[inline]
fn digits(text: &[u8]) -> Option<u64> {
    let (mut value, mut at) = (0, 0);
    let is_plain = !text.is_empty() && text.len() <= FIT_64;
    (is_plain && read_digits(text, &mut at, &mut value) == text.len()).then_some(value)
}

/// The number that the whole of `text` writes, without a minus.
fn unsigned(text: &[u8]) -> Option<Decimal> {
    match number(text)? {
        (Number::Finite(decimal), length) if length == text.len() && !decimal.negative => {
            Some(decimal)
        }
        _ => None,
    }
}

/// A number at the beginning of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Nan,
    Infinite,
    Finite(Decimal),
}

/// `digits × 10^exponent`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Decimal {
    negative: bool,
    digits: u64,
    exponent: i32,
    /// Digits that did not fit, if any is not 0. They come after those of `digits`.
    rest: Option<Rest>,
}

/// The digits of a number that has too many of them for 64 bits.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Rest {
    /// As many of all digits as fit.
    digits: u128,
    exponent: i32,
    /// Whether any digit after them is not 0.
    more: bool,
}

/// How many digits always fit 64 bits, and 128.
const FIT_64: usize = 19;
const FIT_128: usize = 38;
/// Beyond this, an exponent makes no difference.
const LARGEST_EXPONENT: i32 = 100_000;

const POWERS: [u64; 20] = {
    let mut powers = [1; 20];
    let mut index = 1;
    #[expect(clippy::indexing_slicing, reason = "evaluated while compiling")]
    while index < 20 {
        powers[index] = powers[index - 1] * 10;
        index += 1;
    }
    powers
};

impl Decimal {
    /// The number that a digit writes.
    #[inline]
    pub(super) fn digit(digit: u8) -> Self {
        let digits = u64::from(digit.wrapping_sub(b'0'));
        Self { negative: false, digits, exponent: 0, rest: None }
    }

    /// The number times `10^places`, rounded to the nearest whole number, ties to even. `None` if
    /// that is below 0 or does not fit 64 bits.
    #[inline]
    pub(super) fn shifted(self, places: u8) -> Option<u64> {
        if let Some(rest) = self.rest {
            return if self.negative { None } else { rest.shifted(places) };
        }
        if self.negative && self.digits != 0 {
            return None;
        }
        let exponent = self.exponent + i32::from(places);
        match usize::try_from(exponent) {
            Ok(0) => Some(self.digits),
            Ok(_) if self.digits == 0 => Some(0),
            Ok(up) => self.digits.checked_mul(*POWERS.get(up)?),
            Err(_) => Some(divided(self.digits, exponent.unsigned_abs())),
        }
    }

    /// Whether nothing but zeros is behind its point.
    fn is_whole(self) -> bool {
        let (digits, exponent, more) = match self.rest {
            Some(Rest { digits, exponent, more }) => (digits, exponent, more),
            None => (u128::from(self.digits), self.exponent, false),
        };
        let divisor = 10u128.checked_pow(exponent.min(0).unsigned_abs());
        !more && divisor.map_or(digits == 0, |divisor| digits % divisor == 0)
    }

    /// Whether it is below 0.
    pub(super) fn is_negative(self) -> bool {
        self.negative && (self.digits != 0 || self.rest.is_some())
    }
}

/// `digits / 10^places`, rounded.
#[inline]
fn divided(digits: u64, places: u32) -> u64 {
    // A divisor that does not fit is more than twice as large as any number that does.
    let Some(&divisor) = POWERS.get(places as usize) else { return 0 };
    let (whole, left) = (digits / divisor, digits % divisor);
    whole + u64::from(is_up(left.cmp(&(divisor - left)), whole % 2 == 1))
}

/// Whether to round up, by how what is left compares with what is missing. Ties go to even.
#[inline]
fn is_up(left: Ordering, is_odd: bool) -> bool {
    left == Ordering::Greater || (left == Ordering::Equal && is_odd)
}

impl Rest {
    #[cold]
    fn shifted(self, places: u8) -> Option<u64> {
        let exponent = self.exponent + i32::from(places);
        let power = 10u128.checked_pow(exponent.unsigned_abs());
        let whole = if exponent >= 0 {
            self.digits.checked_mul(power?)?
        } else if let Some(divisor) = power {
            let (whole, left) = (self.digits / divisor, self.digits % divisor);
            let is_odd = self.more || whole % 2 == 1;
            whole + u128::from(is_up(left.cmp(&(divisor - left)), is_odd))
        } else {
            0
        };
        u64::try_from(whole).ok()
    }
}

/// The number at the beginning of a text, and its length. `None` if there is none.
#[inline]
pub(super) fn number(text: &[u8]) -> Option<(Number, usize)> {
    let (negative, start) = match text.first()? {
        b'-' => (true, 1),
        b'+' => (false, 1),
        _ => (false, 0),
    };
    let (mut digits, mut at) = (0, start);
    let mut count = read_digits(text, &mut at, &mut digits);
    let mut exponent = 0;
    if text.get(at) == Some(&b'.') {
        at += 1;
        let fraction = read_digits(text, &mut at, &mut digits);
        exponent -= i32::try_from(fraction).ok()?;
        count += fraction;
    }
    if count == 0 {
        return word(text, start);
    }
    let end_of_digits = at;
    if matches!(text.get(at), Some(b'e' | b'E')) {
        exponent += read_exponent(text, &mut at)?;
    }
    let rest = if count > FIT_64 {
        let written = text.get(start..end_of_digits).unwrap_or_default();
        let read_exponent = exponent + fraction_of(written);
        let (all, rest) = all_digits(written, read_exponent);
        (digits, exponent) = all;
        rest
    } else {
        None
    };
    Some((Number::Finite(Decimal { negative, digits, exponent, rest }), at))
}

/// Reads digits into `value`, which overflows if there are too many. Returns how many there were.
#[inline]
fn read_digits(text: &[u8], at: &mut usize, value: &mut u64) -> usize {
    let start = *at;
    while let Some(word) = text.get(*at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*word);
        let digits = leading_digits(word);
        let power = POWERS.get(digits).copied().unwrap_or(1);
        *value = value.wrapping_mul(power).wrapping_add(digits_value(word, digits));
        *at += digits;
        if digits < 8 {
            return *at - start;
        }
    }
    while let Some(digit) = text.get(*at).filter(|byte| byte.is_ascii_digit()) {
        *value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
        *at += 1;
    }
    *at - start
}

/// Reads an exponent: `e`, a sign, digits.
#[inline]
fn read_exponent(text: &[u8], at: &mut usize) -> Option<i32> {
    *at += 1;
    let negative = match text.get(*at) {
        Some(b'-') => true,
        Some(b'+') => false,
        _ => {
            *at -= 1;
            false
        }
    };
    *at += 1;
    let (mut value, start) = (0i32, *at);
    while let Some(digit) = text.get(*at).filter(|byte| byte.is_ascii_digit()) {
        value = (value * 10 + i32::from(digit - b'0')).min(LARGEST_EXPONENT);
        *at += 1;
    }
    (*at > start).then_some(if negative { -value } else { value })
}

/// How many digits come after the point.
fn fraction_of(written: &[u8]) -> i32 {
    let fraction = written.iter().rev().take_while(|byte| **byte != b'.').count();
    let fraction = if fraction == written.len() { 0 } else { fraction };
    i32::try_from(fraction).unwrap_or(i32::MAX)
}

/// The digits of a number that may have any number of them, whose point stands `exponent` places
/// right of where it is written: digits and exponent if they fit 64 bits, else the rest.
#[cold]
fn all_digits(written: &[u8], exponent: i32) -> ((u64, i32), Option<Rest>) {
    let (mut digits, mut exponent, mut count) = (0u128, exponent, 0);
    let (mut more, mut after_point) = (false, false);
    for byte in written {
        if *byte == b'.' {
            after_point = true;
            continue;
        }
        let digit = u128::from(byte - b'0');
        if count < FIT_128 {
            digits = digits * 10 + digit;
            count += usize::from(digits > 0);
            exponent -= i32::from(after_point);
        } else {
            more |= digit > 0;
            exponent = exponent.saturating_add(i32::from(!after_point));
        }
    }
    match u64::try_from(digits) {
        Ok(small) if !more => ((small, exponent), None),
        _ => ((0, 0), Some(Rest { digits, exponent, more })),
    }
}

/// `NaN`, `Inf` or `Infinity`, in any case, after the sign.
#[cold]
fn word(text: &[u8], start: usize) -> Option<(Number, usize)> {
    const WORDS: [(&[u8], Number); 3] =
        [(b"nan", Number::Nan), (b"infinity", Number::Infinite), (b"inf", Number::Infinite)];
    let rest = text.get(start..)?;
    WORDS.iter().find_map(|(word, number)| {
        let begins = rest.get(..word.len())?.eq_ignore_ascii_case(word);
        begins.then_some((*number, start + word.len()))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shifted(text: &str, places: u8) -> Option<u64> {
        match number(text.as_bytes()) {
            Some((Number::Finite(decimal), length)) if length == text.len() => {
                decimal.shifted(places)
            }
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn the_digits_are_shifted_and_rounded_to_even() {
        for (text, places, whole) in [
            ("1.3869056e+07", 0, 13_869_056),
            ("8.6e-05", 9, 86_000),
            ("67.229216037", 9, 67_229_216_037),
            ("0.5", 0, 0),
            ("1.5", 0, 2),
            ("2.5", 0, 2),
            ("2.50000000000000000000000000000000000000000000001", 0, 3),
            ("2.5000000000000000000000000000000000000000000000", 0, 2),
            ("-0", 9, 0),
            ("-0.0e5", 9, 0),
            (".5e1", 0, 5),
            ("5.", 0, 5),
            ("+7", 0, 7),
            ("0e99999999999", 9, 0),
            ("1e-99999999999", 9, 0),
            ("00000000000000000000000000001", 0, 1),
            ("18446744073709551615", 0, u64::MAX),
            ("18446744073709551614.5", 0, u64::MAX - 1),
            ("18446744073709551615.4999999999999999999999999999", 0, u64::MAX),
            ("184467440737095516.15e2", 0, u64::MAX),
            ("0.0000000000000000000000000000000000000000000000001e49", 0, 1),
            ("1844674407370955161500000000000000000000e-20", 0, 18_446_744_073_709_551_615),
        ] {
            assert_eq!(shifted(text, places), Some(whole), "{text}");
        }
        for text in ["-1", "-1e-30", "1e20", "18446744073709551616", "1.8446744073709552e+19"] {
            assert_eq!(shifted(text, 0), None, "{text}");
        }
        assert_eq!(shifted("18446744074", 9), None);
    }

    #[test]
    fn what_is_no_number_is_told() {
        for text in ["", "-", ".", "e5", "1e", "1e+", "x", "+.e1", "in", "na"] {
            assert_eq!(number(text.as_bytes()), None, "{text}");
        }
        assert_eq!(number(b"NaN 5"), Some((Number::Nan, 3)));
        assert_eq!(number(b"-inf"), Some((Number::Infinite, 4)));
        assert_eq!(number(b"+Infinity"), Some((Number::Infinite, 9)));
        assert_eq!(number(b"12 34").map(|(_, length)| length), Some(2));
    }

    proptest! {
        #[test]
        fn any_number_is_read_as_its_digits_say(
            whole in "[0-9]{0,25}", fraction in "[0-9]{0,45}", exponent in -40i32..40,
            places in 0u8..10,
        ) {
            prop_assume!(!(whole.is_empty() && fraction.is_empty()));
            let text = format!("{whole}.{fraction}e{exponent}");
            prop_assert_eq!(shifted(&text, places), by_hand(&whole, &fraction, exponent + i32::from(places)));
        }
    }

    /// Moves the point in the text, and rounds by looking at the digits after it.
    fn by_hand(whole: &str, fraction: &str, exponent: i32) -> Option<u64> {
        let padded = format!("{}{whole}{fraction}{}", "0".repeat(60), "0".repeat(60));
        let point = usize::try_from(60 + i32::try_from(whole.len()).unwrap() + exponent).unwrap();
        let (before, after) = padded.split_at(point);
        let significant = before.trim_start_matches('0');
        let value: u64 = if significant.is_empty() { 0 } else { significant.parse().ok()? };
        let (first, others) = after.split_at(1);
        let tie = first == "5" && others.bytes().all(|byte| byte == b'0');
        let up = if tie { value % 2 == 1 } else { first >= "5" };
        value.checked_add(u64::from(up))
    }

    fn nine(text: &str) -> Option<u64> {
        super::shifted(text.as_bytes(), 9)
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
