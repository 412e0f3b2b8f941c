//! Containers' headers: the text before their samples, which is the same from reply to reply.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::DocumentKind;
use super::super::cursor::{Cursor, Damage, ENDS_INSIDE};
use super::super::strict::{self, Flags};
use super::text::{Stop, Text};
use crate::container::Container;

/// Beyond so many bytes the headers are forgotten.
const MOST_BYTES: usize = 16 << 20;

/// What stands before a container's samples.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub(super) container: Arc<Container>,
    pub(super) kind: DocumentKind,
    pub(super) flags: Flags,
    /// Whether nothing that may stand behind the samples changes how they are read.
    pub(super) sure: bool,
    /// Whether a list of samples follows; else the container ends here.
    pub(super) samples: bool,
    pub(super) length: usize,
}

/// Headers by their text.
#[derive(Debug, Default)]
pub(super) struct Headers {
    known: Vec<Known>,
    by_path: HashMap<Box<str>, usize>,
    bytes: usize,
    /// The one behind the one that was met last: replies list their containers in one order.
    next: usize,
}

#[derive(Debug)]
struct Known {
    path: Box<str>,
    text: Box<[u8]>,
    header: Header,
}

impl Headers {
    /// The header of the container at `at`, whose `path` a map says.
    pub(super) fn read(
        &mut self,
        text: Text<'_>,
        at: usize,
        path: Option<&str>,
    ) -> Result<Header, Stop> {
        let rest = text.from(at);
        if let Some(known) = path.and_then(|path| self.find(path))
            && rest.starts_with(&known.text)
        {
            return Ok(known.header.clone());
        }
        let header = read(text, at, path).map_err(|damage| match damage {
            Some(damage) if damage.message == ENDS_INSIDE => text.stop(),
            _ => Stop::Odd,
        })?;
        let header_text = rest.get(..header.length).unwrap_or_default();
        if let Some(path) = path.filter(|_| header.samples) {
            self.remember(path, header_text, &header);
        }
        Ok(header)
    }

    fn find(&mut self, path: &str) -> Option<&Known> {
        let index = match self.known.get(self.next) {
            Some(known) if &*known.path == path => self.next,
            _ => *self.by_path.get(path)?,
        };
        self.next = index + 1;
        self.known.get(index)
    }

    fn remember(&mut self, path: &str, text: &[u8], header: &Header) {
        self.bytes += 2 * path.len() + text.len() + size_of::<Known>();
        if self.bytes > MOST_BYTES {
            *self = Self::default();
        }
        let known = Known { path: path.into(), text: text.into(), header: header.clone() };
        if let Some(place) = self.by_path.get(path).and_then(|index| self.known.get_mut(*index)) {
            *place = known;
        } else {
            self.by_path.insert(path.into(), self.known.len());
            self.known.push(known);
        }
    }
}

/// Reads a header that was not met before; the error is `None` for one that has to be read with its
/// samples.
fn read(text: Text<'_>, at: usize, path: Option<&str>) -> Result<Header, Option<Damage>> {
    let mut cursor = Cursor::quick(text.bytes);
    cursor.go_to(at);
    let mut header = strict::Header::default();
    let mut samples = false;
    let mut members = cursor.enter(b'{')?;
    while let Some(key) = cursor.key(&mut members)? {
        if key != "stats" {
            header.take(&key, &mut cursor)?;
            continue;
        }
        if cursor.peek() != Some(b'[') {
            return Err(None);
        }
        cursor.go_to(cursor.at() + 1);
        samples = true;
        break;
    }
    let (kind, flags) = header.kind();
    if header.container.path.is_empty() {
        header.container.path.push_str(path.unwrap_or_default());
    }
    if header.container.path.is_empty() {
        return Err(None);
    }
    Ok(Header {
        sure: header.named && header.specified,
        container: Arc::new(header.container),
        kind,
        flags,
        samples,
        length: cursor.at() - at,
    })
}
