//! Ingesting samples into a store.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::append::Appended;
use super::described::{Described, Known};
use super::event::Happening;
use super::overlap::{find_by_start, stored_overlapping};
use super::points::outranks;
use super::shared::Shared;
use super::stored::StoredContainer;
use super::tail::{TailUpdate, late_batch};
use super::view::{Query, View};
use super::writer::Staged;
use crate::cancel::Cancel;
use crate::chain_name;
use crate::container::{Identity, Labels, Life, Limits};
use crate::document::Door;
use crate::error::Error;
use crate::metric::SectionSet;
use crate::point::DataPoint;
use crate::sample::SampleRow;
use crate::series::{Chain, ChainKey, Chunk, SampleMeta, Series};
use crate::time::Timestamp;

/// Counts of what happened to ingested samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Kept {
    /// Containers in the call.
    pub containers: u64,
    /// New samples.
    pub accepted: u64,
    /// Samples that the store already holds raw.
    pub duplicates: u64,
    /// Samples that are older than the newest of their container by more than the lateness. They
    /// are evaluated as a batch of their own, and its points are merged with the stored ones.
    pub old: u64,
    /// Samples more than an hour after the time that the caller set ([`Store::advance`]). They are
    /// refused, since they would make all later samples old.
    ///
    /// [`Store::advance`]: crate::Store::advance
    pub ahead: u64,
    /// Counts of the points that became final.
    pub points: Appended,
    /// Chains of samples with labels of more than 128 KiB, which are not kept. The samples are.
    pub unlabelled: u64,
    /// First and last points of old samples whose intervals are covered in part.
    pub partial_edges: u64,
}

impl Kept {
    /// Counts the samples of a chain, of which `ahead` were refused.
    fn count(&mut self, update: &TailUpdate, ahead: u64) {
        self.accepted += update.accepted;
        self.duplicates += update.duplicates;
        self.old += update.late.len() as u64;
        self.ahead += ahead;
    }
}

/// Samples of one chain of a container to ingest.
pub(crate) struct Incoming<'i> {
    /// Of the container.
    identity: Identity,
    key: ChainKey,
    limits: Limits,
    /// The labels of documents, by the time of their last samples.
    labels: Vec<(Timestamp, Arc<Labels>)>,
    life: Arc<Life>,
    /// The times of the first and last sample, in nanoseconds.
    span: Option<(u64, u64)>,
    samples: Box<dyn Iterator<Item = (SampleRow<'i>, SampleMeta)> + 'i>,
    /// No more samples come up to this time, where that is known.
    closed: Option<u64>,
}

impl<'i> Incoming<'i> {
    /// The samples of a chain of a series.
    fn of_chain(series: &'i Series, chain: &'i Chain) -> Self {
        let times = || chain.rows().map(|row| row.time.nanos());
        let mut identity = series.identity().clone();
        if chain.told_name().is_some() {
            identity = identity.created(chain.creation());
        }
        let labels = chain.told_labels().map(|(at, labels)| (at, Arc::clone(labels)));
        Self {
            identity,
            key: chain.key().clone(),
            limits: chain.limits(),
            labels: labels.collect(),
            life: Arc::clone(chain.life()),
            span: times().next().zip(times().next_back()),
            samples: Box::new(chain.rows_with_meta()),
            closed: None,
        }
    }

    /// Samples from a recorder. There will be no more samples up to `closed`, in nanoseconds.
    pub(crate) fn of_recorder(
        identity: Identity,
        key: ChainKey,
        limits: Limits,
        life: Arc<Life>,
        labelled_at: Option<Timestamp>,
        samples: &'i Chunk,
        closed: u64,
    ) -> Self {
        let labels = identity.shared_labels().filter(|labels| !labels.is_empty()).cloned();
        let labels = labelled_at.or(samples.last()).zip(labels);
        let time = |index| samples.time(index).map(Timestamp::nanos);
        Self {
            identity,
            key,
            limits,
            labels: labels.into_iter().collect(),
            life,
            span: time(0).zip(samples.last().map(Timestamp::nanos)),
            samples: Box::new(samples.rows_with_meta()),
            closed: Some(closed),
        }
    }
}

/// What the samples of one container are ingested with.
struct Ingesting<'i, 'w> {
    view: &'i View,
    staged: &'i mut Staged<'w>,
    container: &'i Arc<StoredContainer>,
    /// Whether old samples are refused.
    strict: bool,
    cancel: &'i Cancel,
}

