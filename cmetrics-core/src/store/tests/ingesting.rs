//! Samples that are ingested in pieces give the points and events of one run over all of them.

use std::time::Duration;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::Value;

use super::steps::{SECOND, Step, a_step, document, some_settings, stats, time_of};
use super::*;
use crate::{Input, Metric, MetricSet, Pipeline};

/// What happens after a poll, including that a memory begins in the same log, and that waiting ones
/// are sealed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Between {
    Nothing,
    Begin,
    Turn,
    Seal,
    Merge,
    Close,
    Kill,
    PowerCut(u64),
}

/// Samples arrive in the order of their times plus `delay` thousandths of the lateness. There may
/// be a copy with a delay of its own.
#[derive(Clone, Debug)]
struct Delivery {
    delay: u64,
    copy: Option<u64>,
    ends: bool,
    between: Between,
}

pub(super) fn a_between() -> impl Strategy<Value = Between> {
    prop_oneof![
        6 => Just(Between::Nothing),
        2 => Just(Between::Begin),
        2 => Just(Between::Turn),
        2 => Just(Between::Seal),
        1 => Just(Between::Merge),
        1 => Just(Between::Close),
        1 => Just(Between::Kill),
        1 => any::<u64>().prop_map(Between::PowerCut),
    ]
}

fn a_delivery() -> impl Strategy<Value = Delivery> {
    let delay = || prop_oneof![2 => Just(0_u64), 2 => 0_u64..=1_000, 1 => Just(1_000_u64)];
    (delay(), option::weighted(0.4, delay()), any::<bool>(), a_between())
        .prop_map(|(delay, copy, ends, between)| Delivery { delay, copy, ends, between })
}

pub(super) fn some_lateness() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0_u64), Just(1), Just(5), Just(40), Just(200)]
}

/// A container's samples in the order of their arrival.
type Lives = Vec<Vec<(Step, Delivery)>>;

fn some_lives() -> impl Strategy<Value = Lives> {
    vec(vec((a_step(), a_delivery()), 1..25), 1..3)
}

type Polls = Vec<(Vec<Vec<Value>>, Between)>;

fn polls(lives: &Lives, lateness: u64, max_gap: u64) -> Polls {
    let mut order = Vec::new();
    for (container, life) in lives.iter().enumerate() {
        let (steps, deliveries): (Vec<_>, Vec<_>) = life.iter().cloned().unzip();
        let stats = super::streams::closed(stats(&steps), &[], max_gap);
        for (sample, delivery) in stats.into_iter().zip(deliveries) {
            let place = |delay: u64| time_of(&sample) + delay * lateness * SECOND / 1_000;
            order.extend(
                delivery
                    .copy
                    .map(|delay| (place(delay), container, sample.clone(), delivery.clone())),
            );
            order.push((place(delivery.delay), container, sample, delivery));
        }
    }
    order.sort_by_key(|(place, container, ..)| (*place, *container));
    let empty = || vec![Vec::new(); lives.len()];
    let (mut polls, mut poll) = (Vec::new(), empty());
    for (_, container, sample, delivery) in order {
        poll[container].push(sample);
        if delivery.ends {
            polls.push((std::mem::replace(&mut poll, empty()), delivery.between));
        }
    }
    polls.push((poll, Between::Nothing));
    polls
}

/// A store that polls are ingested into.
pub(super) struct Ingesting {
    pub(super) store: Option<Store>,
    disk: Simulated,
    options: StoreOptions,
}

impl Ingesting {
    pub(super) fn new(settings: Settings, lateness: u64) -> Self {
        let options = StoreOptions::default()
            .with_interval(settings.interval())
            .with_max_gap(settings.max_gap())
            .with_lateness(Duration::from_secs(lateness))
            .with_metrics(settings.metrics())
            .with_sync(SyncPolicy::Always);
        let disk = Simulated::new();
        Self { store: Some(open_idle(&disk, options).unwrap()), disk, options }
    }

    pub(super) fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }

    pub(super) fn ingest(&self, document: &Value) -> Kept {
        self.store().take_poll(document).unwrap()
    }

    pub(super) fn go_on(&mut self, between: Between) {
        match between {
            Between::Nothing => return,
            Between::Begin => return self.store().begin_memory().unwrap(),
            Between::Turn => return self.store().turn().unwrap(),
            Between::Seal => return self.store().seal().unwrap(),
            Between::Merge => return self.store().merge_all().unwrap(),
            Between::Close => self.store.take().unwrap().close().unwrap(),
            Between::Kill => self.disk = self.disk.kill(),
            Between::PowerCut(seed) => self.disk = self.disk.power_cut(seed),
        }
        self.store = Some(open_idle(&self.disk, self.options).unwrap());
    }

    /// Asserts that it has what one run over everything gives.
    fn check(&self, whole: &Pipeline) {
        let store = self.store();
        let expected: Vec<_> = whole.points().iter().map(exact).collect();
        assert_eq!(store.everything_exactly().unwrap(), expected);
        super::tables::check_tables(store);
        let wrong = store.verify().unwrap();
        assert!(wrong.is_empty(), "{wrong:?}");
        let mut spans = Vec::new();
        for series in whole.series() {
            let history = series.history(store.settings());
            let (first, last) = (history.points.first(), history.points.last());
            let span = first.zip(last).map(|(first, last)| {
                let span = first.interval().start()..last.interval().end();
                (series.identity().name().to_string(), span)
            });
            spans.extend(span);
            assert_events(store, series.identity().name(), &history.events);
        }
        let bearers = store.containers().unwrap();
        let found: Vec<_> = bearers
            .iter()
            .map(|one| (one.identity.name().to_string(), one.first.start()..one.last.end()))
            .collect();
        assert_eq!(found, spans);
    }
}

