//! Metadata and events of the containers of a segment.

use super::{DamageKind, Event, NAME_PLACEHOLDER};
use crate::store::bytes::{Bytes, put_bytes, put_varint};
use crate::store::deflate::unpack;

/// The metadata of a container, as it is stored.
#[derive(Debug)]
pub(super) struct StoredMetadata {
    is_short: bool,
    bytes: Vec<u8>,
}

impl StoredMetadata {
    /// The metadata, with the container's name in place of each placeholder.
    pub(super) fn of(&self, name: &str) -> Vec<u8> {
        if !self.is_short {
            return self.bytes.clone();
        }
        let parts: Vec<_> = self.bytes.split(|byte| *byte == NAME_PLACEHOLDER).collect();
        parts.join(name.as_bytes())
    }
}

/// Decodes a group: the number of its first container, and the metadata of all.
pub(super) fn read_metadata_group(
    content: &[u8],
) -> Result<(usize, Vec<StoredMetadata>), DamageKind> {
    let mut content = Bytes(content);
    let first = content.varint().and_then(|first| usize::try_from(first).ok());
    let first = first.ok_or(DamageKind::Malformed)?;
    let unpacked = unpack(content.0).ok_or(DamageKind::Malformed)?;
    let mut bytes = Bytes(&unpacked);
    let mut group_metadata = Vec::new();
    while !bytes.is_empty() {
        let (is_short, metadata) = (bytes.varint(), bytes.bytes());
        let (Some(is_short), Some(metadata)) = (is_short, metadata) else {
            return Err(DamageKind::Malformed);
        };
        group_metadata.push(StoredMetadata { is_short: is_short == 1, bytes: metadata.to_vec() });
    }
    Ok((first, group_metadata))
}

pub(super) fn read_events(bytes: &[u8]) -> Option<Vec<Event>> {
    let (mut bytes, mut events, mut time) = (Bytes(bytes), Vec::new(), 0_u64);
    while !bytes.is_empty() {
        time = time.checked_add(bytes.varint()?)?;
        events.push((time, bytes.bytes()?.to_vec()));
    }
    Some(events)
}

/// Appends the metadata of a container, in which [`NAME_PLACEHOLDER`] replaces its name, unless it
/// is not text.
pub(super) fn put_metadata(group_metadata: &mut Vec<u8>, name: &str, metadata: &[u8]) {
    let text = std::str::from_utf8(metadata).ok().filter(|_| name.len() >= 4);
    let Some(text) = text else {
        put_varint(group_metadata, 0);
        put_bytes(group_metadata, metadata);
        return;
    };
    let mut short = Vec::with_capacity(text.len());
    for (index, part) in text.split(name).enumerate() {
        short.extend((index > 0).then_some(NAME_PLACEHOLDER));
        short.extend_from_slice(part.as_bytes());
    }
    put_varint(group_metadata, 1);
    put_bytes(group_metadata, &short);
}
