//! Which thread records what, and when that was.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use cmetrics_core::metric::Scope;
use cmetrics_core::{Metric, MetricSet, Sample, Timestamp};
use rustix::time::{ClockId, clock_gettime};

use crate::contender::{Setup, Sums};

pub(crate) const SECOND: u64 = 1_000_000_000;
/// How far a container's samples lie apart, in nanoseconds.
pub(crate) const STEP: u64 = 3 * SECOND / 2;
/// 2026-11-21.
pub(crate) const BASE: u64 = 1_795_219_200 * SECOND;

/// Who records to which containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Containers {
    /// Each thread to one of its own.
    Own,
    /// All threads to the same ones, in turn.
    Shared(usize),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Workload {
    pub(crate) threads: usize,
    pub(crate) containers: Containers,
    /// Samples of a thread between two times that all is drained: a multiple of the containers.
    pub(crate) per_round: u64,
    pub(crate) rounds: u64,
}

/// How a workload is run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) workload: Workload,
    /// Rounds at the beginning that are not measured.
    pub(crate) warm_up: u64,
    /// Whether another thread drains every millisecond while samples are recorded.
    pub(crate) reader: bool,
    /// Whether each `record` is timed by itself.
    pub(crate) each: bool,
}

impl Workload {
    pub(crate) fn setup(&self) -> Setup {
        let lateness = self.together().map_or(5, |together| together.lateness);
        let containers = match self.containers {
            Containers::Own => self.threads,
            Containers::Shared(containers) => containers,
        };
        Setup { containers, lateness }
    }

    /// What threads that share containers must heed, so that none of their samples is late.
    fn together(&self) -> Option<Together> {
        // A thread's samples of one container lie 3 s apart where there are two threads.
        match self.containers {
            Containers::Shared(1) if self.threads > 1 => {
                Some(Together { look_every: 16, most_ahead: 24, lateness: 150 })
            }
            Containers::Shared(_) if self.threads > 1 => {
                Some(Together { look_every: 1, most_ahead: 1, lateness: 5 })
            }
            _ => None,
        }
    }

    /// All samples of all threads.
    pub(crate) fn samples(&self) -> u64 {
        self.per_round * self.rounds * self.threads as u64
    }

    /// The growth of all counters that rise, from each container's first sample to its last.
    pub(crate) fn growth(&self) -> Sums {
        let containers = self.setup().containers as u64;
        let last = self.samples() / containers - 1;
        let one = counters(BASE + last * STEP);
        Sums { cpu: one.cpu * containers, rx_bytes: one.rx_bytes * containers }
    }
}

/// How near threads that share containers keep to each other, counted in a thread's samples of one
/// container: they look each so many where the others are, and are then not further ahead than
/// this. So none is ever behind by more than both together, and that is within the lateness.
#[derive(Clone, Copy, Debug)]
struct Together {
    look_every: u64,
    most_ahead: u64,
    lateness: u64,
}

/// The counters of any container at this time.
fn counters(time: u64) -> Sums {
    let passed = time - BASE;
    Sums { cpu: passed / 4, rx_bytes: passed >> 20 }
}

/// A sample with every documented metric, of one interface and one device.
fn template() -> Option<Sample> {
    let mut sample = Sample::new(Timestamp::from_nanos(BASE)?);
    for metric in MetricSet::documented().iter() {
        match metric.scope() {
            Scope::Interface => sample.interface("eth0").set(metric, 1 << 20),
            Scope::Device => sample.device((8, 0)).set(metric, 1 << 20),
            _ => sample.set(metric, 1 << 20),
        }
    }
    Some(sample)
}

/// One sample that is filled again and again, so that making samples costs little.
#[derive(Debug)]
pub(crate) struct Producer(Sample);

impl Producer {
    pub(crate) fn new() -> Self {
        Self(template().expect("a time that there is"))
    }

