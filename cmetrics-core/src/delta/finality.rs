//! Which points are final, and from which sample on a tracker can be made anew.

use super::Tracker;
use crate::time::Timestamp;

impl Tracker {
    /// The time before which all points are final, if all further samples lie at `now` or later;
    /// both in nanoseconds since the epoch (`docs/points.md`, *Streams*).
    ///
    /// A last reading at most the longest gap before `now` can still be paired with a further
    /// sample, which changes all intervals from that reading on. The last sample counts as such a
    /// reading, since the container is watched from it on. Samples that wait are further samples.
    ///
    /// The last sample has the last readings of all that its layout contains. The other readings
    /// are searched once for each change of layout.
    pub(crate) fn horizon(&mut self, now: u64) -> u64 {
        let max_gap = self.max_gap;
        let is_near = |read: u64| now <= read.saturating_add(max_gap);
        let undecided = self.undecided_from(now);
        let Some(last) = self.readings.time() else { return undecided.unwrap_or(now).min(now) };
        let held = self.waiting_paired_from(last);
        let older = self.readings.older();
        let first_near = older.partition_point(|read| !is_near(*read));
        let others = older.get(first_near).copied();
        let last = Some(last.nanos()).filter(|last| is_near(*last));
        [undecided, held, others, last].into_iter().flatten().fold(now, u64::min)
    }

    /// The earliest reading that a waiting sample may still be paired with.
    fn waiting_paired_from(&mut self, last: Timestamp) -> Option<u64> {
        let (max_gap, readings) = (self.max_gap, &mut self.readings);
        let held = self.waiting.iter().filter_map(|sample| {
            let oldest = sample.time().nanos().saturating_sub(max_gap);
            let read = readings.earliest_read(sample.layout(), oldest);
            read.into_iter().chain(Some(last.nanos()).filter(|last| *last >= oldest)).min()
        });
        held.min()
    }

    /// Whether a new tracker that begins with the sample of this time, in nanoseconds since the
    /// epoch, would know as much as this one. It must be one of the observed samples.
    pub(crate) fn can_resume_from(&mut self, time: u64) -> bool {
        self.readings.are_all_from(time)
    }

    /// The times of the last readings of all that the last sample does not contain, in rising
    /// order.
    pub(crate) fn older_reads(&mut self) -> &[u64] {
        self.readings.older()
    }

    /// The time from which on waiting samples, or starts that may count, can still change
    /// something at `now`; both in nanoseconds since the epoch.
    pub(crate) fn undecided_from(&self, now: u64) -> Option<u64> {
        let first = self.waiting_from();
        let start = if let (None, Some(first)) = (self.readings.time(), first) {
            self.starts_before(first).last()
        } else {
            // Growth up to a reading further than the longest gap after a start is unattributed.
            let next = first.map_or(now, |first| first.min(now));
            let near = self.next_start.max(next.saturating_sub(self.max_gap));
            self.life.latest_within(near, now).last()
        };
        first.into_iter().chain(start).min()
    }
}
