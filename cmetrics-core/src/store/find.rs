//! Which containers a store has, and which of them a word means.

use std::ops::Range;
use std::sync::Arc;

use super::names::Known;
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
    /// What it may use, as far as is known.
    pub limits: Limits,
    /// From where its first point begins to where its last one ends, in seconds.
    pub span: Range<u64>,
}

impl View {
    /// All containers that it has anything of, by name.
    pub(super) fn bearers(&self, cancel: &Cancel) -> Result<Vec<Bearer>, Error> {
        let mut all = Vec::new();
        for known in self.names.all() {
            cancel.check(super::stats::NOT_ALL)?;
            all.extend(self.bearer(&known)?);
        }
        Ok(all)
    }

    fn bearer(&self, known: &Arc<Known>) -> Result<Option<Bearer>, Error> {
        let about = known.about.load();
        Ok(self.span(known)?.map(|span| Bearer {
            identity: about.identity(&known.name),
            limits: about.limits.map(|(_, limits)| limits).unwrap_or_default(),
            span,
        }))
    }

    /// The container of this name.
    pub(super) fn named(&self, name: &str) -> Result<Arc<Known>, Error> {
        self.names.get(name).ok_or_else(|| {
            let identities = self.identities();
            container::unknown(&identities.iter().collect::<Vec<_>>(), name)
        })
    }

    fn identities(&self) -> Vec<Identity> {
        let all = self.names.all();
        all.iter().map(|known| known.about.load().identity(&known.name)).collect()
    }

    /// The containers that a word means, the last bearer first.
    pub(super) fn find(&self, word: &str, range: &Range<u64>) -> Result<Vec<Bearer>, Error> {
        if let Some(known) = self.names.get(word)
            && let Some(bearer) = self.bearer(&known)?
        {
            return Ok(vec![bearer]);
        }
        let mut bearers = Vec::new();
        for identity in container::find(self.identities().iter(), word)? {
            if let Some(known) = self.names.get(identity.name()) {
                bearers.extend(self.bearer(&known)?);
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
