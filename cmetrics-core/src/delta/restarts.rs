//! Whether a CPU reading comes after a restart, or is odd (`docs/points.md`, *Starts* and *Odd
//! readings*), as pure functions.

use crate::container::Life;
use crate::time::NANOS_PER_SECOND;

/// A reading of the CPU counter: nanoseconds since the epoch, and nanoseconds of CPU time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CpuReading {
    pub(super) time: u64,
    pub(super) used: u64,
}

/// How one CPU reading follows another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transition {
    /// The counter rose, by no more than all CPUs can use.
    Normal,
    /// The container was restarted between the two, at this known start in nanoseconds since the
    /// epoch.
    Restart(u64),
    /// The later reading is odd.
    Odd(OddKind),
}

/// Why a reading is odd. The next reading decides what becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OddKind {
    /// The counter rose by more than all CPUs can use.
    Rise,
    /// The counter fell, and a restart whose start is not known can explain it.
    FallLikeRestart,
    /// The counter fell, and no restart can explain it.
    Fall,
}

/// What becomes of an odd reading, see [`Change`](super::Change).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    SetAside,
    Implausible,
    Restart,
    Correction,
}

/// The most that the CPU counter can rise in this time plus `slack`, all in nanoseconds.
#[inline]
pub(super) const fn max_rise(nanos: u64, slack: u64, cpus: u64) -> u64 {
    // Saturating: no rise exceeds 64 bits.
    nanos.saturating_add(slack).saturating_mul(cpus)
}

/// How far the clocks of collectors may be off.
pub(super) const RISE_SLACK: u64 = 10 * NANOS_PER_SECOND;
const START_SLACK: u64 = NANOS_PER_SECOND;

/// How `to` follows `from`.
pub(super) fn transition(life: &Life, from: CpuReading, to: CpuReading) -> Transition {
    if let Some(start) = restart_between(life, from, to) {
        return Transition::Restart(start);
    }
    match to.used.checked_sub(from.used) {
        Some(rise) if rise > max_rise(to.time - from.time, RISE_SLACK, life.cpus()) => {
            Transition::Odd(OddKind::Rise)
        }
        Some(_) => Transition::Normal,
        None if can_be_restart(life, from, to) => Transition::Odd(OddKind::FallLikeRestart),
        None => Transition::Odd(OddKind::Fall),
    }
}

/// What becomes of an odd reading. `from` is the reading before it, and `next` the one after it,
/// if there is any.
pub(super) fn decide(
    life: &Life,
    from: CpuReading,
    odd: OddKind,
    reading: CpuReading,
    next: Option<CpuReading>,
) -> Decision {
    let fitting = next.filter(|next| !matches!(transition(life, from, *next), Transition::Odd(_)));
    match odd {
        OddKind::Rise => match fitting {
            Some(next) if next.used < reading.used => Decision::SetAside,
            _ => Decision::Implausible,
        },
        OddKind::FallLikeRestart => {
            let too_fast = |next: &CpuReading| {
                let most = max_rise(next.time - reading.time, START_SLACK, life.cpus());
                next.used.saturating_sub(reading.used) > most
            };
            match fitting.filter(too_fast) {
                Some(_) => Decision::SetAside,
                None => Decision::Restart,
            }
        }
        OddKind::Fall if fitting.is_some() => Decision::SetAside,
        OddKind::Fall => Decision::Correction,
    }
}

/// The start that counts for a container whose first sample is at `first` and whose first CPU
/// reading is `reading`: the latest one that can explain the reading.
pub(super) fn start_before(
    life: &Life,
    first: u64,
    max_gap: u64,
    reading: CpuReading,
) -> Option<u64> {
    let mut starts = life.latest_within(first.saturating_sub(max_gap), first);
    starts.find(|start| can_be_since(life, *start, reading))
}

/// The known start between two readings at which the container was restarted.
fn restart_between(life: &Life, from: CpuReading, to: CpuReading) -> Option<u64> {
    if life.starts().is_empty() || !(to.used < from.used || life.began_by(from.time)) {
        return None;
    }
    let mut starts = life.latest_within(from.time.saturating_add(1), to.time);
    starts.find(|start| can_be_since(life, *start, to))
}

/// Whether the CPU time of a reading can have been used since a start.
fn can_be_since(life: &Life, start: u64, reading: CpuReading) -> bool {
    reading.time >= start
        && reading.used <= max_rise(reading.time - start, START_SLACK, life.cpus())
}

