//! A tail as bytes: in a segment with the names of the metrics that its samples are of, and in a
//! log, which has told them, without.

use std::sync::Arc;

use super::bytes::{Bytes, put_bytes, put_varint};
use super::point_rows::MetricTable;
use super::raw::{pack, translated_piece};
use super::tail::{Tail, TailHeader};
use crate::sample::metrics_of;
use crate::series::Chunk;

/// A tail as a segment holds it: in one piece, of the samples that matter.
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

/// The tail that these bytes of a segment are, if any.
pub(super) fn read(bytes: &[u8]) -> Option<Tail> {
    let mut bytes = Bytes(bytes);
    let table = MetricTable::read(&mut bytes)?;
    read_content(&mut bytes, &table)
}

/// Appends a tail without the names of metrics.
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

/// The tail that comes next, whose metrics have the places of this table.
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
