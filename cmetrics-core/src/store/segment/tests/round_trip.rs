//! What was written is read back.

use std::path::Path;

use proptest::prelude::*;

use super::points::{any_points, figures_only};
use super::*;
use crate::metric::MetricSet;
use crate::settings::Settings;

fn assert_returns(points: &[DataPoint], most: usize) {
    let (bytes, finished) = written(points, most);
    let mut crc = flate2::Crc::new();
    crc.update(&bytes);
    assert_eq!((finished.bytes, finished.checksum), (bytes.len() as u64, crc.sum()));
    assert_eq!(finished.points, points.len() as u64);
    let segment = open(&bytes).unwrap();
    let (read, damages) = read(&segment);
    assert!(damages.is_empty(), "{damages:?}");
    assert_eq!(read.len(), points.len());
    for (read, point) in read.iter().zip(points) {
        assert_eq!(exact(read), exact(point));
    }
    for listing in segment.all() {
        let container = listing.container;
        let name = listing.name();
        assert_eq!(segment.metadata(container).unwrap(), metadata(name));
        assert_eq!(segment.tail(container).unwrap().as_deref(), Some(&b"tail"[..]));
        let events = segment.events(container).unwrap();
        assert_eq!(events, [(7, b"began".to_vec()), (9, b"ended".to_vec())]);
        assert!(listing.is_superseding());
        let own = points.iter().filter(|point| point.name() == name);
        let starts: Vec<_> = own.map(|point| point.interval().start()).collect();
        let blocks: Vec<_> = segment.blocks(&listing).collect();
        assert!(blocks.iter().all(|block| block.count as usize <= most));
        assert_eq!(blocks.iter().map(|block| block.count as usize).sum::<usize>(), starts.len());
        assert_eq!(blocks.first().map(|block| block.first), starts.first().copied());
        assert_eq!(blocks.last().map(|block| block.end), starts.last().map(|start| start + 5));
    }
    assert!(segment.listing(segment.containers()).unwrap().is_none());
    segment.verify(&crate::Cancel::default(), |damage| panic!("{damage}"));
    let salvaged = Segment::salvage(&*Memory::of(&bytes));
    assert!(salvaged.damages.is_empty(), "{:?}", salvaged.damages);
    let found = salvaged.containers.values().flat_map(|found| &found.points);
    assert!(found.map(exact).eq(points.iter().map(exact)));
}

proptest! {
    #[test]
    fn points_come_back_bit_for_bit(points in any_points(), most in 1_usize..9) {
        assert_returns(&points, most);
    }
}

#[test]
fn points_of_every_recording_come_back_bit_for_bit() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/recorded");
    for set in ["steady-1s", "dynamic", "v060-1s", "v060-oom"] {
        let all = Settings::default().with_metrics(MetricSet::all());
        for settings in [Settings::default(), all] {
            let points = recorded(&folder.join(set), settings);
            assert!(points.len() > 100);
            assert_returns(&points, 8);
            assert_returns(&points, 720);
        }
    }
}

#[test]
fn points_of_figures_alone_take_hardly_more_than_exact_ones() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/recorded");
    let version = |bytes: &[u8]| bytes[bytes.len() - 5];
    for set in ["steady-1s", "dynamic", "v060-1s", "v060-oom"] {
        let points = recorded(&folder.join(set), Settings::default());
        let by_figures = figures_only(&points);
        assert!(by_figures.iter().all(|point| !point.is_exact()));
        assert_returns(&by_figures, 720);
        let (exact, figures) = (written(&points, 720).0, written(&by_figures, 720).0);
        assert!(figures.len() * 10 < exact.len() * 11, "{} {}", figures.len(), exact.len());
        let [exact, figures] = [&points, &by_figures].map(|points| alone(points));
        assert_eq!((version(&exact), version(&figures)), (1, 2));
    }
}

/// A segment of nothing but these points.
fn alone(points: &[DataPoint]) -> Vec<u8> {
    let memory = Memory::default();
    let mut writer = SegmentWriter::new(&memory, 5, 720);
    for container in points.chunk_by(|left, right| left.name() == right.name()) {
        writer.container(container[0].shared_name(), b"", None).unwrap();
        for point in container {
            writer.point(point).unwrap();
        }
    }
    writer.finish().unwrap();
    memory.bytes()
}

#[test]
fn events_and_tails_are_read_of_groups_and_where_they_are_too_long_for_one_alone() {
    let long = vec![7; 100_000];
    let (mut events, mut tails) = (Vec::new(), Vec::new());
    let memory = Memory::default();
    let mut writer = SegmentWriter::new(&memory, 5, 8);
    for number in 0..300 {
        let tail = match number {
            40 => Some(&*long),
            _ if number % 7 == 0 => None,
            _ => Some(&long[..=number * 37 % 900]),
        };
        writer.container(&format!("{number:03}").into(), b"{}", tail).unwrap();
        let count = number % 5;
        for at in 0..count as u64 {
            let event = if number == 81 { &*long } else { b"event" };
            writer.event(at, event).unwrap();
        }
        events.push(count);
        tails.push(tail.map(<[u8]>::to_vec));
    }
    writer.finish().unwrap();
    let bytes = memory.bytes();
    assert!(bytes.len() < 20_000 + 2 * long.len(), "{}", bytes.len());
    let segment = open(&bytes).unwrap();
    assert_eq!(bytes[bytes.len() - 5], 3);
    assert!(segment.index.extras.len() > 3);
    segment.verify(&crate::Cancel::default(), |damage| panic!("{damage}"));
    let salvaged = Segment::salvage(&*Memory::of(&bytes));
    assert_eq!(salvaged.damages.len(), 0);
    for (number, (events, tail)) in events.iter().zip(&tails).enumerate().rev() {
        assert_eq!(segment.events(number).unwrap().len(), *events, "{number}");
        assert_eq!(segment.tail(number).unwrap(), *tail, "{number}");
        let listing = segment.listing(number).unwrap().unwrap();
        assert_eq!(listing.has_tail(), tail.is_some());
        let kept = &salvaged.containers[listing.name()];
        assert_eq!((kept.events.len(), &kept.tail), (*events, tail));
    }
}

