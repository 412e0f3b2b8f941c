//! *Odd readings* and *Starts* of `docs/points.md`: what each CPU reading says of the container.

use std::collections::BTreeMap;

use super::SECOND;
use super::spec::Spec;

/// What the CPU counter says at a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cpu {
    /// Not read here, or never before.
    Unknown,
    RanOn,
    /// The container was restarted: at a known start, or at this sample.
    Restarted(Restart),
    /// The sample is as if it were not there.
    SetAside,
    /// Fell without a restart.
    Correction,
    /// Rose by more than all CPUs can use, and stayed there.
    Implausible,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restart {
    AtStart(i128),
    /// At the sample whose CPU reading fell, between any earlier sample and that one.
    AtSample(i128),
}

impl Restart {
    pub(crate) fn time(self) -> i128 {
        match self {
            Self::AtStart(time) | Self::AtSample(time) => time,
        }
    }
}

/// A CPU reading.
#[derive(Debug, Clone, Copy)]
struct Reading {
    time: i128,
    used: i128,
}

/// How a CPU reading stands to an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Plain,
    Started(i128),
    OddRise,
    OddFall,
}

/// What each CPU reading says, by its time.
pub(crate) fn judged(readings: &BTreeMap<i128, i128>, spec: &Spec) -> BTreeMap<i128, Cpu> {
    let readings: Vec<Reading> =
        readings.iter().map(|(&time, &used)| Reading { time, used }).collect();
    let mut said = BTreeMap::new();
    let mut before: Option<Reading> = None;
    for (number, &now) in readings.iter().enumerate() {
        let cpu = match before {
            None => Cpu::Unknown,
            Some(before) => decided(before, now, readings.get(number + 1).copied(), spec),
        };
        said.insert(now.time, cpu);
        // Behind a sample that is set aside, the next reading is judged after the one before it.
        if cpu != Cpu::SetAside {
            before = Some(now);
        }
    }
    said
}

/// The table of *Odd readings*.
fn decided(before: Reading, now: Reading, next: Option<Reading>, spec: &Spec) -> Cpu {
    let fits = next.filter(|next| {
        let step = step(before, *next, spec);
        step != Step::OddRise && step != Step::OddFall
    });
    match step(before, now, spec) {
        Step::Plain => Cpu::RanOn,
        Step::Started(at) => Cpu::Restarted(Restart::AtStart(at)),
        Step::OddRise => match fits {
            Some(next) if next.used < now.used => Cpu::SetAside,
            _ => Cpu::Implausible,
        },
        Step::OddFall if can_be_a_restart(before, now, spec) => match fits {
            Some(next) if rises_too_fast_to_have_begun_again(now, next, spec) => Cpu::SetAside,
            _ => Cpu::Restarted(Restart::AtSample(now.time)),
        },
        Step::OddFall => match fits {
            Some(_) => Cpu::SetAside,
            None => Cpu::Correction,
        },
    }
}

fn step(before: Reading, now: Reading, spec: &Spec) -> Step {
    if let Some(start) = start_between(before, now, spec) {
        Step::Started(start)
    } else if now.used < before.used {
        Step::OddFall
    } else if now.used - before.used > (now.time - before.time + 10 * SECOND) * spec.cpus() {
        Step::OddRise
    } else {
        Step::Plain
    }
}

/// *Starts*, as a restart.
fn start_between(before: Reading, now: Reading, spec: &Spec) -> Option<i128> {
    let fell = now.used < before.used;
    let an_earlier_one_is_known = spec.starts.iter().any(|start| *start <= before.time);
    if !fell && !an_earlier_one_is_known {
        return None;
    }
    let between = spec.starts.iter().filter(|start| before.time < **start && **start <= now.time);
    between.copied().filter(|start| is_plausible(*start, now, spec)).max()
}

/// *Starts*, before the first sample.
pub(crate) fn start_before(
    first_sample: i128,
    readings: &BTreeMap<i128, i128>,
    spec: &Spec,
    max_gap: i128,
) -> Option<i128> {
    let (&time, &used) = readings.first_key_value()?;
    let first = Reading { time, used };
    let near = |start: &i128| *start <= first_sample && first_sample - *start <= max_gap;
    let starts = spec.starts.iter().copied().filter(near);
    starts.filter(|start| is_plausible(*start, first, spec)).max()
}

fn is_plausible(start: i128, reading: Reading, spec: &Spec) -> bool {
    reading.used <= (reading.time - start + SECOND) * spec.cpus()
}

fn can_be_a_restart(before: Reading, now: Reading, spec: &Spec) -> bool {
    now.used <= (now.time - before.time + SECOND) * spec.cpus() && !is_tiny(before, now, spec)
}

fn is_tiny(before: Reading, now: Reading, spec: &Spec) -> bool {
    let fall = before.used - now.used;
    let ten_milliseconds = SECOND / 100;
    before.used >= 10 * SECOND
        && fall <= ten_milliseconds * spec.cpus()
        && fall * 1000 < before.used
}

fn rises_too_fast_to_have_begun_again(now: Reading, next: Reading, spec: &Spec) -> bool {
    next.used - now.used > (next.time - now.time + SECOND) * spec.cpus()
}
