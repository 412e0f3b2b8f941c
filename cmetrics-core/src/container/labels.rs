//! The labels of a container, as several documents tell them.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Labels by key.
pub(crate) type Labels = BTreeMap<String, String>;

/// The labels of several documents, each with what says how new it is. Of a key that several tell,
/// the newest counts.
pub(crate) fn newest_labels<'l, A: Ord>(
    told: impl Iterator<Item = (A, &'l Arc<Labels>)>,
) -> Arc<Labels> {
    let mut told: Vec<_> = told.filter(|(_, labels)| !labels.is_empty()).collect();
    told.sort_by(|(age, _), (other, _)| age.cmp(other));
    match told.as_slice() {
        [(_, only)] => Arc::clone(only),
        several => {
            let all = several.iter().flat_map(|(_, labels)| labels.iter());
            Arc::new(all.map(|(key, value)| (key.clone(), value.clone())).collect())
        }
    }
}
