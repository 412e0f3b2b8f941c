//! Damaged logs.

#![expect(clippy::single_range_in_vec_init, reason = "lists of ranges are meant")]

use std::ops::Range;

use super::super::format::FrameCodec;
use super::*;

fn failure(bytes: &[u8]) -> io::Error {
    let disk = Simulated::new();
    disk.put(NAME, bytes.to_vec());
    try_read(&disk, None).unwrap_err()
}

#[test]
fn of_a_log_that_is_cut_anywhere_all_whole_batches_are_read() {
    let batches = some_batches();
    let (bytes, places) = log_of(&batches);
    for cut in 0..bytes.len() {
        let cut_log = &bytes[..cut];
        if cut < LOG_HEADER {
            assert_eq!(failure(cut_log).kind(), io::ErrorKind::UnexpectedEof, "cut at {cut}");
            continue;
        }
        let whole = places.partition_point(|place| *place <= cut as u64) - 1;
        let (found, end) = read(cut_log);
        assert_eq!(found, with(&batches[..whole], &places), "cut at {cut}");
        assert_eq!(end.length, places[whole]);
        assert_eq!(end.damage, []);
        let torn = end.length..cut as u64;
        assert_eq!(end.torn, (!torn.is_empty()).then_some(torn), "cut at {cut}");
    }
}

#[test]
fn whatever_byte_is_changed_no_batch_is_wrong() {
    let batches = some_batches();
    let (bytes, places) = log_of(&batches);
    let all = with(&batches, &places);
    for (place, change) in
        (0..bytes.len()).flat_map(|place| [1, 0x20, 0x80, 0xff].map(|c| (place, c)))
    {
        let mut changed = bytes.clone();
        changed[place] ^= change;
        if place < LOG_HEADER {
            assert_eq!(failure(&changed).kind(), io::ErrorKind::InvalidData, "byte {place}");
            continue;
        }
        let hit = places.partition_point(|start| *start <= place as u64) - 1;
        let mut rest = all.clone();
        rest.remove(hit);
        let (found, end) = read(&changed);
        assert_eq!(found, rest, "byte {place}");
        let range = places[hit]..places[hit + 1];
        if hit + 1 == batches.len() {
            assert_eq!((end.torn, end.damage), (Some(range.clone()), vec![]), "byte {place}");
            assert_eq!(end.length, range.start);
        } else {
            assert_eq!((end.torn, end.damage), (None, vec![range]), "byte {place}");
            assert_eq!(end.length, bytes.len() as u64);
        }
    }
}

#[test]
fn a_header_that_cannot_be_read_says_so() {
    let (bytes, _) = log_of(&some_batches());
    assert_eq!(failure(&[]).to_string(), "the file ends within its header");
    assert_eq!(failure(&[0; 100]).to_string(), "its header is damaged");
    let mut newer = bytes.clone();
    newer[8] = 2;
    assert_eq!(failure(&newer).to_string(), "its header is damaged");
    let check = crc32c::crc32c(&newer[..LOG_HEADER - 4]).rotate_right(15).wrapping_add(0xa282_ead8);
    newer[LOG_HEADER - 4..LOG_HEADER].copy_from_slice(&check.to_le_bytes());
    let error = failure(&newer);
    assert_eq!(error.kind(), io::ErrorKind::Unsupported);
    assert!(error.to_string().contains("format 2"), "{error}");
}

#[test]
fn zeros_and_junk_behind_the_last_batch_are_torn() {
    let batches = some_batches();
    let (bytes, places) = log_of(&batches);
    for junk in
        [vec![0; 1], vec![0; 600_000], FRAME_MAGIC.repeat(100_000), Rng::new(3).bytes(99_999)]
    {
        let (found, end) = read(&[bytes.as_slice(), &junk].concat());
        assert_eq!(found, with(&batches, &places));
        assert_eq!(end.length, bytes.len() as u64);
        assert_eq!(end.torn, Some(end.length..end.length + junk.len() as u64));
        assert_eq!(end.damage, []);
    }
}

#[test]
fn frames_of_another_log_and_of_another_place_are_none_of_this_one() {
    let batches = some_batches();
    let (bytes, places) = log_of(&batches);
    let disk = Simulated::new();
    let mut other = LogWriter::create(&disk, 7, SALT + 1, None).unwrap();
    for batch in batches.iter().chain(&batches) {
        other.append(batch).unwrap();
    }
    let other = disk.bytes(NAME).unwrap();
    for behind in [&other[bytes.len()..], &other, &bytes, &bytes[LOG_HEADER..]] {
        let (found, end) = read(&[&bytes, behind].concat());
        assert_eq!(found, with(&batches, &places));
        assert_eq!(end.torn, Some(end.length..end.length + behind.len() as u64));
        assert_eq!(end.damage, []);
    }
    // As a payload, complete or not, and behind damage.
    let outer =
        vec![b"a".to_vec(), bytes.clone(), other[..other.len() - 1].to_vec(), b"b".to_vec()];
    let (mut bytes, places) = log_of(&outer);
    assert_eq!(read(&bytes).0, with(&outer, &places));
    let inside = usize::try_from(places[1]).unwrap();
    bytes[inside] ^= 1;
    let (found, end) = read(&bytes);
    assert_eq!(
        found.iter().map(|(place, _)| *place).collect::<Vec<_>>(),
        [places[0], places[2], places[3]]
    );
    assert_eq!(end.damage, vec![places[1]..places[2]]);
}

