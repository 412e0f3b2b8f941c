//! What one pair of readings of a counter means (`docs/points.md`, rules 4 to 6).

/// A counter at an instant. Entries of one name are added, so it may not fit 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) time: u64,
    pub(super) value: u128,
}

/// What befell the container between two readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Circumstances {
    /// Nothing out of the ordinary. Were the counter lower now, it would have begun again at 0, or
    /// would not have grown.
    Usual { begins_again: bool },
    /// The container was restarted at the later one, as far as is known.
    Restarted,
    /// The later sample's CPU reading cannot be.
    Implausible { begins_again: bool },
}

/// The growth of a counter from one reading to the next, and where it belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Growth {
    /// Shared out along a straight line from `from` to `to`, both nanoseconds since the epoch.
    Shared {
        /// The earlier reading's time.
        from: u64,
        /// The later reading's time.
        to: u64,
        /// By how much the counter rose.
        growth: u128,
    },
    /// Credited whole to the interval of an instant, in nanoseconds since the epoch.
    Credited {
        /// The later reading's time.
        at: u64,
        /// By how much the counter rose since it began again.
        growth: u128,
    },
    /// Across a gap, or to a reading that cannot be: it belongs to no interval.
    Unattributed {
        /// The later reading's time.
        at: u64,
        /// By how much the counter rose.
        growth: u128,
    },
}

/// The growth from one reading of a counter to the next.
pub(super) fn growth(from: Reading, to: Reading, max_gap: u64, then: Circumstances) -> Growth {
    let begins_again = match then {
        Circumstances::Restarted => true,
        Circumstances::Usual { begins_again } | Circumstances::Implausible { begins_again } => {
            begins_again
        }
    };
    let growth = match to.value.checked_sub(from.value) {
        Some(risen) => risen,
        None if begins_again => to.value,
        None => 0,
    };
    let belongs_nowhere =
        to.time - from.time > max_gap || matches!(then, Circumstances::Implausible { .. });
    if belongs_nowhere {
        Growth::Unattributed { at: to.time, growth }
    } else if then == Circumstances::Restarted || to.value < from.value {
        Growth::Credited { at: to.time, growth }
    } else {
        Growth::Shared { from: from.time, to: to.time, growth }
    }
}

/// The growth from 0 at a known start to a counter's first reading behind it.
pub(super) fn growth_since(start: u64, to: Reading, max_gap: u64) -> Growth {
    let Reading { time, value: growth } = to;
    if time - start > max_gap {
        Growth::Unattributed { at: time, growth }
    } else if time == start {
        Growth::Credited { at: time, growth }
    } else {
        Growth::Shared { from: start, to: time, growth }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_case_of_the_contract_has_its_growth() {
        const NO: Circumstances = Circumstances::Usual { begins_again: false };
        const AGAIN: Circumstances = Circumstances::Usual { begins_again: true };
        const RESTART: Circumstances = Circumstances::Restarted;
        const ODD: Circumstances = Circumstances::Implausible { begins_again: false };
        const ODD_AGAIN: Circumstances = Circumstances::Implausible { begins_again: true };
        let shared = |growth| Growth::Shared { from: 10, to: 20, growth };
        let credited = |growth| Growth::Credited { at: 20, growth };
        let unattributed = |growth| Growth::Unattributed { at: 20, growth };
        // Value before, value now, max_gap, circumstances.
        for (before, now, max_gap, then, expected) in [
            (100, 180, 10, NO, shared(80)),
            (100, 100, 10, NO, shared(0)),
            (100, 30, 10, NO, credited(0)),
            (100, 30, 10, AGAIN, credited(30)),
            (100, 180, 10, AGAIN, shared(80)),
            (100, 30, 10, RESTART, credited(30)),
            (100, 180, 10, RESTART, credited(80)),
            (100, 180, 9, NO, unattributed(80)),
            (100, 30, 9, NO, unattributed(0)),
            (100, 30, 9, RESTART, unattributed(30)),
            (100, 180, 9, RESTART, unattributed(80)),
            (100, 180, 10, ODD, unattributed(80)),
            (100, 30, 10, ODD, unattributed(0)),
            (100, 30, 10, ODD_AGAIN, unattributed(30)),
        ] {
            let from = Reading { time: 10, value: before };
            let to = Reading { time: 20, value: now };
            assert_eq!(growth(from, to, max_gap, then), expected, "{before} -> {now} {then:?}");
        }
    }

    #[test]
    fn from_a_known_start_on_a_counter_grew_from_0() {
        let growth = |start| growth_since(start, Reading { time: 20, value: 7 }, 10);
        assert_eq!(growth(10), Growth::Shared { from: 10, to: 20, growth: 7 });
        assert_eq!(growth(20), Growth::Credited { at: 20, growth: 7 });
        assert_eq!(growth(9), Growth::Unattributed { at: 20, growth: 7 });
    }
}
