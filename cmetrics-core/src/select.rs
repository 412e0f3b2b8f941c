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
    match begun.len() {
        1 => Ok(begun),
        0 => Err(Error::new(Problem::UnknownContainer {
            word: word.to_owned(),
            candidates: near(&all, word),
        })),
        _ => Err(Error::new(Problem::AmbiguousContainer {
            word: word.to_owned(),
            candidates: begun.into_iter().map(described).collect(),
        })),
    }
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
fn near(all: &[&Series], word: &str) -> Vec<String> {
    const MOST: usize = 5;
    const LEAST_LIKENESS: f64 = 0.7;
    let mut near: Vec<_> = all
        .iter()
        .map(|series| (likeness(series, word), described(series)))
        .filter(|(likeness, _)| *likeness >= LEAST_LIKENESS)
        .collect();
    near.sort_by(|left, right| right.0.total_cmp(&left.0).then_with(|| left.1.cmp(&right.1)));
    near.into_iter().take(MOST).map(|(_, described)| described).collect()
}

fn likeness(series: &Series, word: &str) -> f64 {
    let identity = series.identity();
    let names = identity.aliases().iter().chain(identity.paths()).map(String::as_str);
    names
        .chain([&**identity.name()])
        .map(|name| if name.contains(word) { 1.0 } else { strsim::jaro_winkler(name, word) })
        .fold(0.0, f64::max)
}
