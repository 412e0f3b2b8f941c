//! Samples that are too late for the recorder: they go to the store.

use std::collections::{HashMap, HashSet};

use cmetrics_core::{Series, Timestamp};

use super::{Reading, Role};
use crate::keeper::Keeper;

/// The late samples that the store was given already: a machine repeats them for minutes.
#[derive(Debug, Default)]
pub(super) struct LateSamples(HashMap<Role, HashSet<(Box<str>, Timestamp)>>);

impl LateSamples {
    /// Hands the late samples of a reply to the store, and returns how many of them are stragglers:
    /// new, and older than expected.
    pub(super) fn take(
        &mut self,
        keeper: &Keeper,
        names: (&str, &str),
        reply: &[u8],
        reading: &Reading,
    ) -> u64 {
        let (told, lateness) = (keeper.told(), keeper.store.lateness());
        let known = self.0.entry(reading.role.clone()).or_default();
        let mut seen = HashSet::new();
        let mut stragglers = 0;
        let mut is_late = |series: &Series| {
            let name = &**series.identity().name();
            let newest = series.samples().next_back().map(|sample| sample.time()).max(told);
            let since = newest.and_then(|newest| newest.checked_sub(lateness));
            let mut has_new = false;
            for time in series.samples().map(|sample| sample.time()) {
                if since.is_some_and(|since| time >= since) {
                    break;
                }
                let late = (name.into(), time);
                if !known.contains(&late) {
                    has_new = true;
                    stragglers += u64::from(reading.expected_from.is_some_and(|from| time < from));
                }
                seen.insert(late);
            }
            has_new
        };
        match keeper.take_late(names, reply, reading.now, &mut is_late) {
            Ok(()) => {
                if reading.is_all {
                    // What the machine has forgotten does not come again.
                    *known = seen;
                } else {
                    known.extend(seen);
                }
                stragglers
            }
            // The store's error is counted; the next reply tries again.
            Err(_) => 0,
        }
    }
}
