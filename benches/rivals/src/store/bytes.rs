//! How many bytes a point takes.

use std::path::{Path, PathBuf};

use cmetrics_core::{DataPoint, Pipeline};

use crate::contender::{Contender, Sync};
use crate::figures::{Report, Row, ratio};
use crate::fleet::history;
use crate::settings::Bench;

/// Folders of dumps that were taken of one machine, one after another.
pub(crate) const RECORDINGS: [&str; 4] = ["steady-1s", "dynamic", "v060-1s", "v060-oom"];

pub(crate) fn run(bench: &Bench, report: &mut Report) {
    let (mut bytes, mut points) = (0, 0);
    let mut from_frames = 0;
    for set in RECORDINGS {
        let recorded = recorded(set);
        let sealed = sealed(bench, &recorded);
        let each = ratio(sealed, recorded.len() as u64);
        let containers = recorded.chunk_by(|one, other| one.name() == other.name()).count();
        let length = recorded.len() / containers;
        let what = format!("of `{set}`: {containers} containers of {length} points as a rule");
        report.add(Row::new(what, "bytes a point", each));
        (bytes, points) = (bytes + sealed, points + recorded.len() as u64);
        from_frames += self::sealed(bench, &figures_of(&recorded));
    }
    let all =
        Row::new("all sealed bytes, of all recordings", "bytes a point", ratio(bytes, points));
    report.add(all.at_most(12.0));
    report.add(Row::new("the same", "bytes a value", ratio(bytes, values(points))).at_most(0.6));
    let row = Row::new("the same, appended from a frame", "bytes a point", ratio(from_frames, points));
    report.add(row.at_most(15.0));
    for length in [1, 8, 80, 720] {
        let containers = bench.pick(1_000, 20);
        let points: Vec<_> = (0..containers).flat_map(|number| history(number, length)).collect();
        let sealed = sealed(bench, &points);
        let what = format!("generated, blocks of {length}");
        report.add(Row::new(what, "bytes a point", ratio(sealed, points.len() as u64)));
    }
}

/// The same points with their figures alone, as a data frame has them.
fn figures_of(points: &[DataPoint]) -> Vec<DataPoint> {
    let figures = points.iter().map(|point| {
        let (samples, coverage) = (point.samples(), point.coverage());
        let (name, interval, selected) = (point.name(), point.interval(), point.selected());
        DataPoint::from_columns(name, interval, samples, coverage, selected, |column| {
            column.figure(point)
        })
    });
    let figures: Vec<_> = figures.map(|point| point.expect("a point")).collect();
    assert!(figures.iter().all(|point| !point.is_exact()));
    figures
}

/// With its coverage, a documented point has as many values as columns and one more.
fn values(points: u64) -> u64 {
    points * (cmetrics_core::point::Column::all().len() as u64 + 1)
}

pub(crate) fn folder(set: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    folder.join("../../cmetrics-core/tests/data/recorded").join(set)
}

pub(crate) fn recorded(set: &str) -> Vec<DataPoint> {
    let mut pipeline = Pipeline::default();
    pipeline.read_paths(&[folder(set)]).into_result().unwrap();
    pipeline.points()
}

/// The bytes of one segment of these points, which are then as they were.
fn sealed(bench: &Bench, points: &[DataPoint]) -> u64 {
    let mut ours = bench.store("sealed", Sync::Os);
    ours.append(points);
    let bytes = ours.bytes();
    for points in points.chunk_by(|one, other| one.name() == other.name()) {
        let stored = ours.0.range(points[0].name(), .., None).expect("points");
        let stored: Vec<_> = stored.map(|point| point.expect("a point")).collect();
        assert_eq!(stored, points);
    }
    bytes
}

/// One hour, beside others: they keep the documented numbers alone.
pub(crate) fn hour(bench: &Bench, report: &mut Report) {
    let (containers, ticks) = bench.pick((1_000, 720), (50, 40));
    let mut all = bench.all("hour", Sync::Os);
    for number in 0..containers {
        let points = history(number, ticks);
        for one in &mut all {
            one.append(&points);
        }
    }
    let points = containers as u64 * ticks;
    let each: Vec<_> = all.iter_mut().map(|one| ratio(one.bytes(), points)).collect();
    let what = format!("{containers} containers over {ticks} intervals");
    let row = Row::new(what, "bytes a point", each[0]);
    let rivals = all.iter().zip(&each).skip(1);
    report.add(rivals.fold(row, |row, (one, each)| row.beside(one.name(), *each)));
}
