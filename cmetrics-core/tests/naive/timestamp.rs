//! RFC 3339 times, exact to the nanosecond: rule 2 of `docs/points.md`.

const LAST_YEAR: i128 = 2262;

/// Nanoseconds since the epoch, or `None` for a bad timestamp (rule 2).
pub(crate) fn nanoseconds(text: &str) -> Option<i128> {
    let (date, rest) = (text.get(..10)?, text.get(10..)?);
    let time = rest.strip_prefix(['T', 't'])?;
    let (clock, rest) = (time.get(..8)?, time.get(8..)?);
    let (fraction, zone) = split_fraction(rest)?;
    let seconds = days_since_epoch(date)? * 86_400 + second_of_day(clock)? - offset_seconds(zone)?;
    if seconds >= days_before_year(LAST_YEAR + 1) * 86_400 {
        return None;
    }
    Some(seconds * 1_000_000_000 + fraction)
}

fn split_fraction(text: &str) -> Option<(i128, &str)> {
    let Some(digits_and_zone) = text.strip_prefix('.') else {
        return Some((0, text));
    };
    let end = digits_and_zone.find(|c: char| !c.is_ascii_digit())?;
    let (digits, zone) = digits_and_zone.split_at(end);
    // Rule 2: 0 to 9 fraction digits. A bare point is no RFC 3339.
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    Some((digits_value(&format!("{digits:0<9}"))?, zone))
}

fn days_since_epoch(date: &str) -> Option<i128> {
    let [year, month, day] = fields(date, '-', [4, 2, 2])?;
    if !(1..=12).contains(&month) || !(1..=days_in_month(year, month)).contains(&day) {
        return None;
    }
    let months: i128 = (1..month).map(|month| days_in_month(year, month)).sum();
    Some(days_before_year(year) + months + day - 1)
}

fn days_before_year(year: i128) -> i128 {
    let leap_days = |year: i128| {
        let last = year - 1;
        last.div_euclid(4) - last.div_euclid(100) + last.div_euclid(400)
    };
    (year - 1970) * 365 + leap_days(year) - leap_days(1970)
}

fn days_in_month(year: i128, month: i128) -> i128 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn second_of_day(clock: &str) -> Option<i128> {
    let [hour, minute, second] = fields(clock, ':', [2, 2, 2])?;
    // Rule 2: second 60 is a bad timestamp.
    (hour < 24 && minute < 60 && second < 60).then_some(hour * 3600 + minute * 60 + second)
}

fn offset_seconds(zone: &str) -> Option<i128> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let sign = match zone.get(..1)? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let [hours, minutes] = fields(zone.get(1..)?, ':', [2, 2])?;
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

fn fields<const N: usize>(text: &str, separator: char, widths: [usize; N]) -> Option<[i128; N]> {
    let parts: Vec<&str> = text.split(separator).collect();
    if parts.len() != N {
        return None;
    }
    let mut values = [0; N];
    for (index, part) in parts.into_iter().enumerate() {
        if part.len() != widths[index] {
            return None;
        }
        values[index] = digits_value(part)?;
    }
    Some(values)
}

fn digits_value(digits: &str) -> Option<i128> {
    // `parse` alone would take a sign.
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}
