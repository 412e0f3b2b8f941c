//! What the rows of one document tell, container by container.

use std::collections::HashMap;

use super::cell::Cell;
use super::families::{About, LastFamily};
use super::identities::{Identities, Identity};
use super::labels::Labels;
use super::line::{Tail, Time};
use super::machines::Machines;
use super::names::Names;
use super::scrapes::Scrapes;
use super::slot::{Check, Fault, Kind, SECONDS, Slot, is_misnamed, needs_devices};
use super::subject::Subject;
use super::who::{Captions, Who, machine};
use crate::document::Door;
use crate::metric::{Metric, MetricSet};
use crate::parse::decimal::Number;
use crate::time::Timestamp;

/// A document's readings, and what is known of containers from this and the documents before.
#[derive(Debug)]
pub(super) struct Scrape {
    pub(super) metrics: MetricSet,
    pub(super) subjects: Vec<Subject>,
    by_who: HashMap<Who, u32, foldhash::fast::RandomState>,
    cells: HashMap<(u32, Cell), u32, foldhash::fast::RandomState>,
    pub(super) captions: Vec<Captions>,
    by_captions: HashMap<Captions, u32, foldhash::fast::RandomState>,
    identities: Identities,
    pub(super) names: Names,
    pub(super) machines: Machines,
    pub(super) family: LastFamily,
    /// The number of the document.
    document: u64,
    /// The containers of the document, as their first rows come.
    pub(super) touched: Vec<u32>,
    pub(super) scrapes: Scrapes,
    /// Whether the document has points that cmetrics wrote.
    pub(super) is_own: bool,
    /// The first document of the input.
    first_document: u64,
    /// Nanoseconds since the epoch, of rows without a time.
    pub(super) scraped_at: Option<u64>,
    /// About how many bytes are held of containers, and of readings of the document.
    held: usize,
    held_readings: usize,
    /// The first reading and the last one: container and series.
    first: Option<(u32, u32)>,
    last: (u32, u32),
    /// Whether there was any row of a container.
    pub(super) has_rows: bool,
}

/// About how many bytes a container takes besides its readings.
const PER_SUBJECT: usize = 1 << 10;
/// About how many bytes of containers and readings are held.
const MOST_HELD: usize = 256 << 20;
/// From this many bytes of readings on, a document ends where another scrape begins.
const MANY_READINGS: usize = 16 << 20;

impl Scrape {
    pub(super) fn new(metrics: MetricSet, is_own: bool) -> Self {
        Self {
            metrics,
            is_own,
            subjects: Vec::new(),
            by_who: HashMap::default(),
            cells: HashMap::default(),
            captions: Vec::new(),
            by_captions: HashMap::default(),
            identities: Identities::default(),
            names: Names::default(),
            machines: Machines::default(),
            family: LastFamily::default(),
            document: 1,
            touched: Vec::new(),
            scrapes: Scrapes::default(),
            first_document: 1,
            scraped_at: None,
            held: 0,
            held_readings: 0,
            first: None,
            last: (0, 0),
            has_rows: false,
        }
    }

    /// Begins another input.
    pub(super) fn begin_input(&mut self) {
        self.first_document = self.document;
    }

    /// Ends the document: what comes is another one.
    pub(super) fn end_document(&mut self) {
        self.document += 1;
        self.touched.clear();
        self.scrapes.end_document();
        self.held_readings = 0;
        self.first = None;
        self.has_rows = false;
        self.machines.forget();
    }

    /// Whether so much is held that it is better to begin anew after this document.
    pub(super) fn is_large(&self) -> bool {
        self.held > MOST_HELD / 2 || self.held_readings > MOST_HELD / 4
    }

