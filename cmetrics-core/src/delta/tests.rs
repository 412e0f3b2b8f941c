//! Telling a pair of samples as a whole changes nothing.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::aggregate::{Aggregator, Telling};
use crate::metric::{MetricSet, Section};
use crate::point::DataPoint;
use crate::sample::{ByLayout, Sample};
use crate::series::Events;
use crate::settings::Settings;

/// What a sample lists, from the usual to the odd.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape {
    Usual,
    /// No CPU time: a counter that falls began again.
    NoCpu,
    /// A second device, and OOM events.
    MoreDevices,
    /// An interface that is listed twice.
    Twice,
    /// A device of which nothing is read, and gauges that are not documented.
    Bare,
    Nothing,
}

#[derive(Clone, Copy, Debug)]
enum Move {
    Up(u32),
    Leap,
    Stay,
    Half,
}

#[derive(Clone, Debug)]
struct Step {
    millis: u64,
    shape: Shape,
    /// Whether its layout is its own, though one of the same content is known.
    fresh: bool,
    moves: Vec<Move>,
}

fn a_step() -> impl Strategy<Value = Step> {
    let millis = prop_oneof![
        12 => 1_u64..3_000,
        2 => Just(1_000_u64),
        2 => Just(5_000_u64),
        2 => 3_000_u64..40_000,
        1 => Just(60_000_u64),
        1 => 60_001_u64..400_000,
    ];
    let shape = prop_oneof![
        12 => Just(Shape::Usual),
        2 => Just(Shape::NoCpu),
        3 => Just(Shape::MoreDevices),
        2 => Just(Shape::Twice),
        1 => Just(Shape::Bare),
        1 => Just(Shape::Nothing),
    ];
    let a_move = prop_oneof![
        60 => (0_u32..2_000_000_000).prop_map(Move::Up),
        1 => Just(Move::Leap),
        9 => Just(Move::Stay),
        1 => Just(Move::Half),
    ];
    (millis, shape, proptest::bool::weighted(0.2), vec(a_move, 12..=12))
        .prop_map(|(millis, shape, fresh, moves)| Step { millis, shape, fresh, moves })
}

/// Steps of which most are like the one before.
fn steps() -> impl Strategy<Value = Vec<Step>> {
    vec((a_step(), 1_usize..12), 1..12).prop_map(|runs| {
        let repeat = |(step, times): (Step, usize)| {
            let up = |index: u32| Move::Up(index * 1_234_567);
            let usual = Step { moves: (0..12).map(up).collect(), millis: 1_499, ..step.clone() };
            std::iter::once(step).chain(std::iter::repeat_n(usual, times - 1))
        };
        runs.into_iter().flat_map(repeat).collect()
    })
}

fn sample(time: u64, shape: Shape, counters: &[u64]) -> Sample {
    let mut sample = Sample::new(Timestamp::from_nanos(time).unwrap());
    if shape == Shape::Nothing {
        return sample;
    }
    if shape != Shape::NoCpu {
        sample.set(Metric::CpuUsage, counters[0]);
    }
    sample.set(Metric::MemoryUsage, counters[1] % 1_000);
    sample.set(Metric::MemoryPageFaults, counters[2]);
    if shape == Shape::Bare {
        sample.set(Metric::MemoryWorkingSet, counters[1]);
        sample.push_device((8, 0));
        return sample;
    }
    sample.interface("eth0").set(Metric::NetworkTxBytes, counters[3]);
    sample.interface("eth1").set(Metric::NetworkTxBytes, counters[4]);
    if shape == Shape::Twice {
        sample.push_interface("eth0").set(Metric::NetworkTxBytes, counters[5]);
    }
    sample.measured(Section::Diskio);
    sample.device((8, 0)).set(Metric::DiskioRead, counters[6]);
    if shape == Shape::MoreDevices {
        sample.device((8, 1)).set(Metric::DiskioRead, counters[7]);
        sample.device((8, 1)).set(Metric::DiskioReadOps, counters[8]);
        sample.set(Metric::MemoryOomEvents, counters[9]);
    }
    sample
}

