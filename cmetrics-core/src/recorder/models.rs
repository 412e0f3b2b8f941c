//! Models: loom runs each under every schedule of its threads, with a limited number of
//! preemptions, and under every value that the memory orderings let a thread read.

use loom::sync::Arc;
use loom::thread;

use super::Recorder;
use super::intake::{Bounds, Clock, Intake, IntakeEnv, IntakeReader, Role, Verdict};
use crate::container::Container;
use crate::metric::Metric;
use crate::sample::Sample;
use crate::settings::Settings;
use crate::sync::{AtomicBool, Mutex, Ordering};
use crate::time::Timestamp;

/// A time, twice, so that a torn or old value is noticed.
type Payload = (u64, u64);

const LATENESS: u64 = 2;

struct Model {
    env: IntakeEnv,
    intake: Intake<Payload>,
    state: Mutex<ReaderState>,
}

/// The reader, and the times that it found.
struct ReaderState {
    reader: IntakeReader<Payload>,
    found: Vec<u64>,
    /// See `Bounds`.
    newest_elsewhere: u64,
}

/// Checks a model with this many preemptions, and as many more as `LOOM_MORE` says.
fn check(most_preemptions: usize, model: impl Fn() + Sync + Send + 'static) {
    let more = std::env::var("LOOM_MORE").ok().and_then(|more| more.parse().ok());
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(most_preemptions + more.unwrap_or(0));
    builder.check(model);
}

impl Model {
    fn new() -> Arc<Self> {
        Self::with_remembered(4)
    }

    fn with_remembered(remembered_nanos: u64) -> Arc<Self> {
        let (intake, reader) = Intake::new();
        let state = Mutex::new(ReaderState { reader, found: Vec::new(), newest_elsewhere: 0 });
        let env = IntakeEnv::new(Clock::new(LATENESS, 1_000), remembered_nanos);
        let model = Self { env, intake, state };
        // Some models try how it wakes; the others have enough to try.
        model.intake.wake(&model.env);
        model.seal();
        Arc::new(model)
    }

    fn record(&self, time: u64) -> Verdict {
        self.intake.offer(
            &self.env,
            time,
            || false,
            |value, role| {
                assert_eq!(role, Role::Sample);
                assert_eq!(value.0, value.1, "what a slot held before is whole");
                *value = (time, time);
            },
        )
    }

    /// Takes what there is. Nothing older than what was closed may come later.
    fn seal(&self) -> Vec<u64> {
        let closed = self.state.lock().reader.closed();
        self.seal_from(closed)
    }

    /// The same, where what was closed from `closed` on may be opened again.
    fn seal_from(&self, closed: u64) -> Vec<u64> {
        let ReaderState { reader, found, newest_elsewhere } = &mut *self.state.lock();
        let closed = closed.min(reader.closed());
        let bounds = Bounds { open_from: closed, newest_elsewhere: *newest_elsewhere };
        self.intake.take(reader, &self.env, bounds, &mut |value| {
            assert_eq!(value.0, value.1, "a sample is whole");
            assert!(value.0 >= closed, "{} came after {closed} was closed", value.0);
            assert!(!found.contains(&value.0), "a sample is found once");
            found.push(value.0);
        });
        found.clone()
    }

    /// Takes what there is, and puts the log to sleep if all known times are late.
    fn rest(&self) {
        self.seal();
        let reader = &mut self.state.lock().reader;
        if self.intake.newest() < reader.closed() {
            self.intake.sleep(reader, &self.env);
        }
    }

    /// Takes the rest, and checks that exactly the accepted samples were found.
    fn end(&self, verdicts: &[(u64, Verdict)]) {
        let mut found = self.seal();
        found.sort_unstable();
        let accepted = verdicts.iter().filter(|(_, verdict)| *verdict == Verdict::Accepted);
        let mut accepted: Vec<_> = accepted.map(|(time, _)| *time).collect();
        accepted.sort_unstable();
        assert_eq!(found, accepted);
        for (time, verdict) in verdicts {
            assert!(*verdict != Verdict::Duplicate || accepted.contains(time), "{verdicts:?}");
        }
        assert!(self.intake.is_empty(&self.state.lock().reader));
        assert_eq!(self.state.lock().reader.version(), Some(self.intake.version()));
    }
}

/// A writer that records these times one after the other.
fn writer(model: &Arc<Model>, times: &'static [u64]) -> thread::JoinHandle<Vec<(u64, Verdict)>> {
    let model = Arc::clone(model);
    thread::spawn(move || times.iter().map(|&time| (time, model.record(time))).collect())
}

