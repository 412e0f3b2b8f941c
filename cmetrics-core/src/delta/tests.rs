//! Steady pairs give the same points and changes as single comparisons.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::aggregate::{Aggregator, Tee};
use crate::metric::{MetricSet, Section};
use crate::point::DataPoint;
use crate::sample::{LayoutCache, Sample};
use crate::series::Events;
use crate::settings::Settings;

/// What a sample lists, from the usual to the unusual.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Content {
    Usual,
    /// No CPU time: a counter that falls was reset.
    NoCpu,
    /// A second device, and OOM events.
    MoreDevices,
    /// An interface that is listed twice.
    Twice,
    /// A device without readings, and gauges that are not documented.
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
    content: Content,
    /// Whether it has its own copy of a layout that is known already.
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
    let content = prop_oneof![
        12 => Just(Content::Usual),
        2 => Just(Content::NoCpu),
        3 => Just(Content::MoreDevices),
        2 => Just(Content::Twice),
        1 => Just(Content::Bare),
        1 => Just(Content::Nothing),
    ];
    let a_move = prop_oneof![
        60 => (0_u32..2_000_000_000).prop_map(Move::Up),
        1 => Just(Move::Leap),
        9 => Just(Move::Stay),
        1 => Just(Move::Half),
    ];
    (millis, content, proptest::bool::weighted(0.2), vec(a_move, 12..=12))
        .prop_map(|(millis, content, fresh, moves)| Step { millis, content, fresh, moves })
}

/// Steps, most of which are like the one before.
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

fn sample(time: u64, content: Content, counters: &[u64]) -> Sample {
    let mut sample = Sample::new(Timestamp::from_nanos(time).unwrap());
    if content == Content::Nothing {
        return sample;
    }
    if content != Content::NoCpu {
        sample.set(Metric::CpuUsage, counters[0]);
    }
    sample.set(Metric::MemoryUsage, counters[1] % 1_000);
    sample.set(Metric::MemoryPageFaults, counters[2]);
    if content == Content::Bare {
        sample.set(Metric::MemoryWorkingSet, counters[1]);
        sample.push_device((8, 0));
        return sample;
    }
    sample.interface("eth0").set(Metric::NetworkTxBytes, counters[3]);
    sample.interface("eth1").set(Metric::NetworkTxBytes, counters[4]);
    if content == Content::Twice {
        sample.push_interface("eth0").set(Metric::NetworkTxBytes, counters[5]);
    }
    sample.measured(Section::Diskio);
    sample.device((8, 0)).set(Metric::DiskioRead, counters[6]);
    if content == Content::MoreDevices {
        sample.device((8, 1)).set(Metric::DiskioRead, counters[7]);
        sample.device((8, 1)).set(Metric::DiskioReadOps, counters[8]);
        sample.set(Metric::MemoryOomEvents, counters[9]);
    }
    sample
}

fn samples(steps: &[Step]) -> Vec<Sample> {
    let mut time = 1_795_262_400_000_000_000;
    let mut counters = vec![1_000_000_u64; 12];
    let mut known: Vec<(Content, Sample)> = Vec::new();
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
        let new = sample(time, step.content, &counters);
        let of_content = known.iter().find(|(content, _)| *content == step.content);
        let Some((_, like)) = of_content.filter(|_| !step.fresh) else {
            known.push((step.content, new.clone()));
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

/// Counts events, fills intervals and counts steady pairs.
struct PointsAndEvents<'b> {
    events: &'b mut Events,
    aggregator: &'b mut Aggregator,
    pairs: u32,
}

impl Listener for PointsAndEvents<'_> {
    fn on_change(&mut self, change: Change) {
        self.events.note(&change);
        self.aggregator.change(change);
    }

    fn on_steady(&mut self, pair: &SteadyPair<'_>) {
        self.aggregator.steady(pair);
        self.pairs += 1;
    }

    fn on_sample(&mut self, row: SampleRow<'_>) {
        self.aggregator.sample_row(row);
    }
}

/// The points and events, and how many steady pairs there were: none with `one_by_one`.
fn outcome(samples: &[Sample], settings: Settings, one_by_one: bool) -> (Outcome, u32) {
    let mut outcome = Outcome { points: Vec::new(), events: Events::default() };
    let mut tracker = Tracker::new(&settings);
    let mut aggregator = Aggregator::new("/c".into(), settings);
    let mut pairs = 0;
    for sample in samples {
        if one_by_one {
            tracker.readings.update_table();
            tracker.readings.plans = LayoutCache::new();
        }
        let (events, aggregator) = (&mut outcome.events, &mut aggregator);
        let mut listener = PointsAndEvents { events, aggregator, pairs: 0 };
        tracker.observe_row(sample.row(), &mut listener).unwrap();
        pairs += listener.pairs;
    }
    let on_change = |change: &Change| outcome.events.note(change);
    tracker.decide_all(&mut Tee { on_change, aggregator: &mut aggregator });
    aggregator.emit_all(&mut |point| outcome.points.push(point));
    outcome.events.overflows = aggregator.overflows();
    (outcome, pairs)
}

/// Every change as text, sorted.
fn changes(samples: &[Sample], one_by_one: bool) -> Vec<String> {
    let mut tracker = Tracker::new(
        &Settings::new(Duration::from_secs(5), Some(Duration::from_secs(60))).unwrap(),
    );
    let mut changes = Vec::new();
    for sample in samples {
        if one_by_one {
            tracker.readings.update_table();
            tracker.readings.plans = LayoutCache::new();
        }
        tracker.observe(sample, &mut |change| changes.push(format!("{change:?}"))).unwrap();
    }
    tracker.finish(&mut |change| changes.push(format!("{change:?}")));
    changes.sort();
    changes
}

proptest! {
    #[test]
    fn steady_pairs_give_the_same_points_as_single_changes(
        steps in steps(),
        interval in 1_u64..12,
        all: bool,
    ) {
        let samples = samples(&steps);
        let metrics = if all { MetricSet::all() } else { MetricSet::default() };
        let settings = Settings::new(Duration::from_secs(interval), Some(Duration::from_secs(60))).unwrap().with_metrics(metrics);
        let (apart, none) = outcome(&samples, settings, true);
        let (together, _) = outcome(&samples, settings, false);
        prop_assert_eq!(none, 0);
        prop_assert_eq!(together, apart);
        prop_assert_eq!(changes(&samples, false), changes(&samples, true));
    }
}

#[test]
fn most_samples_are_steady_pairs() {
    let up = Step {
        millis: 1_500,
        content: Content::Usual,
        fresh: false,
        moves: vec![Move::Up(1_000_000); 12],
    };
    let mut steps = vec![up.clone(); 100];
    // Its own copy of the same layout.
    steps[20].fresh = true;
    // A restart, which the next sample decides.
    steps[40].moves[0] = Move::Half;
    // Another layout, and back.
    steps[60].content = Content::MoreDevices;
    // A gap.
    steps[80].millis = 60_001;
    let settings = Settings::new(Duration::from_secs(5), Some(Duration::from_secs(60))).unwrap();
    let (_, pairs) = outcome(&samples(&steps), settings, false);
    assert_eq!(pairs, 99 - 2 - 2 - 1);
}
