//! A container of an exposition, and what the rows of one document tell of it.

use std::collections::HashMap;

use super::cell::Cell;
use super::families::Limit;
use super::names::Names;
use super::plan::{ABSENT, Flags, Plan};
use super::scrapes::{ScrapeId, Scrapes};
use super::who::Who;
use crate::container::{Container, Limits};
use crate::document::Door;
use crate::metric::{Kind, MetricSet};
use crate::sample::Sample;
use crate::time::Timestamp;

/// A container, and what was read of it since the document began.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) who: Who,
    /// Its series.
    pub(super) cells: Vec<Cell>,
    /// What its rows say of it, by number.
    pub(super) captions: u32,
    /// The container as it is told to the receiver, and the captions that this has.
    pub(super) container: Container,
    pub(super) described: Option<u32>,
    /// The document that its readings are of.
    pub(super) document: u64,
    pub(super) limits: [Option<u64>; Limit::NUMBER],
    /// Whether any of its readings has the time of the scrape.
    pub(super) is_untimed: bool,
    /// Of which series the documents before in this input have a reading at the time of the scrape.
    untimed_before: Vec<bool>,
    /// The scrape of its newest sample.
    last_scrape: Option<ScrapeId>,
    /// The samples. Those after the first `live` are left of other documents.
    samples: Vec<Readings>,
    live: usize,
    /// The sample of the last row.
    current: usize,
    /// The samples by time, if there are many.
    by_time: HashMap<u64, usize, foldhash::fast::RandomState>,
    plan: Option<Plan>,
}

/// The readings of one instant.
#[derive(Debug, Default)]
pub(super) struct Readings {
    /// Nanoseconds since the epoch; 0 for a sample that was never taken.
    time: u64,
    /// The readings of the container's series.
    values: Vec<u64>,
    /// How many of them there are.
    number: usize,
    /// The first scrape that tells it.
    pub(super) scrape: ScrapeId,
}

/// From this many samples on they are found by their time.
const MANY: usize = 8;

impl Subject {
    pub(super) fn new(who: Who) -> Self {
        let mut container = Container::at_path(who.path.clone());
        container.machine.clone_from(&who.machine);
        Self {
            who,
            cells: Vec::new(),
            captions: 0,
            container,
            described: None,
            document: 0,
            limits: [None; Limit::NUMBER],
            is_untimed: false,
            untimed_before: Vec::new(),
            last_scrape: None,
            samples: Vec::new(),
            live: 0,
            current: 0,
            by_time: HashMap::default(),
            plan: None,
        }
    }

    /// Forgets what other documents told, but for those since `first`, the first of this input:
    /// of them it remembers which series have readings at the time of the scrape.
    pub(super) fn begin(
        &mut self,
        document: u64,
        captions: u32,
        first: u64,
        scraped_at: Option<u64>,
    ) {
        if self.document < first {
            self.untimed_before.clear();
        } else if self.is_untimed {
            self.remember_untimed(scraped_at);
        }
        self.document = document;
        self.captions = captions;
        self.limits = [None; Limit::NUMBER];
        self.container.created = None;
        self.is_untimed = false;
        self.last_scrape = None;
        self.live = 0;
        self.current = 0;
        self.by_time.clear();
    }

    #[cold]
    fn remember_untimed(&mut self, scraped_at: Option<u64>) {
        let index = scraped_at.and_then(|time| self.find(time));
        let Some(sample) = index.and_then(|index| self.samples.get(index)) else { return };
        self.untimed_before.resize(self.cells.len(), false);
        for (before, reading) in self.untimed_before.iter_mut().zip(&sample.values) {
            *before |= *reading != ABSENT;
        }
    }

    /// Whether a document before in this input has a reading of a series at the time of the scrape.
    pub(super) fn was_untimed(&self, cell: u32) -> bool {
        self.untimed_before.get(cell as usize).copied().unwrap_or_default()
    }

    /// Goes to the sample of this time. Returns whether it was missing and is added.
    #[inline]
    pub(super) fn find_or_add(&mut self, time: u64) -> bool {
        let before = self.live;
        if self.current >= self.live
            || self.samples.get(self.current).is_none_or(|sample| sample.time != time)
        {
            self.current = self.find(time).unwrap_or_else(|| self.add(time));
        }
        self.live > before
    }

    /// The sample that was gone to.
    #[inline]
    pub(super) fn readings(&mut self) -> Option<&mut Readings> {
        self.samples.get_mut(self.current)
    }

    /// Notes of which scrape the sample is that was added. `comes_again` is whether the row before
    /// is of the same series. Returns about how many bytes it takes.
    pub(super) fn begin_sample(&mut self, scrapes: &mut Scrapes, comes_again: bool) -> usize {
        let scrape = scrapes.of_sample(self.last_scrape, comes_again);
        self.last_scrape = Some(scrape);
        self.readings().map_or(0, |readings| {
            readings.scrape = scrape;
            readings.held()
        })
    }

    /// Takes a reading that another scrape tells, too: the larger one counts of what copies may
    /// differ in.
    #[cold]
    pub(super) fn set_larger(&mut self, cell: u32, value: u64) {
        let index = cell as usize;
        let varies = self.cells.get(index).is_some_and(|cell| cell.metric.varies_between_copies());
        let known = self.readings().and_then(|readings| readings.values.get_mut(index));
        if let Some(known) = known.filter(|_| varies) {
            *known = value.max(*known);
        }
    }

    /// Whether a row of this time begins another sample than those that are known.
    pub(super) fn is_new(&self, time: u64) -> bool {
        self.live > 0 && self.find(time).is_none()
    }

