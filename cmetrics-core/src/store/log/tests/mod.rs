mod any;
mod damage;
mod writing;

use std::io;

use super::format::{FRAME_HEADER, FRAME_MAGIC, LOG_HEADER, MAX_PAYLOAD};
use super::*;
use crate::store::disk::Disk;
use crate::store::disk::simulated::{Rng, Simulated};

const SALT: u64 = 0x1234_5678_9abc_def0;
const NAME: &str = "log-0000000007";

type Batches = Vec<(u64, Vec<u8>)>;

fn writer(disk: &Simulated) -> LogWriter {
    LogWriter::create(disk, 7, SALT, None).unwrap()
}

/// A log of these batches, the offset of each, and the end of the last.
fn log_of(batches: &[Vec<u8>]) -> (Vec<u8>, Vec<u64>) {
    let disk = Simulated::new();
    let mut writer = writer(&disk);
    let mut places = vec![writer.length()];
    for batch in batches {
        writer.append(batch).unwrap();
        places.push(writer.length());
    }
    (disk.bytes(NAME).unwrap(), places)
}

fn with(batches: &[Vec<u8>], places: &[u64]) -> Batches {
    places.iter().copied().zip(batches.iter().cloned()).collect()
}

fn try_read(disk: &dyn Disk, before: Option<&LogEnd>) -> io::Result<(Batches, LogEnd)> {
    let stored = disk.open(NAME)?;
    let mut batches = Vec::new();
    let end = read_log(&*stored, before, &mut |place, batch| batches.push((place, batch.to_vec())));
    Ok((batches, end?))
}

fn read(bytes: &[u8]) -> (Batches, LogEnd) {
    let disk = Simulated::new();
    disk.put(NAME, bytes.to_vec());
    try_read(&disk, None).unwrap()
}

fn some_batches() -> Vec<Vec<u8>> {
    vec![b"first".to_vec(), vec![], vec![0; 40], FRAME_MAGIC.repeat(5), b"last".to_vec()]
}

/// Batches of one, three and one frame; the offset of each frame, and the end of the last.
fn long_batches() -> (Vec<Vec<u8>>, Vec<u64>) {
    let batches = vec![vec![1; 100], Rng::new(1).bytes(2 * MAX_PAYLOAD + 5), vec![3; 100]];
    let mut frames = vec![LOG_HEADER as u64];
    for length in [100, MAX_PAYLOAD, MAX_PAYLOAD, 5, 100] {
        frames.push(frames.last().unwrap() + (FRAME_HEADER + length) as u64);
    }
    (batches, frames)
}
