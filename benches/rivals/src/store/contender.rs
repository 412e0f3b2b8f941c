//! What is raced: a way of keeping points.

use std::ops::Range;
use std::path::Path;

use cmetrics_core::point::{Column, Figure};
use cmetrics_core::{DataPoint, Metric, Store};

/// What came out, or went in: how many points, and their CPU time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) points: u64,
    pub(crate) cpu: u64,
}

impl Sums {
    pub(crate) fn add(&mut self, point: &DataPoint) {
        self.points += 1;
        self.cpu += point.growth(Metric::CpuUsage).unwrap_or(0);
    }

    pub(crate) fn of<'p>(points: impl IntoIterator<Item = &'p DataPoint>) -> Self {
        let mut sums = Self::default();
        points.into_iter().for_each(|point| sums.add(point));
        sums
    }
}

/// What was answered.
#[derive(Debug)]
pub(crate) enum Told {
    Points(Vec<DataPoint>),
    Rows(Rows),
    /// Documented JSON.
    Texts(Vec<Vec<u8>>),
}

/// Rows of numbers, one after another.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) starts: Vec<u64>,
    pub(crate) values: Vec<f64>,
}

impl Told {
    pub(crate) fn sums(&self) -> Sums {
        match self {
            Self::Points(points) => Sums::of(points),
            Self::Rows(rows) => rows.sums(),
            Self::Texts(texts) => {
                let points = texts.iter().map(|text| serde_json::from_slice(text));
                let points: Vec<_> = points.map(|point| point.expect("a point")).collect();
                Sums::of(&points)
            }
        }
    }
}

impl Rows {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole numbers")]
    pub(crate) fn sums(&self) -> Sums {
        let width = Column::all().len();
        let cpu = self.values.chunks(width).map(|row| row[0] as u64).sum();
        Sums { points: self.starts.len() as u64, cpu }
    }
}

/// When what was acknowledged must outlast what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sync {
    /// The end of the process.
    Os,
    /// A loss of power.
    Always,
}

/// How many containers are asked for at once, by those who gain by it.
pub(crate) const AT_ONCE: usize = 16;

pub(crate) trait Contender {
    fn name(&self) -> &'static str;

    /// Keeps these points, as one batch; returns when that is acknowledged.
    fn append(&mut self, points: &[DataPoint]);

    /// The last so many points of each of these containers.
    fn last(&mut self, names: &[&str], points: usize) -> Vec<Told>;

    /// Reads a container's points whose intervals begin in a range of seconds.
    fn range(&mut self, name: &str, range: Range<u64>) -> Sums;

    /// cmetrics' store, if this is it.
    fn store(&self) -> Option<&Store> {
        None
    }

    /// How many bytes it takes for what it keeps, once it has tidied up.
    fn bytes(&mut self) -> u64;
}

/// The documented numbers of a point, as those keep them who have no type for it.
pub(crate) fn figures(point: &DataPoint) -> impl Iterator<Item = Option<Figure>> + '_ {
    Column::all().iter().map(|column| column.figure(point))
}

/// All bytes of a folder's files.
pub(crate) fn bytes_of(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).expect("a folder").flatten();
    // One that is removed meanwhile takes nothing.
    files.map(|file| file.metadata().map_or(0, |data| data.len())).sum()
}

/// All bytes of a store's logs.
pub(crate) fn log_bytes(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).expect("a folder").flatten();
    let logs = files.filter(|file| file.file_name().to_string_lossy().starts_with("log"));
    logs.map(|file| file.metadata().map_or(0, |data| data.len())).sum()
}

/// Whether all of a container's points were told.
pub(crate) fn check(who: &str, told: &Told, expected: &[DataPoint]) {
    if let Told::Points(points) = told {
        assert!(points == expected, "{who}: other points than were put in");
    }
    assert_eq!(told.sums(), Sums::of(expected), "{who}");
}
