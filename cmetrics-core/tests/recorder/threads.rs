//! Several threads record while another drains.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use cmetrics_core::recorder::{Handle, RecorderSettings, Verdict};
use cmetrics_core::{Container, DataPoint, Pipeline, Recorder, Sample, Settings};
use proptest::collection::vec;
use proptest::prelude::*;

use super::model::{closed, is_left_open};
use super::steps::{SECOND, a_step, at, some_settings, stats};
use super::{all_drained, default_recorder, drained, samples_of, start_of};

/// The calls of one thread: which sample of which container.
type Calls = Vec<(usize, usize)>;

/// The threads that record a sample, and by how much each comes out of order.
type Assigned = Vec<(usize, u64)>;

/// The calls of this many threads, each more or less in the order of the samples' times.
fn calls(threads: usize, samples: &[Vec<Sample>], assigned: &[Vec<Assigned>]) -> Vec<Calls> {
    let mut calls = vec![Vec::new(); threads];
    for (container, (samples, assigned)) in samples.iter().zip(assigned).enumerate() {
        for (index, (sample, threads_of_it)) in samples.iter().zip(assigned).enumerate() {
            for (thread, delay) in threads_of_it {
                let place = sample.time().nanos() + delay * 1_000_000;
                calls[thread % threads].push((place, (container, index)));
            }
        }
    }
    for of_one in &mut calls {
        of_one.sort_unstable();
    }
    calls.into_iter().map(|of_one| of_one.into_iter().map(|(_, call)| call).collect()).collect()
}

/// Records these samples, and returns the verdict on each.
fn record(
    recorder: &Recorder,
    handles: &[Handle],
    samples: &[Vec<Sample>],
    calls: &Calls,
) -> Vec<Verdict> {
    let one = |&(container, index): &(usize, usize)| {
        let sample = &samples[container][index];
        if index % 3 == 0 {
            recorder.record_by_name(handles[container].name(), sample)
        } else {
            recorder.record(&handles[container], sample)
        }
    };
    calls.iter().map(one).collect()
}

/// Drains and takes snapshots until there is nothing more to come.
fn drain_until(recorder: &Recorder, done: &AtomicBool) -> Vec<DataPoint> {
    let mut points = Vec::new();
    while !done.load(Ordering::Relaxed) {
        points.extend(drained(recorder));
        for snapshot in recorder.snapshots() {
            assert!(snapshot.is_sorted_by(|one, next| start_of(one) < start_of(next)));
        }
    }
    points
}

/// The verdicts of each thread, and all points.
fn run(
    recorder: &Recorder,
    samples: &[Vec<Sample>],
    calls: &[Calls],
) -> (Vec<Vec<Verdict>>, Vec<DataPoint>) {
    let register = |number| recorder.register(&Container::at_path(format!("/{number}")), None);
    let handles: Vec<_> = (0..samples.len()).map(register).collect();
    let (done, all_there) = (AtomicBool::new(false), Barrier::new(calls.len() + 1));
    let (verdicts, mut points) = std::thread::scope(|scope| {
        let threads: Vec<_> = calls
            .iter()
            .map(|calls| {
                scope.spawn(|| {
                    all_there.wait();
                    record(recorder, &handles, samples, calls)
                })
            })
            .collect();
        let drains = scope.spawn(|| {
            all_there.wait();
            drain_until(recorder, &done)
        });
        let verdicts = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        done.store(true, Ordering::Relaxed);
        (verdicts, drains.join().unwrap())
    });
    points.extend(all_drained(recorder));
    (verdicts, points)
}

fn cases() -> impl Strategy<Value = (Vec<Vec<(super::steps::Step, Assigned)>>, u64)> {
    let assigned = vec((0_usize..4, prop_oneof![Just(0), 0_u64..30_000]), 1..3);
    let containers = vec(vec((a_step(), assigned), 1..60), 1..4);
    (containers, prop_oneof![1 => Just(0_u64), 1 => Just(5), 3 => Just(40), 3 => Just(1_000_000)])
}

