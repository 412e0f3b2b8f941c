//! What a segment says of containers besides their points.

use super::{Event, NAME, Wrong};
use crate::store::bytes::{Bytes, put_bytes, put_varint};
use crate::store::deflated::unpack;

/// What names a container, as it is stored.
#[derive(Debug)]
pub(super) struct About {
    is_short: bool,
    bytes: Vec<u8>,
}

impl About {
    /// The same of a container of this name.
    pub(super) fn of(&self, name: &str) -> Vec<u8> {
        if !self.is_short {
            return self.bytes.clone();
        }
        let parts: Vec<_> = self.bytes.split(|byte| *byte == NAME).collect();
        parts.join(name.as_bytes())
    }
}

/// The first container of a group, and what names all of it.
pub(super) fn read_abouts(content: &[u8]) -> Result<(usize, Vec<About>), Wrong> {
    let mut content = Bytes(content);
    let first = content.varint().and_then(|first| usize::try_from(first).ok());
    let first = first.ok_or(Wrong::Form)?;
    let unpacked = unpack(content.0).ok_or(Wrong::Form)?;
    let mut bytes = Bytes(&unpacked);
    let mut abouts = Vec::new();
    while !bytes.is_empty() {
        let (is_short, about) = (bytes.varint(), bytes.bytes());
        let (Some(is_short), Some(about)) = (is_short, about) else { return Err(Wrong::Form) };
        abouts.push(About { is_short: is_short == 1, bytes: about.to_vec() });
    }
    Ok((first, abouts))
}

pub(super) fn read_events(bytes: &[u8]) -> Option<Vec<Event>> {
    let (mut bytes, mut events, mut time) = (Bytes(bytes), Vec::new(), 0_u64);
    while !bytes.is_empty() {
        time = time.checked_add(bytes.varint()?)?;
        events.push((time, bytes.bytes()?.to_vec()));
    }
    Some(events)
}

/// Appends what names a container, in which [`NAME`] stands for the name, unless it holds that
/// itself.
pub(super) fn put_about(abouts: &mut Vec<u8>, name: &str, about: &[u8]) {
    let text = std::str::from_utf8(about).ok().filter(|_| name.len() >= 4);
    let Some(text) = text else {
        put_varint(abouts, 0);
        put_bytes(abouts, about);
        return;
    };
    let mut short = Vec::with_capacity(text.len());
    for (index, part) in text.split(name).enumerate() {
        short.extend((index > 0).then_some(NAME));
        short.extend_from_slice(part.as_bytes());
    }
    put_varint(abouts, 1);
    put_bytes(abouts, &short);
}
