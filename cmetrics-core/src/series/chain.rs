//! The samples of one container that came by one door. They are a set: neither their order nor
//! copies matter.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::chunk::SampleMeta;
use super::live::{Live, LiveStart};
use super::timeline::Timeline;
use super::told_history::{LabelHistory, LimitHistory};
use crate::container::{Container, Creation, Labels, Life, Limits};
use crate::document::{DocumentKind, Door, Note, Wanted};
use crate::footprint::Footprint;
use crate::metric::SectionSet;
use crate::sample::{Sample, SampleRow};
use crate::settings::Settings;
use crate::time::Timestamp;

/// The samples of a container that came by one door. Readings of different chains are never
/// paired, so the points of a chain do not depend on the other chains of the container.
#[derive(Debug)]
pub struct Chain {
    pub(super) key: ChainKey,
    /// The name of its points: that of its series.
    pub(super) name: Arc<str>,
    pub(super) samples: Timeline,
    counts: Counts,
    pub(super) limits: LimitHistory,
    /// If labels are wanted.
    pub(super) labels: LabelHistory,
    pub(super) life: Arc<Life>,
    creation: Creation,
    /// The sections that the container does not have, by its documents.
    denied: SectionSet,
    notes: BTreeSet<Note>,
    /// The state of a live chain, which makes points while samples come.
    pub(super) live: Option<Box<Live>>,
}

/// Which chain of a container it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChainKey {
    pub(crate) door: Door,
    /// The name that its documents tell, where it is not that of the container.
    pub(crate) told_name: Option<Arc<str>>,
}

impl ChainKey {
    /// Less for a higher door. Of two chains of one door, that of the container's own name is the
    /// higher.
    pub(crate) fn rank(&self, settings: &Settings) -> (usize, Option<&Arc<str>>) {
        (settings.rank(self.door), self.told_name.as_ref())
    }
}

/// How copies of known samples are read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CopyPolicy {
    /// Whether the metrics that are read include any that may differ between copies.
    pub(crate) varies: bool,
    /// Whether copies are parsed rather than skipped.
    pub(crate) verify: bool,
}

/// How many samples were left out, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Copies of known samples.
    pub duplicates: u64,
    /// Samples with a time at or before the epoch: placeholders for samples that were never taken.
    pub never_taken: u64,
    /// Samples with a value that cannot be right.
    pub faulty: u64,
    /// Samples that came too late ([`Pipeline::live`](crate::Pipeline::live)).
    pub late: u64,
}

impl Chain {
    /// A chain of the container of this name, without samples.
    pub(super) fn new(door: Door, name: Arc<str>) -> Self {
        Self {
            key: ChainKey { door, told_name: None },
            name,
            samples: Timeline::default(),
            counts: Counts::default(),
            limits: LimitHistory::default(),
            labels: LabelHistory::default(),
            life: Arc::default(),
            creation: Creation::default(),
            denied: SectionSet::default(),
            notes: BTreeSet::new(),
            live: None,
        }
    }

    /// A chain without samples, live if there is a start.
    pub(super) fn made(door: Door, name: &Arc<str>, start: Option<LiveStart>) -> Self {
        let live = start.map(|start| Box::new(Live::new(name, start)));
        Self { live, ..Self::new(door, Arc::clone(name)) }
    }

    #[cfg(feature = "store")]
    pub(crate) fn key(&self) -> &ChainKey {
        &self.key
    }

    /// The door by which its samples came.
    pub fn door(&self) -> Door {
        self.key.door
    }

    /// The name that its documents tell, if it is not that of the series. It is known from other
    /// documents that the two are the same container.
    pub fn told_name(&self) -> Option<&str> {
        self.key.told_name.as_deref()
    }

    /// What to know of its samples.
    pub fn notes(&self) -> impl Iterator<Item = Note> {
        self.notes.iter().copied()
    }

    /// The samples in rising time, each once. A live one has only those that it remembers.
    pub fn samples(&self) -> impl DoubleEndedIterator<Item = Sample> {
        self.rows().map(Sample::from)
    }

    /// The number of samples.
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// Whether there are no samples.
    pub fn is_empty(&self) -> bool {
        self.samples.len() == 0
    }

    /// How many samples were left out, by reason.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// What the container may use, from the newest document: the one whose last sample is newest.
    pub fn limits(&self) -> Limits {
        self.limits.limits()
    }

    /// How often the limits changed from one document to the next.
    pub fn limit_changes(&self) -> u64 {
        self.limits.changes()
    }

    /// How often the labels changed from one document to the next, if labels were asked for.
    pub fn label_changes(&self) -> u64 {
        self.labels.changes()
    }

