//! What follows from a sample's layout, worked out once for each layout.

use std::sync::Arc;

use super::Layout;
use crate::metric::Metric;

/// How many layouts are remembered. A container has one as a rule, and a few where documents of
/// several kinds are mixed.
const MOST: usize = 8;

/// What follows from each of the last few layouts.
#[derive(Clone, Debug)]
pub(crate) struct ByLayout<P> {
    known: Vec<(Arc<Layout>, P)>,
    current: usize,
    /// Which of them makes room for the next, once there are enough.
    oldest: usize,
}

impl<P> ByLayout<P> {
    pub(crate) const fn new() -> Self {
        Self { known: Vec::new(), current: 0, oldest: 0 }
    }

    /// What follows from the layout that was chosen last.
    #[inline]
    pub(crate) fn current(&self) -> Option<&P> {
        self.known.get(self.current).map(|(_, follows)| follows)
    }

    /// Whether this layout, or one of the same content, was chosen last.
    #[inline]
    pub(crate) fn is_current(&mut self, layout: &Arc<Layout>) -> bool {
        let current = self.known.get_mut(self.current);
        current.is_some_and(|(known, _)| Arc::ptr_eq(known, layout) || is_alike(known, layout))
    }

    /// Chooses this layout; `work_out` where it is new.
    pub(crate) fn choose(&mut self, layout: &Arc<Layout>, work_out: impl FnOnce(&Layout) -> P) {
        if self.is_current(layout) {
            return;
        }
        if let Some(index) = self.known.iter_mut().position(|(known, _)| is_alike(known, layout)) {
            self.current = index;
            return;
        }
        let new = (Arc::clone(layout), work_out(layout));
        if self.known.len() < MOST {
            self.current = self.known.len();
            self.known.push(new);
        } else if let Some(place) = self.known.get_mut(self.oldest) {
            *place = new;
            self.current = self.oldest;
            self.oldest = (self.oldest + 1) % MOST;
        }
    }
}

/// Whether two layouts have the same content. Then `known` becomes the other one, as that is what
/// the next sample shares.
#[cold]
fn is_alike(known: &mut Arc<Layout>, layout: &Arc<Layout>) -> bool {
    let alike = known == layout;
    if alike {
        *known = Arc::clone(layout);
    }
    alike
}

/// What each of a sample's values is a reading of.
pub(crate) fn metrics_of(layout: &Layout) -> impl Iterator<Item = Metric> {
    let interfaces = layout.interfaces.iter().flat_map(|(_, metrics)| metrics.iter());
    let devices = layout.devices.iter().flat_map(|(_, metrics)| metrics.iter());
    layout.own.iter().chain(interfaces).chain(devices)
}
