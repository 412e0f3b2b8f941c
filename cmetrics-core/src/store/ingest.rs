//! Putting samples into a store.

use std::collections::HashSet;
use std::sync::Arc;

use super::append::Appended;
use super::beside::{at_start, stored_beside};
use super::event::Happening;
use super::names::{About, Known};
use super::points::outranks;
use super::shared::Shared;
use super::tail::{Background, apart};
use super::view::{Asked, View};
use super::writer::Staged;
use crate::cancel::Cancel;
use crate::container::{Identity, Life, Limits};
use crate::error::Error;
use crate::point::DataPoint;
use crate::sample::Row;
use crate::series::{Chunk, Mark, Series};
use crate::time::Timestamp;

/// What became of samples that were given to a store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Kept {
    /// Containers that samples were given of.
    pub containers: u64,
    /// Samples that are new.
    pub accepted: u64,
    /// Samples that the store still holds raw already.
    pub duplicates: u64,
    /// Samples older than the lateness before the newest of their container: a batch of their own,
    /// whose points were put among those that are there.
    pub old: u64,
    /// Samples more than an hour after the time that the caller told ([`Store::advance`]): refused,
    /// as all that came after them would be old.
    ///
    /// [`Store::advance`]: crate::Store::advance
    pub ahead: u64,
    /// What became of the points that are final now.
    pub points: Appended,
    /// First and last points of what was older that stay covered in part.
    pub partial_edges: u64,
}

/// Samples of a container that are to be kept.
pub(crate) struct Incoming<'i> {
    identity: Identity,
    limits: Limits,
    life: Arc<Life>,
    /// The first and last sample, in nanoseconds.
    span: Option<(u64, u64)>,
    samples: Box<dyn Iterator<Item = (Row<'i>, Mark)> + 'i>,
    /// Up to where no more will come, where that is known.
    closed: Option<u64>,
}

impl<'i> Incoming<'i> {
    fn of_series(series: &'i Series) -> Self {
        let times = || series.rows().map(|row| row.time.nanos());
        Self {
            identity: series.identity().clone(),
            limits: series.limits(),
            life: Arc::clone(series.life()),
            span: times().next().zip(times().next_back()),
            samples: Box::new(series.marked_rows()),
            closed: None,
        }
    }

    /// What a recorder took in, up to `closed` in nanoseconds all that there will be.
    pub(crate) fn of_recorder(
        identity: Identity,
        (limits, life): (Limits, Arc<Life>),
        samples: &'i Chunk,
        closed: u64,
    ) -> Self {
        let time = |index| samples.time(index).map(Timestamp::nanos);
        Self {
            identity,
            limits,
            life,
            span: time(0).zip(samples.last().map(Timestamp::nanos)),
            samples: Box::new(samples.marked_rows()),
            closed: Some(closed),
        }
    }
}

impl Shared {
    pub(super) fn ingest<'s>(
        &self,
        series: impl IntoIterator<Item = &'s Series>,
        strict: bool,
        cancel: &Cancel,
    ) -> Result<Kept, Error> {
        self.take_in_all(series.into_iter().map(Incoming::of_series), strict, cancel)
    }

    pub(super) fn take_in_all<'i>(
        &self,
        all: impl Iterator<Item = Incoming<'i>>,
        strict: bool,
        cancel: &Cancel,
    ) -> Result<Kept, Error> {
        let kept = self.write(cancel, |view, staged| {
            let (mut kept, mut seen) = (Kept::default(), HashSet::new());
            for incoming in all {
                let known = self.names.of(incoming.identity.name());
                if !seen.insert(known.number) {
                    let name = &known.name;
                    return Err(self.refused(format!("samples of {name} were given twice at once")));
                }
                self.take_in(view, staged, (&known, incoming), (strict, cancel), &mut kept)?;
                // Before anything is written: else it is there as a whole.
                cancel.check("nothing was ingested")?;
            }
            staged.batch.pack();
            Ok(kept)
        })?;
        self.count_refused(kept.points);
        Ok(kept)
    }

    fn take_in(
        &self,
        view: &View,
        staged: &mut Staged<'_>,
        (known, incoming): (&Arc<Known>, Incoming<'_>),
        (strict, cancel): (bool, &Cancel),
        kept: &mut Kept,
    ) -> Result<(), Error> {
        let Incoming { identity, limits, life, span, samples, closed } = incoming;
        let name = &known.name;
        self.check_names(name, length_of_names(&identity))?;
        let mut background = known.about.load().background();
        Arc::make_mut(&mut background.life).absorb(&life);
        let before = view.tail(known)?.unwrap_or_default();
        let (latest, mut ahead) = (self.latest(), 0);
        let is_ahead = |time: u64| super::tail::second(time) > latest;
        // Cut off, it is not kept.
        let samples = samples.take_while(|_| !cancel.is_cancelled()).filter(|(row, _)| {
            let is_one = is_ahead(row.time.nanos());
            ahead += u64::from(is_one);
            !is_one
        });
        let grown = before.add(name, (self.rules, &background), samples, closed);
        let mut grown = grown
            .ok_or_else(|| self.refused(format!("the raw samples of {name} are no samples")))?;
        kept.containers += 1;
        kept.ahead += ahead;
        let newest = grown.marks.newest;
        let span = span.map(|(first, last)| (first, if is_ahead(last) { newest } else { last }));
        let span = span.filter(|(first, _)| !is_ahead(*first));
        kept.accepted += grown.accepted;
        kept.duplicates += grown.duplicates;
        kept.old += grown.late.len() as u64;
        let set_aside = set_aside_among(&grown.late, view, known)?;
        let mut old = apart(name, &background, self.rules.settings, (&mut grown.late, &set_aside));
        kept.points.unchanged += drop_repeated(&mut old.points, view, known)?;
        background.since = grown.since;
        // Samples may come that are older than those which are there.
        let oldest = grown.marks.base.min(grown.marks.closed);
        let max_gap = self.rules.settings.max_gap_nanos();
        Life::forget_before(&mut background.life, oldest.saturating_sub(max_gap));
        name_it(staged, known, &identity, (limits, &background), span);
        if strict && is_news(view, known, &old.points)? {
            let seconds = super::tail::second(self.rules.lateness);
            return Err(self.refused(format!(
                "there are samples of {name} that are more than {seconds} s older than its newest, and \
                 not ingested yet; nothing was ingested"
            )));
        }
        kept.partial_edges += edges(view, known, &old.points)?;
        if !old.events.is_empty() {
            let stored = view.stored_events(known)?;
            old.events.retain(|event| !stored.contains(event));
        }
        // Together: what is old and what became final may touch.
        let mut points = old.points;
        points.extend(grown.points);
        kept.points.add(self.stage(view, staged, &points)?);
        for (at, what) in old.events.into_iter().chain(grown.events) {
            staged.event(known, at, what);
        }
        if grown.piece.is_some() || grown.marks != before.marks {
            let tail = before.grown(grown.piece.clone(), grown.marks);
            staged.grown(known, grown.piece, tail);
        }
        Ok(())
    }
}

