//! Copies of samples that contain what others do not.

use std::collections::BTreeMap;
use std::time::Duration;

use cmetrics_core::recorder::{RecorderSettings, Verdict};
use cmetrics_core::{Container, Input, Metric, MetricSet, Pipeline, Recorder, Settings};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::model::{closed, is_left_open};
use super::steps::{SECOND, Step, a_step, at, shown, some_metrics, stats, time_of};
use super::{all_drained, drained, sample};

#[derive(Clone, Copy, Debug)]
enum Kind {
    V1,
    V20,
    MachineStats,
}

/// A copy of a sample, which contains more or less than others.
#[derive(Clone, Debug)]
struct Copy {
    kind: Kind,
    /// In milliseconds after the sample's time.
    delay: u64,
    processes: Option<u8>,
    oom_events: Option<u8>,
    drains: bool,
    /// The time to which the caller advances then, in milliseconds after the copy.
    now: Option<u64>,
}

fn a_copy(lateness: u64) -> impl Strategy<Value = Copy> {
    let kind = prop_oneof![Just(Kind::V1), Just(Kind::V20), Just(Kind::MachineStats)];
    let delay = prop_oneof![2 => Just(0), 3 => 0..=lateness * 1_000, 1 => 0..lateness * 1_300 + 1];
    let count = || option::weighted(0.4, any::<u8>());
    let now = option::weighted(0.1, 0_u64..3_000);
    (kind, delay, count(), count(), any::<bool>(), now).prop_map(
        |(kind, delay, processes, oom_events, drains, now)| Copy {
            kind,
            delay,
            processes,
            oom_events,
            drains,
            now,
        },
    )
}

impl Copy {
    /// The document in which the sample comes.
    fn document(&self, sample: &Value) -> Vec<u8> {
        let mut sample = sample.clone();
        if let Some(count) = self.processes {
            sample["processes"] = json!({ "process_count": count });
        }
        if let Some(count) = self.oom_events {
            sample["oom_events"] = count.into();
        }
        let document = match self.kind {
            Kind::V1 => json!({ "/": { "name": "/", "stats": [sample] } }),
            Kind::V20 => json!({ "/": [sample] }),
            Kind::MachineStats => {
                const LACKS: [&str; 4] = ["diskio", "processes", "task_stats", "referenced_memory"];
                sample.as_object_mut().unwrap().retain(|key, _| !LACKS.contains(&&**key));
                json!([sample])
            }
        };
        document.to_string().into_bytes()
    }
}

fn cases() -> impl Strategy<Value = (u64, Vec<(Step, Vec<Copy>)>)> {
    let lateness = prop_oneof![Just(0_u64), Just(5), Just(40)];
    lateness.prop_flat_map(|lateness| {
        (Just(lateness), vec((a_step(), vec(a_copy(lateness), 1..4)), 1..25))
    })
}

/// Which copies come in time: a simple model.
#[derive(Default)]
struct InTime {
    lateness: u64,
    newest: u64,
    /// Samples up to this time cannot be completed any more.
    sealed: u64,
    accepted: Vec<u64>,
}

impl InTime {
    fn cutoff(&self) -> u64 {
        self.newest.saturating_sub(self.lateness)
    }

    /// Whether a copy counts, and the verdict on it.
    fn deliver(&mut self, time: u64) -> (bool, Verdict) {
        let is_late = time < self.cutoff();
        if self.accepted.contains(&time) {
            return (!is_late && time > self.sealed, Verdict::Duplicate);
        }
        if is_late {
            return (false, Verdict::Late);
        }
        self.newest = self.newest.max(time);
        self.accepted.push(time);
        (true, Verdict::Accepted)
    }
}