impl Shared {
    pub(super) fn ingest<'s>(
        &self,
        series: impl IntoIterator<Item = &'s Series>,
        strict: bool,
        cancel: &Cancel,
    ) -> Result<Kept, Error> {
        let all = series.into_iter().flat_map(|series| {
            series.chains_to_keep().map(|chain| Incoming::of_chain(series, chain))
        });
        self.ingest_all(all, strict, cancel)
    }

    pub(super) fn ingest_all<'i>(
        &self,
        all: impl Iterator<Item = Incoming<'i>>,
        strict: bool,
        cancel: &Cancel,
    ) -> Result<Kept, Error> {
        let kept = self.write(cancel, |view, staged| {
            let mut kept = Kept::default();
            let (mut seen, mut names) = (HashMap::new(), HashSet::new());
            for incoming in all {
                let ChainKey { door, told_name } = &incoming.key;
                let told = told_name.as_ref().unwrap_or(incoming.identity.name());
                let container = self.catalog.chain(told, *door, |plain| {
                    let is_another = |of: &Door| of != door;
                    let stored = || plain.metadata.load().sampled_door();
                    seen.get(&plain.number)
                        .copied()
                        .or_else(stored)
                        .is_some_and(|of| is_another(&of))
                });
                if seen.insert(container.number, *door).is_some() {
                    let name = incoming.identity.name();
                    return Err(self.refused(format!("one call has two series of {name}")));
                }
                kept.containers += u64::from(names.insert(Arc::clone(incoming.identity.name())));
                let ingesting = Ingesting { view, staged, container: &container, strict, cancel };
                self.ingest_one(ingesting, incoming, &mut kept)?;
                // The last point at which the call can still be cancelled as a whole.
                cancel.check("nothing was ingested")?;
            }
            staged.batch.pack();
            Ok(kept)
        })?;
        self.count_refused(kept.points);
        Ok(kept)
    }

    fn ingest_one(
        &self,
        ingesting: Ingesting<'_, '_>,
        incoming: Incoming<'_>,
        kept: &mut Kept,
    ) -> Result<(), Error> {
        let Ingesting { view, staged, container, strict, cancel } = ingesting;
        let Incoming { identity, key, limits, mut labels, life, span, samples, closed } = incoming;
        let name = &container.name;
        let told = chain_name::told(name);
        self.check_names(told, length_of_names(&identity))?;
        let known = container.metadata.load().background();
        let mut background = known.clone();
        Arc::make_mut(&mut background.life).absorb(&life);
        let before = view.tail(container)?.unwrap_or_default();
        let (latest, mut ahead) = (self.latest(), 0);
        let is_ahead = |time: u64| super::tail::second(time) > latest;
        // The call fails below if it is cut off here.
        let mut denied = SectionSet::default();
        let samples = samples.take_while(|_| !cancel.is_cancelled()).filter(|(row, _)| {
            denied = denied.union(row.layout.denied);
            let is_one = is_ahead(row.time.nanos());
            ahead += u64::from(is_one);
            !is_one
        });
        let update = before.add(name, self.rules, &background, samples, closed);
        let mut update = update
            .ok_or_else(|| self.refused(format!("the raw samples of {told} cannot be decoded")))?;
        let newest = update.header.newest;
        // Documents may end with refused samples.
        let accepted_until = Timestamp::from_nanos(newest).unwrap_or(Timestamp::MAX);
        let span = span.map(|(first, last)| (first, if is_ahead(last) { newest } else { last }));
        let span = span.filter(|(first, _)| !is_ahead(*first));
        kept.count(&update, ahead);
        let set_aside = set_aside_among(&update.late, view, container)?;
        let mut old =
            late_batch(name, &background, self.rules.settings, &mut update.late, &set_aside);
        kept.points.unchanged += drop_repeated(&mut old.points, view, container)?;
        background.since = update.since;
        // Older samples than the present ones may still come.
        let oldest = update.header.base.min(update.header.closed);
        let max_gap = self.rules.settings.max_gap_nanos();
        Life::forget_before(&mut background.life, oldest.saturating_sub(max_gap));
        kept.unlabelled += u64::from(drop_long(&mut labels, accepted_until));
        let described = Described::of(&identity, &key, denied, limits, &labels);
        let so_far = Known { background: &background, span, until: before.header.newest };
        described.stage(view, staged, container, so_far)?;
        if strict {
            self.refuse_old(view, container, &old.points)?;
        }
        kept.partial_edges += edges(view, container, &old.points)?;
        if !old.events.is_empty() {
            let stored = view.stored_events(container)?;
            old.events.retain(|event| !stored.contains(event));
        }
        // Staged together: the points of old samples may adjoin those that became final.
        let mut points = old.points;
        points.extend(update.points);
        // Whoever reads the log makes the documented figures alone.
        let is_documented = self.rules.settings.metrics().is_empty();
        let is_steady = update.is_steady && background == known && is_documented;
        let (appended, extent) = self.stage_final(view, staged, &points, is_steady)?;
        kept.points.add(appended);
        for (at, what) in old.events.into_iter().chain(update.events) {
            staged.event(container, at, what);
        }
        if update.piece.is_some() || update.header != before.header {
            let tail = before.extended(update.piece.clone(), update.header);
            staged.tail_growth(container, update.piece, tail, extent);
        }
        Ok(())
    }

    /// Fails if any of these points of old samples is not stored yet.
    fn refuse_old(
        &self,
        view: &View,
        container: &Arc<StoredContainer>,
        points: &[DataPoint],
    ) -> Result<(), Error> {
        if !adds_points(view, container, points)? {
            return Ok(());
        }
        let (told, seconds) =
            (chain_name::told(&container.name), super::tail::second(self.rules.lateness));
        Err(self.refused(format!(
            "there are samples of {told} that are more than {seconds} s older than its newest, and not \
             ingested yet; nothing was ingested"
        )))
    }
}

