//! A writer that is stopped in the middle of recording stops nobody else.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Barrier;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use super::hooks::{WriteStep, set_hook};
use super::{Recorder, Verdict};
use crate::container::Container;
use crate::metric::Metric;
use crate::pipeline::Pipeline;
use crate::point::DataPoint;
use crate::sample::Sample;
use crate::settings::Settings;
use crate::time::Timestamp;

const STEPS: [WriteStep; 6] = [
    WriteStep::Prechecked,
    WriteStep::Claimed,
    WriteStep::Rechecked,
    WriteStep::TimeInserted,
    WriteStep::NewestRaised,
    WriteStep::Written,
];
/// When the stopped writer's sample was taken, in milliseconds like all times here.
const STOPPED_AT: u64 = 100_500;

fn sample(millis: u64) -> Sample {
    let mut sample = Sample::new(Timestamp::from_nanos(millis * 1_000_000).unwrap());
    sample.set(Metric::CpuUsage, millis * 1_000);
    sample.interface("eth0").set(Metric::NetworkRxBytes, millis);
    sample
}

/// Records a sample, but stops at this step: signals that it has stopped, and waits for the signal
/// to go on.
fn record_and_stop(
    recorder: &Recorder,
    at: WriteStep,
    stopped: Sender<()>,
    go_on: Receiver<()>,
) -> Verdict {
    set_hook(move |step| {
        if step == at {
            stopped.send(()).unwrap();
            // If the test fails meanwhile, this ends all the same.
            let _ = go_on.recv_timeout(Duration::from_secs(20));
        }
    });
    let handle = recorder.register(&Container::at_path("/same"), None);
    recorder.record(&handle, &sample(STOPPED_AT))
}

fn drained(recorder: &Recorder) -> Vec<DataPoint> {
    let mut points = Vec::new();
    recorder.drain(&mut |point| points.push(point));
    points
}

/// Records one sample a second from one time to another, and returns those that were accepted.
fn record(recorder: &Recorder, name: &str, millis: impl Iterator<Item = u64>) -> Vec<Sample> {
    let handle = recorder.register(&Container::at_path(name), None);
    let accepted = |one: &Sample| recorder.record(&handle, one) == Verdict::Accepted;
    millis.map(sample).filter(accepted).collect()
}

#[test]
fn a_writer_stopped_at_any_step_stops_nobody_and_loses_nothing() {
    for step in STEPS {
        let recorder = Recorder::new(Settings::default());
        let mut accepted = record(&recorder, "/same", (90_000..=100_000).step_by(1_000));
        let (stopped, is_stopped) = channel();
        let (release, go_on) = channel();
        let abreast = Barrier::new(2);
        let (mut points, verdict) = thread::scope(|scope| {
            let (recorder, abreast) = (&recorder, &abreast);
            let writer = scope.spawn(move || record_and_stop(recorder, step, stopped, go_on));
            is_stopped.recv().unwrap();
            let others = [0, 300].map(|offset| {
                let times = (101_000 + offset..=160_000 + offset).step_by(1_000);
                let times = times.inspect(|_| {
                    abreast.wait();
                });
                scope.spawn(move || record(recorder, "/same", times))
            });
            let others = others.map(|other| other.join().unwrap());
            assert_eq!(others.each_ref().map(Vec::len), [60, 60], "{step:?}: others go on");
            accepted.extend(others.into_iter().flatten());
            record(recorder, "/other", (90_000..=160_000).step_by(1_000));
            let (before, during): (Vec<_>, Vec<_>) =
                drained(recorder).into_iter().partition(|point| point.name() == "/same");
            let last = during.last().unwrap();
            assert_eq!(last.interval().end(), 155, "{step:?}: other containers are sealed");
            let is_before = |point: &DataPoint| point.interval().end() <= STOPPED_AT / 1_000;
            assert!(step == WriteStep::Prechecked || before.iter().all(is_before), "{step:?}");
            release.send(()).unwrap();
            (before, writer.join().unwrap())
        });
        let expected = match step {
            // The others made it late before its second check.
            WriteStep::Prechecked | WriteStep::Claimed => Verdict::Late,
            _ => Verdict::Accepted,
        };
        assert_eq!(verdict, expected, "{step:?}");
        accepted.extend((verdict == Verdict::Accepted).then(|| sample(STOPPED_AT)));
        points.extend(drained(&recorder));
        assert_eq!(points.last().map(|last| last.interval().end()), Some(155), "{step:?}");
        recorder.flush_all();
        points.extend(drained(&recorder));
        points.retain(|point| point.name() == "/same");
        assert_eq!(points, batch(accepted), "{step:?}: nothing is missing");
    }
}

fn batch(samples: Vec<Sample>) -> Vec<DataPoint> {
    let mut pipeline = Pipeline::new(Settings::default());
    for sample in samples {
        pipeline.insert(&Container::at_path("/same"), None, sample);
    }
    pipeline.points()
}

#[test]
fn a_copy_of_a_sample_that_is_being_written_is_a_duplicate() {
    for step in [WriteStep::TimeInserted, WriteStep::NewestRaised, WriteStep::Written] {
        let recorder = Recorder::new(Settings::default());
        let (stopped, is_stopped) = channel();
        let (release, go_on) = channel();
        let verdict = thread::scope(|scope| {
            let recorder = &recorder;
            let writer = scope.spawn(move || record_and_stop(recorder, step, stopped, go_on));
            is_stopped.recv().unwrap();
            let copy = recorder.record_by_name("/same", &sample(STOPPED_AT));
            assert_eq!(copy, Verdict::Duplicate, "{step:?}");
            assert_eq!(recorder.snapshot("/same"), Some(Vec::new()), "{step:?}");
            release.send(()).unwrap();
            writer.join().unwrap()
        });
        assert_eq!(verdict, Verdict::Accepted, "{step:?}");
        assert_eq!(recorder.snapshot("/same").map(|points| points.len()), Some(1), "{step:?}");
    }
}
