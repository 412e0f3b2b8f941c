//! The series of all containers, by name.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use super::aliases;
use super::outcome::{Outcome, Tally};
use crate::cancel::Cancel;
use crate::container::{Container, ForgottenNames, Identity};
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
    }

    /// The place of a container's chain of a door. What is missing is added.
    pub(super) fn place_of(
        &mut self,
        container: &Container,
        machine: Option<&str>,
        door: Door,
    ) -> ChainPlace {
        let name = container.name(machine);
        let live = self.live.map(|(policy, now)| LiveStart {
            policy,
            now,
            is_back: self.forgotten.may_contain(&name),
        });
        let known = self.by_name.get(&*name).copied();
        if known.is_none()
            && let Some(place) = self.joined_place(&name, container, door, live)
        {
            return place;
        }
        let index = known.unwrap_or(self.series.len());
        if known.is_none() {
            self.may_join |= container.kubernetes.is_some();
            self.push(Series::of_door(Identity::new(container, machine), door, live));
        }
        let labels = self.labels;
        let chain = self.series.get_mut(index).map(|series| {
            if labels {
                series.add_labels(container);
            }
            series.add(container, door, live)
        });
        ChainPlace { series: index, chain: chain.unwrap_or_default() }
    }

    /// The place of a chain of a container that is joined with another one.
    fn joined_place(
        &mut self,
        name: &str,
        container: &Container,
        door: Door,
        live: Option<LiveStart>,
    ) -> Option<ChainPlace> {
        let joined = self.joined.get_mut(name)?;
        joined.own.add(container);
        let index = *self.by_name.get(&joined.target)?;
        let told = Arc::clone(joined.own.name());
        let chain = self.series.get_mut(index)?.add_told(&told, container, door, live);
        Some(ChainPlace { series: index, chain })
    }

    /// Joins the series that are one container under two names, as far as the documents that were
    /// read so far tell, and separates those of which they now tell otherwise.
    pub(super) fn join_names(&mut self) {
        if !self.may_join {
            return;
        }
        let own = self.joined.values().map(|joined| &joined.own);
        let told = aliases::of(self.series.iter().map(Series::identity).chain(own));
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
        self.by_name.remove(series.identity().name());
        let moved = self.series.get(index).map(|moved| moved.identity().name());
        if let Some(place) = moved.and_then(|name| self.by_name.get_mut(name)) {
            *place = index;
        }
        series
    }
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
