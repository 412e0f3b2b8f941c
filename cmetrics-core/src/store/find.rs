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
use crate::time::{Interval, Timestamp};

/// A container that a store has points or samples of.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Bearer {
    /// Who it is.
    pub identity: Identity,
    /// Its limits, as far as they are known.
    pub limits: Limits,
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

    fn bearer(&self, container: &Arc<StoredContainer>) -> Result<Option<Bearer>, Error> {
        let width = self.rules.settings.interval_seconds();
        let chains = self.chains(container);
        Ok(self.ranked_span(&chains)?.map(|span| {
            let last = span.end.saturating_sub(1);
            Bearer {
                identity: self.identity(container, &chains),
                limits: ranked::limits(&chains),
                doors: ranked::doors(&chains),
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
        let is_within =
            |bearer: &Bearer| bearer.first.start() < range.end && bearer.last.end() > range.start;
        if bearers.iter().any(is_within) {
            bearers.retain(is_within);
        }
        bearers.sort_by_key(|bearer| std::cmp::Reverse(bearer.last.end()));
        Ok(bearers)
    }
}
