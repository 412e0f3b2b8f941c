//! Damage is reported, and costs nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::*;
use crate::settings::Settings;

/// A few points of a few containers, also as a segment.
fn small() -> (Vec<DataPoint>, Vec<u8>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/recorded/dynamic");
    let points = recorded(&folder, Settings::default());
    let few: Vec<_> = points
        .chunk_by(|left, right| left.name() == right.name())
        .take(3)
        .flat_map(|points| points.iter().take(9).cloned())
        .collect();
    let bytes = written(&few, 4).0;
    (few, bytes)
}

type Parts = BTreeMap<(String, u64), String>;

fn parts(points: &[DataPoint]) -> Parts {
    let key = |point: &DataPoint| (point.name().to_owned(), point.interval().start());
    points.iter().map(|point| (key(point), exact(point))).collect()
}

/// Asserts that all points that are read are right, and returns their number.
fn assert_right(segment: &Segment, right: &Parts) -> usize {
    let (points, damages) = read(segment);
    let found = parts(&points);
    for (key, part) in &found {
        assert_eq!(right.get(key), Some(part));
    }
    let all = segment.all();
    let blocks = all.iter().flat_map(|listing| segment.blocks(listing));
    let counted: u64 = blocks.map(|block| u64::from(block.count)).sum();
    assert_eq!(found.len() as u64 == counted, damages.is_empty());
    for listing in all {
        let container = listing.container;
        assert!(
            segment.metadata(container).map_or(true, |found| found == metadata(listing.name()))
        );
        assert!(segment.tail(container).map_or(true, |tail| tail.as_deref() == Some(b"tail")));
        assert!(segment.events(container).map_or(true, |events| events.len() == 2));
    }
    found.len()
}

fn assert_salvages_right(bytes: &[u8], right: &Parts) -> usize {
    let salvaged = Segment::salvage(&*Memory::of(bytes));
    let points = salvaged.containers.values().flat_map(|found| found.points.iter().cloned());
    let found = parts(&points.collect::<Vec<_>>());
    for (key, part) in &found {
        assert_eq!(right.get(key), Some(part));
    }
    let length = bytes.len() as u64;
    assert!(salvaged.damages.iter().all(|damage| damage.offset + damage.length <= length));
    found.len()
}

#[test]
fn whatever_byte_is_changed_no_wrong_number_is_read_and_only_its_block_is_lost() {
    let (points, bytes) = small();
    let right = parts(&points);
    let mut lost = BTreeSet::new();
    for index in 0..bytes.len() {
        for change in [1, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[index] ^= change;
            match open(&changed) {
                Ok(segment) => {
                    let mut damages = Vec::new();
                    segment.verify(&crate::Cancel::default(), |damage| damages.push(damage));
                    let holds = |damage: &&Damage| {
                        let place = damage.offset..damage.offset + damage.length;
                        place.contains(&(index as u64))
                    };
                    let part = damages.iter().find(holds).unwrap().part;
                    let right = assert_right(&segment, &right);
                    if part != Part::Directory {
                        lost.insert(points.len() - right);
                        assert!(damages.iter().all(|damage| holds(&damage)));
                    }
                }
                Err(damage) => {
                    let place = damage.offset..damage.offset + damage.length;
                    assert!(place.contains(&(index as u64)));
                    let salvaged = assert_salvages_right(&changed, &right);
                    // Each is stored only once in such a short file.
                    if !matches!(damage.part, Part::Names | Part::Directory) {
                        assert_eq!(salvaged, points.len());
                    }
                }
            }
        }
    }
    // Blocks have four points, and a container's last block the rest.
    assert_eq!(lost.into_iter().collect::<Vec<_>>(), [0, 1, 2, 4]);
}

#[test]
fn wherever_a_segment_is_cut_no_wrong_number_is_read() {
    let (points, bytes) = small();
    let right = parts(&points);
    for length in 0..bytes.len() {
        assert!(open(&bytes[..length]).is_err());
        assert_salvages_right(&bytes[..length], &right);
        assert_salvages_right(&bytes[length..], &right);
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(open(&longer).is_err());
    assert_eq!(assert_salvages_right(&longer, &right), points.len());
}

#[test]
fn bytes_that_were_made_up_are_no_wrong_length_of_memory() {
    // With valid checksums, so that the code behind them is reached.
    let (_, bytes) = small();
    for kind in Kind::ALL {
        for byte in 0..=255 {
            for length in [1, 2, 7, 30] {
                let mut made = MAGIC.to_vec();
                let mut at = MAGIC.len();
                while let Some((_, length)) = frame::peek(&bytes[at..bytes.len() - FOOTER]) {
                    made.extend_from_slice(&bytes[at..at + length]);
                    at += length;
                }
                frame::put(&mut made, kind, &vec![byte; length]);
                Segment::salvage(&*Memory::of(&made));
                let start = made.len();
                frame::put(&mut made, Kind::Index, &vec![byte; length]);
                let index = u32::try_from(made.len() - start).unwrap();
                let mut footer = index.to_le_bytes().to_vec();
                footer.extend(((made.len() + FOOTER) as u64).to_le_bytes());
                footer.extend(MAGIC);
                footer.extend(frame::checksum(&footer).to_le_bytes());
                made.extend(footer);
                if let Ok(segment) = open(&made) {
                    read(&segment);
                    segment.verify(&crate::Cancel::default(), |_| ());
                }
            }
        }
    }
}

/// The frames of a segment, as [`fuzz::check`] takes them.
fn as_frames(bytes: &[u8]) -> Vec<u8> {
    let (mut frames, mut at) = (Vec::new(), MAGIC.len());
    while let Some((kind, length)) = frame::peek(&bytes[at..bytes.len() - FOOTER]) {
        let content = frame::content(&bytes[at..at + length], kind).unwrap();
        frames.push(kind as u8 - Kind::Points as u8);
        crate::store::bytes::put_bytes(&mut frames, content);
        at += length;
    }
    frames
}

#[test]
fn changed_frames_pass_the_checks_of_the_fuzzer() {
    let (_, bytes) = small();
    fuzz::check(&bytes);
    let frames = as_frames(&bytes);
    fuzz::check(&frames);
    for index in 0..frames.len() {
        for change in [1, 2, 4, 8, 16, 32, 64, 128, 255] {
            let mut changed = frames.clone();
            changed[index] ^= change;
            fuzz::check(&changed);
        }
        fuzz::check(&frames[..index]);
    }
}

#[test]
#[ignore = "writes what the fuzzer begins with"]
fn write_the_corpus() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/segment");
    std::fs::create_dir_all(&folder).unwrap();
    let (_, bytes) = small();
    std::fs::write(folder.join("file"), &bytes).unwrap();
    std::fs::write(folder.join("frames"), as_frames(&bytes)).unwrap();
}

#[test]
fn nothing_in_the_corpus_breaks_what_must_hold_of_any_bytes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/segment");
    let files: Vec<_> = std::fs::read_dir(folder).unwrap().map(Result::unwrap).collect();
    assert!(files.len() >= 2);
    for file in files {
        fuzz::check(&std::fs::read(file.path()).unwrap());
    }
}