/// Whether a restart can explain a fall: the CPU time can have been used since the earlier
/// reading, and the fall is not tiny. Containers that crash in a loop use similar amounts of CPU
/// time, but hardly that similar.
fn can_be_restart(life: &Life, from: CpuReading, to: CpuReading) -> bool {
    const LONG: u64 = 10 * NANOS_PER_SECOND;
    const TINY: u64 = NANOS_PER_SECOND / 100;
    const PART: u128 = 1000;
    let fall = from.used.saturating_sub(to.used);
    let is_tiny = from.used >= LONG
        && fall <= TINY.saturating_mul(life.cpus())
        && u128::from(fall) * PART < u128::from(from.used);
    to.used <= max_rise(to.time - from.time, START_SLACK, life.cpus()) && !is_tiny
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = NANOS_PER_SECOND;

    /// A reading so many seconds after a fixed moment, of so many milliseconds of CPU time.
    fn cpu(seconds: u64, millis: u64) -> CpuReading {
        CpuReading { time: (1_000 + seconds) * SECOND, used: millis * 1_000_000 }
    }

    /// Four CPUs, and starts so many seconds after that moment.
    fn life(starts: &[u64]) -> Life {
        Life::of(starts.iter().map(|second| (1_000 + second) * SECOND).collect(), Some(4))
    }

    #[test]
    fn a_reading_is_odd_where_it_falls_or_rises_beyond_all_cpus() {
        let odd = |from, to| transition(&life(&[]), from, to);
        assert_eq!(odd(cpu(1, 0), cpu(2, 44_000)), Transition::Normal);
        assert_eq!(odd(cpu(1, 0), cpu(2, 44_001)), Transition::Odd(OddKind::Rise));
        assert_eq!(odd(cpu(1, 5), cpu(2, 5)), Transition::Normal);
        assert_eq!(odd(cpu(1, 9_000), cpu(2, 8_000)), Transition::Odd(OddKind::FallLikeRestart));
        assert_eq!(odd(cpu(1, 9_000), cpu(2, 8_001)), Transition::Odd(OddKind::Fall));
        // Tiny: at most 40 ms, and less than a thousandth, of 10 s or more.
        assert_eq!(odd(cpu(1, 10_000), cpu(9, 9_991)), Transition::Odd(OddKind::Fall));
        assert_eq!(odd(cpu(1, 10_000), cpu(9, 9_990)), Transition::Odd(OddKind::FallLikeRestart));
        assert_eq!(odd(cpu(1, 9_999), cpu(9, 9_998)), Transition::Odd(OddKind::FallLikeRestart));
        assert_eq!(odd(cpu(1, 100_000), cpu(90, 99_960)), Transition::Odd(OddKind::Fall));
        assert_eq!(
            odd(cpu(1, 100_000), cpu(90, 99_959)),
            Transition::Odd(OddKind::FallLikeRestart)
        );
    }

    #[test]
    fn a_known_start_between_two_readings_is_a_restart_where_the_second_can_be_used_since() {
        let second = |second: u64| Transition::Restart((1_000 + second) * SECOND);
        let fell = |starts: &[u64], used| transition(&life(starts), cpu(2, 9_000), cpu(4, used));
        assert_eq!(fell(&[3], 8_000), second(3));
        assert_eq!(fell(&[3], 8_001), Transition::Odd(OddKind::FallLikeRestart));
        assert_eq!(fell(&[3, 4], 4_000), second(4));
        assert_eq!(fell(&[3, 4], 4_001), second(3));
        assert_eq!(fell(&[2, 5], 100), Transition::Odd(OddKind::FallLikeRestart));
        // A counter that rose was reset only where an earlier start is known, too.
        let rose = |starts: &[u64]| transition(&life(starts), cpu(2, 1_000), cpu(4, 3_000));
        assert_eq!(rose(&[3]), Transition::Normal);
        assert_eq!(rose(&[2, 3]), second(3));
        assert_eq!(rose(&[1]), Transition::Normal);
    }

    #[test]
    fn the_next_reading_decides_what_an_odd_one_was() {
        let before = cpu(1, 1_000_000);
        let (rose, restarted, fell) = (
            (OddKind::Rise, cpu(2, 9_000_000)),
            (OddKind::FallLikeRestart, cpu(2, 0)),
            (OddKind::Fall, cpu(2, 999_999)),
        );
        let decide = |(odd, reading), next| decide(&life(&[]), before, odd, reading, next);
        assert_eq!(decide(rose, Some(cpu(3, 1_001_000))), Decision::SetAside);
        assert_eq!(decide(rose, Some(cpu(3, 9_000_001))), Decision::Implausible);
        assert_eq!(decide(rose, Some(cpu(3, 5))), Decision::Implausible);
        assert_eq!(decide(rose, None), Decision::Implausible);
        assert_eq!(decide(restarted, Some(cpu(3, 1_001_000))), Decision::SetAside);
        assert_eq!(decide(restarted, Some(cpu(3, 7))), Decision::Restart);
        assert_eq!(decide(restarted, Some(cpu(300_000, 1_100_000))), Decision::Restart);
        assert_eq!(decide(restarted, None), Decision::Restart);
        assert_eq!(decide(fell, Some(cpu(3, 1_000_000))), Decision::SetAside);
        assert_eq!(decide(fell, Some(cpu(3, 999_999))), Decision::Correction);
        assert_eq!(decide(fell, None), Decision::Correction);
        // With a known start between them, the next reading fits.
        let next = Some(cpu(4, 10));
        assert_eq!(super::decide(&life(&[3]), before, fell.0, fell.1, next), Decision::SetAside);
    }

    #[test]
    fn the_latest_start_counts_from_which_on_the_first_reading_can_be_used() {
        let start = |starts: &[u64], used| {
            let found = start_before(&life(starts), 1_100 * SECOND, 50 * SECOND, cpu(101, used));
            found.map(|start| start / SECOND - 1_000)
        };
        assert_eq!(start(&[50, 99], 12_000), Some(99));
        assert_eq!(start(&[50, 99], 12_001), Some(50));
        assert_eq!(start(&[49], 1), None);
        assert_eq!(start(&[100], 1), Some(100));
        assert_eq!(start(&[101], 1), None);
    }
}