fn samples(steps: &[Step]) -> Vec<Sample> {
    let mut time = 1_795_262_400_000_000_000;
    let mut counters = vec![1_000_000_u64; 12];
    let mut known: Vec<(Shape, Sample)> = Vec::new();
    let sample = |step: &Step| {
        time += step.millis * 1_000_000;
        for (counter, a_move) in counters.iter_mut().zip(&step.moves) {
            *counter = match *a_move {
                Move::Up(by) => counter.saturating_add(by.into()),
                Move::Leap => counter.saturating_add(1 << 62),
                Move::Stay => *counter,
                Move::Half => *counter / 2,
            };
        }
        let new = sample(time, step.shape, &counters);
        let of_shape = known.iter().find(|(shape, _)| *shape == step.shape);
        let Some((_, like)) = of_shape.filter(|_| !step.fresh) else {
            known.push((step.shape, new.clone()));
            return new;
        };
        let mut shared = like.clone();
        shared.reset(new.time(), like.layout()).copy_from_slice(new.row().values);
        shared
    };
    steps.iter().map(sample).collect()
}

#[derive(Debug, PartialEq)]
struct Outcome {
    points: Vec<DataPoint>,
    events: Events,
}

struct Both<'b>(&'b mut Events, &'b mut Aggregator, u32);

impl Told for Both<'_> {
    fn change(&mut self, change: Change) {
        self.0.note(&change);
        self.1.change(change);
    }

    fn steady(&mut self, pair: &Steady<'_>) {
        self.1.steady(pair);
        self.2 += 1;
    }

    fn sample(&mut self, row: Row<'_>) {
        self.1.sample_row(row);
    }
}

/// The points, and how many pairs were told as a whole. With `one_by_one` none are.
fn outcome(samples: &[Sample], settings: Settings, one_by_one: bool) -> (Outcome, u32) {
    let mut outcome = Outcome { points: Vec::new(), events: Events::default() };
    let mut tracker = Tracker::new(settings.max_gap_nanos());
    let mut aggregator = Aggregator::new("/c".into(), settings);
    let mut pairs = 0;
    for sample in samples {
        if one_by_one {
            tracker.catch_up();
            tracker.plans = ByLayout::new();
        }
        let mut both = Both(&mut outcome.events, &mut aggregator, 0);
        tracker.observe_row(sample.row(), &mut both).unwrap();
        pairs += both.2;
    }
    let tell = |change: &Change| outcome.events.note(change);
    tracker.decide_all(&mut Telling { tell, aggregator: &mut aggregator });
    aggregator.give_all(&mut |point| outcome.points.push(point));
    outcome.events.overflows = aggregator.overflows();
    (outcome, pairs)
}

/// Every change, in an order of its own.
fn changes(samples: &[Sample], one_by_one: bool) -> Vec<String> {
    let mut tracker = Tracker::new(60_000_000_000);
    let mut changes = Vec::new();
    for sample in samples {
        if one_by_one {
            tracker.catch_up();
            tracker.plans = ByLayout::new();
        }
        tracker.observe(sample, &mut |change| changes.push(format!("{change:?}"))).unwrap();
    }
    tracker.finish(&mut |change| changes.push(format!("{change:?}")));
    changes.sort();
    changes
}

proptest! {
    #[test]
    fn pairs_that_are_told_as_a_whole_give_the_same_points(
        steps in steps(),
        interval in 1_u64..12,
        all: bool,
    ) {
        let samples = samples(&steps);
        let metrics = if all { MetricSet::all() } else { MetricSet::default() };
        let settings = Settings::new(interval, Some(60)).unwrap().with_metrics(metrics);
        let (apart, none) = outcome(&samples, settings, true);
        let (together, _) = outcome(&samples, settings, false);
        prop_assert_eq!(none, 0);
        prop_assert_eq!(together, apart);
        prop_assert_eq!(changes(&samples, false), changes(&samples, true));
    }
}

#[test]
fn most_samples_are_told_as_a_whole() {
    let up = Step {
        millis: 1_500,
        shape: Shape::Usual,
        fresh: false,
        moves: vec![Move::Up(1_000_000); 12],
    };
    let mut steps = vec![up.clone(); 100];
    // A layout of its own but of the same content is no other layout.
    steps[20].fresh = true;
    // A restart: the next sample decides.
    steps[40].moves[0] = Move::Half;
    // Another layout, and back.
    steps[60].shape = Shape::MoreDevices;
    // A gap.
    steps[80].millis = 60_001;
    let settings = Settings::new(5, Some(60)).unwrap();
    let (_, pairs) = outcome(&samples(&steps), settings, false);
    assert_eq!(pairs, 99 - 2 - 2 - 1);
}
