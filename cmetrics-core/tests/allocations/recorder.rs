//! What a recorder asks for and keeps.

use std::time::Duration;

use cmetrics_core::recorder::{Handle, RecorderSettings, Verdict};
use cmetrics_core::{Container, Metric, Recorder, Sample, Settings, Timestamp};

use super::counting::counted;
use super::samples;

const SECOND: u64 = 1_000_000_000;
const START: u64 = 1_795_262_400;

pub(crate) fn at(second: u64) -> Timestamp {
    Timestamp::from_nanos((START + second) * SECOND).unwrap()
}

/// One second of all containers: twice each sample, and one that is late.
fn record(recorder: &Recorder, handles: &[Handle], sample: &mut Sample, second: u64) -> u64 {
    let mut accepted = 0;
    for handle in handles {
        for time in [second, second, second.saturating_sub(20)] {
            sample.set_time(at(time));
            accepted += u64::from(recorder.record(handle, sample) == Verdict::Accepted);
        }
    }
    accepted
}

#[test]
fn recording_by_handle_asks_for_no_memory_once_as_much_was_recorded_before() {
    const CONTAINERS: usize = 20;
    for (seconds, samples_between) in [(2_000, 1), (2_000, 5), (3_000, 60)] {
        let recorder = Recorder::new(Settings::default());
        let register = |number| recorder.register(&Container::at_path(format!("/{number}")), None);
        let handles: Vec<_> = (0..CONTAINERS).map(register).collect();
        let mut sample = samples().swap_remove(7);
        let (mut warm, mut later, mut points, mut accepted) = (0, 0, 0, 0);
        for second in 20..20 + seconds {
            let (times, _, number) = counted(|| record(&recorder, &handles, &mut sample, second));
            *(if second < 1_000 { &mut warm } else { &mut later }) += times;
            accepted += number;
            if second % samples_between == 0 {
                points += recorder.drain(&mut |_| ());
            }
        }
        assert_eq!(accepted, seconds * CONTAINERS as u64);
        assert!(points > CONTAINERS * 300, "{points}");
        assert!(warm > 0, "nothing was counted");
        assert_eq!(later, 0, "a drain every {samples_between} seconds");
    }
}

/// Has so many containers come and go, each with two samples, and returns the most that were known
/// at once and how many points there were.
fn come_and_go(recorder: &Recorder, containers: std::ops::Range<u64>) -> (u64, u64) {
    const AT_ONCE: u64 = 100;
    let (mut most, mut points) = (0, 0);
    let mut sample = Sample::new(at(0));
    for number in containers {
        let name = format!("/{number}");
        for second in [2 * number / AT_ONCE, 2 * number / AT_ONCE + 3] {
            sample.set_time(at(second));
            sample.set(Metric::CpuUsage, second);
            assert_eq!(recorder.record_by_name(&name, &sample), Verdict::Accepted);
        }
        if number % AT_ONCE == AT_ONCE - 1 {
            recorder.advance(at(2 * number / AT_ONCE));
            points += recorder.drain(&mut |_| ()) as u64;
            most = most.max(recorder.totals().containers);
        }
    }
    (most, points)
}

fn leaves_nothing_behind(containers: u64) {
    let settings = Settings::new(Duration::from_secs(5), Some(Duration::from_secs(5))).unwrap();
    let settings = RecorderSettings::from(settings)
        .with_lateness(Duration::from_secs(5))
        .with_history(Duration::from_secs(10));
    let recorder = Recorder::new(settings);
    // As many as are known at once.
    come_and_go(&recorder, 0..5_000);
    let (_, kept, (most, points)) = counted(|| come_and_go(&recorder, 5_000..containers));
    assert!(most < 2_000, "{most} at once");
    assert!(points >= containers - 5_000, "{points} points");
    let kept = kept.cast_signed().abs();
    assert!(kept < 30_000, "{kept} bytes more");
    recorder.advance(at(containers));
    recorder.seal();
    let totals = recorder.totals();
    assert_eq!((totals.containers, totals.forgotten), (0, containers));
    assert_eq!(totals.accepted, 2 * containers);
}

#[test]
fn containers_that_are_gone_leave_nothing_behind() {
    leaves_nothing_behind(50_000);
}

/// `make stress`.
#[test]
#[ignore = "takes long without optimisation"]
fn a_million_containers_that_are_gone_leave_nothing_behind() {
    leaves_nothing_behind(1_000_000);
}
