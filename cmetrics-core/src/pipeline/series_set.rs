//! The series of all containers, by name.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use super::outcome::{Outcome, Tally};
use crate::cancel::Cancel;
use crate::container::{self, Container, ForgottenNames, Identity, Labels};
use crate::document::Door;
use crate::point::DataPoint;
use crate::series::{Chain, Counts, LivePolicy, LiveStart, Series};
use crate::settings::Settings;
use crate::time::Timestamp;

/// The series of all containers.
#[derive(Debug, Default)]
pub(crate) struct SeriesSet {
    series: Vec<Series>,
    by_name: BTreeMap<Arc<str>, usize>,
    /// For live series: how they make points, and the newest time that the caller has passed, in
    /// nanoseconds since the epoch.
    live: Option<(LivePolicy, u64)>,
    /// The live series that were removed.
    forgotten: ForgottenNames,
    /// By their own names, the series that are part of others.
    joined: BTreeMap<Arc<str>, Joined>,
    /// Whether any document tells a name in Kubernetes.
    may_join: bool,
    /// Whether identities came, went or tell more names since names were joined.
    names_changed: bool,
    /// Whether identities have labels.
    labels: bool,
}

impl SeriesSet {
    /// An empty set of series.
    pub(super) fn new(settings: Settings) -> Self {
        Self { labels: settings.labels(), ..Self::default() }
    }

    /// An empty set of live series.
    pub(crate) fn live(policy: LivePolicy) -> Self {
        Self { live: Some((policy, 0)), ..Self::new(policy.settings) }
    }

    /// Whether identities have labels.
    pub(crate) fn wants_labels(&self) -> bool {
        self.labels
    }

    pub(crate) fn is_live(&self) -> bool {
        self.live.is_some()
    }

    /// Emits the points that have become final. Removes the series that are no longer needed, and
    /// calls `forgotten` with their counts.
    pub(crate) fn settle(
        &mut self,
        now: Option<Timestamp>,
        emit: &mut dyn FnMut(DataPoint),
        forgotten: &mut dyn FnMut(Counts),
    ) {
        let Some((_, newest)) = &mut self.live else { return };
        *newest = now.map_or(0, Timestamp::nanos).max(*newest);
        let mut gone = Vec::new();
        for &index in self.by_name.values() {
            if let Some(series) = self.series.get_mut(index)
                && !series.settle(*newest, emit)
            {
                gone.push(index);
            }
        }
        if gone.is_empty() {
            return;
        }
        // The last ones first, so that the series that takes a place is not one to be removed.
        gone.sort_unstable();
        for index in gone.into_iter().rev() {
            let series = self.remove(index);
            forgotten(series.counts());
            self.forgotten.add(series.identity().name());
        }
        self.joined.retain(|_, joined| self.by_name.contains_key(&joined.target));
        self.series.shrink_to(self.series.len() * 2);
    }

