//! One container's samples: a set, whatever order and however often they came.

mod chunk;
mod events;
mod flow;
mod history;
mod inspect;
mod limit_history;
mod live;
mod resumed;
mod timeline;

use std::sync::Arc;

use crate::container::{Container, HasIdentity, Identity, Life, Limits};
use crate::document::{DocumentKind, Footprint, Wanted};
use crate::metric::{Metric, Section};
use crate::sample::{Row, Sample};
use crate::time::Timestamp;
pub(crate) use chunk::{Chunk, Mark};
pub use events::{Events, Gap};
pub(crate) use flow::{Checkpoint, Flow};
pub use history::History;
pub(crate) use history::Room;
pub use inspect::Inspection;
pub(crate) use limit_history::LimitHistory;
use live::Live;
pub(crate) use live::Terms;
pub(crate) use resumed::Resumed;
use timeline::{Place, Timeline};

/// A container and all of its samples that were read.
#[derive(Debug)]
pub struct Series {
    identity: Identity,
    samples: Timeline,
    counts: Counts,
    limits: LimitHistory,
    life: Arc<Life>,
    /// Where points are made while samples come.
    live: Option<Box<Live>>,
}

impl HasIdentity for &Series {
    fn identity(&self) -> &Identity {
        Series::identity(self)
    }
}

/// How closely copies of known samples are looked at.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Look {
    /// Whether they may tell metrics that are asked for differently.
    pub(crate) varies: bool,
    /// Whether they are walked through rather than jumped over.
    pub(crate) verify: bool,
}

/// How many samples were not kept, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Copies of samples that were there already.
    pub duplicates: u64,
    /// At or before the epoch: marks of samples that were never taken.
    pub never_taken: u64,
    /// Left out because of a value that cannot be.
    pub faulty: u64,
    /// Left out because they came too late ([`Pipeline::live`](crate::Pipeline::live)).
    pub late: u64,
}

impl Series {
    /// A container without samples.
    pub fn new(identity: Identity) -> Self {
        Self {
            identity,
            samples: Timeline::default(),
            counts: Counts::default(),
            limits: LimitHistory::default(),
            life: Arc::default(),
            live: None,
        }
    }

    /// Who the container is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Its samples in rising time, each once; of a live series those that it remembers.
    pub fn samples(&self) -> impl DoubleEndedIterator<Item = Sample> {
        self.rows().map(Sample::from)
    }

    /// How many samples it has.
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// Whether it has no samples.
    pub fn is_empty(&self) -> bool {
        self.samples.len() == 0
    }

    /// How many samples were not kept, and why.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// What the container may use, as its newest document says: the one whose last sample is
    /// newest.
    pub fn limits(&self) -> Limits {
        self.limits.newest()
    }

    /// How often its limits changed from one document to the next.
    pub fn limit_changes(&self) -> u64 {
        self.limits.changes()
    }

    /// Adds a sample. Of several of one time the first stays, and copies count as duplicates.
    #[expect(clippy::needless_pass_by_value, reason = "who adds a sample is done with it")]
    pub fn insert(&mut self, sample: Sample) {
        self.insert_from(&sample, &[], false);
    }

