//! A list that one thread appends to while others read it. Nobody waits.

use std::sync::{Arc, OnceLock};

/// A chain of links of growing length. A filled slot never changes, so a reader goes from slot to
/// slot until it finds an empty one.
#[derive(Debug)]
pub(super) struct AppendList<T> {
    first: Arc<Link<T>>,
}

#[derive(Debug)]
struct Link<T> {
    slots: Box<[OnceLock<T>]>,
    next: OnceLock<Arc<Link<T>>>,
}

/// The end of the list. Its owner is the only appender.
#[derive(Debug)]
pub(super) struct Appender<T> {
    last: Arc<Link<T>>,
    used: usize,
    len: usize,
}

impl<T> Link<T> {
    fn new(length: usize) -> Arc<Self> {
        let slots = (0..length).map(|_| OnceLock::new()).collect();
        Arc::new(Self { slots, next: OnceLock::new() })
    }
}

impl<T> AppendList<T> {
    /// An empty list and its appender.
    pub(super) fn new() -> (Self, Appender<T>) {
        let first = Link::new(0);
        (Self { first: Arc::clone(&first) }, Appender { last: first, used: 0, len: 0 })
    }

    /// All entries so far, in the order in which they were appended.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        let mut link = Some(&*self.first);
        let links = std::iter::from_fn(move || {
            let this = link?;
            link = this.next.get().map(|next| &**next);
            Some(this)
        });
        links.flat_map(|link| link.slots.iter()).map_while(OnceLock::get)
    }
}

impl<T> Appender<T> {
    /// The number of entries.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn add(&mut self, entry: T) {
        const LEAST: usize = 2;
        const MOST: usize = 32;
        if self.used == self.last.slots.len() {
            let next = Link::new((self.used * 2).clamp(LEAST, MOST));
            // This is the only appender, so it is not set yet.
            let _ = self.last.next.set(Arc::clone(&next));
            (self.last, self.used) = (next, 0);
        }
        if let Some(slot) = self.last.slots.get(self.used) {
            let _ = slot.set(entry);
            self.used += 1;
            self.len += 1;
        }
    }
}

impl<T> Drop for Link<T> {
    /// Drops link by link: recursion would overflow the stack for a long list.
    fn drop(&mut self) {
        let mut next = self.next.take();
        while let Some(link) = next {
            next = Arc::into_inner(link).and_then(|mut link| link.next.take());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_see_what_was_added_in_its_order_while_more_is_added() {
        let (list, mut appender) = AppendList::new();
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    let mut seen = 0;
                    while seen < 50_000 {
                        let found: Vec<u32> = list.iter().copied().collect();
                        assert!(found.len() >= seen);
                        assert!(found.iter().copied().eq(0..u32::try_from(found.len()).unwrap()));
                        seen = found.len();
                    }
                });
            }
            (0..50_000).for_each(|number| appender.add(number));
        });
        drop(appender);
        assert_eq!(list.iter().count(), 50_000);
    }

    #[test]
    fn a_long_list_is_dropped_link_by_link() {
        let (list, mut appender) = AppendList::new();
        (0..2_000_000).for_each(|number| appender.add(number));
        drop(appender);
        drop(list);
    }
}
