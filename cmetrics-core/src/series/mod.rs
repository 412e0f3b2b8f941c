//! The samples of one container, by door.

mod chain;
mod chunk;
mod copies;
mod events;
mod flow;
mod history;
mod inspect;
mod labels;
mod live;
mod lump;
mod ranking;
mod resumed;
mod settling;
#[cfg(test)]
mod tests;
mod timeline;
mod told_history;

#[cfg(any(feature = "recorder", feature = "store"))]
pub(crate) use chain::ChainKey;
pub(crate) use chain::CopyPolicy;
pub use chain::{Chain, Counts};
pub(crate) use chunk::{Chunk, SampleMeta};
pub use events::{Events, Gap};
pub(crate) use flow::{Checkpoint, Flow};
pub use history::History;
pub(crate) use history::ScratchFlow;
pub use inspect::Inspection;
pub(crate) use live::{LivePolicy, LiveStart};
pub(crate) use resumed::Resumed;
use settling::LiveRanking;
#[cfg(feature = "store")]
pub(crate) use told_history::LabelHistory;
#[cfg(feature = "recorder")]
pub(crate) use told_history::LimitHistory;
#[cfg(any(feature = "recorder", feature = "store"))]
pub(crate) use {lump::Lump, ranking::Ranking};

use std::sync::Arc;

use crate::container::{Container, HasIdentity, Identity, Limits};
use crate::document::Door;
use crate::sample::Sample;
use crate::settings::Settings;
use crate::time::Timestamp;

/// A container and all samples that were read of it: a chain for each door by which they came.
///
/// Its points are those of its chains, by the rank of their doors (`docs/doors.md`). Most
/// containers have one chain, and then there is nothing to rank.
#[derive(Debug)]
pub struct Series {
    identity: Identity,
    first: Chain,
    others: Vec<Chain>,
    /// For a live series of several chains: points that wait for those of other chains.
    ranking: Option<Box<LiveRanking>>,
    /// The end of the last point that a live series emitted, in seconds; 0 if there is none.
    emitted_until: u64,
}

impl HasIdentity for &Series {
    fn identity(&self) -> &Identity {
        Series::identity(self)
    }
}

impl Series {
    /// A container without samples. Those that are [inserted](Self::insert) count as cAdvisor's.
    pub fn new(identity: Identity) -> Self {
        Self::of_door(identity, Door::Cadvisor, None)
    }

    /// A container without samples, with a chain for this door; live if there is a start.
    pub(crate) fn of_door(identity: Identity, door: Door, live: Option<LiveStart>) -> Self {
        let first = Chain::made(door, identity.name(), live);
        Self { identity, first, others: Vec::new(), ranking: None, emitted_until: 0 }
    }

    /// The names of the container.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The chains of its samples, one for each door, in the order in which they were first read.
    ///
    /// ```
    /// use cmetrics_core::parse::Door;
    /// use cmetrics_core::{Input, Pipeline};
    ///
    /// let reply = r#"{"/": {"spec": {}, "stats": [{"timestamp": "2026-11-21T12:00:03Z"}]}}"#;
    /// let mut pipeline = Pipeline::default();
    /// pipeline.read(Input::bytes("reply", reply)).into_result().unwrap();
    /// let series = pipeline.series().next().unwrap();
    /// let doors: Vec<_> = series.chains().map(|chain| (chain.door(), chain.len())).collect();
    /// assert_eq!(doors, [(Door::Cadvisor, 1)]);
    /// ```
    pub fn chains(&self) -> impl Iterator<Item = &Chain> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// The chains by the rank of their doors, the highest first.
    pub(crate) fn ranked(&self, settings: &Settings) -> Vec<&Chain> {
        let mut chains: Vec<_> = self.chains().collect();
        chains.sort_by(|left, right| left.key.rank(settings).cmp(&right.key.rank(settings)));
        chains
    }

    /// The chain of the highest door, in the usual order of doors.
    fn highest(&self) -> &Chain {
        self.chains().min_by_key(|chain| chain.door()).unwrap_or(&self.first)
    }

    /// The chains that a store keeps: those that tell anything, and one of the container's own name
    /// in any case.
    #[cfg(feature = "store")]
    pub(crate) fn chains_to_keep(&self) -> impl Iterator<Item = &Chain> {
        let tells = |chain: &&Chain| !chain.is_empty() || chain.starts().next().is_some();
        let is_own = |chain: &Chain| chain.told_name().is_none();
        let has_own = self.chains().filter(tells).any(is_own);
        let own = self.chains().find(|chain| !has_own && is_own(chain));
        self.chains().filter(tells).chain(own)
    }

    /// The samples of the highest door in rising time, each once. A live series has only those
    /// that it remembers.
    pub fn samples(&self) -> impl DoubleEndedIterator<Item = Sample> {
        self.highest().samples()
    }

    /// The number of samples, of all doors.
    pub fn len(&self) -> usize {
        self.chains().map(Chain::len).sum()
    }

    /// Whether there are no samples.
    pub fn is_empty(&self) -> bool {
        self.chains().all(Chain::is_empty)
    }

