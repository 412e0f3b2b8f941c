//! Bytes that are deflated, without header or trailer (RFC 1951).

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

/// More than any writer makes of what it packs.
pub(super) const MOST_UNPACKED: usize = 16 << 20;

pub(super) fn pack(bytes: &[u8], level: Compression) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), level);
    // Nothing fails where the packed bytes go to memory.
    encoder.write_all(bytes).and_then(|()| encoder.finish()).unwrap_or_default()
}

/// `None` where the bytes are none that were packed.
pub(super) fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut decoder = DeflateDecoder::new(packed).take(MOST_UNPACKED as u64 + 1);
    decoder.read_to_end(&mut bytes).ok()?;
    (bytes.len() <= MOST_UNPACKED).then_some(bytes)
}