#[test]
fn a_segment_of_a_later_version_is_left_alone() {
    let mut bytes = written(&[], 8).0;
    let footer = bytes.len() - FOOTER;
    bytes[footer + 19] = 4;
    let sum = frame::checksum(&bytes[footer..footer + 20]);
    bytes[footer + 20..].copy_from_slice(&sum.to_le_bytes());
    let damage = open(&bytes).unwrap_err();
    assert!(matches!(damage.kind, DamageKind::Newer), "{damage}");
}

#[test]
fn a_segment_lists_its_metrics_and_their_first_intervals() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/recorded/dynamic");
    let points = recorded(&folder, Settings::default());
    let segment = open(&written(&points, 100).0).unwrap();
    let mut listed = MetricSet::default();
    for (metric, since) in segment.columns() {
        listed.insert(metric);
        let has = |point: &&DataPoint| point.figures().present().contains(metric);
        let first = points.iter().filter(has).map(|point| point.interval().start()).min();
        assert_eq!(Some(since), first);
    }
    let all = points.iter().map(|point| point.figures().present());
    assert_eq!(listed, all.fold(MetricSet::default(), MetricSet::union));
}

#[test]
fn a_segment_of_nothing_is_one() {
    let (bytes, finished) = written(&[], 8);
    assert_eq!((finished.first, finished.end, finished.points), (0, 0, 0));
    let segment = open(&bytes).unwrap();
    assert_eq!((segment.containers(), segment.interval_seconds()), (0, 5));
    segment.verify(&crate::Cancel::default(), |damage| panic!("{damage}"));
}

#[test]
fn a_container_without_points_keeps_the_rest() {
    let memory = Memory::default();
    let mut writer = SegmentWriter::new(&memory, 5, 8);
    writer.container(&"a".into(), b"about", None).unwrap();
    writer.container(&"b".into(), b"", Some(b"tail")).unwrap();
    writer.finish().unwrap();
    let segment = open(&memory.bytes()).unwrap();
    assert_eq!(segment.metadata(0).unwrap(), b"about");
    assert_eq!(
        (segment.tail(0).unwrap(), segment.tail(1).unwrap()),
        (None, Some(b"tail".to_vec()))
    );
    let all = segment.all();
    assert_eq!((segment.blocks(&all[1]).len(), segment.events(0).unwrap().len()), (0, 0));
    assert!(!all[0].is_superseding());
}

#[test]
fn input_out_of_order_is_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/recorded/dynamic");
    let points = recorded(&folder, Settings::default());
    let memory = Memory::default();
    let mut writer = SegmentWriter::new(&memory, 5, 8);
    assert!(writer.point(&points[0]).is_err() && writer.event(1, b"").is_err());
    writer.container(&"b".into(), b"", None).unwrap();
    writer.event(5, b"").unwrap();
    assert!(writer.event(4, b"").is_err());
    writer.point(&points[1]).unwrap();
    assert!(writer.point(&points[1]).is_err() && writer.point(&points[0]).is_err());
    assert!(writer.container(&"b".into(), b"", None).is_err());
    let mut wide = SegmentWriter::new(&memory, 10, 8);
    wide.container(&"b".into(), b"", None).unwrap();
    assert!(wide.point(&points[0]).is_err());
}

#[test]
fn metrics_that_this_version_does_not_know_are_left_out() {
    use crate::metric::Metric::{DiskioRead, MemoryUsage};
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/recorded/dynamic");
    let points = recorded(&folder, Settings::default());
    let memory = Memory::default();
    let mut writer = SegmentWriter::new(&memory, 5, 50);
    writer.rename(MemoryUsage, "memory.dreamt_of");
    writer.rename(DiskioRead, "diskio.dreamt_of");
    for container in points.chunk_by(|left, right| left.name() == right.name()) {
        writer.container(container[0].shared_name(), b"", None).unwrap();
        for point in container {
            writer.point(point).unwrap();
        }
    }
    writer.finish().unwrap();
    let segment = open(&memory.bytes()).unwrap();
    assert!(segment.columns().all(|(metric, _)| metric != MemoryUsage && metric != DiskioRead));
    let (read, damages) = read(&segment);
    assert!(damages.is_empty() && read.len() == points.len());
    for (read, point) in read.iter().zip(&points) {
        assert_eq!((read.interval(), read.samples()), (point.interval(), point.samples()));
        for metric in point.figures().present().iter() {
            let is_known = metric != MemoryUsage && metric != DiskioRead;
            assert_eq!(read.value(metric), point.value(metric).filter(|_| is_known));
        }
    }
}
