//! The points of several doors made one (`docs/doors.md`): of an interval's figures each comes from
//! the highest door that tells it.

use std::collections::VecDeque;
use std::sync::Arc;

use super::chain::{Chain, ChainKey};
use super::lump::Lump;
use crate::document::Door;
use crate::metric::{Metric, MetricSet, SectionSet};
use crate::point::DataPoint;
use crate::settings::Settings;
use crate::time::Timestamp;

/// A lump by the starts of the intervals of both readings, in seconds.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    metric: Metric,
    from: u64,
    to: u64,
}

impl Stretch {
    fn contains(&self, start: u64) -> bool {
        (self.from..=self.to).contains(&start)
    }
}

/// What a chain has told so far.
#[derive(Clone, Debug)]
struct ChainPoints {
    key: ChainKey,
    /// Points that are not merged yet, in rising time.
    points: VecDeque<DataPoint>,
    /// By the interval of the later reading, in rising order. None is longer than the longest gap.
    lumps: VecDeque<Stretch>,
    /// The metrics that have a figure in an interval, by the start of the interval. Lumps of lower
    /// doors may begin in intervals that are merged.
    told: VecDeque<(u64, MetricSet)>,
}

impl ChainPoints {
    fn first_start(&self) -> Option<u64> {
        self.points.front().map(|point| point.interval().start())
    }

    fn take_at(&mut self, start: u64) -> Option<DataPoint> {
        if self.first_start() == Some(start) { self.points.pop_front() } else { None }
    }

    /// Whether any interval of the stretch has a figure of its metric.
    fn tells_in(&self, stretch: &Stretch) -> bool {
        let first = self.told.partition_point(|(start, _)| *start < stretch.from);
        let told = self.told.range(first..).take_while(|(start, _)| *start <= stretch.to);
        { told }.any(|(_, told)| told.contains(stretch.metric))
    }

    /// The metrics that no lower door may fill in this interval. `longest` is longer than any lump.
    fn covered_by_lumps(&self, start: u64, longest: u64) -> MetricSet {
        let near = self.lumps.iter().take_while(|lump| lump.to <= start + longest);
        near.filter(|lump| lump.contains(start)).map(|lump| lump.metric).collect()
    }

    fn add_lumps(&mut self, lumps: impl Iterator<Item = Stretch>) {
        self.lumps.extend(lumps);
        if !self.lumps.iter().is_sorted_by_key(|lump| lump.to) {
            self.lumps.make_contiguous().sort_by_key(|lump| lump.to);
        }
    }

    /// Forgets lumps that say nothing of this interval and those after it.
    fn forget_lumps_before(&mut self, start: u64) {
        while self.lumps.front().is_some_and(|lump| lump.to < start) {
            self.lumps.pop_front();
        }
    }
}

/// Merges the points of the chains of one container.
#[derive(Clone, Debug)]
pub(crate) struct Ranking {
    settings: Settings,
    /// By rank, the highest first.
    chains: Vec<ChainPoints>,
    /// The sections that the container does not have, as cAdvisor's JSON says.
    denied: SectionSet,
    /// Points of intervals that start before this time, in seconds, are merged.
    merged_until: u64,
}

impl Ranking {
    pub(crate) fn new(settings: Settings) -> Self {
        Self { settings, chains: Vec::new(), denied: SectionSet::default(), merged_until: 0 }
    }

    /// The same where the points of all intervals before this time, in seconds, are merged.
    pub(crate) fn merged_until(self, second: u64) -> Self {
        Self { merged_until: second, ..self }
    }

    pub(super) fn settings(&self) -> Settings {
        self.settings
    }

    /// Adds points of a chain, later than those it had before, and the lumps in them. Points of
    /// intervals that are merged are too late; returns how many samples these have.
    pub(super) fn add(&mut self, chain: &Chain, points: Vec<DataPoint>, lumps: &[Lump]) -> u64 {
        self.deny(&chain.key, chain.denied());
        self.add_of(&chain.key, points, lumps)
    }

    /// Notes that documents of this chain say that the container does not have these sections.
    pub(crate) fn deny(&mut self, key: &ChainKey, sections: SectionSet) {
        if key.door == Door::Cadvisor {
            self.denied = self.denied.union(sections);
        }
    }

    /// As [`add`](Self::add), by the key of the chain.
    pub(crate) fn add_of(
        &mut self,
        key: &ChainKey,
        mut points: Vec<DataPoint>,
        lumps: &[Lump],
    ) -> u64 {
        let late = points.partition_point(|point| point.interval().start() < self.merged_until);
        let late = points.drain(..late).filter_map(|point| point.samples()).sum();
        let index = self.index_of(key);
        let Some(chain) = self.chains.get_mut(index) else { return late };
        let width = self.settings.interval_seconds();
        let start = |time: Timestamp| time.seconds() / width * width;
        let told = points.iter().map(|point| (point.interval().start(), point.figures().present()));
        chain.told.extend(told);
        chain.points.extend(points);
        chain.add_lumps(lumps.iter().map(|lump| Stretch {
            metric: lump.metric,
            from: start(lump.from),
            to: start(lump.to),
        }));
        late
    }