    pub(crate) fn rows(&self) -> impl DoubleEndedIterator<Item = SampleRow<'_>> {
        self.samples.rows()
    }

    pub(crate) fn rows_with_meta(&self) -> impl Iterator<Item = (SampleRow<'_>, SampleMeta)> {
        self.samples.rows_with_meta()
    }

    pub(crate) fn add(&mut self, container: &Container) {
        self.creation.add(container.created.filter(|_| container.kubernetes.is_some()));
        Life::describe(&mut self.life, container);
    }

    /// When documents say that the container was created.
    #[cfg(feature = "store")]
    pub(crate) fn creation(&self) -> Creation {
        self.creation
    }

    /// The known starts of the container (`spec.start_time`), in rising time. To make points with a
    /// [`Tracker`](crate::delta::Tracker), pass them to
    /// [`note_start`](crate::delta::Tracker::note_start).
    pub fn starts(&self) -> impl Iterator<Item = Timestamp> {
        self.life.starts().iter().filter_map(|start| Timestamp::from_nanos(*start))
    }

    /// When the container was created last, as far as documents say so (`spec.creation_time`). It
    /// decides nothing about points.
    pub fn created(&self) -> Option<Timestamp> {
        self.life.created().and_then(Timestamp::from_nanos)
    }

    /// On how many CPUs the container may run: the largest number in any document
    /// (`spec.cpu.mask`).
    pub fn cpus(&self) -> Option<u64> {
        self.life.known_cpus()
    }

    /// What documents state of the container's starts and CPUs.
    pub(crate) fn life(&self) -> &Arc<Life> {
        &self.life
    }

    /// How much of a sample of this time is to be read. Counts the sample if it is known or late.
    #[inline]
    pub(crate) fn wants(
        &mut self,
        time: Timestamp,
        kind: DocumentKind,
        copies: CopyPolicy,
    ) -> Wanted {
        let Some(position) = self.samples.find(time) else {
            let late = self.is_late(time);
            self.counts.late += u64::from(late);
            return if late { Wanted::Nothing } else { Wanted::Whole };
        };
        let meta = self.samples.meta(position).unwrap_or_default();
        let has_more = meta.is_partial && kind != DocumentKind::MachineStats;
        let is_closed = self.is_closed(time);
        if (has_more || copies.varies) && !is_closed {
            Wanted::Whole
        } else {
            self.counts.duplicates += 1;
            match meta {
                _ if has_more || copies.verify => Wanted::Nothing,
                SampleMeta { length: 0, .. } => Wanted::Nothing,
                SampleMeta { length, last, .. } => {
                    let next = self.samples.next_time(position);
                    Wanted::Copy(Footprint { length, last, next })
                }
            }
        }
    }

    /// Adds a sample, or what a copy of a known sample has in addition. `text` is the text of the
    /// sample, empty if there is none. `is_partial` is whether the document contains fewer
    /// readings than others.
    pub(crate) fn insert_from(&mut self, sample: &Sample, text: &[u8], is_partial: bool) {
        let (length, last) = Footprint::of(text).unwrap_or_default();
        self.insert_with_meta(
            sample,
            SampleMeta { last, length, is_partial, ..SampleMeta::default() },
        );
    }

    fn insert_with_meta(&mut self, sample: &Sample, meta: SampleMeta) {
        match self.samples.find(sample.time()) {
            None if self.is_late(sample.time()) => self.counts.late += 1,
            None => {
                self.samples.insert(sample.row(), meta);
                self.denied = self.denied.union(sample.layout().denied);
                if let Some(live) = &mut self.live {
                    live.note(sample.time());
                }
            }
            Some(position) => {
                self.counts.duplicates += 1;
                if !self.is_closed(sample.time()) {
                    self.samples.complete(position, sample, meta);
                }
            }
        }
    }

    /// Whether a sample of this time comes too late to be accepted.
    fn is_late(&self, time: Timestamp) -> bool {
        self.live.as_ref().is_some_and(|live| live.is_late(time))
    }

    /// Whether copies of a sample of this time come too late to complete it.
    fn is_closed(&self, time: Timestamp) -> bool {
        self.live.as_ref().is_some_and(|live| live.is_closed(time))
    }

    /// Adds all that another chain of the container and the door contains, which was read after
    /// this one.
    pub(super) fn absorb(&mut self, later: Self) {
        self.notes.extend(&later.notes);
        self.denied = self.denied.union(later.denied);
        self.limits.absorb(later.limits);
        self.labels.absorb(later.labels);
        self.creation.absorb(later.creation);
        if self.life != later.life {
            Arc::make_mut(&mut self.life).absorb(&later.life);
        }
        self.counts.duplicates += later.counts.duplicates;
        self.counts.never_taken += later.counts.never_taken;
        self.counts.faulty += later.counts.faulty;
        if let Err(samples) = self.samples.append_all(later.samples) {
            for (row, meta) in samples.rows_with_meta() {
                self.insert_with_meta(&row.into(), meta);
            }
        }
    }

    pub(crate) fn note_limits(&mut self, last_sample: Timestamp, limits: Limits) {
        self.limits.note(last_sample, limits);
    }

    /// The labels of a document, if it has any: those of the newest one before, if they are the same.
    pub(crate) fn labels_of(&self, container: &Container) -> Option<Arc<Labels>> {
        if container.labels.is_empty() {
            return None;
        }
        let known = self.labels.newest().map(|(_, known)| known);
        let same = known.filter(|known| is_same(known, &container.labels)).cloned();
        same.or_else(|| Some(Arc::new(container.labels.iter().cloned().collect())))
    }

    pub(crate) fn count_never_taken(&mut self) {
        self.counts.never_taken += 1;
    }

    pub(super) fn count_late(&mut self, samples: u64) {
        self.counts.late += samples;
    }

    pub(crate) fn count_faulty(&mut self) {
        self.counts.faulty += 1;
    }

    pub(crate) fn note(&mut self, note: Note) {
        self.notes.insert(note);
    }

    /// The sections that the container does not have, by its documents.
    pub(super) fn denied(&self) -> SectionSet {
        self.denied
    }
}

