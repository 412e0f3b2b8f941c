//! The content of a file: as readers see it, and as it is synced.

use super::rng::Rng;

/// The size of an atomic write.
const BLOCK: usize = 512;

#[derive(Clone, Debug, Default)]
pub(super) struct Content {
    seen: Vec<u8>,
    durable: Vec<u8>,
    unsynced: Vec<Written>,
    /// Data whose sync failed. As on Linux, the disk takes it for written, so no later sync writes
    /// it.
    doubtful: Vec<Written>,
}

#[derive(Clone, Debug)]
struct Written {
    offset: usize,
    bytes: Vec<u8>,
}

impl Written {
    fn put(&self, into: &mut Vec<u8>) {
        let end = self.offset + self.bytes.len();
        if into.len() < end {
            into.resize(end, 0);
        }
        into[self.offset..end].copy_from_slice(&self.bytes);
    }

    /// Its parts by block of the disk.
    fn blocks(&self) -> Vec<Self> {
        let mut blocks = Vec::new();
        let (mut offset, mut rest) = (self.offset, self.bytes.as_slice());
        while !rest.is_empty() {
            let (block, later) = rest.split_at(rest.len().min(BLOCK - offset % BLOCK));
            blocks.push(Self { offset, bytes: block.to_vec() });
            offset += block.len();
            rest = later;
        }
        blocks
    }
}

impl Content {
    pub(super) fn durable_from_the_start(bytes: Vec<u8>) -> Self {
        Self { seen: bytes.clone(), durable: bytes, ..Self::default() }
    }

    pub(super) fn seen(&self) -> &[u8] {
        &self.seen
    }

    pub(super) fn append(&mut self, bytes: &[u8]) {
        self.unsynced.push(Written { offset: self.seen.len(), bytes: bytes.to_vec() });
        self.seen.extend(bytes);
    }

    pub(super) fn sync(&mut self) {
        for written in self.unsynced.drain(..) {
            written.put(&mut self.durable);
        }
    }

    pub(super) fn fail_to_sync(&mut self) {
        self.doubtful.append(&mut self.unsynced);
    }

    /// Truncates it, synced.
    pub(super) fn cut(&mut self, length: usize) {
        self.sync();
        self.seen.truncate(length);
        self.durable.truncate(length);
        for written in &mut self.doubtful {
            written.bytes.truncate(length.saturating_sub(written.offset));
        }
        self.doubtful.retain(|written| !written.bytes.is_empty());
    }

    /// The bytes as they may be after a loss of power: each unsynced block may be there or not, in
    /// any order. A missing block reads as zeros, or is cut off at the end.
    pub(super) fn after_power_cut(&self, rng: &mut Rng) -> Vec<u8> {
        let mut bytes = self.durable.clone();
        let blocks: Vec<_> =
            self.doubtful.iter().chain(&self.unsynced).flat_map(Written::blocks).collect();
        let first = rng.below(blocks.len() + 1);
        let outcome = rng.below(4);
        for (number, block) in blocks.iter().enumerate() {
            let is_kept = match outcome {
                0 => false,
                1 => true,
                2 => number < first,
                _ => rng.coin(),
            };
            if is_kept {
                block.put(&mut bytes);
            }
        }
        if rng.coin() && bytes.len() < self.seen.len() {
            let more = rng.below(self.seen.len() - bytes.len() + 1);
            bytes.resize(bytes.len() + more, 0);
        }
        bytes
    }
}
