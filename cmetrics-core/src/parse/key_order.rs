//! The order in which the keys of an object came last time. Sources write the same keys in the same
//! order, so the key that comes next is compared, not looked up.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};

use super::lanes::Literal;

/// The keys of an object, and which of them came after which.
#[derive(Debug)]
pub(super) struct KeyOrder {
    /// The keys that are read, as the text has them: in quotes and with a colon.
    wanted: Vec<Option<Literal>>,
    /// Keys that came and are not read, likewise.
    others: OnceLock<Box<Others>>,
    /// By key, the one that came after it. The first one stands for the beginning of an object.
    /// Relaxed: a guess, which nothing else is read by. The key's text is compared before it counts.
    next: Vec<AtomicU8>,
}

type Others = [OnceLock<Option<Literal>>; MOST_OTHERS];

/// A key that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KeyId(u8);

impl KeyId {
    /// Its index. Those that are read come first.
    #[inline]
    pub(super) fn index(self) -> Option<usize> {
        usize::from(self.0).checked_sub(1)
    }
}

/// How many keys that are not read are remembered, and the longest of them, which fits a block.
const MOST_OTHERS: usize = 48;
const LONGEST_OTHER: usize = 61;

impl KeyOrder {
    /// The beginning of an object.
    pub(super) const START: KeyId = KeyId(0);

    pub(super) fn new<'k>(wanted: impl Iterator<Item = &'k str>) -> Self {
        let wanted: Vec<_> = wanted.map(|key| quoted(key.as_bytes())).collect();
        debug_assert!(wanted.iter().all(Option::is_some), "keys that are read fit a block");
        let all = (1 + wanted.len() + MOST_OTHERS).min(usize::from(u8::MAX));
        let next = (0..all).map(|_| AtomicU8::new(0)).collect();
        Self { wanted, others: OnceLock::new(), next }
    }

    /// The key that came after this one last time, and its text.
    #[inline]
    pub(super) fn after(&self, key: KeyId) -> Option<(KeyId, &Literal)> {
        // Where no key came it is the first one, which has no text.
        let next = self.next.get(usize::from(key.0))?.load(Ordering::Relaxed);
        let next = KeyId(next);
        Some((next, self.text(next.index()?)?))
    }

    #[inline]
    fn text(&self, index: usize) -> Option<&Literal> {
        match self.wanted.get(index) {
            Some(text) => text.as_ref(),
            None => self.others.get()?.get(index - self.wanted.len())?.get()?.as_ref(),
        }
    }

    /// Remembers that this key came after that one. `None` for a key that is neither read nor
    /// remembered.
    pub(super) fn came(&self, previous: KeyId, key: &[u8]) -> Option<KeyId> {
        let known = self.wanted.iter().position(|text| inner(text.as_ref()) == Some(key));
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
        let text =
            |other: &OnceLock<_>| inner(other.get_or_init(|| quoted(key)).as_ref()) == Some(key);
        others.iter().position(text)
    }
}

/// The text of a key; `None` for one that does not fit a block.
fn quoted(key: &[u8]) -> Option<Literal> {
    Literal::new(&[b"\"", key, b"\":"].concat())
}

/// The key of its text.
fn inner(text: Option<&Literal>) -> Option<&[u8]> {
    text.and_then(|text| text.text().get(1..text.length.checked_sub(2)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_expected_after_the_one_that_it_came_after() {
        let order = KeyOrder::new(["a", "b"].into_iter());
        let after = |key| order.after(key).map(|(id, text)| (id, text.text()));
        assert_eq!(after(KeyOrder::START), None);
        let mut previous = KeyOrder::START;
        let ids = ["b", "x", "a", "y"].map(|key| {
            previous = order.came(previous, key.as_bytes()).unwrap();
            previous
        });
        assert_eq!(ids.map(KeyId::index), [1, 2, 0, 3].map(Some));
        assert_eq!(after(KeyOrder::START), Some((ids[0], &b"\"b\":"[..])));
        assert_eq!(after(ids[0]), Some((ids[1], &b"\"x\":"[..])));
        assert_eq!(after(ids[1]), Some((ids[2], &b"\"a\":"[..])));
        assert_eq!(after(ids[3]), None);
        assert_eq!(order.came(ids[0], b"y"), Some(ids[3]));
        assert_eq!(after(ids[0]), Some((ids[3], &b"\"y\":"[..])));
    }

    #[test]
    fn keys_without_room_are_not_expected() {
        let order = KeyOrder::new(["a"].into_iter());
        for number in 0..2 * MOST_OTHERS {
            order.came(KeyOrder::START, format!("key {number}").as_bytes());
        }
        let last = order.after(KeyOrder::START).unwrap().1;
        assert_eq!(last.text(), format!("\"key {}\":", MOST_OTHERS - 1).as_bytes());
        assert_eq!(order.came(KeyOrder::START, b"another"), None);
        assert_eq!(order.came(KeyOrder::START, &[b'x'; 2 * LONGEST_OTHER]), None);
        let known = order.came(KeyOrder::START, b"a").unwrap();
        assert_eq!(known.index(), Some(0));
    }
}
