//! The ranking of doors against a naive model of `docs/doors.md`.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::{Chain, LivePolicy, LiveStart, Series};
use crate::container::{Container, Identity};
use crate::delta::{Change, Growth, Tracker};
use crate::document::Door;
use crate::metric::{Metric, Section};
use crate::point::{DataPoint, Value};
use crate::sample::Sample;
use crate::settings::Settings;
use crate::time::Timestamp;

const METRICS: [Metric; 4] =
    [Metric::CpuUsage, Metric::MemoryUsage, Metric::NetworkRxBytes, Metric::DiskioRead];
const DOORS: [Door; 3] = [Door::Cadvisor, Door::Exposition, Door::Engine];
const BEGIN: u64 = 1_795_262_400;

/// One sample of a made-up history.
#[derive(Clone, Debug)]
struct Made {
    door: usize,
    /// Tenths of a second after the beginning.
    time: u64,
    /// What was used since the container's last start, in tenths of a second; smaller than before
    /// is a restart.
    used: u64,
    /// Which of the metrics are told.
    told: [bool; 4],
}

fn settings() -> Settings {
    Settings::new(Duration::from_secs(5), Some(Duration::from_secs(20))).unwrap()
}

fn sample(made: &Made) -> Sample {
    let mut sample = Sample::new(
        Timestamp::from_nanos(BEGIN * 1_000_000_000 + made.time * 100_000_000).unwrap(),
    );
    for (metric, told) in METRICS.into_iter().zip(made.told) {
        let value = made.used * if metric == Metric::CpuUsage { 10_000_000 } else { 7 };
        match metric {
            _ if !told => {}
            Metric::NetworkRxBytes => sample.interface("eth0").set(metric, value),
            Metric::DiskioRead => sample.device((8, 0)).set(metric, value),
            _ => sample.set(metric, value),
        }
    }
    sample
}

fn histories() -> impl Strategy<Value = Vec<Made>> {
    let told = prop::array::uniform4(prop::bool::weighted(0.8));
    let one = (0..DOORS.len(), 0..900_u64, 0..40_u64, told);
    prop::collection::vec(one, 1..60).prop_map(|all| {
        let mut seen = BTreeMap::new();
        for (door, time, step, told) in all {
            // Most steps go on; those that do not are restarts.
            let used = if step < 3 { step } else { time + 1 };
            seen.entry((time, door)).or_insert(Made { door, time, used, told });
        }
        seen.into_values().collect()
    })
}

fn series(all: &[Made], live: Option<LiveStart>) -> Series {
    let container = Container::at_path("/a");
    let mut series = Series::of_door(Identity::new(&container, None), Door::Engine, live);
    for made in all {
        insert(&mut series, made, live);
    }
    series
}

fn insert(series: &mut Series, made: &Made, live: Option<LiveStart>) {
    let known = series.find_chain(DOORS[made.door], None);
    let index = known.unwrap_or_else(|| series.add_chain_of(DOORS[made.door], None, live));
    series.chain_mut(index).unwrap().insert_from(&sample(made), &[], false);
}

/// The intervals of growth that is credited as a whole: its metric, and those of both readings.
fn stretches(chain: &Chain) -> Vec<(Metric, u64, u64)> {
    let mut tracker = Tracker::new(&settings());
    let mut found = Vec::new();
    let mut note = |change: Change| {
        if let Change::Growth { metric, growth: Growth::Credited { from, at, .. } } = change {
            found.push((metric, from.seconds() / 5 * 5, at.seconds() / 5 * 5));
        }
    };
    for sample in chain.samples() {
        tracker.observe(&sample, &mut note).unwrap();
    }
    tracker.finish(&mut note);
    found
}

/// By the start of the interval: the point's samples and figures.
type Naive = BTreeMap<u64, (u64, BTreeMap<Metric, Value>)>;

fn figures(point: &DataPoint) -> (u64, BTreeMap<Metric, Value>) {
    let told = METRICS.into_iter().filter_map(|metric| Some((metric, point.value(metric)?)));
    (point.samples().unwrap(), told.collect())
}

fn naive(series: &Series, denied: &[Section]) -> Naive {
    let mut ranked: Vec<_> = series.chains().collect();
    ranked.sort_by_key(|chain| chain.door());
    let own: Vec<Naive> = ranked
        .iter()
        .map(|chain| {
            let points = chain.history(settings()).points;
            points.iter().map(|point| (point.interval().start(), figures(point))).collect()
        })
        .collect();
    let lumps: Vec<_> = ranked.iter().map(|chain| stretches(chain)).collect();
    let starts: std::collections::BTreeSet<u64> =
        own.iter().flat_map(|points| points.keys().copied()).collect();
    let mut all = Naive::new();
    for start in starts {
        for (rank, points) in own.iter().enumerate() {
            let Some((samples, figures)) = points.get(&start) else { continue };
            let merged = all.entry(start).or_insert((*samples, BTreeMap::new()));
            for (&metric, &value) in figures {
                let is_denied =
                    ranked[rank].door() != Door::Cadvisor && denied.contains(&metric.section());
                let in_higher_lump = lumps[..rank]
                    .iter()
                    .flatten()
                    .any(|(of, from, to)| *of == metric && (*from..=*to).contains(&start));
                let own_lump_told_above = lumps[rank].iter().any(|(of, from, to)| {
                    let tells = |higher: &Naive| {
                        higher.range(*from..=*to).any(|(_, (_, told))| told.contains_key(&metric))
                    };
                    *of == metric && *to == start && own[..rank].iter().any(tells)
                });
                if !is_denied && !in_higher_lump && !own_lump_told_above {
                    merged.1.entry(metric).or_insert(value);
                }
            }
        }
    }
    all
}

