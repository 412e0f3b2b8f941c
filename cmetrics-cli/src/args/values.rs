//! Parsers of arguments' values.

use std::num::NonZeroUsize;
use std::time::Duration;

use cmetrics_core::Timestamp;
use cmetrics_core::store::SyncPolicy;

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
    fn a_sync_policy_is_a_word_or_seconds() {
        assert_eq!(sync("always"), Ok(SyncPolicy::Always));
        assert_eq!(sync("os"), Ok(SyncPolicy::Os));
        assert_eq!(sync("5"), Ok(SyncPolicy::Every(Duration::from_secs(5))));
        assert!(["0", "-1", "never", ""].iter().all(|text| sync(text).is_err()));
    }
}
