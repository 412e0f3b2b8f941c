//! Decodes the levels of a gauge in consecutive points of a block.

use std::iter::repeat_n;

use super::shape::{SUM, State, expected};
use crate::metric::Metric;
use crate::point::{Gauge, Level, Numbers, ReadingSummary, Rows, Starts};
use crate::time::{Interval, NANOS_PER_SECOND};

/// A gauge in consecutive points that have it in the same state.
#[derive(Clone, Copy, Debug)]
pub(super) struct GaugeRun<'c> {
    pub(super) metric: Metric,
    pub(super) state: State,
    pub(super) per_unit: f64,
    pub(super) parts: [Numbers<'c>; 5],
    pub(super) starts: Starts<'c>,
}

/// Buffers for the parts of a gauge that are the same in all points.
#[derive(Debug, Default)]
pub(super) struct PartScratch([Vec<u64>; 5]);

/// Takes the levels of consecutive points, with their figures in base units.
pub(super) trait LevelSink {
    fn take(&mut self, levels: impl Iterator<Item = (Level, Gauge)>);
}

impl LevelSink for Vec<Level> {
    fn take(&mut self, levels: impl Iterator<Item = (Level, Gauge)>) {
        self.extend(levels.map(|(level, _)| level));
    }
}

impl LevelSink for (Metric, &mut Rows<'_>) {
    fn take(&mut self, levels: impl Iterator<Item = (Level, Gauge)>) {
        self.1.levels(self.0, levels);
    }
}

impl GaugeRun<'_> {
    /// Whether these are the parts of levels.
    pub(super) fn check(&self) -> bool {
        const MOST: u64 = u32::MAX as u64;
        let [number, ..] = self.parts;
        match self.state {
            // Only the number of readings can be wrong: any sum is possible modulo 2^96.
            State::Read => number.all(|number| number <= MOST),
            // Without readings there is no mean.
            State::WholeFigures => number.all(|number| (1..=MOST).contains(&number)),
            State::Between => self.starts.intervals().enumerate().all(|(row, interval)| {
                let (from, to) = ends(self.parts.map(|part| part.get(row)));
                is_line(from, to, interval.start())
            }),
            State::Figures => true,
            State::Absent | State::TooLarge | State::Growth => false,
        }
    }

    /// Passes the levels, which were [checked](Self::check), to `sink`. There is a loop for each
    /// state, so that none asks for it in each point.
    pub(super) fn decode(&self, scratch: &mut PartScratch, sink: &mut impl LevelSink) {
        let Self { metric, state, per_unit, parts, starts } = *self;
        let count = starts.numbers.len();
        if let Some(level) = self.constant() {
            let gauge = level.gauge(Interval::numbered(0, starts.seconds), metric);
            return sink.take(repeat_n((level, gauge), count));
        }
        let parts = in_rows(scratch.fill(parts, count));
        match state {
            State::Read => sink.take(parts.map(|one| {
                let read = readings(one);
                (Level::Read(read), read.gauge(per_unit))
            })),
            State::WholeFigures => {
                sink.take(parts.map(|one| inexact(readings(one).gauge(per_unit))));
            }
            State::Figures => sink.take(parts.map(|one| inexact(figures(one)))),
            State::Between => sink.take(starts.intervals().zip(parts).map(|(interval, one)| {
                let (from, to) = ends(one);
                let level = Level::Between(from, to);
                (level, level.gauge(interval, metric))
            })),
            State::Absent | State::TooLarge | State::Growth => {}
        }
    }

    /// The level of all points, if it is the same.
    pub(super) fn constant(&self) -> Option<Level> {
        let is_constant = |part: &Numbers<'_>| matches!(part, Numbers::Constant(_));
        if !self.parts.iter().all(is_constant) {
            return None;
        }
        let parts = self.parts.map(|part| part.get(0));
        match self.state {
            State::Read => Some(Level::Read(readings(parts))),
            State::WholeFigures => Some(Level::Inexact(readings(parts).gauge(self.per_unit))),
            State::Figures => Some(Level::Inexact(figures(parts))),
            // The figures of a line differ from interval to interval.
            State::Between | State::Absent | State::TooLarge | State::Growth => None,
        }
    }
}

fn inexact(gauge: Gauge) -> (Level, Gauge) {
    (Level::Inexact(gauge), gauge)
}

#[inline]
fn readings([number, min, span, low, high]: [u64; 5]) -> ReadingSummary {
    let max = min.wrapping_add(span);
    let rest = u128::from(high) << 64 | u128::from(low);
    let sum = expected(number, min, max).wrapping_add(rest) & SUM;
    ReadingSummary::of_fitting(number, sum, min, max)
}

#[inline]
fn figures([ave, min, max, ..]: [u64; 5]) -> Gauge {
    let [ave, min, max] = [ave, min, max].map(f64::from_bits);
    Gauge { ave, min, max }
}

/// The two readings, each with its time, that a line connects.
#[inline]
fn ends([time, value, nanos, other, _]: [u64; 5]) -> ((u64, u64), (u64, u64)) {
    ((time, value), (time.wrapping_add(nanos), other))
}

/// Whether the straight line between two readings may belong to an interval with this start, in
/// seconds.
pub(super) fn is_line(from: (u64, u64), to: (u64, u64), start: u64) -> bool {
    from.0 < to.0 && from.0 <= start.saturating_mul(NANOS_PER_SECOND)
}

impl PartScratch {
    /// The parts by point.
    fn fill<'p>(&'p mut self, parts: [Numbers<'p>; 5], count: usize) -> [&'p [u64]; 5] {
        let mut filled = [&[][..]; 5];
        for ((place, buffer), part) in filled.iter_mut().zip(&mut self.0).zip(parts) {
            *place = match part {
                Numbers::Varying(numbers) => numbers,
                Numbers::Constant(number) => {
                    buffer.clear();
                    buffer.resize(count, number);
                    buffer
                }
            };
        }
        filled
    }
}

fn in_rows(parts: [&[u64]; 5]) -> impl Iterator<Item = [u64; 5]> {
    let [first, second, third, fourth, fifth] = parts.map(|part| part.iter().copied());
    let rows = first.zip(second).zip(third).zip(fourth.zip(fifth));
    rows.map(|(((first, second), third), (fourth, fifth))| [first, second, third, fourth, fifth])
}
