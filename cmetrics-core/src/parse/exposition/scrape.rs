//! What the rows of one document tell, container by container.

use std::collections::HashMap;

use super::cell::Cell;
use super::families::{About, LastFamily};
use super::identities::{Identities, Identity};
use super::labels::Labels;
use super::line::{Tail, Time};
use super::machines::Machines;
use super::names::Names;
use super::slot::{Check, Fault, Kind, Slot, is_misnamed, needs_devices};
use super::subject::Subject;
use super::who::{Captions, Who, machine};
use crate::document::Door;
use crate::metric::{Metric, MetricSet};
use crate::parse::decimal::Number;

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
    /// Whether the document shows that the collector reads disks, by door: the exposition's, and
    /// that of rows without `id`.
    pub(super) has_disks: [bool; 2],
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
    pub(super) fn new(metrics: MetricSet) -> Self {
        Self {
            metrics,
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
            has_disks: [false; 2],
            scraped_at: None,
            held: 0,
            held_readings: 0,
            first: None,
            last: (0, 0),
            has_rows: false,
        }
    }

    /// Ends the document: what comes is another one.
    pub(super) fn end_document(&mut self) {
        self.document += 1;
        self.touched.clear();
        self.has_disks = [false; 2];
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
            None => match Who::of(&self.family.name, labels) {
                Some(who) => self.identity(who, labels, length)?,
                None => return Some(Slot { kind: Kind::Nameless, ..Slot::default() }),
            },
        };
        let Identity { door, is_of_runtime, subject, captions } = identity;
        let mut slot = Slot { subject, captions, ..Slot::default() };
        let Some(family) = family else {
            let About::Limit(limit) = about else { return Some(Slot::default()) };
            return Some(Slot { kind: Kind::Limit(limit), ..slot });
        };
        let Some(cell) = Cell::of(family, labels, &mut self.names) else {
            return Some(Slot::default());
        };
        slot.kind = Kind::Sign;
        slot.is_resource = door == Door::Resource;
        slot.shift = family.shift;
        slot.is_of_disks = cell.is_of_disks();
        slot.check = match (cell.metric, door) {
            (Metric::MemorySwap, _) => Check::Swap,
            (Metric::CpuUsage, Door::Resource) => Check::NotZero,
            _ => Check::Any,
        };
        if !(is_of_runtime && is_misnamed(cell.metric)) && self.is_wanted(cell) {
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
        self.metrics.contains(cell.metric) || of_disks()
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
        if let Some(door) = self.has_disks.get_mut(usize::from(slot.is_resource)) {
            *door |= slot.is_of_disks;
        }
        let (subject, held_readings) = self.touch(slot)?;
        subject.is_untimed |= tail.time == Time::None;
        let (readings, is_new) = subject.at(time);
        if is_new {
            *held_readings += readings.held();
        }
        if slot.kind == Kind::Sign {
            return Ok(());
        }
        let is_first = readings.set(slot.cell, value);
        self.last = (slot.subject, slot.cell);
        if self.first.is_none() {
            self.first = Some(self.last);
        }
        if is_first || tail.time != Time::None { Ok(()) } else { Err(Fault::Repeated) }
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

    /// The container of a row, and the count of what is held of readings.
    #[inline]
    fn touch(&mut self, slot: Slot) -> Result<(&mut Subject, &mut usize), Fault> {
        let subject = self.subjects.get_mut(slot.subject as usize).ok_or(Fault::NoRoom)?;
        if subject.document != self.document {
            subject.begin(self.document, slot.captions);
            self.touched.push(slot.subject);
        } else if subject.captions != slot.captions {
            self.complete_captions(slot);
        }
        let subject = self.subjects.get_mut(slot.subject as usize).ok_or(Fault::NoRoom)?;
        Ok((subject, &mut self.held_readings))
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
        let value = match tail.value {
            Number::Finite(value) => value.shifted(0),
            Number::Nan | Number::Infinite => None,
        };
        match kind {
            Kind::Nameless => return Err(Fault::NoContainer),
            Kind::Limit(limit) => {
                let (subject, _) = self.touch(slot)?;
                // Several scrapes may stand behind one another: the last one is the newest.
                if let Some(known) = subject.limits.get_mut(limit as usize) {
                    *known = value.or(*known);
                }
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
