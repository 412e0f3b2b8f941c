//! Names like a word that was mistyped.

/// The items of the greatest likeness, the most alike first: at most `limit`, and none below
/// `least`. Items of equal likeness stay in their order.
pub(crate) fn most_alike<T>(
    items: impl IntoIterator<Item = (f64, T)>,
    least: f64,
    limit: usize,
) -> Vec<T> {
    let mut alike: Vec<_> = items.into_iter().filter(|(likeness, _)| *likeness >= least).collect();
    alike.sort_by(|(left, _), (right, _)| right.total_cmp(left));
    alike.into_iter().take(limit).map(|(_, item)| item).collect()
}

/// How alike a name and a word are: 1 where the name contains the word, 0 where they have nothing
/// in common.
pub(crate) fn likeness(name: &str, word: &str) -> f64 {
    if name.contains(word) { 1.0 } else { strsim::jaro_winkler(name, word) }
}
