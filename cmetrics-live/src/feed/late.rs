//! Samples that are too late for the recorder: they go to the store.

use std::collections::BTreeMap;

use cmetrics_core::{Interval, Series, Store, Timestamp};

use super::Reading;
use crate::keeper::Keeper;

/// What is late in a reply and was not known to the store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Late {
    pub(super) samples: u64,
    /// Those of them that are older than expected.
    pub(super) stragglers: u64,
}

/// Hands the late samples of a reply to the store.
///
/// A machine repeats them for minutes, and after a restart of ours all of its history passes for late
/// that is older than what the recorder resumed with. So what the store has in full is left out: an
/// interval whose stored point is made of as many samples.
pub(super) fn take(keeper: &Keeper, names: (&str, &str), reply: &[u8], reading: &Reading) -> Late {
    let (store, told) = (&keeper.store, keeper.told());
    let mut late = Late::default();
    let mut is_late = |series: &Series| {
        let times: Vec<_> = series.samples().map(|sample| sample.time()).collect();
        let newest = times.last().copied().max(told);
        let since = newest.and_then(|newest| newest.checked_sub(store.lateness()));
        let older = times.iter().filter(|time| since.is_none_or(|since| **time < since));
        let new = unknown(store, series.identity().name(), older.copied());
        let before = |time: &&Timestamp| reading.expected_from.is_some_and(|from| **time < from);
        late.samples += new.len() as u64;
        late.stragglers += new.iter().filter(before).count() as u64;
        !new.is_empty()
    };
    match keeper.take_late(names, reply, reading.now, &mut is_late) {
        Ok(()) => late,
        // The store's error is counted and told; the next reply tries again.
        Err(_) => Late::default(),
    }
}

/// The samples whose interval has no point of as many samples.
fn unknown(
    store: &Store,
    container: &str,
    times: impl Iterator<Item = Timestamp>,
) -> Vec<Timestamp> {
    let width = store.settings().interval();
    let mut by_interval: BTreeMap<Interval, Vec<Timestamp>> = BTreeMap::new();
    for time in times {
        if let Some(interval) = Interval::containing(time, width) {
            by_interval.entry(interval).or_default().push(time);
        }
    }
    let (Some((first, _)), Some((last, _))) =
        (by_interval.first_key_value(), by_interval.last_key_value())
    else {
        return Vec::new();
    };
    let range = first.start_time()..last.end_time();
    // None is stored of a container that is unknown, or cannot be read.
    if let Ok(stored) = store.range(container, range, None) {
        for point in stored.flatten() {
            let samples = point.samples().unwrap_or_default();
            let known = by_interval.get(&point.interval());
            if known.is_some_and(|times| times.len() as u64 <= samples) {
                by_interval.remove(&point.interval());
            }
        }
    }
    by_interval.into_values().flatten().collect()
}