    pub(crate) fn rows(&self) -> impl DoubleEndedIterator<Item = Row<'_>> {
        self.samples.rows()
    }

    pub(crate) fn marked_rows(&self) -> impl Iterator<Item = (Row<'_>, Mark)> {
        self.samples.marked_rows()
    }

    pub(crate) fn add(&mut self, container: &Container) {
        self.identity.add(container);
        let Container { started, cpus, .. } = *container;
        Life::update(&mut self.life, started, cpus);
    }

    /// When it was started, as far as documents tell (`spec.start_time`), in rising time. For who
    /// makes points with a [`Tracker`](crate::delta::Tracker::note_start).
    pub fn starts(&self) -> impl Iterator<Item = Timestamp> {
        self.life.starts().iter().filter_map(|start| Timestamp::from_nanos(*start))
    }

    /// On how many CPUs it may run: the most that documents tell (`spec.cpu.mask`).
    pub fn cpus(&self) -> Option<u64> {
        self.life.known_cpus()
    }

    /// What documents tell of its life.
    pub(crate) fn life(&self) -> &Arc<Life> {
        &self.life
    }

    /// How much of a sample of this time is new; counts it where nothing is.
    #[inline]
    pub(crate) fn wants(&mut self, time: Timestamp, kind: DocumentKind, look: Look) -> Wanted {
        let Some(place) = self.samples.find(time) else {
            let late = self.is_late(time);
            self.counts.late += u64::from(late);
            return if late { Wanted::Nothing } else { Wanted::Whole };
        };
        let mark = self.samples.mark(place).unwrap_or_default();
        let told_less = mark.from_machine_stats && kind != DocumentKind::MachineStats;
        let is_closed = self.is_closed(time);
        if (told_less || look.varies) && !is_closed {
            Wanted::Whole
        } else {
            self.counts.duplicates += 1;
            match mark {
                _ if told_less || look.verify => Wanted::Nothing,
                Mark { length: 0, .. } => Wanted::Nothing,
                Mark { length, last, .. } => {
                    let next = self.samples.next_time(place);
                    Wanted::Copy(Footprint { length, last, next })
                }
            }
        }
    }

    /// Adds a sample or what a copy of it tells besides. `text` is what it was read from, empty
    /// where it was not read; `from_machine_stats`, whether that tells less than others do.
    pub(crate) fn insert_from(&mut self, sample: &Sample, text: &[u8], from_machine_stats: bool) {
        let (length, last) = Footprint::of(text).unwrap_or_default();
        self.insert_marked(sample, Mark { last, length, from_machine_stats, ..Mark::default() });
    }

    fn insert_marked(&mut self, sample: &Sample, mark: Mark) {
        match self.samples.find(sample.time()) {
            None if self.is_late(sample.time()) => self.counts.late += 1,
            None => {
                self.samples.insert(sample.row(), mark);
                if let Some(live) = &mut self.live {
                    live.note(sample.time());
                }
            }
            Some(place) => {
                self.counts.duplicates += 1;
                if !self.is_closed(sample.time()) {
                    self.complete(place, sample, mark);
                }
            }
        }
    }

    fn is_late(&self, time: Timestamp) -> bool {
        self.live.as_ref().is_some_and(|live| live.is_late(time))
    }

    /// Whether what copies of a sample of this time tell comes too late.
    fn is_closed(&self, time: Timestamp) -> bool {
        self.live.as_ref().is_some_and(|live| live.is_closed(time))
    }

    /// Takes from a copy of a sample what that tells and the sample does not.
    fn complete(&mut self, place: Place, copy: &Sample, mark: Mark) {
        let (Some(row), Some(known)) = (self.samples.row(place), self.samples.mark(place)) else {
            return;
        };
        let Some(sample) = completed(row, known.from_machine_stats, copy) else { return };
        self.samples.replace(place, sample.row());
        if let Some(known) = self.samples.mark_mut(place).filter(|known| known.from_machine_stats) {
            *known = mark;
        }
    }

    /// Takes what another series of the container holds, read after this one.
    pub(crate) fn absorb(&mut self, later: Self) {
        self.identity.absorb(&later.identity);
        self.limits.absorb(later.limits);
        if self.life != later.life {
            Arc::make_mut(&mut self.life).absorb(&later.life);
        }
        self.counts.duplicates += later.counts.duplicates;
        self.counts.never_taken += later.counts.never_taken;
        self.counts.faulty += later.counts.faulty;
        if let Err(samples) = self.samples.append_all(later.samples) {
            for (row, mark) in samples.marked_rows() {
                self.insert_marked(&row.into(), mark);
            }
        }
    }

    pub(crate) fn note_limits(&mut self, last_sample: Timestamp, limits: Limits) {
        self.limits.note(last_sample, limits);
    }

    pub(crate) fn count_never_taken(&mut self) {
        self.counts.never_taken += 1;
    }

    pub(crate) fn count_faulty(&mut self) {
        self.counts.faulty += 1;
    }
}

/// A sample and what a copy of it tells besides, if anything.
pub(crate) fn completed(known: Row<'_>, from_machine_stats: bool, copy: &Sample) -> Option<Sample> {
    if !from_machine_stats && !tells_more(copy, known) {
        return None;
    }
    let mut sample = Sample::from(known);
    sample.take_larger(copy);
    if from_machine_stats {
        sample.complete_from(copy);
    }
    Some(sample)
}