    /// What a row of the last family means, whose name and labels take so many bytes. `None` if
    /// there is no room for it.
    pub(super) fn slot(
        &mut self,
        about: About,
        labels: &Labels<'_>,
        length: usize,
    ) -> Option<Slot> {
        if let About::MachineCpus | About::MachineMemory = about {
            let kind = match about {
                About::MachineCpus => Kind::MachineCpus,
                _ => Kind::MachineMemory,
            };
            self.held += length;
            return Some(Slot {
                kind,
                subject: self.machines.index(machine(labels))?,
                ..Slot::default()
            });
        }
        let family = match about {
            About::Readings(rows) => match rows.iter().find(|family| family.holds(labels)) {
                Some(family) => Some(family),
                None => return Some(Slot::default()),
            },
            _ => None,
        };
        let identity = match self.identities.find(&self.family.name, labels) {
            Some(identity) => identity,
            None => match Who::of(&self.family.name, labels, self.is_own) {
                Some(who) => self.identity(who, labels, length)?,
                None => return Some(Slot { kind: Kind::Nameless, ..Slot::default() }),
            },
        };
        let Identity { door, is_of_runtime, subject, captions } = identity;
        let mut slot = Slot { subject, captions, ..Slot::default() };
        let Some(family) = family else {
            let kind = match about {
                About::Limit(limit) => Kind::Limit(limit),
                About::Creation => Kind::Creation,
                _ => Kind::Other,
            };
            return Some(Slot { kind, ..slot });
        };
        let Some(cell) = Cell::of(family, labels, self.is_own, &mut self.names) else {
            return Some(Slot::default());
        };
        if is_of_runtime && is_misnamed(cell.metric) {
            return Some(Slot { kind: Kind::LeftOut, ..Slot::default() });
        }
        slot.kind = Kind::Sign;
        slot.cell = cell.place_of_sign();
        slot.is_resource = door == Door::Resource;
        slot.shift = family.shift;
        slot.is_of_disks = cell.is_of_disks() && !self.is_own;
        slot.check = match (cell.metric, door) {
            (Metric::MemorySwap, _) => Check::Swap,
            (Metric::CpuUsage, Door::Resource) => Check::NotZero,
            _ => Check::Any,
        };
        if self.is_wanted(cell) {
            slot.kind = Kind::Reading;
            slot.cell = self.cell(slot.subject, cell, length)?;
        }
        Some(slot)
    }

    /// The container of a row that no row before has named alike.
    fn identity(&mut self, who: Who, labels: &Labels<'_>, length: usize) -> Option<Identity> {
        let identity = Identity {
            door: who.door,
            is_of_runtime: who.is_of_runtime(),
            captions: self.captions(Captions::of(labels), length)?,
            subject: self.subject(who, length)?,
        };
        self.held += self.identities.add(identity);
        Some(identity)
    }

    fn is_wanted(&self, cell: Cell) -> bool {
        let of_disks = || cell.is_of_disks() && self.metrics.iter().any(needs_devices);
        self.is_own || self.metrics.contains(cell.metric) || of_disks()
    }

    fn captions(&mut self, captions: Captions, texts: usize) -> Option<u32> {
        if let Some(index) = self.by_captions.get(&captions) {
            return Some(*index);
        }
        let index = u32::try_from(self.captions.len()).ok()?;
        self.held += PER_SUBJECT / 2 + 2 * texts;
        self.captions.push(captions.clone());
        self.by_captions.insert(captions, index);
        Some(index)
    }

    fn subject(&mut self, who: Who, texts: usize) -> Option<u32> {
        if let Some(index) = self.by_who.get(&who) {
            return Some(*index);
        }
        let index = u32::try_from(self.subjects.len()).ok()?;
        self.held += PER_SUBJECT + 3 * texts;
        self.by_who.insert(who.clone(), index);
        self.subjects.push(Subject::new(who));
        Some(index)
    }

    fn cell(&mut self, subject: u32, cell: Cell, texts: usize) -> Option<u32> {
        if let Some(index) = self.cells.get(&(subject, cell)) {
            return Some(*index);
        }
        let known = self.subjects.get_mut(subject as usize)?;
        let index = u32::try_from(known.cells.len()).ok()?;
        known.cells.push(cell);
        self.held += 4 * size_of::<(u32, Cell)>() + texts;
        self.cells.insert((subject, cell), index);
        Some(index)
    }

    /// Takes a row.
    #[inline]
    pub(super) fn take(&mut self, slot: Slot, tail: &Tail) -> Result<(), Fault> {
        if self.held > MOST_HELD {
            return Err(Fault::NoRoom);
        }
        match slot.kind {
            Kind::Other => Ok(()),
            Kind::Reading | Kind::Sign => self.reading(slot, tail),
            kind => self.uncommon(kind, slot, tail),
        }
    }

