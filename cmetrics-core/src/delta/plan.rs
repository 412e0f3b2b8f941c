//! Which counters and gauges the values of a layout are readings of.

/// Maps the values of a layout to the numbers of counters and gauges in
/// [`ReadingTable`](super::reading_table::ReadingTable).
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    /// The slot of each value, in order.
    pub(super) slots: Vec<Slot>,
    /// The counters among the slots, each once.
    pub(super) counters: Vec<usize>,
    /// The owners that the layout lists.
    pub(super) listed: Vec<usize>,
    /// The gauges that the layout has a reading of without a value.
    pub(super) too_large: Vec<usize>,
    pub(super) has_disk: bool,
    pub(super) has_oom_events: bool,
    /// Whether no two values belong to one counter.
    pub(super) is_plain: bool,
    /// How many values at the start may be gauges: all values after these are counters.
    pub(super) mixed: usize,
    /// The index of the CPU time among the values.
    pub(super) cpu: Option<usize>,
}

/// The number of the counter or gauge that a value is a reading of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    Counter(usize),
    Gauge(usize),
}

impl Plan {
    /// The CPU time among these values.
    pub(super) fn cpu(&self, values: &[u64]) -> Option<u64> {
        values.get(self.cpu?).copied()
    }

    /// How much CPU time rose; 0 where the layout has none. The caller ensures that it did not
    /// fall.
    #[inline]
    pub(super) fn cpu_rise(&self, before: &[u64], now: &[u64]) -> u64 {
        let pair = self.cpu.and_then(|cpu| Some((before.get(cpu)?, now.get(cpu)?)));
        pair.map_or(0, |(before, now)| now.wrapping_sub(*before))
    }

    /// Whether a counter is lower now than before.
    #[inline]
    pub(super) fn any_counter_fell(&self, before: &[u64], now: &[u64]) -> bool {
        let pairs = before.iter().zip(now).map(|(before, now)| now < before);
        let own = self.slots.iter().take(self.mixed).zip(pairs.clone());
        let own =
            own.fold(false, |any, (slot, fell)| any | (fell & matches!(slot, Slot::Counter(_))));
        own | pairs.skip(self.mixed).fold(false, |any, fell| any | fell)
    }
}