/// The outcome for the log of `long_batches` after a byte of some of its five frames was changed,
/// truncated to `there` frames: the batches that are read, the torn bytes and the damage, by frame.
fn outcome(
    changed: &[usize],
    there: usize,
) -> (Vec<usize>, Option<Range<usize>>, Vec<Range<usize>>) {
    let (batches, frames) = long_batches();
    let (mut bytes, places) = log_of(&batches);
    for frame in changed {
        let place = usize::try_from(frames[*frame]).unwrap() + FRAME_HEADER + 2;
        bytes[place] ^= 1;
    }
    bytes.truncate(usize::try_from(frames[there]).unwrap());
    let (found, end) = read(&bytes);
    let number = |place: u64| frames.iter().position(|frame| *frame == place).unwrap();
    let range = |range: Range<u64>| number(range.start)..number(range.end);
    let indices = found.into_iter().map(|(place, batch)| {
        let index = places.iter().position(|start| *start == place).unwrap();
        assert!(batch == batches[index]);
        index
    });
    let indices: Vec<_> = indices.collect();
    let length = indices.last().map_or(frames[0], |last| places[last + 1]);
    assert_eq!(end.length, length);
    (indices, end.torn.map(range), end.damage.into_iter().map(range).collect())
}

#[test]
fn a_batch_of_several_frames_is_there_whole_or_not_at_all() {
    // Frames: 0; 1, 2 and 3; 4.
    assert_eq!(outcome(&[], 5), (vec![0, 1, 2], None, vec![]));
    assert_eq!(outcome(&[], 4), (vec![0, 1], None, vec![]));
    assert_eq!(outcome(&[], 3), (vec![0], Some(1..3), vec![]));
    assert_eq!(outcome(&[], 2), (vec![0], Some(1..2), vec![]));
    for frame in 1..=3 {
        assert_eq!(outcome(&[frame], 5), (vec![0, 2], None, vec![1..4]), "frame {frame}");
    }
    assert_eq!(outcome(&[1, 2, 3], 5), (vec![0, 2], None, vec![1..4]));
    assert_eq!(outcome(&[0], 5), (vec![1, 2], None, vec![0..1]));
    assert_eq!(outcome(&[0, 2], 5), (vec![2], None, vec![0..1, 1..4]));
    assert_eq!(outcome(&[0, 1], 5), (vec![2], None, vec![0..4]));
}

#[test]
fn what_is_bad_is_torn_if_no_frame_is_behind_it_and_damage_if_one_is() {
    assert_eq!(outcome(&[4], 5), (vec![0, 1], Some(4..5), vec![]));
    assert_eq!(outcome(&[3], 4), (vec![0], Some(1..4), vec![]));
    assert_eq!(outcome(&[3, 4], 5), (vec![0], Some(1..5), vec![]));
    assert_eq!(outcome(&[2], 4), (vec![0], None, vec![1..4]));
    assert_eq!(outcome(&[1], 3), (vec![0], None, vec![1..3]));
    assert_eq!(outcome(&[1, 3], 4), (vec![0], Some(3..4), vec![1..3]));
    assert_eq!(outcome(&[0], 1), (vec![], Some(0..1), vec![]));
    assert_eq!(outcome(&[0], 3), (vec![], Some(1..3), vec![0..1]));
    assert_eq!(outcome(&[0, 1, 2, 3, 4], 5), (vec![], Some(0..5), vec![]));
}

#[test]
fn a_batch_that_is_damaged_does_not_count_in_the_checksum() {
    let (batches, frames) = long_batches();
    let (bytes, _) = log_of(&batches);
    let checksums = [1, 2, 3].map(|frame: usize| {
        let mut bytes = bytes.clone();
        bytes[usize::try_from(frames[frame]).unwrap()] ^= 1;
        read(&bytes).1.checksum
    });
    assert_eq!(checksums[0], checksums[1]);
    assert_eq!(checksums[0], checksums[2]);
    assert_ne!(checksums[0], read(&bytes).1.checksum);
}

#[test]
fn a_batch_that_another_begins_within_is_damaged() {
    let (mut bytes, _) = log_of(&[]);
    let mut places = vec![];
    for (first, last) in [(false, true), (true, false), (true, true), (true, false), (false, false)]
    {
        let place = bytes.len() as u64;
        places.push(place);
        bytes.extend(FrameCodec::new(SALT).header(place, first, last, b"some").0);
        bytes.extend(b"some");
    }
    let (found, end) = read(&bytes);
    assert_eq!(found, [(places[2], b"some".to_vec())]);
    assert_eq!(end.damage, [places[0]..places[1], places[1]..places[2]]);
    assert_eq!(end.torn, Some(places[3]..bytes.len() as u64));
}

#[test]
fn a_frame_behind_damage_is_found_wherever_it_begins() {
    // What is read at once ends about there.
    const AT_ONCE: usize = 256 << 10;
    for length in AT_ONCE - FRAME_HEADER - 6..AT_ONCE - FRAME_HEADER + 6 {
        let batches = [vec![0; length], b"found".to_vec()];
        let (mut bytes, places) = log_of(&batches);
        bytes[LOG_HEADER] ^= 1;
        let (found, end) = read(&bytes);
        assert_eq!(found, [(places[1], b"found".to_vec())]);
        assert_eq!(end.damage, [places[0]..places[1]]);
    }
}
