//! Two machines' replies into one recorder, and their points.
//!
//! ```sh
//! cargo run -p cmetrics-examples --bin recording
//! ```

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a program for a terminal")]

use cmetrics_core::{Recorder, Settings, Timestamp};

fn main() {
    let recorder = Recorder::new(Settings::default());
    std::thread::scope(|scope| {
        for machine in ["node1", "node2"] {
            let mut source = recorder.source("dump", Some(machine));
            // In a program of yours: ask cAdvisor, hand on its reply, wait a second, again.
            let reply = br#"{"/": {"spec": {"has_cpu": true}, "stats": [
                {"timestamp": "2026-11-21T12:00:01Z", "cpu": {"usage": {"total": 1000000000}}},
                {"timestamp": "2026-11-21T12:00:06Z", "cpu": {"usage": {"total": 3000000000}}}]}}"#;
            scope.spawn(move || assert_eq!(source.ingest(reply).accepted, 2));
        }
    });
    recorder.advance(Timestamp::parse("2026-11-21T12:05:00Z").unwrap().unwrap());
    recorder.drain(&mut |point| {
        println!("{} {} {:?} cores", point.name(), point.interval().start(), point.cpu_cores());
    });
}
