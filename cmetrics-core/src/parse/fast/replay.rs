//! Following the shapes that are known through a sample's text: the hot loop.

use super::lanes::{Lanes, Task};
use super::shapes::{Fill, MOST_NUMBERS, Node, Op, Shape, Shapes};
use super::text::{Inside, Stop, Text};
use crate::sample::Sample;
use crate::time::Timestamp;

/// The numbers of a sample, in the order of the text.
pub(super) type Numbers = [u64; MOST_NUMBERS];

/// Reads the sample whose time ends at `at`.
pub(super) struct Replay<'r, 't> {
    pub(super) shapes: &'r Shapes,
    pub(super) text: Text<'t>,
    pub(super) at: usize,
    pub(super) numbers: &'r mut Numbers,
}

impl Task for Replay<'_, '_> {
    /// The shape, and where the sample ends.
    type Output = Result<(usize, usize), Stop>;

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> Self::Output {
        let Self { shapes, text, mut at, numbers } = self;
        let mut free = numbers.iter_mut();
        let mut room = [0; 64];
        let (mut begin, mut end) = (0, 0);
        let mut node = first(shapes)?;
        loop {
            if node.literal.length > 0 {
                let block = text.block(at, &mut room)?;
                if !lanes.begins_with(block, &node.literal) {
                    node = shapes.nodes.get(node.otherwise as usize).ok_or(Stop::Odd)?;
                    continue;
                }
                at += node.literal.length;
            }
            match node.op {
                Op::Go => {}
                Op::Number | Op::Pass => {
                    let block = text.block(at, &mut room)?;
                    let (number, digits) = lanes.number(block);
                    // Behind a number with a fraction, an exponent or white space other text follows.
                    let ends = matches!(block.get(digits), Some(b',' | b'}' | b']'));
                    if digits == 0 || !ends {
                        return Err(Stop::Odd);
                    }
                    at += digits;
                    if node.op == Op::Number {
                        *free.next().ok_or(Stop::Odd)? = number;
                    }
                }
                Op::Leave(inside) => at = text.leave(lanes, at, inside)?,
                Op::Begin => begin = at,
                Op::End => end = at,
                Op::Again => {
                    let once = text.bytes.get(begin..end).unwrap_or_default();
                    if text.bytes.len() < at + once.len() {
                        return Err(text.stop());
                    }
                    if !text.from(at).starts_with(once) {
                        at -= node.literal.length;
                        node = shapes.nodes.get(node.otherwise as usize).ok_or(Stop::Odd)?;
                        continue;
                    }
                    at += once.len();
                }
                Op::Done(shape) => return Ok((shape, at)),
            }
            node = shapes.nodes.get(node.next as usize).ok_or(Stop::Odd)?;
        }
    }
}

#[inline(always)]
fn first(shapes: &Shapes) -> Result<&Node, Stop> {
    shapes.nodes.first().ok_or(Stop::Odd)
}

/// Skips what is left of an object or list at `at`.
pub(super) struct Skip<'t> {
    pub(super) text: Text<'t>,
    pub(super) at: usize,
    pub(super) inside: Inside,
}

impl Task for Skip<'_> {
    type Output = Result<usize, Stop>;

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> Self::Output {
        self.text.leave(lanes, self.at, self.inside)
    }
}

impl Shape {
    /// How to lay out these numbers.
    pub(super) fn fill(&self, numbers: &Numbers) -> Option<&Fill> {
        if self
            .swap
            .is_some_and(|swap| numbers.get(usize::from(swap)).is_none_or(|&n| n >> 63 == 1))
        {
            return None;
        }
        self.fills.get(self.case(numbers))?.as_ref()
    }

    /// 1 where a schedstat tells that it was not read.
    pub(super) fn case(&self, numbers: &Numbers) -> usize {
        let zero = |index: &u16| numbers.get(usize::from(*index)) == Some(&0);
        usize::from(!self.schedstat.is_empty() && self.schedstat.iter().all(zero))
    }
}

impl Fill {
    /// Makes `sample` what the numbers say; `None` where a sum does not fit.
    #[inline]
    pub(super) fn apply(
        &self,
        numbers: &Numbers,
        time: Timestamp,
        sample: &mut Sample,
    ) -> Option<()> {
        let values = sample.reset(time, &self.layout);
        for (value, &number) in values.iter_mut().zip(&self.numbers) {
            *value = *numbers.get(usize::from(number))?;
        }
        for &(value, number) in &self.added {
            let value = values.get_mut(usize::from(value))?;
            *value = value.checked_add(*numbers.get(usize::from(number))?)?;
        }
        Some(())
    }
}
