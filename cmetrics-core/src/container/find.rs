//! Which containers a word means.

use super::identity::Identity;
use crate::error::{Error, Problem};

/// How alike two words must be, 1 being the same.
const LEAST_LIKENESS: f64 = 0.7;
/// How alike a word is that was mistyped.
const A_SLIP: f64 = 0.95;

/// What a container is known by.
pub(crate) trait Named: Copy {
    fn identity(&self) -> &Identity;
}

impl Named for &Identity {
    fn identity(&self) -> &Identity {
        self
    }
}

impl Identity {
    /// Those that a word means: the one of this name, all that bear this alias or cgroup path, or
    /// the one whose id begins with it.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownContainer`](crate::ErrorKind::UnknownContainer) with the near matches, or
    /// [`ErrorKind::AmbiguousContainer`](crate::ErrorKind::AmbiguousContainer) with all that it
    /// could mean.
    pub fn find<'i>(
        all: impl IntoIterator<Item = &'i Self>,
        word: &str,
    ) -> Result<Vec<&'i Self>, Error> {
        find(all.into_iter(), word)
    }
}

/// The containers that `word` means, see [`Pipeline::find`](crate::Pipeline::find).
pub(crate) fn find<N: Named>(all: impl Iterator<Item = N>, word: &str) -> Result<Vec<N>, Error> {
    let all: Vec<_> = all.collect();
    let bears = |series: &&N| {
        let identity = series.identity();
        &**identity.name() == word || identity.bears(word)
    };
    let bearers: Vec<_> = all.iter().filter(bears).copied().collect();
    if !bearers.is_empty() {
        return Ok(bearers);
    }
    let begins = |series: &&N| {
        !word.is_empty() && series.identity().id().is_some_and(|id| id.starts_with(word))
    };
    let begun: Vec<_> = all.iter().filter(begins).copied().collect();
    match begun.len() {
        1 => Ok(begun),
        0 => Err(unknown(&all, word)),
        _ => Err(not_one(&begun, word)),
    }
}

/// Where no container is called so: those whose names are most like it may be meant.
pub(crate) fn unknown(all: &[impl Named], word: &str) -> Error {
    let (candidates, shown) = told(&near(all, word));
    Error::new(Problem::UnknownContainer { word: word.to_owned(), candidates, shown })
}

/// Where a word means any of several containers, or none that has anything.
pub(crate) fn not_one(found: &[impl Named], word: &str) -> Error {
    let (word, (candidates, shown)) = (word.to_owned(), told(found));
    Error::new(match found {
        [] => Problem::UnknownContainer { word, candidates, shown },
        _ => Problem::AmbiguousContainer { word, candidates, shown },
    })
}

/// The names of containers, and what messages call them.
fn told(found: &[impl Named]) -> (Vec<String>, Vec<String>) {
    let name = |series: &_| Named::identity(series).name().to_string();
    (found.iter().map(name).collect(), found.iter().map(described).collect())
}

/// A container's name and first alias.
fn described(series: &impl Named) -> String {
    let identity = series.identity();
    match identity.aliases().first() {
        Some(alias) => format!("{} ({alias})", identity.name()),
        None => identity.name().to_string(),
    }
}

/// The containers whose names are most like `word`.
fn near<N: Named>(all: &[N], word: &str) -> Vec<N> {
    const MOST: usize = 5;
    let mut near: Vec<_> = all
        .iter()
        .map(|series| (likeness(series, word), *series))
        .filter(|(likeness, _)| *likeness >= LEAST_LIKENESS)
        .collect();
    // The sort is stable, and the containers come by name.
    near.sort_by(|left, right| right.0.total_cmp(&left.0));
    near.into_iter().take(MOST).map(|(_, series)| series).collect()
}

fn likeness(series: &impl Named, word: &str) -> f64 {
    let identity = series.identity();
    let names = identity.aliases().iter().chain(identity.paths()).map(String::as_str);
    names
        .chain([&**identity.name()])
        .map(|name| match name {
            _ if name.contains(word) => 1.0,
            _ if is_a_slip(name, word) => A_SLIP,
            _ => strsim::jaro_winkler(name, word),
        })
        .fold(0.0, f64::max)
}

/// Whether one letter was left out, added or mistyped, or two were swapped. Of names that are as
/// short as most aliases, the likeness of words says little then.
fn is_a_slip(name: &str, word: &str) -> bool {
    const SHORTEST: usize = 3;
    let long_enough = word.len() >= SHORTEST && name.len() >= SHORTEST;
    long_enough && name.len().abs_diff(word.len()) <= 4 && strsim::osa_distance(name, word) <= 1
}
