//! Which containers a word means.

use crate::error::{Error, Problem};
use crate::series::Series;

/// The containers that `word` means, see [`Pipeline::find`](crate::Pipeline::find).
pub(crate) fn find<'s>(
    all: impl Iterator<Item = &'s Series>,
    word: &str,
) -> Result<Vec<&'s Series>, Error> {
    let all: Vec<_> = all.collect();
    let bears = |series: &&&Series| {
        let identity = series.identity();
        &**identity.name() == word || identity.bears(word)
    };
    let bearers: Vec<_> = all.iter().filter(bears).copied().collect();
    if !bearers.is_empty() {
        return Ok(bearers);
    }
    let begins = |series: &&&Series| {
        !word.is_empty() && series.identity().id().is_some_and(|id| id.starts_with(word))
    };
    let begun: Vec<_> = all.iter().filter(begins).copied().collect();
    let word = word.to_owned();
    match begun.len() {
        1 => Ok(begun),
        0 => {
            let (candidates, shown) = told(&near(&all, &word));
            Err(Error::new(Problem::UnknownContainer { word, candidates, shown }))
        }
        _ => {
            let (candidates, shown) = told(&begun);
            Err(Error::new(Problem::AmbiguousContainer { word, candidates, shown }))
        }
    }
}

/// The names of containers, and what messages call them.
fn told(found: &[&Series]) -> (Vec<String>, Vec<String>) {
    let name = |series: &&Series| series.identity().name().to_string();
    (found.iter().map(name).collect(), found.iter().copied().map(described).collect())
}

/// A container's name and first alias.
fn described(series: &Series) -> String {
    let identity = series.identity();
    match identity.aliases().first() {
        Some(alias) => format!("{} ({alias})", identity.name()),
        None => identity.name().to_string(),
    }
}

/// The containers whose names are most like `word`.
fn near<'s>(all: &[&'s Series], word: &str) -> Vec<&'s Series> {
    const MOST: usize = 5;
    const LEAST_LIKENESS: f64 = 0.7;
    let mut near: Vec<_> = all
        .iter()
        .map(|series| (likeness(series, word), *series))
        .filter(|(likeness, _)| *likeness >= LEAST_LIKENESS)
        .collect();
    // The sort is stable, and the containers come by name.
    near.sort_by(|left, right| right.0.total_cmp(&left.0));
    near.into_iter().take(MOST).map(|(_, series)| series).collect()
}

fn likeness(series: &Series, word: &str) -> f64 {
    let identity = series.identity();
    let names = identity.aliases().iter().chain(identity.paths()).map(String::as_str);
    names
        .chain([&**identity.name()])
        .map(|name| if name.contains(word) { 1.0 } else { strsim::jaro_winkler(name, word) })
        .fold(0.0, f64::max)
}
