//! Keeps text in parts until all of it is there, and then writes it by family. The text of many
//! containers need not fit into memory.

use std::io::{self, Read, Seek, SeekFrom, Write};

use tempfile::SpooledTempFile;

/// Text beyond this many bytes goes to a temporary file.
const IN_MEMORY: usize = 64 << 20;

/// The place of a part that begins a container.
const CONTAINER: u32 = u32::MAX;

/// The family of a name.
#[derive(Clone, Debug)]
pub(super) struct Family {
    /// The place of its first name.
    pub(super) first: usize,
    /// The line before its rows.
    pub(super) title: String,
}

/// Writes that the parts of another container follow.
pub(super) fn put_container(out: &mut Vec<u8>) {
    put_head(CONTAINER, 0, out);
}

/// Writes a part of a container's text: the rows of the name at this place.
pub(super) fn put_part(place: usize, text: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let fits = u32::try_from(place).ok().zip(u32::try_from(text.len()).ok());
    let (place, length) = fits.ok_or_else(|| io::Error::other("more than 4 GiB of one series"))?;
    put_head(place, length, out);
    out.extend_from_slice(text);
    Ok(())
}

fn put_head(place: u32, length: u32, out: &mut Vec<u8>) {
    out.extend_from_slice(&place.to_le_bytes());
    out.extend_from_slice(&length.to_le_bytes());
}

/// Text in parts, as `put_part` writes it. Each write has whole parts.
pub(super) struct Spool {
    text: SpooledTempFile,
    length: u64,
    parts: Vec<Part>,
    containers: usize,
}

struct Part {
    place: u32,
    container: usize,
    start: u64,
    length: u32,
}

impl Default for Spool {
    fn default() -> Self {
        let text = SpooledTempFile::new(IN_MEMORY);
        Self { text, length: 0, parts: Vec::new(), containers: 0 }
    }
}

impl Spool {
    /// Writes the parts by family, then by container and name, each in the order in which it came.
    pub(super) fn copy_by_family(
        mut self,
        families: &[Family],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let family = |part: &Part| families.get(part.place as usize);
        let first = |part: &Part| family(part).map(|family| family.first);
        self.parts.sort_by_key(|part| (first(part), part.container, part.place));
        let (mut last, mut text) = (None, Vec::new());
        for part in &self.parts {
            if last != first(part) {
                let title = family(part).map_or("", |family| &family.title);
                out.write_all(title.as_bytes())?;
                last = first(part);
            }
            text.resize(part.length as usize, 0);
            self.text.seek(SeekFrom::Start(part.start))?;
            self.text.read_exact(&mut text)?;
            out.write_all(&text)?;
        }
        Ok(())
    }
}

impl Write for Spool {
    fn write(&mut self, parts: &[u8]) -> io::Result<usize> {
        let mut rest = parts;
        while let Some((place, after)) = rest.split_first_chunk() {
            let (length, after) = after.split_first_chunk().ok_or(io::ErrorKind::InvalidData)?;
            let (place, length) = (u32::from_le_bytes(*place), u32::from_le_bytes(*length));
            let whole = after.split_at_checked(length as usize);
            let (text, next) = whole.ok_or(io::ErrorKind::InvalidData)?;
            rest = next;
            if place == CONTAINER {
                self.containers += 1;
                continue;
            }
            self.text.write_all(text)?;
            let (container, start) = (self.containers, self.length);
            self.parts.push(Part { place, container, start, length });
            self.length += u64::from(length);
        }
        Ok(parts.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_written_by_family_and_within_it_by_container() {
        let family = |first: usize| Family { first, title: format!("# {first}\n") };
        let families = [family(0), family(1), family(1)];
        let mut spool = Spool::default();
        for (place, text) in [(3, ""), (2, "a2 "), (0, "a0 "), (1, "a1 "), (1, "a1' ")] {
            let mut parts = Vec::new();
            if place == 3 {
                put_container(&mut parts);
            }
            put_part(place, text.as_bytes(), &mut parts).unwrap();
            spool.write_all(&parts).unwrap();
        }
        let mut parts = Vec::new();
        put_container(&mut parts);
        put_part(0, b"b0 ", &mut parts).unwrap();
        put_part(1, b"b1 ", &mut parts).unwrap();
        spool.write_all(&parts).unwrap();
        let mut out = Vec::new();
        spool.copy_by_family(&families, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "# 0\na0 b0 # 1\na1 a1' a2 b1 ");
    }
}
