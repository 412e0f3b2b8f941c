//! Records that are packed together: those of one poll say much alike of many containers.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

/// What is shorter gains too little, and what is longer would take too much memory at once.
const WORTH: std::ops::RangeInclusive<usize> = 1 << 9..=MOST;
const MOST: usize = 16 << 20;

/// The same in fewer bytes, if that is worth it.
pub(super) fn pack(records: &[u8]) -> Option<Vec<u8>> {
    if !WORTH.contains(&records.len()) {
        return None;
    }
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(records).ok()?;
    let packed = encoder.finish().ok()?;
    (packed.len() < records.len() / 8 * 7).then_some(packed)
}

pub(super) fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let mut records = Vec::new();
    let mut decoder = DeflateDecoder::new(packed).take(MOST as u64 + 1);
    decoder.read_to_end(&mut records).ok()?;
    (records.len() <= MOST).then_some(records)
}