#[test]
fn two_writers_of_one_time_and_of_others() {
    check(3, || {
        let model = Model::new();
        let one = writer(&model, &[10, 11]);
        let mut verdicts: Vec<_> = [11, 12].map(|time| (time, model.record(time))).into();
        verdicts.extend(one.join().unwrap());
        let of_11 = verdicts.iter().filter(|(time, _)| *time == 11);
        let accepted = of_11.filter(|(_, verdict)| *verdict == Verdict::Accepted).count();
        assert_eq!(accepted, 1, "{verdicts:?}");
        model.end(&verdicts);
    });
}

#[test]
fn a_writer_records_while_another_door_closes_the_container() {
    check(3, || {
        let model = Model::new();
        let one = writer(&model, &[10, 14]);
        model.state.lock().newest_elsewhere = 16;
        model.seal();
        let mut verdicts: Vec<_> = [11, 13].map(|time| (time, model.record(time))).into();
        model.seal();
        verdicts.extend(one.join().unwrap());
        model.end(&verdicts);
    });
}

#[test]
fn two_writers_take_cells_of_older_times() {
    check(3, || {
        let model = Model::new();
        // As many times as a bucket has cells, and again as many buckets later.
        for time in [100, 106, 112, 118] {
            assert_eq!(model.record(time), Verdict::Accepted);
        }
        model.seal();
        let one = writer(&model, &[124]);
        let mut verdicts: Vec<_> = [124].map(|time| (time, model.record(time))).into();
        verdicts.extend(one.join().unwrap());
        let accepted = verdicts.iter().filter(|(_, verdict)| *verdict == Verdict::Accepted);
        assert_eq!(accepted.count(), 1, "{verdicts:?}");
        assert_eq!(model.seal(), [100, 106, 112, 118, 124]);
    });
}

#[test]
fn two_writers_find_a_bucket_full() {
    check(2, || {
        let model = Model::with_remembered(64);
        let mut verdicts: Vec<_> = [8, 9].map(|time| (time, model.record(time))).into();
        let one = writer(&model, &[10]);
        verdicts.extend([10, 11].map(|time| (time, model.record(time))));
        verdicts.extend(one.join().unwrap());
        let accepted = verdicts.iter().filter(|(_, verdict)| *verdict == Verdict::Accepted);
        assert_eq!(accepted.count(), 4, "{verdicts:?}");
        model.end(&verdicts);
    });
}

#[test]
fn a_duplicate_sees_what_the_first_writer_published() {
    // As the newest sample, and behind a newer one.
    for newest in [None, Some(11)] {
        check(3, move || {
            let (model, is_partial) = (Model::new(), Arc::new(AtomicBool::new(false)));
            newest.map(|newest| model.record(newest));
            let first = {
                let (model, is_partial) = (Arc::clone(&model), Arc::clone(&is_partial));
                thread::spawn(move || {
                    is_partial.store(true, Ordering::Relaxed);
                    model.record(10)
                })
            };
            let mut roles = Vec::new();
            let wants_copy = || is_partial.load(Ordering::Relaxed);
            let verdict = model.intake.offer(&model.env, 10, wants_copy, |value, role| {
                roles.push(role);
                *value = (10, 10);
            });
            let role = if verdict == Verdict::Duplicate { Role::Copy } else { Role::Sample };
            assert_eq!(roles, [role]);
            assert_ne!(verdict, first.join().unwrap());
        });
    }
}

#[test]
fn what_is_closed_stays_closed() {
    check(3, || {
        let model = Model::new();
        let one = writer(&model, &[10]);
        let other = writer(&model, &[20]);
        model.seal();
        model.seal();
        let mut verdicts = one.join().unwrap();
        verdicts.extend(other.join().unwrap());
        model.end(&verdicts);
        assert_eq!(model.state.lock().reader.closed(), 20 - LATENESS);
    });
}

#[test]
fn what_the_callers_time_closes_stays_closed() {
    check(3, || {
        let model = Model::new();
        let one = writer(&model, &[10, 20]);
        model.env.clock.advance(15);
        model.seal();
        model.env.clock.advance(30);
        model.seal();
        model.end(&one.join().unwrap());
    });
}

