//! Where the readings of a layout's values are kept.

/// What a layout's values are to a tracker.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    /// Of each value, in order.
    pub(super) slots: Vec<Slot>,
    /// The counters among them, each once.
    pub(super) counters: Vec<usize>,
    /// The owners that the layout lists.
    pub(super) listed: Vec<usize>,
    /// The gauges of which there is a reading without a value.
    pub(super) too_large: Vec<usize>,
    pub(super) has_disk: bool,
    pub(super) has_oom_events: bool,
    /// Whether no two values are one counter's.
    pub(super) is_plain: bool,
    /// How many values come before the first that is certain to be a counter's.
    pub(super) mixed: usize,
    pub(super) cpu: Option<usize>,
}

/// The counter or gauge, by its number, that a value is a reading of.
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

    /// By how much CPU time rose, where it is among these values and did not fall.
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
