//! Points while replies come in, from several machines at once.
//!
//! A thread for each machine reads its recorded polls one after the other, as fast as it can; each
//! poll repeats the last minute. They meet in one recorder, and the main thread prints the points
//! of each container as they become final.
//!
//! ```sh
//! cargo run -p cmetrics-examples --bin live
//! ```

#![expect(clippy::print_stdout, reason = "a program for a terminal")]

use std::path::{Path, PathBuf};
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;
use std::{fs, io};

use cmetrics_core::{DataPoint, Recorder, Settings, Timestamp};

/// What each machine answered, in `tests/data/recorded` of the library.
const MACHINES: [(&str, &str); 3] =
    [("node1", "steady-1s"), ("node2", "dynamic"), ("node3", "v060-1s")];

/// The polls of a machine in the order of their times, which their names tell.
fn polls(set: &str) -> io::Result<Vec<(Timestamp, PathBuf)>> {
    let recorded = concat!(env!("CARGO_MANIFEST_DIR"), "/../cmetrics-core/tests/data/recorded");
    let mut polls = Vec::new();
    for file in fs::read_dir(Path::new(recorded).join(set))? {
        let path = file?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let Some(rest) = name.strip_prefix("v1.2-docker.") else { continue };
        let millis: Option<u64> = rest.split('.').next().and_then(|millis| millis.parse().ok());
        let time = millis.and_then(|millis| Timestamp::from_nanos(millis * 1_000_000));
        polls.extend(time.map(|time| (time, path)));
    }
    polls.sort();
    Ok(polls)
}

/// Reads all polls of a machine, and returns the time of the last.
fn replay(recorder: &Recorder, machine: &str, set: &str) -> io::Result<Option<Timestamp>> {
    let mut source = recorder.source(set, Some(machine));
    let mut last = None;
    for (time, path) in polls(set)? {
        let ingested = source.ingest(&fs::read(path)?);
        for error in &ingested.errors {
            println!("{machine}: {error}");
        }
        // These recordings are of different hours. Where all machines have the same time, each
        // poll tells it: `recorder.advance(time)`.
        last = Some(time);
    }
    Ok(last)
}

fn show(point: &DataPoint) {
    let (start, cores) = (point.interval().start(), point.cpu_cores().unwrap_or(f64::NAN));
    let memory = point.memory().map_or(f64::NAN, |memory| memory.ave / 1024.0 / 1024.0);
    println!("{:.12} {start} {cores:6.3} cores {memory:8.1} MiB", point.name());
}

fn main() -> io::Result<()> {
    let recorder = Recorder::new(Settings::default());
    let mut give = |point: DataPoint| show(&point);

    thread::scope(|scope| {
        let replay = |(machine, set)| {
            let recorder = &recorder;
            scope.spawn(move || replay(recorder, machine, set))
        };
        let machines = MACHINES.map(replay);
        while !machines.iter().all(ScopedJoinHandle::is_finished) {
            recorder.drain(&mut give);
            thread::sleep(Duration::from_millis(5));
        }
        for machine in machines {
            let last = machine.join().map_err(|_| io::Error::other("a thread panicked"))??;
            if let Some(time) = last {
                recorder.advance(time); // what was silent for long by then is final
            }
        }
        io::Result::Ok(())
    })?;
    recorder.drain(&mut give);
    recorder.flush_all(); // no more will come: the rest, final or not
    recorder.drain(&mut give);

    let totals = recorder.totals();
    println!(
        "{} points of {} samples; {} came again, {} too late",
        totals.sealed, totals.accepted, totals.duplicates, totals.late
    );
    Ok(())
}