/// Whether a map has these labels and no others.
fn is_same(known: &Labels, labels: &[(String, String)]) -> bool {
    known.len() == labels.len() && labels.iter().all(|(key, value)| known.get(key) == Some(value))
}

impl Counts {
    pub(super) fn add(&mut self, other: Self) {
        self.duplicates += other.duplicates;
        self.never_taken += other.never_taken;
        self.faulty += other.faulty;
        self.late += other.late;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::Metric;

    const TEXT: &[u8] = b"{\"timestamp\": 1}";

    fn at(nanos: u64) -> Timestamp {
        Timestamp::from_nanos(nanos).unwrap()
    }

    fn sample(nanos: u64) -> Sample {
        let mut sample = Sample::new(at(nanos));
        sample.set(Metric::CpuUsage, nanos);
        sample
    }

    fn chain() -> Chain {
        Chain::new(Door::Cadvisor, "/".into())
    }

    fn footprint(text: &[u8], next: Option<Timestamp>) -> Wanted {
        let (length, last) = Footprint::of(text).unwrap();
        Wanted::Copy(Footprint { length, last, next })
    }

    #[test]
    fn a_known_sample_is_recognised_by_its_text_and_the_next_sample() {
        let mut chain = chain();
        for nanos in [10, 30, 20] {
            assert_eq!(
                chain.wants(at(nanos), DocumentKind::V1, CopyPolicy::default()),
                Wanted::Whole
            );
            chain.insert_from(&sample(nanos), TEXT, false);
        }
        let mut wants = |nanos, varies| {
            chain.wants(at(nanos), DocumentKind::V1, CopyPolicy { varies, verify: false })
        };
        assert_eq!(wants(10, false), footprint(TEXT, Some(at(20))));
        assert_eq!(wants(20, false), footprint(TEXT, Some(at(30))));
        assert_eq!(wants(30, false), footprint(TEXT, None));
        assert_eq!(wants(30, true), Wanted::Whole);
        assert_eq!(wants(31, false), Wanted::Whole);
        assert_eq!(chain.counts().duplicates, 3);
    }

    #[test]
    fn a_sample_without_a_text_has_no_footprint() {
        let mut chain = chain();
        chain.insert_from(&sample(10), b"", false);
        chain.insert_from(&sample(20), b"short", false);
        assert_eq!(chain.wants(at(10), DocumentKind::V1, CopyPolicy::default()), Wanted::Nothing);
        assert_eq!(chain.wants(at(20), DocumentKind::V1, CopyPolicy::default()), Wanted::Nothing);
    }

    #[test]
    fn a_sample_of_machinestats_is_wanted_whole_from_other_documents() {
        let mut chain = chain();
        chain.insert_from(&sample(10), TEXT, true);
        let mut copy = sample(10);
        copy.device((8, 0)).set(Metric::DiskioRead, 7);
        copy.set(Metric::CpuUsage, 99);
        assert_eq!(
            chain.wants(at(10), DocumentKind::MachineStats, CopyPolicy::default()),
            footprint(TEXT, None)
        );
        assert_eq!(chain.wants(at(10), DocumentKind::V1, CopyPolicy::default()), Wanted::Whole);
        let text = b"{\"timestamp\": 1, \"diskio\": {}}";
        chain.insert_from(&copy, text, false);
        assert_eq!(
            chain.wants(at(10), DocumentKind::V1, CopyPolicy::default()),
            footprint(text, None)
        );
        let known = chain.samples().next().unwrap();
        assert_eq!(known.get(Metric::CpuUsage), Some(10));
        assert_eq!(known.devices().next().unwrap().readings.get(Metric::DiskioRead), Some(7));
    }

    #[test]
    fn of_readings_that_differ_between_copies_the_larger_one_counts() {
        let mut chain = chain();
        for processes in [3, 5, 4] {
            let mut copy = sample(10);
            copy.set(Metric::ProcessesCount, processes);
            copy.set(Metric::CpuUsage, processes);
            chain.insert_from(&copy, b"", false);
        }
        let known = chain.samples().next().unwrap();
        assert_eq!(known.get(Metric::ProcessesCount), Some(5));
        assert_eq!(known.get(Metric::CpuUsage), Some(3));
    }
}
