//! Readings of one gauge: rules 8 and 9.

use std::collections::BTreeMap;

use super::Clock;
use super::catalogue::Metric;
use super::series::{Series, pieces};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) ave: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

#[derive(Debug, Default)]
pub(crate) struct Readings {
    pub(crate) by_interval: BTreeMap<i128, Figures>,
}

pub(crate) fn readings(series: &Series, metric: &Metric, clock: &Clock) -> Readings {
    let values = values_of(series, metric);
    let mut by_interval = lines(&values, &series.restarts(), clock);
    // Rule 9 is for intervals without any reading of this gauge.
    by_interval.extend(means(&values, clock));
    for figures in by_interval.values_mut() {
        let divisor = f64::from(metric.divisor);
        figures.ave /= divisor;
        figures.min /= divisor;
        figures.max /= divisor;
    }
    Readings { by_interval }
}

fn values_of(series: &Series, metric: &Metric) -> Vec<(i128, i128)> {
    let samples = series.samples.iter();
    let value = |(time, sample): (&i128, &super::reading::Sample)| {
        let value = sample.readings.get(metric.name)?.get("")?;
        Some((*time, *value))
    };
    samples.filter_map(value).collect()
}

/// Rule 8.
fn means(values: &[(i128, i128)], clock: &Clock) -> BTreeMap<i128, Figures> {
    let mut groups: BTreeMap<i128, Vec<i128>> = BTreeMap::new();
    for (time, value) in values {
        groups.entry(clock.interval_of(*time)).or_default().push(*value);
    }
    let figures = |values: Vec<i128>| {
        let sum: i128 = values.iter().sum();
        let min = values.iter().min().copied().unwrap_or_default();
        let max = values.iter().max().copied().unwrap_or_default();
        Figures { ave: sum as f64 / values.len() as f64, min: min as f64, max: max as f64 }
    };
    groups.into_iter().map(|(interval, values)| (interval, figures(values))).collect()
}

/// Rule 9.
fn lines(values: &[(i128, i128)], restarts: &[i128], clock: &Clock) -> BTreeMap<i128, Figures> {
    let mut figures = BTreeMap::new();
    for pair in values.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let restarted = restarts.iter().any(|time| from.0 < *time && *time <= to.0);
        if to.0 - from.0 > clock.max_gap || restarted {
            continue;
        }
        for (interval, start, end) in pieces(from.0, to.0, clock) {
            if (start, end) == clock.edges(interval) {
                figures.insert(interval, on_line(from, to, start, end));
            }
        }
    }
    figures
}

fn on_line(from: (i128, i128), to: (i128, i128), start: i128, end: i128) -> Figures {
    let at = |time: i128| {
        let weighted = from.1 * (to.0 - time) + to.1 * (time - from.0);
        weighted as f64 / (to.0 - from.0) as f64
    };
    let (first, last) = (at(start), at(end));
    // Widths are whole seconds, so the middle is a whole nanosecond.
    Figures { ave: at((start + end) / 2), min: first.min(last), max: first.max(last) }
}
