//! What is derived from a layout, computed once for each layout.

use std::sync::Arc;

use super::Layout;
use crate::metric::Metric;

/// How many layouts are cached. A container usually has one, and a few where documents of several
/// kinds are mixed.
const CAPACITY: usize = 8;

/// A value for each of the last few layouts.
#[derive(Clone, Debug)]
pub(crate) struct LayoutCache<P> {
    known: Vec<(Arc<Layout>, P)>,
    /// The index of the selected layout.
    current: usize,
    /// The index of the layout that is replaced next, once the cache is full.
    oldest: usize,
}

impl<P> LayoutCache<P> {
    pub(crate) const fn new() -> Self {
        Self { known: Vec::new(), current: 0, oldest: 0 }
    }

    /// The value of the selected layout.
    #[inline]
    pub(crate) fn current(&self) -> Option<&P> {
        self.known.get(self.current).map(|(_, value)| value)
    }

    /// Whether this layout, or an equal one, is selected.
    #[inline]
    pub(crate) fn is_current(&mut self, layout: &Arc<Layout>) -> bool {
        let current = self.known.get_mut(self.current);
        current.is_some_and(|(known, _)| Arc::ptr_eq(known, layout) || is_equal(known, layout))
    }

    /// Selects this layout. If it is not cached, `build` makes its value.
    pub(crate) fn select(&mut self, layout: &Arc<Layout>, build: impl FnOnce(&Layout) -> P) {
        if self.is_current(layout) {
            return;
        }
        if let Some(index) = self.known.iter_mut().position(|(known, _)| is_equal(known, layout)) {
            self.current = index;
            return;
        }
        let new = (Arc::clone(layout), build(layout));
        if self.known.len() < CAPACITY {
            self.current = self.known.len();
            self.known.push(new);
        } else if let Some(slot) = self.known.get_mut(self.oldest) {
            *slot = new;
            self.current = self.oldest;
            self.oldest = (self.oldest + 1) % CAPACITY;
        }
    }
}

/// Whether two layouts are equal. If so, `known` becomes the other one: that is the one that the
/// next sample shares, and comparing pointers is fast.
#[cold]
fn is_equal(known: &mut Arc<Layout>, layout: &Arc<Layout>) -> bool {
    let equal = known == layout;
    if equal {
        *known = Arc::clone(layout);
    }
    equal
}

/// The metric of each value of a sample, in order.
pub(crate) fn metrics_of(layout: &Layout) -> impl Iterator<Item = Metric> {
    let interfaces = layout.interfaces.iter().flat_map(|(_, metrics)| metrics.iter());
    let devices = layout.devices.iter().flat_map(|(_, metrics)| metrics.iter());
    layout.own.iter().chain(interfaces).chain(devices)
}
