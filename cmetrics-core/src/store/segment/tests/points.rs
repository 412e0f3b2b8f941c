//! Generates points, and compares them.

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::Pipeline;
use crate::metric::{Kind, Metric, MetricSet};
use crate::point::{Figures, Gauge, Level, ReadingSummary, Watched};
use crate::settings::Settings;
use crate::time::Interval;

/// All parts of a point, exactly.
pub(super) fn exact(point: &DataPoint) -> String {
    let watched = match point.watched() {
        Watched::Part(part) => format!("part {:x}", part.to_bits()),
        watched => format!("{watched:?}"),
    };
    let level = |level: &Level| match level {
        Level::Inexact(gauge) => {
            let Gauge { ave, min, max } = *gauge;
            format!("told {:x?}", [ave, min, max].map(f64::to_bits))
        }
        level => format!("{level:?}"),
    };
    let figures = point.figures();
    format!(
        "{} {:?} {:?} {watched} {:?} {:?} {:?} {:?} {:?}",
        point.name(),
        point.interval(),
        point.samples(),
        figures.present(),
        figures.too_large(),
        point.selected(),
        figures.growths(),
        figures.levels().iter().map(level).collect::<Vec<_>>(),
    )
}

/// The points of recordings.
pub(super) fn recorded(folder: &Path, settings: Settings) -> Vec<DataPoint> {
    let mut pipeline = Pipeline::new(settings);
    pipeline.read_paths(&[folder.to_path_buf()]).into_result().unwrap();
    pipeline.points()
}

/// The same points with figures alone, as a data frame returns them.
pub(super) fn figures_only(points: &[DataPoint]) -> Vec<DataPoint> {
    let told = points.iter().map(|point| {
        let (name, interval) = (point.name(), point.interval());
        let (samples, coverage) = (point.samples(), point.coverage());
        DataPoint::from_columns(name, interval, samples, coverage, point.selected(), |column| {
            column.figure(point)
        })
    });
    told.collect::<Result<_, _>>().unwrap()
}

/// Typical numbers: many equal, some huge.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![
        4 => Just(0),
        2 => (0_u64..100).prop_map(|pages| pages * 4096),
        2 => (any::<u64>(), 0_u32..64).prop_map(|(number, shift)| number >> shift),
        1 => Just(u64::MAX),
    ]
}

fn level(start: u64) -> impl Strategy<Value = Level> {
    let read = (1..=u64::from(u32::MAX), any::<u64>(), any::<u32>(), number(), number());
    let read = read.prop_map(|(number, low, high, min, max)| {
        let sum = u128::from(high) << 64 | u128::from(low);
        Level::Read(ReadingSummary::new(number, sum, min, max).unwrap())
    });
    let usual = (1_u64..5, 0_u64..1000).prop_map(|(number, pages)| {
        let sum = u128::from(number * pages * 4096);
        Level::Read(ReadingSummary::new(number, sum, pages * 4096, pages * 4096).unwrap())
    });
    let nanos = start * 1_000_000_000;
    let between = (0..=nanos, 1_u64..1 << 40, number(), number());
    let between =
        between.prop_map(move |(t0, width, v0, v1)| Level::Between((t0, v0), (nanos + width, v1)));
    let told = [any::<u64>(), any::<u64>(), any::<u64>()].prop_map(|bits| {
        let [ave, min, max] = bits.map(f64::from_bits);
        Level::Inexact(Gauge { ave, min, max })
    });
    let given = (1..5_u32, any::<u32>(), any::<u16>(), any::<u32>());
    let given = given.prop_map(|(number, sum, min, max)| {
        let ave = f64::from(sum) / f64::from(number);
        Level::Inexact(Gauge { ave, min: min.into(), max: max.into() })
    });
    prop_oneof![1 => read, 3 => usual, 1 => between, 1 => told, 1 => given]
}

fn watched() -> impl Strategy<Value = Watched> {
    prop_oneof![
        5 => Just(Watched::Nanos(5_000_000_000)),
        2 => number().prop_map(Watched::Nanos),
        1 => any::<u64>().prop_map(|bits| Watched::Part(f64::from_bits(bits))),
        1 => (0..=5_000_u32).prop_map(|part| Watched::Part(f64::from(part) / 5_000.0)),
        1 => Just(Watched::Unknown),
    ]
}

fn figures(metrics: MetricSet, start: u64) -> impl Strategy<Value = Figures> {
    let each: Vec<_> = metrics.iter().collect();
    let values: Vec<_> = each.iter().map(|_| (0..8_u8, number(), level(start))).collect();
    values.prop_map(move |values| {
        let (mut figures, mut too_large) = (Figures::default(), MetricSet::default());
        for (metric, (what, growth, level)) in each.iter().zip(values) {
            match (what, metric.kind()) {
                (0, _) => {}
                (1, Kind::Counter) => too_large.insert(*metric),
                (_, Kind::Counter) => figures.set_growth(*metric, growth),
                (_, Kind::Gauge) => figures.set_level(*metric, level),
            }
        }
        figures.with_too_large(too_large)
    })
}