fn points_of(points: &[DataPoint]) -> Naive {
    points.iter().map(|point| (point.interval().start(), figures(point))).collect()
}

proptest! {
    #[test]
    fn the_points_of_several_doors_are_those_of_the_naive_ranking(all in histories()) {
        let series = series(&all, None);
        prop_assert_eq!(points_of(&series.history(settings()).points), naive(&series, &[]));
    }

    #[test]
    fn no_figure_of_the_highest_door_changes_when_others_are_added(all in histories()) {
        let series = series(&all, None);
        let ranked = points_of(&series.history(settings()).points);
        if let Some(chain) = series.chains().find(|chain| chain.door() == Door::Cadvisor) {
            for (start, (samples, own)) in points_of(&chain.history(settings()).points) {
                let (of_all, merged) = &ranked[&start];
                prop_assert_eq!(*of_all, samples);
                for (metric, value) in own {
                    prop_assert_eq!(merged.get(&metric), Some(&value));
                }
            }
        }
    }

    /// Doors come when points of others are emitted already, and fall silent.
    #[test]
    fn a_live_series_emits_each_interval_once_and_in_rising_time(
        all in histories(),
        order in prop::collection::vec(any::<prop::sample::Index>(), 60),
        settle_every in 1..4_usize,
    ) {
        let policy = LivePolicy { settings: settings(), lateness: 1_000_000_000 };
        let live = Some(LiveStart { policy, now: 0, is_back: false });
        let (mut all, mut order) = (all, order.into_iter());
        let mut streamed = series(&[], live);
        let mut starts = Vec::new();
        let mut number = 0;
        while !all.is_empty() {
            // Each door's readings come in order, the doors in any.
            let door = order.next().map_or(0, |one| one.index(all.len()));
            let door = all[door].door;
            let next = all.iter().position(|made| made.door == door).unwrap();
            insert(&mut streamed, &all.remove(next), live);
            number += 1;
            if number % settle_every == 0 {
                streamed.settle(0, &mut |point| starts.push(point.interval().start()));
            }
        }
        let later = (BEGIN + 10_000) * 1_000_000_000;
        streamed.settle(later, &mut |point| starts.push(point.interval().start()));
        prop_assert!(starts.is_sorted_by(|one, next| one < next), "{starts:?}");
    }

    /// Nothing is late here, and no door falls silent before the end.
    #[test]
    fn a_live_series_gives_the_points_of_a_batch(all in histories(), settle_every in 1..9_usize) {
        let lateness = 200_000_000_000;
        let policy = LivePolicy { settings: settings(), lateness };
        let live = Some(LiveStart { policy, now: 0, is_back: false });
        let mut streamed = series(&[], live);
        let mut points = Vec::new();
        for (index, made) in all.iter().enumerate() {
            insert(&mut streamed, made, live);
            if index % settle_every == 0 {
                streamed.settle(0, &mut |point| points.push(point));
            }
        }
        let provisional = streamed.history(settings()).points;
        let batch = points_of(&series(&all, None).history(settings()).points);
        prop_assert_eq!(points_of(&[points.clone(), provisional].concat()), batch.clone());
        let later = (BEGIN + 10_000) * 1_000_000_000;
        streamed.settle(later, &mut |point| points.push(point));
        let starts: Vec<_> = points.iter().map(|point| point.interval().start()).collect();
        prop_assert!(starts.is_sorted());
        prop_assert_eq!(points_of(&points), batch);
    }
}

#[test]
fn what_the_json_says_is_not_there_is_filled_by_no_door() {
    let all = [(0, 1), (0, 60), (1, 2), (1, 61)].map(|(door, time)| Made {
        door,
        time,
        used: time,
        told: [true, true, door == 1, false],
    });
    let mut series = series(&all, None);
    assert_eq!(points_of(&series.history(settings()).points), naive(&series, &[]));
    let mut denying = sample(&Made { door: 0, time: 70, used: 70, told: [true; 4] });
    denying.deny_section(Section::Network);
    let index = series.find_chain(Door::Cadvisor, None).unwrap();
    series.chain_mut(index).unwrap().insert_from(&denying, &[], false);
    let points = points_of(&series.history(settings()).points);
    assert_eq!(points, naive(&series, &[Section::Network]));
    assert!(points.values().all(|(_, told)| !told.contains_key(&Metric::NetworkRxBytes)));
}

#[test]
fn a_caller_may_rank_the_doors_otherwise() {
    let all = [(0, 1), (0, 60), (1, 2), (1, 61)].map(|(door, time)| Made {
        door,
        time,
        used: time + door as u64,
        told: [true; 4],
    });
    let series = series(&all, None);
    let ranked = settings().with_doors(&[Door::Exposition]);
    let first = &series.history(ranked).points[0];
    let own = series.chains().find(|chain| chain.door() == Door::Exposition).unwrap();
    assert_eq!(
        first.value(Metric::CpuUsage),
        own.history(settings()).points[0].value(Metric::CpuUsage)
    );
}
