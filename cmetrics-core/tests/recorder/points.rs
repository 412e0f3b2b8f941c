//! Which points are emitted, and when.

use std::time::Duration;

use cmetrics_core::recorder::{Handle, RecorderSettings, Verdict};
use cmetrics_core::{Container, Recorder};
use proptest::prelude::*;

use super::reference::ReferenceContainer;
use super::runner::Runner;
use super::schedule::{Action, a_schedule};
use super::steps::{SECOND, at};
use super::{START, all_drained, default_recorder, drained, sample, start_of};

fn act(runner: &mut Runner<'_>, action: Action) -> Result<(), TestCaseError> {
    match action {
        Action::Seal => {
            runner.recorder.seal();
            runner.reference.seal();
        }
        Action::Drain => {
            runner.drain();
            runner.reference.containers.iter().try_for_each(ReferenceContainer::check_final)?;
            runner.check_totals()?;
        }
        Action::Snapshot => {
            for (number, one) in runner.reference.containers.iter().enumerate() {
                one.check_snapshot(runner.recorder.snapshot(&format!("/{number}")))?;
            }
        }
        Action::Advance(_) | Action::Flush(_) => {}
    }
    Ok(())
}

proptest! {
    #[test]
    fn points_are_the_batchs_of_what_was_accepted_each_emitted_once_as_soon_as_it_is_final(
        schedule in a_schedule(false),
    ) {
        let mut runner = Runner::new(&schedule);
        for number in 0..schedule.events.len() {
            runner.deliver(number, &mut act)?;
        }
        act(&mut runner, Action::Drain)?;
        runner.reference.take(all_drained(&runner.recorder));
        runner.reference.containers.iter().try_for_each(ReferenceContainer::check_all)?;
        prop_assert!(runner.recorder.totals().tally.is_empty());
    }
}

/// A recorder with one container.
fn one() -> (Recorder, Handle) {
    let recorder = default_recorder();
    let handle = recorder.register(&Container::at_path("/a"), None);
    (recorder, handle)
}

#[test]
fn a_late_sample_changes_nothing() {
    let (recorder, handle) = one();
    for second in 1..=20 {
        recorder.record(&handle, &sample(second * 1_000, second * 100));
    }
    let before = recorder.snapshot("/a").unwrap();
    assert_eq!(recorder.record(&handle, &sample(14_999, 9_999)), Verdict::Late);
    assert_eq!(recorder.snapshot("/a").unwrap(), before);
    assert_eq!(recorder.record(&handle, &sample(15_001, 1_501)), Verdict::Accepted);
    recorder.advance(at((START + 26) * SECOND));
    assert_eq!(recorder.record(&handle, &sample(20_999, 9_999)), Verdict::Late);
    assert_eq!(recorder.record(&handle, &sample(21_000, 2_100)), Verdict::Accepted);
    assert_eq!(recorder.totals().late, 2);
}

#[test]
fn a_sample_is_ahead_only_of_a_time_that_was_set() {
    let settings = RecorderSettings::default().with_max_ahead(Duration::from_secs(10));
    let recorder = Recorder::new(settings);
    let far = sample(1_000_000, 1);
    assert_eq!(recorder.record_by_name("/before", &far), Verdict::Accepted);
    recorder.advance(at(START * SECOND));
    assert_eq!(recorder.record_by_name("/a", &far), Verdict::Ahead);
    assert_eq!(recorder.record_by_name("/a", &sample(10_001, 1)), Verdict::Ahead);
    assert_eq!(recorder.record_by_name("/a", &sample(10_000, 1)), Verdict::Accepted);
    assert_eq!(recorder.totals().ahead, 2);
}

#[test]
fn a_forgotten_container_begins_again() {
    let (recorder, handle) = one();
    let record = |seconds: std::ops::RangeInclusive<u64>| {
        for second in seconds {
            let verdict = recorder.record(&handle, &sample(second * 1_000, second * 7));
            assert_eq!(verdict, Verdict::Accepted);
        }
    };
    record(0..=12);
    assert_eq!(drained(&recorder).len(), 1);
    recorder.advance(at((START + 12 + 150 + 5) * SECOND));
    assert_eq!(drained(&recorder).len(), 1);
    assert_eq!(recorder.snapshot("/a").unwrap().len(), 2);
    recorder.advance(at((START + 12 + 150 + 6) * SECOND));
    assert_eq!(drained(&recorder).len(), 1);
    assert_eq!(recorder.snapshot("/a"), Some(Vec::new()));
    assert_eq!(recorder.totals().forgotten, 1);
    record(163..=170);
    let points = all_drained(&recorder);
    let starts: Vec<_> = points.iter().map(|point| start_of(point) - START).collect();
    assert_eq!(starts, [160, 165, 170]);
    // Its first reading is a starting point again: 163 to 165.
    assert_eq!(points[0].growth(cmetrics_core::Metric::CpuUsage), Some(14));
}

#[test]
fn a_container_without_handles_is_removed_once_it_is_forgotten() {
    let (recorder, handle) = one();
    recorder.record(&handle, &sample(0, 1));
    recorder.record_by_name("/b", &sample(0, 1));
    assert_eq!(recorder.totals().containers, 2);
    recorder.advance(at((START + 1_000) * SECOND));
    assert_eq!(drained(&recorder).len(), 2);
    assert_eq!((recorder.totals().containers, recorder.totals().forgotten), (1, 2));
    assert!(recorder.snapshot("/b").is_none() && !recorder.flush("/b"));
    drop(handle);
    recorder.seal();
    assert_eq!((recorder.totals().containers, recorder.totals().accepted), (0, 2));
    assert_eq!(recorder.containers().count(), 0);
}
