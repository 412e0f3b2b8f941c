//! What samples have looked like so far: a tree of texts, numbers and skips.
//!
//! A shape is learnt from one sample that the strict reader accepted (`learn.rs`), and says: this
//! text comes next, then a number; then this text, then leave two objects; and so on. Samples that
//! differ only in their numbers, or in what is skipped, have the same shape, and are read by
//! following it (`replay.rs`). Shapes that begin alike share their beginning.

use std::sync::Arc;

use super::lanes::Literal;
use super::text::Inside;
use crate::sample::Layout;

/// Beyond these the tree is begun anew, or a shape is not kept.
const MOST_NODES: usize = 1 << 14;
const MOST_ALTERNATIVES: usize = 64;
/// Numbers in one sample.
pub(super) const MOST_NUMBERS: usize = 1024;

/// The end of a list of alternatives.
pub(super) const NONE: u32 = u32::MAX;

/// What comes behind a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    /// The next literal.
    Go,
    /// A number that is kept.
    Number,
    /// A number that is not.
    Pass,
    /// What is left of so many objects and lists, with their ends.
    Leave(Inside),
    /// Text that may come once more begins here, or ends here.
    Begin,
    End,
    /// That text once more, with the same numbers.
    Again,
    /// Nothing: a sample of the shape of this index ends here.
    Done(usize),
}

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) literal: Literal,
    pub(super) op: Op,
    pub(super) next: u32,
    /// What to try where the literal is another.
    pub(super) otherwise: u32,
}

/// A part of a shape, as it is learnt.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) literal: Literal,
    pub(super) op: Op,
}

/// What to make of the numbers of a sample.
#[derive(Debug)]
pub(super) struct Shape {
    /// The numbers of which one above 0 tells that all of them were read.
    pub(super) schedstat: Vec<u16>,
    /// A number that from here on is none.
    pub(super) swap: Option<u16>,
    /// How to lay them out: where a number of `schedstat` is above 0, and where all are 0.
    pub(super) fills: [Option<Fill>; 2],
}

/// Which number goes where.
#[derive(Clone, Debug)]
pub(super) struct Fill {
    pub(super) layout: Arc<Layout>,
    /// For each value of the layout the number that it is.
    pub(super) numbers: Vec<u16>,
    /// Numbers that are added to values.
    pub(super) added: Vec<(u16, u16)>,
}

/// All shapes of one kind of sample.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    pub(super) nodes: Vec<Node>,
    pub(super) shapes: Vec<Shape>,
}

impl Shapes {
    /// Adds a shape: its steps, the last of which ends it. Returns its index, or that of the one
    /// that has the same steps; `None` where there is no room for it.
    pub(super) fn insert(&mut self, steps: &[Step], shape: Shape) -> Option<usize> {
        if self.nodes.len() + steps.len() > MOST_NODES {
            self.nodes.clear();
            self.shapes.clear();
        }
        let (mut at, mut known, mut link) = (0, 0, NONE);
        while let Some(step) = steps.get(known) {
            let (found, last) = self.alternative(at, step)?;
            let Some(node) = self.nodes.get(found as usize) else {
                link = last;
                break;
            };
            if let Op::Done(index) = node.op {
                return Some(index);
            }
            (at, known) = (node.next, known + 1);
        }
        self.append(steps.get(known..)?, link);
        self.shapes.push(shape);
        Some(self.shapes.len() - 1)
    }

    /// All shapes and their steps, in the order in which they were added.
    pub(super) fn into_steps(self) -> Vec<(Vec<Step>, Shape)> {
        let befores = self.befores();
        let mut ends = vec![NONE; self.shapes.len()];
        for (at, node) in (0..).zip(&self.nodes) {
            if let Op::Done(index) = node.op
                && let Some(end) = ends.get_mut(index)
            {
                *end = at;
            }
        }
        let steps_up_to = |end| {
            let node = |at: &u32| self.nodes.get(*at as usize);
            let back = std::iter::successors(Some(end), |at| befores.get(*at as usize).copied());
            let steps = back.map_while(|at| node(&at));
            let steps = steps.map(|node| Step { literal: node.literal.clone(), op: node.op });
            let mut steps: Vec<_> = steps.collect();
            steps.reverse();
            steps
        };
        let steps: Vec<_> = ends.into_iter().map(steps_up_to).collect();
        steps.into_iter().zip(self.shapes).collect()
    }

    /// For each node the one that it follows upon.
    fn befores(&self) -> Vec<u32> {
        let mut befores = vec![NONE; self.nodes.len()];
        for (before, node) in (0..).zip(&self.nodes) {
            let mut at = if matches!(node.op, Op::Done(_)) { NONE } else { node.next };
            while let Some(node) = self.nodes.get(at as usize) {
                if let Some(known) = befores.get_mut(at as usize) {
                    *known = before;
                }
                at = node.otherwise;
            }
        }
        befores
    }

    /// The alternative from `at` on that is `step`, if any, and the one tried last; `None` where
    /// there are too many.
    fn alternative(&self, mut at: u32, step: &Step) -> Option<(u32, u32)> {
        let mut last = NONE;
        for _ in 0..MOST_ALTERNATIVES {
            let Some(node) = self.nodes.get(at as usize) else {
                return Some((NONE, last));
            };
            let both_end = matches!((node.op, step.op), (Op::Done(_), Op::Done(_)));
            if (both_end || node.op == step.op) && node.literal == step.literal {
                return Some((at, at));
            }
            (last, at) = (at, node.otherwise);
        }
        None
    }

    fn append(&mut self, steps: &[Step], link: u32) {
        let Ok(start) = u32::try_from(self.nodes.len()) else { return };
        if let Some(node) = self.nodes.get_mut(link as usize) {
            node.otherwise = start;
        }
        for (next, step) in (start + 1..).zip(steps) {
            let op = match step.op {
                Op::Done(_) => Op::Done(self.shapes.len()),
                op => op,
            };
            self.nodes.push(Node { literal: step.literal.clone(), op, next, otherwise: NONE });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(texts: &[(&str, Op)]) -> Vec<Step> {
        let step = |(text, op): &(&str, Op)| Step {
            literal: Literal::new(text.as_bytes()).unwrap(),
            op: *op,
        };
        texts.iter().map(step).collect()
    }

    #[test]
    fn the_steps_of_shapes_come_out_as_they_were_put_in() {
        let all = [
            steps(&[("a", Op::Number), ("b", Op::Leave(Inside::OBJECT)), ("", Op::Done(0))]),
            steps(&[("a", Op::Number), ("c", Op::Pass), ("", Op::Done(1))]),
            steps(&[("d", Op::Go), ("", Op::Done(2))]),
            steps(&[("a", Op::Number), ("b", Op::Leave(Inside::LIST)), ("", Op::Done(3))]),
            steps(&[("d", Op::Go), ("e", Op::Number), ("", Op::Done(4))]),
        ];
        let mut shapes = Shapes::default();
        for steps in &all {
            let shape = Shape { schedstat: Vec::new(), swap: None, fills: [None, None] };
            shapes.insert(steps, shape).unwrap();
        }
        let found = shapes.into_steps();
        assert_eq!(found.len(), all.len());
        for ((found, _), expected) in found.iter().zip(&all) {
            let same = |(one, two): (&Step, &Step)| one.literal == two.literal && one.op == two.op;
            assert!(found.len() == expected.len() && found.iter().zip(expected).all(same));
        }
    }
}
