//! The costs of opening a store of ten thousand containers and thirty days, and of keeping it open:
//! with as many blocks, pages and names as it would have, of two points a block.

use std::time::{Duration, Instant};

use super::super::disk::{Disk, Folder};
use super::super::manifest::{Manifest, SegmentEntry};
use super::super::sealed::segment_name;
use super::super::segment::SegmentWriter;
use super::points::START;
use super::*;
use crate::point::{Figures, Watched};
use crate::{Interval, Metric};

const CONTAINERS: u64 = 10_000;
const DAYS: u64 = 30;
const HOURS: u64 = 24;

fn name(container: u64) -> String {
    format!("{:064x}", u128::from(container + 1) << 90)
}

fn point(name: &Arc<str>, start: u64) -> DataPoint {
    let mut figures = Figures::default();
    figures.set_growth(Metric::CpuUsage, start % 1_000_003);
    let interval = Interval::new(start, start + 5).unwrap();
    let watched = Watched::Nanos(5_000_000_000);
    DataPoint::from_parts(
        Arc::clone(name),
        interval,
        Some(3),
        watched,
        figures,
        MetricSet::default(),
    )
}

fn segment(disk: &Folder, number: u64) -> SegmentEntry {
    let file = disk.create(&segment_name(number)).unwrap();
    let mut writer = SegmentWriter::new(&*file, 5, 2);
    for container in 0..CONTAINERS {
        let name = Arc::from(name(container));
        let about = format!(
            r#"{{"machine":"m","has_id":true,"aliases":["web-{container}","{name}"],"paths":["/kubepods/pod{container}/{name}"],"image":"registry/app:{}","first":{START}000000000,"last":{START}000000000}}"#,
            container % 100
        );
        writer.container(&name, about.as_bytes(), None).unwrap();
        for hour in 0..HOURS {
            let start = START + (number * HOURS + hour) * 3600;
            writer.point(&point(&name, start)).unwrap();
            writer.point(&point(&name, start + 3595)).unwrap();
        }
    }
    let done = writer.finish().unwrap();
    SegmentEntry {
        number,
        bytes: done.bytes,
        points: done.points,
        first: done.first,
        end: done.end,
        checksum: done.checksum,
        tails: false,
    }
}

fn resident() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    pages.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or_default() * 4096
}

#[test]
#[ignore = "prints figures"]
fn figures_of_a_month() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Folder::new(folder.path());
    let mut manifest = Manifest::new(5, 150, 180);
    manifest.segments = (0..DAYS).map(|day| segment(&disk, day)).collect();
    (manifest.next, manifest.first_log) = (DAYS, DAYS);
    manifest.closed = Some(Vec::new());
    manifest.write(&disk).unwrap();
    let before = resident();
    let start = Instant::now();
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    let opened = start.elapsed();
    let held = resident().saturating_sub(before) / 1_000_000;
    let files = std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
    println!("{DAYS} segments opened in {opened:?}; {held} MB; {files} descriptors of the process");
    let start = Instant::now();
    for container in (0..CONTAINERS).step_by(7) {
        assert_eq!(store.last(&name(container), Duration::from_secs(3600)).unwrap().len(), 2);
    }
    let each = start.elapsed() / u32::try_from(CONTAINERS / 7).unwrap();
    let held = resident().saturating_sub(before) / 1_000_000;
    println!("{each:?} for the last hour of each; {held} MB");
}
