//! One run of one contender: rounds, each of which ends when all is drained.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::ScopedJoinHandle;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use rustix::time::ClockId;

use crate::contender::{Contender, Sums};
use crate::figures::{Lost, Measured, Part, Seen, figures, histogram, nanos};
use crate::workload::{Progress, Run, Workload, Writer, cpu_time};

/// Runs a contender that was made for it.
pub(crate) fn run<C: Contender>(run: &Run) -> Measured {
    let workload = run.workload;
    let contender = C::new(workload.setup());
    let (progress, start) = (Progress::new(&workload), Start::new(workload.threads));
    let (over, mut sums) = (AtomicBool::new(false), Sums::default());
    let seen: Vec<_> = std::thread::scope(|scope| {
        let reader = run.reader.then(|| scope.spawn(|| read(&contender, &over)));
        let write = |thread| {
            let writer = Writer::new(&workload, &progress, thread);
            write(&contender, run, &start, writer, thread == 0)
        };
        let writers: Vec<_> =
            (0..workload.threads).map(|thread| scope.spawn(move || write(thread))).collect();
        let seen: Vec<_> = writers.into_iter().map(ScopedJoinHandle::join).collect();
        over.store(true, Ordering::Relaxed); // also where a writer panicked
        if let Some(reader) = reader {
            sums = sums.and(reader.join().expect("the reader ends"));
        }
        seen.into_iter().map(|one| one.expect("a writer ends")).collect()
    });
    let sums = seen.iter().fold(sums, |sums, one| sums.and(one.sums));
    check::<C>(contender, &workload, &seen, sums, run)
}

/// Where threads begin a round. To be woken takes some of them long compared with a round, so they
/// wait for each other once they are awake.
#[derive(Debug)]
struct Start {
    barrier: Barrier,
    awake: AtomicU64,
    threads: u64,
}

impl Start {
    fn new(threads: usize) -> Self {
        let barrier = Barrier::new(threads);
        Self { barrier, awake: AtomicU64::new(0), threads: threads as u64 }
    }

    /// Says how much CPU time was spent on waiting.
    fn together(&self, round: u64) -> Duration {
        let start = cpu_time(ClockId::ThreadCPUTime);
        self.awake.fetch_add(1, Ordering::Relaxed);
        let mut looks = 0_u32;
        while self.awake.load(Ordering::Relaxed) < round * self.threads {
            looks += 1;
            if looks < 10_000 { std::hint::spin_loop() } else { std::thread::yield_now() }
        }
        cpu_time(ClockId::ThreadCPUTime).saturating_sub(start)
    }
}

/// Drains every millisecond.
fn read(contender: &impl Contender, over: &AtomicBool) -> Sums {
    let mut sums = Sums::default();
    while !over.load(Ordering::Relaxed) {
        contender.drain(&mut sums);
        std::thread::sleep(Duration::from_millis(1));
    }
    sums
}

/// One thread's rounds. The first thread drains at the end of each.
fn write<C: Contender>(
    contender: &C,
    run: &Run,
    start: &Start,
    mut writer: Writer<'_>,
    is_first: bool,
) -> Seen {
    let mut seen = Seen::new();
    let (mut before, mut spun) = (Duration::ZERO, Duration::ZERO);
    for round in 0..run.workload.rounds {
        start.barrier.wait();
        if round == run.warm_up {
            before = cpu_time(ClockId::ProcessCPUTime);
            spun = writer.waited.cpu;
        }
        writer.waited.cpu += start.together(round + 1);
        let is_measured = round >= run.warm_up;
        let part = seen.round(contender, &mut writer, run.each.then_some(is_measured));
        seen.rounds.extend(is_measured.then_some(part));
        start.barrier.wait();
        if is_first {
            let began = Instant::now();
            contender.settle();
            contender.drain(&mut seen.sums);
            seen.drains.extend(is_measured.then(|| began.elapsed()));
        }
    }
    seen.cpu = cpu_time(ClockId::ProcessCPUTime).saturating_sub(before);
    seen.spun = writer.waited.cpu.saturating_sub(spun);
    seen
}

impl Seen {
    fn new() -> Self {
        Self {
            accepted: 0,
            rounds: Vec::new(),
            each: histogram(),
            sums: Sums::default(),
            drains: Vec::new(),
            cpu: Duration::ZERO,
            spun: Duration::ZERO,
        }
    }

    /// Records a round's samples and says how long that took. Where `each` is given, each call is
    /// timed, and kept where it says so.
    fn round<C: Contender>(
        &mut self,
        contender: &C,
        writer: &mut Writer<'_>,
        each: Option<bool>,
    ) -> Part {
        let (start, waited) = (Instant::now(), writer.waited.time);
        if let Some(keep) = each {
            self.record_each(contender, writer, keep);
        } else {
            let accepted = &mut self.accepted;
            writer.round(|number, sample| *accepted += u64::from(contender.record(number, sample)));
        }
        Part { start, end: Instant::now(), waited: writer.waited.time.saturating_sub(waited) }
    }

    fn record_each(&mut self, contender: &impl Contender, writer: &mut Writer<'_>, keep: bool) {
        writer.round(|number, sample| {
            let start = Instant::now();
            let accepted = contender.record(number, sample);
            let took = start.elapsed();
            self.accepted += u64::from(accepted);
            if keep {
                self.each.saturating_record(nanos(took));
            }
        });
    }
}

/// Compares what came out with what went in, and makes figures of what was seen.
fn check<C: Contender>(
    contender: C,
    workload: &Workload,
    seen: &[Seen],
    mut sums: Sums,
    run: &Run,
) -> Measured {
    let accepted = contender.finish(&mut sums);
    let lost = Lost::of(workload, accepted, sums);
    if C::LOSSLESS {
        let told: u64 = seen.iter().map(|one| one.accepted).sum();
        assert_eq!(told, accepted, "who records is told what was accepted");
        assert_eq!(lost, Lost { of_samples: lost.of_samples, ..Lost::default() }, "{run:?}");
    }
    figures(run, seen, lost)
}

/// What reading the clock twice takes, in nanoseconds: part of each timed `record`.
pub(crate) fn clock_cost() -> Histogram<u64> {
    let mut costs = histogram();
    for _ in 0..100_000 {
        let start = Instant::now();
        costs.saturating_record(nanos(start.elapsed()));
    }
    costs
}

/// How many cores two threads get that do nothing but count: fewer than two where others are busy,
/// and then threads hardly ever meet in a container.
pub(crate) fn cores() -> f64 {
    const WHILE: Duration = Duration::from_millis(50);
    let (start, cpu) = (Instant::now(), cpu_time(ClockId::ProcessCPUTime));
    let count = || while start.elapsed() < WHILE {};
    std::thread::scope(|scope| {
        scope.spawn(count);
        scope.spawn(count);
    });
    let cpu = cpu_time(ClockId::ProcessCPUTime).saturating_sub(cpu);
    cpu.as_secs_f64() / start.elapsed().as_secs_f64()
}
