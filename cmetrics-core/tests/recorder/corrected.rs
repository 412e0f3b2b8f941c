//! A clock that was ahead and is corrected.

use std::time::Duration;

use cmetrics_core::recorder::{RecorderSettings, Verdict};
use cmetrics_core::{Container, Metric, Recorder};
use proptest::collection::vec;
use proptest::prelude::*;

use super::steps::{SECOND, at};
use super::{START, all_drained, default_recorder, drained, sample, start_of};

fn advance_to(recorder: &Recorder, second: u64) {
    recorder.advance(at((START + second) * SECOND));
}

#[test]
fn a_recorder_accepts_samples_again_after_its_clock_was_ahead() {
    for ahead in [60, 120, 1_000, 100_000] {
        for (has_handle, seals) in [(true, true), (true, false), (false, true), (false, false)] {
            let recorder = default_recorder();
            let _handle = has_handle.then(|| recorder.register(&Container::at_path("/a"), None));
            let record = |second| recorder.record_by_name("/a", &sample(second * 1_000, second));
            assert!((0..12).all(|second| record(second) == Verdict::Accepted));
            advance_to(&recorder, ahead);
            if seals {
                // With the second drain there is nothing left to do for what was forgotten.
                drained(&recorder);
                drained(&recorder);
                recorder.totals();
            }
            assert_eq!(record(12), Verdict::Late);
            advance_to(&recorder, 12);
            drained(&recorder);
            // The interval of the last sample was emitted by then.
            assert!((15..=40).all(|second| record(second) == Verdict::Accepted), "{ahead} s ahead");
            assert_eq!(record(34), Verdict::Duplicate);
            let points = all_drained(&recorder);
            let last: Vec<_> = points.iter().rev().take(5).collect();
            assert!(last[1..].iter().all(|point| point.growth(Metric::CpuUsage) == Some(5)));
            assert_eq!(start_of(last[0]), START + 40);
        }
    }
}

#[test]
fn inspecting_while_the_clock_is_ahead_closes_nothing_for_good() {
    let inspections: [fn(&Recorder); 4] = [
        |recorder| drop(recorder.totals()),
        |recorder| recorder.snapshots().for_each(drop),
        |recorder| drop(recorder.snapshot("/a")),
        Recorder::flush_all,
    ];
    for inspect in inspections {
        let recorder = default_recorder();
        let _handle = recorder.register(&Container::at_path("/a"), None);
        advance_to(&recorder, 1_000);
        inspect(&recorder);
        advance_to(&recorder, 10);
        drained(&recorder);
        assert_eq!(recorder.record_by_name("/a", &sample(10_000, 10)), Verdict::Accepted);
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// So many milliseconds after the newest sample of the container or before it.
    Record(bool, i64),
    /// The time that is set, in seconds from the newest sample.
    Advance(i64),
    Seal,
    Inspect,
}

fn a_step() -> impl Strategy<Value = Step> {
    let ahead = prop_oneof![4 => -20_i64..20, 2 => -200_i64..200, 1 => -100_000_i64..100_000];
    prop_oneof![
        8 => (any::<bool>(), prop_oneof![6 => 1_i64..3_000, 1 => -9_000_i64..0])
            .prop_map(|(which, millis)| Step::Record(which, millis)),
        2 => ahead.prop_map(Step::Advance),
        2 => Just(Step::Seal),
        1 => Just(Step::Inspect),
    ]
}

proptest! {
    #[test]
    fn each_interval_is_given_once_whatever_the_clock_does(
        steps in vec(a_step(), 1..120),
        has_handle in any::<bool>(),
        lateness in 0_u64..20,
    ) {
        let settings = RecorderSettings::default().with_lateness(Duration::from_secs(lateness)).with_max_ahead(Duration::from_secs(1 << 40));
        let recorder = Recorder::new(settings);
        let names = ["/a", "/b"];
        let _handle = has_handle.then(|| names.map(|name| recorder.register(&Container::at_path(name), None)));
        let (mut newest, mut given, mut accepted) = ([200_000_000_u64; 2], Vec::new(), 0);
        for step in steps {
            match step {
                Step::Record(which, millis) => {
                    let number = usize::from(which);
                    let time = newest[number].saturating_add_signed(millis);
                    newest[number] = newest[number].max(time);
                    let sample = sample(time, time * 1_000_000);
                    let verdict = recorder.record_by_name(names[number], &sample);
                    accepted += u64::from(verdict == Verdict::Accepted);
                }
                Step::Advance(seconds) => {
                    let second = newest[0].max(newest[1]) / 1_000;
                    advance_to(&recorder, second.saturating_add_signed(seconds));
                }
                Step::Seal => given.extend(drained(&recorder)),
                Step::Inspect => {
                    recorder.totals();
                    recorder.snapshots().for_each(drop);
                }
            }
        }
        // Once the clock is right, all samples are accepted from the next interval on.
        let now = newest[0].max(newest[1]) / 1_000 + 10;
        advance_to(&recorder, now);
        given.extend(drained(&recorder));
        for name in names {
            let sample = sample(now * 1_000, now * SECOND);
            prop_assert_eq!(recorder.record_by_name(name, &sample), Verdict::Accepted);
        }
        given.extend(all_drained(&recorder));
        prop_assert_eq!(recorder.totals().accepted, accepted + 2);
        for name in names {
            let of_name: Vec<_> = given.iter().filter(|point| point.name() == name).collect();
            prop_assert!(of_name.is_sorted_by(|one, other| start_of(one) < start_of(other)), "{:?}", of_name);
            let grown = of_name.iter().filter_map(|point| point.growth(Metric::CpuUsage));
            prop_assert!(grown.max() <= Some(5 * SECOND));
        }
    }
}
