//! The points of a container whose samples come by several doors (`docs/doors.md`).
//!
//! Each door has a recorder of its own, and what they seal is merged here by rank: an interval once
//! no door can tell more of it that has not been silent for long.

use std::sync::Arc;

use super::queue::Queue;
use super::settings::RecorderSettings;
use crate::container::{Identity, Limits};
use crate::document::Door;
use crate::metric::SectionSet;
use crate::point::DataPoint;
use crate::series::{ChainKey, Lump, Ranking};
use crate::sync::Mutex;
use crate::time::NANOS_PER_SECOND;

/// How far a door is sealed. Times are nanoseconds since the epoch.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// The time of its newest sample; 0 if it has none.
    pub(super) newest: u64,
    /// Up to here no sample comes any more.
    pub(super) closed_until: u64,
    /// All points of intervals before this one were sealed.
    pub(super) open_from: u64,
    pub(super) denied: SectionSet,
    /// Growth since the last progress that is credited as a whole. It may have some again that was
    /// told before.
    pub(super) lumps: Vec<Lump>,
}

/// What is not final yet of a door.
#[derive(Debug)]
pub(super) struct OpenPoints {
    pub(super) key: ChainKey,
    pub(super) points: Vec<DataPoint>,
    pub(super) lumps: Vec<Lump>,
}

/// What the recorders of one container share, each of which has a door.
#[derive(Debug)]
pub(super) struct RankedContainer {
    /// The name of its points.
    name: Arc<str>,
    settings: RecorderSettings,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    ranking: Ranking,
    /// The first one speaks for the container.
    members: Vec<Member>,
    /// The identities of former members: as long as there are others, the container has its name.
    forgotten: Vec<Identity>,
    /// The last point that was merged.
    last: Option<DataPoint>,
}

/// A recorder of one door.
#[derive(Debug)]
struct Member {
    key: ChainKey,
    progress: Progress,
    limits: Limits,
    /// Up to where its lumps were told, in nanoseconds since the epoch.
    lumps_until: u64,
}

impl RankedContainer {
    /// A container of which all points before this time were emitted, in seconds.
    pub(super) fn new(name: Arc<str>, settings: RecorderSettings, emitted_until: u64) -> Self {
        let ranking = Ranking::new(settings.points()).merged_until(emitted_until);
        let (members, forgotten) = (Vec::new(), Vec::new());
        let state = Mutex::new(State { ranking, members, forgotten, last: None });
        Self { name, settings, state }
    }

    /// The name of its points.
    pub(super) fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Adds a door.
    pub(super) fn join(&self, key: ChainKey, progress: Progress) {
        let member = Member { key, progress, limits: Limits::default(), lumps_until: 0 };
        self.state.lock().members.push(member);
    }

    /// Removes a door of which all is sealed. Its points may wait for those of others. With the last
    /// one, returns the identities of all.
    pub(super) fn forget(&self, key: &ChainKey, identity: Identity) -> Vec<Identity> {
        let mut state = self.state.lock();
        state.members.retain(|member| member.key != *key);
        state.forgotten.push(identity);
        if state.members.is_empty() { std::mem::take(&mut state.forgotten) } else { Vec::new() }
    }

    /// Removes a door that is part of another container now. Returns those of its points that wait.
    pub(super) fn leave(&self, key: &ChainKey) -> Vec<DataPoint> {
        let mut state = self.state.lock();
        state.members.retain(|member| member.key != *key);
        state.ranking.take_waiting(key)
    }

    /// Adds points that a door sealed when it was part of another container.
    pub(super) fn absorb(&self, key: &ChainKey, points: Vec<DataPoint>) {
        let named = points.into_iter().map(|point| point.renamed(Arc::clone(&self.name)));
        self.state.lock().ranking.add_of(key, named.collect(), &[]);
    }

    /// Whether it is this door that speaks for the container.
    pub(super) fn is_first(&self, key: &ChainKey) -> bool {
        self.state.lock().members.first().is_some_and(|first| first.key == *key)
    }

    /// The names and doors of all recorders of the container.
    pub(super) fn members(&self) -> Vec<(Arc<str>, Door)> {
        self.state.lock().members.iter().map(|member| self.name_and_door(member)).collect()
    }

    /// The doors that were silent for so long that they are not waited for, and of which not all
    /// points are sealed, by name.
    pub(super) fn silent(&self) -> Vec<(Arc<str>, Door)> {
        let state = self.state.lock();
        let (newest, max_gap) = (state.newest(), self.settings.points().max_gap_nanos());
        let is_silent =
            |member: &&Member| self.is_silent(member, newest) && !member.is_over(max_gap);
        let silent = state.members.iter().filter(is_silent);
        silent.map(|member| self.name_and_door(member)).collect()
    }

    fn name_and_door(&self, member: &Member) -> (Arc<str>, Door) {
        let ChainKey { door, told_name } = &member.key;
        (Arc::clone(told_name.as_ref().unwrap_or(&self.name)), *door)
    }