/// The length of a container's names, beside its own name.
fn length_of_names(identity: &Identity) -> usize {
    let others = identity.aliases().iter().chain(identity.paths()).map(String::len);
    others.sum::<usize>() + identity.image().map_or(0, str::len)
}

/// Drops labels of documents that take so many bytes that a segment could not hold them, and
/// returns whether there were any. The others are of `last` at the latest.
fn drop_long(labels: &mut Vec<(Timestamp, Arc<Labels>)>, last: Timestamp) -> bool {
    const MOST: usize = 1 << 17;
    let before = labels.len();
    labels.retain_mut(|(at, labels)| {
        *at = last.min(*at);
        let length: usize = labels.iter().map(|(key, value)| key.len() + value.len()).sum();
        length <= MOST
    });
    labels.len() < before
}

/// The old samples that were set aside when they were new.
fn set_aside_among(
    late: &Chunk,
    view: &View,
    container: &Arc<StoredContainer>,
) -> Result<Vec<Timestamp>, Error> {
    if late.len() == 0 {
        return Ok(Vec::new());
    }
    let events = view.stored_events(container)?.into_iter();
    let set_aside = events.filter(|(_, what)| *what == Happening::SetAside).map(|(at, _)| at);
    Ok(set_aside.filter(|at| late.time(late.before(*at)) == Some(*at)).collect())
}

/// Drops points of old samples that are made of no more samples than the stored ones, and returns
/// how many. Usually they are made of the same samples, and more was known when those were new. Of
/// points with equally many samples, a complete one stays: it also has the samples around its
/// interval.
fn drop_repeated(
    points: &mut Vec<DataPoint>,
    view: &View,
    container: &Arc<StoredContainer>,
) -> Result<u64, Error> {
    let stored = stored_overlapping(view, container, points)?;
    let before = points.len();
    points.retain(|point| {
        let there = find_by_start(&stored, point.interval().start());
        there.is_none_or(|there| {
            let more = point.samples().cmp(&there.samples());
            !there.is_exact() || more.is_gt() || (more.is_eq() && point.is_complete())
        })
    });
    Ok((before - points.len()) as u64)
}

/// Whether any of these points, in rising time, would be added or would replace a stored one.
fn adds_points(
    view: &View,
    container: &Arc<StoredContainer>,
    points: &[DataPoint],
) -> Result<bool, Error> {
    let stored = stored_overlapping(view, container, points)?;
    let is_new = |point: &DataPoint| {
        let there = find_by_start(&stored, point.interval().start());
        there.is_none_or(|there| outranks(point, there))
    };
    Ok(points.iter().any(is_new))
}

/// Counts the first and last of the points that are covered in part, and still better than what is
/// stored. Samples that were ingested before lose nothing at their ends.
fn edges(
    view: &View,
    container: &Arc<StoredContainer>,
    points: &[DataPoint],
) -> Result<u64, Error> {
    let last = points.last().filter(|_| points.len() > 1);
    let mut edges = 0;
    for point in points.first().into_iter().chain(last).filter(|point| !point.is_complete()) {
        let start = point.interval().start();
        let stored = view.points(container, &Query::stored(start..start + 1))?.collect_all()?;
        edges += u64::from(stored.iter().all(|stored| outranks(point, stored)));
    }
    Ok(edges)
}
