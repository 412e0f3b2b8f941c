//! Parsers of arguments' values.

use std::num::NonZeroUsize;
use std::time::Duration;

use cmetrics_core::metric::UnknownMetric;
use cmetrics_core::store::SyncPolicy;
use cmetrics_core::{MetricSet, Timestamp};

/// Whole seconds. The settings check their range.
pub(super) fn seconds(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "must be a whole number of seconds, such as 5".to_owned())
}

/// A number of threads, with a limit that is high enough for any machine.
pub(super) fn threads(text: &str) -> Result<NonZeroUsize, String> {
    const MOST: usize = 1024;
    let threads = text.parse().ok().filter(|threads: &NonZeroUsize| threads.get() <= MOST);
    threads.ok_or_else(|| format!("must be a whole number from 1 to {MOST}"))
}

/// A label and its value.
pub(super) fn label(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').filter(|(key, _)| !key.is_empty());
    let (key, value) = parts.ok_or_else(|| "must be KEY=VALUE, such as app=web".to_owned())?;
    Ok((key.to_owned(), value.to_owned()))
}

/// An instant, in whole seconds since the epoch.
pub(super) fn time(text: &str) -> Result<u64, String> {
    const NANOS_PER_SECOND: u64 = 1_000_000_000;
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number {
        return text.parse().map_err(|_| "there are no such seconds".to_owned());
    }
    match Timestamp::parse(text) {
        Ok(time) => Ok(time.map_or(0, |time| time.nanos().div_ceil(NANOS_PER_SECOND))),
        Err(error) => {
            let example = "a time such as 2026-11-21T12:00:00Z, or seconds since the epoch";
            Err(format!("must be {example}: {error}"))
        }
    }
}

/// The time of a scrape. A number is milliseconds since the epoch, as in the exposition; one that
/// would be before 1973 is seconds.
pub(super) fn scrape_time(text: &str) -> Result<Timestamp, String> {
    const FIRST_MILLIS: u64 = 100_000_000_000;
    let example = "a time such as 2026-11-21T12:00:00Z, or milliseconds since the epoch";
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let time = if is_number {
        let number: Option<u64> = text.parse().ok();
        let unit = |number: u64| if number < FIRST_MILLIS { 1_000_000_000 } else { 1_000_000 };
        let nanos = number.and_then(|number| number.checked_mul(unit(number)));
        nanos.and_then(Timestamp::from_nanos)
    } else {
        Timestamp::parse(text).map_err(|error| format!("must be {example}: {error}"))?
    };
    time.ok_or_else(|| format!("must be {example}, after 1970 and before 2263"))
}

/// The metrics that the words of `--metrics` name.
pub(crate) fn metrics(words: &[String]) -> Result<MetricSet, UnknownMetric> {
    let words: Vec<_> = words.iter().map(|word| word.trim()).collect();
    MetricSet::named(&words)
}

/// A number of cores, or of millicores with an `m`.
pub(super) fn cores(text: &str) -> Result<f64, String> {
    let (number, per_core) = text.strip_suffix('m').map_or((text, 1.0), |milli| (milli, 1000.0));
    let cores = number.parse().ok().map(|number: f64| number / per_core);
    cores
        .filter(|cores| cores.is_finite() && *cores > 0.0)
        .ok_or_else(|| "must be a number of cores, such as 3.92 or 3920m".to_owned())
}

/// A number of bytes, or of kibibytes and so on with a suffix.
pub(super) fn bytes(text: &str) -> Result<u64, String> {
    let suffixes = [("Ki", 10), ("Mi", 20), ("Gi", 30), ("Ti", 40)];
    let mut known = suffixes.into_iter();
    let found = known.find_map(|(suffix, bits)| Some((text.strip_suffix(suffix)?, bits)));
    let (number, bits) = found.unwrap_or((text, 0));
    let bytes = number.parse().ok().and_then(|number: u64| number.checked_mul(1 << bits));
    let wanted = || "must be a whole number of bytes, such as 8000000000 or 7Gi".to_owned();
    bytes.filter(|bytes| *bytes > 0).ok_or_else(wanted)
}

/// When written data must survive a loss of power.
pub(super) fn sync(text: &str) -> Result<SyncPolicy, String> {
    match text {
        "always" => Ok(SyncPolicy::Always),
        "os" => Ok(SyncPolicy::Os),
        _ => match text.parse() {
            Ok(seconds) if seconds > 0 => Ok(SyncPolicy::Every(Duration::from_secs(seconds))),
            _ => Err("must be always, os, or a whole number of seconds from 1".to_owned()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_date_or_seconds() {
        assert_eq!(time("1795262400"), Ok(1_795_262_400));
        assert_eq!(time("2026-11-21T12:00:00Z"), Ok(1_795_262_400));
        assert_eq!(time("2026-11-21T12:59:59.5+01:00"), Ok(1_795_262_400));
        assert_eq!(time("1969-12-31T00:00:00Z"), Ok(0));
        for text in ["", "-5", "yesterday", "99999999999999999999", "2026-11-21"] {
            assert!(time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_time_of_a_scrape_is_a_date_or_milliseconds_or_seconds() {
        let nanos = |text| scrape_time(text).map(Timestamp::nanos);
        for text in ["1795262400000", "1795262400", "2026-11-21T12:00:00Z"] {
            assert_eq!(nanos(text), Ok(1_795_262_400_000_000_000), "{text}");
        }
        for text in ["", "0", "-5", "now", "99999999999999999999", "1969-12-31T00:00:00Z"] {
            assert!(scrape_time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_amount_has_the_suffixes_of_kubernetes() {
        assert_eq!((cores("3.92"), cores("3920m")), (Ok(3.92), Ok(3.92)));
        assert_eq!((bytes("7Gi"), bytes("1024")), (Ok(7 << 30), Ok(1024)));
        assert!(["0", "-1", "x", "nan", "1k", ""].iter().all(|text| cores(text).is_err()));
        assert!(["0", "1.5Gi", "99999999999Ti", "Ki"].iter().all(|text| bytes(text).is_err()));
    }

    #[test]
    fn a_sync_policy_is_a_word_or_seconds() {
        assert_eq!(sync("always"), Ok(SyncPolicy::Always));
        assert_eq!(sync("os"), Ok(SyncPolicy::Os));
        assert_eq!(sync("5"), Ok(SyncPolicy::Every(Duration::from_secs(5))));
        assert!(["0", "-1", "never", ""].iter().all(|text| sync(text).is_err()));
    }
}
