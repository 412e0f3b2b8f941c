//! What readers see of a container whose samples came by several doors: a chain of each is stored
//! by itself, and they become one by rank when they are read (`docs/doors.md`).

use std::cmp::Reverse;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use super::event::Event;
use super::metadata::Metadata;
use super::point_source::{PointMaker, PointSource, SourceKind};
use super::points::Points;
use super::stored::StoredContainer;
use super::time_range::TimeRange;
use super::view::{Query, View};
use crate::chain_name;
use crate::container::{Identity, Labels, Limits, newest_labels};
use crate::document::Door;
use crate::error::Error;
use crate::metric::SectionSet;
use crate::point::DataPoint;
use crate::series::{ChainKey, Lump, Ranking};
use crate::time::Timestamp;

/// The chains of a container.
#[derive(Debug)]
pub(super) struct RankedChains {
    view: View,
    /// The container's name.
    name: Arc<str>,
    chains: Vec<RankedChain>,
    query: Query,
}

#[derive(Debug)]
struct RankedChain {
    stored: Arc<StoredContainer>,
    key: ChainKey,
    denied: SectionSet,
    lumps: Vec<Lump>,
}

impl View {
    /// The chains of a container in the order of their rank.
    pub(super) fn chains(&self, container: &Arc<StoredContainer>) -> Vec<Arc<StoredContainer>> {
        let mut chains = self.catalog.chains(container);
        let settings = &self.rules.settings;
        chains.sort_by(|left, right| left.key().rank(settings).cmp(&right.key().rank(settings)));
        chains
    }

    /// Who a container is, by all of its chains.
    pub(super) fn identity(
        &self,
        container: &StoredContainer,
        chains: &[Arc<StoredContainer>],
    ) -> Identity {
        let name = &container.name;
        if !self.catalog.has_parts(name) {
            return container.metadata.load().identity(name);
        }
        let metadata: Vec<_> = chains.iter().map(|chain| chain.metadata.load_full()).collect();
        let machine = metadata.iter().find_map(|one| one.machine.clone());
        let own = container.metadata.load_full();
        let mut whole = Metadata { machine, ..Metadata::clone(&own) }.identity(name);
        for (chain, metadata) in chains.iter().zip(&metadata) {
            if chain_name::told(&chain.name) == &**name {
                whole.absorb(&metadata.identity(name));
            } else if let Some(pod) = &metadata.kubernetes {
                whole.adopt(pod);
            }
        }
        whole.set_labels(labels(&metadata));
        whole
    }

    /// The points of all chains of a container whose intervals begin in the range.
    pub(super) fn ranked_points(
        &self,
        container: &Arc<StoredContainer>,
        query: &Query,
    ) -> Result<Points, Error> {
        if !self.catalog.has_parts(&container.name) {
            return self.points(container, query);
        }
        let width = self.rules.settings.interval_seconds();
        let Some(span) = self.ranked_span(&self.chains(container))? else {
            return Ok(Points::none(Arc::clone(&container.name), width));
        };
        let range = query.range.start.max(span.start)..query.range.end.min(span.end);
        let chains = Arc::new(RankedChains::of(self, container, query)?);
        let sources = windows(&range, width).map(|window| PointSource {
            first: window.start,
            end: window.end,
            kind: SourceKind::Made(Arc::<RankedChains>::clone(&chains)),
        });
        let name = Arc::clone(&container.name);
        Ok(Points::new(name, width, sources.collect(), range.clone(), query.metrics))
    }

    /// The last points of a container: those of `period` seconds before its newest one ends.
    /// `None` if there are none.
    pub(super) fn ranked_last(
        &self,
        container: &Arc<StoredContainer>,
        period: u64,
    ) -> Result<Option<Points>, Error> {
        if !self.catalog.has_parts(&container.name) {
            return self.last(container, period);
        }
        let mut end = None;
        for chain in self.chains(container) {
            end = end.max(self.end(&chain, self.tail(&chain)?.as_deref())?);
        }
        let Some(end) = end else { return Ok(None) };
        let range = end.saturating_sub(period)..end;
        self.ranked_points(container, &Query { range, metrics: None, provisional: true }).map(Some)
    }

    /// A container's events in a range of time, by time: those of the highest door that has
    /// samples, as in a batch.
    pub(super) fn ranked_events(
        &self,
        container: &Arc<StoredContainer>,
        range: TimeRange,
    ) -> Result<Vec<Event>, Error> {
        let mut chains = self.chains(container).into_iter();
        let has_samples = |chain: &Arc<StoredContainer>| chain.metadata.load().first > 0;
        let chain = chains.find(has_samples).unwrap_or_else(|| Arc::clone(container));
        self.events_of_chain(&chain, container, range)
    }

    /// The events of each door of a container in a range of time, by time and door.
    pub(super) fn events_by_door(
        &self,
        container: &Arc<StoredContainer>,
        range: TimeRange,
    ) -> Result<Vec<Event>, Error> {
        let mut events = Vec::new();
        for chain in self.chains(container) {
            events.extend(self.events_of_chain(&chain, container, range)?);
        }
        events.sort_by_key(|event| event.at);
        Ok(events)
    }

    fn events_of_chain(
        &self,
        chain: &Arc<StoredContainer>,
        container: &StoredContainer,
        range: TimeRange,
    ) -> Result<Vec<Event>, Error> {
        let mut events = self.events(chain, range)?;
        for event in &mut events {
            event.container = Arc::clone(&container.name);
        }
        Ok(events)
    }

