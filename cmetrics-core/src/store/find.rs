//! Which containers a store has, and which of them a word means.

use std::ops::Range;
use std::sync::Arc;

use super::names::Known;
use super::view::View;
use crate::container::Identity;
use crate::error::{Error, Problem};
use crate::limits::Limits;

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
    pub(super) fn bearers(&self) -> Result<Vec<Bearer>, Error> {
        let mut all = Vec::new();
        for known in self.names.all() {
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

    /// The containers that a word means, the last bearer first.
    pub(super) fn find(&self, word: &str, range: &Range<u64>) -> Result<Vec<Bearer>, Error> {
        if let Some(known) = self.names.get(word)
            && let Some(bearer) = self.bearer(&known)?
        {
            return Ok(vec![bearer]);
        }
        let all = self.names.all();
        let mut bearers = Vec::new();
        for known in &all {
            if known.about.load().identity(&known.name).bears(word) {
                bearers.extend(self.bearer(known)?);
            }
        }
        if bearers.is_empty() {
            return self.by_beginning(word, &all);
        }
        let is_within =
            |bearer: &Bearer| bearer.span.start < range.end && bearer.span.end > range.start;
        let mut within: Vec<_> = bearers.iter().filter(|one| is_within(one)).cloned().collect();
        if within.is_empty() {
            within = bearers;
        }
        within.sort_by_key(|bearer| std::cmp::Reverse(bearer.span.end));
        Ok(within)
    }

    /// The one container whose id begins so.
    fn by_beginning(&self, word: &str, all: &[Arc<Known>]) -> Result<Vec<Bearer>, Error> {
        let begins = |known: &&Arc<Known>| {
            known.about.load().has_id && !word.is_empty() && known.name.starts_with(word)
        };
        let found: Vec<_> = all.iter().filter(begins).collect();
        match found.as_slice() {
            [] => Err(unknown(word, all)),
            [known] => match self.bearer(known)? {
                Some(bearer) => Ok(vec![bearer]),
                None => Err(unknown(word, all)),
            },
            several => {
                let names: Vec<_> = several.iter().map(|known| known.name.to_string()).collect();
                let (candidates, shown, word) = (names.clone(), names, word.to_owned());
                Err(Error::new(Problem::AmbiguousContainer { word, candidates, shown }))
            }
        }
    }
}

fn unknown(word: &str, all: &[Arc<Known>]) -> Error {
    const MOST: usize = 3;
    const LEAST_LIKENESS: f64 = 0.8;
    let identities = all.iter().map(|known| known.about.load().identity(&known.name));
    let words = identities.flat_map(|identity| {
        let aliases = identity.aliases().iter().chain(identity.paths()).cloned();
        aliases.collect::<Vec<_>>()
    });
    let mut near: Vec<_> = words
        .map(|near| (strsim::jaro_winkler(word, &near), near))
        .filter(|(likeness, _)| *likeness >= LEAST_LIKENESS)
        .collect();
    near.sort_by(|left, right| right.0.total_cmp(&left.0));
    let shown: Vec<_> = near.into_iter().take(MOST).map(|(_, near)| near).collect();
    let (candidates, word) = (shown.clone(), word.to_owned());
    Error::new(Problem::UnknownContainer { word, candidates, shown })
}