/// The batch's points of each container's accepted samples.
fn batch(settings: Settings, accepted: &[Vec<&Sample>]) -> Vec<DataPoint> {
    let mut pipeline = Pipeline::new(settings);
    for (number, samples) in accepted.iter().enumerate() {
        for sample in samples {
            let container = Container::at_path(format!("/{number}"));
            pipeline.insert(&container, None, (*sample).clone());
        }
    }
    pipeline.points()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn points_are_the_batchs_of_what_was_accepted_of_whichever_thread(
        (containers, lateness) in cases(),
        settings in some_settings(),
        threads in 2_usize..=4,
    ) {
        let (steps, assigned): (Vec<Vec<_>>, Vec<Vec<_>>) =
            containers.into_iter().map(|one| one.into_iter().unzip()).unzip();
        let stats = steps.iter().map(|steps| closed(stats(steps), &[], settings.max_gap().as_secs()));
        let stats: Vec<_> = stats.collect();
        let samples: Vec<_> = stats.iter().map(|stats| samples_of(stats, settings)).collect();
        let calls = calls(threads, &samples, &assigned);
        let recorder = Recorder::new(RecorderSettings::from(settings).with_lateness(Duration::from_secs(lateness)));
        let (verdicts, points) = run(&recorder, &samples, &calls);

        let mut times = vec![vec![0; 60]; samples.len()];
        let mut counts = std::collections::HashMap::<_, u64>::new();
        let calls_and_verdicts = calls.iter().flatten().zip(verdicts.iter().flatten());
        for (&(container, index), verdict) in calls_and_verdicts {
            *counts.entry(*verdict).or_default() += 1;
            times[container][index] += u64::from(*verdict == Verdict::Accepted);
        }
        prop_assert!(times.iter().flatten().all(|times| *times <= 1), "accepted twice");
        let count = |verdict| counts.get(&verdict).copied().unwrap_or(0);
        let totals = recorder.totals();
        prop_assert_eq!(totals.accepted, count(Verdict::Accepted));
        prop_assert_eq!(totals.duplicates, count(Verdict::Duplicate));
        prop_assert_eq!(totals.late, count(Verdict::Late));
        if lateness == 1_000_000 {
            prop_assert_eq!(totals.accepted, samples.iter().map(Vec::len).sum::<usize>() as u64);
        }
        let accepted: Vec<Vec<_>> = samples
            .iter()
            .zip(&times)
            .map(|(samples, times)| {
                samples.iter().zip(times).filter(|(_, times)| **times == 1).map(|one| one.0).collect()
            })
            .collect();
        for (stats, times) in stats.iter().zip(&times) {
            let accepted = stats.iter().zip(times).filter(|(_, times)| **times == 1);
            prop_assume!(!is_left_open(accepted.map(|(sample, _)| sample), settings.max_gap().as_secs()));
        }
        let expected = batch(settings, &accepted);
        for (number, _) in samples.iter().enumerate() {
            let name = format!("/{number}");
            let of_one = |points: &[DataPoint]| -> Vec<_> {
                points.iter().filter(|point| point.name() == name).cloned().collect()
            };
            prop_assert_eq!(of_one(&points), of_one(&expected));
        }
    }
}

#[test]
fn of_copies_at_once_one_is_accepted() {
    let recorder = default_recorder();
    let handle = recorder.register(&Container::at_path("/a"), None);
    let (rounds, threads) = (5_000, 3);
    let together = Barrier::new(threads);
    let accepted: u64 = std::thread::scope(|scope| {
        let record = || {
            let accepts = |round: u64| {
                if round.is_multiple_of(50) {
                    together.wait();
                }
                let mut sample = Sample::new(at(super::START * SECOND + round * 10_000_000));
                sample.set(cmetrics_core::Metric::CpuUsage, round);
                u64::from(recorder.record(&handle, &sample) == Verdict::Accepted)
            };
            (0..rounds).map(accepts).sum::<u64>()
        };
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(record)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(accepted, rounds);
    let grown: u64 = all_drained(&recorder)
        .iter()
        .filter_map(|point| point.growth(cmetrics_core::Metric::CpuUsage))
        .sum();
    assert_eq!(grown, rounds - 1);
    let totals = recorder.totals();
    assert_eq!((totals.accepted, totals.duplicates), (rounds, 2 * rounds));
}

/// Threads take times in turn and record them as soon as they can. Without any lateness, each of
/// them is overtaken now and then, at any step. Returns how many samples were accepted, and how
/// many are in the points.
fn race(samples: u64) -> (u64, u64) {
    let settings = RecorderSettings::default().with_lateness(Duration::from_secs(0));
    let (recorder, turn, done) =
        (Recorder::new(settings), AtomicU64::new(0), AtomicBool::new(false));
    let handle = recorder.register(&Container::at_path("/a"), None);
    let record = || {
        let mut accepted = 0;
        loop {
            let turn = turn.fetch_add(1, Ordering::Relaxed);
            if turn >= samples {
                return accepted;
            }
            let mut sample = Sample::new(at(super::START * SECOND + turn * 1_000_000));
            sample.set(cmetrics_core::Metric::CpuUsage, turn);
            accepted += u64::from(recorder.record(&handle, &sample) == Verdict::Accepted);
        }
    };
    let (accepted, mut points) = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..6).map(|_| scope.spawn(record)).collect();
        let drains = scope.spawn(|| drain_until(&recorder, &done));
        let accepted = writers.into_iter().map(|writer| writer.join().unwrap()).sum();
        done.store(true, Ordering::Relaxed);
        (accepted, drains.join().unwrap())
    });
    points.extend(all_drained(&recorder));
    assert!(points.is_sorted_by(|one, next| start_of(one) < start_of(next)));
    (accepted, points.iter().filter_map(DataPoint::samples).sum())
}

#[test]
fn a_sample_that_was_accepted_is_in_a_point_whatever_its_writer_was_overtaken_at() {
    let (accepted, given) = race(300_000);
    assert_eq!(accepted, given);
    assert!(accepted > 1_000, "{accepted}");
}

/// `make stress`.
#[test]
#[ignore = "takes long without optimisation"]
fn of_millions_of_samples_each_that_was_accepted_is_in_a_point() {
    let (accepted, given) = race(10_000_000);
    assert_eq!(accepted, given);
}
