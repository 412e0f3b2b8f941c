//! Readings of one gauge: rules 8 and 9 of `docs/points.md`.

use std::collections::BTreeMap;

use super::Clock;
use super::catalogue::Metric;
use super::reading::Sample;
use super::series::{Series, pieces};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) ave: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

#[derive(Debug, Default)]
pub(crate) struct Readings {
    /// `None` where a figure does not fit 64 bits.
    pub(crate) by_interval: BTreeMap<i128, Option<Figures>>,
}

pub(crate) fn readings(series: &Series, metric: &Metric, clock: &Clock) -> Readings {
    let values = values_of(series, metric);
    let mut by_interval = lines(series, &values, clock);
    // Rule 9 is for intervals without any reading of this gauge.
    by_interval.extend(means(&values, clock));
    for figures in by_interval.values_mut().flatten() {
        let divisor = f64::from(metric.divisor);
        figures.ave /= divisor;
        figures.min /= divisor;
        figures.max /= divisor;
    }
    Readings { by_interval }
}

fn values_of(series: &Series, metric: &Metric) -> Vec<(i128, i128)> {
    let samples = series.samples.iter();
    let value = |(time, sample): (&i128, &Sample)| {
        let value = sample.readings.get(metric.name)?.get("")?;
        Some((*time, *value))
    };
    samples.filter_map(value).collect()
}

/// Rule 8.
fn means(values: &[(i128, i128)], clock: &Clock) -> BTreeMap<i128, Option<Figures>> {
    let mut groups: BTreeMap<i128, Vec<i128>> = BTreeMap::new();
    for (time, value) in values {
        groups.entry(clock.interval_of(*time)).or_default().push(*value);
    }
    let figures = |values: Vec<i128>| {
        let sum: i128 = values.iter().sum();
        let min = values.iter().min().copied().unwrap_or_default();
        let max = values.iter().max().copied().unwrap_or_default();
        let ave = sum as f64 / values.len() as f64;
        fits(max).then_some(Figures { ave, min: min as f64, max: max as f64 })
    };
    groups.into_iter().map(|(interval, values)| (interval, figures(values))).collect()
}

/// Rule 9.
fn lines(
    series: &Series,
    values: &[(i128, i128)],
    clock: &Clock,
) -> BTreeMap<i128, Option<Figures>> {
    let mut figures = BTreeMap::new();
    for pair in values.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        if to.0 - from.0 > clock.max_gap || series.restart_between(from.0, to.0).is_some() {
            continue;
        }
        // A reading that does not fit 64 bits has no value that a line could lead to.
        if !fits(from.1) || !fits(to.1) {
            continue;
        }
        for (interval, start, end) in pieces(from.0, to.0, clock) {
            if (start, end) == clock.edges(interval) {
                figures.insert(interval, Some(on_line(from, to, start, end)));
            }
        }
    }
    figures
}

fn on_line(from: (i128, i128), to: (i128, i128), start: i128, end: i128) -> Figures {
    let whole = to.0 - from.0;
    // The line's value times `whole`, exactly: nothing cancels out.
    let at = |time: i128| {
        let part = time - from.0;
        from.1 * (whole - part) + to.1 * part
    };
    let figure = |value: i128| value as f64 / whole as f64;
    let (low, high) = (at(start).min(at(end)), at(start).max(at(end)));
    // Widths are whole seconds, so the middle is a whole nanosecond.
    let ave = figure(at(i128::midpoint(start, end)));
    Figures { ave, min: figure(low), max: figure(high) }
}

fn fits(value: i128) -> bool {
    value <= i128::from(u64::MAX)
}
