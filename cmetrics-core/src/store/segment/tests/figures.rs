//! The size and speed of segments: `cargo test --release figures -- --ignored --nocapture`, with
//! the folder of recordings in `CMETRICS_RECORDED` for others than the ones in the repository.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::points::{figures_only, grown};
use super::*;
use crate::settings::Settings;

fn recordings() -> PathBuf {
    let here = || Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/recorded");
    std::env::var_os("CMETRICS_RECORDED").map_or_else(here, PathBuf::from)
}

/// A segment of these points with metadata, and without tails.
fn segment_of(points: &[DataPoint], most: usize) -> Vec<u8> {
    let memory = Memory::default();
    let mut writer = SegmentWriter::new(&memory, 5, most);
    for container in points.chunk_by(|left, right| left.name() == right.name()) {
        let name = container[0].shared_name();
        writer.container(name, &metadata(name), None).unwrap();
        for point in container {
            writer.point(point).unwrap();
        }
    }
    writer.finish().unwrap();
    memory.bytes()
}

#[expect(clippy::cast_precision_loss, reason = "for show")]
fn per(bytes: usize, points: usize) -> f64 {
    bytes as f64 / points as f64
}

fn by_kind(bytes: &[u8]) -> BTreeMap<u8, usize> {
    let mut sums = BTreeMap::new();
    let mut at = MAGIC.len();
    while let Some((kind, length)) = frame::peek(&bytes[at..bytes.len() - FOOTER]) {
        *sums.entry(kind as u8).or_default() += length;
        at += length;
    }
    sums
}

#[test]
#[ignore = "prints figures"]
fn figures_of_recordings() {
    for set in ["steady-1s", "dynamic", "v060-1s", "v060-oom"] {
        let points = recorded(&recordings().join(set), Settings::default());
        for most in [1, 8, 80, 720] {
            show(&format!("{set}, blocks of {most}"), points.len(), &segment_of(&points, most));
        }
        let told = figures_only(&points);
        show(&format!("{set}, figures alone"), points.len(), &segment_of(&told, 720));
    }
}

fn show(what: &str, points: usize, bytes: &[u8]) {
    print!("{what}: {points} points, {:.2} bytes each:", per(bytes.len(), points));
    for (kind, sum) in by_kind(bytes) {
        print!(" {kind:x} {:.2}", per(sum, points));
    }
    println!();
}

#[test]
#[ignore = "prints figures"]
fn figures_of_long_histories() {
    const TIMES: usize = 10;
    for (set, count, containers) in
        [("v060-1s", 8, 2000), ("v060-1s", 80, 200), ("v060-1s", 720, 50), ("steady-1s", 720, 50)]
    {
        let points =
            grown(&recorded(&recordings().join(set), Settings::default()), containers, count);
        let timed = || {
            let start = Instant::now();
            segment_of(&points, count);
            start.elapsed()
        };
        let wrote = (0..TIMES).map(|_| timed()).min().unwrap();
        let bytes = segment_of(&points, count);
        let segment = open(&bytes).unwrap();
        let (mut scratch, mut read) = (Scratch::default(), Vec::new());
        let mut sum = Duration::ZERO;
        for listing in segment.all() {
            let name = listing.name().into();
            let block = segment.blocks(&listing).next().unwrap();
            let timed = |_| {
                read.clear();
                let start = Instant::now();
                segment.read(block, &name, &(0..u64::MAX), &mut scratch, &mut read).unwrap();
                start.elapsed()
            };
            sum += (0..TIMES).map(timed).min().unwrap();
        }
        let each = sum / u32::try_from(containers).unwrap();
        show(&format!("{set}, {containers} x {count}"), points.len(), &bytes);
        let wrote = wrote / u32::try_from(points.len()).unwrap();
        println!("  {wrote:?} a point written, {each:?} a block read");
    }
}
