//! Whether a CPU reading can be (`docs/points.md`, *Starts* and *Odd readings*): pure decisions.

use crate::container::Life;
use crate::time::NANOS_PER_SECOND;

/// A reading of the CPU counter: nanoseconds since the epoch, and nanoseconds of CPU time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cpu {
    pub(super) time: u64,
    pub(super) used: u64,
}

/// What one CPU reading is after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It rose as a counter does.
    Usual,
    /// The container was restarted between the two, at this known start.
    Restart(u64),
    Odd(Odd),
}

/// What is odd of a reading, which the next one decides about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Odd {
    /// It rose by more than all CPUs can use.
    Rose,
    /// It fell, as at a restart of which no start is known.
    FellAsRestarted,
    /// It fell, and no restart can have used so much since.
    Fell,
}

/// What became of an odd reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    SetAside,
    Implausible,
    Restart,
    Correction,
}

/// By how much a counter may rise in so many nanoseconds, and the slack beside.
#[inline]
pub(super) const fn most(nanos: u64, slack: u64, cpus: u64) -> u64 {
    // Where it is beyond 64 bits, no rise is more.
    nanos.saturating_add(slack).saturating_mul(cpus)
}

/// Clocks of collectors jitter by so much.
pub(super) const RISE_SLACK: u64 = 10 * NANOS_PER_SECOND;
const START_SLACK: u64 = NANOS_PER_SECOND;

/// What `to` is after `from`.
pub(super) fn step(life: &Life, from: Cpu, to: Cpu) -> Step {
    if let Some(start) = restart_between(life, from, to) {
        return Step::Restart(start);
    }
    match to.used.checked_sub(from.used) {
        Some(rise) if rise > most(to.time - from.time, RISE_SLACK, life.cpus()) => {
            Step::Odd(Odd::Rose)
        }
        Some(_) => Step::Usual,
        None if can_be_restart(life, from, to) => Step::Odd(Odd::FellAsRestarted),
        None => Step::Odd(Odd::Fell),
    }
}

/// What becomes of an odd reading after `from`, when `next` is the one behind it, if there is any.
pub(super) fn verdict(
    life: &Life,
    from: Cpu,
    (odd, reading): (Odd, Cpu),
    next: Option<Cpu>,
) -> Verdict {
    let fitting = next.filter(|next| !matches!(step(life, from, *next), Step::Odd(_)));
    match odd {
        Odd::Rose => match fitting {
            Some(next) if next.used < reading.used => Verdict::SetAside,
            _ => Verdict::Implausible,
        },
        Odd::FellAsRestarted => {
            let too_quick = |next: &Cpu| {
                let most = most(next.time - reading.time, START_SLACK, life.cpus());
                next.used.saturating_sub(reading.used) > most
            };
            match fitting.filter(too_quick) {
                Some(_) => Verdict::SetAside,
                None => Verdict::Restart,
            }
        }
        Odd::Fell if fitting.is_some() => Verdict::SetAside,
        Odd::Fell => Verdict::Correction,
    }
}

/// The start before a container's first sample, at `first`, that counts with its first CPU reading.
pub(super) fn start_before(life: &Life, first: u64, max_gap: u64, reading: Cpu) -> Option<u64> {
    let mut starts = life.latest_within(first.saturating_sub(max_gap), first);
    starts.find(|start| is_plausible(life, *start, reading))
}

/// The start between two readings at which the container was restarted, as far as is known.
fn restart_between(life: &Life, from: Cpu, to: Cpu) -> Option<u64> {
    if life.starts().is_empty() || !(to.used < from.used || life.began_by(from.time)) {
        return None;
    }
    let mut starts = life.latest_within(from.time.saturating_add(1), to.time);
    starts.find(|start| is_plausible(life, *start, to))
}

/// Whether a reading can have been used since a start.
fn is_plausible(life: &Life, start: u64, reading: Cpu) -> bool {
    reading.time >= start && reading.used <= most(reading.time - start, START_SLACK, life.cpus())
}