    /// The series, by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Series> {
        self.by_name.values().filter_map(|&index| self.series.get(index))
    }

    /// The series of a container. A missing one is added.
    pub(crate) fn of(&mut self, container: &Container, machine: Option<&str>) -> &mut Series {
        let place = self.place_of(container, machine, Door::Cadvisor);
        #[expect(clippy::indexing_slicing, reason = "found or pushed there")]
        &mut self.series[place.series]
    }

    /// The chain at this place.
    #[inline]
    pub(super) fn chain_at(&mut self, place: ChainPlace) -> Option<&mut Chain> {
        self.series.get_mut(place.series)?.chain_mut(place.chain)
    }

    /// The labels of a document of the chain at this place; `None` if it has none or they are not
    /// wanted.
    pub(super) fn labels_of(
        &self,
        place: ChainPlace,
        container: &Container,
    ) -> Option<Arc<Labels>> {
        let series = self.series.get(place.series).filter(|_| self.labels)?;
        series.chains().nth(place.chain)?.labels_of(container)
    }

    /// Adds the labels of a document of the chain at this place, of which this is the newest sample.
    pub(super) fn note_labels(
        &mut self,
        place: ChainPlace,
        newest: Timestamp,
        labels: Arc<Labels>,
    ) {
        if let Some(series) = self.series.get_mut(place.series) {
            series.note_labels(place.chain, newest, labels);
        }
    }

    /// Adds series that were read after those here, until it is cancelled. Counts their samples in
    /// `outcome`.
    pub(crate) fn absorb(&mut self, later: Self, cancel: &Cancel, outcome: &mut Outcome) {
        self.may_join |= later.may_join;
        for series in later.series {
            if cancel.is_cancelled() {
                return;
            }
            let known = self.by_name.get(series.identity().name());
            if let Some(known) = known.and_then(|index| self.series.get_mut(*index)) {
                let before = Tally::of_all(known);
                known.absorb(series);
                self.names_changed = true;
                outcome.add_samples(before, Tally::of_all(known));
            } else {
                outcome.add_samples(Tally::default(), Tally::of_all(&series));
                self.push(series);
            }
        }
    }

    /// Adds a series. There must be none of its name.
    fn push(&mut self, series: Series) {
        self.by_name.insert(Arc::clone(series.identity().name()), self.series.len());
        self.series.push(series);
        self.names_changed = true;
    }

    /// The place of a container's chain of a door. What is missing is added.
    pub(super) fn place_of(
        &mut self,
        container: &Container,
        machine: Option<&str>,
        door: Door,
    ) -> ChainPlace {
        let name = container.name(machine);
        let (index, told) = match self.by_name.get(&*name) {
            Some(&index) => (index, None),
            None => self.joined_with(&name, container).unwrap_or_else(|| {
                let live = live_start(self.live, &self.forgotten, &name);
                self.may_join |= container.kubernetes.is_some();
                self.push(Series::of_door(Identity::new(container, machine), door, live));
                (self.series.len() - 1, None)
            }),
        };
        let Self { series, live, forgotten, .. } = self;
        let chain = series.get_mut(index).map(|series| {
            if told.is_none() {
                let before = series.identity().told_names();
                series.describe(container);
                self.names_changed |= series.identity().told_names() != before;
            }
            let chain = series.find_chain(door, told.as_ref()).unwrap_or_else(|| {
                series.add_chain_of(door, told.as_ref(), live_start(*live, forgotten, &name))
            });
            if let Some(chain) = series.chain_mut(chain) {
                chain.add(container);
            }
            chain
        });
        ChainPlace { series: index, chain: chain.unwrap_or_default() }
    }

    /// The index of the series that a container of this name is joined with, and the name.
    fn joined_with(
        &mut self,
        name: &str,
        container: &Container,
    ) -> Option<(usize, Option<Arc<str>>)> {
        let joined = self.joined.get_mut(name)?;
        let before = joined.own.told_names();
        joined.own.add(container);
        self.names_changed |= joined.own.told_names() != before;
        let index = *self.by_name.get(&joined.target)?;
        Some((index, Some(Arc::clone(joined.own.name()))))
    }

    /// Joins the series that are one container under two names, as far as the documents that were
    /// read so far tell, and separates those of which they now tell otherwise.
    pub(super) fn join_names(&mut self) {
        if !self.may_join || !std::mem::take(&mut self.names_changed) {
            return;
        }
        let own = self.joined.values().map(|joined| &joined.own);
        let told = container::aliases(self.series.iter().map(Series::identity).chain(own));
        let is_told =
            |(name, joined): &(&Arc<str>, &Joined)| told.get(*name) == Some(&joined.target);
        let wrong = self.joined.iter().filter(|entry| !is_told(entry));
        let wrong: Vec<_> = wrong.map(|(name, _)| Arc::clone(name)).collect();
        for name in wrong {
            self.separate(&name);
        }
        for (name, target) in told {
            self.join(&name, &target);
        }
        // Joining adds no names that were not looked at.
        self.names_changed = false;
    }

    fn join(&mut self, name: &Arc<str>, target: &Arc<str>) {
        let Some(&index) = self.by_name.get(name).filter(|_| self.by_name.contains_key(target))
        else {
            return;
        };
        let series = self.remove(index);
        let own = series.identity().clone();
        if let Some(target) = self.by_name.get(target).and_then(|at| self.series.get_mut(*at)) {
            target.join(series);
        }
        match self.joined.entry(Arc::clone(name)) {
            Entry::Occupied(mut known) => known.get_mut().own.absorb(&own),
            Entry::Vacant(free) => drop(free.insert(Joined { own, target: Arc::clone(target) })),
        }
    }

    fn separate(&mut self, name: &str) {
        let Some(joined) = self.joined.remove(name) else { return };
        let target = self.by_name.get(&joined.target).and_then(|at| self.series.get_mut(*at));
        if let Some(series) = target.and_then(|target| target.separate(name, joined.own)) {
            self.push(series);
        }
    }

    /// Removes the series of this index. The last one takes its place.
    fn remove(&mut self, index: usize) -> Series {
        let series = self.series.swap_remove(index);
        self.names_changed = true;
        self.by_name.remove(series.identity().name());
        let moved = self.series.get(index).map(|moved| moved.identity().name());
        if let Some(place) = moved.and_then(|name| self.by_name.get_mut(name)) {
            *place = index;
        }
        series
    }
}

/// How a chain of this name begins, if it is to be live.
fn live_start(
    live: Option<(LivePolicy, u64)>,
    forgotten: &ForgottenNames,
    name: &str,
) -> Option<LiveStart> {
    live.map(|(policy, now)| LiveStart { policy, now, is_back: forgotten.may_contain(name) })
}

/// Where a chain is in a set of series.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChainPlace {
    series: usize,
    chain: usize,
}

/// A series that is part of another one, because both are one container.
#[derive(Debug)]
struct Joined {
    own: Identity,
    /// The name of the other one.
    target: Arc<str>,
}
