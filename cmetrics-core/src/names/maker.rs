//! Points to rows.

use super::number::Number;
use super::options::GaugeFigure;
use super::row::{Row, RowKind};
use super::rule::{Figure, Form, Label};
use super::subject::Subject;
use super::table::{Entry, Names};
use crate::metric::Metric;
use crate::point::{DataPoint, Gauge};

/// Who takes rows.
type Emit<'e> = &'e mut dyn FnMut(&Row<'_>);

/// Turns the points of one container into rows, in the order of time and, within it, of the names.
///
/// A point that begins before the end of the one before is passed over.
#[derive(Clone, Debug)]
pub struct RowMaker<'a> {
    names: &'a Names,
    subject: &'a Subject<'a>,
    labels: Vec<Label>,
    /// One for each name.
    sums: Vec<Sum>,
    /// Where sums are 0.
    zero: Option<u64>,
    /// The end of the last interval.
    end: u64,
}

/// The growth of a counter, added up.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    growth: u128,
    /// That of the counter to take away.
    less: u128,
    /// The most that the difference was. Shares of growth are whole numbers, so the part of a
    /// counter can be ahead of the whole by one for a while, but a sum never falls.
    level: u128,
    /// Whether the last interval has a figure.
    is_open: bool,
}

impl Sum {
    /// Adds the growth of an interval, and returns by how much the level rose.
    fn add(&mut self, growth: u64, less: u64) -> u128 {
        self.growth = self.growth.saturating_add(growth.into());
        self.less = self.less.saturating_add(less.into());
        let before = self.level;
        self.level = before.max(self.growth.saturating_sub(self.less));
        self.is_open = true;
        self.level - before
    }
}

impl Names {
    /// What makes rows of a container's points.
    pub fn rows_of<'a>(&'a self, subject: &'a Subject<'a>) -> RowMaker<'a> {
        RowMaker::new(self, subject)
    }
}

impl<'a> RowMaker<'a> {
    fn new(names: &'a Names, subject: &'a Subject<'a>) -> Self {
        let labels = names.labels_of(subject);
        let sums = vec![Sum::default(); names.entries().len()];
        Self { names, subject, labels, sums, zero: names.options().since, end: 0 }
    }

    /// The labels of the container.
    pub fn labels(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.labels.iter().map(|(label, value)| (*label, &**value))
    }

    /// Adds up the growth of the next point, without rows: of a point before those that are
    /// wanted, where sums begin earlier.
    pub fn pass(&mut self, point: &DataPoint) {
        if self.takes(point) {
            for (entry, sum) in self.names.entries().iter().zip(&mut self.sums) {
                if let Some((growth, less)) = growth(entry, point) {
                    sum.add(growth, less);
                    sum.is_open = false;
                }
            }
        }
    }

    /// Emits the rows of the next point.
    pub fn add(&mut self, point: &DataPoint, emit: Emit<'_>) {
        let (last, start) = (self.end, point.interval().start());
        if !self.takes(point) {
            return;
        }
        if last < start {
            self.close(last, emit);
        }
        for (place, entry) in self.names.entries().iter().enumerate() {
            if let Figure::Sum { digits, .. } = entry.rule.figure {
                self.add_growth(place, entry, digits, point, emit);
            } else if let Some(value) = self.value(entry, point) {
                self.emit(place, entry, (start, self.end), Some(value), emit);
            }
        }
    }

    /// Emits the last rows, at the end of the last interval.
    pub fn finish(mut self, emit: Emit<'_>) {
        self.close(self.end, emit);
    }

    /// Whether a point is the next one. If so, its interval is the last one.
    fn takes(&mut self, point: &DataPoint) -> bool {
        let interval = point.interval();
        let first = self.zero.unwrap_or(interval.start()).max(self.end);
        let takes = first <= interval.start();
        if takes {
            self.zero.get_or_insert(interval.start());
            self.end = interval.end();
        }
        takes
    }