    #[inline]
    fn reading(&mut self, slot: Slot, tail: &Tail) -> Result<(), Fault> {
        self.has_rows = true;
        let Number::Finite(value) = tail.value else { return Ok(()) };
        let Some(value) = slot.reading(value)? else { return Ok(()) };
        let time = match tail.time {
            Time::At(nanos) => nanos,
            Time::None => self.untimed()?,
            Time::Beyond => return Err(Fault::Time),
        };
        if self.held_readings > MANY_READINGS {
            self.make_room(slot, time)?;
        }
        let is_untimed = tail.time == Time::None;
        let series = (slot.subject, slot.cell);
        self.touch(slot)?;
        let Self { subjects, scrapes, held_readings, first, last, .. } = self;
        let Some(subject) = subjects.get_mut(slot.subject as usize) else { return Ok(()) };
        let comes_again = std::mem::replace(last, series) == series;
        if is_untimed {
            subject.is_untimed = true;
            if subject.was_untimed(slot.cell) {
                return Err(Fault::Repeated);
            }
        }
        if subject.find_or_add(time) {
            *held_readings += subject.begin_sample(scrapes, comes_again);
        }
        let Some(readings) = subject.readings() else { return Ok(()) };
        if slot.is_of_disks {
            scrapes.note_disk(readings.scrape, slot.is_resource);
        }
        if slot.kind == Kind::Sign {
            return Ok(());
        }
        first.get_or_insert(series);
        if readings.set(slot.cell, value) {
            Ok(())
        } else if is_untimed {
            Err(Fault::Repeated)
        } else {
            subject.set_larger(slot.cell, value);
            Ok(())
        }
    }

    /// Refuses a row where the document has to end before it.
    #[cold]
    fn make_room(&self, slot: Slot, time: u64) -> Result<(), Fault> {
        if self.held_readings + self.held > MOST_HELD {
            return Err(Fault::NoRoom);
        }
        // A scrape begins where its first series comes again. Where each series has all its rows
        // together, it comes again at once, and the document cannot end there.
        let series = (slot.subject, slot.cell);
        let subject = self.subjects.get(slot.subject as usize);
        let begins_scrape = self.first == Some(series)
            && self.last != series
            && subject.is_some_and(|subject| subject.is_new(time));
        if begins_scrape { Err(Fault::NewScrape) } else { Ok(()) }
    }

    /// The time of a row that has none.
    fn untimed(&self) -> Result<u64, Fault> {
        self.scraped_at.ok_or(Fault::NoTime)
    }

    /// The container of a row, which the document has from now on.
    #[inline]
    fn touch(&mut self, slot: Slot) -> Result<&mut Subject, Fault> {
        let subject = self.subjects.get_mut(slot.subject as usize).ok_or(Fault::NoRoom)?;
        if subject.document != self.document {
            subject.begin(self.document, slot.captions, self.first_document, self.scraped_at);
            self.touched.push(slot.subject);
        } else if subject.captions != slot.captions {
            self.complete_captions(slot);
        }
        self.subjects.get_mut(slot.subject as usize).ok_or(Fault::NoRoom)
    }

    /// Adds what this row says of its container to what the rows before said.
    #[cold]
    fn complete_captions(&mut self, slot: Slot) {
        let Some(subject) = self.subjects.get(slot.subject as usize) else { return };
        let of = |index: u32| self.captions.get(index as usize);
        let (Some(known), Some(more)) = (of(subject.captions), of(slot.captions)) else { return };
        let mut completed = known.clone();
        completed.complete_from(more);
        if completed != *known
            && let Some(completed) = self.captions(completed, 0)
            && let Some(subject) = self.subjects.get_mut(slot.subject as usize)
        {
            subject.captions = completed;
        }
    }

    /// Takes a row that has no reading of a container.
    #[cold]
    fn uncommon(&mut self, kind: Kind, slot: Slot, tail: &Tail) -> Result<(), Fault> {
        let shifted = |places| match tail.value {
            Number::Finite(value) => value.shifted(places),
            Number::Nan | Number::Infinite => None,
        };
        let value = shifted(0);
        match kind {
            Kind::Nameless => return Err(Fault::NoContainer),
            Kind::LeftOut => self.has_rows = true,
            Kind::Limit(limit) => {
                let subject = self.touch(slot)?;
                // Several scrapes may stand behind one another: the last one is the newest.
                if let Some(known) = subject.limits.get_mut(limit as usize) {
                    *known = value.or(*known);
                }
            }
            Kind::Creation => {
                let created = shifted(SECONDS).and_then(Timestamp::from_nanos);
                let subject = self.touch(slot)?;
                subject.container.created = created.or(subject.container.created);
            }
            Kind::MachineCpus | Kind::MachineMemory => {
                let Some(machine) = self.machines.get_mut(slot.subject) else {
                    return Ok(());
                };
                let is_cpus = kind == Kind::MachineCpus;
                let known = if is_cpus { &mut machine.cpus } else { &mut machine.memory };
                *known = known.or(value.filter(|value| *value > 0));
            }
            Kind::Other | Kind::Reading | Kind::Sign => {}
        }
        Ok(())
    }
}
