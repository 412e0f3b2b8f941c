//! The manifest: which files a store consists of, as human-readable text.
//!
//! The first line identifies the file, one JSON object follows, and the last line has the checksum
//! of everything before it. The file is never modified, only replaced, so there is always a
//! complete one.

use std::fmt::Write;
use std::io;
use std::path::Path;

use crc32c::crc32c;
use serde::{Deserialize, Serialize};

use super::disk::Disk;
use crate::error::Error;

pub(crate) const MANIFEST: &str = "MANIFEST";
/// Its name until it is written.
pub(crate) const NEW_MANIFEST: &str = "MANIFEST.new";

const VERSION: u32 = 1;
const FIRST_LINE: &str = "cmetrics store\n";
/// The length of the last line.
const CHECK: usize = "crc32c 00000000\n".len();
/// Far more than any store needs: a longer file is not read into memory.
const LONGEST: u64 = 256 << 20;
/// What to do about damage.
const WHAT_TO_DO: &str = "put a copy of the whole store in the place of this one, or make a new one of what can be read with 'cmetrics store salvage'";
/// Features that earlier releases cannot handle: raw tails that are stored column by column,
/// compressed batches of logs, containers of several doors, samples in logs without the points that
/// became final with them, containers of one name that are told apart by their creation, and tails
/// in segments that are compressed together.
const KNOWN: [&str; 6] = [
    "tails-by-column",
    "packed-batches",
    "doors",
    "points-of-samples",
    "creation-times",
    "grouped-tails",
];

/// The manifest of a store. Times are in seconds, since the epoch unless they are durations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) version: u32,
    pub(crate) features: Features,
    /// The width of a point.
    pub(crate) interval: u64,
    pub(crate) max_gap: u64,
    pub(crate) lateness: u64,
    /// Points that end at or before it are gone.
    pub(crate) floor: u64,
    /// The number of the next file.
    pub(crate) next: u64,
    pub(crate) segments: Vec<SegmentEntry>,
    /// Logs from this number on hold what no segment does.
    pub(crate) first_log: u64,
    /// Segments hold the points and events of the first log up to this offset, but not its samples.
    #[serde(default, skip_serializing_if = "is_none")]
    pub(crate) sealed_to: u64,
    /// After a clean close: the logs, which hold exactly this.
    pub(crate) closed: Option<Vec<ClosedLog>>,
}

impl SegmentEntry {
    /// The entry of a segment that is only known to exist.
    pub(super) fn unknown(number: u64) -> Self {
        let (bytes, points, first, end) = (0, 0, 0, u64::MAX);
        Self { number, bytes, points, first, end, checksum: 0, tails: false }
    }
}

impl Manifest {
    /// Whether a reader that used the earlier manifest `before` has missed nothing in the logs: no
    /// log was removed since, as happens after sealing, and no closed log was continued.
    pub(super) fn has_logs_of(&self, before: &Self) -> bool {
        self.first_log == before.first_log && self.closed == before.closed
    }
}

/// Features of a store that an older release may not know, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Features {
    /// Releases that do not know these may read and write the store.
    #[serde(default)]
    pub(crate) compatible: Vec<String>,
    /// Releases that do not know these may read the store.
    #[serde(default)]
    pub(crate) read_only: Vec<String>,
    /// Releases that do not know these must not open the store.
    #[serde(default)]
    pub(crate) refuse: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SegmentEntry {
    pub(crate) number: u64,
    pub(crate) bytes: u64,
    pub(crate) points: u64,
    pub(crate) first: u64,
    pub(crate) end: u64,
    pub(crate) checksum: u32,
    /// Whether it holds only the newest tails of containers.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) tails: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ClosedLog {
    pub(crate) number: u64,
    pub(crate) length: u64,
    pub(crate) checksum: u32,
}

/// The part that is checked first: a later version may differ in everything else.
#[derive(Deserialize)]
struct Preface {
    version: u32,
    #[serde(default)]
    features: Features,
}

impl Manifest {
    /// The manifest of an empty store.
    pub(crate) fn new(interval: u64, max_gap: u64, lateness: u64) -> Self {
        let mut manifest = Self {
            version: VERSION,
            features: Features::default(),
            interval,
            max_gap,
            lateness,
            floor: 0,
            next: 0,
            segments: Vec::new(),
            first_log: 0,
            sealed_to: 0,
            closed: None,
        };
        manifest.note_features();
        manifest
    }

    /// Adds the features that this release writes and earlier ones cannot read.
    pub(crate) fn note_features(&mut self) {
        let refuse = &mut self.features.refuse;
        for name in KNOWN {
            if refuse.iter().all(|known| known != name) {
                refuse.push(name.to_owned());
            }
        }
    }

    /// Whether it has these features already.
    pub(crate) fn tells_features(&self) -> bool {
        KNOWN.iter().all(|name| self.features.refuse.iter().any(|known| known == name))
    }

