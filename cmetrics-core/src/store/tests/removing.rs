//! Removal: what is removed is gone, and everything else stays.

use std::io::ErrorKind;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::ingesting::{Between, Ingesting, a_between};
use super::points::START;
use super::steps::{SECOND, Step, a_step, document, some_settings, stats, time_of};
use super::*;
use crate::Metric;
use crate::store::disk::simulated::Fault;

const NAME: &str = "/0";

fn points(store: &Store) -> Vec<DataPoint> {
    store.of(NAME, 0..u64::MAX)
}

fn widened(range: &Range<u64>, width: u64) -> Range<u64> {
    range.start / width * width..range.end.div_ceil(width) * width
}

/// A container's samples at these seconds.
fn samples(seconds: Range<u64>) -> Vec<serde_json::Value> {
    let sample = |second: u64| {
        let at = Timestamp::from_nanos((START + second) * SECOND).unwrap().to_string();
        serde_json::json!({
            "timestamp": at, "cpu": { "usage": { "total": second * 1_000 } },
            "memory": { "usage": second },
        })
    };
    seconds.map(sample).collect()
}

fn usage(points: &[DataPoint]) -> u64 {
    points.iter().filter_map(|point| point.growth(Metric::CpuUsage)).sum()
}

/// Asserts that all earlier points are unchanged but those in the range, and those within so many
/// seconds of it that the samples there may be judged differently now.
fn assert_taken_out(before: &[DataPoint], after: &[DataPoint], range: &Range<u64>, far: u64) {
    for point in after {
        let start = point.interval().start();
        assert!(!range.contains(&start), "{start} lies in {range:?}");
    }
    let is_far = |point: &&DataPoint| {
        point.interval().end() + far < range.start || point.interval().start() >= range.end + far
    };
    let of = |points: &[DataPoint]| points.iter().filter(is_far).map(exact).collect::<Vec<_>>();
    assert_eq!(of(after), of(before));
}

fn a_removal() -> impl Strategy<Value = Option<(u64, u64)>> {
    prop::option::weighted(0.3, (0_u64..200, prop_oneof![1_u64..60, Just(1 << 40)]))
}

type Life = Vec<(Step, bool, Between, Option<(u64, u64)>)>;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn removed_samples_are_gone_whatever_happens_in_between(
        life in vec((a_step(), any::<bool>(), a_between(), a_removal()), 1..30),
        lateness in prop_oneof![Just(0_u64), Just(5), Just(40), Just(200)],
        settings in some_settings(),
    ) {
        let life: Life = life;
        let mut ingesting = Ingesting::new(settings, lateness);
        let steps: Vec<_> = life.iter().map(|(step, ..)| step.clone()).collect();
        let stats = super::streams::closed(stats(&steps), &[], settings.max_gap_seconds());
        let (mut poll, width) = (Vec::new(), settings.interval_seconds());
        for (sample, (_, ends, between, removal)) in stats.into_iter().zip(&life) {
            let now = time_of(&sample) / SECOND;
            poll.push(sample);
            if !ends {
                continue;
            }
            let kept = ingesting.ingest(&document(&[std::mem::take(&mut poll)]));
            // Whatever was removed, samples in order are accepted.
            prop_assert_eq!(kept.old, 0);
            ingesting.go_on(*between);
            let Some((back, length)) = *removal else { continue };
            let range = now.saturating_sub(back)..(now.saturating_sub(back) + length);
            let before = points(ingesting.store());
            let Ok(removed) = ingesting.store().remove(NAME, unix_seconds(range.clone())) else {
                prop_assert!(before.is_empty());
                continue;
            };
            let range = widened(&range, width);
            let within = before.iter().filter(|point| range.contains(&point.interval().start()));
            prop_assert_eq!(removed.points, within.count() as u64);
            let after = points(ingesting.store());
            // An odd reading waits for the next one for the longest gap, and that for the one after
            // it; and as long as samples may come that are late.
            let far = 2 * (settings.max_gap_seconds() + width) + lateness;
            assert_taken_out(&before, &after, &range, far);
            let after: Vec<_> = after.iter().map(exact).collect();
            let events = ingesting.store().events_of(NAME, unix_seconds(range)).unwrap_or_default();
            prop_assert!(events.is_empty());
            for between in [Between::PowerCut(now), Between::Merge, Between::Close] {
                ingesting.go_on(between);
                let found: Vec<_> = points(ingesting.store()).iter().map(exact).collect();
                prop_assert_eq!(&found, &after, "after {:?}", between);
            }
            let wrong = ingesting.store().verify().unwrap();
            prop_assert!(wrong.is_empty(), "{:?}", wrong);
        }
    }
}