/// Whether a copy tells more of what copies may tell differently.
fn tells_more(copy: &Sample, known: Row<'_>) -> bool {
    let largest = known.layout.too_large;
    let more = |(metric, value): (Metric, u64)| {
        metric.varies_between_copies()
            && !largest.contains(metric)
            && known.get(metric).is_none_or(|known| known < value)
    };
    let too_large = copy.layout().too_large.filter(Metric::varies_between_copies);
    copy.readings().iter().any(more)
        || too_large.intersection(largest) != too_large
        || (copy.has(Section::OomEvents) && !known.layout.has(Section::OomEvents))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = b"{\"timestamp\": 1}";

    fn at(nanos: u64) -> Timestamp {
        Timestamp::from_nanos(nanos).unwrap()
    }

    fn sample(nanos: u64) -> Sample {
        let mut sample = Sample::new(at(nanos));
        sample.set(Metric::CpuUsage, nanos);
        sample
    }

    fn series() -> Series {
        Series::new(Identity::new(&Container::at_path("/"), None))
    }

    fn footprint(text: &[u8], next: Option<Timestamp>) -> Wanted {
        let (length, last) = Footprint::of(text).unwrap();
        Wanted::Copy(Footprint { length, last, next })
    }

    #[test]
    fn a_known_sample_is_told_by_its_text_and_by_the_sample_behind_it() {
        let mut series = series();
        for nanos in [10, 30, 20] {
            assert_eq!(series.wants(at(nanos), DocumentKind::V1, Look::default()), Wanted::Whole);
            series.insert_from(&sample(nanos), TEXT, false);
        }
        let mut wants = |nanos, varies| {
            series.wants(at(nanos), DocumentKind::V1, Look { varies, verify: false })
        };
        assert_eq!(wants(10, false), footprint(TEXT, Some(at(20))));
        assert_eq!(wants(20, false), footprint(TEXT, Some(at(30))));
        assert_eq!(wants(30, false), footprint(TEXT, None));
        assert_eq!(wants(30, true), Wanted::Whole);
        assert_eq!(wants(31, false), Wanted::Whole);
        assert_eq!(series.counts().duplicates, 3);
    }

    #[test]
    fn a_sample_without_a_text_has_no_footprint() {
        let mut series = series();
        series.insert(sample(10));
        series.insert_from(&sample(20), b"short", false);
        assert_eq!(series.wants(at(10), DocumentKind::V1, Look::default()), Wanted::Nothing);
        assert_eq!(series.wants(at(20), DocumentKind::V1, Look::default()), Wanted::Nothing);
    }

    #[test]
    fn what_machinestats_told_is_wanted_whole_from_others_and_then_known_by_their_text() {
        let mut series = series();
        series.insert_from(&sample(10), TEXT, true);
        let mut copy = sample(10);
        copy.device((8, 0)).set(Metric::DiskioRead, 7);
        copy.set(Metric::CpuUsage, 99);
        assert_eq!(
            series.wants(at(10), DocumentKind::MachineStats, Look::default()),
            footprint(TEXT, None)
        );
        assert_eq!(series.wants(at(10), DocumentKind::V1, Look::default()), Wanted::Whole);
        let text = b"{\"timestamp\": 1, \"diskio\": {}}";
        series.insert_from(&copy, text, false);
        assert_eq!(series.wants(at(10), DocumentKind::V1, Look::default()), footprint(text, None));
        let known = series.samples().next().unwrap();
        assert_eq!(known.get(Metric::CpuUsage), Some(10));
        assert_eq!(known.devices()[0].readings.get(Metric::DiskioRead), Some(7));
    }

    #[test]
    fn of_what_copies_tell_differently_the_larger_stays() {
        let mut series = series();
        for processes in [3, 5, 4] {
            let mut copy = sample(10);
            copy.set(Metric::ProcessesCount, processes);
            copy.set(Metric::CpuUsage, processes);
            series.insert(copy);
        }
        let known = series.samples().next().unwrap();
        assert_eq!(known.get(Metric::ProcessesCount), Some(5));
        assert_eq!(known.get(Metric::CpuUsage), Some(3));
    }
}
