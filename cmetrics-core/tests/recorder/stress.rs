//! Many threads, containers that come and go, and exact counts.
//!
//! The growth of each container's counters is known beforehand, and so is the number of samples.
//! Threads wait for each other only as far as needed for no sample to come late.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use cmetrics_core::recorder::{Handle, RecorderSettings, Verdict};
use cmetrics_core::{Container, DataPoint, Metric, Recorder, Sample};

use super::lives::{Expected, Given, Name, Size, name_of, number_of, path, rate};
use super::steps::{SECOND, at};
use super::{START, drained, start_of};

const THREADS: usize = 8;
const LATENESS: u64 = 20;
/// How many seconds a thread may be ahead of the slowest.
const LEAD: u64 = 15;
/// One in this many calls records a late sample, and one records a sample that is ahead.
const SELDOM: usize = 64;

/// How often a thread records a sample: two threads record it, or one does so twice.
fn is_recorded_by(thread: usize, container: usize, second: u64) -> usize {
    let second = usize::try_from(second).unwrap();
    let by = [container + second, container * 5 + second * 3 + 1];
    by.iter().filter(|by| *by % THREADS == thread).count()
}

struct Stress {
    size: Size,
    recorder: Recorder,
    /// The second at which each thread is.
    at: [AtomicU64; THREADS],
    done: AtomicBool,
}

#[derive(Debug, Default, PartialEq)]
struct VerdictCounts {
    accepted: u64,
    duplicates: u64,
    late: u64,
    ahead: u64,
}

impl VerdictCounts {
    fn note(&mut self, verdict: Verdict) {
        *match verdict {
            Verdict::Accepted => &mut self.accepted,
            Verdict::Duplicate => &mut self.duplicates,
            Verdict::Late => &mut self.late,
            Verdict::Ahead => &mut self.ahead,
        } += 1;
    }

    fn add(mut self, other: &Self) -> Self {
        self.accepted += other.accepted;
        self.duplicates += other.duplicates;
        self.late += other.late;
        self.ahead += other.ahead;
        self
    }
}

fn set(sample: &mut Sample, container: usize, second: u64) {
    let value = rate(container) * second;
    sample.set(Metric::CpuUsage, value);
    sample.interface("eth0").set(Metric::NetworkRxBytes, 3 * value);
}

impl Stress {
    fn slowest(&self) -> u64 {
        self.at.iter().map(|at| at.load(Ordering::Relaxed)).min().unwrap()
    }

    fn record_all(&self, thread: usize) -> VerdictCounts {
        let (mut counts, mut calls) = (VerdictCounts::default(), 0);
        let mut handles: Vec<Option<(Name, Handle)>> = vec![None; self.size.containers];
        let mut sample = Sample::new(at(START * SECOND));
        for second in 0..self.size.seconds {
            self.at[thread].store(second, Ordering::Relaxed);
            while self.slowest() + LEAD < second {
                std::thread::yield_now();
            }
            self.recorder.advance(at((START + self.slowest()) * SECOND));
            for (container, handle) in handles.iter_mut().enumerate() {
                let Some(life) = Size::life(container, second) else {
                    *handle = None;
                    continue;
                };
                let handle = self.handle(handle, name_of(container, life));
                set(&mut sample, container, second);
                for _ in 0..is_recorded_by(thread, container, second) {
                    sample.set_time(at((START + second) * SECOND));
                    counts.note(self.recorder.record(handle, &sample));
                    calls += 1;
                    self.record_wrongly(handle, &mut sample, calls, &mut counts);
                }
            }
        }
        self.at[thread].store(u64::MAX / 2, Ordering::Relaxed);
        counts
    }