/// How many bytes name a container beside its name.
fn length_of_names(identity: &Identity) -> usize {
    let others = identity.aliases().iter().chain(identity.paths()).map(String::len);
    others.sum::<usize>() + identity.image().map_or(0, str::len)
}

/// Which old samples were set aside when they were new.
fn set_aside_among(late: &Chunk, view: &View, known: &Arc<Known>) -> Result<Vec<Timestamp>, Error> {
    if late.len() == 0 {
        return Ok(Vec::new());
    }
    let events = view.stored_events(known)?.into_iter();
    let set_aside = events.filter(|(_, what)| *what == Happening::SetAside).map(|(at, _)| at);
    Ok(set_aside.filter(|at| late.time(late.before(*at)) == Some(*at)).collect())
}

/// Drops those points of old samples that are of no more samples than what is stored, and says how
/// many they were: as a rule they are of the same samples, of which more was known then. Of as many,
/// one stays that is of the whole interval: it has the samples around it.
fn drop_repeated(
    points: &mut Vec<DataPoint>,
    view: &View,
    known: &Arc<Known>,
) -> Result<u64, Error> {
    let stored = stored_beside(view, known, points)?;
    let before = points.len();
    points.retain(|point| {
        let there = at_start(&stored, point.interval().start());
        there.is_none_or(|there| {
            let more = point.samples().cmp(&there.samples());
            !there.is_exact() || more.is_gt() || (more.is_eq() && point.is_complete())
        })
    });
    Ok((before - points.len()) as u64)
}

/// Notes what is known of a container, where that is new.
fn name_it(
    staged: &mut Staged<'_>,
    known: &Arc<Known>,
    identity: &Identity,
    (limits, background): (Limits, &Background),
    span: Option<(u64, u64)>,
) {
    let before = known.about.load();
    let mut about = before.with(identity).living(background);
    if let Some((first, last)) = span {
        about.first = if about.first == 0 { first } else { about.first.min(first) };
        about.last = about.last.max(last);
        if let Some((at, change)) = note_limits(&mut about, last, limits) {
            staged.event(known, at, change);
        }
    } else if **before == About::of_name(&known.name) && background.life.starts().is_empty() {
        return;
    }
    // The last sample's time alone is no news: the tail knows it.
    let news = About { last: before.last, ..about.clone() } != **before;
    if news {
        staged.about(known, about);
    }
}

/// Notes the limits that a newer document told, and says whether they changed.
fn note_limits(about: &mut About, last: u64, limits: Limits) -> Option<(Timestamp, Happening)> {
    let before = about.limits;
    // Samples that come without a description tell none, and not that there are none.
    if limits == Limits::default() {
        return None;
    }
    if before.is_some_and(|(at, known)| at >= last || known == limits) {
        return None;
    }
    about.limits = Some((last, limits));
    before.and_then(|_| Some((Timestamp::from_nanos(last)?, Happening::Limits(limits))))
}

/// Whether any of these points, in rising time, would be added or replace a stored one.
fn is_news(view: &View, known: &Arc<Known>, points: &[DataPoint]) -> Result<bool, Error> {
    let stored = stored_beside(view, known, points)?;
    let is_new = |point: &DataPoint| {
        let there = at_start(&stored, point.interval().start());
        there.is_none_or(|there| outranks(point, there))
    };
    Ok(points.iter().any(is_new))
}

/// How many ends of old points are covered in part, and are better than what is stored all the
/// same: of samples that were ingested before nothing is lost at their ends.
fn edges(view: &View, known: &Arc<Known>, points: &[DataPoint]) -> Result<u64, Error> {
    let last = points.last().filter(|_| points.len() > 1);
    let mut edges = 0;
    for point in points.first().into_iter().chain(last).filter(|point| !point.is_complete()) {
        let start = point.interval().start();
        let stored = view.points(known, &Asked::stored(start..start + 1))?.collect_all()?;
        edges += u64::from(stored.iter().all(|stored| outranks(point, stored)));
    }
    Ok(edges)
}