/// Whether a fall can be a restart: so little was used since, and it is not tiny. Containers that
/// crash in a loop use alike, but hardly as alike as that.
fn can_be_restart(life: &Life, from: Cpu, to: Cpu) -> bool {
    const LONG: u64 = 10 * NANOS_PER_SECOND;
    const TINY: u64 = NANOS_PER_SECOND / 100;
    const PART: u128 = 1000;
    let fall = from.used.saturating_sub(to.used);
    let is_tiny = from.used >= LONG
        && fall <= TINY.saturating_mul(life.cpus())
        && u128::from(fall) * PART < u128::from(from.used);
    to.used <= most(to.time - from.time, START_SLACK, life.cpus()) && !is_tiny
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = NANOS_PER_SECOND;

    /// Seconds since some moment, and milliseconds of CPU time.
    fn cpu(seconds: u64, millis: u64) -> Cpu {
        Cpu { time: (1_000 + seconds) * SECOND, used: millis * 1_000_000 }
    }

    /// Four CPUs, started so many seconds after that moment.
    fn life(starts: &[u64]) -> Life {
        Life::of(starts.iter().map(|second| (1_000 + second) * SECOND).collect(), Some(4))
    }

    #[test]
    fn a_reading_is_odd_where_it_falls_or_rises_beyond_all_cpus() {
        let odd = |from, to| step(&life(&[]), from, to);
        assert_eq!(odd(cpu(1, 0), cpu(2, 44_000)), Step::Usual);
        assert_eq!(odd(cpu(1, 0), cpu(2, 44_001)), Step::Odd(Odd::Rose));
        assert_eq!(odd(cpu(1, 5), cpu(2, 5)), Step::Usual);
        assert_eq!(odd(cpu(1, 9_000), cpu(2, 8_000)), Step::Odd(Odd::FellAsRestarted));
        assert_eq!(odd(cpu(1, 9_000), cpu(2, 8_001)), Step::Odd(Odd::Fell));
        // Tiny: by at most 40 ms, and less than a thousandth, of 10 s or more.
        assert_eq!(odd(cpu(1, 10_000), cpu(9, 9_991)), Step::Odd(Odd::Fell));
        assert_eq!(odd(cpu(1, 10_000), cpu(9, 9_990)), Step::Odd(Odd::FellAsRestarted));
        assert_eq!(odd(cpu(1, 9_999), cpu(9, 9_998)), Step::Odd(Odd::FellAsRestarted));
        assert_eq!(odd(cpu(1, 100_000), cpu(90, 99_960)), Step::Odd(Odd::Fell));
        assert_eq!(odd(cpu(1, 100_000), cpu(90, 99_959)), Step::Odd(Odd::FellAsRestarted));
    }

    #[test]
    fn a_known_start_between_two_readings_is_a_restart_where_the_second_can_be_used_since() {
        let second = |second: u64| Step::Restart((1_000 + second) * SECOND);
        let fell = |starts: &[u64], used| step(&life(starts), cpu(2, 9_000), cpu(4, used));
        assert_eq!(fell(&[3], 8_000), second(3));
        assert_eq!(fell(&[3], 8_001), Step::Odd(Odd::FellAsRestarted));
        assert_eq!(fell(&[3, 4], 4_000), second(4));
        assert_eq!(fell(&[3, 4], 4_001), second(3));
        assert_eq!(fell(&[2, 5], 100), Step::Odd(Odd::FellAsRestarted));
        // What did not fall was restarted only where an earlier start is known.
        let rose = |starts: &[u64]| step(&life(starts), cpu(2, 1_000), cpu(4, 3_000));
        assert_eq!(rose(&[3]), Step::Usual);
        assert_eq!(rose(&[2, 3]), second(3));
        assert_eq!(rose(&[1]), Step::Usual);
    }

    #[test]
    fn the_next_reading_decides_what_an_odd_one_was() {
        let before = cpu(1, 1_000_000);
        let (rose, restarted, fell) = (
            (Odd::Rose, cpu(2, 9_000_000)),
            (Odd::FellAsRestarted, cpu(2, 0)),
            (Odd::Fell, cpu(2, 999_999)),
        );
        let decide = |odd, next| verdict(&life(&[]), before, odd, next);
        assert_eq!(decide(rose, Some(cpu(3, 1_001_000))), Verdict::SetAside);
        assert_eq!(decide(rose, Some(cpu(3, 9_000_001))), Verdict::Implausible);
        assert_eq!(decide(rose, Some(cpu(3, 5))), Verdict::Implausible);
        assert_eq!(decide(rose, None), Verdict::Implausible);
        assert_eq!(decide(restarted, Some(cpu(3, 1_001_000))), Verdict::SetAside);
        assert_eq!(decide(restarted, Some(cpu(3, 7))), Verdict::Restart);
        assert_eq!(decide(restarted, Some(cpu(300_000, 1_100_000))), Verdict::Restart);
        assert_eq!(decide(restarted, None), Verdict::Restart);
        assert_eq!(decide(fell, Some(cpu(3, 1_000_000))), Verdict::SetAside);
        assert_eq!(decide(fell, Some(cpu(3, 999_999))), Verdict::Correction);
        assert_eq!(decide(fell, None), Verdict::Correction);
        // A start that counts makes the next one fit.
        let next = Some(cpu(4, 10));
        assert_eq!(verdict(&life(&[3]), before, fell, next), Verdict::SetAside);
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