    /// Reads the manifest of a store; `None` if there is none.
    pub(crate) fn read(disk: &dyn Disk) -> Result<Option<Self>, Error> {
        let path = disk.path(MANIFEST);
        let bytes = match load(disk) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::store("read", path, error)),
        };
        Self::parse(&bytes, &path).map(Some)
    }

    /// Replaces the stored manifest by this one. If this fails, either of them may be there from
    /// now on.
    pub(crate) fn write(&self, disk: &dyn Disk) -> Result<(), Error> {
        let failed = |doing, name| move |cause| Error::store(doing, disk.path(name), cause);
        let text = self.text().map_err(failed("write", NEW_MANIFEST))?;
        match disk.remove(NEW_MANIFEST) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(failed("remove", NEW_MANIFEST)(error));
            }
            _ => {}
        }
        if let Err(error) = save(disk, &text) {
            // On a full disk, half a manifest would only take room.
            let _ = disk.remove(NEW_MANIFEST);
            return Err(failed("write", NEW_MANIFEST)(error));
        }
        disk.rename(NEW_MANIFEST, MANIFEST).map_err(failed("replace", MANIFEST))?;
        disk.sync().map_err(failed("sync the folder of", MANIFEST))
    }

    /// Refuses a store that this release must not write to.
    pub(crate) fn check_writable(&self, disk: &dyn Disk) -> Result<(), Error> {
        let Some(unknown) = unknown(&self.features.read_only) else { return Ok(()) };
        let message = format!(
            "this release can only read a store with {unknown}; open it read-only, or with a newer release"
        );
        Err(Error::unsupported(&disk.path(MANIFEST), message))
    }

    fn text(&self) -> io::Result<String> {
        let mut text = FIRST_LINE.to_owned();
        text += &serde_json::to_string(self)?;
        text.push('\n');
        let check = check(text.as_bytes());
        text += &check;
        Ok(text)
    }

    fn parse(bytes: &[u8], path: &Path) -> Result<Self, Error> {
        let damaged = |what: &str| Error::damaged(path, None, format!("{what}; {WHAT_TO_DO}"));
        let no_json = |error| damaged(&format!("its JSON cannot be read: {error}"));
        if !bytes.starts_with(FIRST_LINE.as_bytes()) {
            return Err(damaged("its first line is not that of a store's manifest"));
        }
        let (body, last) = bytes.split_at(bytes.len().saturating_sub(CHECK));
        if last != check(body).as_bytes() {
            return Err(damaged("its last line is not the checksum of what lies before"));
        }
        let json = body.get(FIRST_LINE.len()..).unwrap_or_default();
        let preface: Preface = serde_json::from_slice(json).map_err(no_json)?;
        preface.check(path)?;
        let manifest: Self = serde_json::from_slice(json).map_err(no_json)?;
        manifest.impossible().map_or(Ok(()), |what| Err(damaged(&what)))?;
        Ok(manifest)
    }

    /// What is impossible in it.
    fn impossible(&self) -> Option<String> {
        if self.interval == 0 {
            return Some("its interval is 0".into());
        }
        let number = self.segments.iter().map(|segment| segment.number).max()?;
        (number >= self.next)
            .then(|| format!("it has segment {number}, but the next file is to be {}", self.next))
    }
}

impl Preface {
    fn check(&self, path: &Path) -> Result<(), Error> {
        let version = self.version;
        if version != VERSION {
            let message = format!(
                "this store is of version {version}, which this release does not know; open it with another release"
            );
            return Err(Error::unsupported(path, message));
        }
        let Some(unknown) = unknown(&self.features.refuse) else { return Ok(()) };
        let message = format!(
            "this release does not know what to do with {unknown}, which the store has; open it with a newer release"
        );
        Err(Error::unsupported(path, message))
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
const fn is_none(offset: &u64) -> bool {
    *offset == 0
}

/// The features that this release does not know, as text.
fn unknown(names: &[String]) -> Option<String> {
    let mut all = String::new();
    for name in names.iter().filter(|name| !KNOWN.contains(&name.as_str())) {
        let comma = if all.is_empty() { "" } else { ", " };
        // Writing to a string does not fail.
        let _ = write!(all, "{comma}{name:?}");
    }
    Some(all).filter(|all| !all.is_empty())
}

/// The last line for this text.
fn check(body: &[u8]) -> String {
    format!("crc32c {:08X}\n", crc32c(body))
}

fn load(disk: &dyn Disk) -> io::Result<Vec<u8>> {
    let stored = disk.open(MANIFEST)?;
    let length = stored.length()?;
    if length > LONGEST {
        let message = format!("it is {length} bytes long, which is too much for a manifest");
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
    stored.read_at(&mut bytes, 0)?;
    Ok(bytes)
}

fn save(disk: &dyn Disk, text: &str) -> io::Result<()> {
    let file = disk.create(NEW_MANIFEST)?;
    file.write(text.as_bytes())?;
    file.sync()
}

#[cfg(test)]
mod tests;