#[test]
fn what_a_wrong_time_closed_is_opened_again() {
    check(3, || {
        let model = Model::new();
        let one = writer(&model, &[10, 20]);
        model.env.clock.advance(30);
        model.seal();
        model.env.clock.advance(12);
        model.seal_from(15);
        let mut verdicts = vec![(21, model.record(21)), (14, model.record(14))];
        verdicts.extend(one.join().unwrap());
        assert_eq!(verdicts[0].1, Verdict::Accepted);
        assert_eq!(verdicts[1].1, Verdict::Late);
        model.end(&verdicts);
    });
}

#[test]
fn slots_are_used_again_by_later_writers() {
    check(2, || {
        let model = Model::new();
        let mut verdicts: Vec<_> = [10, 11, 12].map(|time| (time, model.record(time))).into();
        model.seal();
        model.seal(); // frees the longer block, which is not needed any more
        let one = writer(&model, &[12, 13]);
        let other = writer(&model, &[14]);
        model.seal();
        verdicts.extend(one.join().unwrap());
        verdicts.extend(other.join().unwrap());
        model.end(&verdicts);
    });
}

/// How often a sample of a time was accepted.
fn accepted(verdicts: &[(u64, Verdict)], time: u64) -> usize {
    verdicts.iter().filter(|verdict| **verdict == (time, Verdict::Accepted)).count()
}

#[test]
fn a_log_falls_asleep_while_values_come() {
    check(3, || {
        let model = Model::new();
        let mut verdicts = vec![(10, model.record(10))];
        model.env.clock.advance(20);
        let one = writer(&model, &[30]);
        model.rest();
        let again = [(30, model.record(30)), (31, model.record(31))];
        verdicts.extend(again);
        verdicts.extend(one.join().unwrap());
        assert_eq!(accepted(&verdicts, 30), 1, "{verdicts:?}");
        model.end(&verdicts);
    });
}

#[test]
fn two_writers_wake_a_log() {
    check(3, || {
        let model = Model::new();
        let mut verdicts = vec![(10, model.record(10))];
        model.env.clock.advance(20);
        model.rest();
        let one = writer(&model, &[30]);
        let other = writer(&model, &[30]);
        verdicts.extend(one.join().unwrap());
        verdicts.extend(other.join().unwrap());
        assert_eq!(accepted(&verdicts, 30), 1, "{verdicts:?}");
        model.end(&verdicts);
    });
}

#[test]
fn two_writers_come_while_a_log_falls_asleep() {
    check(2, || {
        let model = Model::new();
        let mut verdicts = vec![(10, model.record(10))];
        model.env.clock.advance(20);
        let one = writer(&model, &[30]);
        let other = writer(&model, &[30]);
        model.rest();
        verdicts.extend(one.join().unwrap());
        verdicts.extend(other.join().unwrap());
        assert_eq!(accepted(&verdicts, 30), 1, "{verdicts:?}");
        model.end(&verdicts);
    });
}

#[test]
fn a_writer_that_is_slow_to_wake_a_log_finds_a_later_sleep() {
    check(2, || {
        let model = Model::new();
        let one = writer(&model, &[30]);
        let mut verdicts = vec![(10, model.record(10))];
        model.env.clock.advance(20);
        model.rest();
        verdicts.push((25, model.record(25)));
        model.env.clock.advance(29);
        model.rest();
        verdicts.push((31, model.record(31)));
        verdicts.extend(one.join().unwrap());
        model.end(&verdicts);
    });
}

#[test]
fn pinned_resources_are_not_freed() {
    check(3, || {
        let model = Model::new();
        let mut verdicts = vec![(10, model.record(10)), (11, model.record(11))];
        model.env.clock.advance(20);
        // Copies of what was known before the log fell asleep.
        let one = writer(&model, &[10, 11]);
        model.rest();
        model.rest();
        let known = one.join().unwrap();
        assert!(known.iter().all(|(_, verdict)| *verdict != Verdict::Accepted), "{known:?}");
        verdicts.extend(known);
        model.end(&verdicts);
    });
}

#[test]
fn a_snapshot_contains_whatever_was_recorded_before() {
    check(3, || {
        let model = Model::new();
        let returned = Arc::new(AtomicBool::new(false));
        let one = {
            let (model, returned) = (Arc::clone(&model), Arc::clone(&returned));
            thread::spawn(move || {
                let verdict = model.record(10);
                returned.store(true, Ordering::Release);
                vec![(10, verdict), (11, model.record(11))]
            })
        };
        let other = writer(&model, &[12]);
        let had_returned = returned.load(Ordering::Acquire);
        let found = model.seal();
        let mut verdicts = one.join().unwrap();
        verdicts.extend(other.join().unwrap());
        let was_accepted = verdicts.contains(&(10, Verdict::Accepted));
        assert!(!had_returned || !was_accepted || found.contains(&10));
        model.end(&verdicts);
    });
}