    /// How many samples were left out, by reason, of all doors.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        self.chains().for_each(|chain| counts.add(chain.counts()));
        counts
    }

    /// What the container may use, from the newest document: the one whose last sample is newest.
    /// Each limit is that of the highest door that tells it.
    pub fn limits(&self) -> Limits {
        let limits = self.ranked(&Settings::default()).into_iter().map(Chain::limits);
        limits.reduce(Limits::or).unwrap_or_default()
    }

    /// How often the limits changed from one document to the next, of all doors.
    pub fn limit_changes(&self) -> u64 {
        self.chains().map(Chain::limit_changes).sum()
    }

    /// The known starts of the container (`spec.start_time`), in rising time. To make points with a
    /// [`Tracker`](crate::delta::Tracker), pass them to
    /// [`note_start`](crate::delta::Tracker::note_start).
    pub fn starts(&self) -> impl Iterator<Item = Timestamp> {
        self.highest().starts()
    }

    /// When the container was created last, as far as documents of any door say so
    /// (`spec.creation_time`). It decides nothing about points.
    pub fn created(&self) -> Option<Timestamp> {
        self.chains().filter_map(Chain::created).max()
    }

    /// On how many CPUs the container may run: the largest number in any document of the highest
    /// door.
    pub fn cpus(&self) -> Option<u64> {
        self.highest().cpus()
    }

    /// Adds a sample of cAdvisor's. Of several samples of one time the first one counts, and the
    /// others count as duplicates.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the caller has no further use for the sample"
    )]
    pub fn insert(&mut self, sample: Sample) {
        let known = self.find_chain(Door::Cadvisor, None);
        let index = known.unwrap_or_else(|| self.add_chain_of(Door::Cadvisor, None, None));
        if let Some(chain) = self.chain_mut(index) {
            chain.insert_from(&sample, &[], false);
        }
    }

    /// Adds what a document says of the container.
    pub(crate) fn describe(&mut self, container: &Container) {
        self.identity.add(container);
    }

    /// The index of the chain of a door, for samples that come under the container's own name or
    /// under another one.
    #[inline]
    pub(crate) fn find_chain(&self, door: Door, told: Option<&Arc<str>>) -> Option<usize> {
        let is_it = |chain: &Chain| chain.key.door == door && chain.key.told_name.as_ref() == told;
        self.chains().position(is_it)
    }

    /// Adds a chain of a door, live if there is a start, and returns its index.
    pub(crate) fn add_chain_of(
        &mut self,
        door: Door,
        told: Option<&Arc<str>>,
        live: Option<LiveStart>,
    ) -> usize {
        let mut chain = Chain::made(door, self.identity.name(), live);
        chain.key.told_name = told.cloned();
        self.add_chain(chain)
    }

    /// Adds a chain, and returns its index.
    fn add_chain(&mut self, chain: Chain) -> usize {
        self.others.push(chain);
        self.others.len()
    }

    /// The chain of this index.
    #[inline]
    pub(crate) fn chain_mut(&mut self, index: usize) -> Option<&mut Chain> {
        match index.checked_sub(1) {
            None => Some(&mut self.first),
            Some(index) => self.others.get_mut(index),
        }
    }

    fn chains_mut(&mut self) -> impl Iterator<Item = &mut Chain> {
        std::iter::once(&mut self.first).chain(&mut self.others)
    }

    /// Adds all that another series of the container contains, which was read after this one.
    pub(crate) fn absorb(&mut self, later: Self) {
        self.identity.absorb(&later.identity);
        self.absorb_chains(later.into_chains());
        self.update_labels();
    }

    /// Adds the chains of a series that is the same container under another name.
    pub(crate) fn join(&mut self, mut other: Self) {
        let told = Arc::clone(other.identity.name());
        let name = Arc::clone(self.identity.name());
        if let Some(pod) = other.identity.kubernetes() {
            self.identity.adopt(pod);
        }
        if let Some(waiting) = other.ranking.take() {
            self.take_waiting(*waiting, &told);
        }
        self.absorb_chains(other.into_chains().map(|mut chain| {
            chain.key.told_name.get_or_insert_with(|| Arc::clone(&told));
            chain.name = Arc::clone(&name);
            chain
        }));
        self.update_labels();
    }

    /// Removes the chains of another name, and returns them as a series of their own.
    pub(crate) fn separate(&mut self, told: &str, identity: Identity) -> Option<Self> {
        self.identity.disown(told);
        let is_told = |chain: &mut Chain| chain.told_name() == Some(told);
        let mut chains = self.others.extract_if(.., is_told).map(|mut chain| {
            chain.key.told_name = None;
            chain.name = Arc::clone(identity.name());
            chain
        });
        let first = chains.next()?;
        let others = chains.collect();
        let mut separate = Self { identity, first, others, ranking: None, emitted_until: 0 };
        separate.update_labels();
        self.update_labels();
        Some(separate)
    }

    fn into_chains(self) -> impl Iterator<Item = Chain> {
        std::iter::once(self.first).chain(self.others)
    }

    fn absorb_chains(&mut self, chains: impl Iterator<Item = Chain>) {
        for chain in chains {
            if let Some(known) = self.chains_mut().find(|known| known.key == chain.key) {
                known.absorb(chain);
            } else {
                self.add_chain(chain);
            }
        }
    }
}