proptest! {
    #[test]
    fn copies_that_come_in_time_complete_each_other_and_others_change_nothing(
        (lateness, steps) in cases(),
        metrics in some_metrics(),
    ) {
        let settings = Settings::default().with_metrics(metrics);
        // Nothing is forgotten, and nothing is ahead.
        let settings = RecorderSettings::from(settings).with_lateness(Duration::from_secs(lateness));
        let recorder = Recorder::new(settings.with_history(Duration::from_secs(10_000)).with_max_ahead(Duration::from_secs(10_000)));
        let mut sources = ["one", "other"].map(|name| recorder.source(name, None));
        let (steps, copies): (Vec<_>, Vec<_>) = steps.into_iter().unzip();
        let mut order = Vec::new();
        let stats = closed(stats(&steps), &[], settings.points().max_gap().as_secs());
        for (sample, copies) in stats.into_iter().zip(copies) {
            let place = |copy: &Copy| time_of(&sample) + copy.delay * 1_000_000;
            order.extend(copies.into_iter().map(|copy| (place(&copy), copy, sample.clone())));
        }
        order.sort_by_key(|(place, ..)| *place);
        let (mut batch, mut points) = (Pipeline::new(settings.points()), Vec::new());
        let (mut accepted, mut latest) = (BTreeMap::new(), 0);
        let mut in_time = InTime { lateness: lateness * SECOND, ..InTime::default() };
        for (number, (place, copy, sample)) in order.into_iter().enumerate() {
            let document = copy.document(&sample);
            let ingested = sources[number % 2].ingest(&document);
            prop_assert!(ingested.errors.is_empty(), "{ingested:?}");
            let (counts, verdict) = in_time.deliver(time_of(&sample));
            let reported = [ingested.accepted, ingested.duplicates, ingested.late];
            let verdicts = [Verdict::Accepted, Verdict::Duplicate, Verdict::Late];
            prop_assert_eq!(reported, verdicts.map(|one| u64::from(one == verdict)), "{}", sample);
            if counts {
                batch.read(Input::bytes("copy", &document)).into_result().unwrap();
                accepted.insert(time_of(&sample), sample);
            }
            if let Some(now) = copy.now.map(|millis| place + millis * 1_000_000) {
                latest = now.max(latest);
                recorder.advance(at(latest));
                in_time.newest = in_time.newest.max(now);
            }
            if copy.drains {
                points.extend(drained(&recorder));
                in_time.sealed = in_time.cutoff();
            }
        }
        prop_assume!(!is_left_open(accepted.values(), settings.points().max_gap().as_secs()));
        points.extend(all_drained(&recorder));
        let shown = |points: &[_]| -> Vec<_> { points.iter().map(shown).collect() };
        prop_assert_eq!(shown(&points), shown(&batch.points()));
        prop_assert_eq!(points, batch.points());
    }
}

#[test]
fn a_copy_by_handle_completes_a_sample_as_long_as_that_is_not_final() {
    let settings = Settings::default().with_metrics(MetricSet::all());
    let recorder =
        Recorder::new(RecorderSettings::from(settings).with_lateness(Duration::from_secs(5)));
    let handle = recorder.register(&Container::at_path("/a"), None);
    let with = |second: u64, processes| {
        let mut sample = sample(second * 1_000, second);
        sample.set(Metric::ProcessesCount, processes);
        sample
    };
    for one in [with(1, 3), with(4, 3), with(1, 5), with(9, 3), with(1, 8), with(4, 6)] {
        recorder.record(&handle, &one);
    }
    // 8 came too late, and 6 in time.
    let most = |points: &[cmetrics_core::DataPoint]| {
        points[0].gauge(Metric::ProcessesCount).map(|gauge| (gauge.min, gauge.max))
    };
    assert_eq!(most(&recorder.snapshot("/a").unwrap()), Some((5.0, 6.0)));
    assert!(drained(&recorder).is_empty());
    recorder.record(&handle, &with(4, 7));
    assert_eq!(most(&recorder.snapshot("/a").unwrap()), Some((5.0, 6.0)));
    assert_eq!(recorder.totals().duplicates, 4);
}
