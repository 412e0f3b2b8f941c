//! Whether a CPU reading can be (contract, *Starts* and *Odd readings*): pure decisions.

use crate::life::Life;
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
