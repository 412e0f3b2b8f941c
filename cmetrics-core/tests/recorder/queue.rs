//! Draining and subscribing.

use std::panic::{AssertUnwindSafe, catch_unwind};

use cmetrics_core::recorder::RecorderSettings;
use cmetrics_core::{Container, Recorder};

use super::{START, all_drained, default_recorder, drained, sample, start_of};

/// Records these seconds of two containers, and seals.
fn record(recorder: &Recorder, seconds: std::ops::Range<u64>) {
    for name in ["/a", "/b"] {
        let handle = recorder.register(&Container::at_path(name), None);
        for second in seconds.clone() {
            recorder.record(&handle, &sample(second * 1_000, second));
        }
    }
    recorder.seal();
}

#[test]
fn a_subscriber_gets_what_is_sealed_from_then_on_and_what_it_misses_is_counted() {
    let recorder = default_recorder();
    record(&recorder, 0..21);
    let (all, few) = (recorder.subscribe(1_000), recorder.subscribe(7));
    let gone = recorder.subscribe(1);
    assert!(all.receiver().is_empty());
    drop(gone);
    record(&recorder, 21..100);
    recorder.flush_all();
    let got: Vec<_> = all.receiver().try_iter().collect();
    let points = drained(&recorder);
    // [0, 15) was final before.
    assert_eq!(got, points[6..]);
    assert_eq!(got.len(), 2 * 17);
    for name in ["/a", "/b"] {
        let of_one = got.iter().filter(|point| point.name() == name).map(start_of);
        assert!(of_one.eq((START + 15..START + 100).step_by(5)));
    }
    assert_eq!((all.missed(), few.missed()), (0, 34 - 7));
    assert_eq!(few.receiver().try_iter().collect::<Vec<_>>(), got[..7]);
}

#[test]
fn the_oldest_points_are_dropped_and_counted_where_too_many_are_kept() {
    let (limited, unlimited) =
        (Recorder::new(RecorderSettings::default().with_most_kept(9)), default_recorder());
    let none = Recorder::new(RecorderSettings::default().with_most_kept(0));
    let subscription = none.subscribe(1_000);
    for recorder in [&limited, &unlimited, &none] {
        for second in (0..60).step_by(10) {
            record(recorder, second..second + 10);
        }
        recorder.flush_all();
    }
    let totals = [&limited, &unlimited, &none].map(Recorder::totals);
    let counts = totals.map(|totals| (totals.sealed, totals.undrained, totals.dropped));
    assert_eq!(counts, [(24, 9, 15), (24, 24, 0), (24, 0, 24)]);
    let all = drained(&unlimited);
    assert_eq!(drained(&limited), all[15..]);
    assert!(drained(&none).is_empty());
    assert_eq!(subscription.receiver().try_iter().collect::<Vec<_>>(), all);
}

#[test]
fn a_panic_while_draining_loses_the_current_point_only() {
    let (recorder, other) = (default_recorder(), default_recorder());
    record(&recorder, 0..60);
    record(&other, 0..60);
    let expected = all_drained(&other);
    let mut given = Vec::new();
    let panics = catch_unwind(AssertUnwindSafe(|| {
        recorder.drain(&mut |point| {
            given.push(point);
            assert!(given.len() < 5, "the fifth point");
        })
    }));
    assert!(panics.is_err());
    assert_eq!(recorder.totals().undrained, 2 * 10 - 5);
    given.extend(all_drained(&recorder));
    assert_eq!(given, expected);
}

#[test]
fn a_drain_may_use_the_recorder() {
    let recorder = default_recorder();
    record(&recorder, 0..60);
    let (mut given, mut of_others) = (0, 0);
    let number = recorder.drain(&mut |point| {
        given += 1;
        let snapshot = recorder.snapshot(point.name()).unwrap();
        assert!(snapshot.len() > 1);
        recorder.record_by_name("/c", &sample(given * 1_000, given));
        of_others += recorder.drain(&mut |point| assert_eq!(point.name(), "/c"));
    });
    // With a lateness of 5 s, samples are complete up to 54 and up to 15.
    assert_eq!((number, of_others), (2 * 10, 3));
    assert_eq!(recorder.totals().accepted, 2 * 60 + 20);
}

#[test]
fn a_dropped_recorder_loses_what_was_not_drained_and_after_a_flush_and_drain_that_is_nothing() {
    let samples = |points: &[cmetrics_core::DataPoint]| -> u64 {
        points.iter().map(|point| point.samples().unwrap()).sum()
    };
    let recorder = default_recorder();
    let subscription = recorder.subscribe(100);
    record(&recorder, 0..30);
    let accepted = recorder.totals().accepted;
    drop(recorder);
    // The subscriber has the copies that were sealed; the open intervals are lost.
    let sealed: Vec<_> = subscription.receiver().try_iter().collect();
    assert_eq!(samples(&sealed), accepted - 2 * 10);

    let recorder = default_recorder();
    record(&recorder, 0..30);
    let points = all_drained(&recorder);
    assert_eq!(samples(&points), recorder.totals().accepted);
    assert_eq!(recorder.totals().undrained, 0);
}
