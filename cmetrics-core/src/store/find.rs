//! Finds containers by name, id, alias or path.

use std::ops::Range;
use std::sync::Arc;

use super::ranked;
use super::stored::StoredContainer;
use super::view::View;
use crate::cancel::Cancel;
use crate::container::{self, Identity, Limits};
use crate::document::Door;
use crate::error::Error;
use crate::names::Subject;
use crate::time::{Interval, Timestamp};

/// A container that a store has points or samples of.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Bearer {
    /// Who it is.
    pub identity: Identity,
    /// Its limits, as far as they are known.
    pub limits: Limits,
    /// The known starts, in rising time, of its highest door.
    pub starts: Vec<Timestamp>,
    /// When it was created last, as far as it is known.
    pub created: Option<Timestamp>,
    /// On how many CPUs it may run, as its highest door tells.
    pub cpus: Option<u64>,
    /// By which doors its samples came, in the order of their rank. Empty if it has points alone.
    pub doors: Vec<Door>,
    /// The interval of its first point.
    pub first: Interval,
    /// The interval of its last point, final or not.
    pub last: Interval,
}

impl Bearer {
    /// From the start of its first point to the end of its last one.
    pub fn span(&self) -> Range<Timestamp> {
        self.first.start_time()..self.last.end_time()
    }

    /// Whether its span has a part in a range of seconds.
    fn is_within(&self, range: &Range<u64>) -> bool {
        self.first.start() < range.end && self.last.end() > range.start
    }
}

impl<'b> From<&'b Bearer> for Subject<'b> {
    fn from(bearer: &'b Bearer) -> Self {
        Self::new(&bearer.identity)
            .with_limits(bearer.limits)
            .with_starts(bearer.starts.iter().copied())
            .with_created(bearer.created)
            .with_cpus(bearer.cpus)
    }
}

impl View {
    /// All containers with points or samples, by name.
    pub(super) fn bearers(&self, cancel: &Cancel) -> Result<Vec<Bearer>, Error> {
        let mut all = Vec::new();
        for container in self.catalog.containers() {
            cancel.check(super::stats::NOT_ALL)?;
            all.extend(self.bearer(&container)?);
        }
        Ok(all)
    }

    /// The containers that have all of these labels, and a point that overlaps the range, by name.
    pub(super) fn labelled(
        &self,
        labels: &[(impl AsRef<str>, impl AsRef<str>)],
        range: &Range<u64>,
        cancel: &Cancel,
    ) -> Result<Vec<Bearer>, Error> {
        let mut found = Vec::new();
        for container in self.catalog.containers() {
            cancel.check(super::stats::NOT_ALL)?;
            let chains = self.chains(&container);
            let identity = self.identity(&container, &chains);
            let labels = labels.iter().map(|(key, value)| (key, value));
            if identity.has_labels(labels) {
                let bearer = self.bearer_of(identity, &chains)?;
                found.extend(bearer.filter(|bearer| bearer.is_within(range)));
            }
        }
        Ok(found)
    }

    fn bearer(&self, container: &Arc<StoredContainer>) -> Result<Option<Bearer>, Error> {
        let chains = self.chains(container);
        self.bearer_of(self.identity(container, &chains), &chains)
    }

    /// The container of these chains, if it has points or samples.
    fn bearer_of(
        &self,
        identity: Identity,
        chains: &[Arc<StoredContainer>],
    ) -> Result<Option<Bearer>, Error> {
        let width = self.rules.settings.interval_seconds();
        Ok(self.ranked_span(chains)?.map(|span| {
            let last = span.end.saturating_sub(1);
            let (starts, created, cpus) = ranked::life(chains);
            Bearer {
                identity,
                limits: ranked::limits(chains),
                starts,
                created,
                cpus,
                doors: ranked::doors(chains),
                first: Interval::around(span.start.min(last), width),
                last: Interval::around(last, width),
            }
        }))
    }

    /// The container of this name.
    pub(super) fn named(&self, name: &str) -> Result<Arc<StoredContainer>, Error> {
        self.catalog.container(name).ok_or_else(|| {
            let identities = self.identities();
            container::unknown(&identities.iter().collect::<Vec<_>>(), name)
        })
    }

    fn identities(&self) -> Vec<Identity> {
        let containers = self.catalog.containers();
        let identities = containers.iter().map(|one| self.identity(one, &self.chains(one)));
        identities.collect()
    }

    /// The containers that `word` stands for, the latest first.
    pub(super) fn find(&self, word: &str, range: &Range<u64>) -> Result<Vec<Bearer>, Error> {
        if let Some(container) = self.catalog.container(word)
            && let Some(bearer) = self.bearer(&container)?
        {
            return Ok(vec![bearer]);
        }
        let mut bearers = Vec::new();
        for identity in container::find(self.identities().iter(), word)? {
            if let Some(container) = self.catalog.container(identity.name()) {
                bearers.extend(self.bearer(&container)?);
            }
        }
        if bearers.iter().any(|bearer| bearer.is_within(range)) {
            bearers.retain(|bearer| bearer.is_within(range));
        }
        bearers.sort_by_key(|bearer| std::cmp::Reverse(bearer.last.end()));
        Ok(bearers)
    }
}
