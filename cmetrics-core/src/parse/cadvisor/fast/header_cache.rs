//! Remembers containers' headers: the text before their samples, which replies repeat unchanged.

use std::collections::HashMap;
use std::sync::Arc;

use super::text::{StepError, Text};
use crate::container::Container;
use crate::parse::DocumentKind;
use crate::parse::cadvisor::strict::{self, Flags};
use crate::parse::cursor::{Cursor, SyntaxError, UNEXPECTED_END};

/// The cache is cleared when it exceeds this size.
const MAX_BYTES: usize = 16 << 20;

/// What was read of the text before a container's samples.
#[derive(Clone, Debug)]
pub(super) struct CachedHeader {
    pub(super) container: Arc<Container>,
    pub(super) kind: DocumentKind,
    pub(super) flags: Flags,
    /// Whether nothing after the samples can change how they are read.
    pub(super) settled: bool,
    /// Whether a list of samples follows; otherwise the container ends here.
    pub(super) has_samples: bool,
    pub(super) length: usize,
}

/// Headers by the container's path, with their text.
#[derive(Debug, Default)]
pub(super) struct HeaderCache {
    cached: Vec<Cached>,
    by_path: HashMap<Box<str>, usize>,
    bytes: usize,
    /// The index after the header that was found last: replies list their containers in the same
    /// order.
    next: usize,
}

#[derive(Debug)]
struct Cached {
    path: Box<str>,
    text: Box<[u8]>,
    header: CachedHeader,
}

impl HeaderCache {
    /// Reads the header of the container at `at`. `path` is its key in a map.
    pub(super) fn read(
        &mut self,
        text: Text<'_>,
        at: usize,
        path: Option<&str>,
    ) -> Result<CachedHeader, StepError> {
        let rest = text.from(at);
        if let Some(known) = path.and_then(|path| self.find(path))
            && rest.starts_with(&known.text)
        {
            return Ok(known.header.clone());
        }
        let header = read(text, at, path).map_err(|error| match error {
            Some(error) if error.message == UNEXPECTED_END => text.end_error(),
            _ => StepError::Fallback,
        })?;
        let header_text = rest.get(..header.length).unwrap_or_default();
        if let Some(path) = path.filter(|_| header.has_samples) {
            self.remember(path, header_text, &header);
        }
        Ok(header)
    }

    fn find(&mut self, path: &str) -> Option<&Cached> {
        let index = match self.cached.get(self.next) {
            Some(known) if &*known.path == path => self.next,
            _ => *self.by_path.get(path)?,
        };
        self.next = index + 1;
        self.cached.get(index)
    }

    fn remember(&mut self, path: &str, text: &[u8], header: &CachedHeader) {
        self.bytes += 2 * path.len() + text.len() + size_of::<Cached>();
        if self.bytes > MAX_BYTES {
            *self = Self::default();
        }
        let known = Cached { path: path.into(), text: text.into(), header: header.clone() };
        if let Some(place) = self.by_path.get(path).and_then(|index| self.cached.get_mut(*index)) {
            *place = known;
        } else {
            self.by_path.insert(path.into(), self.cached.len());
            self.cached.push(known);
        }
    }
}

/// Reads a header that is not in the cache. The error is `None` for a header that can only be read
/// together with its samples.
fn read(
    text: Text<'_>,
    at: usize,
    path: Option<&str>,
) -> Result<CachedHeader, Option<SyntaxError>> {
    let mut cursor = Cursor::lenient(text.bytes);
    cursor.seek(at);
    let mut header = strict::Header::default();
    let mut has_samples = false;
    let mut members = cursor.enter(b'{')?;
    while let Some(key) = cursor.next_key(&mut members)? {
        if key != "stats" {
            header.read_key(&key, &mut cursor)?;
            continue;
        }
        if cursor.peek() != Some(b'[') {
            return Err(None);
        }
        cursor.seek(cursor.at() + 1);
        has_samples = true;
        break;
    }
    let (kind, flags) = header.kind();
    if header.container.path.is_empty() {
        header.container.path.push_str(path.unwrap_or_default());
    }
    if header.container.path.is_empty() {
        return Err(None);
    }
    Ok(CachedHeader {
        settled: header.named && header.specified,
        container: Arc::new(header.container),
        kind,
        flags,
        has_samples,
        length: cursor.at() - at,
    })
}
