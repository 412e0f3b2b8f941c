//! Raw deflate, without header or trailer (RFC 1951).

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

/// The most bytes that a packed record may unpack to. No writer packs more.
pub(super) const MOST_UNPACKED: usize = 16 << 20;

pub(super) fn pack(bytes: &[u8], level: Compression) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), level);
    // Writing to memory does not fail.
    encoder.write_all(bytes).and_then(|()| encoder.finish()).unwrap_or_default()
}

/// `None` where the bytes are not raw deflate, or unpack to more than [`MOST_UNPACKED`].
pub(super) fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut decoder = DeflateDecoder::new(packed).take(MOST_UNPACKED as u64 + 1);
    decoder.read_to_end(&mut bytes).ok()?;
    (bytes.len() <= MOST_UNPACKED).then_some(bytes)
}