#[test]
fn a_removed_sample_of_the_future_makes_no_later_one_old() {
    for between in [Between::Nothing, Between::Seal, Between::Merge, Between::Close] {
        let mut ingesting = Ingesting::new(Settings::default(), 60);
        let future = 100_000_000;
        let poll = |seconds: Range<u64>| document(&[samples(seconds)]);
        ingesting.ingest(&poll(0..20));
        ingesting.ingest(&poll(future..future + 1));
        ingesting.go_on(between);
        // One of them is the first sample of the tail.
        assert_eq!(ingesting.ingest(&poll(10..40)).old, 29);
        ingesting.go_on(between);
        let removed =
            ingesting.store().remove(NAME, unix_seconds(START + 1_000..u64::MAX)).unwrap();
        assert_eq!((removed.points, &*removed.container), (1, NAME));
        ingesting.go_on(between);
        let last = ingesting.store().last(NAME, Duration::from_secs(10)).unwrap();
        assert_eq!(last.last().unwrap().interval().end(), START + 40);
        let kept = ingesting.ingest(&poll(40..100));
        assert_eq!((kept.old, kept.accepted), (0, 60));
        ingesting.go_on(between);
        let points = points(ingesting.store());
        assert_eq!(points.last().unwrap().interval().end(), START + 100);
        // All but the seconds at the edges of the old batch: its neighbours were not kept.
        assert_eq!(usage(&points), 97_000);
        assert!(points.iter().all(|point| point.coverage() >= Some(0.8)));
        // Retention does not take it for the newest.
        let now = Timestamp::from_nanos((START + 100) * SECOND).unwrap();
        let retained =
            ingesting.store().retain(Retention::Age { now, age: Duration::from_secs(50) }).unwrap();
        assert_eq!(seconds(retained.floor), START + 50);
        let error = ingesting
            .store()
            .retain(Retention::Since(Timestamp::from_nanos((START + 1_000) * SECOND).unwrap()));
        assert_eq!(error.unwrap_err().kind(), crate::ErrorKind::Refused);
    }
}

#[test]
fn no_line_leads_across_what_was_removed_from_the_middle() {
    let mut ingesting = Ingesting::new(Settings::default(), 600);
    ingesting.ingest(&document(&[samples(0..60)]));
    ingesting.store().remove(NAME, unix_seconds(START + 21..START + 34)).unwrap();
    for between in [Between::Nothing, Between::Kill, Between::Merge] {
        ingesting.go_on(between);
        let starts: Vec<_> =
            points(ingesting.store()).iter().map(|one| one.interval().start() - START).collect();
        assert_eq!(starts, [0, 5, 10, 15, 35, 40, 45, 50, 55]);
    }
    // Later samples continue behind, and late ones of that time are handled like any old batch.
    let kept = ingesting.ingest(&document(&[samples(0..90)]));
    assert_eq!((kept.accepted, kept.duplicates, kept.old), (30, 25, 35));
    assert_eq!(usage(&points(ingesting.store())), 88_000);
}

#[test]
fn a_container_without_data_is_unknown_after_the_removal() {
    let mut ingesting = Ingesting::new(Settings::default(), 60);
    ingesting.ingest(&document(&[samples(0..60), samples(0..60)]));
    ingesting.go_on(Between::Seal);
    ingesting.ingest(&document(&[samples(60..90), samples(60..90)]));
    let error = ingesting.store().remove("/00", ..).unwrap_err();
    assert_eq!(error.kind(), crate::ErrorKind::UnknownContainer);
    assert_eq!(error.candidates(), [NAME]);
    ingesting.store().remove(NAME, ..).unwrap();
    for between in [Between::Nothing, Between::Merge, Between::Close] {
        ingesting.go_on(between);
        let names: Vec<_> = ingesting.store().containers().unwrap();
        assert_eq!(names.iter().map(|one| &**one.identity.name()).collect::<Vec<_>>(), ["/1"]);
        assert!(
            ingesting.store().last(NAME, Duration::from_secs(60)).unwrap_or_default().is_empty()
        );
    }
    assert!(ingesting.store().last(NAME, Duration::from_secs(60)).is_err());
    let error = ingesting.store().remove(NAME, ..).unwrap_err();
    assert_eq!(error.kind(), crate::ErrorKind::UnknownContainer);
    let kept = ingesting.ingest(&document(&[samples(0..60)]));
    assert_eq!((kept.accepted, kept.old), (60, 0));
    assert_eq!(usage(&points(ingesting.store())), 59_000);
}

