//! The scrapes of a document, of which several may stand behind one another without a line that
//! ends each.

/// A scrape begins where the first line that described a family comes again, or where a container
/// has another sample, unless the series has all its rows together.
#[derive(Debug, Default)]
pub(super) struct Scrapes {
    /// Whether those before this one, and it, show that the collector reads disks, by door.
    before: Vec<HasDisks>,
    last: HasDisks,
    /// Whether any sample is of the last one.
    has_samples: bool,
    /// The beginning of the line that described the first family.
    title: Vec<u8>,
}

/// Of the exposition's own rows, and of those without `id`.
type HasDisks = [bool; 2];

/// The number of a scrape in its document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ScrapeId(usize);

impl Scrapes {
    /// Forgets all: another document begins.
    pub(super) fn end_document(&mut self) {
        self.before.clear();
        self.last = HasDisks::default();
        self.has_samples = false;
        self.title.clear();
    }

    /// Takes a line that is no row.
    pub(super) fn comment(&mut self, line: &[u8]) {
        const ENOUGH: usize = 128;
        let line = line.trim_ascii_end();
        let start = line.get(..ENOUGH).unwrap_or(line);
        if self.title.is_empty() {
            if start.starts_with(b"# HELP ") || start.starts_with(b"# TYPE ") {
                self.title.extend_from_slice(start);
            }
        } else if self.title == start {
            self.begin();
        }
    }

    /// The scrape of a new sample of a container. `of_last` is that of the container's last new
    /// sample, and `comes_again` whether the row before is of the same series.
    pub(super) fn of_sample(&mut self, of_last: Option<ScrapeId>, comes_again: bool) -> ScrapeId {
        if of_last == Some(self.current()) && !comes_again {
            self.begin();
        }
        self.has_samples = true;
        self.current()
    }

    /// Notes a row of a disk, in a sample of this scrape.
    pub(super) fn note_disk(&mut self, of_sample: ScrapeId, is_resource: bool) {
        let sample = self.before.get_mut(of_sample.0);
        for has_disks in sample.into_iter().chain([&mut self.last]) {
            if let Some(has_disks) = has_disks.get_mut(usize::from(is_resource)) {
                *has_disks = true;
            }
        }
    }

    /// Whether a scrape shows that the collector reads disks.
    pub(super) fn has_disks(&self, scrape: ScrapeId, is_resource: bool) -> bool {
        let has_disks = self.before.get(scrape.0).unwrap_or(&self.last);
        has_disks.get(usize::from(is_resource)).copied().unwrap_or_default()
    }

    fn current(&self) -> ScrapeId {
        ScrapeId(self.before.len())
    }

    fn begin(&mut self) {
        // One that has copies alone tells nothing of the next one.
        let last = std::mem::take(&mut self.last);
        if std::mem::take(&mut self.has_samples) {
            self.before.push(last);
        }
    }
}