    fn handle<'h>(&self, known: &'h mut Option<(Name, Handle)>, name: Name) -> &'h Handle {
        if known.as_ref().is_none_or(|(of, _)| *of != name) {
            *known = Some((name, self.recorder.register(&Container::at_path(path(name)), None)));
        }
        &known.as_ref().unwrap().1
    }

    fn record_wrongly(
        &self,
        handle: &Handle,
        sample: &mut Sample,
        calls: usize,
        counts: &mut VerdictCounts,
    ) {
        let nanos = sample.time().nanos();
        let wrong = match calls % SELDOM {
            0 if nanos > (START + 600) * SECOND => nanos - 500 * SECOND + SECOND / 2,
            1 => nanos + 1_000 * SECOND,
            _ => return,
        };
        sample.set_time(at(wrong));
        counts.note(self.recorder.record(handle, sample));
    }

    /// The points that it drained, and their growth.
    fn drain_all(&self) -> Vec<Given> {
        let mut found = Vec::new();
        let mut take = |points: Vec<DataPoint>| {
            found.extend(points.iter().map(|point| {
                let growth = |metric| point.growth(metric).unwrap_or(0);
                let growth = [growth(Metric::CpuUsage), growth(Metric::NetworkRxBytes)];
                (number_of(point), start_of(point) - START, growth)
            }));
        };
        while !self.done.load(Ordering::Relaxed) {
            take(drained(&self.recorder));
        }
        take(drained(&self.recorder));
        found
    }

    /// Calls everything that only reads, and registers names to which nothing is recorded.
    fn inspect_all(&self) {
        for round in 0.. {
            if self.done.load(Ordering::Relaxed) {
                return;
            }
            let container = round % self.size.containers;
            if let Some(snapshot) = self.recorder.snapshot(&path((container, 0))) {
                assert!(snapshot.is_sorted_by(|one, next| start_of(one) < start_of(next)));
            }
            self.recorder.register(&Container::at_path(format!("/idle{}", round % 99)), None);
            if round % 100 == 0 {
                self.recorder.seal();
                let known: Vec<_> = self.recorder.containers().collect();
                let names: HashSet<_> = known.iter().map(|one| one.identity.name()).collect();
                assert_eq!(names.len(), known.len());
                let totals = self.recorder.totals();
                assert!(totals.undrained <= totals.sealed);
            }
        }
    }
}

/// The verdicts of all threads, and the points with their growth.
fn run(stress: &Stress) -> (VerdictCounts, Vec<Given>) {
    std::thread::scope(|scope| {
        let writers: Vec<_> =
            (0..THREADS).map(|thread| scope.spawn(move || stress.record_all(thread))).collect();
        let drains = [0; 2].map(|_| scope.spawn(|| stress.drain_all()));
        let inspector = scope.spawn(|| stress.inspect_all());
        let counts = writers
            .into_iter()
            .map(|writer| writer.join().unwrap())
            .fold(VerdictCounts::default(), |sum, counts| sum.add(&counts));
        stress.recorder.advance(at((START + stress.size.seconds + 1_000) * SECOND));
        stress.done.store(true, Ordering::Relaxed);
        inspector.join().unwrap();
        let found = drains.into_iter().flat_map(|one| one.join().unwrap());
        (counts, found.collect())
    })
}

fn stress(size: Size) {
    let recorder =
        Recorder::new(RecorderSettings::default().with_lateness(Duration::from_secs(LATENESS)));
    let (at, done) = ([const { AtomicU64::new(0) }; THREADS], AtomicBool::new(false));
    let stress = Stress { size, recorder, at, done };
    let (counts, mut found) = run(&stress);
    // What one draining thread still had to do when the other was done.
    found.extend(stress.drain_all());
    found.sort_unstable();
    let expected = Expected::of(size);
    expected.check(&found);
    assert_eq!((counts.accepted, counts.duplicates), (expected.samples, expected.samples));
    assert!(counts.late > 0 && counts.ahead > 0);

    let totals = stress.recorder.totals();
    let (accepted, duplicates) = (totals.accepted, totals.duplicates);
    let counted = VerdictCounts { accepted, duplicates, late: totals.late, ahead: totals.ahead };
    assert_eq!(counted, counts);
    assert_eq!((totals.containers, totals.undrained, totals.dropped), (0, 0, 0));
    assert_eq!((totals.sealed, totals.tally.len()), (found.len() as u64, 0));
    assert!(totals.forgotten >= expected.forgotten / 2, "{totals:?}");
}

#[test]
fn each_five_seconds_are_given_once_and_complete_while_containers_come_and_go() {
    stress(Size { containers: 60, seconds: 1_200 });
}

/// `make stress`.
#[test]
#[ignore = "takes minutes without optimisation"]
fn each_five_seconds_of_millions_of_samples_are_given_once_and_complete() {
    stress(Size { containers: 1_000, seconds: 8_000 });
}