/// A store with data in several segments and in memory, and a sample of the future.
fn poisoned() -> (Simulated, StoreOptions) {
    let options = StoreOptions::default()
        .with_lateness(Duration::from_secs(20))
        .with_sync(SyncPolicy::Always);
    let disk = Simulated::new();
    let store = open_idle(&disk, options).unwrap();
    let ingest = |seconds: Range<u64>| {
        let polled = document(&[samples(seconds.clone()), samples(seconds)]);
        store.take_poll(&polled).unwrap();
    };
    ingest(0..60);
    store.seal().unwrap();
    ingest(60..90);
    store.seal().unwrap();
    ingest(90..110);
    ingest(1_000_000..1_000_001);
    (disk, options)
}

#[test]
fn an_interrupted_removal_removes_everything_or_nothing() {
    let everything = |disk: &Simulated, options| {
        let store = open_idle(disk, options).unwrap();
        assert!(store.verify().unwrap().is_empty());
        (store.everything_exactly().unwrap(), store)
    };
    // From the middle and from the end.
    for range in [START + 40..START + 70, START + 95..u64::MAX] {
        let (disk, options) = poisoned();
        let (before, store) = everything(&disk, options);
        store.remove(NAME, unix_seconds(range.clone())).unwrap();
        let (after, _) = everything(&disk, options);
        assert!(after.len() < before.len());
        let mut seen = [0, 0];
        for nth in 1.. {
            let (disk, options) = poisoned();
            let store = open_idle(&disk, options).unwrap();
            disk.fail(None, nth, Fault::of(ErrorKind::Other).landing(40).lasting());
            let done = store.remove(NAME, unix_seconds(range.clone())).is_ok();
            for left in (0..8).map(|seed| disk.power_cut(seed)).chain([disk.kill()]) {
                let (found, store) = everything(&left, options);
                assert!(found == after || (found == before && !done), "stopped at act {nth}");
                seen[usize::from(found == after)] += 1;
                store.remove(NAME, unix_seconds(range.clone())).unwrap();
                assert_eq!(store.everything_exactly().unwrap(), after);
            }
            disk.heal();
            if !done {
                // The caller gets an error and tries again.
                store.remove(NAME, unix_seconds(range.clone())).unwrap();
            }
            assert_eq!(store.everything_exactly().unwrap(), after);
            if done {
                break;
            }
        }
        assert!(seen.iter().all(|times| *times > 8), "{seen:?}");
    }
}

#[test]
fn removing_does_not_wait_once_cancelled_and_readers_keep_their_view() {
    let (disk, options) = poisoned();
    let store = open(&disk, options).unwrap();
    let before = store.everything_exactly().unwrap();
    let cancel = crate::Cancel::default();
    cancel.cancel();
    let error = store.until(&cancel).remove(NAME, ..).unwrap_err();
    assert_eq!(error.kind(), crate::ErrorKind::Cancelled);
    assert_eq!(store.everything_exactly().unwrap(), before);
    let reading = store.range(NAME, .., None).unwrap();
    store.remove(NAME, ..).unwrap();
    assert_eq!(reading.map(Result::unwrap).collect::<Vec<_>>().len(), before.len() / 2);
    assert_eq!(store.everything_exactly().unwrap().len(), before.len() / 2);
}

#[test]
fn retention_keeps_the_newest_points() {
    let mut ingesting = Ingesting::new(Settings::default(), 20);
    // The metadata of the second container ends within the interval of the newest points.
    for poll in [[samples(0..71), Vec::new()], [Vec::new(), samples(71..72)]] {
        ingesting.ingest(&document(&poll));
        ingesting.go_on(Between::Seal);
    }
    let retained = ingesting.store().retain(Retention::Points(0)).unwrap();
    assert_eq!(seconds(retained.floor) % 5, 0);
    let left = ingesting.store().everything().unwrap();
    let newest: Vec<_> = left.iter().filter(|point| point.interval().end() == START + 75).collect();
    assert_eq!(newest.len(), 2);
}

#[test]
fn retention_of_points_counts_no_other_data() {
    let mut ingesting = Ingesting::new(Settings::default(), 20);
    // The second segment has raw samples.
    for poll in [[samples(0..71), Vec::new()], [Vec::new(), samples(80..81)]] {
        ingesting.ingest(&document(&poll));
        ingesting.go_on(Between::Seal);
    }
    let before = ingesting.store().everything_exactly().unwrap();
    let retained = ingesting.store().retain(Retention::Points(0)).unwrap();
    assert_eq!((retained.points, retained.segments), (0, 0));
    assert_eq!(ingesting.store().everything_exactly().unwrap(), before);
}