fn metrics() -> impl Strategy<Value = MetricSet> {
    let some = prop::collection::vec(prop::sample::select(Metric::ALL.to_vec()), 0..6);
    prop_oneof![
        4 => some.prop_map(|metrics| metrics.into_iter().collect()),
        2 => Just(MetricSet::documented()),
        1 => Just(MetricSet::all()),
    ]
}

fn point(name: Arc<str>, number: u64) -> impl Strategy<Value = DataPoint> {
    let start = number * 5;
    let figures = metrics().prop_flat_map(move |metrics| figures(metrics, start));
    let samples = prop_oneof![4 => Just(Some(3)), 1 => Just(None), 1 => number_option()];
    (figures, samples, watched(), metrics()).prop_map(
        move |(figures, samples, watched, selected)| {
            let interval = Interval::new(start, start + 5).unwrap();
            DataPoint::from_parts(Arc::clone(&name), interval, samples, watched, figures, selected)
        },
    )
}

fn number_option() -> impl Strategy<Value = Option<u64>> {
    number().prop_map(Some)
}

/// Points of some containers, with holes.
pub(super) fn any_points() -> impl Strategy<Value = Vec<DataPoint>> {
    let gap = prop_oneof![6 => Just(1_u64), 1 => 2_u64..50, 1 => 1_u64..1 << 28];
    let starts = prop::collection::vec(gap, 1..8);
    let containers = prop::collection::vec(starts, 1..4);
    containers
        .prop_flat_map(|containers| {
            let mut points = Vec::new();
            for (index, gaps) in containers.into_iter().enumerate() {
                let name: Arc<str> = match index {
                    0 => "".into(),
                    1 => format!("{index:064x}").into(),
                    _ => format!("/box/{index}").into(),
                };
                let mut number = 350_000_000;
                for gap in gaps {
                    number += gap;
                    points.push(point(Arc::clone(&name), number));
                }
            }
            // Names rise: "", "/…", "0…".
            points
        })
        .prop_map(|mut points: Vec<DataPoint>| {
            points.sort_by(|left, right| {
                let key =
                    |point: &DataPoint| (point.shared_name().clone(), point.interval().start());
                key(left).cmp(&key(right))
            });
            points
        })
}

/// A small deterministic generator of numbers.
#[derive(Debug)]
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % sides.max(1)
    }
}

/// Many containers with many points each, similar to recordings: stretches of recorded points in
/// succession, with varying CPU time.
pub(super) fn grown(recorded: &[DataPoint], containers: usize, count: usize) -> Vec<DataPoint> {
    let mut dice = Dice(7);
    let sources: Vec<_> = recorded
        .chunk_by(|left, right| left.name() == right.name())
        .map(|points| points.iter().filter(|point| point.is_complete()).collect::<Vec<_>>())
        .filter(|points| points.len() > 8)
        .collect();
    let mut grown = Vec::with_capacity(containers * count);
    for number in 0..containers {
        let name: Arc<str> = format!(
            "{number:08x}{:016x}{:016x}{:016x}{:08x}",
            dice.roll(u64::MAX),
            dice.roll(u64::MAX),
            dice.roll(u64::MAX),
            dice.roll(1 << 32)
        )
        .into();
        let source = &sources[usize::try_from(dice.roll(sources.len() as u64)).unwrap()];
        let mut at = 0;
        for index in 0..count {
            at = (at + 1) % source.len();
            if dice.roll(8) == 0 {
                at = usize::try_from(dice.roll(source.len() as u64)).unwrap();
            }
            let start = 1_796_000_000 + 5 * index as u64;
            let point = source[at];
            let mut figures = point.figures().clone();
            if let Some(used) = point.growth(Metric::CpuUsage) {
                let some = dice.roll(used / 16 + 1);
                figures.set_growth(Metric::CpuUsage, used - used / 32 + some);
            }
            let moved = (start - point.interval().start()) * 1_000_000_000;
            for metric in point.figures().present().iter() {
                if let Some(Level::Between(from, to)) = point.figures().level(metric) {
                    let (from, to) = ((from.0 + moved, from.1), (to.0 + moved, to.1));
                    figures.set_level(metric, Level::Between(from, to));
                }
            }
            let (name, interval) = (Arc::clone(&name), Interval::new(start, start + 5).unwrap());
            let (samples, watched) = (point.samples(), point.watched());
            let selected = point.selected();
            grown.push(DataPoint::from_parts(name, interval, samples, watched, figures, selected));
        }
    }
    grown
}

/// Some of [`any_points`], the same each time.
pub(super) fn sample_of_any(count: usize) -> Vec<DataPoint> {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut points = Vec::new();
    while points.len() < count {
        points.extend(any_points().new_tree(&mut runner).unwrap().current());
    }
    points.truncate(count);
    points
}