#[test]
fn a_container_is_forgotten_while_it_comes_back() {
    check(3, || {
        let model = Model::new();
        let mut verdicts = vec![(10, model.record(10))];
        let one = writer(&model, &[11, 100]);
        model.env.clock.advance(102);
        model.seal();
        let state = model.state.lock();
        let is_over = state.reader.closed() == 100 && model.intake.is_empty(&state.reader);
        drop(state);
        let before = model.seal();
        verdicts.extend(one.join().unwrap());
        // Once it is over, what was accepted before is known, and only newer samples can come.
        let accepted = |time| verdicts.contains(&(time, Verdict::Accepted));
        assert!(!is_over || !accepted(11) || before.contains(&11));
        model.end(&verdicts);
    });
}

fn sample(second: u64) -> Sample {
    let mut sample = Sample::new(Timestamp::from_nanos(second * 1_000_000_000).unwrap());
    sample.set(Metric::CpuUsage, second);
    sample
}

fn starts_of(recorder: &Recorder) -> Vec<u64> {
    let mut starts = Vec::new();
    recorder.drain(&mut |point| starts.push(point.interval().start()));
    starts
}

#[test]
fn two_readers_drain_each_point_once() {
    check(2, || {
        let recorder = Arc::new(Recorder::new(Settings::default()));
        for second in [101, 106, 112, 118] {
            recorder.record_by_name("/", &sample(second));
        }
        let other = {
            let recorder = Arc::clone(&recorder);
            thread::spawn(move || starts_of(&recorder))
        };
        let mut starts = starts_of(&recorder);
        recorder.record_by_name("/", &sample(124));
        let (last, others) = (starts_of(&recorder), other.join().unwrap());
        starts.extend(last);
        assert!(starts.is_sorted() && others.is_sorted());
        starts.extend(others);
        starts.extend(starts_of(&recorder));
        starts.sort_unstable();
        assert_eq!(starts, [100, 105, 110]);
    });
}

#[test]
fn a_container_is_removed_while_it_comes_back() {
    check(2, || {
        let recorder = Arc::new(Recorder::new(Settings::default()));
        recorder.record_by_name("/", &sample(101));
        let one = {
            let recorder = Arc::clone(&recorder);
            thread::spawn(move || recorder.record_by_name("/", &sample(400)))
        };
        recorder.advance(sample(401).time());
        let mut starts = starts_of(&recorder);
        assert_eq!(one.join().unwrap(), Verdict::Accepted);
        recorder.flush_all();
        starts.extend(starts_of(&recorder));
        assert_eq!(starts, [100, 400]);
        assert_eq!(recorder.totals().accepted, 2);
    });
}

#[test]
fn a_container_is_unlisted_while_a_sample_comes() {
    check(2, || {
        let recorder = Arc::new(Recorder::new(Settings::default()));
        let handle = recorder.register(&Container::at_path("/"), None);
        recorder.record(&handle, &sample(101));
        let one = {
            let (recorder, handle) = (Arc::clone(&recorder), handle.clone());
            thread::spawn(move || recorder.record(&handle, &sample(400)))
        };
        recorder.advance(sample(401).time());
        let mut starts = starts_of(&recorder);
        starts.extend(starts_of(&recorder));
        assert_eq!(one.join().unwrap(), Verdict::Accepted);
        recorder.advance(sample(900).time());
        starts.extend(starts_of(&recorder));
        assert_eq!(starts, [100, 400]);
        assert_eq!(recorder.totals().accepted, 2);
    });
}

#[test]
fn a_container_is_removed_whose_handle_is_dropped_while_it_is_unlisted() {
    check(3, || {
        let recorder = Arc::new(Recorder::new(Settings::default()));
        let handle = recorder.register(&Container::at_path("/"), None);
        recorder.record(&handle, &sample(101));
        let one = thread::spawn(move || drop(handle));
        recorder.advance(sample(401).time());
        // It is forgotten; then it is unlisted, or removed at once.
        let mut starts = starts_of(&recorder);
        starts.extend(starts_of(&recorder));
        one.join().unwrap();
        starts.extend(starts_of(&recorder));
        assert_eq!(starts, [100]);
        assert_eq!(recorder.totals().containers, 0);
    });
}
