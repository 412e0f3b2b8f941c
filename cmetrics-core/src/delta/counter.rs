//! The growth of a counter between two readings (`docs/points.md`, rules 4 to 6).

use crate::time::Timestamp;

/// A counter's value at an instant. Entries of one name are added up, so the sum may not fit 64
/// bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CounterReading {
    pub(super) time: Timestamp,
    pub(super) value: u128,
}

/// What happened to the container between two readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Circumstances {
    /// Nothing special. `resets_on_fall` is whether a counter that fell counts as begun again at
    /// 0; otherwise it counts as not grown.
    Normal { resets_on_fall: bool },
    /// The container was restarted, and the later reading is the first after the restart.
    Restarted,
    /// The later sample's CPU reading is implausible.
    Implausible { resets_on_fall: bool },
}

/// The growth of a counter from one reading to the next, and the time that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Growth {
    /// Shared out evenly over the time from `from` to `to`.
    Shared {
        /// The earlier reading's time, or the start from which on the counter grew from 0.
        from: Timestamp,
        /// The later reading's time.
        to: Timestamp,
        /// How much the counter grew.
        growth: u128,
    },
    /// Credited as a whole to the interval that contains `at`.
    Credited {
        /// The earlier reading's time.
        from: Timestamp,
        /// The later reading's time.
        at: Timestamp,
        /// How much the counter grew since it began again.
        growth: u128,
    },
    /// Across a gap, or up to an implausible reading: it belongs to no interval.
    Unattributed {
        /// The later reading's time.
        at: Timestamp,
        /// How much the counter grew.
        growth: u128,
    },
}

/// The growth from one reading of a counter to the next.
pub(super) fn growth(
    from: CounterReading,
    to: CounterReading,
    max_gap: u64,
    circumstances: Circumstances,
) -> Growth {
    let resets_on_fall = match circumstances {
        Circumstances::Restarted => true,
        Circumstances::Normal { resets_on_fall }
        | Circumstances::Implausible { resets_on_fall } => resets_on_fall,
    };
    let growth = match to.value.checked_sub(from.value) {
        Some(risen) => risen,
        None if resets_on_fall => to.value,
        None => 0,
    };
    let is_unattributed = to.time.nanos() - from.time.nanos() > max_gap
        || matches!(circumstances, Circumstances::Implausible { .. });
    if is_unattributed {
        Growth::Unattributed { at: to.time, growth }
    } else if circumstances == Circumstances::Restarted || to.value < from.value {
        Growth::Credited { from: from.time, at: to.time, growth }
    } else {
        Growth::Shared { from: from.time, to: to.time, growth }
    }
}

/// The growth from 0 at a known start, in nanoseconds since the epoch, to a counter's first reading
/// after it.
pub(super) fn growth_since(start: u64, to: CounterReading, max_gap: u64) -> Growth {
    let CounterReading { time, value: growth } = to;
    if time.nanos() - start > max_gap {
        Growth::Unattributed { at: time, growth }
    } else if time.nanos() == start {
        Growth::Credited { from: time, at: time, growth }
    } else {
        Growth::Shared { from: Timestamp::clamped(start), to: time, growth }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(nanos: u64) -> Timestamp {
        Timestamp::from_nanos(nanos).unwrap()
    }

    #[test]
    fn each_case_of_the_contract_has_its_growth() {
        const NORMAL: Circumstances = Circumstances::Normal { resets_on_fall: false };
        const RESETS: Circumstances = Circumstances::Normal { resets_on_fall: true };
        const RESTART: Circumstances = Circumstances::Restarted;
        const IMPLAUSIBLE: Circumstances = Circumstances::Implausible { resets_on_fall: false };
        const IMPLAUSIBLE_RESETS: Circumstances =
            Circumstances::Implausible { resets_on_fall: true };
        let shared = |growth| Growth::Shared { from: at(10), to: at(20), growth };
        let credited = |growth| Growth::Credited { from: at(10), at: at(20), growth };
        let unattributed = |growth| Growth::Unattributed { at: at(20), growth };
        // Earlier value, later value, longest gap, circumstances.
        for (before, now, max_gap, circumstances, expected) in [
            (100, 180, 10, NORMAL, shared(80)),
            (100, 100, 10, NORMAL, shared(0)),
            (100, 30, 10, NORMAL, credited(0)),
            (100, 30, 10, RESETS, credited(30)),
            (100, 180, 10, RESETS, shared(80)),
            (100, 30, 10, RESTART, credited(30)),
            (100, 180, 10, RESTART, credited(80)),
            (100, 180, 9, NORMAL, unattributed(80)),
            (100, 30, 9, NORMAL, unattributed(0)),
            (100, 30, 9, RESTART, unattributed(30)),
            (100, 180, 9, RESTART, unattributed(80)),
            (100, 180, 10, IMPLAUSIBLE, unattributed(80)),
            (100, 30, 10, IMPLAUSIBLE, unattributed(0)),
            (100, 30, 10, IMPLAUSIBLE_RESETS, unattributed(30)),
        ] {
            let from = CounterReading { time: at(10), value: before };
            let to = CounterReading { time: at(20), value: now };
            assert_eq!(
                growth(from, to, max_gap, circumstances),
                expected,
                "{before} -> {now} {circumstances:?}"
            );
        }
    }

    #[test]
    fn from_a_known_start_on_a_counter_grew_from_0() {
        let growth = |start| growth_since(start, CounterReading { time: at(20), value: 7 }, 10);
        assert_eq!(growth(10), Growth::Shared { from: at(10), to: at(20), growth: 7 });
        assert_eq!(growth(20), Growth::Credited { from: at(20), at: at(20), growth: 7 });
        assert_eq!(growth(9), Growth::Unattributed { at: at(20), growth: 7 });
    }
}
