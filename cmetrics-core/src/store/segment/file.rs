//! Reads the file of a segment, frame by frame.

use std::sync::Arc;

use super::frame::{self, Kind};
use super::index::FramePlace;
use super::{Damage, DamageKind, FOOTER, MAGIC, MAGIC_2, MAGIC_3, Part, damage};
use crate::store::bytes::Bytes;
use crate::store::disk::ReadFile;

/// A file whose length is known.
pub(super) struct File {
    pub(super) inner: Arc<dyn ReadFile>,
    length: u64,
}

impl File {
    pub(super) fn open(file: Arc<dyn ReadFile>) -> Result<Self, Damage> {
        let cut = damage(FramePlace::default(), Part::Footer, DamageKind::Truncated);
        match file.length() {
            Ok(length) => Ok(Self { inner: file, length }),
            Err(cause) => Err(Damage { kind: DamageKind::Io(cause), ..cut }),
        }
    }

    /// The place of the index, from the footer.
    pub(super) fn index(&self) -> Result<FramePlace, Damage> {
        let length = self.length;
        let whole = |length: u64| Damage {
            length,
            ..damage(FramePlace::default(), Part::Footer, DamageKind::Truncated)
        };
        let offset = length.checked_sub(FOOTER as u64).ok_or_else(|| whole(length))?;
        let place = FramePlace { offset, length: 24 };
        let wrong = |wrong| damage(place, Part::Footer, wrong);
        let mut footer = [0; FOOTER];
        self.inner.read_at(&mut footer, offset).map_err(|cause| wrong(DamageKind::Io(cause)))?;
        let mut bytes = Bytes(&footer);
        let (index, file) = (bytes.u32(), bytes.u64());
        let (magic, sum) = (bytes.take(MAGIC.len()), bytes.u32());
        let (Some(index), Some(file), Some(magic), Some(sum)) = (index, file, magic, sum) else {
            return Err(wrong(DamageKind::Truncated));
        };
        let checked = footer.get(..FOOTER - frame::CHECKSUM).unwrap_or_default();
        if sum != frame::checksum(checked) {
            return Err(wrong(DamageKind::Checksum));
        }
        if ![MAGIC, MAGIC_2, MAGIC_3].iter().any(|known| magic == known) {
            let is_kin = magic.starts_with(MAGIC.get(..7).unwrap_or_default());
            return Err(wrong(if is_kin { DamageKind::Newer } else { DamageKind::Malformed }));
        }
        let start = offset.checked_sub(index.into()).filter(|_| file == length);
        let start = start.ok_or_else(|| wrong(DamageKind::Malformed))?;
        Ok(FramePlace { offset: start, length: index })
    }

    /// Reads a frame, and returns its content.
    pub(super) fn frame<'b>(
        &self,
        place: FramePlace,
        kind: Kind,
        bytes: &'b mut Vec<u8>,
    ) -> Result<&'b [u8], Damage> {
        let wrong = |wrong| damage(place, kind.part(), wrong);
        if place.end() > self.length {
            return Err(wrong(DamageKind::Truncated));
        }
        bytes.clear();
        bytes.resize(place.length as usize, 0);
        self.inner.read_at(bytes, place.offset).map_err(|cause| wrong(DamageKind::Io(cause)))?;
        frame::content(bytes, kind).map_err(wrong)
    }
}