    /// The first start and the last end of the points of chains, in seconds.
    pub(super) fn ranked_span(
        &self,
        chains: &[Arc<StoredContainer>],
    ) -> Result<Option<Range<u64>>, Error> {
        let mut whole: Option<Range<u64>> = None;
        for chain in chains {
            let Some(span) = self.span(chain)? else { continue };
            whole = Some(whole.map_or(span.clone(), |whole| {
                whole.start.min(span.start)..whole.end.max(span.end)
            }));
        }
        Ok(whole)
    }
}

/// The labels of all chains. Of a key that several tell, the newest document counts.
fn labels(told: &[Arc<Metadata>]) -> Arc<Labels> {
    let by_age = |told| {
        let told: &Arc<Metadata> = told;
        ((told.labels_at, Reverse(told.door)), &told.labels)
    };
    newest_labels(told.iter().map(by_age))
}

/// Their limits: each of the highest door that tells it.
pub(super) fn limits(chains: &[Arc<StoredContainer>]) -> Limits {
    let limits = chains.iter().filter_map(|chain| Some(chain.metadata.load().limits?.1));
    limits.reduce(Limits::or).unwrap_or_default()
}

/// The starts and CPUs that the highest door tells, and the last creation that any tells, in the
/// order of a [`Bearer`](super::Bearer).
pub(super) fn life(
    chains: &[Arc<StoredContainer>],
) -> (Vec<Timestamp>, Option<Timestamp>, Option<u64>) {
    let told: Vec<_> = chains.iter().map(|chain| chain.metadata.load()).collect();
    let highest = told.iter().find(|told| told.sampled_door().is_some());
    let starts = highest.iter().flat_map(|told| &told.starts);
    let created = told.iter().filter_map(|told| told.created_at).max();
    (
        starts.filter_map(|start| Timestamp::from_nanos(*start)).collect(),
        created.and_then(Timestamp::from_nanos),
        highest.and_then(|told| told.cpus),
    )
}

/// The doors of their samples, in the order of their rank.
pub(super) fn doors(chains: &[Arc<StoredContainer>]) -> Vec<Door> {
    let doors = chains.iter().filter_map(|chain| chain.metadata.load().sampled_door());
    let mut doors: Vec<_> = doors.collect();
    doors.dedup();
    doors
}

impl RankedChains {
    fn of(view: &View, container: &Arc<StoredContainer>, query: &Query) -> Result<Self, Error> {
        let chains = view.chains(container).into_iter().map(|stored| {
            let metadata = stored.metadata.load();
            let noted = view.noted(&stored)?;
            let lumps = noted.iter().flat_map(|(at, what)| what.lumps(*at)).collect();
            let (key, denied) = (stored.key(), metadata.denied);
            Ok(RankedChain { stored, key, denied, lumps })
        });
        let chains = chains.collect::<Result<_, Error>>()?;
        let name = Arc::clone(&container.name);
        Ok(Self { view: view.clone(), name, chains, query: query.clone() })
    }

    /// What a chain tells decides about others at most that far from it, in seconds.
    fn reach(&self) -> u64 {
        let settings = self.view.rules.settings;
        settings.max_gap_seconds() + settings.interval_seconds()
    }

    /// Adds the points of a chain to a ranking, as far as they decide about those in a window.
    fn tell(
        &self,
        chain: &RankedChain,
        range: &Range<u64>,
        ranking: &mut Ranking,
        failed: &mut VecDeque<Error>,
    ) {
        let query = Query { range: range.clone(), ..self.query.clone() };
        let mut points = Vec::new();
        match self.view.points(&chain.stored, &query) {
            Ok(read) => read.for_each(|point| match point {
                Ok(point) => points.push(point.renamed(Arc::clone(&self.name))),
                Err(error) => failed.push_back(error),
            }),
            Err(error) => failed.push_back(error),
        }
        ranking.deny(&chain.key, chain.denied);
        // By the time of the later reading.
        let lumps = &chain.lumps;
        let at = |second: u64| lumps.partition_point(|lump| lump.to.seconds() < second);
        let end = range.end.saturating_add(self.reach());
        ranking.add_of(&chain.key, points, lumps.get(at(range.start)..at(end)).unwrap_or_default());
    }
}

impl PointMaker for RankedChains {
    fn make(&self, range: Range<u64>, points: &mut Vec<DataPoint>, failed: &mut VecDeque<Error>) {
        let told = range.start.saturating_sub(self.reach())..range.end;
        let mut ranking = Ranking::new(self.view.rules.settings);
        self.chains.iter().for_each(|chain| self.tell(chain, &told, &mut ranking, failed));
        ranking.merge_before(u64::MAX, &mut |point| {
            if point.interval().start() >= range.start {
                points.push(point);
            }
        });
    }
}

/// A range in windows that are made at once.
fn windows(range: &Range<u64>, width: u64) -> impl Iterator<Item = Range<u64>> {
    /// About a day of points.
    const SECONDS: u64 = 86_400;
    let (length, end) = (SECONDS.next_multiple_of(width), range.end);
    let starts = (range.start..end).step_by(usize::try_from(length).unwrap_or(usize::MAX));
    starts.map(move |start| start..start.saturating_add(length).min(end))
}