    /// Takes over what the ranking of a container has that is told under another name, but part of
    /// the one of this name.
    pub(super) fn absorb(&mut self, other: Self, told: &Arc<str>, name: &Arc<str>) {
        self.denied = self.denied.union(other.denied);
        for ChainPoints { key, points, lumps, told: intervals } in other.chains {
            let told_name = key.told_name.or_else(|| Some(Arc::clone(told)));
            let key = ChainKey { told_name, ..key };
            let points = points.into_iter().map(|point| point.renamed(Arc::clone(name)));
            self.add_of(&key, points.collect(), &[]);
            let index = self.index_of(&key);
            if let Some(chain) = self.chains.get_mut(index) {
                chain.add_lumps(lumps.into_iter());
                chain.told = intervals;
            }
        }
    }

    /// The index of what a chain has told. It is added in its rank.
    fn index_of(&mut self, key: &ChainKey) -> usize {
        if let Some(index) = self.chains.iter().position(|known| known.key == *key) {
            return index;
        }
        let settings = &self.settings;
        let index =
            self.chains.partition_point(|known| known.key.rank(settings) < key.rank(settings));
        let new = ChainPoints {
            key: key.clone(),
            points: VecDeque::new(),
            lumps: VecDeque::new(),
            told: VecDeque::new(),
        };
        self.chains.insert(index, new);
        index
    }

    /// Emits the points of all intervals that start before this time, in seconds.
    pub(crate) fn merge_before(&mut self, end: u64, emit: &mut dyn FnMut(DataPoint)) {
        while let Some(start) = self.first_start().filter(|start| *start < end) {
            if let Some(point) = self.merge_at(start) {
                emit(point);
            }
        }
        self.merged_until = self.merged_until.max(end);
        self.forget_before(end);
    }

    /// Takes the points of a chain that are not merged yet.
    #[cfg(feature = "recorder")]
    pub(crate) fn take_waiting(&mut self, key: &ChainKey) -> Vec<DataPoint> {
        let chain = self.chains.iter_mut().find(|chain| chain.key == *key);
        chain.map(|chain| std::mem::take(&mut chain.points).into()).unwrap_or_default()
    }

    /// Emits all points that were added.
    #[cfg(feature = "recorder")]
    pub(crate) fn merge_all(&mut self, emit: &mut dyn FnMut(DataPoint)) {
        let mut end = self.merged_until;
        for chain in &self.chains {
            end = end.max(chain.points.back().map_or(0, |point| point.interval().end()));
        }
        self.merge_before(end, emit);
    }

    fn first_start(&self) -> Option<u64> {
        self.chains.iter().filter_map(ChainPoints::first_start).min()
    }

    /// The point of an interval.
    fn merge_at(&mut self, start: u64) -> Option<DataPoint> {
        for chain in &mut self.chains {
            chain.forget_lumps_before(start);
        }
        let mut merged: Option<DataPoint> = None;
        for rank in 0..self.chains.len() {
            let Some(mut point) = self.chains.get_mut(rank)?.take_at(start) else { continue };
            let refused = self.refused(rank, start);
            point.keep(|metric| !refused.contains(metric));
            match &mut merged {
                Some(merged) => merged.fill_from(&point),
                None => merged = Some(point),
            }
        }
        merged
    }

    /// The metrics of which the chain of this rank may tell nothing in an interval.
    fn refused(&self, rank: usize, start: u64) -> MetricSet {
        let (higher, rest) = self.chains.split_at_checked(rank).unwrap_or_default();
        let Some(chain) = rest.first() else { return MetricSet::default() };
        let mut refused = MetricSet::default();
        if chain.key.door != Door::Cadvisor {
            let denied = |metric: &Metric| self.denied.contains(metric.section());
            refused.extend(Metric::ALL.iter().copied().filter(denied));
        }
        let longest = self.longest();
        for higher in higher {
            refused = refused.union(higher.covered_by_lumps(start, longest));
            let own = chain.lumps.iter().take_while(|lump| lump.to == start);
            refused.extend(own.filter(|lump| higher.tells_in(lump)).map(|lump| lump.metric));
        }
        refused
    }

    /// Forgets what says nothing of intervals from this time on, in seconds.
    fn forget_before(&mut self, end: u64) {
        let since = end.saturating_sub(self.longest());
        for chain in &mut self.chains {
            let past = chain.told.partition_point(|(start, _)| *start < since);
            chain.told.drain(..past);
        }
    }

    /// As long as no lump is, between the starts of the intervals of its readings, in seconds.
    fn longest(&self) -> u64 {
        self.settings.max_gap_seconds() + self.settings.interval_seconds()
    }
}
