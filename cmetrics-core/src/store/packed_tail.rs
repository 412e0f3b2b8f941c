//! Encodes tails: in a segment with a table of metric names, and in a log without, since the log
//! has its own table.

use std::sync::Arc;

use super::bytes::{Bytes, put_bytes, put_varint};
use super::point_rows::MetricTable;
use super::raw::{pack, translated_piece};
use super::tail::{Tail, TailHeader};
use crate::sample::metrics_of;
use crate::series::Chunk;

/// Encodes a tail for a segment: in one piece, of the samples that are needed.
pub(super) fn put(tail: &Tail) -> Vec<u8> {
    let (mut bytes, chunk) = (Vec::new(), tail.chunk());
    let rows = chunk.iter().flat_map(Chunk::rows);
    MetricTable::put(&mut bytes, rows.flat_map(|row| metrics_of(row.layout)).collect());
    match chunk {
        Some(chunk) => put_content(&mut bytes, &tail.header, &[pack(&chunk)]),
        None => put_content(&mut bytes, &tail.header, &tail.pieces),
    }
    bytes
}

/// Decodes a tail of a segment.
pub(super) fn read(bytes: &[u8]) -> Option<Tail> {
    let mut bytes = Bytes(bytes);
    let table = MetricTable::read(&mut bytes)?;
    read_content(&mut bytes, &table)
}

/// Appends a tail without the table of metrics.
pub(super) fn put_content(bytes: &mut Vec<u8>, header: &TailHeader, pieces: &[Arc<[u8]>]) {
    let TailHeader { newest, closed, open_from, base, anchors } = header;
    for time in [newest, closed, open_from, base] {
        put_varint(bytes, *time);
    }
    put_varint(bytes, anchors.len() as u64);
    for time in anchors {
        put_varint(bytes, *time);
    }
    put_varint(bytes, pieces.len() as u64);
    for piece in pieces {
        put_bytes(bytes, piece);
    }
}

/// Reads the next tail, whose metrics are numbered by this table.
pub(super) fn read_content(bytes: &mut Bytes<'_>, table: &MetricTable) -> Option<Tail> {
    let mut time = || bytes.varint();
    let (newest, closed, open_from, base) = (time()?, time()?, time()?, time()?);
    let count = time()?;
    let anchors = (0..count).map(|_| time()).collect::<Option<_>>()?;
    let count = time()?;
    let piece = |_| translated_piece(bytes.bytes()?, table);
    let pieces = (0..count).map(piece).collect::<Option<_>>()?;
    Some(Tail { pieces, header: TailHeader { newest, closed, open_from, base, anchors } })
}
