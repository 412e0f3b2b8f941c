//! The events and raw tails of several containers, compressed together: they are much alike.

use super::DamageKind;
use super::index::narrow;
use super::metadata::read_events;
use crate::store::bytes::{Bytes, put_bytes, put_varint};
use crate::store::deflate::{pack, unpack};

/// How many bytes end a group, so that little is unpacked to read one container. What is longer is
/// stored by itself.
pub(super) const LONG: usize = 32 << 10;

/// A group that is being written.
#[derive(Debug, Default)]
pub(super) struct ExtrasBuilder {
    /// The number of its first container.
    first: u64,
    bytes: Vec<u8>,
}

impl ExtrasBuilder {
    /// Adds what the next container has, if anything. A group begins with a container that has some.
    pub(super) fn add(&mut self, container: u64, events: &[u8], tail: &[u8]) {
        if self.bytes.is_empty() {
            if events.is_empty() && tail.is_empty() {
                return;
            }
            self.first = container;
        }
        put_bytes(&mut self.bytes, events);
        put_bytes(&mut self.bytes, tail);
    }

    pub(super) fn is_full(&self) -> bool {
        self.bytes.len() >= LONG
    }

    /// The content of the frame. `None` if there is nothing. Begins the next group.
    pub(super) fn take(&mut self) -> Option<Vec<u8>> {
        let Self { first, bytes } = std::mem::take(self);
        if bytes.is_empty() {
            return None;
        }
        let mut content = Vec::new();
        put_varint(&mut content, first);
        content.extend(pack(&bytes, flate2::Compression::default()));
        Some(content)
    }
}

/// A group that was read.
#[derive(Debug)]
pub(super) struct Extras {
    pub(super) first: usize,
    bytes: Vec<u8>,
}

impl Extras {
    pub(super) fn read(content: &[u8]) -> Result<Self, DamageKind> {
        let mut content = Bytes(content);
        let first = content.varint().and_then(narrow);
        let (first, bytes) = first.zip(unpack(content.0)).ok_or(DamageKind::Malformed)?;
        Ok(Self { first: first as usize, bytes })
    }

    /// Whether each container before `end` has its events, which can be read, and its tail.
    pub(super) fn is_valid(&self, end: u32) -> bool {
        let count = self.all().take_while(|(events, _)| read_events(events).is_some()).count();
        self.first as u64 + count as u64 == u64::from(end)
    }

    /// The events and the tail of each container; nothing behind bytes that are invalid.
    pub(super) fn all(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let mut bytes = Bytes(&self.bytes);
        std::iter::from_fn(move || Some((bytes.bytes()?, bytes.bytes()?)))
    }

    /// The events and the tail of a container.
    pub(super) fn of(&self, container: usize) -> Result<(&[u8], &[u8]), DamageKind> {
        let found = container.checked_sub(self.first).and_then(|index| self.all().nth(index));
        found.ok_or(DamageKind::Malformed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_lacks_no_container_and_its_numbers_have_bounds() {
        let mut builder = ExtrasBuilder::default();
        builder.add(6, b"", b"");
        for number in 7..10 {
            builder.add(number, b"", b"tail");
        }
        let content = builder.take().unwrap();
        let extras = Extras::read(&content).unwrap();
        assert!(extras.is_valid(10));
        assert!(!extras.is_valid(9) && !extras.is_valid(11));
        assert_eq!(extras.of(9).unwrap(), (&b""[..], &b"tail"[..]));
        assert!(extras.of(6).is_err() && extras.of(10).is_err());
        let mut huge = Vec::new();
        put_varint(&mut huge, u64::MAX);
        huge.extend_from_slice(&content[1..]);
        assert!(Extras::read(&huge).is_err());
    }
}
