//! A tail as a segment holds it: with the names of the metrics that its samples are of.

use super::bytes::{Bytes, put_bytes, put_varint};
use super::records::translated;
use super::row::Table;
use super::tail::{Marks, Tail};

/// A tail as bytes.
pub(super) fn put(tail: &Tail) -> Vec<u8> {
    let mut bytes = Vec::new();
    Table::put(&mut bytes, tail.metrics());
    let Marks { newest, closed, open_from, base, anchors } = &tail.marks;
    for time in [newest, closed, open_from, base] {
        put_varint(&mut bytes, *time);
    }
    put_varint(&mut bytes, anchors.len() as u64);
    for time in anchors {
        put_varint(&mut bytes, *time);
    }
    put_varint(&mut bytes, tail.pieces.len() as u64);
    for piece in &tail.pieces {
        put_bytes(&mut bytes, piece);
    }
    bytes
}

/// The tail that these bytes are, if any.
pub(super) fn read(bytes: &[u8]) -> Option<Tail> {
    let mut bytes = Bytes(bytes);
    let table = Table::read(&mut bytes)?;
    let mut time = || bytes.varint();
    let (newest, closed, open_from, base) = (time()?, time()?, time()?, time()?);
    let count = time()?;
    let anchors = (0..count).map(|_| time()).collect::<Option<_>>()?;
    let count = time()?;
    let own = table.is_own();
    let piece = |_| {
        let piece = bytes.bytes()?;
        if own { Some(piece.into()) } else { translated(piece, &table) }
    };
    let pieces = (0..count).map(piece).collect::<Option<_>>()?;
    Some(Tail { pieces, marks: Marks { newest, closed, open_from, base, anchors } })
}