    fn find(&self, time: u64) -> Option<usize> {
        let live = self.samples.get(..self.live)?;
        let is_next = |index: &usize| live.get(*index).is_some_and(|sample| sample.time == time);
        Some(self.current + 1).filter(is_next).or_else(|| {
            if self.live > MANY {
                self.by_time.get(&time).copied()
            } else {
                live.iter().position(|sample| sample.time == time)
            }
        })
    }

    fn add(&mut self, time: u64) -> usize {
        let index = self.live;
        if self.samples.len() == index {
            self.samples.push(Readings::default());
        }
        self.live += 1;
        if let Some(sample) = self.samples.get_mut(index) {
            sample.time = time;
            sample.number = 0;
            sample.values.clear();
            sample.values.resize(self.cells.len(), ABSENT);
        }
        if self.live == MANY + 1 {
            let live = self.samples.iter().take(self.live).enumerate();
            self.by_time.extend(live.map(|(index, sample)| (sample.time, index)));
        } else if self.live > MANY {
            self.by_time.insert(time, index);
        }
        index
    }

    /// Puts the samples in the order of their times.
    pub(super) fn sort(&mut self) {
        self.by_time.clear();
        if let Some(live) = self.samples.get_mut(..self.live)
            && !live.is_sorted_by_key(|sample| sample.time)
        {
            live.sort_by_key(|sample| sample.time);
        }
    }

    /// How many samples there are.
    pub(super) fn len(&self) -> usize {
        self.live
    }

    /// The time of a sample, and whether it has any; 0 if it was never taken.
    pub(super) fn time(&self, index: usize) -> u64 {
        self.samples.get(index).map_or(0, |sample| sample.time)
    }

    /// The shortest time between two samples, which are in order.
    pub(super) fn shortest_spacing(&self) -> Option<u64> {
        let live = self.samples.get(..self.live)?;
        live.iter().zip(live.iter().skip(1)).map(|(one, next)| next.time - one.time).min()
    }

    /// Whether a sample of points only ends an interval of this width: no interval begins there.
    /// All counters of an interval have another row at its end.
    pub(super) fn ends_interval(&self, index: usize, width: u64) -> bool {
        let Some(sample) = self.samples.get(index) else { return false };
        let next = self.samples.get(..self.live).and_then(|live| live.get(index + 1));
        let is_read = |(_, reading): &(&Cell, &u64)| **reading != ABSENT;
        let mut read = self.cells.iter().zip(&sample.values).filter(is_read);
        next.is_none_or(|next| next.time - sample.time > width)
            && read.all(|(cell, _)| cell.metric.kind() == Kind::Counter)
    }

    /// Makes a sample of the readings of this index.
    pub(super) fn sample(
        &mut self,
        index: usize,
        time: Timestamp,
        scrapes: &Scrapes,
        metrics: MetricSet,
        names: &Names,
    ) -> Option<&Sample> {
        let readings = self.samples.get(index)?;
        let has_disks = scrapes.has_disks(readings.scrape, self.who.door == Door::Resource);
        let no_schedstat =
            self.who.door != Door::ExpositionCmetrics && self.has_no_schedstat(readings);
        let flags = Flags { has_disks, no_schedstat };
        let fits = |plan: &Plan| plan.fits(&readings.values, readings.number, flags);
        if !self.plan.as_ref().is_some_and(fits) {
            self.plan = Some(Plan::new(&self.cells, &readings.values, flags, metrics, names));
        }
        Some(self.plan.as_mut()?.sample(time, &readings.values))
    }

    fn has_no_schedstat(&self, readings: &Readings) -> bool {
        let read = self.cells.iter().zip(&readings.values);
        let mut schedstat = read.filter(|(cell, _)| cell.metric.is_schedstat());
        schedstat.all(|(_, reading)| matches!(*reading, 0 | ABSENT))
    }

    /// The series of which some sample has a reading.
    pub(super) fn read_cells(&self) -> impl Iterator<Item = &Cell> {
        let live = self.samples.get(..self.live).unwrap_or_default();
        let is_read = |index: usize| {
            live.iter().any(|sample| sample.values.get(index).is_some_and(|v| *v != ABSENT))
        };
        self.cells
            .iter()
            .enumerate()
            .filter(move |(index, _)| is_read(*index))
            .map(|(_, cell)| cell)
    }

    /// The limits that its rows tell.
    pub(super) fn limits(&self) -> Option<Limits> {
        if self.limits.iter().all(Option::is_none) {
            return None;
        }
        let told = |limit: Limit| self.limits.get(limit as usize).copied().flatten();
        let finite = |limit| told(limit).and_then(Limits::told);
        let mut limits = Limits::default();
        #[expect(clippy::cast_precision_loss, reason = "both are microseconds, at most minutes")]
        if let (Some(quota), Some(period)) = (finite(Limit::CpuQuota), finite(Limit::CpuPeriod)) {
            limits.cpu_cores = Some(quota as f64 / period as f64);
        }
        limits.cpu_shares = told(Limit::CpuShares);
        limits.memory_bytes = finite(Limit::Memory);
        limits.memory_reservation_bytes = finite(Limit::Reservation);
        limits.swap_bytes = finite(Limit::Swap);
        Some(limits)
    }
}

impl Readings {
    /// About how many bytes it takes.
    pub(super) fn held(&self) -> usize {
        size_of::<Self>() + size_of::<u64>() * self.values.len()
    }

    /// Sets the reading of a series. Of several readings the first one stays: returns whether this
    /// is it.
    #[inline]
    pub(super) fn set(&mut self, cell: u32, value: u64) -> bool {
        let index = cell as usize;
        if self.values.len() <= index {
            self.values.resize(index + 1, ABSENT);
        }
        match self.values.get_mut(index) {
            Some(known) if *known == ABSENT => {
                *known = value;
                self.number += 1;
                true
            }
            _ => false,
        }
    }
}