    #[inline]
    pub(crate) fn at(&mut self, time: u64) -> &Sample {
        if let Some(time) = Timestamp::from_nanos(time) {
            self.0.set_time(time);
        }
        let Sums { cpu, rx_bytes } = counters(time);
        self.0.set(Metric::CpuUsage, cpu);
        self.0.interface("eth0").set(Metric::NetworkRxBytes, rx_bytes);
        &self.0
    }
}

/// How far each thread has come, in samples of one container.
#[derive(Debug)]
pub(crate) struct Progress(Vec<Padded>);

#[derive(Debug, Default)]
#[repr(align(128))]
struct Padded(AtomicU64);

impl Progress {
    pub(crate) fn new(workload: &Workload) -> Self {
        Self((0..workload.threads).map(|_| Padded::default()).collect())
    }

    /// Waits until no other thread is further behind than this, and says for how long.
    fn keep_together(&self, thread: usize, pass: u64, most_ahead: u64) -> Waited {
        self.0[thread].0.store(pass, Ordering::Relaxed);
        let behind = |one: &Padded| one.0.load(Ordering::Relaxed) + most_ahead < pass;
        if !self.0.iter().any(behind) {
            return Waited::default();
        }
        let (start, cpu) = (Instant::now(), cpu_time(ClockId::ThreadCPUTime));
        let mut looks = 0_u32;
        while self.0.iter().any(behind) {
            looks += 1;
            if looks < 100 { std::hint::spin_loop() } else { std::thread::yield_now() }
        }
        let cpu = cpu_time(ClockId::ThreadCPUTime).saturating_sub(cpu);
        Waited { time: start.elapsed(), cpu }
    }
}

/// For how long a thread waited for others to catch up. That is the workload's doing and not the
/// contender's, so it does not count.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Waited {
    pub(crate) time: Duration,
    pub(crate) cpu: Duration,
}

pub(crate) fn cpu_time(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// One thread's part.
#[derive(Debug)]
pub(crate) struct Writer<'w> {
    progress: &'w Progress,
    thread: usize,
    per_round: u64,
    first: usize,
    containers: usize,
    /// Its first sample's time, and how much later each next one of a container is.
    start: u64,
    stride: u64,
    together: Option<Together>,
    pub(crate) waited: Waited,
    pass: u64,
    producer: Producer,
}

impl<'w> Writer<'w> {
    pub(crate) fn new(workload: &Workload, progress: &'w Progress, thread: usize) -> Self {
        let threads = workload.threads;
        let number = thread as u64;
        let together = workload.together();
        let (first, containers) = match workload.containers {
            Containers::Own => (thread, 1),
            Containers::Shared(all) => (all / threads * thread, all),
        };
        let takes_turns = matches!(workload.containers, Containers::Shared(_));
        let (place, stride) = if takes_turns { (number, threads as u64) } else { (0, 1) };
        Self {
            progress,
            thread,
            per_round: workload.per_round,
            first,
            containers,
            start: BASE + place * STEP,
            stride: stride * STEP,
            together,
            waited: Waited::default(),
            pass: 0,
            producer: Producer::new(),
        }
    }

    /// Has this thread's samples of a round recorded.
    #[inline]
    pub(crate) fn round(&mut self, mut record: impl FnMut(usize, &Sample)) {
        for _ in 0..self.per_round / self.containers as u64 {
            if let Some(Together { look_every, most_ahead, .. }) = self.together
                && self.pass.is_multiple_of(look_every)
            {
                let waited = self.progress.keep_together(self.thread, self.pass, most_ahead);
                self.waited.time += waited.time;
                self.waited.cpu += waited.cpu;
            }
            let sample = self.start + self.pass * self.stride;
            let sample = self.producer.at(sample);
            if self.containers == 1 {
                record(self.first, sample);
            } else {
                let split = self.first;
                (split..self.containers).chain(0..split).for_each(|number| record(number, sample));
            }
            self.pass += 1;
        }
    }
}
