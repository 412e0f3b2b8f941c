//! Finds containers by name, id, alias or path.

use std::ops::Range;
use std::sync::Arc;

use super::catalog::StoredContainer;
use super::view::View;
use crate::cancel::Cancel;
use crate::container::{self, Identity, Limits};
use crate::error::Error;

/// A container that a store has points or samples of.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Bearer {
    /// Who it is.
    pub identity: Identity,
    /// Its limits, as far as they are known.
    pub limits: Limits,
    /// The start of its first point and the end of its last one, in seconds.
    pub span: Range<u64>,
}

impl View {
    /// All containers with points or samples, by name.
    pub(super) fn bearers(&self, cancel: &Cancel) -> Result<Vec<Bearer>, Error> {
        let mut all = Vec::new();
        for container in self.catalog.all() {
            cancel.check(super::stats::NOT_ALL)?;
            all.extend(self.bearer(&container)?);
        }
        Ok(all)
    }

    fn bearer(&self, container: &Arc<StoredContainer>) -> Result<Option<Bearer>, Error> {
        let metadata = container.metadata.load();
        Ok(self.span(container)?.map(|span| Bearer {
            identity: metadata.identity(&container.name),
            limits: metadata.limits.map(|(_, limits)| limits).unwrap_or_default(),
            span,
        }))
    }

    /// The container of this name.
    pub(super) fn named(&self, name: &str) -> Result<Arc<StoredContainer>, Error> {
        self.catalog.get(name).ok_or_else(|| {
            let identities = self.identities();
            container::unknown(&identities.iter().collect::<Vec<_>>(), name)
        })
    }

    fn identities(&self) -> Vec<Identity> {
        let all = self.catalog.all();
        all.iter().map(|container| container.metadata.load().identity(&container.name)).collect()
    }

    /// The containers that `word` stands for, the latest first.
    pub(super) fn find(&self, word: &str, range: &Range<u64>) -> Result<Vec<Bearer>, Error> {
        if let Some(container) = self.catalog.get(word)
            && let Some(bearer) = self.bearer(&container)?
        {
            return Ok(vec![bearer]);
        }
        let mut bearers = Vec::new();
        for identity in container::find(self.identities().iter(), word)? {
            if let Some(container) = self.catalog.get(identity.name()) {
                bearers.extend(self.bearer(&container)?);
            }
        }
        let is_within =
            |bearer: &Bearer| bearer.span.start < range.end && bearer.span.end > range.start;
        if bearers.iter().any(is_within) {
            bearers.retain(is_within);
        }
        bearers.sort_by_key(|bearer| std::cmp::Reverse(bearer.span.end));
        Ok(bearers)
    }
}