    fn is_silent(&self, member: &Member, newest: u64) -> bool {
        let max_gap = self.settings.points().max_gap_nanos();
        let longest = max_gap.saturating_add(self.settings.lateness_nanos());
        member.progress.newest.saturating_add(longest) < newest
    }

    /// The newest time of all doors, if this one was silent for so long that it is not waited for;
    /// else 0.
    pub(super) fn newest_elsewhere(&self, key: &ChainKey) -> u64 {
        let state = self.state.lock();
        let newest = state.newest();
        let own = state.members.iter().find(|member| member.key == *key);
        if own.is_some_and(|own| self.is_silent(own, newest)) { newest } else { 0 }
    }

    /// Takes the points that a door sealed, and adds those that are final to the queue.
    pub(super) fn add(
        &self,
        key: &ChainKey,
        limits: Limits,
        progress: Progress,
        points: &mut Vec<DataPoint>,
        queue: &Queue,
    ) {
        let mut state = self.state.lock();
        let named = points.drain(..).map(|point| point.renamed(Arc::clone(&self.name)));
        state.add(key, limits, progress, named.collect());
        let max_gap = self.settings.points().max_gap_nanos();
        let until = state.members.iter().filter(|member| !member.is_over(max_gap));
        let until = until.map(|member| member.progress.open_from).min();
        let width = self.settings.points().interval_seconds();
        let end = until.map(|until| until / NANOS_PER_SECOND / width * width);
        state.merge(end, points, self.settings);
        // Under the lock, so that another door does not go ahead with later points.
        if !points.is_empty() {
            queue.push(points);
        }
    }

    /// Adds all points to the queue that doors have sealed.
    pub(super) fn flush(&self, points: &mut Vec<DataPoint>, queue: &Queue) {
        let mut state = self.state.lock();
        state.merge(None, points, self.settings);
        queue.push(points);
    }

    /// The last final point, and those of open intervals as they are.
    pub(super) fn snapshot(&self, open: impl Iterator<Item = OpenPoints>) -> Vec<DataPoint> {
        // Before the lock: whoever seals a door has it while it comes here.
        let open: Vec<_> = open.collect();
        let state = self.state.lock();
        let mut points: Vec<_> = state.last.iter().cloned().collect();
        let mut ranking = state.ranking.clone();
        for OpenPoints { key, points, lumps } in open {
            let named = points.into_iter().map(|point| point.renamed(Arc::clone(&self.name)));
            ranking.add_of(&key, named.collect(), &lumps);
        }
        let limits = state.limits(self.settings);
        ranking.merge_all(&mut |point| points.push(with_shares(point, limits, self.settings)));
        points
    }
}

impl State {
    fn add(
        &mut self,
        key: &ChainKey,
        limits: Limits,
        mut progress: Progress,
        points: Vec<DataPoint>,
    ) {
        self.ranking.deny(key, progress.denied);
        let mut lumps = std::mem::take(&mut progress.lumps);
        if let Some(member) = self.members.iter_mut().find(|member| member.key == *key) {
            lumps.retain(|lump| lump.to.nanos() > member.lumps_until);
            let until = lumps.iter().map(|lump| lump.to.nanos()).max();
            member.lumps_until = member.lumps_until.max(until.unwrap_or_default());
            (member.progress, member.limits) = (progress, limits);
        }
        self.ranking.add_of(key, points, &lumps);
    }

    /// Appends the points of intervals before this time, in seconds, or all.
    fn merge(&mut self, end: Option<u64>, points: &mut Vec<DataPoint>, settings: RecorderSettings) {
        let limits = self.limits(settings);
        let mut emit = |point| points.push(with_shares(point, limits, settings));
        match end {
            Some(end) => self.ranking.merge_before(end, &mut emit),
            None => self.ranking.merge_all(&mut emit),
        }
        if let Some(last) = points.last() {
            self.last = Some(last.clone());
        }
    }

    /// The limits of the container: each of the highest door that tells it.
    fn limits(&self, settings: RecorderSettings) -> Limits {
        let mut members: Vec<_> = self.members.iter().collect();
        let points = settings.points();
        members.sort_by(|left, right| left.key.rank(&points).cmp(&right.key.rank(&points)));
        members.into_iter().map(|member| member.limits).reduce(Limits::or).unwrap_or_default()
    }

    /// The time of the newest sample of all doors.
    fn newest(&self) -> u64 {
        self.members.iter().map(|member| member.progress.newest).max().unwrap_or_default()
    }
}

impl Member {
    /// Whether all its points are sealed, and no sample is accepted that could be paired with its
    /// last one.
    fn is_over(&self, max_gap: u64) -> bool {
        let Progress { newest, closed_until, .. } = self.progress;
        newest.saturating_add(max_gap) < closed_until
    }
}

fn with_shares(mut point: DataPoint, limits: Limits, settings: RecorderSettings) -> DataPoint {
    if settings.points().shares() {
        point.set_shares(&limits);
    }
    point
}