    /// The row of a counter at the start of an interval, and the interval's growth.
    fn add_growth(
        &mut self,
        place: usize,
        entry: &Entry,
        digits: u32,
        point: &DataPoint,
        emit: Emit<'_>,
    ) {
        let Some(sum) = self.sums.get_mut(place) else { return };
        let (before, was_open) = (sum.level, sum.is_open);
        sum.is_open = false;
        let rise = growth(entry, point).map(|(growth, less)| sum.add(growth, less));
        let interval = point.interval();
        let value = match (rise, self.names.is_delta()) {
            (Some(rise), true) => rise,
            (Some(_), false) => before,
            // The sum up to here, which no later row has.
            (None, false) if was_open => before,
            (None, _) => return,
        };
        let until = if rise.is_some() { interval.end() } else { interval.start() };
        let value = Number::decimal(value, digits);
        self.emit(place, entry, (interval.start(), until), value, emit);
    }

    /// Emits the sums up to the end of the last interval of those that have a figure there.
    fn close(&mut self, end: u64, emit: Emit<'_>) {
        if self.names.is_delta() || end == 0 {
            return;
        }
        for (place, entry) in self.names.entries().iter().enumerate() {
            let value = match entry.rule.figure {
                Figure::Sum { digits, .. } => {
                    let Some(sum) = self.sums.get_mut(place) else { continue };
                    if !std::mem::take(&mut sum.is_open) {
                        continue;
                    }
                    Number::decimal(sum.level, digits)
                }
                Figure::Rising(of) => of(self.subject, self.names.options(), end),
                Figure::Gauge(..) | Figure::Derived(..) | Figure::Told(_) => None,
            };
            self.emit(place, entry, (end, end), value, emit);
        }
    }

    /// The value of what is not a counter's growth.
    fn value(&self, entry: &Entry, point: &DataPoint) -> Option<Number> {
        let options = self.names.options();
        match entry.rule.figure {
            Figure::Sum { .. } => None,
            Figure::Gauge(metric, form) => level(point, metric, form, entry.gauge),
            Figure::Derived(_, of) => of(point, self.subject, options),
            Figure::Told(of) | Figure::Rising(of) => {
                of(self.subject, options, point.interval().start())
            }
        }
    }

    fn emit(
        &self,
        place: usize,
        entry: &Entry,
        (time, until): (u64, u64),
        value: Option<Number>,
        emit: Emit<'_>,
    ) {
        let Some(value) = value else { return };
        let kind = entry.kind(self.names);
        let zero = self.zero.filter(|_| kind == RowKind::Cumulative);
        emit(&Row {
            place,
            name: &entry.name,
            unit: entry.rule.unit,
            kind,
            of_container: &self.labels,
            own: entry.rule.labels,
            time,
            since: zero.unwrap_or(time),
            until,
            value,
        });
    }
}

/// The growth of a counter, and of the one to take away; `None` where either was not measured.
fn growth(entry: &Entry, point: &DataPoint) -> Option<(u64, u64)> {
    let Figure::Sum { of, less, .. } = entry.rule.figure else { return None };
    Some((point.growth(of)?, less.map_or(Some(0), |less| point.growth(less))?))
}

fn level(point: &DataPoint, metric: Metric, form: Form, figure: GaugeFigure) -> Option<Number> {
    const MILLION: f64 = 1e6;
    let Gauge { ave, min, max } = match form {
        Form::OfReadings | Form::RoundedOfReadings => point.gauge_of_readings(metric)?,
        Form::Base | Form::Rounded | Form::Millions => point.gauge(metric)?,
    };
    let value = match figure {
        GaugeFigure::Ave => ave,
        GaugeFigure::Min => min,
        GaugeFigure::Max => max,
    };
    match form {
        Form::Base | Form::OfReadings => Number::real(value),
        Form::Rounded | Form::RoundedOfReadings => Number::rounded(value),
        Form::Millions => Number::real(value / MILLION),
    }
}
