//! Finding containers by a word: a name, an id or its beginning, an alias or a cgroup path.

use super::identity::Identity;
use crate::error::{Error, Problem};
use crate::similar::{likeness, most_alike};

/// How alike a name and a word must be for the name to be a near match.
const LEAST_LIKENESS: f64 = 0.7;
/// The likeness of a name to a word with a single typo.
const TYPO_LIKENESS: f64 = 0.95;

/// Anything that has a container's identity.
pub(crate) trait HasIdentity: Copy {
    fn identity(&self) -> &Identity;
}

impl HasIdentity for &Identity {
    fn identity(&self) -> &Identity {
        self
    }
}

impl Identity {
    /// The containers that a word stands for: the one of this name, all that have this alias or
    /// cgroup path, or the one whose id begins with it.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownContainer`](crate::ErrorKind::UnknownContainer) with the near matches,
    /// or [`ErrorKind::AmbiguousContainer`](crate::ErrorKind::AmbiguousContainer) with all
    /// containers whose ids begin with the word.
    pub fn find<'i>(
        all: impl IntoIterator<Item = &'i Self>,
        word: &str,
    ) -> Result<Vec<&'i Self>, Error> {
        find(all.into_iter(), word)
    }
}

/// The containers that `word` stands for, see [`Pipeline::find`](crate::Pipeline::find).
pub(crate) fn find<C: HasIdentity>(
    all: impl Iterator<Item = C>,
    word: &str,
) -> Result<Vec<C>, Error> {
    let all: Vec<_> = all.collect();
    let is_called = |container: &&C| {
        let identity = container.identity();
        &**identity.name() == word || identity.has_alias_or_path(word)
    };
    let called: Vec<_> = all.iter().filter(is_called).copied().collect();
    if !called.is_empty() {
        return Ok(called);
    }
    let has_prefix = |container: &&C| {
        !word.is_empty() && container.identity().id().is_some_and(|id| id.starts_with(word))
    };
    let prefixed: Vec<_> = all.iter().filter(has_prefix).copied().collect();
    match prefixed.len() {
        1 => Ok(prefixed),
        0 => Err(unknown(&all, word)),
        _ => Err(ambiguous(&prefixed, word)),
    }
}

/// The error for a word that stands for no container, with the near matches.
pub(crate) fn unknown(all: &[impl HasIdentity], word: &str) -> Error {
    let (candidates, shown) = names(&near(all, word));
    Error::new(Problem::UnknownContainer { word: word.to_owned(), candidates, shown })
}

/// The error for a word that should stand for exactly one container but stands for these: several,
/// or none.
pub(crate) fn ambiguous(found: &[impl HasIdentity], word: &str) -> Error {
    let (word, (candidates, shown)) = (word.to_owned(), names(found));
    Error::new(match found {
        [] => Problem::UnknownContainer { word, candidates, shown },
        _ => Problem::AmbiguousContainer { word, candidates, shown },
    })
}

/// The names of containers, and how messages show them.
fn names(found: &[impl HasIdentity]) -> (Vec<String>, Vec<String>) {
    let name = |container: &_| HasIdentity::identity(container).name().to_string();
    (found.iter().map(name).collect(), found.iter().map(shown).collect())
}

/// A container's name and first alias.
fn shown(container: &impl HasIdentity) -> String {
    let identity = container.identity();
    match identity.aliases().first() {
        Some(alias) => format!("{} ({alias})", identity.name()),
        None => identity.name().to_string(),
    }
}

/// The containers that have the names most like `word`; of equally alike ones, those that come
/// first.
fn near<C: HasIdentity>(all: &[C], word: &str) -> Vec<C> {
    const MOST: usize = 5;
    let all = all.iter().map(|container| (container_likeness(container, word), *container));
    most_alike(all, LEAST_LIKENESS, MOST)
}

/// The likeness of a container's most similar name, alias or path to a word.
fn container_likeness(container: &impl HasIdentity, word: &str) -> f64 {
    let identity = container.identity();
    let names = identity.aliases().iter().chain(identity.paths()).map(String::as_str);
    names
        .chain([&**identity.name()])
        .map(|name| match name {
            _ if !name.contains(word) && is_typo(name, word) => TYPO_LIKENESS,
            _ => likeness(name, word),
        })
        .fold(0.0, f64::max)
}

/// Whether the word is the name with one letter missing, added or wrong, or with two letters
/// swapped. Most aliases are short, and the likeness of short words is low even then.
fn is_typo(name: &str, word: &str) -> bool {
    const SHORTEST: usize = 3;
    let long_enough = word.len() >= SHORTEST && name.len() >= SHORTEST;
    long_enough && name.len().abs_diff(word.len()) <= 4 && strsim::osa_distance(name, word) <= 1
}
