//! The file of a segment, frame by frame.

use std::sync::Arc;

use super::frame::{self, Kind};
use super::index::Place;
use super::{Damage, FOOTER, MAGIC, MAGIC_2, Part, Wrong, damage};
use crate::store::bytes::Bytes;
use crate::store::disk::Stored;

/// A file whose length is known.
pub(super) struct File {
    pub(super) stored: Arc<dyn Stored>,
    length: u64,
}

impl File {
    pub(super) fn open(stored: Arc<dyn Stored>) -> Result<Self, Damage> {
        let cut = damage(Place::default(), Part::Footer, Wrong::Cut);
        match stored.length() {
            Ok(length) => Ok(Self { stored, length }),
            Err(cause) => Err(Damage { wrong: Wrong::Io(cause), ..cut }),
        }
    }

    /// Where the index lies.
    pub(super) fn index(&self) -> Result<Place, Damage> {
        let length = self.length;
        let whole =
            |length: u64| Damage { length, ..damage(Place::default(), Part::Footer, Wrong::Cut) };
        let offset = length.checked_sub(FOOTER as u64).ok_or_else(|| whole(length))?;
        let place = Place { offset, length: 24 };
        let wrong = |wrong| damage(place, Part::Footer, wrong);
        let mut footer = [0; FOOTER];
        self.stored.read_at(&mut footer, offset).map_err(|cause| wrong(Wrong::Io(cause)))?;
        let mut bytes = Bytes(&footer);
        let (index, file) = (bytes.u32(), bytes.u64());
        let (magic, sum) = (bytes.take(MAGIC.len()), bytes.u32());
        let (Some(index), Some(file), Some(magic), Some(sum)) = (index, file, magic, sum) else {
            return Err(wrong(Wrong::Cut));
        };
        let checked = footer.get(..FOOTER - frame::CHECKSUM).unwrap_or_default();
        if sum != frame::checksum(checked) {
            return Err(wrong(Wrong::Checksum));
        }
        if magic != MAGIC && magic != MAGIC_2 {
            let is_kin = magic.starts_with(MAGIC.get(..7).unwrap_or_default());
            return Err(wrong(if is_kin { Wrong::Newer } else { Wrong::Form }));
        }
        let start = offset.checked_sub(index.into()).filter(|_| file == length);
        let start = start.ok_or_else(|| wrong(Wrong::Form))?;
        Ok(Place { offset: start, length: index })
    }

    /// Reads a frame, and gives what lies in it.
    pub(super) fn frame<'b>(
        &self,
        place: Place,
        kind: Kind,
        bytes: &'b mut Vec<u8>,
    ) -> Result<&'b [u8], Damage> {
        let wrong = |wrong| damage(place, kind.part(), wrong);
        if place.end() > self.length {
            return Err(wrong(Wrong::Cut));
        }
        bytes.clear();
        bytes.resize(place.length as usize, 0);
        self.stored.read_at(bytes, place.offset).map_err(|cause| wrong(Wrong::Io(cause)))?;
        frame::content(bytes, kind).map_err(wrong)
    }
}
