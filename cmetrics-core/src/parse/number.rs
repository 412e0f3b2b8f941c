//! Whole numbers that are written in an unusual way. Spreadsheets, `jq` and other programs that
//! keep numbers as floating-point ones write `1e+09`, `1.0` or `"123"` where cAdvisor writes digits.

/// The most digits that a number of 64 bits has.
const MOST_DIGITS: usize = 20;

/// The number that a JSON number or string is, exactly; `None` where that is not a whole number
/// that fits.
pub(super) fn whole(value: &[u8]) -> Option<u64> {
    let quoted = value.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\""));
    let (mantissa, exponent) = split_at_exponent(quoted.unwrap_or(value))?;
    let point = mantissa.iter().position(|byte| *byte == b'.');
    let (digits, fraction) = match point.and_then(|point| mantissa.split_at_checked(point)) {
        Some((digits, fraction)) => (digits, fraction.get(1..)?),
        None => (mantissa, &[][..]),
    };
    let are_digits = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    let plain = digits.len() == 1 || !digits.starts_with(b"0");
    if !are_digits(digits) || !plain || (point.is_some() && !are_digits(fraction)) {
        return None;
    }
    value_of(digits, fraction, exponent)
}

/// The text before the exponent, and the exponent.
fn split_at_exponent(text: &[u8]) -> Option<(&[u8], i64)> {
    let Some(at) = text.iter().position(|byte| matches!(byte, b'e' | b'E')) else {
        return Some((text, 0));
    };
    let (mantissa, exponent) = (text.get(..at)?, std::str::from_utf8(text.get(at + 1..)?).ok()?);
    Some((mantissa, exponent.parse().ok()?))
}

fn value_of(digits: &[u8], fraction: &[u8], exponent: i64) -> Option<u64> {
    let all = digits.iter().chain(fraction).skip_while(|digit| **digit == b'0');
    let all: Vec<u8> = all.copied().collect();
    let last = all.iter().rposition(|digit| *digit != b'0');
    let Some(significant) = last.and_then(|last| all.get(..=last)) else { return Some(0) };
    // How many zeros follow the significant digits.
    let zeros = i64::try_from(all.len() - significant.len()).ok()?;
    let zeros = zeros.checked_sub(i64::try_from(fraction.len()).ok()?)?.checked_add(exponent)?;
    let zeros = usize::try_from(zeros).ok().filter(|zeros| *zeros <= MOST_DIGITS)?;
    let zeros = std::iter::repeat_n(&b'0', zeros);
    significant
        .iter()
        .chain(zeros)
        .try_fold(0_u64, |value, digit| value.checked_mul(10)?.checked_add(u64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_is_read_exactly_however_it_is_written() {
        for (text, value) in [
            ("1e+09", Some(1_000_000_000)),
            ("1E9", Some(1_000_000_000)),
            ("1.0", Some(1)),
            ("\"123\"", Some(123)),
            ("\"1.5e1\"", Some(15)),
            ("1.7976931348623157e+16", Some(17_976_931_348_623_157)),
            ("18446744073709551615.000", Some(u64::MAX)),
            ("1.8446744073709551615e19", Some(u64::MAX)),
            ("0.0", Some(0)),
            ("0e999999999999999999", Some(0)),
            ("1000e-3", Some(1)),
            ("0.001e3", Some(1)),
            ("18446744073709551616", None),
            ("1.8446744073709551616e19", None),
            ("1e20", None),
            ("1e9223372036854775807", None),
            ("1e99999999999999999999", None),
            ("1.5", None),
            ("1e-1", None),
            ("-1", None),
            ("-0", None),
            ("\"-1\"", None),
            ("\"\"", None),
            ("\"", None),
            ("\"007\"", None),
            ("\" 1\"", None),
            ("\"1.\"", None),
            ("\".5\"", None),
            ("\"1e\"", None),
            ("\"e9\"", None),
            ("\"0x10\"", None),
            ("true", None),
            ("[1]", None),
            ("", None),
        ] {
            assert_eq!(whole(text.as_bytes()), value, "{text}");
        }
    }
}
