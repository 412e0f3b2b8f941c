//! Words that were mistyped.

/// Says that there is no such word, and which is near.
pub(super) fn unknown<'k>(what: &str, word: &str, known: impl Iterator<Item = &'k str>) -> String {
    match nearest(word, known) {
        Some(near) => format!("there is no {what} {word:?}: did you mean {near}?"),
        None => format!("there is no {what} {word:?}: 'cmetrics serve --help' lists all"),
    }
}

/// The word that is most like this one, if one is like it.
fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    const LEAST: f64 = 0.9;
    let alike = known.map(|known| (strsim::jaro_winkler(known, word), known));
    let best = alike.max_by(|(left, _), (right, _)| left.total_cmp(right));
    best.filter(|(likeness, _)| *likeness >= LEAST).map(|(_, known)| known)
}
