//! What readers get column by column.

use std::time::Duration;

use cmetrics_core::point::{Column, Table, Values};
use cmetrics_core::time::unix_seconds;
use cmetrics_core::{DataPoint, Metric, MetricSet, Store};

use crate::contender::Sums;
use crate::figures::{median, ratio, timed};
use crate::fleet::{START, WIDTH};

/// Where the columns of each container go.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Into {
    /// One table, emptied for each.
    One,
    /// A table for each.
    Each,
    /// The same, to which points are pushed.
    Pushed,
}

/// What each call took, in turns.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    seconds: [Vec<f64>; 3],
}

impl Tables {
    /// Asks a store for the last so many points of all, in each way.
    pub(crate) fn turn(&mut self, store: &Store, names: &[String], points: usize) {
        let ways = [Into::One, Into::Each, Into::Pushed];
        for (into, seconds) in ways.into_iter().zip(&mut self.seconds) {
            let (took, rows) = timed(|| last_of_all(store, names, points, into));
            assert_eq!(rows, names.len() * points, "{into:?}");
            seconds.push(took / ratio(names.len() as u64, 1));
        }
    }

    /// The medians of the ways, in microseconds.
    pub(crate) fn medians(self) -> [f64; 3] {
        self.seconds.map(|seconds| median(seconds) * 1e6)
    }
}

fn last_of_all(store: &Store, names: &[String], points: usize, into: Into) -> usize {
    let mut table = Table::new(MetricSet::default());
    let rows = names.iter().map(|name| {
        match into {
            Into::One => table.clear(),
            Into::Each | Into::Pushed => table = Table::new(MetricSet::default()),
        }
        last(store, name, points, into, &mut table);
        table.len()
    });
    rows.sum()
}

fn last(store: &Store, name: &str, points: usize, into: Into, table: &mut Table) {
    let period = Duration::from_secs(points as u64 * WIDTH);
    if let Into::Pushed = into {
        let points = store.last(name, period).expect("points");
        points.iter().for_each(|point| table.push(point));
    } else {
        store.last_into(name, period, table).expect("points");
    }
}

/// Whether a container's last points are these in each way.
pub(crate) fn check(store: &Store, name: &str, expected: &[DataPoint]) {
    for into in [Into::One, Into::Each, Into::Pushed] {
        let mut table = Table::new(MetricSet::default());
        last(store, name, expected.len(), into, &mut table);
        let points: Vec<_> = (0..table.len()).filter_map(|row| table.point(row)).collect();
        assert!(points == expected, "{into:?}: other points than were put in");
    }
}

/// Reads so many points of a container into a table, and sums them up.
pub(crate) fn range(store: &Store, name: &str, ticks: u64, table: &mut Table) -> Sums {
    table.clear();
    let range = unix_seconds(START..START + ticks * WIDTH);
    let mut points = store.range(name, range, None).expect("points");
    points.read_into(table).expect("points");
    let column = Column::all().iter().find(|column| column.metric() == Metric::CpuUsage);
    let cpu = match column.and_then(|column| table.values(column)) {
        Some((Values::Whole(growths), validity)) => {
            let valid = growths.iter().enumerate().filter(|(row, _)| validity.is_valid(*row));
            valid.map(|(_, growth)| growth).sum()
        }
        _ => 0,
    };
    Sums { points: table.len() as u64, cpu }
}
