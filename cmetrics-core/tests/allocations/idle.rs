//! What containers cost that had samples, have none any more, and are held by somebody.

#![allow(clippy::print_stdout, reason = "tells the figures")]

use std::time::{Duration, Instant};

use cmetrics_core::recorder::{Handle, Verdict};
use cmetrics_core::{Container, Recorder, Settings};

use super::counting::counted;
use super::recorder::at;
use super::samples;

fn register(recorder: &Recorder, number: usize) -> Handle {
    recorder.register(&Container::at_path(format!("/docker/{number:064x}")), None)
}

/// Containers that had so many samples, a second apart, all of which are forgotten.
fn idle(recorder: &Recorder, containers: usize, seconds: u64) -> Vec<Handle> {
    let handles: Vec<_> = (0..containers).map(|number| register(recorder, number)).collect();
    let mut sample = samples().swap_remove(7);
    for second in 0..seconds {
        sample.set_time(at(second));
        for handle in &handles {
            assert_eq!(recorder.record(handle, &sample), Verdict::Accepted);
        }
        recorder.advance(at(second));
        recorder.drain(&mut |_| ());
    }
    recorder.advance(at(seconds + 200));
    recorder.drain(&mut |_| ());
    let forgotten = if seconds > 0 { containers as u64 } else { 0 };
    assert_eq!(recorder.totals().forgotten, forgotten);
    handles
}

/// How many bytes each takes, and the shortest of several drains, the time having gone on.
fn figures(containers: usize, seconds: u64) -> (usize, Duration) {
    let recorder = Recorder::new(Settings::default());
    recorder.advance(at(0));
    let (_, bytes, handles) = counted(|| idle(&recorder, containers, seconds));
    let drain = |later: u64| {
        recorder.advance(at(1_000 + later));
        let begun = Instant::now();
        assert_eq!(recorder.drain(&mut |_| ()), 0);
        begun.elapsed()
    };
    let shortest = (0..20).map(drain).min().unwrap();
    assert_eq!(recorder.totals().containers, handles.len() as u64);
    (bytes / containers, shortest)
}

#[test]
fn idle_containers_take_little_memory_and_no_time() {
    for seconds in [0, 1, 60] {
        let (bytes, drain) = figures(5_000, seconds);
        assert!(bytes <= 1_000, "{bytes} bytes after {seconds} samples");
        // To look at each of them takes ten times as long.
        assert!(drain < Duration::from_micros(40), "{drain:?} after {seconds} samples");
    }
}

/// `make stress`.
#[test]
#[ignore = "takes long without optimisation"]
fn hundreds_of_thousands_of_idle_containers_take_little_memory_and_no_time() {
    for seconds in [0, 1, 60] {
        let (bytes, drain) = figures(300_000, seconds);
        println!("{seconds} samples each, then none: {bytes} bytes, a drain of all {drain:?}");
        assert!(bytes <= 1_000 && drain < Duration::from_millis(1), "{bytes} bytes, {drain:?}");
    }
}
