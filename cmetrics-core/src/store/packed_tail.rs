//! Encodes tails: in a segment with a table of metric names, and in a log without, since the log
//! has its own table.

use std::collections::HashMap;
use std::sync::Arc;

use super::bytes::{Bytes, put_bytes, put_varint, unzigzag, zigzag};
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

/// Appends what was added to a tail without anchors: at most one piece, of which the log has the
/// beginning already, under a number. What most tails of a batch have in common comes first, which
/// compresses well.
pub(super) fn put_added(bytes: &mut Vec<u8>, header: &TailHeader, piece: Option<(u64, &[u8])>) {
    let TailHeader { newest, closed, open_from, base, .. } = *header;
    let step = |from: u64, to: u64| zigzag(to.wrapping_sub(from).cast_signed());
    let beginning = piece.map_or(0, |(beginning, _)| beginning + 1);
    for number in [step(closed, newest), open_from, beginning] {
        put_varint(bytes, number);
    }
    put_varint(bytes, step(open_from, newest));
    put_varint(bytes, step(base, open_from));
    if let Some((_, rest)) = piece {
        put_bytes(bytes, rest);
    }
}

/// Reads what was added to a tail, with the beginnings of pieces that the log has.
pub(super) fn read_added(
    bytes: &mut Bytes<'_>,
    beginnings: &HashMap<u64, Box<[u8]>>,
    table: &MetricTable,
) -> Option<Tail> {
    let mut number = || bytes.varint();
    let (lateness, open_from, beginning) = (number()?, number()?, number()?);
    let step = |number| unzigzag(number).cast_unsigned();
    let newest = open_from.wrapping_add(step(number()?));
    let base = open_from.wrapping_sub(step(number()?));
    let closed = newest.wrapping_sub(step(lateness));
    let mut pieces = Vec::new();
    if beginning > 0 {
        let beginning = &**beginnings.get(&(beginning - 1))?;
        pieces.push(translated_piece(&[beginning, bytes.bytes()?].concat(), table)?);
    }
    Some(Tail {
        pieces,
        header: TailHeader { newest, closed, open_from, base, anchors: Vec::new() },
    })
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
