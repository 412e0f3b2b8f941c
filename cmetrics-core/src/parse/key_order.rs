//! The order in which the keys of an object came last time. Sources write the same keys in the same
//! order, so the key that comes next is compared, not looked up.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};

/// The keys of an object, and which of them came after which.
#[derive(Debug)]
pub(super) struct KeyOrder {
    /// The keys that are read, as the text has them: in quotes and with a colon.
    wanted: Vec<Box<[u8]>>,
    /// Keys that came and are not read, likewise.
    others: OnceLock<Box<Others>>,
    /// By key, the one that came after it. The first one stands for the beginning of an object.
    /// Relaxed: a guess, which nothing else is read by. The key's text is compared before it counts.
    next: Vec<AtomicU8>,
}

type Others = [OnceLock<Box<[u8]>>; MOST_OTHERS];

/// A key that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KeyId(u8);

/// How many keys that are not read are remembered, and the longest of them.
const MOST_OTHERS: usize = 48;
const LONGEST_OTHER: usize = 64;

impl KeyOrder {
    /// The beginning of an object.
    pub(super) const START: KeyId = KeyId(0);

    pub(super) fn new<'k>(wanted: impl Iterator<Item = &'k str>) -> Self {
        let wanted: Vec<_> = wanted.map(|key| quoted(key.as_bytes())).collect();
        let all = (1 + wanted.len() + MOST_OTHERS).min(usize::from(u8::MAX));
        let next = (0..all).map(|_| AtomicU8::new(0)).collect();
        Self { wanted, others: OnceLock::new(), next }
    }

    /// The key that came after this one last time, and its text.
    #[inline]
    pub(super) fn after(&self, key: KeyId) -> Option<(KeyId, &[u8])> {
        // Where no key came it is the first one, which has no text.
        let next = self.next.get(usize::from(key.0))?.load(Ordering::Relaxed);
        Some((KeyId(next), self.text(usize::from(next).checked_sub(1)?)?))
    }

    fn text(&self, index: usize) -> Option<&[u8]> {
        match self.wanted.get(index) {
            Some(text) => Some(text),
            None => Some(self.others.get()?.get(index - self.wanted.len())?.get()?),
        }
    }

    /// The index of a key among those that are read.
    #[inline]
    pub(super) fn wanted(&self, key: KeyId) -> Option<usize> {
        usize::from(key.0).checked_sub(1).filter(|index| *index < self.wanted.len())
    }

    /// Remembers that this key came after that one. `None` for a key that is neither read nor
    /// remembered.
    pub(super) fn came(&self, previous: KeyId, key: &[u8]) -> Option<KeyId> {
        let known = self.wanted.iter().position(|text| inner(text) == key);
        let index = known.or_else(|| self.other(key).map(|other| self.wanted.len() + other))?;
        let id = u8::try_from(index + 1).ok()?;
        if let Some(next) = self.next.get(usize::from(previous.0)) {
            next.store(id, Ordering::Relaxed);
        }
        Some(KeyId(id)).filter(|_| usize::from(id) < self.next.len())
    }

    /// The index of a key among those that are not read. The first time it is added.
    fn other(&self, key: &[u8]) -> Option<usize> {
        if key.len() > LONGEST_OTHER {
            return None;
        }
        let others = self.others.get_or_init(|| Box::new([const { OnceLock::new() }; _]));
        others.iter().position(|other| inner(other.get_or_init(|| quoted(key))) == key)
    }
}

fn quoted(key: &[u8]) -> Box<[u8]> {
    [b"\"", key, b"\":"].concat().into()
}

/// The key of its text.
fn inner(text: &[u8]) -> &[u8] {
    text.get(1..text.len().saturating_sub(2)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_expected_after_the_one_that_it_came_after() {
        let order = KeyOrder::new(["a", "b"].into_iter());
        assert_eq!(order.after(KeyOrder::START), None);
        let mut previous = KeyOrder::START;
        let ids = ["b", "x", "a", "y"].map(|key| {
            previous = order.came(previous, key.as_bytes()).unwrap();
            previous
        });
        assert_eq!(ids.map(|id| order.wanted(id)), [Some(1), None, Some(0), None]);
        assert_eq!(order.after(KeyOrder::START), Some((ids[0], &b"\"b\":"[..])));
        assert_eq!(order.after(ids[0]), Some((ids[1], &b"\"x\":"[..])));
        assert_eq!(order.after(ids[1]), Some((ids[2], &b"\"a\":"[..])));
        assert_eq!(order.after(ids[3]), None);
        assert_eq!(order.came(ids[0], b"y"), Some(ids[3]));
        assert_eq!(order.after(ids[0]), Some((ids[3], &b"\"y\":"[..])));
    }

    #[test]
    fn keys_without_room_are_not_expected() {
        let order = KeyOrder::new(["a"].into_iter());
        for number in 0..2 * MOST_OTHERS {
            order.came(KeyOrder::START, format!("key {number}").as_bytes());
        }
        let last = order.after(KeyOrder::START).unwrap().1;
        assert_eq!(last, format!("\"key {}\":", MOST_OTHERS - 1).as_bytes());
        assert_eq!(order.came(KeyOrder::START, b"another"), None);
        assert_eq!(order.came(KeyOrder::START, &[b'x'; 2 * LONGEST_OTHER]), None);
        let known = order.came(KeyOrder::START, b"a").unwrap();
        assert_eq!(order.wanted(known), Some(0));
    }
}
