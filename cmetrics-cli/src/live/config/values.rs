//! Values of options, as text.

use std::time::Duration;

/// A length of time: `5s`, `500ms`, `1m30s`, `30d`; a number alone is seconds.
pub(super) fn time(text: &str) -> Result<Duration, String> {
    let wanted = || format!("is {text:?}: expected a time such as 5s, 500ms, 1m30s, 12h or 30d");
    parts(text.trim()).filter(|time| *time <= LONGEST).ok_or_else(wanted)
}

/// Nobody means more, and sums of times stay far from their limit.
const LONGEST: Duration = Duration::from_secs(100_000 * 86_400);

fn parts(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let (mut rest, mut sum) = (text, Duration::ZERO);
    while !rest.is_empty() {
        let (number, after) = leading_number(rest)?;
        let end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(end)?;
        sum = sum.checked_add(unit_of_time(unit.trim())?.checked_mul(number)?)?;
        rest = after;
    }
    (!text.is_empty()).then_some(sum)
}

fn unit_of_time(unit: &str) -> Option<Duration> {
    let seconds = match unit {
        "ms" => return Some(Duration::from_millis(1)),
        "s" => 1,
        "m" | "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    Some(Duration::from_secs(seconds))
}

fn leading_number(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, after) = text.split_at_checked(end)?;
    Some((number.parse().ok()?, after))
}

/// A number of bytes: `65536`, `64KiB`, `1MB`.
pub(super) fn size(text: &str) -> Result<usize, String> {
    let wanted = || format!("is {text:?}: expected a size such as 65536, 64KiB or 1MB");
    let (number, unit) = leading_number(text.trim()).ok_or_else(wanted)?;
    let bytes: u64 = match unit.trim() {
        "" | "B" => 1,
        "kB" | "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" | "Ki" => 1 << 10,
        "MiB" | "Mi" => 1 << 20,
        "GiB" | "Gi" => 1 << 30,
        _ => return Err(wanted()),
    };
    usize::try_from(bytes.saturating_mul(number.into())).map_err(|_| wanted())
}

/// A whole number from 1.
pub(super) fn count(text: &str) -> Result<usize, String> {
    let number = text.trim().parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| format!("is {text:?}: expected a whole number from 1"))
}

/// True or false.
pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text.trim() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err(format!("is {text:?}: expected true or false")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_units() {
        for (text, seconds) in [
            ("5s", 5.0),
            ("5", 5.0),
            ("500ms", 0.5),
            ("1m30s", 90.0),
            ("2 min", 120.0),
            ("12h", 43_200.0),
            ("30d", 2_592_000.0),
        ] {
            assert_eq!(time(text), Ok(Duration::from_secs_f64(seconds)), "{text}");
        }
        for text in ["", "s", "5x", "-5s", "1.5s", "5s5", "é", "99999999999d", "5 5", "4294967295d"]
        {
            assert!(time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_size_has_units() {
        assert_eq!(size("65536"), Ok(65_536));
        assert_eq!(size("64KiB"), Ok(65_536));
        assert_eq!(size("1 MB"), Ok(1_000_000));
        for text in ["", "KiB", "64kib", "-1", "1.5MiB", "é"] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_count_begins_at_one_and_a_switch_is_a_word() {
        assert_eq!((count("64"), switch("true"), switch("off")), (Ok(64), Ok(true), Ok(false)));
        assert!(["0", "-1", "x", ""].iter().all(|text| count(text).is_err()));
        assert!(switch("maybe").is_err());
    }
}