fn assert_events(store: &Store, name: &str, expected: &crate::series::Events) {
    let mut found =
        crate::series::Events { overflows: expected.overflows, ..crate::series::Events::default() };
    // A container without samples has none.
    let of_it = store.events_of(name, ..).unwrap_or_default();
    let mut of_all = store.events(..).unwrap();
    of_all.retain(|event| &*event.container == name);
    assert_eq!(of_it, of_all);
    for event in of_it {
        match event.what {
            Happening::Lump { .. } => unreachable!("readers get none"),
            Happening::Restart => found.restarts.push(event.at),
            Happening::SetAside => found.set_aside.push(event.at),
            Happening::Correction => found.corrections.push(event.at),
            Happening::Implausible => found.implausible.push(event.at),
            Happening::Gap { from } => {
                found.gaps.push(crate::series::Gap { from, to: event.at });
            }
            Happening::Unattributed { metric, growth } => {
                let metric: Metric = metric.parse().unwrap();
                *found.unattributed.entry(metric).or_default() += growth;
            }
            Happening::Limits(_) | Happening::Labels(_) => {}
        }
    }
    let mut expected = expected.clone();
    expected.unattributed.retain(|_, growth| *growth > 0);
    assert_eq!(found, expected, "events of {name}");
}

pub(super) fn with_metrics(settings: Settings, all: bool) -> Settings {
    settings.with_metrics(if all { MetricSet::all() } else { MetricSet::default() })
}

/// Part of the samples does not show that a device that has gone existed, and may come back.
fn drop_sections_without_known_devices(stats: &mut [serde_json::Value]) {
    let mut known = std::collections::BTreeSet::<(String, u64)>::new();
    for sample in stats.iter_mut().filter_map(serde_json::Value::as_object_mut) {
        let Some(lists) = sample.get("diskio").and_then(serde_json::Value::as_object) else {
            continue;
        };
        let devices = lists.iter().flat_map(|(list, devices)| {
            let devices = devices.as_array().into_iter().flatten();
            devices.filter_map(|device| Some((list.clone(), device["minor"].as_u64()?)))
        });
        let listed = devices.collect();
        if known.is_subset(&listed) {
            known = listed;
        } else {
            sample.remove("diskio");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn samples_in_any_pieces_and_order_give_the_points_of_one_run(
        lives in some_lives(),
        lateness in some_lateness(),
        settings in some_settings(),
        all: bool,
    ) {
        let settings = with_metrics(settings, all);
        let mut ingesting = Ingesting::new(settings, lateness);
        let mut whole = Pipeline::new(settings);
        for (poll, between) in polls(&lives, lateness, settings.max_gap_seconds()) {
            let document = document(&poll);
            whole.read(Input::reader("poll", document.to_string().as_bytes())).into_result().unwrap();
            let kept = ingesting.ingest(&document);
            prop_assert_eq!(kept.old, 0);
            ingesting.check(&whole);
            ingesting.go_on(between);
            ingesting.check(&whole);
        }
    }

    #[test]
    fn polls_that_repeat_what_is_long_final_change_nothing(
        life in vec((a_step(), a_between(), 0_usize..12), 1..30),
        lateness in 0_u64..6,
        settings in some_settings(),
        all: bool,
    ) {
        let settings = with_metrics(settings, all);
        let mut ingesting = Ingesting::new(settings, lateness);
        let steps: Vec<_> = life.iter().map(|(step, ..)| step.clone()).collect();
        let mut stats = stats(&steps);
        // If the CPU is not always read, part of the samples does not show a restart.
        stats.retain(|sample| sample.pointer("/cpu/usage/total").is_some());
        drop_sections_without_known_devices(&mut stats);
        let stats = super::streams::closed(stats, &[], settings.max_gap_seconds());
        for (last, (_, between, repeated)) in life.iter().enumerate().take(stats.len()) {
            let poll = document(&[stats[last.saturating_sub(*repeated)..=last].to_vec()]);
            ingesting.ingest(&poll);
            ingesting.go_on(*between);
            let mut whole = Pipeline::new(settings);
            whole.read(Input::reader("all", document(&[stats[..=last].to_vec()]).to_string().as_bytes())).into_result().unwrap();
            let expected: Vec<_> = whole.points().iter().map(exact).collect();
            prop_assert_eq!(ingesting.store().everything_exactly().unwrap(), expected);
        }
    }
}
