//! The templates of samples: a tree of literal texts, numbers and skips.
//!
//! A template is learnt from one sample that the strict reader accepted (`learn/mod.rs`). It is a
//! sequence of steps: this literal text, then a number; that text, then skip to the end of two
//! objects; and so on. Samples that differ only in their numbers, or in what is skipped, have the
//! same template, and are read by following it (`replay.rs`). Templates that begin with the same
//! steps share these in the tree.

use std::sync::Arc;

use super::text::Nesting;
use crate::parse::lanes::Literal;
use crate::sample::Layout;

/// Beyond this many nodes the tree is cleared; a template that needs more alternatives is not kept.
const MAX_NODES: usize = 1 << 14;
const MAX_ALTERNATIVES: usize = 64;
/// The most numbers in one sample.
pub(super) const MAX_NUMBERS: usize = 1024;

/// The index that ends a list of alternatives.
pub(super) const NO_NODE: u32 = u32::MAX;

/// What follows a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    /// The literal of the next node.
    Continue,
    /// A number, which is stored.
    ReadNumber,
    /// A number, which is not stored.
    SkipNumber,
    /// The rest of this many objects and lists, up to the end of the outermost.
    Leave(Nesting),
    /// Where text that may be repeated begins and ends.
    BeginRepeat,
    EndRepeat,
    /// The same text again, with the same numbers.
    Repeat,
    /// Nothing: the sample ends here. The index is that of its template.
    Done(usize),
}

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) literal: Literal,
    pub(super) op: Op,
    pub(super) next: u32,
    /// The node to try if the text differs from the literal.
    pub(super) alternative: u32,
}

/// A step of a template that is being learnt.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) literal: Literal,
    pub(super) op: Op,
}

/// How the numbers of a sample become its values.
#[derive(Debug)]
pub(super) struct Template {
    /// The indices of the schedstat numbers. One above 0 shows that all of them were measured.
    pub(super) schedstat: Vec<u16>,
    /// The index of the swap number: with its highest bit set, it does not count.
    pub(super) swap: Option<u16>,
    /// The mapping where a number of `schedstat` is above 0, and the one where all of them are 0.
    pub(super) mappings: [Option<Mapping>; 2],
}

/// Which number is which value.
#[derive(Clone, Debug)]
pub(super) struct Mapping {
    pub(super) layout: Arc<Layout>,
    /// For each value of the layout, the index of its number.
    pub(super) numbers: Vec<u16>,
    /// Numbers that are added to values: the index of the value, and that of the number.
    pub(super) added: Vec<(u16, u16)>,
}

/// All templates for one kind of sample.
#[derive(Debug, Default)]
pub(super) struct Templates {
    pub(super) nodes: Vec<Node>,
    pub(super) templates: Vec<Template>,
}

impl Templates {
    /// Adds a template with its steps, of which the last is [`Op::Done`]. Returns its index, or the
    /// index of the template that has the same steps; `None` if there is no room for it.
    pub(super) fn insert(&mut self, steps: &[Step], template: Template) -> Option<usize> {
        if self.nodes.len() + steps.len() > MAX_NODES {
            self.nodes.clear();
            self.templates.clear();
        }
        let (mut at, mut known, mut link) = (0, 0, NO_NODE);
        while let Some(step) = steps.get(known) {
            let (found, last) = self.find_alternative(at, step)?;
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
        self.templates.push(template);
        Some(self.templates.len() - 1)
    }

    /// All templates with their steps, in the order in which they were added.
    pub(super) fn into_steps(self) -> Vec<(Vec<Step>, Template)> {
        let predecessors = self.predecessors();
        let mut ends = vec![NO_NODE; self.templates.len()];
        for (at, node) in (0..).zip(&self.nodes) {
            if let Op::Done(index) = node.op
                && let Some(end) = ends.get_mut(index)
            {
                *end = at;
            }
        }
        let steps_up_to = |end| {
            let node = |at: &u32| self.nodes.get(*at as usize);
            let back =
                std::iter::successors(Some(end), |at| predecessors.get(*at as usize).copied());
            let steps = back.map_while(|at| node(&at));
            let steps = steps.map(|node| Step { literal: node.literal.clone(), op: node.op });
            let mut steps: Vec<_> = steps.collect();
            steps.reverse();
            steps
        };
        let steps: Vec<_> = ends.into_iter().map(steps_up_to).collect();
        steps.into_iter().zip(self.templates).collect()
    }

    /// The predecessor of each node.
    fn predecessors(&self) -> Vec<u32> {
        let mut predecessors = vec![NO_NODE; self.nodes.len()];
        for (before, node) in (0..).zip(&self.nodes) {
            let mut at = if matches!(node.op, Op::Done(_)) { NO_NODE } else { node.next };
            while let Some(node) = self.nodes.get(at as usize) {
                if let Some(known) = predecessors.get_mut(at as usize) {
                    *known = before;
                }
                at = node.alternative;
            }
        }
        predecessors
    }

    /// Searches the alternatives from `at` on for `step`. Returns its node, if any, and the last
    /// node tried; `None` if there are too many.
    fn find_alternative(&self, mut at: u32, step: &Step) -> Option<(u32, u32)> {
        let mut last = NO_NODE;
        for _ in 0..MAX_ALTERNATIVES {
            let Some(node) = self.nodes.get(at as usize) else {
                return Some((NO_NODE, last));
            };
            let both_end = matches!((node.op, step.op), (Op::Done(_), Op::Done(_)));
            if (both_end || node.op == step.op) && node.literal == step.literal {
                return Some((at, at));
            }
            (last, at) = (at, node.alternative);
        }
        None
    }

    fn append(&mut self, steps: &[Step], link: u32) {
        let Ok(start) = u32::try_from(self.nodes.len()) else { return };
        if let Some(node) = self.nodes.get_mut(link as usize) {
            node.alternative = start;
        }
        for (next, step) in (start + 1..).zip(steps) {
            let op = match step.op {
                Op::Done(_) => Op::Done(self.templates.len()),
                op => op,
            };
            self.nodes.push(Node { literal: step.literal.clone(), op, next, alternative: NO_NODE });
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
    fn the_steps_of_templates_come_out_as_they_were_put_in() {
        let all = [
            steps(&[("a", Op::ReadNumber), ("b", Op::Leave(Nesting::OBJECT)), ("", Op::Done(0))]),
            steps(&[("a", Op::ReadNumber), ("c", Op::SkipNumber), ("", Op::Done(1))]),
            steps(&[("d", Op::Continue), ("", Op::Done(2))]),
            steps(&[("a", Op::ReadNumber), ("b", Op::Leave(Nesting::LIST)), ("", Op::Done(3))]),
            steps(&[("d", Op::Continue), ("e", Op::ReadNumber), ("", Op::Done(4))]),
        ];
        let mut templates = Templates::default();
        for steps in &all {
            let template = Template { schedstat: Vec::new(), swap: None, mappings: [None, None] };
            templates.insert(steps, template).unwrap();
        }
        let found = templates.into_steps();
        assert_eq!(found.len(), all.len());
        for ((found, _), expected) in found.iter().zip(&all) {
            let same = |(one, two): (&Step, &Step)| one.literal == two.literal && one.op == two.op;
            assert!(found.len() == expected.len() && found.iter().zip(expected).all(same));
        }
    }
}
