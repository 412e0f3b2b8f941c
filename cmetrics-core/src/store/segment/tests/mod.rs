//! Tests of segments.

mod damage;
mod figures;
mod page;
mod points;
mod round_trip;
mod table;

use std::io;
use std::sync::{Arc, Mutex};

use points::{exact, recorded};

use super::*;
use crate::store::disk::AppendFile;

/// A file in memory.
#[derive(Debug, Default)]
struct Memory(Mutex<Vec<u8>>);

impl Memory {
    fn of(bytes: &[u8]) -> Arc<Self> {
        Arc::new(Self(Mutex::new(bytes.to_vec())))
    }

    fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

impl AppendFile for Memory {
    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

impl ReadFile for Memory {
    fn length(&self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let bytes = self.0.lock().unwrap();
        let start = usize::try_from(offset).unwrap();
        let found = bytes.get(start..start + buffer.len());
        buffer.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

/// The metadata of a container in tests.
fn metadata(name: &str) -> Vec<u8> {
    format!(r#"{{"id":"{name}","aliases":["box"],"paths":["/docker/{name}"]}}"#).into_bytes()
}

/// A segment of these points, in which each container has something of everything.
fn written(points: &[DataPoint], most: usize) -> (Vec<u8>, Finished) {
    let memory = Memory::default();
    let seconds = points.first().map_or(5, |point| point.interval().seconds());
    let mut writer = SegmentWriter::new(&memory, seconds, most);
    for container in points.chunk_by(|left, right| left.name() == right.name()) {
        let name = container[0].shared_name();
        writer.container(name, &metadata(name), Some(b"tail")).unwrap();
        for point in container {
            writer.point(point).unwrap();
        }
        writer.event(7, b"began").unwrap();
        writer.event(9, b"ended").unwrap();
        writer.superseding();
    }
    let finished = writer.finish().unwrap();
    (memory.bytes(), finished)
}

fn open(bytes: &[u8]) -> Result<Segment, Damage> {
    Segment::of(Memory::of(bytes))
}

/// All readable points, and the damage of the others.
fn read(segment: &Segment) -> (Vec<DataPoint>, Vec<Damage>) {
    let (mut points, mut damages) = (Vec::new(), Vec::new());
    let mut scratch = Scratch::default();
    for listing in segment.all() {
        let name = listing.name().into();
        for block in segment.blocks(&listing) {
            let read = segment.read(block, &name, &(0..u64::MAX), &mut scratch, &mut points);
            damages.extend(read.err());
        }
    }
    (points, damages)
}
