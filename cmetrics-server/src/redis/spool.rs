//! What waits for Redis.

use std::collections::VecDeque;
use std::time::Duration;

use super::layout::Item;

/// Items that wait for Redis. Of too many, the oldest are dropped.
#[derive(Debug)]
pub(super) struct Spool {
    items: VecDeque<Item>,
    most: usize,
}

impl Spool {
    pub(super) fn new(most: usize) -> Self {
        Self { items: VecDeque::new(), most }
    }

    /// Adds an item. Returns how many were dropped for it.
    pub(super) fn add(&mut self, item: Item) -> u64 {
        self.items.push_back(item);
        let over = self.items.len().saturating_sub(self.most);
        self.items.drain(..over);
        over as u64
    }

    /// The oldest items, of which as many may be removed once they are written.
    pub(super) fn oldest(&self, number: usize) -> impl Iterator<Item = &Item> {
        self.items.iter().take(number)
    }

    pub(super) fn remove(&mut self, number: usize) {
        self.items.drain(..number.min(self.items.len()));
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }
}

/// The pause before the next attempt: twice as long after each failure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pause {
    next: Duration,
    longest: Duration,
}

impl Pause {
    const FIRST: Duration = Duration::from_millis(250);

    pub(super) fn new(longest: Duration) -> Self {
        Self { next: Self::FIRST.min(longest), longest }
    }

    /// The pause after a failure.
    pub(super) fn after_failure(&mut self) -> Duration {
        let pause = self.next;
        self.next = pause.saturating_mul(2).min(self.longest);
        pause
    }

    /// Begins anew, after a success.
    pub(super) fn reset(&mut self) {
        *self = Self::new(self.longest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_the_longest() {
        let mut pause = Pause::new(Duration::from_secs(1));
        let pauses = [(); 4].map(|()| pause.after_failure().as_millis());
        assert_eq!(pauses, [250, 500, 1000, 1000]);
        pause.reset();
        assert_eq!(pause.after_failure().as_millis(), 250);
    }
}
