//! The fields that are read of an object.

use crate::parse::key_order::{KeyId, KeyOrder};

/// The keys that are read of an object, and what each value is.
#[derive(Debug)]
pub(in crate::parse) struct Fields<L> {
    all: Vec<Field<L>>,
    pub(super) order: KeyOrder,
}

/// A key that is read.
#[derive(Debug)]
pub(super) struct Field<L> {
    key: &'static str,
    /// The path from the top of the document, for messages.
    pub(super) path: &'static str,
    pub(super) value: FieldValue<L>,
}

#[derive(Debug)]
pub(super) enum FieldValue<L> {
    Leaf(L),
    Object(Fields<L>),
}

impl<L: Copy> Fields<L> {
    /// The tree of these paths, whose keys are joined by dots. A path comes once, and none is the
    /// beginning of another one.
    pub(in crate::parse) fn new(paths: impl IntoIterator<Item = (&'static str, L)>) -> Self {
        let paths: Vec<_> = paths.into_iter().collect();
        Self::of(&paths, 0)
    }

    /// The tree of the parts of these paths that begin at `start`.
    fn of(paths: &[(&'static str, L)], start: usize) -> Self {
        let end_of_key = |path: &str| {
            let rest = path.get(start..).unwrap_or_default();
            start + rest.find('.').unwrap_or(rest.len())
        };
        let mut all: Vec<Field<L>> = Vec::new();
        for (path, leaf) in paths {
            let end = end_of_key(path);
            let key = path.get(start..end).unwrap_or_default();
            if all.iter().any(|field| field.key == key) {
                continue;
            }
            let value = if end == path.len() {
                FieldValue::Leaf(*leaf)
            } else {
                let is_inside =
                    |(other, _): &&(&'static str, L)| other.get(..=end) == path.get(..=end);
                let inner: Vec<_> = paths.iter().filter(is_inside).copied().collect();
                FieldValue::Object(Self::of(&inner, end + 1))
            };
            all.push(Field { key, path: path.get(..end).unwrap_or(path), value });
        }
        debug_assert!(all.len() <= MOST_FIELDS, "each has a bit");
        let order = KeyOrder::new(all.iter().map(|field| field.key));
        Self { all, order }
    }

    /// The field of a key of this object, if it is read and did not come before.
    #[inline]
    pub(super) fn unread(&self, key: KeyId, seen: Seen) -> Option<(&Field<L>, Seen)> {
        let index = key.index()?;
        let field = self.all.get(index)?;
        let bit = 1 << (index % MOST_FIELDS);
        (seen.0 & bit == 0).then_some((field, Seen(seen.0 | bit)))
    }
}

/// How many fields an object may have.
const MOST_FIELDS: usize = u64::BITS as usize;

/// Which fields of an object came.
#[derive(Clone, Copy, Default)]
pub(super) struct Seen(u64);
