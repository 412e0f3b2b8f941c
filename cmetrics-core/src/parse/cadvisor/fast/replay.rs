//! Reads samples by following known templates through their text: the hot loop.

use super::templates::{MAX_NUMBERS, Mapping, Node, Op, Template, Templates};
use super::text::{Nesting, StepError, Text};
use crate::parse::lanes::{Lanes, Task};
use crate::sample::Sample;
use crate::time::Timestamp;

/// The numbers of a sample, in the order of the text.
pub(super) type Numbers = [u64; MAX_NUMBERS];

/// Reads the sample whose time ends at `at`.
pub(super) struct Replay<'r, 't> {
    pub(super) templates: &'r Templates,
    pub(super) text: Text<'t>,
    pub(super) at: usize,
    pub(super) numbers: &'r mut Numbers,
}

impl Task for Replay<'_, '_> {
    /// The index of the template, and where the sample ends.
    type Output = Result<(usize, usize), StepError>;

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> Self::Output {
        let Self { templates, text, mut at, numbers } = self;
        let mut free = numbers.iter_mut();
        let mut scratch = [0; 64];
        let (mut begin, mut end) = (0, 0);
        let mut node = first(templates)?;
        loop {
            if node.literal.length > 0 {
                let block = text.block(at, &mut scratch)?;
                if !lanes.begins_with(block, &node.literal) {
                    node = templates
                        .nodes
                        .get(node.alternative as usize)
                        .ok_or(StepError::Fallback)?;
                    continue;
                }
                at += node.literal.length;
            }
            match node.op {
                Op::Continue => {}
                Op::ReadNumber | Op::SkipNumber => {
                    let block = text.block(at, &mut scratch)?;
                    let (number, digits) = lanes.number(block);
                    // A number with a fraction or exponent, or one before white space, is followed
                    // by another byte.
                    let ends = matches!(block.get(digits), Some(b',' | b'}' | b']'));
                    if digits == 0 || !ends {
                        return Err(StepError::Fallback);
                    }
                    at += digits;
                    if node.op == Op::ReadNumber {
                        *free.next().ok_or(StepError::Fallback)? = number;
                    }
                }
                Op::Leave(nesting) => at = text.leave(lanes, at, nesting)?,
                Op::BeginRepeat => begin = at,
                Op::EndRepeat => end = at,
                Op::Repeat => {
                    let repeated = text.bytes.get(begin..end).unwrap_or_default();
                    if text.bytes.len() < at + repeated.len() {
                        return Err(text.end_error());
                    }
                    if !text.from(at).starts_with(repeated) {
                        at -= node.literal.length;
                        node = templates
                            .nodes
                            .get(node.alternative as usize)
                            .ok_or(StepError::Fallback)?;
                        continue;
                    }
                    at += repeated.len();
                }
                Op::Done(template) => return Ok((template, at)),
            }
            node = templates.nodes.get(node.next as usize).ok_or(StepError::Fallback)?;
        }
    }
}

#[inline(always)]
fn first(templates: &Templates) -> Result<&Node, StepError> {
    templates.nodes.first().ok_or(StepError::Fallback)
}

/// Skips the rest of an object or list at `at`.
pub(super) struct Skip<'t> {
    pub(super) text: Text<'t>,
    pub(super) at: usize,
    pub(super) nesting: Nesting,
}

impl Task for Skip<'_> {
    type Output = Result<usize, StepError>;

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> Self::Output {
        self.text.leave(lanes, self.at, self.nesting)
    }
}

impl Template {
    /// The mapping for these numbers.
    pub(super) fn mapping(&self, numbers: &Numbers) -> Option<&Mapping> {
        if self
            .swap
            .is_some_and(|swap| numbers.get(usize::from(swap)).is_none_or(|&n| n >> 63 == 1))
        {
            return None;
        }
        self.mappings.get(self.case(numbers))?.as_ref()
    }

    /// The index of the mapping: 1 if the schedstat values show that they were not read, otherwise
    /// 0.
    pub(super) fn case(&self, numbers: &Numbers) -> usize {
        let zero = |index: &u16| numbers.get(usize::from(*index)) == Some(&0);
        usize::from(!self.schedstat.is_empty() && self.schedstat.iter().all(zero))
    }
}

impl Mapping {
    /// Fills `sample` with the numbers; `None` if a sum exceeds 64 bits.
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
