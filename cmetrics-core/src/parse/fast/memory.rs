//! Shapes by kind of sample: what follows once the strict reader has read one of a new shape.

use std::sync::Arc;

use super::super::DocumentKind;
use super::super::strict::Flags;
use super::super::tree::Tree;
use super::lanes::{Lanes, Portable};
use super::learn::{self, Learned, Target};
use super::replay::{Numbers, Replay};
use super::shapes::{Fill, Shape, Shapes};
use super::text::Text;
use crate::metric::{Metric, Scope, SectionSet};
use crate::sample::{Layout, Owner, Sample};

/// What decides which parts of a sample are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) kind: DocumentKind,
    /// Sections that the container's `spec` says are absent.
    pub(super) absent: SectionSet,
}

/// All shapes that are known.
#[derive(Debug, Default)]
pub(super) struct Memory {
    known: Vec<(Key, Shapes)>,
}

impl Memory {
    /// The shapes of this kind of sample, and none at first.
    pub(super) fn index_of(&mut self, key: Key) -> usize {
        let known = self.known.iter().position(|(known, _)| *known == key);
        known.unwrap_or_else(|| {
            self.known.push((key, Shapes::default()));
            self.known.len() - 1
        })
    }

    pub(super) fn shapes(&self, index: usize) -> Option<&Shapes> {
        self.known.get(index).map(|(_, shapes)| shapes)
    }

    /// Learns all that `other` knows.
    pub(super) fn learn_from(&mut self, other: Self) {
        for (key, shapes) in other.known {
            let index = self.index_of(key);
            if let Some((_, known)) = self.known.get_mut(index) {
                known.learn_from(shapes);
            }
        }
    }

    /// Learns from `sample`, which `text` holds and whose time ends at `at` in it. Nothing is
    /// learnt where replaying would not give that very sample.
    pub(super) fn learn(
        &mut self,
        index: usize,
        (text, at): (&[u8], usize),
        (tree, flags): (&Tree, Flags),
        sample: &Sample,
        numbers: &mut Numbers,
    ) -> Option<()> {
        let (_, shapes) = self.known.get_mut(index)?;
        let learned = learn::learn(text, at, tree, flags)?;
        let mut alone = Shapes::default();
        let shape = shape(&learned);
        alone.insert(&learned.steps, shape)?;
        let whole = Text { bytes: text, ended: true };
        let replay = Replay { shapes: &alone, text: whole, at, numbers };
        let (_, end) = Portable.run(replay).ok()?;
        let mut shape = alone.shapes.pop()?;
        let case = shape.case(numbers);
        let layout = shapes.layout_like(sample.layout());
        let fill = fill(&learned, layout)?;
        *shape.fills.get_mut(case)? = Some(fill.clone());
        let mut replayed = Sample::new(sample.time());
        shape.fill(numbers)?.apply(numbers, sample.time(), &mut replayed)?;
        if end != text.len() || replayed != *sample {
            return None;
        }
        let index = shapes.insert(&learned.steps, shape)?;
        *shapes.shapes.get_mut(index)?.fills.get_mut(case)? = Some(fill);
        Some(())
    }
}

impl Shapes {
    /// Learns the shapes that `other` has, in the order in which it learnt them.
    fn learn_from(&mut self, other: Self) {
        for (steps, shape) in other.into_steps() {
            let fills = shape.fills.clone();
            // Of a shape that finds no room, the next sample is read strictly again.
            let Some(index) = self.insert(&steps, shape) else { continue };
            let layouts = fills.map(|fill| {
                fill.map(|fill| Fill { layout: self.layout_like(&fill.layout), ..fill })
            });
            let Some(known) = self.shapes.get_mut(index) else { continue };
            for (known, fill) in known.fills.iter_mut().zip(layouts) {
                *known = known.take().or(fill);
            }
        }
    }

    /// A layout that is known already, where one is the same.
    fn layout_like(&self, layout: &Arc<Layout>) -> Arc<Layout> {
        let fills = self.shapes.iter().flat_map(|shape| shape.fills.iter().flatten());
        let mut known = fills.map(|fill| &fill.layout);
        Arc::clone(known.find(|known| *known == layout).unwrap_or(layout))
    }
}

fn number_of(learned: &Learned, metric: Metric) -> Option<u16> {
    let target = Target::Reading(Owner::Container, metric);
    let index = learned.targets.iter().position(|known| *known == target)?;
    u16::try_from(index).ok()
}

fn shape(learned: &Learned) -> Shape {
    let all = Metric::ALL.iter().copied().filter(|metric| metric.is_schedstat());
    let schedstat: Option<Vec<_>> = all.map(|metric| number_of(learned, metric)).collect();
    Shape {
        schedstat: schedstat.unwrap_or_default(),
        swap: number_of(learned, Metric::MemorySwap),
        fills: [None, None],
    }
}

/// Which number goes where in `layout`; `None` where a value would have none.
fn fill(learned: &Learned, layout: Arc<Layout>) -> Option<Fill> {
    let mut numbers = vec![None; layout.len()];
    let mut added = Vec::new();
    for (number, target) in (0..).zip(&learned.targets) {
        let Target::Reading(owner, metric) = *target else { continue };
        let place = match layout.place(owner, metric, numbers.len()) {
            Some(place) => place,
            // Read to tell whether all of them were; that they are absent is a case of its own.
            None if metric.is_schedstat() => continue,
            // Left out for its value, as a sum that does not fit is: not so in the next sample.
            None => return None,
        };
        match numbers.get_mut(place)? {
            free @ None => *free = Some(number),
            Some(_) if metric.scope() == Scope::Sum => {
                added.push((u16::try_from(place).ok()?, number));
            }
            Some(_) => return None,
        }
    }
    Some(Fill { layout, numbers: numbers.into_iter().collect::<Option<_>>()?, added })
}
