//! The numbers of the plain reader, by moving the point in their text.

/// A number of this form is a reading, if it is none below 0 and fits.
pub fn whole(value: &str, shift: u32) -> Option<u64> {
    let digits = value.trim_start_matches('-');
    let read = shifted(digits, shift).flatten()?;
    let is_zero =
        !digits.split(['e', 'E']).next().unwrap().bytes().any(|b| (b'1'..=b'9').contains(&b));
    (!value.starts_with('-') || is_zero).then_some(read)
}

/// The number times a power of ten, rounded to even: `None` if it is none, `Some(None)` if it does
/// not fit 64 bits.
pub fn shifted(value: &str, shift: u32) -> Option<Option<u64>> {
    let value = value.trim_start_matches(['+', '-']);
    if value.to_ascii_lowercase().starts_with(['n', 'i']) {
        return None;
    }
    let (mantissa, exponent) = value.split_once(['e', 'E']).unwrap_or((value, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let negative = exponent.starts_with('-');
    let size: i64 = exponent.trim_start_matches(['+', '-']).parse().unwrap_or(i64::MAX).min(1000);
    let exponent = i64::from(shift) + if negative { -size } else { size };
    let digits = format!("{whole}{fraction}");
    let point = whole.len() as i64 + exponent;
    let digit = |place: i64| {
        usize::try_from(place).ok().and_then(|p| digits.as_bytes().get(p)).map_or(0, |d| d - b'0')
    };
    let mut number = Some(0u64);
    let first = (0..digits.len() as i64).find(|place| digit(*place) > 0).unwrap_or(0);
    if point - first > 25 && digits.bytes().any(|byte| byte > b'0') {
        return Some(None);
    }
    for place in first.min(point)..point {
        number = number.and_then(|n| n.checked_mul(10)?.checked_add(u64::from(digit(place))));
    }
    let rest = (point + 1..digits.len() as i64).any(|place| digit(place) > 0);
    let up = match digit(point) {
        5 => rest || number.is_some_and(|number| number % 2 == 1),
        digit => digit > 5,
    };
    Some(number.and_then(|number| number.checked_add(u64::from(up))))
}

/// A time in nanoseconds; 0 for one at or before the epoch.
pub fn nanos(time: &str) -> Option<u64> {
    let is_zero = whole(time, 0).is_some();
    if time.starts_with('-') && !(is_zero && whole(time, 9) == Some(0)) {
        return Some(0);
    }
    let shift = if whole(time, 0)? < 100_000_000_000 { 9 } else { 6 };
    whole(time, shift).filter(|nanos| *nanos < 9_246_182_400_000_000_000)
}
