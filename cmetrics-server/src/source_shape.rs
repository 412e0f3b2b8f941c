//! A point as the Flask service kept and answered it.

use cmetrics_core::{DataPoint, Timestamp};
use serde_json::{Map, Value};

/// The document of a point: `docker://` before an id, and times as C's `ctime` has them.
pub(crate) fn source_shape(point: &DataPoint) -> Map<String, Value> {
    let mut text = Vec::new();
    point.write_json(&mut text);
    let mut shape: Map<String, Value> = serde_json::from_slice(&text).unwrap_or_default();
    let mut set = |key: &str, text: String| drop(shape.insert(key.to_owned(), text.into()));
    if is_id(point.name()) {
        set("name", format!("docker://{}", point.name()));
    }
    set("start", in_words(point.interval().start_time()));
    set("end", in_words(point.interval().end_time()));
    shape
}

/// Whether the name of a point is the id of a container.
pub(crate) fn is_id(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A time as `Mon Jan 29 23:47:01 2018`, in UTC.
fn in_words(time: Timestamp) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    // 2018-01-29T23:47:01Z, perhaps with a fraction.
    let text = time.to_string();
    let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
    let day = usize::try_from(time.seconds() / 86_400 % 7).unwrap_or_default();
    let day_name = DAYS.get(day).copied().unwrap_or_default();
    let month = part(5..7).parse::<usize>().unwrap_or_default().saturating_sub(1);
    let month_name = MONTHS.get(month).copied().unwrap_or_default();
    let day = part(8..10).parse::<u8>().unwrap_or_default();
    format!("{day_name} {month_name} {day:>2} {} {}", part(11..19), part(0..4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_in_words() {
        let words = |text: &str| in_words(text.parse().unwrap());
        assert_eq!(words("2018-01-29T23:47:01Z"), "Mon Jan 29 23:47:01 2018");
        assert_eq!(words("1970-01-01T00:00:05Z"), "Thu Jan  1 00:00:05 1970");
        assert_eq!(words("2024-02-29T12:00:00.5Z"), "Thu Feb 29 12:00:00 2024");
    }
}
